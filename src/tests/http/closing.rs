//! The time between closing and certification.

use axum::http::StatusCode;

use folkmoot::actions::error::ActionError;
use folkmoot::actions::{closing, count, decide, electorate, standing};
use folkmoot::charters;
use folkmoot::storage::{Conn, closings};
use folkmoot_governance::certification::Certificate;
use folkmoot_governance::certification::message::{Subject, proposal_body};
use folkmoot_governance::certification::record::{Message, NodeIndex, Said};
use folkmoot_governance::certification::simplex::{Closing, Config, Input, Timing};
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::extract::cut_digest;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::journal::SignedCheckpoint;
use folkmoot_governance::statement::{Body, CutProposal, Decision, Justification, Signer};
use folkmoot_governance::tally;
use serde_json::{Value, json};

use super::scene::{Open, Scene};

const OTHER: Digest = Digest([9; 32]);

#[tokio::test]
async fn while_the_nodes_count_the_node_says_what_is_awaited() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{}", vote.key);
    assert!(scene.get("", &path).await.expect(StatusCode::OK)["closing"].is_null());
    scene.pass_until(vote.closes).await;
    let shown = scene.get("", &path).await.expect(StatusCode::OK);
    assert_eq!((shown["state"].as_str(), shown["closing"]["stage"].as_str()), (Some("counting"), Some("settling")));
    let words = shown["closing"]["explanation"].as_str().expect("words");
    assert!(words.starts_with("Voting is over."), "{words}");
    assert_eq!(shown["agreement"][0]["state"], "silent");
}

#[tokio::test]
async fn the_signed_messages_of_a_closing_are_there_for_everybody() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    scene.decide(&vote).await;
    let path = format!("/api/v1/proposals/{}/closing", vote.key);
    let closing = scene.get("", &path).await.expect(StatusCode::OK);
    let kinds: Vec<_> =
        closing["messages"].as_array().expect("a list").iter().map(|m| m["object"]["type"].clone()).collect();
    for kind in ["CutProposal", "CutVote", "CutFinal"] {
        assert!(kinds.contains(&kind.into()), "{kind} in {kinds:?}");
    }
}

#[tokio::test]
async fn a_page_of_messages_holds_whole_rounds_and_at_least_one() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let said = |(by, round)| closings::MessageRow {
        proposal: vote.digest,
        sitting: 0,
        said: Said { by: NodeIndex(by), message: Message::Skip { round } },
        digest: OTHER,
        bytes: br#"{"ten": 1}"#.to_vec(),
        own: false,
    };
    let rows = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (0, 4)].map(said);
    let write = async move |conn: &mut Conn| {
        for row in &rows {
            closings::put_message(conn, row).await?;
        }
        Ok::<_, ActionError>(())
    };
    scene.app.db.write(write).await.expect("stored");
    let page = async |from, most| {
        let (items, next) = closing::messages(&scene.app, vote.digest, from, most).await.expect("a page");
        (items.len(), next)
    };
    for (most, expected) in [(0, (2, Some(1))), (49, (2, Some(1))), (50, (5, Some(4))), (60, (6, None))] {
        assert_eq!(page(0, most).await, expected, "{most} bytes");
    }
    assert_eq!([page(1, 30).await, page(2, 30).await, page(5, 30).await], [(3, Some(4)), (1, None), (0, None)]);
}

/// As this node signs: the tests hold its key.
pub fn state(scene: &Scene, epoch: u64, body: Body) -> SignedStatement {
    let signer = Signer::Node(scene.app.node.clone());
    let unsigned = Unsigned { signer, published: scene.now(), consortium: scene.consortium, epoch, body };
    unsigned.sign(&scene.app.keys.statement).expect("a statement")
}

