mod checkpoints;
mod entries;
mod trees;

use super::*;
use crate::id::{ConsortiumId, Digest, JournalId, NodeId, Time};
use crate::key::SecretKey;
use crate::statement::Party;

fn key(at: u8) -> SecretKey {
    SecretKey::from_seed([at; 32])
}

fn node(at: u8) -> NodeId {
    format!("https://n{at}.example/actor").parse().expect("an address")
}

fn parties(count: u8) -> Vec<Party> {
    let party = |at| Party { name: format!("Co-op {at}"), node: node(at), key: key(at).public() };
    (0..count).map(party).collect()
}

fn consortium() -> ConsortiumId {
    ConsortiumId(Digest::of(b"genesis"))
}

fn journal() -> JournalId {
    JournalId::new(consortium(), &node(0), key(0).public().as_bytes())
}

/// Hashes of `count` different leaves.
fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|at| leaf_hash(format!("leaf {at}").as_bytes())).collect()
}

/// The note of the tree with these leaves, signed by node 0.
fn note(leaves: &[Digest]) -> SignedCheckpoint {
    Checkpoint { journal: journal(), size: leaves.len() as u64, root: root(leaves) }.sign(&key(0))
}
