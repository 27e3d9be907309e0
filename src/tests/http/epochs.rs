//! Votes that change the charter: which of several comes first, and what keeps none of them waiting for ever.

use axum::http::StatusCode;
use folkmoot::storage::{closings, epoch_votes};
use folkmoot_governance::id::{Digest, Time};
use serde_json::{Value, json};

use super::scene::{Open, Scene};

/// A constitutional proposal that gives the consumers more weight.
pub async fn amendment(scene: &Scene, title: &str) -> Value {
    let charter = scene.get("", "/api/v1/charter").await.expect(StatusCode::OK);
    let mut amended = charter["charter"].clone();
    amended["version"] = json!(2);
    for (class, strength) in amended["classes"].as_array_mut().into_iter().flatten().zip(["1/5", "3/5", "1/5"]) {
        class["strength"] = json!(strength);
    }
    let effect = json!({"type": "AmendCharter", "base": charter["digest"], "charter": amended});
    json!({
        "title": title, "text": "More weight to those who use it.", "type": "constitutional", "method": "consent",
        "effects": [effect],
    })
}

pub async fn everybody_says(scene: &Scene, vote: &Open, choice: &str) {
    for login in ["collectivetools", "hypha", "harbour", "ada"] {
        scene.cast(vote, login, &[choice]).await.expect(StatusCode::CREATED);
    }
}

pub async fn state(scene: &Scene, vote: &Open) -> String {
    let shown = scene.get("", &format!("/api/v1/proposals/{}", vote.key)).await.expect(StatusCode::OK);
    shown["state"].as_str().expect("a state").to_owned()
}

async fn epoch(scene: &Scene) -> u64 {
    scene.get("", "/api/v1/consortium").await.expect(StatusCode::OK)["epoch"].as_u64().expect("an epoch")
}

/// Leaves the closing of a vote in a state that it cannot go on from.
async fn break_closing(scene: &Scene, proposal: Digest) {
    scene
        .app
        .db
        .write(async move |conn| {
            closings::lock_or_create(conn, proposal, 0).await?;
            closings::put_machine(conn, proposal, 0, b"not a machine", false, Time(0)).await
        })
        .await
        .expect("a closing that cannot go on");
}

pub async fn settle(scene: &Scene, closes: Time) {
    scene.pass_until(closes).await;
    for _ in 0..10 {
        scene.pass(2).await;
    }
}

#[tokio::test]
async fn a_vote_that_was_extended_and_one_that_closes_before_it_do_not_wait_for_each_other() {
    let scene = Scene::new().await;
    let extended = scene.announce(&amendment(&scene, "First to close").await).await;
    scene.pass(1).await;
    let second = scene.open(&amendment(&scene, "Closes in between").await).await;
    everybody_says(&scene, &extended, "disagree").await;
    everybody_says(&scene, &second, "agree").await;
    let path = format!("/api/v1/proposals/{}/extend", extended.key);
    let later = second.closes.plus(30);
    let body = json!({"closes": later, "reason": "We need a week more."});
    scene.post(scene.token("collectivetools"), &path, &body).await.expect(StatusCode::CREATED);
    settle(&scene, second.closes).await;
    assert_eq!((state(&scene, &extended).await.as_str(), state(&scene, &second).await.as_str()), ("open", "passed"));
    assert_eq!(epoch(&scene).await, 1);
    settle(&scene, later).await;
    assert_eq!(state(&scene, &extended).await, "not-passed");
}

#[tokio::test]
async fn a_claim_on_an_epoch_ends_when_its_vote_is_certified_as_something_else() {
    let scene = Scene::new().await;
    let first = scene.announce(&amendment(&scene, "Rejected in the end").await).await;
    scene.pass(1).await;
    let second = scene.open(&amendment(&scene, "Accepted").await).await;
    everybody_says(&scene, &first, "disagree").await;
    everybody_says(&scene, &second, "agree").await;
    // As if the node's own cut had made the first one pass.
    let claim = epoch_votes::Claim { proposal: first.digest, sitting: 0 };
    scene.app.db.write(async move |conn| epoch_votes::put(conn, 1, claim).await).await.expect("a claim");
    settle(&scene, second.closes).await;
    assert_eq!((state(&scene, &first).await.as_str(), state(&scene, &second).await.as_str()), ("not-passed", "passed"));
    assert_eq!(epoch(&scene).await, 1);
}

#[tokio::test]
async fn an_abandoned_vote_holds_up_later_ones_no_longer_than_the_charter_says() {
    let scene = Scene::new().await;
    let abandoned = scene.announce(&amendment(&scene, "Cannot be closed").await).await;
    scene.pass(1).await;
    let second = scene.open(&amendment(&scene, "Accepted").await).await;
    everybody_says(&scene, &second, "agree").await;
    break_closing(&scene, abandoned.digest).await;
    settle(&scene, second.closes).await;
    assert_eq!(state(&scene, &second).await, "counting");
    // The preset's demonstration times: ten minutes.
    settle(&scene, abandoned.closes.plus(600)).await;
    assert_eq!(
        (state(&scene, &abandoned).await.as_str(), state(&scene, &second).await.as_str()),
        ("uncertified", "passed")
    );
    assert_eq!(epoch(&scene).await, 1);
}

#[tokio::test]
async fn a_closing_that_cannot_go_on_stops_no_other() {
    let scene = Scene::new().await;
    let broken = scene.announce(&Scene::consent()).await;
    let whole = scene.open(&Scene::consent()).await;
    break_closing(&scene, broken.digest).await;
    everybody_says(&scene, &whole, "agree").await;
    settle(&scene, whole.closes).await;
    assert_eq!(state(&scene, &whole).await, "passed");
}