/// The notes of all that is certified by now, and the value of that cut.
async fn own_cut(scene: &Scene, vote: &Open) -> (Vec<String>, Digest) {
    let mut conn = scene.app.db.read().await.expect("a connection");
    let known = standing::load(&mut conn).await.expect("a consortium");
    let loaded = count::load_vote(&mut conn, &scene.app, &known, vote.digest).await.expect("a vote");
    let certified = electorate::certified_by(&mut conn, &loaded.epoch, scene.now()).await.expect("a cut");
    let (notes, sizes): (Vec<_>, Vec<_>) = certified.into_iter().unzip();
    let outcome = count::count(&mut conn, &known, &loaded, &sizes).await.expect("a count");
    (notes, tally::value(vote.digest, 0, cut_digest(&sizes), outcome.digest()))
}

/// A vote that is over, with the notes of its cut, the value of it, and notes from before the ballot.
async fn closed(scene: &Scene) -> (Open, Vec<String>, Digest, Vec<String>) {
    let vote = scene.open(&Scene::consent()).await;
    let (before, _) = own_cut(scene, &vote).await;
    scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    scene.pass_until(vote.closes).await;
    let (notes, value) = own_cut(scene, &vote).await;
    assert_ne!(before, notes, "the ballot is certified");
    (vote, notes, value, before)
}

/// The first chair's proposal of a value, with any notes.
fn proposal(scene: &Scene, vote: &Open, value: Digest, notes: &[String]) -> SignedStatement {
    let subject = Subject { proposal: vote.digest, sitting: 0 };
    state(scene, 0, proposal_body(subject, 0, value, notes.to_vec(), &[]))
}

async fn hear(scene: &Scene, statement: SignedStatement) {
    closing::receive(&scene.app, vec![statement], scene.now()).await.expect("it is heard");
}

async fn on_record(scene: &Scene, vote: &Open) -> usize {
    closing::messages(&scene.app, vote.digest, 0, 1 << 20).await.expect("a page").0.len()
}

#[tokio::test]
async fn the_right_value_with_a_worthless_cut_comes_on_no_record_and_stops_nothing() {
    let scene = Scene::new().await;
    let (vote, notes, value, before) = closed(&scene).await;
    // Text, empty line and the journal's own signature, without the cosignatures.
    let bare = |note: &String| note.lines().take(5).map(|line| format!("{line}\n")).collect();
    let without: Vec<String> = notes.iter().map(bare).collect();
    // One whose leaves never come.
    let mut beyond: SignedCheckpoint = notes[0].parse().expect("a note");
    beyond.checkpoint.size += 1;
    let mut beyond = beyond.checkpoint.sign(&scene.app.keys.statement);
    let line = beyond.checkpoint.cosign(&scene.app.node, &scene.app.keys.statement, scene.now());
    beyond.signatures.push(line);
    for worthless in [Vec::new(), without, before, vec![beyond.to_string()]] {
        hear(&scene, proposal(&scene, &vote, value, &worthless)).await;
        assert_eq!(on_record(&scene, &vote).await, 0);
    }
    assert_eq!(scene.decide(&vote).await["value"], value.to_string());
}

#[tokio::test]
async fn a_worthless_cut_is_not_held_against_its_value() {
    let scene = Scene::new().await;
    let (vote, notes, value, before) = closed(&scene).await;
    // As if this node had not known the last checkpoint in time: its own value is another, and it has to recount.
    let (digest, snapshot) = (vote.digest, serde_json::to_vec(&before).expect("notes"));
    let frozen = scene.app.db.write(async move |conn| closings::put_snapshot(conn, digest, 0, &snapshot).await);
    frozen.await.expect("a snapshot");
    for notes in [Vec::new(), before, notes] {
        hear(&scene, proposal(&scene, &vote, value, &notes)).await;
    }
    assert_eq!(on_record(&scene, &vote).await, 0, "while one is held, the next one waits");
    scene.pass(2).await;
    assert_eq!(on_record(&scene, &vote).await, 1);
    assert_eq!(scene.decide(&vote).await["value"], value.to_string());
}

