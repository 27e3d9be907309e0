//! A further party joins by decision: from the next epoch on its node is one of those that must agree.

use anyhow::Context;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use crate::harness::people::{AGREE, INDIVIDUAL, Member};
use crate::harness::process::{Database, Node};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_sqlite!(twelve_admit_a_thirteenth);
on_postgres!(four_admit_a_fifth);

async fn twelve_admit_a_thirteenth(database: Database) -> anyhow::Result<()> {
    check(Plan::new(12).on(database)).await
}

async fn four_admit_a_fifth(database: Database) -> anyhow::Result<()> {
    check(Plan::new(4).on(database)).await
}

async fn check(plan: Plan) -> anyhow::Result<()> {
    let before = plan.nodes;
    // So many of the parties may be faulty once the newcomer is one of them.
    let faulty = before / 3;
    let mut consortium = plan.found().await?;
    let mut newcomer = consortium.newcomer().await?;
    newcomer.run(&["consortium", "follow", &consortium.nodes[0].address]).await?;
    newcomer.start().await?;
    let shown = newcomer.public.get("/api/v1/node").await?;
    let key = shown["key"].as_str().context("a node shows its key")?;
    let party = json!({"name": newcomer.name, "node": format!("{}/actor", newcomer.address), "key": key});
    let effect = json!({"type": "AdmitParty", "party": party});
    let draft = Draft::constitutional("Welcome one more co-op", effect).lasting(consortium.pace.voting_seconds);
    let vote = consortium.open(draft).await?;
    consortium.everybody_votes(&vote).await?;
    assert!(Counted(&consortium.decided(&vote).await?).passed());

    consortium.nodes.push(newcomer);
    let one_more =
        |state: &Value| state["epoch"] == 1 && state["parties"].as_array().is_some_and(|p| p.len() == before + 1);
    for node in &consortium.nodes {
        let state = node.until("/api/v1/consortium", "one more party in epoch 1", PATIENCE_SECONDS, one_more).await?;
        assert_eq!((&state["faulty"], &state["quorum"]), (&json!(faulty), &json!(before + 1 - faulty)));
    }
    let member = Member { id: "person-3".into(), class: INDIVIDUAL, node: before, choice: AGREE };
    consortium.join(&member).await?;
    consortium.members.push(member);
    consortium.rolls_hold(consortium.members.len()).await?;

    // With so many of the others down, a quorum is left only with the newcomer: its signature decides.
    let draft = Draft::regular("Rent a second server").lasting(consortium.pace.voting_seconds);
    let next = consortium.open(draft).await?;
    let cast = consortium.everybody_votes(&next).await?;
    try_join_all(consortium.nodes[before - faulty..before].iter_mut().map(Node::kill)).await?;
    let decided = consortium.decided(&next).await?;
    assert_eq!(Counted(&decided).turnout(), (cast as u64, consortium.members.len() as u64));
    try_join_all(consortium.nodes[before - faulty..before].iter_mut().map(Node::start)).await?;
    assert_eq!(consortium.decided(&next).await?["value"], decided["value"]);
    consortium.nobody_is_at_fault().await?;
    consortium.rebuild_changes_nothing(before, &next).await?;
    consortium.stop().await
}
