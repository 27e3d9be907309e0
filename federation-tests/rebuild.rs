//! What a node shows is a function of what was signed: made anew, it is the same.

use serde_json::Value;

use crate::harness::process::Database;
use crate::harness::votes::Draft;
use crate::harness::{PATIENCE_SECONDS, Plan};

on_both_databases!(rebuilt_views_are_the_same);

async fn rebuilt_views_are_the_same(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    consortium.everybody_votes(&vote).await?;
    let decided = consortium.decided(&vote).await?;
    // Once all four have said that they hold the decision, nothing changes any more.
    let all_agree = |proposal: &Value| {
        let nodes = proposal["agreement"].as_array();
        nodes.is_some_and(|nodes| nodes.len() == 4 && nodes.iter().all(|node| node["state"] == "agree"))
    };
    consortium.nodes[1].until(&vote.path(), "all nodes agree", PATIENCE_SECONDS, all_agree).await?;
    consortium.journals_are_certified().await?;
    let paths = ["/api/v1/members", "/api/v1/consortium", "/api/v1/decisions", &vote.path()];
    let mut before = Vec::new();
    for path in paths {
        before.push(consortium.nodes[1].public.get(path).await?);
    }
    consortium.nodes[1].stop().await?;
    consortium.nodes[1].run(&["rebuild"]).await?;
    consortium.nodes[1].start().await?;
    for (path, before) in paths.into_iter().zip(before) {
        assert_eq!(consortium.nodes[1].public.get(path).await?, before, "{path}");
    }
    let after = consortium.decided(&vote).await?;
    assert_eq!((&after["value"], &after["certifiedOutcome"]), (&decided["value"], &decided["certifiedOutcome"]));
    consortium.stop().await
}
