//! Casting ballots, at the own node and with an own key.

use axum::http::StatusCode;
use folkmoot::actions::error::ActionError;
use folkmoot::actions::{count as counting, journals, project, rebuild, standing, view_ballots};
use folkmoot::storage::{entries, journals as rows, proposals};
use folkmoot_governance::ballot::SEQUENCE_MOST;
use folkmoot_governance::certification::fault;
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{ConsortiumId, Digest, JournalId, NodeId};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Body, Visibility};
use serde_json::{Value, json};

use super::closing::{faults, state as stated};
use super::database;
use super::scene::{DEVICE, Made, Open, Scene, device_key};

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn count(scene: &Scene, vote: &Open) -> Value {
    let path = format!("/api/v1/proposals/{}/count", vote.key);
    scene.get("", &path).await.expect(StatusCode::OK)["outcome"]["classes"].clone()
}

#[tokio::test]
async fn second_ballot_replaces_the_first() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let first = scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    let second = scene.cast(&vote, "ada", &["disagree"]).await.expect(StatusCode::CREATED);
    assert_eq!((first["sequence"].as_u64(), second["sequence"].as_u64()), (Some(1), Some(2)));
    let persons = &count(&scene, &vote).await[2];
    assert_eq!(
        (persons["cast"].as_u64(), persons["agree"].as_u64(), persons["disagree"].as_u64()),
        (Some(1), Some(0), Some(1))
    );
    let path = |receipt: &Value| format!("/api/v1/receipts/{}", receipt["ballot"].as_str().expect("a digest"));
    let followed = scene.get("", &path(&first)).await.expect(StatusCode::OK);
    assert_eq!((followed["counted"].as_bool(), followed["certified"].as_bool()), (Some(false), Some(false)));
    scene.pass(1).await;
    let followed = scene.get("", &path(&second)).await.expect(StatusCode::OK);
    assert_eq!((followed["counted"].as_bool(), followed["certified"].as_bool()), (Some(true), Some(true)));
    assert_eq!(followed["receipt"]["object"]["ballot"], second["ballot"]);
}

#[tokio::test]
async fn a_ballot_comes_neither_early_nor_late() {
    let scene = Scene::new().await;
    let draft = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{draft}/ballot");
    scene.post(scene.token("ada"), &path, &json!({"choices": ["agree"]})).await.refused(REFUSED, "draft");
    let vote = scene.announce(&Scene::consent()).await;
    scene.cast(&vote, "ada", &["agree"]).await.refused(REFUSED, "early");
    scene.pass_until(vote.opens).await;
    let early = scene.signed(&vote, 1, &[0]).sign();
    scene.pass_until(vote.closes).await;
    scene.cast(&vote, "ada", &["agree"]).await.refused(REFUSED, "late");
    scene.send_ballot(&early).await.refused(REFUSED, "late");
    assert!(count(&scene, &vote).await.as_array().expect("classes").iter().all(|class| class["cast"] == 0));
}

#[tokio::test]
async fn choices_fit_the_method() {
    let scene = Scene::new().await;
    let consent = scene.open(&Scene::consent()).await;
    scene.cast(&consent, "ada", &["maybe"]).await.refused(REFUSED, "unknown-option");
    scene.cast(&consent, "ada", &[]).await.refused(REFUSED, "nothing-chosen");
    scene.cast(&consent, "ada", &["agree", "disagree"]).await.refused(REFUSED, "too-many-chosen");
    scene.cast(&consent, "ada", &["block"]).await.refused(REFUSED, "block-without-reason");
    let mut single = Scene::consent();
    single["method"] = json!("single-choice");
    single["options"] = json!(["red", "green", "blue"]);
    let single = scene.open(&single).await;
    scene.cast(&single, "ada", &["red", "green"]).await.refused(REFUSED, "too-many-chosen");
    scene.cast(&single, "ada", &["agree"]).await.refused(REFUSED, "unknown-option");
    scene.cast(&single, "ada", &["green"]).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_block_needs_a_ground_of_the_charter() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{}/ballot", vote.key);
    let block =
        |ground: &str| json!({"choices": ["block"], "block": {"ground": ground, "text": "It binds us for years."}});
    scene.post(scene.token("ada"), &path, &block("bad mood")).await.refused(REFUSED, "unknown-ground");
    let charter = scene.get("", "/api/v1/charter").await.expect(StatusCode::OK);
    let ground = charter["charter"]["blocks"]["grounds"][0].as_str().expect("a ground");
    scene.post(scene.token("ada"), &path, &block(ground)).await.expect(StatusCode::CREATED);
    assert_eq!(count(&scene, &vote).await[2]["block"], 1);
}

