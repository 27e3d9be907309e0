//! The consortium falls into two halves while a vote is closed; neither may decide alone.

use serde_json::{Value, json};

use crate::harness::process::Database;
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_sqlite!(two_halves_decide_only_when_they_meet_again, two_halves_of_twelve_decide_only_when_they_meet_again);
on_postgres!(two_halves_decide_only_when_they_meet_again);

async fn two_halves_decide_only_when_they_meet_again(database: Database) -> anyhow::Result<()> {
    check(Plan::new(4).on(database)).await
}

async fn two_halves_of_twelve_decide_only_when_they_meet_again(database: Database) -> anyhow::Result<()> {
    check(Plan::new(12).on(database)).await
}

/// Everybody votes; then the links between the two halves are cut until each has said all it can.
async fn check(plan: Plan) -> anyhow::Result<()> {
    let half = plan.nodes / 2;
    let consortium = plan.found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(consortium.pace.voting_seconds)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    let positions: Vec<usize> = (0..consortium.nodes.len()).collect();
    let (left, right) = positions.split_at(half);
    consortium.partition(left, right);
    consortium.voting_is_over(&vote).await?;
    let alone = |p: &Value| p["closing"]["stage"] == "agreeing" && p["closing"]["answered"] == half;
    for node in &consortium.nodes {
        node.until(&vote.path(), "all of its half have answered, and nobody else", PATIENCE_SECONDS, alone).await?;
    }
    for node in &consortium.nodes {
        assert_eq!(node.public.get("/api/v1/decisions").await?["decisions"], json!([]), "half a consortium decided");
    }
    consortium.links.heal();
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}
