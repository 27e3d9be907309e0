//! Three urgent calls in one consortium: one is extended, one contested and one withdrawn, on all nodes alike.

use anyhow::{Context, ensure};
use folkmoot_governance::id::Time;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::process::{Database, folkmoot};
use crate::harness::votes::{Counted, Draft, Vote};
use crate::harness::{Consortium, PATIENCE_SECONDS, Plan};

/// From the end of an urgent vote to the end of its second sitting: time for certifying the first and for ballots.
const SECOND_SITTING_SECONDS: i64 = 36;
const URGENT_SECONDS: i64 = 6;
const REGULAR_SECONDS: i64 = URGENT_SECONDS + SECOND_SITTING_SECONDS;

on_both_databases!(extended_contested_and_withdrawn_votes_end_alike_on_all_nodes);

async fn extended_contested_and_withdrawn_votes_end_alike_on_all_nodes(database: Database) -> anyhow::Result<()> {
    let plan = Plan::new(4).on(database).with_charter(|charter| {
        // Three closings at once.
        charter.closing.delay_seconds = 2;
        for decision_type in &mut charter.types {
            let is_urgent = decision_type.id == "urgent";
            decision_type.minimum_seconds = if is_urgent { URGENT_SECONDS } else { REGULAR_SECONDS };
        }
    });
    let consortium = plan.found().await?;
    tokio::try_join!(extended(&consortium), contested(&consortium), withdrawn(&consortium))?;
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}

/// Ballots of both sittings count, and the bundle holds the certificates of both.
async fn extended(consortium: &Consortium) -> anyhow::Result<()> {
    let vote = consortium.open(Draft::urgent("Rent a second server", "The first one is full.")).await?;
    let closes = closes(consortium, &vote).await?.plus(SECOND_SITTING_SECONDS);
    let extension = json!({"closes": closes, "reason": "Two co-ops are at a meeting."});
    let proposer = consortium.signed_in("producer-1").await?;
    proposer.post(&format!("{}/extend", vote.path()), &extension).await?;
    let first = consortium.cast_planned(&vote, |member| member.node < 2).await?;

    second_sitting(consortium, &vote, "urgent", closes).await?;
    let second = consortium.cast_planned(&vote, |member| member.node >= 2).await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!((&decided["sitting"], &decided["type"]), (&json!(1), &json!("urgent")));
    assert_eq!(Counted(&decided).turnout().0, (first + second) as u64);

    let node = &consortium.nodes[3];
    let path = format!("/api/v1/decisions/{}/bundle", decided["number"]);
    let bundle = node.public.send(Method::GET, &path, &[], Vec::new()).await?;
    let sittings = &bundle.json()?["decision"]["sittings"];
    let kinds: Vec<&Value> =
        sittings.as_array().into_iter().flatten().map(|sitting| &sitting["outcome"]["verdict"]["kind"]).collect();
    assert_eq!(kinds, ["extended", "decided"]);
    let file = node.folder.join("extended.bundle");
    std::fs::write(&file, &bundle.body)?;
    let verified = folkmoot(&["verify", file.to_str().expect("a path in UTF-8")]).await?;
    ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    Ok(())
}

/// Another producer contests that it is urgent: it becomes a regular vote, with all the time of one.
async fn contested(consortium: &Consortium) -> anyhow::Result<()> {
    let vote = consortium.open(Draft::urgent("Move the data", "The price rises soon.")).await?;
    let closes = closes(consortium, &vote).await?.plus(SECOND_SITTING_SECONDS);
    let contester = consortium.signed_in("producer-2").await?;
    let challenge = json!({"as": "producer-2", "reason": "Nobody has seen the new price."});
    contester.post(&format!("{}/challenge", vote.path()), &challenge).await?;
    let first = consortium.cast_planned(&vote, |member| member.node % 2 == 0).await?;

    second_sitting(consortium, &vote, "regular", closes).await?;
    let second = consortium.cast_planned(&vote, |member| member.node % 2 == 1).await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!((&decided["sitting"], &decided["type"]), (&json!(1), &json!("regular")));
    assert_eq!(Counted(&decided).turnout().0, (first + second) as u64);
    Ok(())
}

/// Its ballots are not counted, and it has no number in the register.
async fn withdrawn(consortium: &Consortium) -> anyhow::Result<()> {
    let vote = consortium.open(Draft::urgent("Sell the old server", "There is a buyer.")).await?;
    consortium.cast(&vote, "producer-2", "agree").await?;
    let proposer = consortium.signed_in("producer-1").await?;
    let withdrawal = json!({"reason": "The buyer has left."});
    proposer.post(&format!("{}/withdraw", vote.path()), &withdrawal).await?;
    let certified = |proposal: &Value| proposal["state"] == "withdrawn";
    for node in &consortium.nodes {
        let shown = node.until(&vote.path(), "it is certified as withdrawn", PATIENCE_SECONDS, certified).await?;
        let stands = shown["agreement"].as_array().context("how each node stands to it")?;
        ensure!(stands.iter().all(|stand| stand["state"] != "differs"), "{shown:#}");
        let outcome = &node.public.get(&format!("{}/count", vote.path())).await?["certifiedOutcome"];
        assert_eq!(outcome["verdict"], json!({"kind": "withdrawn"}));
        assert_eq!((&outcome["count"], &outcome["number"]), (&Value::Null, &Value::Null));
    }
    Ok(())
}

async fn closes(consortium: &Consortium, vote: &Vote) -> anyhow::Result<Time> {
    Ok(serde_json::from_value(consortium.nodes[0].public.get(&vote.path()).await?["closes"].clone())?)
}

/// Waits until every node has certified that voting goes on until `closes`, as this decision type.
async fn second_sitting(consortium: &Consortium, vote: &Vote, kind: &str, closes: Time) -> anyhow::Result<()> {
    let goes_on = |proposal: &Value| {
        let expected = (&json!(1), &json!("open"), &json!(kind), &json!(closes));
        (&proposal["sitting"], &proposal["state"], &proposal["countedAs"], &proposal["closes"]) == expected
    };
    for node in &consortium.nodes {
        node.until(&vote.path(), "the second sitting has begun", PATIENCE_SECONDS, goes_on).await?;
    }
    Ok(())
}
