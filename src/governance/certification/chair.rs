//! Who chairs which round of a closing: a permutation of the parties that nobody chooses.

use crate::certification::record::NodeIndex;
use crate::id::{Digest, NodeId};

/// The parties in chairing order: sorted by SHA-256(proposal digest ‖ sitting as 4 bytes, big-endian ‖ node id).
/// Round k is chaired by position k mod n.
pub fn order(proposal: Digest, sitting: u32, parties: &[NodeId]) -> Vec<NodeIndex> {
    let rank = |(index, node): (u16, &NodeId)| {
        let mut seed = proposal.0.to_vec();
        seed.extend_from_slice(&sitting.to_be_bytes());
        seed.extend_from_slice(node.as_str().as_bytes());
        (Digest::of(&seed), NodeIndex(index))
    };
    let mut ranked: Vec<_> = (0..).zip(parties).map(rank).collect();
    ranked.sort();
    ranked.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parties() -> Vec<NodeId> {
        (0..12).map(|i| format!("https://coop{i}.example/actor").parse().expect("valid")).collect()
    }

    #[test]
    fn every_party_chairs_once_in_n_rounds() {
        let mut order = order(Digest::of(b"p"), 0, &parties());
        order.sort();
        assert_eq!(order, (0..12).map(NodeIndex).collect::<Vec<_>>());
    }

    #[test]
    fn another_proposal_or_sitting_has_another_order() {
        let first = order(Digest::of(b"p"), 0, &parties());
        assert_eq!(first, order(Digest::of(b"p"), 0, &parties()));
        assert_ne!(first, order(Digest::of(b"q"), 0, &parties()));
        assert_ne!(first, order(Digest::of(b"p"), 1, &parties()));
    }
}
