//! A node that was down when a vote opened: once it is back, its members vote like everybody else.

use crate::harness::people::AGREE;
use crate::harness::process::Database;
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_both_databases!(members_of_a_node_that_was_down_at_the_opening_still_vote);

async fn members_of_a_node_that_was_down_at_the_opening_still_vote(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    consortium.nodes[2].stop().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(18)).await?;
    // More entries, so that the newest checkpoint is another one than that by which the vote was opened.
    consortium.cast(&vote, "producer-1", "agree").await?;
    consortium.journals_are_certified().await?;
    consortium.nodes[2].start().await?;
    let open = |proposal: &serde_json::Value| proposal["state"] == "open";
    consortium.nodes[2].until(&vote.path(), "the vote is open here too", PATIENCE_SECONDS, open).await?;
    let here = |member: &&crate::harness::people::Member| member.node == 2 && member.choice == AGREE;
    let voter = consortium.members.iter().find(here).map(|member| member.id.clone());
    consortium.cast(&vote, &voter.expect("somebody at home there votes"), "agree").await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, 2);
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}
