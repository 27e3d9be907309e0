//! The consortium falls into two halves while a vote is closed; neither may decide alone.

use serde_json::{Value, json};

use crate::harness::process::Database;
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_both_databases!(two_halves_decide_only_when_they_meet_again);

async fn two_halves_decide_only_when_they_meet_again(database: Database) -> anyhow::Result<()> {
    let consortium = Plan::new(4).on(database).found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    consortium.partition(&[0, 1], &[2, 3]);
    consortium.voting_is_over(&vote).await?;
    for node in [&consortium.nodes[0], &consortium.nodes[3]] {
        let alone = |p: &Value| p["closing"]["stage"] == "agreeing" && p["closing"]["answered"] == 2;
        node.until(&vote.path(), "both nodes of this half have answered", PATIENCE_SECONDS, alone).await?;
        assert_eq!(node.public.get("/api/v1/decisions").await?["decisions"], json!([]), "half a consortium decided");
    }
    consortium.links.heal();
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}
