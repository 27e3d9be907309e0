//! Founding, the charter, and the node's own state.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::app::TestApp;
use super::scene::Scene;

#[tokio::test]
async fn a_node_without_a_consortium_says_so() {
    let test = TestApp::new().await;
    let node = test.get("", "/api/v1/node").await.expect(StatusCode::OK);
    assert_eq!((node["state"].as_str(), node.get("journal")), (Some("none"), None));
    let consortium = test.get("", "/api/v1/consortium").await.expect(StatusCode::OK);
    assert_eq!((consortium["state"].as_str(), &consortium["parties"]), (Some("none"), &json!([])));
    for path in ["/api/v1/charter", "/api/v1/members", "/api/v1/proposals", "/api/v1/decisions", "/decisions.atom"] {
        test.get("", path).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "no-consortium");
    }
}

#[tokio::test]
async fn a_consortium_of_one_is_ratified_by_its_founder() {
    let scene = Scene::new().await;
    let consortium = scene.get("", "/api/v1/consortium").await.expect(StatusCode::OK);
    assert_eq!(consortium["state"], "ratified");
    assert_eq!((consortium["quorum"].as_u64(), consortium["faulty"].as_u64()), (Some(1), Some(0)));
    assert_eq!(consortium["parties"][0]["accepted"], true);
    let charter = scene.get("", "/api/v1/charter").await.expect(StatusCode::OK);
    assert_eq!(charter["charter"]["name"], consortium["name"]);
    assert!(charter["sentences"].as_array().is_some_and(|list| list.len() > 5));
}

#[tokio::test]
async fn what_was_appended_is_certified_after_a_checkpoint() {
    let scene = Scene::new().await;
    let node = scene.get("", "/api/v1/node").await.expect(StatusCode::OK);
    assert_eq!(node["journal"]["size"], node["journal"]["certifiedSize"]);
    scene.draft(&Scene::consent()).await;
    let node = scene.get("", "/api/v1/node").await.expect(StatusCode::OK);
    assert_ne!(node["journal"]["size"], node["journal"]["certifiedSize"]);
    scene.pass(1).await;
    let node = scene.get("", "/api/v1/node").await.expect(StatusCode::OK);
    assert_eq!(node["journal"]["size"], node["journal"]["certifiedSize"]);
}

#[tokio::test]
async fn a_node_founds_once_and_only_by_a_steward() {
    let scene = Scene::new().await;
    let charter = folkmoot::charters::ocm_demo(1).expect("the preset");
    let body = json!({"charter": charter, "parties": [], "members": []});
    scene.post(scene.token("ada"), "/api/v1/consortium", &body).await.refused(StatusCode::FORBIDDEN, "forbidden");
    let again = scene.post(&scene.steward, "/api/v1/consortium", &body).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", again.text());
}

#[tokio::test]
async fn a_charter_that_cannot_work_is_refused_with_all_its_problems() {
    let test = TestApp::new().await;
    let mut charter = serde_json::to_value(folkmoot::charters::ocm_demo(1).expect("the preset")).expect("JSON");
    charter["classes"][0]["strength"] = Value::from("1/10");
    let body = json!({"charter": charter, "parties": [], "members": []});
    let answer = test.post(&test.steward, "/api/v1/consortium", &body).await;
    assert_eq!(answer.json()["field"], "charter");
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "charter");
    let node = test.get("", "/api/v1/node").await.expect(StatusCode::OK);
    assert_eq!(node["state"], "none");
}

#[tokio::test]
async fn a_notice_is_read_by_everybody() {
    let scene = Scene::new().await;
    let notice = json!({"subject": "Flood", "text": "Our server room is under water."});
    scene.post(&scene.steward, "/api/v1/notices", &notice).await.expect(StatusCode::CREATED);
    let notices = scene.get("", "/api/v1/notices").await.expect(StatusCode::OK);
    assert_eq!(notices["notices"][0]["subject"], "Flood");
    scene.post(scene.token("ada"), "/api/v1/notices", &notice).await.refused(StatusCode::FORBIDDEN, "forbidden");
}
