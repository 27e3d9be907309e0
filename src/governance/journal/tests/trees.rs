use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use ct_merkle_sha2::Sha256;
use proptest::prelude::*;

use super::*;

/// The oracle: the same leaves in the tree of another library.
fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|at| tree.push(format!("leaf {at}").into_bytes()));
    tree
}

fn joined(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn index(at: u64) -> usize {
    usize::try_from(at).expect("small")
}

#[test]
fn hashes_are_those_of_rfc_6962() {
    let hex = |text: &str| text.parse::<Digest>().expect("a digest");
    assert_eq!(empty_root(), hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    assert_eq!(leaf_hash(b""), hex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
    assert_eq!(root(&[]), empty_root());
    assert_eq!(root(&leaves(1)), leaves(1)[0]);
}

#[test]
fn the_roots_of_small_trees_are_the_oracles() {
    let mut frontier = Frontier::default();
    for size in 0..70 {
        assert_eq!(joined(&[frontier.root()]), oracle(size).root().as_bytes().as_slice(), "size {size}");
        assert_eq!((frontier.size(), frontier.root()), (size, root(&leaves(size))));
        frontier.append(leaf_hash(format!("leaf {size}").as_bytes()));
    }
}

#[test]
fn all_proofs_of_small_trees_are_the_oracles() {
    for size in 1..20 {
        let (tree, leaves) = (oracle(size), leaves(size));
        for at in 0..size {
            let proof = prove(&leaves, &inclusion_ranges(at, size).expect("a leaf"));
            assert_eq!(joined(&proof), tree.prove_inclusion(index(at)).as_bytes(), "{at} in {size}");
            assert!(verify_inclusion(&leaves[index(at)], at, size, &proof, &root(&leaves)));
        }
        for old in 1..=size {
            let proof = prove(&leaves, &consistency_ranges(old, size).expect("not smaller"));
            assert_eq!(joined(&proof), tree.prove_consistency(index(size - old)).as_bytes(), "{old} to {size}");
            assert!(verify_consistency(old, &root(&leaves[..index(old)]), size, &root(&leaves), &proof));
        }
    }
}

#[test]
fn every_tree_continues_the_empty_one() {
    assert_eq!(consistency_ranges(0, 5), Some(vec![]));
    assert!(verify_consistency(0, &empty_root(), 5, &root(&leaves(5)), &[]));
    assert!(verify_consistency(0, &empty_root(), 0, &empty_root(), &[]));
    assert!(!verify_consistency(0, &leaves(1)[0], 5, &root(&leaves(5)), &[]));
    assert!(!verify_consistency(0, &empty_root(), 0, &leaves(1)[0], &[]));
    assert!(!verify_consistency(0, &empty_root(), 5, &root(&leaves(5)), &leaves(1)));
}

#[test]
fn what_is_not_in_the_tree_has_no_proof() {
    assert_eq!(inclusion_ranges(5, 5), None);
    assert_eq!(inclusion_ranges(0, 0), None);
    assert_eq!(consistency_ranges(6, 5), None);
    let leaves = leaves(5);
    assert!(!verify_inclusion(&leaves[0], 5, 5, &[], &root(&leaves)));
    assert!(!verify_consistency(6, &root(&leaves), 5, &root(&leaves), &[]));
}

#[test]
fn frontiers_of_any_other_shape_are_refused() {
    let bytes = leaves(6).into_iter().collect::<Frontier>().to_bytes();
    assert_eq!(bytes.len(), 8 + 2 * 32);
    assert_eq!(Frontier::from_bytes(&bytes[..bytes.len() - 1]), None);
    assert_eq!(Frontier::from_bytes(&bytes[..8 + 32]), None);
    assert_eq!(Frontier::from_bytes(&[]), None);
    assert_eq!(Frontier::from_bytes(&[&[0xff; 8][..], &[0; 64 * 32]].concat()), None);
    assert_eq!(Frontier::from_bytes(&[0; 8]), Some(Frontier::default()));
}

fn tree_and_leaf() -> impl Strategy<Value = (u64, u64)> {
    (1..400_u64).prop_flat_map(|size| (Just(size), 0..size))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_oracle_accepts_our_inclusion_proofs((size, at) in tree_and_leaf()) {
        let leaves = leaves(size);
        let proof = prove(&leaves, &inclusion_ranges(at, size).expect("a leaf"));
        let theirs = RootHash::<Sha256>::new(root(&leaves).0.into(), size);
        let proof = InclusionProof::from_bytes(joined(&proof));
        let leaf = format!("leaf {at}").into_bytes();
        prop_assert!(theirs.verify_inclusion(&leaf, at, &proof).is_ok());
    }

    #[test]
    fn we_accept_the_oracles_inclusion_proofs_and_no_others((size, at) in tree_and_leaf(), wrong in 0..400_u64) {
        let (leaves, tree) = (leaves(size), oracle(size));
        let proof: Vec<Digest> = digests(tree.prove_inclusion(index(at)).as_bytes());
        let (leaf, root) = (leaves[index(at)], root(&leaves));
        prop_assert!(verify_inclusion(&leaf, at, size, &proof, &root));
        prop_assert!(wrong == at || !verify_inclusion(&leaf, wrong, size, &proof, &root));
        prop_assert!(!verify_inclusion(&leaf, at, size, &proof, &leaf_hash(b"other")));
        prop_assert!(!verify_inclusion(&leaf_hash(b"other"), at, size, &proof, &root));
        prop_assert!(!verify_inclusion(&leaf, at, size, &[&proof[..], &[leaf]].concat(), &root));
        for place in 0..proof.len() {
            let mut altered = proof.clone();
            altered[place].0[31] ^= 1;
            prop_assert!(!verify_inclusion(&leaf, at, size, &altered, &root));
            altered.remove(place);
            prop_assert!(!verify_inclusion(&leaf, at, size, &altered, &root));
        }
    }

    #[test]
    fn the_oracle_accepts_our_consistency_proofs((size, old) in tree_and_leaf()) {
        let (leaves, old) = (leaves(size), old + 1);
        let proof = prove(&leaves, &consistency_ranges(old, size).expect("not smaller"));
        let before = RootHash::<Sha256>::new(root(&leaves[..index(old)]).0.into(), old);
        let after = RootHash::<Sha256>::new(root(&leaves).0.into(), size);
        let proof = ConsistencyProof::try_from_bytes(joined(&proof)).expect("whole hashes");
        prop_assert!(after.verify_consistency(&before, &proof).is_ok());
    }

    #[test]
    fn we_accept_the_oracles_consistency_proofs_and_no_others((size, old) in tree_and_leaf()) {
        let (leaves, tree, old) = (leaves(size), oracle(size), old + 1);
        let proof: Vec<Digest> = digests(tree.prove_consistency(index(size - old)).as_bytes());
        let (before, after) = (root(&leaves[..index(old)]), root(&leaves));
        prop_assert!(verify_consistency(old, &before, size, &after, &proof));
        prop_assert!(!verify_consistency(old, &leaf_hash(b"other"), size, &after, &proof));
        prop_assert!(!verify_consistency(old, &before, size, &leaf_hash(b"other"), &proof));
        prop_assert!(!verify_consistency(old, &before, size, &after, &[&proof[..], &[before]].concat()));
        for place in 0..proof.len() {
            let mut altered = proof.clone();
            altered[place].0[0] ^= 1;
            prop_assert!(!verify_consistency(old, &before, size, &after, &altered));
            altered.remove(place);
            prop_assert!(!verify_consistency(old, &before, size, &after, &altered));
        }
    }

    #[test]
    fn a_frontier_survives_being_stored(before in 0..300_u64, after in 0..50_u64) {
        let all = leaves(before + after);
        let stored = all[..index(before)].iter().copied().collect::<Frontier>().to_bytes();
        let mut frontier = Frontier::from_bytes(&stored).expect("just written");
        frontier.extend(all[index(before)..].iter().copied());
        prop_assert_eq!((frontier.size(), frontier.root()), (before + after, root(&all)));
    }
}

fn digests(bytes: &[u8]) -> Vec<Digest> {
    bytes.chunks(32).map(|hash| Digest::from_slice(hash).expect("32 bytes")).collect()
}