#[tokio::test]
async fn nobody_votes_for_others_without_a_mandate_of_then_and_now() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{}/ballot", vote.key);
    let as_hypha = json!({"choices": ["agree"], "as": "hypha"});
    scene.post(scene.token("ada"), &path, &as_hypha).await.refused(REFUSED, "no-mandate");
    scene.post(&scene.steward, &path, &as_hypha).await.refused(REFUSED, "no-mandate");
    scene.post("", &path, &as_hypha).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    scene.post(scene.token("hypha"), &path, &as_hypha).await.expect(StatusCode::CREATED);
    scene
        .send("DELETE", &scene.steward, "/api/v1/mandates/hypha/hypha-delegate", None)
        .await
        .expect(StatusCode::NO_CONTENT);
    scene.post(scene.token("hypha"), &path, &as_hypha).await.refused(REFUSED, "no-mandate");
    // A mandate given after the roll was frozen is for the next vote.
    let late = json!({"organisation": "hypha", "holder": "ada"});
    scene.post(&scene.steward, "/api/v1/mandates", &late).await.expect(StatusCode::CREATED);
    scene.post(scene.token("ada"), &path, &as_hypha).await.refused(REFUSED, "no-mandate");
}

#[tokio::test]
async fn who_keeps_an_own_key_votes_with_it_alone() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    scene.cast(&vote, DEVICE, &["agree"]).await.refused(REFUSED, "own-key");
    let taken = scene.send_ballot(&scene.signed(&vote, 1, &[0]).sign()).await.expect(StatusCode::CREATED);
    assert_eq!((taken["member"].as_str(), taken["counts"].as_bool()), (Some(DEVICE), Some(true)));
    assert_eq!(count(&scene, &vote).await[2]["agree"], 1);
}

#[tokio::test]
async fn a_foreign_key_cannot_fill_a_seat() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let mut made = scene.signed(&vote, 1, &[0]);
    made.key = SecretKey::from_seed([9; 32]);
    let answer = scene.send_ballot(&made.clone().sign()).await;
    assert_eq!(answer.status, REFUSED, "{}", answer.text());
    made.ballot.index = 99;
    let answer = scene.send_ballot(&made.sign()).await;
    answer.refused(REFUSED, "not-on-the-roll");
    let mut other_seat = scene.signed(&vote, 1, &[0]);
    other_seat.ballot.index = 3;
    scene.send_ballot(&other_seat.sign()).await.refused(REFUSED, "wrong-key");
    assert!(count(&scene, &vote).await.as_array().expect("classes").iter().all(|class| class["cast"] == 0));
}

