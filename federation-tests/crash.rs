//! Power cuts: no ballot with a receipt is lost, and no node contradicts what it signed before.

use anyhow::ensure;
use serde_json::Value;

use crate::harness::process::{Database, Node};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_both_databases!(killed_nodes_lose_no_ballot_and_contradict_nothing);

async fn killed_nodes_lose_no_ballot_and_contradict_nothing(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(18)).await?;
    let mut cast = 0;
    for position in 0..4 {
        let receipts = consortium.cast_planned(&vote, |member| member.node == position).await?;
        consortium.nodes[position].kill().await?;
        consortium.nodes[position].start().await?;
        cast += receipts;
    }
    consortium.journals_are_certified().await?;
    consortium.voting_is_over(&vote).await?;
    // Each node goes down as soon as it has put its name to something in the closing, and stands by it afterwards.
    let path = format!("/closings/{}", vote.digest);
    for position in 0..4 {
        let signed = |node: &Node, closing: &Value| {
            let actor = format!("{}/actor", node.address);
            let items = closing["items"].as_array().into_iter().flatten();
            items.filter(|item| item["actor"] == actor.as_str()).cloned().collect::<Vec<_>>()
        };
        let node = &consortium.nodes[position];
        let begun = |closing: &Value| !signed(node, closing).is_empty();
        let before = node.until(&path, "it takes part in the closing", PATIENCE_SECONDS, begun).await?;
        let before = signed(node, &before);
        consortium.nodes[position].kill().await?;
        consortium.nodes[position].start().await?;
        let node = &consortium.nodes[position];
        let after = signed(node, &node.public.get(&path).await?);
        ensure!(before.iter().all(|message| after.contains(message)), "{} forgot what it signed", node.name);
    }
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);

    for node in &consortium.nodes {
        let path = "/api/v1/node";
        node.until(path, "it still certifies", PATIENCE_SECONDS, |n| {
            n["journal"]["certifiedSize"] == n["journal"]["size"]
        })
        .await?;
    }
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}
