//! The register, and what anybody can check a decision with.

use axum::http::{StatusCode, header};
use folkmoot::storage::decisions;
use serde_json::{Value, json};

use super::scene::{DEVICE, Open, Scene};

/// Both producers and a person agree, an organisation disagrees, one person abstains.
async fn decided() -> (Scene, Open, Value) {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    for (login, choice) in [
        ("collectivetools", "agree"),
        ("hypha", "agree"),
        ("harbour", "disagree"),
        ("ada", "abstain"),
        ("bilal", "agree"),
    ] {
        scene.cast(&vote, login, &[choice]).await.expect(StatusCode::CREATED);
    }
    let decision = scene.decide(&vote).await;
    (scene, vote, decision)
}

#[tokio::test]
async fn a_certified_decision_states_its_count_and_its_digests() {
    let (scene, vote, decision) = decided().await;
    assert_eq!(decision["passed"], true);
    assert_eq!(decision["proposal"], vote.digest.to_string());
    // 2/5 + 1/4 of the whole: producers and persons agree, the organisation does not.
    assert_eq!(decision["outcome"]["result"], "13/20");
    let classes = &decision["outcome"]["classes"];
    assert_eq!((classes[0]["agree"].as_u64(), classes[0]["share"].as_str()), (Some(2), Some("1")));
    assert_eq!(
        (classes[2]["cast"].as_u64(), classes[2]["abstain"].as_u64(), classes[2]["eligible"].as_u64()),
        (Some(2), Some(1), Some(3))
    );
    assert_eq!(
        decision["agreement"],
        json!([{
            "name": "CollectiveTools", "node": "https://tools.example/actor", "state": "agree",
            "at": decision["agreement"][0]["at"],
        }])
    );
    for name in ["proposal", "value", "cut", "outcome", "certificate"] {
        assert_eq!(decision["digests"][name].as_str().map(str::len), Some(64), "{name}");
    }
    assert!(decision["sentences"][0].as_str().is_some_and(|text| !text.is_empty()));
    let shown = scene.get("", &format!("/api/v1/proposals/{}", vote.key)).await.expect(StatusCode::OK);
    assert_eq!((shown["state"].as_str(), &shown["number"]), (Some("passed"), &decision["number"]));
}

#[tokio::test]
async fn the_certified_count_is_the_one_that_was_provisional() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/proposals/{}/count", vote.key);
    let before = scene.get("", &path).await.expect(StatusCode::OK);
    scene.decide(&vote).await;
    let after = scene.get("", &path).await.expect(StatusCode::OK);
    assert_eq!((before["provisional"].as_bool(), after["provisional"].as_bool()), (Some(true), Some(false)));
    assert_eq!(before["provisionalOutcome"], after["certifiedOutcome"]);
}

#[tokio::test]
async fn counted_ballots_can_be_taken_away_as_csv_and_json() {
    let (scene, _, decision) = decided().await;
    let path = format!("/api/v1/decisions/{}/ballots", decision["number"]);
    let json = scene.get("", &format!("{path}.json")).await.expect(StatusCode::OK);
    let ballots = json["ballots"].as_array().expect("a list");
    assert_eq!(ballots.len(), 5);
    assert!(ballots.iter().all(|ballot| ballot["member"] != DEVICE));
    let csv = scene.get("", &format!("{path}.csv")).await;
    assert!(csv.headers[header::CONTENT_TYPE].to_str().expect("text").starts_with("text/csv"));
    let text = csv.text();
    assert_eq!(text.lines().count(), 6);
    for ballot in ballots {
        assert!(text.contains(ballot["ballot"].as_str().expect("a digest")), "{ballot}");
    }
}

#[tokio::test]
async fn the_register_is_searched_by_words() {
    let (scene, _, decision) = decided().await;
    let found = async |q: &str| {
        let list = scene.get("", &format!("/api/v1/decisions?q={q}")).await.expect(StatusCode::OK);
        list["decisions"].as_array().expect("a list").iter().map(|line| line["number"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(found("SERVER").await, [decision["number"].clone()]);
    assert_eq!(found("full").await, [decision["number"].clone()]);
    assert_eq!(found("bicycle").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_withdrawn_proposal_is_never_a_decision() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{}/withdraw", vote.key);
    scene.post(&scene.steward, &path, &json!({"reason": "We found one."})).await.expect(StatusCode::CREATED);
    scene.pass_until(vote.closes).await;
    for _ in 0..10 {
        scene.pass(2).await;
    }
    let shown = scene.get("", &format!("/api/v1/proposals/{}", vote.key)).await.expect(StatusCode::OK);
    assert_eq!(shown["state"], "withdrawn");
    let register = scene.get("", "/api/v1/decisions").await.expect(StatusCode::OK);
    assert_eq!(register["decisions"], json!([]));
}

#[tokio::test]
async fn the_bundle_verifies_without_the_node_and_says_what_the_node_says() {
    let (scene, vote, decision) = decided().await;
    let path = format!("/api/v1/decisions/{}/bundle", decision["number"]);
    let bundle = scene.get("", &path).await;
    assert_eq!(bundle.status, StatusCode::OK, "{}", bundle.text());
    assert_eq!(bundle.headers[header::CONTENT_TYPE], "application/vnd.folkmoot.bundle+json");
    let mut fixed = |bytes: &mut [u8]| bytes.fill(7);
    let report = folkmoot_governance::bundle::verify(&bundle.body, &mut fixed).expect("the bundle verifies");
    assert_eq!(report.proposal, vote.digest);
    assert_eq!(report.value.to_string(), decision["value"]);
    assert_eq!(json!(report.outcome), decision["certifiedOutcome"]);
}

/// Decisions are ranked among the openings of their cuts, and the cuts of two may differ in one that never became valid.
#[tokio::test]
async fn decisions_that_share_a_number_are_asked_for_by_their_keys() {
    let (scene, first, decision) = decided().await;
    let second = scene.open(&Scene::consent()).await;
    scene.decide(&second).await;
    let (number, proposal) = (decision["number"].as_u64(), second.digest);
    let share = scene.app.db.write(async move |conn| {
        let mut row = decisions::find(conn, proposal, 0).await?.expect("a decision");
        let certificate = decisions::certificate(conn, proposal, 0).await?.expect("its certificate");
        (row.sitting, row.number) = (1, number);
        decisions::put(conn, &row, &certificate).await
    });
    share.await.expect("a second decision of this number");
    let path = format!("/api/v1/decisions/{}", decision["number"]);
    let detail = scene.get("", &path).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "ambiguous");
    assert!(detail.contains(&first.key) && detail.contains(&second.key), "{detail}");
    for vote in [&first, &second] {
        let shown = scene.get("", &format!("/api/v1/decisions/{}", vote.key)).await.expect(StatusCode::OK);
        assert_eq!(shown["proposal"], vote.digest.to_string());
        assert_eq!(scene.get("", &format!("/decisions/{}", vote.key)).await.status, StatusCode::OK);
    }
}