#[tokio::test]
async fn a_ballot_cannot_be_replayed_elsewhere() {
    let scene = Scene::new().await;
    let one = scene.open(&Scene::consent()).await;
    let two = scene.open(&Scene::consent()).await;
    let ballot = scene.signed(&one, 1, &[0]).sign();
    let mut value = ballot.to_value();
    value["object"]["proposal"] = json!(two.digest);
    let replayed = serde_json::to_vec(&value).expect("JSON");
    scene.send("POST", "", "/api/v1/ballots", Some(replayed)).await.refused(REFUSED, "ballot");
    let mut unknown = scene.signed(&one, 1, &[0]);
    unknown.ballot.proposal = Digest([1; 32]);
    scene.send_ballot(&unknown.sign()).await.refused(StatusCode::NOT_FOUND, "not-found");
    let mut foreign = scene.signed(&one, 1, &[0]);
    foreign.consortium = ConsortiumId(Digest([1; 32]));
    scene.send_ballot(&foreign.sign()).await.refused(REFUSED, "other-consortium");
    assert!(count(&scene, &two).await.as_array().expect("classes").iter().all(|class| class["cast"] == 0));
}

#[tokio::test]
async fn an_altered_ballot_is_refused_whatever_was_altered() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let ballot = scene.signed(&vote, 1, &[0]).sign().to_value();
    let altered = |pointer: &str, to: Value| {
        let mut value = ballot.clone();
        *value.pointer_mut(pointer).expect(pointer) = to;
        serde_json::to_vec(&value).expect("JSON")
    };
    for bytes in [
        altered("/object/choices", json!([2])),
        altered("/object/sequence", json!(9)),
        altered("/object/index", json!(4)),
        altered("/published", json!("2026-11-23T18:00:01Z")),
        altered("/folkmoot/epoch", json!(1)),
        altered("/proof/proofValue", json!("z1111")),
        altered("/type", json!("Like")),
    ] {
        let answer = scene.send("POST", "", "/api/v1/ballots", Some(bytes)).await;
        answer.refused(REFUSED, "ballot");
    }
    let mut more = ballot.clone();
    more["extra"] = json!(true);
    let bytes = serde_json::to_vec(&more).expect("JSON");
    scene.send("POST", "", "/api/v1/ballots", Some(bytes)).await.refused(REFUSED, "ballot");
    let twice = String::from_utf8(serde_json::to_vec(&ballot).expect("JSON")).expect("text");
    let twice = twice.replacen('{', "{\"type\":\"Create\",", 1);
    scene.send("POST", "", "/api/v1/ballots", Some(twice.into_bytes())).await.refused(REFUSED, "ballot");
    scene.send("POST", "", "/api/v1/ballots", Some(b"\xff\xfe".to_vec())).await.refused(REFUSED, "ballot");
    assert!(count(&scene, &vote).await.as_array().expect("classes").iter().all(|class| class["cast"] == 0));
}

#[tokio::test]
async fn the_same_ballot_again_gets_the_same_place() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let ballot = scene.signed(&vote, 1, &[0]).sign();
    let first = scene.send_ballot(&ballot).await.expect(StatusCode::CREATED);
    scene.pass(1).await;
    let again = scene.send_ballot(&ballot).await.expect(StatusCode::CREATED);
    assert_eq!((&first["position"], &first["ballot"]), (&again["position"], &again["ballot"]));
    assert_eq!(again["counts"], true);
}

#[tokio::test]
async fn a_lower_sequence_is_kept_and_not_counted() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    scene.send_ballot(&scene.signed(&vote, 5, &[0]).sign()).await.expect(StatusCode::CREATED);
    let lower = scene.send_ballot(&scene.signed(&vote, 4, &[2]).sign()).await.expect(StatusCode::CREATED);
    assert_eq!(lower["counts"], false);
    let persons = &count(&scene, &vote).await[2];
    assert_eq!((persons["agree"].as_u64(), persons["disagree"].as_u64()), (Some(1), Some(0)));
    let faults = scene.get("", "/api/v1/faults").await.expect(StatusCode::OK);
    assert_eq!(faults["faults"], json!([]));
}

