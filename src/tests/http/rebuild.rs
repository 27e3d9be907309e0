//! The tables that pages are made from, made again from the journals.

use axum::http::StatusCode;
use folkmoot::actions::{closing, journals, project, rebuild, standing};
use folkmoot::storage::{epochs, notices};
use folkmoot_governance::certification::fault;
use folkmoot_governance::id::Digest;
use folkmoot_governance::statement::{Body, Visibility};
use serde_json::json;

use super::closing::{faults, other_final, state as signed};
use super::database;
use super::epochs::{amendment, everybody_says, settle, state};
use super::peer::Peer;
use super::scene::Scene;

/// A little of everything that a consortium does, over two epochs.
async fn history() -> Scene {
    let scene = Scene::new().await;
    let notice = json!({"subject": "Power cut", "text": "We are without power until tomorrow."});
    scene.post(&scene.steward, "/api/v1/notices", &notice).await.expect(StatusCode::CREATED);
    let amended = scene.open(&amendment(&scene, "More weight to consumers").await).await;
    let comment = json!({"text": "About time."});
    let comments = format!("/api/v1/proposals/{}/comments", amended.key);
    scene.post(scene.token("ada"), &comments, &comment).await.expect(StatusCode::CREATED);
    everybody_says(&scene, &amended, "agree").await;
    settle(&scene, amended.closes).await;
    assert_eq!(state(&scene, &amended).await, "passed");
    closing::receive(&scene.app, vec![other_final(&scene, &amended)], scene.now()).await.expect("it is heard");

    let extended = scene.open(&Scene::consent()).await;
    let later = extended.closes.plus(30);
    let body = json!({"closes": later, "reason": "Three of us are on holiday."});
    let path = format!("/api/v1/proposals/{}/extend", extended.key);
    scene.post(scene.token("collectivetools"), &path, &body).await.expect(StatusCode::CREATED);
    let withdrawn = scene.open(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{}/withdraw", withdrawn.key);
    scene.post(&scene.steward, &path, &json!({"reason": "We found one."})).await.expect(StatusCode::CREATED);
    everybody_says(&scene, &extended, "disagree").await;
    scene.pass(1).await;
    settle(&scene, withdrawn.closes).await;
    settle(&scene, later).await;
    assert_eq!(
        (state(&scene, &extended).await.as_str(), state(&scene, &withdrawn).await.as_str()),
        ("not-passed", "withdrawn")
    );
    scene.draft(&Scene::consent()).await;
    scene.pass(1).await;
    scene
}

#[tokio::test]
async fn everything_that_a_consortium_did_over_two_epochs_comes_back() {
    let scene = history().await;
    assert_eq!(rebuild::rebuild(&scene.app).await.expect("a rebuild"), []);
    assert_eq!(faults(&scene).await.len(), 1);
    assert_eq!(scene.get("", "/api/v1/consortium").await.expect(StatusCode::OK)["epoch"], 1);
}

#[tokio::test]
async fn a_fault_that_is_heard_of_before_its_epoch_is_proven_once_that_is_here() {
    let scene = history().await;
    let vote = scene.open(&Scene::consent()).await;
    scene.decide(&vote).await;
    let said = |value| Body::CutFinal { proposal: vote.digest, sitting: 0, round: 0, value };
    let lies = [3, 4].map(|byte| said(Digest([byte; 32]))).map(|body| signed(&scene, 1, body));
    let report = fault::find(&lies[0], &lies[1]).expect("a fault");
    let told = signed(&scene, 1, Body::Fault(report));
    let (app, now) = (scene.app.clone(), scene.now());
    let heard = scene.app.db.write(async move |conn| {
        let known = epochs::all(conn).await?;
        database::run(conn, "DELETE FROM epochs").await?;
        let early = standing::load(conn).await?;
        for epoch in &known {
            epochs::insert(conn, epoch).await?;
        }
        journals::append(conn, &app, &early, told, now).await
    });
    heard.await.expect("it is stored");
    assert_eq!(faults(&scene).await.len(), 1);
    let app = scene.app.clone();
    let again = scene.app.db.write(async move |conn| project::apply_pending(conn, &app, None, now).await);
    assert!(again.await.expect("looked at again").applied);
    assert_eq!(faults(&scene).await.len(), 2);
}

#[tokio::test]
async fn what_no_journal_says_does_not_come_back_and_is_named() {
    let scene = Scene::new().await;
    let (node, now) = (scene.app.node.clone(), scene.now());
    let invented = Digest([3; 32]);
    let put = scene
        .app
        .db
        .write(async move |conn| notices::put(conn, invented, &node, "Hush", "Nobody said this.", now).await);
    put.await.expect("a row");
    let differences = rebuild::rebuild(&scene.app).await.expect("a rebuild");
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!((differences[0].table, differences[0].lost.len(), differences[0].new.len()), ("notices", 1, 0));
    assert!(differences[0].lost[0].contains("Nobody said this."));
    assert_eq!(rebuild::rebuild(&scene.app).await.expect("a rebuild"), []);
}

#[tokio::test]
async fn however_many_entries_wait_each_transaction_looks_at_few_of_them() {
    let mut peer = Peer::join(Visibility::Public).await;
    let said = |byte| {
        let body = Body::CutFinal { proposal: Digest([1; 32]), sitting: 0, round: 0, value: Digest([byte; 32]) };
        peer.state_at(body, peer.now(), 7)
    };
    // Nobody can tell whose keys these are before the epoch is here.
    let report = fault::find(&said(3), &said(4)).expect("a fault");
    let told: Vec<_> =
        (0..25).map(|second| peer.state_at(Body::Fault(report.clone()), peer.now().plus(second), 7)).collect();
    let (start, entries): (_, Vec<_>) = (peer.told.len() as u64, told.iter().map(|fault| fault.to_value()).collect());
    peer.told.extend(told);
    let page = peer.page(start, &entries, &peer.note(&peer.leaves()));
    assert_eq!(peer.tell(&page).await.status, StatusCode::OK);

    let (app, now) = (peer.test.app.clone(), peer.now());
    let (mut rest, mut turns) = (None, 0);
    loop {
        let (inside, after) = (app.clone(), rest.take());
        let look = app.db.write(async move |conn| project::apply_pending(conn, &inside, after.as_ref(), now).await);
        let looked = look.await.expect("looked at");
        assert!(!looked.applied);
        (rest, turns) = (looked.rest, turns + 1);
        if rest.is_none() {
            break;
        }
    }
    assert_eq!(turns, 3);
    assert_eq!(rebuild::rebuild(&app).await.expect("a rebuild"), []);
}
