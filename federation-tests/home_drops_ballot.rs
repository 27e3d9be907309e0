//! A member with an own key does not need the home node to be counted.

use anyhow::Context;
use serde_json::{Value, json};

use crate::harness::process::{folkmoot, text_of};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ballot_counts_through_another_node() -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).found().await?;
    let (member, home) = ("person-2", consortium.member("person-2").node);
    let key_file = consortium.nodes[home].folder.join("person.key");
    let key_file = key_file.to_str().context("a path in UTF-8")?.to_owned();
    let key = text_of(&["key", "new"], &folkmoot(&["key", "new", "--output", &key_file]).await?)?;
    let person = consortium.signed_in(member).await?;
    person.put(&format!("/api/v1/members/{member}/key"), &json!({"key": key.trim()})).await?;
    let device = |answer: &Value| {
        let mut members = answer["members"].as_array().into_iter().flatten();
        members.any(|m| m["member"] == member && m["custody"] == "device")
    };
    for node in &consortium.nodes {
        node.until("/api/v1/members", "the member's own key is on the roll", PATIENCE_SECONDS, device).await?;
    }
    consortium.journals_are_certified().await?;

    let vote = consortium.open(Draft::regular("Rent a second server").lasting(10)).await?;
    consortium.nodes[home].stop().await?;
    let other = &consortium.nodes[(home + 1) % 4];
    let base = format!("http://{}", other.listen);
    let arguments =
        ["vote", "--key", &key_file, "--node", &base, "--proposal", &vote.key, "--as", member, "--choice", "agree"];
    text_of(&arguments, &folkmoot(&arguments).await?)?;
    consortium.journals_are_certified().await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, 1);
    consortium.nodes[home].start().await?;
    consortium.decided(&vote).await?;
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}