#[tokio::test]
async fn a_vote_is_changed_a_hundred_times_and_the_last_ballot_stays() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    for sequence in 1..=100 {
        let choice = u32::from(sequence % 2 == 0) * 2;
        scene.send_ballot(&scene.signed(&vote, sequence, &[choice]).sign()).await.expect(StatusCode::CREATED);
    }
    let one_more = scene.signed(&vote, 101, &[0]).sign();
    scene.send_ballot(&one_more).await.refused(StatusCode::TOO_MANY_REQUESTS, "too-many");
    let persons = &count(&scene, &vote).await[2];
    assert_eq!((persons["agree"].as_u64(), persons["disagree"].as_u64()), (Some(0), Some(1)));
}

#[tokio::test]
async fn two_ballots_of_one_sequence_are_shown_as_a_fault() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let (one, two) = (scene.signed(&vote, 1, &[0]).sign(), scene.signed(&vote, 1, &[2]).sign());
    scene.send_ballot(&one).await.expect(StatusCode::CREATED);
    scene.send_ballot(&two).await.expect(StatusCode::CREATED);
    let faults = scene.get("", "/api/v1/faults").await.expect(StatusCode::OK);
    assert_eq!(
        (&faults["faults"][0]["kind"], faults["faults"][0]["evidence"].as_array().map(Vec::len)),
        (&json!("two-ballots"), Some(2))
    );
    // The one with the smaller digest counts, on every node.
    let persons = &count(&scene, &vote).await[2];
    let counted = if one.digest < two.digest { "agree" } else { "disagree" };
    assert_eq!((persons["cast"].as_u64(), persons[counted].as_u64()), (Some(1), Some(1)));
}

/// Anybody may ask for a proof, and a journal is long.
#[tokio::test]
async fn the_leaves_of_a_proof_are_read_once() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let cast = scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    scene.pass(1).await;
    let path = format!("/api/v1/receipts/{}", cast["ballot"].as_str().expect("a digest"));
    let shown = scene.get("", &path).await.expect(StatusCode::OK);
    assert!(shown["inclusion"]["path"].as_array().is_some_and(|path| !path.is_empty()), "{shown}");
    let altered = scene.app.db.write(async |conn| database::run(conn, "UPDATE entries SET leaf = digest").await);
    altered.await.expect("other leaves");
    assert_eq!(scene.get("", &path).await.expect(StatusCode::OK), shown);
}

/// What another node put into its journal, as this one mirrors it.
async fn mirror(scene: &Scene, statements: Vec<SignedStatement>) {
    let liar: NodeId = "https://liar.example/actor".parse().expect("an address");
    let journal = JournalId::new(scene.consortium, &liar, &[9; 32]);
    let (app, now) = (scene.app.clone(), scene.now());
    let stored = scene.app.db.write(async move |conn| {
        let known = standing::lock(conn).await?;
        rows::lock_or_create(conn, &journal, &liar, false).await?;
        for signed in &statements {
            let entry = journals::new_entry(&journal, signed, Visibility::Public, now);
            let position = entries::append(conn, &entry).await?;
            project::apply(conn, &app, &known, &journal, position, signed, now).await?;
        }
        Ok::<_, ActionError>(())
    });
    stored.await.expect("it is stored");
}

/// As when the checkpoint that shows the opening is still on its way.
async fn announce_again(scene: &Scene, vote: &Open) {
    let opening = vote.digest;
    let set = scene.app.db.write(async move |conn| proposals::set_state(conn, opening, "announced").await);
    set.await.expect("it is announced");
}

fn with_key(mut made: Made, seed: u8) -> Made {
    made.key = SecretKey::from_seed([seed; 32]);
    made
}

/// The last sequence of the member with the own key, and how many have voted, as the node tells everybody.
async fn told(scene: &Scene, vote: &Open) -> (Option<u64>, Option<u64>) {
    let path = format!("/api/v1/proposals/{}", vote.key);
    let seat = scene.get("", &format!("{path}/seats/{DEVICE}")).await.expect(StatusCode::OK);
    let shown = scene.get("", &path).await.expect(StatusCode::OK);
    (seat["sequence"].as_u64(), shown["electorate"]["cast"].as_u64())
}

