//! The time between closing and certification.

use axum::http::StatusCode;

use super::scene::Scene;

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
