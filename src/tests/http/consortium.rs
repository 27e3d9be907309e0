//! Founding, the charter, and the node's own state.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use folkmoot::actions::error::ActionError;
use folkmoot::actions::{Person, consortium};
use folkmoot_governance::epoch::consortium_id;
use folkmoot_governance::id::{ConsortiumId, Digest, NodeId};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{FoundingMember, Genesis, Party};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::app::TestApp;
use super::deliveries::reach;
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

/// A founding document of this node and another one, which serves it.
async fn founded_elsewhere(test: &TestApp) -> (Genesis, NodeId) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let founder: NodeId = format!("http://{address}/actor").parse().expect("a node");
    let own = test.app.node.clone();
    let member = |id: &str, sponsor: &NodeId| FoundingMember {
        member: id.parse().expect("an id"),
        name: id.into(),
        class: "producer".into(),
        sponsor: sponsor.clone(),
    };
    let genesis = Genesis {
        charter: folkmoot::charters::ocm_demo(2).expect("the preset"),
        members: vec![member("collectivetools", &own), member("hypha", &founder)],
        parties: vec![
            Party { name: "CollectiveTools".into(), node: own, key: test.app.keys.statement.public() },
            Party { name: "Hypha".into(), node: founder.clone(), key: SecretKey::from_seed([3; 32]).public() },
        ],
    };
    let document = serde_json::to_string(&genesis).expect("JSON");
    let shown = move || async move { ([(header::CONTENT_TYPE, "application/activity+json")], document) };
    let router = Router::new().route("/genesis", get(shown));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (genesis, founder)
}

#[tokio::test]
async fn an_invitation_that_never_arrived_is_fetched_from_the_founder() {
    let test = TestApp::new().await;
    let (genesis, founder) = founded_elsewhere(&test).await;
    let app = reach(&test, &[]).await;
    let steward = Person {
        login: "steward".into(),
        person: "steward".parse().expect("an id"),
        name: "Steward".into(),
        steward: true,
    };
    let accept = async |id, from: Option<&str>| consortium::accept(&app, &steward, id, from, app.now()).await;
    let id = consortium_id(&genesis);
    assert!(matches!(accept(id, None).await, Err(ActionError::NotFound("missing-invitation"))));
    // The id is what the founder told; another document does not pass for it.
    let other = accept(ConsortiumId(Digest([7; 32])), Some(founder.base())).await;
    assert!(matches!(&other, Err(ActionError::Refused(refusal)) if refusal.code == "other-consortium"), "{other:?}");
    accept(id, Some(founder.base())).await.expect("accepted");
    let shown = test.get("", "/api/v1/consortium").await.expect(StatusCode::OK);
    assert_eq!((shown["state"].as_str(), &shown["id"]), (Some("proposed"), &json!(id)));
}