#[tokio::test]
async fn a_worthless_cut_that_an_earlier_release_took_on_record_is_forgotten() {
    let scene = Scene::new().await;
    let (vote, _, value, _) = closed(&scene).await;
    let (me, rules) = (NodeIndex(0), charters::ocm_demo(1).expect("the preset").closing);
    let timing = Timing::new(vote.closes, &rules);
    let mut machine = Closing::new(Config { me: Some(me), order: vec![me], quorum: 1, timing });
    machine.step(scene.now(), Input::Proposed { by: me, round: 0, value, enclosed: Vec::new() });
    let mut machine = serde_json::to_value(&machine).expect("a machine");
    machine.as_object_mut().and_then(|machine| machine.remove("judged")).expect("earlier releases did not know it");
    let machine = machine.to_string().into_bytes();
    let signed = proposal(&scene, &vote, value, &[]);
    let row = closings::MessageRow {
        proposal: vote.digest,
        sitting: 0,
        said: Said { by: me, message: Message::Propose { round: 0, value } },
        digest: signed.digest,
        bytes: signed.bytes,
        own: false,
    };
    let write = async move |conn: &mut Conn| {
        closings::put_message(conn, &row).await?;
        closings::put_machine(conn, row.proposal, 0, &machine, false, Time(0)).await?;
        Ok::<_, ActionError>(())
    };
    scene.app.db.write(write).await.expect("stored");
    assert_eq!(scene.decide(&vote).await["value"], value.to_string());
}

pub fn other_final(scene: &Scene, vote: &Open) -> SignedStatement {
    state(scene, 0, Body::CutFinal { proposal: vote.digest, sitting: 0, round: 0, value: OTHER })
}

pub async fn faults(scene: &Scene) -> Vec<Value> {
    let answer = scene.get("", "/api/v1/faults").await.expect(StatusCode::OK);
    let kinds = answer["faults"].as_array().expect("a list").iter();
    kinds.map(|fault| json!([fault["kind"], fault["culprit"]])).collect()
}

#[tokio::test]
async fn a_lie_that_arrives_after_the_decision_is_still_proven_once() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    scene.decide(&vote).await;
    assert_eq!(faults(&scene).await, Vec::<Value>::new());
    for _ in 0..2 {
        let late = other_final(&scene, &vote);
        closing::receive(&scene.app, vec![late], scene.now()).await.expect("it is heard");
        assert_eq!(faults(&scene).await, [json!(["two-finals", scene.app.node])]);
    }
}

#[tokio::test]
async fn two_valid_certificates_change_nothing_and_name_who_made_them_possible() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let decision = scene.decide(&vote).await;
    let proposed = state(
        &scene,
        0,
        Body::CutProposal(Box::new(CutProposal {
            proposal: vote.digest,
            sitting: 0,
            round: 0,
            value: OTHER,
            cut: Vec::new(),
            justification: Justification::default(),
        })),
    );
    let finals = [other_final(&scene, &vote)];
    let certificate = Certificate::assemble(&proposed, &finals).expect("a certificate");
    let other = Decision { proposal: vote.digest, outcome: json!({}), certificate };
    let mut unsigned = other.clone();
    unsigned.certificate.finals.clear();
    for (decision, named) in [(unsigned, vec![]), (other, vec![json!(["two-finals", scene.app.node])])] {
        let (app, now) = (scene.app.clone(), scene.now());
        let adopt = scene.app.db.write(async move |conn| {
            let standing = standing::load(conn).await?;
            decide::adopt(conn, &app, &standing, &decision, now, now).await
        });
        assert!(adopt.await.expect("it is looked at"));
        assert_eq!(faults(&scene).await, named);
    }
    let after = scene.get("", &format!("/api/v1/decisions/{}", vote.key)).await.expect(StatusCode::OK);
    assert_eq!((&after["value"], &after["certifiedOutcome"]), (&decision["value"], &decision["certifiedOutcome"]));
}
