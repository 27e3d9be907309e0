//! Inclusion and consistency proofs of RFC 6962 section 2.1: which subtrees they name, and their verification.
//! Making one asks for the roots of ranges of leaves, so that a server may keep those where it likes.

use std::ops::Range;

use super::merkle::{empty_root, node_hash, root};
use crate::id::Digest;

/// The subtrees, nearest to the leaf first, whose roots prove that leaf `index` is in the tree of `size` leaves.
/// Each is a range of leaves, complete or at the right edge. None if there is no such leaf.
pub fn inclusion_ranges(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let (mut tree, mut siblings) = (0..size, Vec::new());
    while let Some((left, right)) = halves(&tree) {
        let (own, other) = if left.contains(&index) { (left, right) } else { (right, left) };
        siblings.push(other);
        tree = own;
    }
    siblings.reverse();
    Some(siblings)
}

/// The subtrees whose roots prove that the tree of `old` leaves is the beginning of the tree of `size` leaves.
/// Empty where the sizes are equal or `old` is 0; none if `old` is the larger.
pub fn consistency_ranges(old: u64, size: u64) -> Option<Vec<Range<u64>>> {
    let mut ranges = anchored_ranges(old, size)?;
    // RFC 6962 leaves out what the verifier has: the old root, where the old tree is one complete subtree.
    if old.is_power_of_two() || old == size {
        ranges = ranges.split_off(ranges.len().min(1));
    }
    Some(ranges)
}

/// As [`consistency_ranges`], but beginning with the last complete subtree of the old tree in every case: the roots
/// of these ranges give both the old and the new root, whatever anybody claims.
pub(super) fn anchored_ranges(old: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if old > size {
        return None;
    }
    if old == 0 {
        return Some(Vec::new());
    }
    let (mut tree, mut others) = (0..size, Vec::new());
    while tree.end != old {
        let (left, right) = halves(&tree).expect("a tree that ends after `old` has two leaves");
        let (own, other) = if old <= left.end { (left, right) } else { (right, left) };
        others.push(other);
        tree = own;
    }
    others.push(tree);
    others.reverse();
    Some(others)
}

/// The roots of `ranges` of these leaf hashes, in order: the proof itself.
pub fn prove(leaves: &[Digest], ranges: &[Range<u64>]) -> Vec<Digest> {
    let index = |at: u64| usize::try_from(at).expect("a range of leaves in memory");
    ranges.iter().map(|range| root(&leaves[index(range.start)..index(range.end)])).collect()
}

/// Whether `proof` leads from the leaf hash at `index` to the root of the tree of `size` leaves.
pub fn verify_inclusion(leaf: &Digest, index: u64, size: u64, proof: &[Digest], root: &Digest) -> bool {
    let Some(ranges) = inclusion_ranges(index, size) else { return false };
    if ranges.len() != proof.len() {
        return false;
    }
    let climb = |hash: Digest, (range, other): (&Range<u64>, &Digest)| {
        if range.start > index { node_hash(&hash, other) } else { node_hash(other, &hash) }
    };
    ranges.iter().zip(proof).fold(*leaf, climb) == *root
}

/// Whether `proof` shows that the tree (`old`, `old_root`) is the beginning of the tree (`size`, `root`).
pub fn verify_consistency(old: u64, old_root: &Digest, size: u64, root: &Digest, proof: &[Digest]) -> bool {
    let empty_is_empty = |size, root: &Digest| size != 0 || *root == empty_root();
    if !empty_is_empty(old, old_root) || !empty_is_empty(size, root) {
        return false;
    }
    if old == 0 || old == size {
        return proof.is_empty() && (old == 0 || old_root == root);
    }
    let anchored = if old.is_power_of_two() { [&[*old_root], proof].concat() } else { proof.to_vec() };
    anchored_roots(old, size, &anchored) == Some((*old_root, *root))
}

/// The roots of the old and the new tree that the roots of the [`anchored_ranges`] make.
pub(super) fn anchored_roots(old: u64, size: u64, proof: &[Digest]) -> Option<(Digest, Digest)> {
    let ranges = anchored_ranges(old, size)?;
    if ranges.len() != proof.len() {
        return None;
    }
    let mut steps = ranges.iter().zip(proof);
    let (_, first) = steps.next()?;
    let (mut old_root, mut new_root) = (*first, *first);
    for (range, other) in steps {
        if range.start >= old {
            new_root = node_hash(&new_root, other);
        } else {
            old_root = node_hash(other, &old_root);
            new_root = node_hash(other, &new_root);
        }
    }
    Some((old_root, new_root))
}

/// The two subtrees of a tree: the left has the largest power of two of leaves that is less than all.
fn halves(tree: &Range<u64>) -> Option<(Range<u64>, Range<u64>)> {
    let size = tree.end - tree.start;
    if size < 2 {
        return None;
    }
    let middle = tree.start + (1 << (size - 1).ilog2());
    Some((tree.start..middle, middle..tree.end))
}
