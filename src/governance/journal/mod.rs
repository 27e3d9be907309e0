//! Journals: what a node has published, in order, so that nobody can take back or slip in a statement unseen.
//! Hashes, proofs and checkpoints only; where leaves are stored and when to sign is the server's part.

mod checkpoint;
mod entry;
mod fork;
mod merkle;
mod note;
mod proof;
#[cfg(test)]
mod tests;
mod witnessed;

pub use checkpoint::{Checkpoint, SignedCheckpoint, certified_at, witness_name};
pub use entry::{Entry, EntryError, belongs_in_journals};
pub use fork::Fork;
pub use merkle::{Frontier, empty_root, leaf_hash, node_hash, root};
pub use note::{MAX_NOTE_BYTES, MAX_SIGNATURES, NoteError, SignatureLine};
pub use proof::{consistency_ranges, inclusion_ranges, prove, verify_consistency, verify_inclusion};
pub use witnessed::Witnessed;

/// Most leaves of a journal, 2^53 − 1, so that sizes and positions fit into strict JSON.
pub const MAX_SIZE: u64 = crate::json::MAX_INTEGER;
