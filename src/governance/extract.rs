//! What a cut shows: the statements of each journal below a certified size.
//! Built by whoever reads the journals; signatures and inclusion are verified before.

use crate::id::{Digest, JournalId, Time};
use crate::statement::Statement;

/// A checkpoint that q parties have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedSize {
    pub journal: JournalId,
    pub size: u64,
    pub root: Digest,
    /// The q-th smallest cosignature time among the parties of the epoch.
    pub certified_at: Time,
}

/// One statement where it stands in its journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// From 0; erased and foreign leaves leave gaps.
    pub position: u64,
    /// SHA-256 of the statement's canonical bytes.
    pub digest: Digest,
    pub statement: Statement,
}

/// The readable statements of one journal below the cut, positions ascending.
#[derive(Debug, Clone, PartialEq)]
pub struct Extract<'a> {
    pub journal: JournalId,
    pub entries: &'a [Entry],
}

/// SHA-256 of the canonical list `[[journal, size, root], …]` in the given order, which is the epoch's.
pub fn cut_digest(cut: &[CertifiedSize]) -> Digest {
    let rows: Vec<_> = cut.iter().map(|point| (&point.journal, point.size, point.root)).collect();
    crate::charter::canonical_digest(&rows)
}
