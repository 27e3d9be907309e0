//! Closing a vote: the nodes agree on one cut and one result (one-shot Simplex, eprint 2023/463).

pub mod certificate;
pub mod chair;
pub mod cut;
pub mod fault;
pub mod message;
pub mod record;
pub mod simplex;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::Digest;

/// q `CutFinal` activities for one value. Final by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    pub proposal: Digest,
    pub sitting: u32,
    pub round: u32,
    pub value: Digest,
    /// The cut, as in the `CutProposal` that won.
    pub cut: Vec<String>,
    /// The signed `CutFinal` activities.
    pub finals: Vec<Value>,
    /// The winning `CutProposal` activity, with its justification chain.
    pub proposed: Value,
}
