//! Casting ballots, at the own node and with an own key.

use axum::http::StatusCode;
use folkmoot_governance::id::{ConsortiumId, Digest};
use folkmoot_governance::key::SecretKey;
use serde_json::{Value, json};

use super::scene::{DEVICE, Open, Scene};

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
