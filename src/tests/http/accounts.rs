//! Signing in, tokens, and accounts.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::app::{Answer, PASSWORD, TestApp};
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
    let test = Scene::new().await;
    let body = |password: &str| json!({"login": "steward", "password": password});
    for _ in 0..5 {
        test.post("", "/api/v1/sign-in", &body("not this one")).await;
    }
    test.post("", "/api/v1/sign-in", &body(PASSWORD)).await.refused(StatusCode::TOO_MANY_REQUESTS, "too-many");
    test.pass(900).await;
    test.post("", "/api/v1/sign-in", &body(PASSWORD)).await.expect(StatusCode::OK);
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
    // Whoever knew the old password may have made a token with it.
    test.get(&test.steward, "/api/v1/me").await.refused(StatusCode::UNAUTHORIZED, "sign-in");
}

#[tokio::test]
async fn a_removed_account_is_good_for_nothing_any_more_and_its_login_begins_anew() {
    let scene = Scene::new().await;
    let old = scene.token("ada").to_owned();
    let path = "/api/v1/accounts/ada";
    scene.send("DELETE", "", path, None).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    scene.send("DELETE", &old, path, None).await.refused(StatusCode::FORBIDDEN, "forbidden");
    scene.send("DELETE", &scene.steward, path, None).await.expect(StatusCode::NO_CONTENT);
    scene.get(&old, "/api/v1/me").await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    scene.send("DELETE", &scene.steward, path, None).await.refused(StatusCode::NOT_FOUND, "not-found");
    let again = json!({"login": "ada", "password": PASSWORD, "person": "ada-of-the-harbour"});
    scene.post(&scene.steward, "/api/v1/accounts", &again).await.expect(StatusCode::CREATED);
    scene.get(&old, "/api/v1/me").await.refused(StatusCode::UNAUTHORIZED, "sign-in");
}

#[tokio::test]
async fn the_last_steward_stays() {
    let test = TestApp::new().await;
    let answer = test.send("DELETE", &test.steward, "/api/v1/accounts/steward", None).await;
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "last-steward");
    test.get(&test.steward, "/api/v1/me").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn an_account_has_a_hundred_tokens_at_most() {
    let test = Scene::new().await;
    let mut last = String::new();
    for _ in 0..100 {
        last = test.token_of("steward").await;
    }
    let tokens = test.get(&last, "/api/v1/me/tokens").await.expect(StatusCode::OK);
    assert_eq!(tokens["tokens"].as_array().map(Vec::len), Some(100));
    test.get(&test.steward, "/api/v1/me").await.refused(StatusCode::UNAUTHORIZED, "sign-in");
}

#[tokio::test]
async fn logins_and_names_of_another_form_are_refused_by_field() {
    let test = TestApp::new().await;
    for (field, value) in [
        ("login", ""),
        ("login", "Ada"),
        ("login", "ada lovelace"),
        ("login", "ада"),
        ("password", "short"),
        ("name", "two\nlines"),
    ] {
        let mut body = json!({"login": "ada", "password": PASSWORD});
        body[field] = json!(value);
        let answer = test.post(&test.steward, "/api/v1/accounts", &body).await;
        assert_eq!(answer.json()["field"], field, "{}", answer.text());
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
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

#[tokio::test]
async fn a_login_stands_for_nobody_who_is_known_already() {
    let scene = Scene::new().await;
    scene.send("DELETE", &scene.steward, "/api/v1/accounts/ada", None).await.expect(StatusCode::NO_CONTENT);
    scene.send("DELETE", &scene.steward, "/api/v1/accounts/hypha", None).await.expect(StatusCode::NO_CONTENT);
    let make = async |body: &Value| scene.post(&scene.steward, "/api/v1/accounts", body).await;
    make(&json!({"login": "ana.puig", "password": PASSWORD})).await.expect(StatusCode::CREATED);
    // A member, one who holds a mandate, and another account's person.
    for login in ["ada", "hypha.delegate", "ana_puig"] {
        let mut body = json!({"login": login, "password": PASSWORD});
        let answer = make(&body).await;
        assert_eq!(answer.json()["field"], "person", "{}", answer.text());
        answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "taken");
        // A steward who knows so may say who it is.
        body["person"] = json!(login.replace(['.', '_'], "-"));
        make(&body).await.expect(StatusCode::CREATED);
    }
}

/// Signs in from behind a proxy that saw this address.
async fn sign_in_from(test: &TestApp, address: &str, login: &str, password: &str) -> Answer {
    let request = Request::post("/api/v1/sign-in")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-forwarded-for", address)
        .body(Body::from(json!({"login": login, "password": password}).to_string()))
        .expect("a request");
    test.raw(request).await
}

#[tokio::test]
async fn guesses_from_one_place_keep_nobody_out_elsewhere() {
    let test = TestApp::new().await;
    let (theirs, ours) = ("203.0.113.7", "198.51.100.2");
    for _ in 0..5 {
        let answer = sign_in_from(&test, theirs, "steward", "not this one").await;
        answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "sign-in");
    }
    let answer = sign_in_from(&test, theirs, "steward", PASSWORD).await;
    answer.refused(StatusCode::TOO_MANY_REQUESTS, "too-many");
    sign_in_from(&test, ours, "steward", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn signing_in_is_no_guessing() {
    let test = TestApp::new().await;
    for _ in 0..7 {
        test.sign_in("steward").await;
    }
}

#[tokio::test]
async fn one_address_guesses_only_so_often_whatever_the_login() {
    let test = TestApp::new().await;
    for number in 0..50 {
        let answer = sign_in_from(&test, "203.0.113.7", &format!("nobody-{number}"), PASSWORD).await;
        answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "sign-in");
    }
    let answer = sign_in_from(&test, "203.0.113.7", "one-more", PASSWORD).await;
    answer.refused(StatusCode::TOO_MANY_REQUESTS, "too-many");
    sign_in_from(&test, "198.51.100.2", "steward", PASSWORD).await.expect(StatusCode::OK);
}
