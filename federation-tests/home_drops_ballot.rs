//! A member with an own key does not need the home node to be counted, and proves that it broke its word.

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::forgetful::ForgetfulNode;
use crate::harness::liar::Liar;
use crate::harness::process::{Database, folkmoot, text_of};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{Consortium, PATIENCE_SECONDS, Plan};

on_both_databases!(ballot_that_the_home_node_drops_counts_through_another_node);

/// The home node keeps running and takes part in everything, but for this member's ballot.
async fn ballot_that_the_home_node_drops_counts_through_another_node(database: Database) -> anyhow::Result<()> {
    let consortium = Plan::new(4).on(database).found().await?;
    let member = "person-2";
    let position = consortium.member(member).node;
    let (home, other) = (&consortium.nodes[position], &consortium.nodes[(position + 1) % 4]);
    let key_file = own_key(&consortium, member).await?;
    let forgetful = ForgetfulNode::start(Liar::take_over(&consortium, position).await?, home.public.clone()).await?;

    let vote = consortium.open(Draft::regular("Rent a second server").lasting(10)).await?;
    let receipt_file = home.folder.join("receipt.json");
    let receipt_file = receipt_file.to_str().context("a path in UTF-8")?;
    let cast = async |base: String| {
        let mut arguments = vec!["vote", "--key", &key_file, "--node", &base, "--proposal", &vote.key, "--as", member];
        arguments.extend(["--choice", "disagree", "--receipt", receipt_file]);
        text_of(&arguments, &folkmoot(&arguments).await?)
    };
    cast(format!("http://{}", forgetful.address)).await?;
    let [(receipt, ballot)] = &forgetful.promised()[..] else { anyhow::bail!("one ballot was promised a place") };
    let presented: Value = serde_json::from_slice(&std::fs::read(receipt_file)?)?;
    assert_eq!(presented, json!({"receipt": receipt, "ballot": ballot}), "the member keeps what any node wants to see");
    assert_eq!(other.public.post("/api/v1/faults", &presented).await?["state"], "awaited");

    // The others at home vote, so that something else stands where the member's ballot should.
    let cast_at_home = consortium.cast_planned(&vote, |m| m.node == position && m.id != member).await?;
    consortium.journals_are_certified().await?;
    let path = format!("/api/v1/receipts/{}", receipt["object"]["ballot"].as_str().context("a digest")?);
    for node in &consortium.nodes {
        let answer = node.public.send(Method::GET, &path, &[], Vec::new()).await?;
        assert_eq!(answer.status, 404, "{} has the ballot", node.name);
    }
    cast(format!("http://{}", other.listen)).await?;
    consortium.journals_are_certified().await?;

    let mirrored = |shown: &Value| {
        let mut peers = shown["peers"].as_array().into_iter().flatten();
        let name = format!("{}/actor", other.address);
        peers.any(|p| p["node"] == name.as_str() && p["cosignedSize"] == shown["journal"]["size"])
    };
    home.until("/api/v1/node", "the other node has all of its journal", PATIENCE_SECONDS, mirrored).await?;
    assert_eq!(other.public.post("/api/v1/faults", &presented).await?["state"], "broken");
    consortium.fault_is_shown(home, "broken-receipt").await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast_at_home as u64 + 1);
    consortium.nobody_else_is_at_fault(home).await?;
    consortium.stop().await
}

/// Makes a key for a member, puts it on the roll, and gives its file.
async fn own_key(consortium: &Consortium, member: &str) -> anyhow::Result<String> {
    let file = consortium.nodes[consortium.member(member).node].folder.join("person.key");
    let file = file.to_str().context("a path in UTF-8")?.to_owned();
    let key = text_of(&["key", "new"], &folkmoot(&["key", "new", "--output", &file]).await?)?;
    let person = consortium.signed_in(member).await?;
    person.put(&format!("/api/v1/members/{member}/key"), &json!({"key": key.trim()})).await?;
    let device = |answer: &Value| {
        let mut members = answer["members"].as_array().into_iter().flatten();
        members.any(|m| m["member"] == member && m["custody"] == "device")
    };
    for node in &consortium.nodes {
        node.until("/api/v1/members?limit=200", "the member's own key is on the roll", PATIENCE_SECONDS, device)
            .await?;
    }
    consortium.journals_are_certified().await?;
    Ok(file)
}
