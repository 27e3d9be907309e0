//! A further party joins by decision: its node takes part from the next epoch on.

use anyhow::Context;
use serde_json::{Value, json};

use crate::harness::process::{Database, Node};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn admitted_party_takes_part_in_the_next_epoch() -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).found().await?;
    let root = consortium.root.as_ref().context("kept")?.path().to_owned();
    let mut newcomer = Node::init(4, &root, &consortium.links, Database::Sqlite).await?;
    newcomer.run(&["consortium", "follow", &consortium.nodes[0].address]).await?;
    newcomer.start().await?;
    let shown = newcomer.public.get("/api/v1/node").await?;
    let key = shown["key"].as_str().context("a node shows its key")?;
    let party = json!({"name": newcomer.name, "node": format!("{}/actor", newcomer.address), "key": key});
    let effect = json!({"type": "AdmitParty", "party": party});
    let vote = consortium.open(Draft::constitutional("Welcome a fifth co-op", effect)).await?;
    consortium.everybody_votes(&vote).await?;
    let decided = consortium.decided(&vote).await?;
    assert!(Counted(&decided).passed());

    consortium.nodes.push(newcomer);
    let five = |state: &Value| state["epoch"] == 1 && state["parties"].as_array().is_some_and(|p| p.len() == 5);
    for node in &consortium.nodes {
        node.until("/api/v1/consortium", "five parties in epoch 1", PATIENCE_SECONDS, five).await?;
    }
    let next = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.everybody_votes(&next).await?;
    let decided = consortium.decided(&next).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}
