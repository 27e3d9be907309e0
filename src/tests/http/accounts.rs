//! Signing in, tokens, and accounts.

use axum::http::StatusCode;
use serde_json::json;

use super::app::{PASSWORD, TestApp};
use super::scene::Scene;

#[tokio::test]
async fn a_token_is_good_until_it_is_ended() {
    let test = TestApp::new().await;
    let token = test.sign_in("steward").await;
    let me = test.get(&token, "/api/v1/me").await.expect(StatusCode::OK);
    assert_eq!((me["login"].as_str(), me["steward"].as_bool()), (Some("steward"), Some(true)));
    test.send("DELETE", &token, "/api/v1/sign-in", None).await.expect(StatusCode::NO_CONTENT);
    test.get(&token, "/api/v1/me").await.refused(StatusCode::UNAUTHORIZED, "sign-in");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_are_told_apart_by_nothing() {
    let test = TestApp::new().await;
    let try_in = async |login: &str, password: &str| {
        test.post("", "/api/v1/sign-in", &json!({"login": login, "password": password})).await
    };
    let wrong = try_in("steward", "not this one").await;
    let unknown = try_in("nobody", PASSWORD).await;
    assert_eq!((wrong.status, wrong.json()), (unknown.status, unknown.json()));
    wrong.refused(StatusCode::UNPROCESSABLE_ENTITY, "sign-in");
}

#[tokio::test]
async fn guessing_is_stopped_even_when_the_guess_is_right_at_last() {
    let test = TestApp::new().await;
    let body = |password: &str| json!({"login": "steward", "password": password});
    for _ in 0..5 {
        test.post("", "/api/v1/sign-in", &body("not this one")).await;
    }
    test.post("", "/api/v1/sign-in", &body(PASSWORD)).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "too-many");
}

#[tokio::test]
async fn tokens_are_listed_without_their_secret_and_can_be_ended_one_by_one() {
    let test = TestApp::new().await;
    let made =
        test.post(&test.steward, "/api/v1/me/tokens", &json!({"name": "phone"})).await.expect(StatusCode::CREATED);
    let token = made["token"].as_str().expect("a token").to_owned();
    let list = test.get(&token, "/api/v1/me/tokens").await;
    assert!(!list.text().contains(&token));
    let list = list.expect(StatusCode::OK);
    assert!(list["tokens"].as_array().expect("a list").iter().any(|t| t["name"] == "phone" && t["id"] == made["id"]));
    let body = json!({"id": made["id"]}).to_string().into_bytes();
    test.send("DELETE", &test.steward, "/api/v1/me/tokens", Some(body)).await.expect(StatusCode::NO_CONTENT);
    test.get(&token, "/api/v1/me").await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    test.get(&test.steward, "/api/v1/me").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one() {
    let test = TestApp::new().await;
    let change = |old: &str| json!({"old": old, "new": "another good password"});
    let path = "/api/v1/me/password";
    test.post(&test.steward, path, &change("wrong")).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "sign-in");
    test.post(&test.steward, path, &change(PASSWORD)).await.expect(StatusCode::NO_CONTENT);
    let old = json!({"login": "steward", "password": PASSWORD});
    test.post("", "/api/v1/sign-in", &old).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "sign-in");
}

#[tokio::test]
async fn only_stewards_make_accounts() {
    let scene = Scene::new().await;
    let body = json!({"login": "mallory", "password": PASSWORD, "steward": true});
    scene.post(scene.token("ada"), "/api/v1/accounts", &body).await.refused(StatusCode::FORBIDDEN, "forbidden");
    scene.post("", "/api/v1/accounts", &body).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    let me = scene.get(scene.token("hypha"), "/api/v1/me").await.expect(StatusCode::OK);
    assert_eq!((me["steward"].as_bool(), &me["acts_for"]), (Some(false), &json!(["hypha"])));
}
