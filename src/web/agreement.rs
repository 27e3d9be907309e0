//! Which nodes came to the same result: the quiet line under a decision, and what stands behind it.

use folkmoot_governance::id::Time;
use serde::Serialize;

use super::charts::{Ring, Stand};

#[derive(Debug, Clone, Serialize)]
pub struct Agreement {
    pub agreeing: usize,
    pub total: usize,
    /// How many nodes must agree before a result counts.
    pub needed: usize,
    pub nodes: Vec<NodeStand>,
    pub ring: Ring,
}

#[derive(Debug, Clone, Serialize)]
pub struct NodeStand {
    pub name: String,
    /// Address of the node's site.
    pub address: String,
    pub stand: Stand,
    /// When its answer was received; absent where there is none.
    pub at: Option<Time>,
}

impl Agreement {
    /// `nodes` in the order of the epoch.
    pub fn of(nodes: Vec<NodeStand>, needed: usize) -> Self {
        let stands: Vec<Stand> = nodes.iter().map(|node| node.stand).collect();
        let agreeing = stands.iter().filter(|stand| **stand == Stand::Agrees).count();
        Self { agreeing, total: nodes.len(), needed, ring: Ring::of(&stands), nodes }
    }
}

/// A proven breach of the protocol, in words. The proof itself is one click away.
#[derive(Debug, Clone, Serialize)]
pub struct FaultLine {
    /// The message is `fault-KIND`; kinds as in the journal (`two-votes`, `fork`, …).
    pub kind: String,
    pub culprit: String,
    /// About which proposal or journal.
    pub subject: String,
    pub reported_by: String,
    pub at: Time,
    /// The signed documents that contradict each other, as they were signed.
    pub evidence: Vec<String>,
}
