//! Asking to join.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::scene::Scene;

#[tokio::test]
async fn who_asks_and_is_endorsed_is_on_the_roll() {
    let scene = Scene::new().await;
    let member = scene.get("", "/api/v1/members/ada").await.expect(StatusCode::OK);
    assert_eq!((member["class"].as_str(), member["status"].as_str()), (Some("consumer-individual"), Some("in-force")));
    assert_eq!(member["history"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_request_lacks_nothing_or_is_refused_by_field() {
    let scene = Scene::new().await;
    let whole = scene.request("dora").await;
    for (field, value) in [
        ("request", json!(" ")),
        ("commitment", json!("")),
        ("terms", json!("00".repeat(32))),
        ("class", json!("nobility")),
        ("level", json!("gold")),
        ("name", json!("")),
    ] {
        let mut request = whole.clone();
        request[field] = value;
        let answer = scene.post("", "/api/v1/requests", &request).await;
        assert_eq!(answer.json()["field"], field, "{}", answer.text());
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut request = whole;
    request["password"] = Value::Null;
    scene.post("", "/api/v1/requests", &request).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "login");
}

#[tokio::test]
async fn the_applicant_reads_why_it_was_declined_and_others_read_nothing() {
    let scene = Scene::new().await;
    let request = scene.request("dora").await;
    let id = scene.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED)["id"].clone();
    let path = format!("/api/v1/requests/{}", id.as_str().expect("an id"));
    let reason = json!({"reason": "Join through the co-op next door."});
    scene
        .post(scene.token("ada"), &format!("{path}/refuse"), &reason)
        .await
        .refused(StatusCode::FORBIDDEN, "forbidden");
    scene.post(&scene.steward, &format!("{path}/refuse"), &reason).await.expect(StatusCode::NO_CONTENT);
    let shown = scene.get("", &path).await.expect(StatusCode::OK);
    assert_eq!((shown["state"].as_str(), &shown["reason"]), (Some("declined"), &reason["reason"]));
    assert!(shown.get("request").is_none());
    scene
        .post(&scene.steward, &format!("{path}/endorse"), &json!({}))
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, "settled");
    scene.get(scene.token("ada"), "/api/v1/requests").await.refused(StatusCode::FORBIDDEN, "forbidden");
    let all = scene.get(&scene.steward, "/api/v1/requests").await.expect(StatusCode::OK);
    assert!(all["requests"].as_array().expect("a list").iter().any(|row| row["id"] == id));
}

#[tokio::test]
async fn nobody_takes_a_member_id_that_is_on_the_roll() {
    let scene = Scene::new().await;
    let mut request = scene.request("ada").await;
    request["login"] = json!("ada2");
    scene.post("", "/api/v1/requests", &request).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "taken");
}

#[tokio::test]
async fn a_flood_of_requests_to_join_is_stopped_until_the_next_day() {
    let scene = Scene::new().await;
    let mut request = scene.request("ada").await;
    let limit = scene.app.config.limits.join_requests;
    let mut codes = Vec::new();
    for _ in 0..=limit {
        let answer = scene.post("", "/api/v1/requests", &request).await;
        codes.push(answer.json()["code"].as_str().map(str::to_owned));
    }
    assert_eq!(codes.last(), Some(&Some("too-many".to_owned())));
    request = scene.request("dora").await;
    scene.post("", "/api/v1/requests", &request).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "too-many");
    scene.pass(86_400).await;
    scene.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
}