async fn has_voted(scene: &Scene, vote: &Open, index: u32) -> bool {
    let mut conn = scene.app.db.read().await.expect("a connection");
    let known = standing::load(&mut conn).await.expect("a consortium");
    let vote = counting::load_vote(&mut conn, &scene.app, &known, vote.digest).await.expect("a vote");
    let seat = vote.roll.seat(index).expect("a seat");
    view_ballots::have_voted(&mut conn, &vote, &[seat]).await.expect("an answer")
}

#[tokio::test]
async fn ballots_by_keys_that_are_not_the_seats_hinder_nobody_and_count_nowhere() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let seat = scene.signed(&vote, 1, &[2]).ballot.index;
    let mut junk: Vec<_> =
        (100..210).map(|seed| with_key(scene.signed(&vote, u64::from(seed), &[2]), seed).sign()).collect();
    junk.push(with_key(scene.signed(&vote, SEQUENCE_MOST, &[2]), 99).sign());
    let page = format!("/ballots/{}", junk[0].digest);
    mirror(&scene, junk).await;
    assert_eq!(scene.get("", &page).await.status, StatusCode::NOT_FOUND, "it says what nobody chose");
    assert_eq!((told(&scene, &vote).await, has_voted(&scene, &vote, seat).await), ((Some(0), Some(0)), false));
    let taken = scene.send_ballot(&scene.signed(&vote, 1, &[0]).sign()).await.expect(StatusCode::CREATED);
    assert_eq!(taken["counts"], true);
    assert_eq!((told(&scene, &vote).await, has_voted(&scene, &vote, seat).await), ((Some(1), Some(1)), true));
    assert_eq!(count(&scene, &vote).await[2]["agree"], 1);
}

#[tokio::test]
async fn what_another_node_carries_of_a_member_does_not_close_the_door_here() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let changed = (1..=120).map(|sequence| scene.signed(&vote, sequence, &[2]).sign());
    // No node would take these: there is no such choice.
    let unusable = (1000..1050).map(|sequence| scene.signed(&vote, sequence, &[9]).sign());
    mirror(&scene, changed.chain(unusable).collect()).await;
    assert_eq!(told(&scene, &vote).await, (Some(120), Some(1)));
    let taken = scene.send_ballot(&scene.signed(&vote, 121, &[0]).sign()).await.expect(StatusCode::CREATED);
    assert_eq!(taken["counts"], true);
    let persons = &count(&scene, &vote).await[2];
    assert_eq!((persons["agree"].as_u64(), persons["disagree"].as_u64()), (Some(1), Some(0)));
}

