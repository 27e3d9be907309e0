//! The decision bundle: one file that proves a decision to somebody who has nothing else, years later.
//! Canonical JSON. Verifying needs no network, server, database or clock.
//!
//! What is proven: the genesis was accepted by every founding party; each later epoch and each decision that the roll
//! rests on was certified by a quorum of the epoch before; the electorate is what the statements below the roll cut
//! make it; the ballots are signed, stand in certified journals, and count to the certified outcome.
//! What rests on the certificate: that no ballot or roll statement was left out. The bundle shows other leaves as
//! hashes, and a hash does not tell what it hides. But the quorum certified the electorate and the outcome over the
//! same journals, so leaving out one that matters makes the recount differ from what they signed.

mod build;
mod chain;
mod shelf;
mod verify;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ballot::Cast;
use crate::certification::Certificate;
use crate::charter::Charter;
use crate::id::{ConsortiumId, Digest, JournalId, NodeId, Time};
use crate::statement::{BlockReason, Genesis, Question};
use crate::tally::Outcome;

pub use build::{BuildError, Decided, Leaves, Source, build};
pub use verify::verify;

/// The format that this version writes and reads.
pub const FORMAT: &str = "folkmoot-bundle/1";

/// Longer files are refused unread.
pub const MAX_BUNDLE_BYTES: usize = 256 << 20;

/// What the file holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    format: String,
    genesis: Genesis,
    /// The founding parties' `Charter` statements.
    acceptances: Vec<Value>,
    /// Earlier decisions: those that began epochs, in order, then those that the roll rests on.
    decisions: Vec<Link>,
    decision: Link,
    /// A checkpoint of the proposer's journal that covers the opening, certified before voting began.
    announced: String,
    journals: Vec<Shelf>,
}

/// A vote and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    /// The `Question` statement with the terms of the vote.
    opening: Value,
    /// Every sitting in order; all but the last extended the vote.
    sittings: Vec<Settled>,
}

/// One sitting's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    pub outcome: Outcome,
    pub certificate: Certificate,
}

/// One journal as far as the decision needs it. Every leaf is here once: as a statement, a ballot or a hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shelf {
    journal: JournalId,
    statements: Vec<Placed>,
    ballots: Vec<Row>,
    /// Leaf hashes of all other positions in ascending order, 32 bytes each, in base64.
    hashes: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Placed {
    position: u64,
    statement: Value,
}

/// A ballot without what the opening and the roll say already; a JSON list of eight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row(
    /// Position in the journal.
    u64,
    /// Index in the frozen roll.
    u32,
    /// Sequence.
    u64,
    /// Choices.
    Vec<u32>,
    /// `published`.
    Time,
    /// Whose key: 0 for the seat's own, k for that of its k-th mandate.
    u32,
    /// `proofValue`.
    String,
    /// The reason of a block, or null.
    Option<BlockReason>,
);

/// The steps of a verification, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Format,
    Genesis,
    Ratification,
    Epochs,
    Opening,
    Roll,
    Certificate,
    Ballots,
    Journals,
    Count,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "format",
            Self::Genesis => "genesis",
            Self::Ratification => "ratification",
            Self::Epochs => "epochs",
            Self::Opening => "opening",
            Self::Roll => "roll",
            Self::Certificate => "certificate",
            Self::Ballots => "ballots",
            Self::Journals => "journals",
            Self::Count => "count",
        })
    }
}

/// A step that held, with what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub step: Step,
    pub detail: String,
}

/// The first thing that is wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{step}: {detail}")]
pub struct Fault {
    pub step: Step,
    /// One sentence.
    pub detail: String,
}

impl Fault {
    fn new(step: Step, detail: impl Into<String>) -> Self {
        Self { step, detail: detail.into() }
    }
}

/// Who decided what.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub consortium: ConsortiumId,
    /// Name in the charter.
    pub name: String,
    /// The epoch that the vote was opened in.
    pub epoch: u64,
    /// Its parties' nodes.
    pub parties: Vec<NodeId>,
    /// Those that signed the certificate.
    pub signers: Vec<NodeId>,
    /// The proposal, and its digest, which ballots name.
    pub question: Question,
    pub proposal: Digest,
    pub opens: Time,
    pub closes: Time,
    pub outcome: Outcome,
    pub outcome_digest: Digest,
    pub cut: Digest,
    pub value: Digest,
    pub electorate: Digest,
    pub checks: Vec<Check>,
    /// The ballots that count, by roll index.
    #[serde(skip)]
    pub ballots: Vec<Cast>,
    /// The charter that it was decided under.
    #[serde(skip)]
    pub charter: Charter,
}
