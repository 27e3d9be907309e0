//! Receipts that are presented: kept promises, broken ones, and papers that are no receipts.

use axum::http::StatusCode;
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::id::{ConsortiumId, Digest, JournalId};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Ballot, Body, Signer, Visibility};
use serde_json::{Value, json};

use super::app::{Answer, TestApp};
use super::peer::Peer;
use super::scene::Scene;

async fn present(test: &TestApp, receipt: &Value, ballot: &Value) -> Answer {
    test.post("", "/api/v1/faults", &json!({"receipt": receipt, "ballot": ballot})).await
}

async fn faults(test: &TestApp) -> Value {
    test.get("", "/api/v1/faults").await.expect(StatusCode::OK)["faults"].clone()
}

fn ballot(consortium: ConsortiumId, seed: u8) -> SignedStatement {
    let key = SecretKey::from_seed([seed; 32]);
    let choice = Ballot { proposal: Digest([1; 32]), index: 0, sequence: 1, choices: vec![0], block: None };
    let signer = Signer::Member(key.public());
    let published = super::app::START;
    let unsigned = Unsigned { signer, published, consortium, epoch: 0, body: Body::Ballot(choice) };
    unsigned.sign(&key).expect("a ballot")
}

#[tokio::test]
async fn a_receipt_is_kept_before_and_after_the_decision() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let ballot = scene.signed(&vote, 1, &[0]).sign();
    let taken = scene.send_ballot(&ballot).await.expect(StatusCode::CREATED);
    let answer = present(&scene, &taken["receipt"], &ballot.to_value()).await.expect(StatusCode::OK);
    assert_eq!(answer["state"], "kept");
    scene.decide(&vote).await;
    let answer = present(&scene, &taken["receipt"], &ballot.to_value()).await.expect(StatusCode::OK);
    assert_eq!((answer["state"].as_str(), faults(&scene).await), (Some("kept"), json!([])));
}

#[tokio::test]
async fn a_broken_receipt_of_a_party_is_proven_published_and_shown() {
    let peer = Peer::join(Visibility::Public).await;
    let ballot = ballot(peer.consortium, 5);
    let receipt = |position| {
        let body = Body::Receipt { ballot: ballot.digest, journal: peer.journal(), position };
        peer.state(body).to_value()
    };
    // The journal has not got there yet.
    let answer = present(&peer.test, &receipt(7), &ballot.to_value()).await.expect(StatusCode::OK);
    assert_eq!((answer["state"].as_str(), faults(&peer.test).await), (Some("awaited"), json!([])));
    // The acceptance of the charter stands there.
    let answer = present(&peer.test, &receipt(0), &ballot.to_value()).await.expect(StatusCode::CREATED);
    assert_eq!(answer["state"], "broken");
    let shown = faults(&peer.test).await;
    assert_eq!((&shown[0]["kind"], &shown[0]["culprit"]), (&json!("broken-receipt"), &json!(peer.node)));
    // Nobody here knows of that vote, so it may be none for visitors.
    assert_eq!(shown[0]["evidence"], json!([]));
    let whole = peer.test.get(&peer.test.steward, "/api/v1/faults").await.expect(StatusCode::OK);
    assert_eq!(whole["faults"][0]["evidence"].as_array().map(Vec::len), Some(4));
    let node = peer.test.get("", "/api/v1/node").await.expect(StatusCode::OK);
    let own: JournalId = node["journal"]["id"].as_str().expect("a journal").parse().expect("an id");
    let told = peer.read(&own).await;
    let flags = told["entries"].as_array().expect("entries").iter().filter(|entry| entry["type"] == "Flag").count();
    assert_eq!(flags, 1, "{told}");
    // Again: still broken, and no second report.
    present(&peer.test, &receipt(0), &ballot.to_value()).await.expect(StatusCode::CREATED);
    assert_eq!(faults(&peer.test).await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn papers_that_are_no_receipts_accuse_nobody() {
    let peer = Peer::join(Visibility::Public).await;
    let ballot = ballot(peer.consortium, 5);
    let promise = |digest, journal| Body::Receipt { ballot: digest, journal, position: 0 };
    let good = peer.state(promise(ballot.digest, peer.journal()));
    let mut altered = good.to_value();
    altered["object"]["position"] = json!(3);
    let other = self::ballot(peer.consortium, 6);
    let own: Value = peer.test.get("", "/api/v1/node").await.expect(StatusCode::OK);
    let own = own["journal"]["id"].as_str().expect("a journal").parse().expect("an id");
    let foreign = self::ballot(ConsortiumId(Digest([9; 32])), 5);
    for (receipt, ballot) in [
        (altered, ballot.to_value()),
        (good.to_value(), other.to_value()),
        (peer.state(promise(foreign.digest, peer.journal())).to_value(), foreign.to_value()),
        (peer.state(promise(ballot.digest, own)).to_value(), ballot.to_value()),
        (peer.state_at(promise(ballot.digest, peer.journal()), peer.now(), 4).to_value(), ballot.to_value()),
        (peer.notice("Not a receipt").to_value(), ballot.to_value()),
        (good.to_value(), peer.notice("Not a ballot").to_value()),
        (json!({}), ballot.to_value()),
        (good.to_value(), json!([])),
    ] {
        let why = present(&peer.test, &receipt, &ballot).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "receipt");
        assert!(why.ends_with('.'), "{why}");
    }
    assert_eq!(faults(&peer.test).await, json!([]));
}

#[tokio::test]
async fn a_node_notices_by_itself_that_a_vote_was_decided_without_a_ballot_that_it_promised() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    scene.cast(&vote, "hypha", &["agree"]).await.expect(StatusCode::CREATED);
    scene.pass(1).await;
    // Taken, and then the node stands still until nothing is certified in time any more.
    let late = scene.cast(&vote, "ada", &["disagree"]).await.expect(StatusCode::CREATED);
    scene.pass_until(vote.closes.plus(60)).await;
    for _ in 0..10 {
        scene.pass(2).await;
    }
    let path = format!("/api/v1/receipts/{}", late["ballot"].as_str().expect("a digest"));
    let followed = scene.get("", &path).await.expect(StatusCode::OK);
    assert_eq!((followed["decided"].as_bool(), followed["counted"].as_bool()), (Some(true), Some(false)));
    let shown = faults(&scene).await;
    assert_eq!(shown.as_array().map(Vec::len), Some(1), "{shown}");
    assert_eq!(
        (&shown[0]["kind"], &shown[0]["culprit"]),
        (&json!("broken-receipt"), &json!("https://tools.example/actor"))
    );
    let evidence = shown[0]["evidence"].as_array().expect("documents");
    assert_eq!(serde_json::from_str::<Value>(evidence[0].as_str().expect("text")).expect("JSON"), late["receipt"]);
    let page = scene.get("", "/consortium").await.text();
    assert!(page.contains(late["ballot"].as_str().expect("a digest")), "{page}");
}
