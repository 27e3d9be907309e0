//! The charter is amended by decision: a new epoch on every node, and the next vote is counted by the new numbers.

use folkmoot_governance::fraction::Fraction;
use serde_json::{Value, json};

use crate::harness::people::{CONSUMER, PRODUCER};
use crate::harness::process::Database;
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_both_databases!(amended_strengths_count_in_the_next_vote);

async fn amended_strengths_count_in_the_next_vote(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let charter = consortium.nodes[0].public.get("/api/v1/charter").await?;
    let mut amended = charter["charter"].clone();
    amended["version"] = json!(2);
    for (class, strength) in amended["classes"].as_array_mut().into_iter().flatten().zip(["1/5", "3/5", "1/5"]) {
        class["strength"] = json!(strength);
    }
    let effect = json!({"type": "AmendCharter", "base": charter["digest"], "charter": amended});
    let vote = consortium.open(Draft::constitutional("Give the consumers more weight", effect)).await?;
    consortium.everybody_votes(&vote).await?;
    let decided = consortium.decided(&vote).await?;
    assert!(Counted(&decided).passed());
    assert_eq!(Counted(&decided).strength(PRODUCER)?, Fraction::new(2, 5), "the vote itself counts by the old charter");
    let epoch = |state: &Value| state["epoch"] == 1;
    for node in &consortium.nodes {
        node.until("/api/v1/consortium", "epoch 1 has begun", PATIENCE_SECONDS, epoch).await?;
        assert_eq!(node.public.get("/api/v1/charter").await?["version"], 2);
    }

    // A node that was down when the next vote was held learns of epoch and decision alike.
    let next = consortium.open(Draft::regular("Rent a second server")).await?;
    consortium.cast(&next, "producer-1", "disagree").await?;
    consortium.cast(&next, "consumer-1", "agree").await?;
    consortium.cast(&next, "person-1", "disagree").await?;
    consortium.journals_are_certified().await?;
    consortium.nodes[3].stop().await?;
    consortium.decided(&next).await?;
    consortium.nodes[3].start().await?;
    let decided = consortium.decided(&next).await?;
    assert_eq!(Counted(&decided).strength(CONSUMER)?, Fraction::new(3, 5));
    assert_eq!(Counted(&decided).result()?, Fraction::new(3, 5));
    assert!(Counted(&decided).passed());
    consortium.nobody_is_at_fault().await?;
    consortium.rebuild_changes_nothing(3, &next).await?;
    consortium.stop().await
}