#[tokio::test]
async fn no_door_takes_a_ballot_before_it_is_certain_that_the_vote_opened() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    announce_again(&scene, &vote).await;
    let signed = scene.signed(&vote, 1, &[0]).sign();
    scene.cast(&vote, "ada", &["agree"]).await.refused(REFUSED, "unsettled");
    scene.send_ballot(&signed).await.refused(REFUSED, "unsettled");
    scene.work().await;
    scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    scene.send_ballot(&signed).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_sequence_far_above_the_time_is_refused() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let most = u64::try_from(scene.now().0).expect("after 1970") + 86_400;
    for sequence in [most + 1, SEQUENCE_MOST] {
        let why = scene.send_ballot(&scene.signed(&vote, sequence, &[0]).sign()).await.refused(REFUSED, "sequence");
        assert!(why.contains("seconds since 1970"), "{why}");
    }
    scene.send_ballot(&scene.signed(&vote, most, &[0]).sign()).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn a_holder_with_an_own_key_votes_as_long_as_the_mandate_lasts() {
    let scene = Scene::new().await;
    let key = SecretKey::from_seed([8; 32]).public();
    let mandate = json!({"organisation": "hypha", "holder": "noor", "name": "Noor", "key": key});
    scene.post(&scene.steward, "/api/v1/mandates", &mandate).await.expect(StatusCode::CREATED);
    scene.pass(1).await;
    let vote = scene.open(&Scene::consent()).await;
    let ballot = |sequence| {
        let mut made = with_key(scene.signed(&vote, sequence, &[0]), 8);
        made.ballot.index = 1;
        made.sign()
    };
    let taken = scene.send_ballot(&ballot(1)).await.expect(StatusCode::CREATED);
    assert_eq!(taken["member"], "hypha");
    let path = "/api/v1/mandates/hypha/noor";
    scene.send("DELETE", &scene.steward, path, None).await.expect(StatusCode::NO_CONTENT);
    scene.send_ballot(&ballot(2)).await.refused(REFUSED, "no-mandate");
    let replaced = scene.cast(&vote, "hypha", &["disagree"]).await.expect(StatusCode::CREATED);
    assert_eq!(replaced["sequence"], 2);
    // Another node took one all the same, which the frozen roll allows.
    mirror(&scene, vec![ballot(SEQUENCE_MOST)]).await;
    let why = scene.cast(&vote, "hypha", &["disagree"]).await.refused(REFUSED, "sequence");
    assert!(why.contains("hypha") && why.contains("mandate"), "{why}");
}

/// Two ballots with one sequence.
fn pair(scene: &Scene, vote: &Open, sequence: u64, key: &SecretKey) -> [SignedStatement; 2] {
    [0, 2].map(|choice| {
        let mut made = scene.signed(vote, sequence, &[choice]);
        made.key = key.clone();
        made.sign()
    })
}

#[tokio::test]
async fn two_ballots_of_one_sequence_are_a_fault_whatever_nodes_they_came_through() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let [one, two] = pair(&scene, &vote, 1, &device_key());
    scene.send_ballot(&one).await.expect(StatusCode::CREATED);
    assert_eq!(faults(&scene).await, Vec::<Value>::new());
    mirror(&scene, vec![two]).await;
    assert_eq!(faults(&scene).await, [json!(["two-ballots", device_key().public().did()])]);
}

#[tokio::test]
async fn ballots_by_an_invented_key_prove_nothing_and_those_of_a_member_prove_it_once() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let invented = pair(&scene, &vote, 1, &SecretKey::from_seed([100; 32]));
    let nowhere = [0, 2].map(|choice| {
        let mut made = scene.signed(&vote, 1, &[choice]);
        made.ballot.proposal = Digest([1; 32]);
        made.sign()
    });
    let report = |both: &[SignedStatement; 2]| {
        stated(&scene, 0, Body::Fault(fault::find(&both[0], &both[1]).expect("a contradiction")))
    };
    let reports = vec![report(&invented), report(&nowhere)];
    mirror(&scene, invented.into_iter().chain(nowhere).chain(reports).collect()).await;
    assert_eq!(faults(&scene).await, Vec::<Value>::new());
    let reports = [1, 2].map(|sequence| report(&pair(&scene, &vote, sequence, &device_key())));
    mirror(&scene, reports.to_vec()).await;
    assert_eq!(faults(&scene).await, [json!(["two-ballots", device_key().public().did()])]);
}

#[tokio::test]
async fn contradictions_that_came_before_the_vote_opened_are_found_when_it_opens() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    announce_again(&scene, &vote).await;
    let invented = pair(&scene, &vote, 1, &SecretKey::from_seed([100; 32]));
    let real = pair(&scene, &vote, 1, &device_key());
    mirror(&scene, invented.into_iter().chain(real).collect()).await;
    assert_eq!(faults(&scene).await, Vec::<Value>::new());
    scene.work().await;
    assert_eq!(faults(&scene).await, [json!(["two-ballots", device_key().public().did()])]);
    assert_eq!(rebuild::rebuild(&scene.app).await.expect("a rebuild"), []);
}
