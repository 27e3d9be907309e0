use proptest::prelude::*;

use super::*;
use crate::codec::SignedBallot;
use crate::statement::{Ballot, BlockReason};

fn ballots() -> impl Strategy<Value = Ballot> {
    let choices = prop::collection::btree_set(any::<u32>(), 1..5);
    let block = prop::option::of(("[^\\p{Cc}]{1,20}", "[^\\p{Cc}\\p{Co}]{1,50}(\n\t\"\\\\[^\\p{Cc}]{1,9})?"));
    (any::<[u8; 32]>(), any::<u32>(), 0..=json::MAX_INTEGER, choices, block).prop_map(
        |(proposal, index, sequence, choices, block)| Ballot {
            proposal: Digest(proposal),
            index,
            sequence,
            choices: choices.into_iter().collect(),
            block: block.map(|(ground, text)| BlockReason { ground, text }),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_ballot_is_rebuilt_from_its_fields_to_the_same_bytes(
        ballot in ballots(), seed: [u8; 32], consortium: [u8; 32], epoch in 0..=json::MAX_INTEGER,
        published in 0..=Time::MAX.0,
    ) {
        let key = SecretKey::from_seed(seed);
        let signed = Unsigned {
            signer: Signer::Member(key.public()),
            published: Time(published),
            consortium: ConsortiumId(Digest(consortium)),
            epoch,
            body: Body::Ballot(ballot),
        }.sign(&key).expect("within the limits");
        let fields = SignedBallot::from_statement(&signed).expect("a ballot");
        prop_assert_eq!(String::from_utf8(fields.bytes()), String::from_utf8(signed.bytes.clone()));
        prop_assert_eq!(fields.digest(), signed.digest);
        prop_assert!(fields.is_valid());
        let mut batch = Batch::default();
        fields.add_to(&mut batch);
        prop_assert!(batch.verify(&mut |bytes| bytes.fill(9)));
        prop_assert_eq!(Statement::read(&fields.bytes(), MAX_STATEMENT_BYTES), Ok(signed));
    }
}

#[test]
fn a_changed_field_makes_a_ballot_invalid() {
    let (unsigned, key) = unsigned(bodies().into_iter().find(|body| matches!(body, Body::Ballot(_))).expect("one"));
    let signed = unsigned.sign(&key).expect("within the limits");
    let ballot = SignedBallot::from_statement(&signed).expect("a ballot");
    let check = |change: &dyn Fn(&mut SignedBallot)| {
        let mut changed = ballot.clone();
        change(&mut changed);
        assert!(!changed.is_valid(), "{changed:?}");
    };
    check(&|ballot| ballot.consortium = ConsortiumId(Digest::of(b"other")));
    check(&|ballot| ballot.epoch += 1);
    check(&|ballot| ballot.published = ballot.published.plus(1));
    check(&|ballot| ballot.key = node_key().public());
    check(&|ballot| ballot.signature[0] ^= 1);
    check(&|ballot| ballot.ballot.proposal = Digest::of(b"other"));
    check(&|ballot| ballot.ballot.index += 1);
    check(&|ballot| ballot.ballot.sequence += 1);
    check(&|ballot| ballot.ballot.choices = vec![1]);
    check(&|ballot| ballot.ballot.block = Some(BlockReason { ground: "g".to_owned(), text: "t".to_owned() }));
}

#[test]
fn only_ballots_are_ballots() {
    let ballots = signed().iter().filter(|(statement, _)| SignedBallot::from_statement(statement).is_some()).count();
    assert_eq!(ballots, 2);
}
