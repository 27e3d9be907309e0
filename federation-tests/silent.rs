//! Nodes that fall silent while a vote is closed: as many as may be faulty change nothing, one more delays it.

use folkmoot_governance::fraction::Fraction;
use futures_util::future::try_join_all;
use serde_json::Value;

use crate::harness::process::{Database, Node};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_sqlite!(
    first_chair_may_be_down,
    two_silent_nodes_of_four_delay_the_decision,
    eight_nodes_of_twelve_wait_nine_certify_and_the_others_catch_up,
);
// What twelve nodes add to four has nothing to do with the database.
on_postgres!(first_chair_may_be_down, two_silent_nodes_of_four_delay_the_decision);

async fn first_chair_may_be_down(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    let chair = consortium.chair_of(&vote)?;
    consortium.nodes[chair].stop().await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.nodes[chair].start().await?;
    assert_eq!(consortium.decided(&vote).await?["value"], decided["value"]);
    // The one that was away says so, too, and the others do not show it as silent any longer.
    consortium.everybody_agrees(&vote).await?;
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}

async fn two_silent_nodes_of_four_delay_the_decision(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    consortium.nodes[2].stop().await?;
    consortium.nodes[3].pause().await?;
    let explained = |proposal: &Value| {
        let why = proposal["closing"]["explanation"].as_str().unwrap_or_default();
        why.contains("2 of 4 nodes have answered, and 3 must agree")
    };
    let what = "it says that two nodes answer and three must";
    consortium.nodes[0].until(&vote.path(), what, PATIENCE_SECONDS, explained).await?;
    for node in &consortium.nodes[..2] {
        let register = node.public.get("/api/v1/decisions").await?;
        assert_eq!(register["decisions"], serde_json::json!([]), "two of four certified");
    }
    consortium.nodes[3].resume().await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.nodes[2].start().await?;
    assert_eq!(consortium.decided(&vote).await?["value"], decided["value"]);
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}

async fn eight_nodes_of_twelve_wait_nine_certify_and_the_others_catch_up(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(12).on(database).with_worked_example().found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(consortium.pace.voting_seconds)).await?;
    consortium.everybody_votes(&vote).await?;
    try_join_all(consortium.nodes[8..].iter_mut().map(Node::kill)).await?;
    let explained = |proposal: &Value| {
        let why = proposal["closing"]["explanation"].as_str().unwrap_or_default();
        why.contains("8 of 12 nodes have answered, and 9 must agree")
    };
    let what = "it says that eight nodes answer and nine must";
    consortium.nodes[0].until(&vote.path(), what, PATIENCE_SECONDS, explained).await?;
    for node in &consortium.nodes[..8] {
        let register = node.public.get("/api/v1/decisions").await?;
        assert_eq!(register["decisions"], serde_json::json!([]), "eight of twelve certified");
    }
    consortium.nodes[8].start().await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).result()?, Fraction::new(247, 360));
    try_join_all(consortium.nodes[9..].iter_mut().map(Node::start)).await?;
    assert_eq!(consortium.decided(&vote).await?["value"], decided["value"]);
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}
