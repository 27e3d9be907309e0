//! Drafting, versions, deliberation, and opening a vote.

use axum::http::StatusCode;
use folkmoot_governance::statement::{Basis, Body, Custody, Mandate, RollEntry, Visibility};
use serde_json::json;

use super::app::PASSWORD;
use super::peer::Peer;
use super::scene::{Scene, device_key};

#[tokio::test]
async fn a_draft_keeps_all_its_versions() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let mut second = Scene::consent();
    second["text"] = json!("The old one is full on Thursdays.");
    let path = format!("/api/v1/proposals/{key}");
    let revised = scene.put(scene.token("collectivetools"), &path, &second).await.expect(StatusCode::OK);
    assert_eq!(revised["version"], 2);
    let shown = scene.get("", &path).await.expect(StatusCode::OK);
    assert_eq!((shown["state"].as_str(), &shown["text"]), (Some("draft"), &second["text"]));
    assert_eq!(shown["versions"].as_array().map(Vec::len), Some(2));
    assert_eq!(shown["versions"][0]["text"], Scene::consent()["text"]);
    scene.put(scene.token("ada"), &path, &second).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "no-mandate");
}

#[tokio::test]
async fn an_announced_vote_opens_by_itself_and_is_frozen() {
    let scene = Scene::new().await;
    let vote = scene.announce(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{}", vote.key);
    assert_eq!(scene.get("", &path).await.expect(StatusCode::OK)["state"], "announced");
    scene.pass_until(vote.opens).await;
    let shown = scene.get("", &path).await.expect(StatusCode::OK);
    assert_eq!(shown["state"], "open");
    assert_eq!((shown["electorate"]["size"].as_u64(), shown["electorate"]["cast"].as_u64()), (Some(6), Some(0)));
    let token = scene.token("collectivetools");
    scene.put(token, &path, &Scene::consent()).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "frozen");
    let again = scene.post(token, &format!("{path}/open"), &json!({})).await;
    again.refused(StatusCode::UNPROCESSABLE_ENTITY, "frozen");
}

#[tokio::test]
async fn nobody_makes_a_vote_shorter_than_the_charter_says() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{key}/open");
    let token = scene.token("collectivetools");
    let answer = scene.post(token, &path, &json!({"seconds": 1})).await;
    assert_eq!(answer.json()["field"], "closes");
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "too-short");
    let both = json!({"seconds": 100, "closes": "2030-01-01T00:00:00Z"});
    scene.post(token, &path, &both).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "closes");
    scene
        .post(&scene.steward, &path, &json!({"seconds": 1}))
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, "too-short");
}

#[tokio::test]
async fn contributions_answer_each_other_and_nothing_else() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{key}/comments");
    let first = scene.post(scene.token("ada"), &path, &json!({"text": "Who pays?"})).await.expect(StatusCode::CREATED);
    let answer = json!({"text": "All of us.", "inReplyTo": first["id"]});
    scene.post(scene.token("bilal"), &path, &answer).await.expect(StatusCode::CREATED);
    let lost = json!({"text": "?", "inReplyTo": "https://tools.example/comments/none"});
    scene.post(scene.token("bilal"), &path, &lost).await.refused(StatusCode::NOT_FOUND, "not-found");
    scene.post("", &path, &json!({"text": "?"})).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    let shown = scene.get("", &format!("/api/v1/proposals/{key}")).await.expect(StatusCode::OK);
    let thread = shown["comments"].as_array().expect("a thread");
    assert_eq!(thread.len(), 2);
    assert!(thread.iter().any(|comment| comment["inReplyTo"] == first["id"] && comment["author"] == "bilal"));
}

#[tokio::test]
async fn members_discuss_and_stewards_but_not_everybody_with_an_account() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{key}/comments");
    let account = json!({"login": "guest", "password": PASSWORD, "person": "guest", "name": "Guest"});
    scene.post(&scene.steward, "/api/v1/accounts", &account).await.expect(StatusCode::CREATED);
    let guest = scene.token_of("guest").await;
    let text = json!({"text": "May I?"});
    scene.post(&guest, &path, &text).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "not-a-member");
    scene.post(scene.token("harbour"), &path, &text).await.expect(StatusCode::CREATED);
    scene.post(&scene.steward, &path, &text).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn whoever_is_not_in_force_any_more_neither_proposes_nor_discusses() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let comments = format!("/api/v1/proposals/{key}/comments");
    for (member, status, code) in
        [("ada", "suspended", "suspended"), ("bilal", "withdrawn", "ended"), ("harbour", "withdrawn", "ended")]
    {
        // Harbour's delegate signs in under the name of the organisation.
        let token = scene.token(member);
        scene.post(token, &comments, &json!({"text": "Still here."})).await.expect(StatusCode::CREATED);
        let body = json!({"status": status, "reason": "Fees are open."});
        let path = format!("/api/v1/members/{member}/end");
        scene.post(&scene.steward, &path, &body).await.expect(StatusCode::NO_CONTENT);
        let said = scene.post(token, &comments, &json!({"text": "Not gone yet."})).await;
        said.refused(StatusCode::UNPROCESSABLE_ENTITY, code);
        let drafted = scene.post(token, "/api/v1/proposals", &Scene::consent()).await;
        drafted.refused(StatusCode::UNPROCESSABLE_ENTITY, code);
    }
}

