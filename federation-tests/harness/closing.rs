//! The closing of a vote, seen from outside: who chairs it, what a node would propose, and what was said.

use anyhow::{Context, ensure};
use folkmoot_governance::certification::chair;
use folkmoot_governance::certification::cut::Cut;
use folkmoot_governance::certification::message::{Subject, proposal_body};
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::id::{Digest, NodeId};
use folkmoot_governance::journal::SignedCheckpoint;
use folkmoot_governance::statement::{Body, Genesis};
use folkmoot_governance::tally::{self, Outcome};
use serde_json::Value;

use super::delivery::{node_id, now};
use super::process::Node;
use super::votes::Vote;
use super::{Consortium, PATIENCE_SECONDS};

/// A cut and what it comes to, as one node counts it: all that is stored there, and all of it certified.
pub struct Recount {
    pub vote: Digest,
    pub cut: Cut,
    pub value: Digest,
}

impl Recount {
    /// Waits until everything that is stored at `node` is known there to be certified, and counts it.
    pub async fn at(node: &Node, vote: &Vote) -> anyhow::Result<Self> {
        let genesis: Genesis = serde_json::from_value(node.public.get("/genesis").await?)?;
        let epoch = Epoch::genesis(&genesis).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        let latest = now()?.plus(3600);
        let certified = |listed: &Value| Cut::build(&notes(listed), &epoch, latest);
        let whole = |listed: &Value| {
            let (cut, journals) = (certified(listed), listed["items"].as_array());
            let size = |item: &Value| Some((item["journal"].as_str()?.parse().ok()?, item["size"].as_u64()?));
            let is_whole = |item| size(item).is_some_and(|(journal, size)| cut.size_of(&journal) == size);
            journals.is_some_and(|journals| journals.len() == epoch.n() && journals.iter().all(is_whole))
        };
        let what = "all that it stores is certified";
        let cut = certified(&node.until("/journals", what, PATIENCE_SECONDS, whole).await?);
        let counted = node.steward.get(&format!("{}/count", vote.path())).await?;
        let outcome: Outcome = serde_json::from_value(counted["provisionalOutcome"].clone())?;
        ensure!(outcome.count.is_some(), "nothing was counted: {counted:#}");
        let vote = vote.digest.parse()?;
        Ok(Self { vote, value: tally::value(vote, 0, cut.digest(), outcome.digest()), cut })
    }

    /// The proposal of round 0.
    pub fn proposal(&self) -> Body {
        self.proposal_with(self.cut.to_notes())
    }

    /// The same value with any notes.
    pub fn proposal_with(&self, notes: Vec<String>) -> Body {
        let subject = Subject { proposal: self.vote, sitting: 0 };
        proposal_body(subject, 0, self.value, notes, &[])
    }

    pub fn vote(&self) -> Body {
        Body::CutVote { proposal: self.vote, sitting: 0, round: 0, value: self.value }
    }

    /// The final of round 0.
    pub fn finish(&self) -> Body {
        Body::CutFinal { proposal: self.vote, sitting: 0, round: 0, value: self.value }
    }
}

fn notes(listed: &Value) -> Vec<SignedCheckpoint> {
    let items = listed["items"].as_array().into_iter().flatten();
    items.filter_map(|item| item["note"].as_str()?.parse().ok()).collect()
}

/// Waits until `at` has heard that `by` voted for `value` in round 0.
pub async fn vote_is_heard(at: &Node, vote: &Vote, by: &Node, value: Digest) -> anyhow::Result<()> {
    let (actor, value) = (format!("{}/actor", by.address), value.to_string());
    let voted = |said: &Value| {
        let mut items = said["items"].as_array().into_iter().flatten();
        items.any(|item| {
            let object = &item["object"];
            item["actor"] == actor.as_str()
                && (&object["type"], &object["round"], &object["value"])
                    == (&"CutVote".into(), &0.into(), &value.as_str().into())
        })
    };
    let what = format!("it has heard the vote of {} for {value}", by.name);
    at.until(&format!("/closings/{}", vote.digest), &what, PATIENCE_SECONDS, voted).await?;
    Ok(())
}

impl Consortium {
    /// Position of the node that proposes the count first.
    pub fn chair_of(&self, vote: &Vote) -> anyhow::Result<usize> {
        let parties = self.nodes.iter().map(node_id).collect::<anyhow::Result<Vec<NodeId>>>()?;
        let order = chair::order(vote.digest.parse()?, 0, &parties);
        Ok(usize::from(order.first().context("there are parties")?.0))
    }
}
