//! The roll and its changes.

use axum::http::StatusCode;
use serde_json::json;

use super::scene::{PERSONS, PRODUCERS, Scene};

#[tokio::test]
async fn the_roll_lists_everybody_with_their_sponsor() {
    let scene = Scene::new().await;
    let roll = scene.get("", "/api/v1/members").await.expect(StatusCode::OK);
    let members = roll["members"].as_array().expect("a list");
    assert_eq!(members.len(), PRODUCERS.len() + 1 + PERSONS.len() + 1);
    assert!(members.iter().all(|member| member["sponsor"] == "https://tools.example/actor"));
    let device = members.iter().find(|member| member["member"] == "carme").expect("carme");
    assert_eq!(device["custody"], "device");
}

#[tokio::test]
async fn members_end_their_own_membership_and_nobody_elses() {
    let scene = Scene::new().await;
    let body = json!({"status": "withdrawn", "reason": "I move away."});
    let path = "/api/v1/members/ada/end";
    scene.post(scene.token("bilal"), path, &body).await.refused(StatusCode::FORBIDDEN, "forbidden");
    scene.post(scene.token("ada"), path, &body).await.expect(StatusCode::NO_CONTENT);
    let ada = scene.get("", "/api/v1/members/ada").await.expect(StatusCode::OK);
    assert_eq!(ada["status"], "withdrawn");
    scene.post(scene.token("ada"), path, &body).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "ended");
}

#[tokio::test]
async fn a_suspension_can_be_lifted() {
    let scene = Scene::new().await;
    let lift = async || scene.send("POST", &scene.steward, "/api/v1/members/ada/reinstate", None).await;
    lift().await.refused(StatusCode::UNPROCESSABLE_ENTITY, "not-suspended");
    let body = json!({"status": "suspended", "reason": "Fees are open."});
    scene.post(&scene.steward, "/api/v1/members/ada/end", &body).await.expect(StatusCode::NO_CONTENT);
    let ada = scene.get("", "/api/v1/members/ada").await.expect(StatusCode::OK);
    assert_eq!(ada["status"], "suspended");
    scene.pass(1).await;
    lift().await.expect(StatusCode::NO_CONTENT);
    let ada = scene.get("", "/api/v1/members/ada").await.expect(StatusCode::OK);
    assert_eq!(ada["status"], "in-force");
}

#[tokio::test]
async fn the_roll_is_not_changed_backwards() {
    let scene = Scene::new().await;
    let body = json!({"status": "lapsed", "reason": "x", "effective": "2020-01-01T00:00:00Z"});
    scene
        .post(&scene.steward, "/api/v1/members/ada/end", &body)
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, "effective");
}

#[tokio::test]
async fn a_mandate_that_ended_cannot_end_again() {
    let scene = Scene::new().await;
    let path = "/api/v1/mandates/hypha/hypha-delegate";
    scene.send("DELETE", scene.token("hypha"), path, None).await.refused(StatusCode::FORBIDDEN, "forbidden");
    scene.send("DELETE", &scene.steward, path, None).await.expect(StatusCode::NO_CONTENT);
    let hypha = scene.get("", "/api/v1/members/hypha").await.expect(StatusCode::OK);
    assert!(hypha["mandates"][0]["until"].is_string());
    scene.send("DELETE", &scene.steward, path, None).await.refused(StatusCode::NOT_FOUND, "not-found");
    let person = json!({"organisation": "ada", "holder": "bilal"});
    scene.post(&scene.steward, "/api/v1/mandates", &person).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "person");
}

#[tokio::test]
async fn what_befalls_an_organisation_is_decided_by_vote() {
    let scene = Scene::new().await;
    for status in ["suspended", "lapsed"] {
        let body = json!({"status": status, "reason": "Fees are open."});
        let answer = scene.post(&scene.steward, "/api/v1/members/harbour/end", &body).await;
        let why = answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "organisation");
        assert!(why.contains("put it to the vote"), "{why}");
    }
    let leave = json!({"status": "withdrawn", "reason": "We close."});
    scene.post(&scene.steward, "/api/v1/members/harbour/end", &leave).await.expect(StatusCode::NO_CONTENT);
    let harbour = scene.get("", "/api/v1/members/harbour").await.expect(StatusCode::OK);
    assert_eq!(harbour["status"], "withdrawn");
}