#[tokio::test]
async fn a_member_of_another_node_is_sent_there() {
    let mut peer = Peer::join(Visibility::Public).await;
    let hypha = || "hypha".parse().expect("an id");
    let entry = RollEntry {
        change: false,
        member: hypha(),
        name: "Hypha".into(),
        class: "producer".into(),
        level: String::new(),
        key: device_key().public(),
        custody: Custody::Node,
        since: peer.now(),
        basis: Basis::Founding,
    };
    peer.publish(Body::RollEntry(entry)).await;
    let holder = "zoe".parse().expect("an id");
    let mandate = Mandate { organisation: hypha(), holder, name: "Zoe".into(), key: None, since: peer.now() };
    peer.publish(Body::Mandate(mandate)).await;
    let account = json!({"login": "zoe", "password": PASSWORD, "person": "zoe"});
    peer.test.post(&peer.test.steward, "/api/v1/accounts", &account).await.expect(StatusCode::CREATED);
    let zoe = peer.test.token_of("zoe").await;
    let me = peer.test.get(&zoe, "/api/v1/me").await.expect(StatusCode::OK);
    assert_eq!(me["acts_for"], json!(["hypha"]));
    let answer = peer.test.post(&zoe, "/api/v1/proposals", &Scene::consent()).await;
    let why = answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "other-node");
    assert!(why.contains("https://hypha.example"), "{why}");
}

#[tokio::test]
async fn nobody_fills_the_journal() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{key}/comments");
    let text = json!({"text": "Me again."});
    for _ in 0..60 {
        scene.post(scene.token("ada"), &path, &text).await.expect(StatusCode::CREATED);
    }
    let why = scene.post(scene.token("ada"), &path, &text).await.refused(StatusCode::TOO_MANY_REQUESTS, "too-many");
    assert!(why.contains("60 times"), "{why}");
    scene.post(scene.token("bilal"), &path, &text).await.expect(StatusCode::CREATED);
    scene.pass(3600).await;
    scene.post(scene.token("ada"), &path, &text).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn what_is_for_the_consortium_is_not_shown_to_visitors() {
    let scene = Scene::new().await;
    let mut draft = Scene::consent();
    draft["visibility"] = json!("consortium");
    let key = scene.draft(&draft).await;
    let path = format!("/api/v1/proposals/{key}");
    for path in [path.clone(), format!("{path}/closing"), format!("{path}/count")] {
        scene.get("", &path).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    }
    scene.get(scene.token("ada"), &path).await.expect(StatusCode::OK);
    let listed = async |token: &str| {
        let list = scene.get(token, "/api/v1/proposals?state=draft").await.expect(StatusCode::OK);
        list["proposals"].as_array().map(Vec::len)
    };
    assert_eq!((listed("").await, listed(scene.token("ada")).await), (Some(0), Some(1)));
}

#[tokio::test]
async fn an_urgent_call_needs_its_reason_and_a_caller_of_the_right_class() {
    let scene = Scene::new().await;
    let mut urgent = Scene::consent();
    urgent["type"] = json!("urgent");
    let token = scene.token("collectivetools");
    let answer = scene.post(token, "/api/v1/proposals", &urgent).await;
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "reason-missing");
    urgent["reason"] = json!("It runs full on Friday.");
    scene.post(token, "/api/v1/proposals", &urgent).await.expect(StatusCode::CREATED);
    let by_ada = scene.post(scene.token("ada"), "/api/v1/proposals", &urgent).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/proposals/{}/open", by_ada["key"].as_str().expect("a key"));
    scene.post(scene.token("ada"), &path, &json!({})).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "may-not-call");
}

#[tokio::test]
async fn a_vote_is_extended_never_shortened_and_only_by_who_opened_it() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{}/extend", vote.key);
    let until = |seconds: i64| json!({"closes": vote.closes.plus(seconds), "reason": "The minutes came late."});
    scene.post(&scene.steward, &path, &until(-1)).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "shorter");
    scene.post(scene.token("ada"), &path, &until(60)).await.refused(StatusCode::FORBIDDEN, "forbidden");
    scene.post(&scene.steward, &path, &until(60)).await.expect(StatusCode::CREATED);
    scene.pass_until(vote.closes).await;
    for _ in 0..10 {
        scene.pass(2).await;
    }
    let shown = scene.get("", &format!("/api/v1/proposals/{}", vote.key)).await.expect(StatusCode::OK);
    assert_eq!((shown["state"].as_str(), shown["sitting"].as_u64()), (Some("open"), Some(1)));
    assert_eq!(shown["closes"], vote.closes.plus(60).to_string());
    scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
}
