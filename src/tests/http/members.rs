//! The roll and its changes.

use axum::http::StatusCode;
use folkmoot::storage::members;
use serde_json::json;

use super::scene::{PERSONS, PRODUCERS, Scene, device_key};

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

/// Ends a membership as a steward, at once.
async fn end(scene: &Scene, member: &str, status: &str) {
    let body = json!({"status": status, "reason": "Fees are open."});
    let path = format!("/api/v1/members/{member}/end");
    scene.post(&scene.steward, &path, &body).await.expect(StatusCode::NO_CONTENT);
}

async fn status_of(scene: &Scene, member: &str) -> String {
    let shown = scene.get("", &format!("/api/v1/members/{member}")).await.expect(StatusCode::OK);
    shown["status"].as_str().expect("a status").to_owned()
}

#[tokio::test]
async fn a_new_key_lifts_no_suspension_and_brings_nobody_back() {
    let scene = Scene::new().await;
    let key = json!({"key": device_key().public()});
    for (member, status, code) in
        [("ada", "suspended", "suspended"), ("bilal", "withdrawn", "ended"), ("carme", "lapsed", "ended")]
    {
        end(&scene, member, status).await;
        scene.pass(1).await;
        let path = format!("/api/v1/members/{member}/key");
        for token in [scene.token(member), &scene.steward] {
            scene.put(token, &path, &key).await.refused(StatusCode::UNPROCESSABLE_ENTITY, code);
        }
        scene.pass(1).await;
        assert_eq!(status_of(&scene, member).await, status);
    }
}

#[tokio::test]
async fn an_organisation_that_has_left_gives_no_mandates() {
    let scene = Scene::new().await;
    end(&scene, "harbour", "withdrawn").await;
    let mandate = json!({"organisation": "harbour", "holder": "ada"});
    let answer = scene.post(&scene.steward, "/api/v1/mandates", &mandate).await;
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "ended");
    // What it gave before can still be ended.
    let path = "/api/v1/mandates/harbour/harbour-delegate";
    scene.send("DELETE", &scene.steward, path, None).await.expect(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_suspension_that_is_to_come_is_lifted_once_it_has_begun() {
    let scene = Scene::new().await;
    let begins = scene.now().plus(3600);
    let body = json!({"status": "suspended", "reason": "Fees are open.", "effective": begins});
    scene.post(&scene.steward, "/api/v1/members/ada/end", &body).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(status_of(&scene, "ada").await, "in-force");
    let lift = async || scene.send("POST", &scene.steward, "/api/v1/members/ada/reinstate", None).await;
    let why = lift().await.refused(StatusCode::UNPROCESSABLE_ENTITY, "not-yet");
    assert!(why.contains(&begins.to_string()), "{why}");
    scene.pass_until(begins).await;
    assert_eq!(status_of(&scene, "ada").await, "suspended");
    scene.pass(1).await;
    lift().await.expect(StatusCode::NO_CONTENT);
    assert_eq!(status_of(&scene, "ada").await, "in-force");
}

#[tokio::test]
async fn whoever_is_going_to_leave_can_be_suspended_before() {
    let scene = Scene::new().await;
    let leaves = scene.now().plus(86_400);
    let body = json!({"status": "withdrawn", "reason": "I move away.", "effective": leaves});
    scene.post(scene.token("ada"), "/api/v1/members/ada/end", &body).await.expect(StatusCode::NO_CONTENT);
    scene.pass(1).await;
    end(&scene, "ada", "suspended").await;
    assert_eq!(status_of(&scene, "ada").await, "suspended");
    let key = json!({"key": device_key().public()});
    let answer = scene.put(scene.token("ada"), "/api/v1/members/ada/key", &key).await;
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "suspended");
    let counted = {
        let mut conn = scene.app.db.read().await.expect("a connection");
        members::in_force(&mut conn, scene.now()).await.expect("a query")
    };
    assert_eq!(counted["consumer-individual"], 2);
    // Nor can anybody be suspended who will have left by then.
    let late = json!({"status": "suspended", "reason": "x", "effective": leaves.plus(60)});
    let answer = scene.post(&scene.steward, "/api/v1/members/ada/end", &late).await;
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "ended");
    scene.pass(1).await;
    let lift = scene.send("POST", &scene.steward, "/api/v1/members/ada/reinstate", None).await;
    lift.expect(StatusCode::NO_CONTENT);
    assert_eq!(status_of(&scene, "ada").await, "in-force");
    scene.pass_until(leaves).await;
    assert_eq!(status_of(&scene, "ada").await, "withdrawn");
}
