//! Evidence that a journal forked: two signed checkpoints that no one tree has. Anybody can check it offline.

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::proof::{anchored_ranges, anchored_roots, prove};
use crate::id::{Digest, NodeId};
use crate::key::PublicKey;

/// Two checkpoints of one journal and, where their sizes differ, the hashes that show which older tree the newer one
/// grew from: another than the older checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    older: SignedCheckpoint,
    newer: SignedCheckpoint,
    path: Vec<Digest>,
}

impl Fork {
    /// A fork, if there is one, between `older` and a checkpoint whose leaf hashes are `leaves`.
    pub fn find(older: &SignedCheckpoint, newer: &SignedCheckpoint, leaves: &[Digest]) -> Option<Self> {
        let (old, new) = (&older.checkpoint, &newer.checkpoint);
        if leaves.len() as u64 != new.size || old.size > new.size {
            return None;
        }
        let path = if old.size == new.size { Vec::new() } else { prove(leaves, &anchored_ranges(old.size, new.size)?) };
        let fork = Self { older: older.clone(), newer: newer.clone(), path };
        fork.contradicts().then_some(fork)
    }

    /// As documents for a `FaultReport`: both notes, then the hashes in hexadecimal, one a line.
    pub fn to_evidence(&self) -> Vec<String> {
        let path: Vec<String> = self.path.iter().map(Digest::to_string).collect();
        Vec::from([self.older.to_string(), self.newer.to_string(), path.join("\n")])
    }

    /// The inverse of [`Fork::to_evidence`]; none for documents that show no fork. Signatures are not checked.
    pub fn from_evidence(evidence: &[String]) -> Option<Self> {
        let [older, newer, path] = evidence else { return None };
        let path: Result<Vec<Digest>, _> = path.lines().take(129).map(str::parse).collect();
        let fork = Self { older: older.parse().ok()?, newer: newer.parse().ok()?, path: path.ok()? };
        fork.contradicts().then_some(fork)
    }

    pub fn checkpoints(&self) -> (&Checkpoint, &Checkpoint) {
        (&self.older.checkpoint, &self.newer.checkpoint)
    }

    /// Whether the journal's node with `key` signed both: then it is proven at fault.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.older.is_signed_by(key) && self.newer.is_signed_by(key)
    }

    /// Whether `witness` cosigned both: then it is proven at fault too.
    pub fn is_cosigned_by(&self, witness: &NodeId, key: &PublicKey) -> bool {
        self.older.cosigned_at(witness, key).is_some() && self.newer.cosigned_at(witness, key).is_some()
    }

    fn contradicts(&self) -> bool {
        let (old, new) = self.checkpoints();
        if old.journal != new.journal {
            return false;
        }
        if old.size == new.size {
            return old.root != new.root;
        }
        match anchored_roots(old.size, new.size, &self.path) {
            Some((old_root, new_root)) => new_root == new.root && old_root != old.root,
            // Every tree begins with the empty one: only a wrong root of nothing contradicts.
            None => old.size == 0 && self.path.is_empty() && old.root != super::merkle::empty_root(),
        }
    }
}
