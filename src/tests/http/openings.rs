//! What opens a vote and what does not, judged by a node that gets an opening from elsewhere.

use axum::http::StatusCode;
use folkmoot::actions::{closing, electorate, journals, standing};
use folkmoot::storage::proposals;
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::{Body, Question, Voting};

use super::scene::Scene;

/// Publishes an opening of a draft that the product itself would not make: `change` turns the honest one.
async fn publish_opening(scene: &Scene, change: impl FnOnce(&mut Voting)) -> (String, Digest) {
    let key = scene.draft(&Scene::consent()).await;
    let (app, now) = (scene.app.clone(), scene.now());
    let mut conn = app.db.read().await.expect("a connection");
    let known = standing::load(&mut conn).await.expect("a consortium");
    let row = proposals::by_key(&mut conn, &key).await.expect("a query").expect("a draft");
    let epoch = known.epoch();
    let mut question: Question = row.question().expect("a question");
    let (notes, sizes): (Vec<_>, Vec<_>) =
        electorate::certified_by(&mut conn, epoch, now).await.expect("a cut").into_iter().unzip();
    let opens = now.plus(epoch.charter.closing.opening_seconds);
    let roll = electorate::freeze(&mut conn, &known, epoch, &sizes, opens).await.expect("a roll");
    let rules = epoch.charter.rules_for(&question.decision_type).expect("rules");
    let least = epoch.charter.decision_type(&question.decision_type).expect("a type").minimum_seconds;
    let mut voting = Voting { opens, closes: opens.plus(least), rules, cut: notes, electorate: roll.digest() };
    change(&mut voting);
    question.voting = Some(voting);
    drop(conn);
    let body = Body::Question(Box::new(question));
    let inside = app.clone();
    let appended = app
        .db
        .write(async move |conn| journals::publish(conn, &inside, &known, body, now).await)
        .await
        .expect("an entry of the own journal");
    scene.work().await;
    (key, appended.statement.digest)
}

async fn state(scene: &Scene, key: &str) -> String {
    let shown = scene.get("", &format!("/api/v1/proposals/{key}")).await.expect(StatusCode::OK);
    shown["state"].as_str().expect("a state").to_owned()
}

#[tokio::test]
async fn an_honest_opening_opens() {
    let scene = Scene::new().await;
    let (key, _) = publish_opening(&scene, |_| {}).await;
    scene.pass(10).await;
    assert_eq!(state(&scene, &key).await, "open");
}

#[tokio::test]
async fn an_opening_that_is_too_short_opens_nothing_and_gets_no_signature_when_others_close_it() {
    let scene = Scene::new().await;
    let (key, digest) = publish_opening(&scene, |voting| voting.closes = voting.opens.plus(1)).await;
    scene.pass(10).await;
    assert_eq!(state(&scene, &key).await, "void");
    scene.pass(60).await;
    let message = cut_skip(&scene, digest).await;
    let refused = closing::receive(&scene.app, vec![message], scene.now()).await;
    assert!(refused.expect_err("it is not open here").to_string().contains("has not seen this vote open"));
    for _ in 0..20 {
        scene.pass(2).await;
    }
    assert_eq!(state(&scene, &key).await, "void");
}

/// A closing message that the node's own key has signed, as if a party had begun.
async fn cut_skip(scene: &Scene, proposal: Digest) -> SignedStatement {
    let mut conn = scene.app.db.read().await.expect("a connection");
    let known = standing::load(&mut conn).await.expect("a consortium");
    let body = Body::CutSkip { proposal, sitting: 0, round: 0 };
    journals::sign_in_epoch(&scene.app, &known, 0, body, scene.now()).expect("a signature")
}

#[tokio::test]
async fn a_roll_cut_from_before_a_member_came_opens_nothing() {
    let scene = Scene::new().await;
    let before = {
        let mut conn = scene.app.db.read().await.expect("a connection");
        let known = standing::load(&mut conn).await.expect("a consortium");
        let cut = electorate::certified_by(&mut conn, known.epoch(), scene.now()).await.expect("a cut");
        cut.into_iter().map(|(note, _)| note).collect::<Vec<_>>()
    };
    let request = scene.request("dora").await;
    let waiting = scene.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/requests/{}/endorse", waiting["id"].as_str().expect("an id"));
    scene.post(&scene.steward, &path, &serde_json::json!({})).await.expect(StatusCode::OK);
    scene.work().await;
    scene.pass(60).await;
    let stale = before.clone();
    let electorate = electorate_of(&scene, &stale).await;
    let (key, _) = publish_opening(&scene, |voting| {
        voting.cut = stale;
        voting.electorate = electorate(voting.opens);
    })
    .await;
    scene.pass(10).await;
    assert_eq!(state(&scene, &key).await, "void");
}

/// The digest of the electorate that these notes yield, for an opening at any time.
async fn electorate_of(scene: &Scene, notes: &[String]) -> impl FnOnce(Time) -> Digest + use<> {
    let mut conn = scene.app.db.read().await.expect("a connection");
    let known = standing::load(&mut conn).await.expect("a consortium");
    let epoch = known.epoch().clone();
    let sizes: Vec<_> = notes.iter().filter_map(|note| electorate::read_note(&epoch, note)).collect();
    let register = electorate::register(&mut conn, &known, &epoch, &sizes, scene.now()).await.expect("a register");
    move |opens| register.freeze(&epoch, opens).digest()
}

#[tokio::test]
async fn what_could_not_be_opened_is_proposed_anew_because_others_may_have_seen_it_open() {
    let scene = Scene::new().await;
    let (key, digest) = publish_opening(&scene, |voting| voting.closes = voting.opens.plus(1)).await;
    scene.pass(10).await;
    assert_eq!(state(&scene, &key).await, "void");
    let path = format!("/api/v1/proposals/{key}");
    let (token, refused) = (scene.token("collectivetools"), StatusCode::UNPROCESSABLE_ENTITY);
    scene.put(token, &path, &Scene::consent()).await.refused(refused, "void");
    scene.post(token, &format!("{path}/open"), &serde_json::json!({})).await.refused(refused, "void");
    // Should it be decided elsewhere, the decision finds its proposal.
    let mut conn = scene.app.db.read().await.expect("a connection");
    assert!(proposals::by_digest(&mut conn, digest).await.expect("a query").is_some());
}
