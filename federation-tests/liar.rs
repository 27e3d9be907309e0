//! A node that lies: the test takes over its name and keys and tells different peers different things.

use anyhow::Context;
use folkmoot::federation::journal_page::JournalPage;
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::id::{Digest, JournalId};
use folkmoot_governance::journal::{Checkpoint, leaf_hash, root};
use folkmoot_governance::json;
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Body, Signer};
use serde_json::Value;

use crate::harness::delivery::{Delivery, node_id, now};
use crate::harness::process::Node;
use crate::harness::votes::{Counted, Draft, Vote};
use crate::harness::{Consortium, PATIENCE_SECONDS, Plan};

/// Speaks in the name of a node that is down.
struct Liar<'a> {
    node: &'a Node,
    key: SecretKey,
    consortium: String,
}

impl<'a> Liar<'a> {
    async fn take_over(consortium: &'a Consortium, position: usize) -> anyhow::Result<Self> {
        let node = &consortium.nodes[position];
        let key = std::fs::read_to_string(node.folder.join("data/keys/statement.key"))?;
        let state = consortium.nodes[0].public.get("/api/v1/consortium").await?;
        let id = state["id"].as_str().context("a consortium has an id")?.to_owned();
        Ok(Self { node, key: SecretKey::from_multibase(key.trim())?, consortium: id })
    }

    fn state(&self, body: Body) -> anyhow::Result<SignedStatement> {
        let signer = Signer::Node(node_id(self.node)?);
        let consortium = self.consortium.parse()?;
        Ok(Unsigned { signer, published: now()?, consortium, epoch: 0, body }.sign(&self.key)?)
    }

    async fn tell(&self, to: &Node, body: &[u8]) -> anyhow::Result<u16> {
        Ok(Delivery::sign(to, self.node, body, now()?).await?.send(to).await?.status)
    }

    /// Tells `to` that the journal goes on with `statement` after `leaves`.
    async fn show_journal(
        &self,
        to: &Node,
        journal: &JournalId,
        leaves: &[Digest],
        statement: &SignedStatement,
    ) -> anyhow::Result<()> {
        let mut leaves = leaves.to_vec();
        let start = leaves.len() as u64;
        leaves.push(leaf_hash(&statement.bytes));
        let checkpoint = Checkpoint { journal: journal.clone(), size: start + 1, root: root(&leaves) };
        let note = checkpoint.sign(&self.key).to_string();
        let page = JournalPage { journal: journal.clone(), start, entries: vec![statement.to_value()], note };
        let status = self.tell(to, &json::canonical(&page.to_activity(&node_id(self.node)?))).await?;
        assert_eq!(status, 200, "{} cosigns what it cannot know to be a lie", to.name);
        Ok(())
    }

    async fn vote(&self, to: &Node, vote: &Vote, value: &[u8]) -> anyhow::Result<()> {
        let body = Body::CutVote { proposal: vote.digest.parse()?, sitting: 0, round: 0, value: Digest::of(value) };
        let status = self.tell(to, &self.state(body)?.bytes).await?;
        assert_eq!(status, 202, "{} hears a vote for a value that it does not know yet", to.name);
        Ok(())
    }
}

/// The leaves of a journal, as a peer mirrors them.
async fn leaves(node: &Node, journal: &JournalId) -> anyhow::Result<Vec<Digest>> {
    let path = folkmoot::federation::journal_page::journal_path(journal);
    let page = node.public.get(&format!("/{path}?from=0")).await?;
    let entries = page["entries"].as_array().context("a page has entries")?;
    let leaf = |entry: &Value| match entry["leaf"].as_str() {
        Some(hidden) => Ok(hidden.parse()?),
        None => Ok(leaf_hash(&json::canonical(entry))),
    };
    entries.iter().map(leaf).collect()
}

/// Waits until every honest node shows this fault of the liar.
async fn shown(consortium: &Consortium, liar: &Node, kind: &str) -> anyhow::Result<()> {
    let culprit = format!("{}/actor", liar.address);
    let proven = |answer: &Value| {
        let mut faults = answer["faults"].as_array().into_iter().flatten();
        faults.any(|f| f["kind"] == kind && f["culprit"] == culprit.as_str() && f["evidence"].as_array().is_some())
    };
    for node in consortium.running() {
        node.until("/api/v1/faults", &format!("the {kind} is proven"), PATIENCE_SECONDS, proven).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_votes_of_a_node_are_proven_and_decide_nothing() -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    consortium.nodes[3].kill().await?;
    consortium.voting_is_over(&vote).await?;
    let liar = Liar::take_over(&consortium, 3).await?;
    liar.vote(&consortium.nodes[0], &vote, b"one").await?;
    liar.vote(&consortium.nodes[1], &vote, b"another").await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    shown(&consortium, &consortium.nodes[3], "two-votes").await?;
    consortium.stop().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_journals_of_a_node_are_proven_and_decide_nothing() -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).found().await?;
    let shows = consortium.nodes[3].public.get("/api/v1/node").await?;
    let journal: JournalId = shows["journal"]["id"].as_str().context("a journal has an id")?.parse()?;
    let same = |answer: &Value| {
        let mut peers = answer["peers"].as_array().into_iter().flatten();
        peers.any(|p| p["node"] == shows["node"] && p["mirroredSize"] == shows["journal"]["size"])
    };
    for node in &consortium.nodes[..2] {
        node.until("/api/v1/node", "it mirrors the journal", PATIENCE_SECONDS, same).await?;
    }
    let leaves = leaves(&consortium.nodes[0], &journal).await?;
    consortium.nodes[3].kill().await?;
    let liar = Liar::take_over(&consortium, 3).await?;
    for (to, subject) in consortium.nodes.iter().zip(["We pay", "We do not pay"]) {
        let notice = liar.state(Body::Notice { subject: subject.into(), source: subject.into() })?;
        liar.show_journal(to, &journal, &leaves, &notice).await?;
    }
    shown(&consortium, &consortium.nodes[3], "fork").await?;

    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    let cast = consortium.cast_planned(&vote, |member| member.node != 3).await?;
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout().0, cast as u64);
    consortium.stop().await
}
