//! Faults that prove themselves: each kind is found, checks out, and does not if it is not so.

use folkmoot_governance::certification::Certificate;
use folkmoot_governance::certification::certificate::chairs;
use folkmoot_governance::certification::fault::{FaultError, check, find, find_all, find_broken_receipt, find_in_fork};
use folkmoot_governance::certification::message::{Subject, body, proposal_body};
use folkmoot_governance::certification::record::{Message, NodeIndex};
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::Digest;
use folkmoot_governance::journal::{Checkpoint, Fork, SignedCheckpoint, root};
use folkmoot_governance::statement::{Body, FaultKind, FaultReport};

use crate::closing::Closings;
use crate::world::{FOUNDED, World, history, node, secret};

const SUBJECT: Subject = Subject { proposal: Digest([7; 32]), sitting: 0 };
const A: Digest = Digest([1; 32]);
const B: Digest = Digest([2; 32]);

fn say(world: &World, by: u16, subject: Subject, message: Message) -> SignedStatement {
    let closings = Closings::new(world.epoch(), &world.secrets, subject, A, Vec::new());
    closings.sign(NodeIndex(by), body(subject, message).expect("no proposal"))
}

#[test]
fn contradicting_messages_prove_their_signers_fault() {
    let world = World::found();
    let check = |first: Message, second: Message, kind: FaultKind| {
        let report = find(&say(&world, 1, SUBJECT, first), &say(&world, 1, SUBJECT, second)).expect("a fault");
        assert_eq!((report.fault, report.culprit.as_str()), (kind, node(1).as_str()));
        assert_eq!(check(&report, world.epoch()), Ok(()));
        // Whoever is accused in the signer's place is not.
        let other = FaultReport { culprit: node(2).to_string(), ..report.clone() };
        assert_eq!(check(&other, world.epoch()), Err(FaultError::Culprit));
        let other = FaultReport { fault: FaultKind::TwoBallots, ..report };
        assert_eq!(check(&other, world.epoch()), Err(FaultError::NoContradiction));
    };
    let (vote, finish) = (|value| Message::Vote { round: 3, value }, |value| Message::Final { round: 3, value });
    check(vote(A), vote(B), FaultKind::TwoVotes);
    check(finish(A), finish(B), FaultKind::TwoFinals);
    check(finish(A), Message::Skip { round: 3 }, FaultKind::SkipAndFinal);
    check(Message::Skip { round: 3 }, finish(B), FaultKind::SkipAndFinal);
}

#[test]
fn messages_that_an_honest_node_signs_prove_nothing() {
    let world = World::found();
    let vote = |round, value| say(&world, 1, SUBJECT, Message::Vote { round, value });
    let skip = |round| say(&world, 1, SUBJECT, Message::Skip { round });
    let finish = |round, value| say(&world, 1, SUBJECT, Message::Final { round, value });
    assert_eq!(find(&vote(0, A), &vote(0, A)), None);
    assert_eq!(find(&vote(0, A), &vote(1, B)), None);
    assert_eq!(find(&vote(0, A), &skip(0)), None);
    assert_eq!(find(&skip(0), &finish(1, A)), None);
    assert_eq!(find(&vote(0, A), &say(&world, 2, SUBJECT, Message::Vote { round: 0, value: B })), None);
    let later = Subject { sitting: 1, ..SUBJECT };
    assert_eq!(find(&vote(0, A), &say(&world, 1, later, Message::Vote { round: 0, value: B })), None);
}

#[test]
fn altered_evidence_proves_nothing() {
    let world = World::found();
    let vote = |value| say(&world, 1, SUBJECT, Message::Vote { round: 0, value });
    let report = find(&vote(A), &vote(B)).expect("a fault");
    let mut altered = report.clone();
    altered.evidence[1] = altered.evidence[1].replace(&B.to_string(), &Digest([3; 32]).to_string());
    assert_eq!(check(&altered, world.epoch()), Err(FaultError::Unreadable));
    let fewer = FaultReport { evidence: report.evidence[..1].to_vec(), ..report };
    assert_eq!(check(&fewer, world.epoch()), Err(FaultError::Unreadable));
}

#[test]
fn no_byte_of_a_signed_document_can_be_altered_to_accuse_somebody() {
    let (world, vote) = history();
    let ballot = |choice| World::ballot(vote, "ada", "ada", 7, choice);
    let report = find(&ballot(0), &ballot(2)).expect("a fault");
    for (document, text) in report.evidence.iter().enumerate() {
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(altered) = String::from_utf8(bytes) else { continue };
            let mut report = report.clone();
            report.evidence[document] = altered;
            assert!(check(&report, world.epoch()).is_err(), "document {document}, byte {place}");
        }
    }
}

#[test]
fn two_ballots_with_one_sequence_prove_the_members_fault() {
    let (world, vote) = history();
    let ballot = |sequence, choice| World::ballot(vote, "ada", "ada", sequence, choice);
    let report = find(&ballot(7, 0), &ballot(7, 2)).expect("a fault");
    assert_eq!((report.fault, report.culprit.clone()), (FaultKind::TwoBallots, secret("ada").public().did()));
    assert_eq!(check(&report, world.epoch()), Ok(()));
    assert_eq!(find(&ballot(7, 0), &ballot(7, 0)), None);
    assert_eq!(find(&ballot(7, 0), &ballot(8, 2)), None);
    assert_eq!(find(&ballot(7, 0), &World::ballot(vote, "bo", "bo", 7, 2)), None);
}

/// A certificate by nodes `signers`, put together by hand.
fn certificate(world: &World, round: u32, value: Digest, enclosed: &[SignedStatement], signers: &[u16]) -> Certificate {
    let closings = Closings::new(world.epoch(), &world.secrets, SUBJECT, value, Vec::new());
    let order = chairs(SUBJECT, world.epoch());
    let chair = order[round as usize % order.len()];
    let proposed = closings.sign(chair, proposal_body(SUBJECT, round, value, Vec::new(), enclosed));
    let finals: Vec<_> = signers.iter().map(|by| say(world, *by, SUBJECT, Message::Final { round, value })).collect();
    let certificate = Certificate::assemble(&proposed, &finals).expect("a proposal");
    assert!(certificate.verify(world.epoch()).is_ok());
    certificate
}

#[test]
fn two_valid_certificates_name_everybody_who_is_in_both_quorums() {
    let world = World::found();
    let first = certificate(&world, 0, A, &[], &[0, 1, 2]);
    let check = |second: &Certificate, fault: FaultKind, liars: [usize; 2]| {
        let reports = find_all(&[first.statements(), second.statements()].concat());
        let named: Vec<_> = reports.iter().map(|report| (report.fault, report.culprit.clone())).collect();
        assert_eq!(named, liars.map(|number| (fault, node(number).to_string())));
        for report in &reports {
            assert_eq!(check(report, world.epoch()), Ok(()));
        }
    };
    check(&certificate(&world, 0, B, &[], &[1, 2, 3]), FaultKind::TwoFinals, [1, 2]);
    // Whoever put a final to the first round and helped to skip it.
    let skips: Vec<_> = [0, 2, 3].map(|by| say(&world, by, SUBJECT, Message::Skip { round: 0 })).into();
    check(&certificate(&world, 1, B, &skips, &[0, 2, 3]), FaultKind::SkipAndFinal, [0, 2]);
    // One certificate, in whatever words, accuses nobody.
    let again = certificate(&world, 0, A, &[], &[1, 2, 3]);
    assert_eq!(find_all(&[first.statements(), again.statements()].concat()), []);
}

/// The journal of node 0 as it is, and as it would be with another last leaf; cosigned by nodes 0 and 1.
fn forked(world: &World) -> (SignedCheckpoint, SignedCheckpoint, Vec<Digest>) {
    let journal = world.journal_of(0);
    let leaves = world.leaves(&journal);
    let mut others = leaves.clone();
    *others.last_mut().expect("a leaf") = Digest([9; 32]);
    let sign = |leaves: &[Digest]| {
        let checkpoint = Checkpoint { journal: journal.clone(), size: leaves.len() as u64, root: root(leaves) };
        let mut note = checkpoint.sign(&world.secrets[0]);
        for number in 0..2 {
            let line = note.checkpoint.cosign(&node(number), &world.secrets[number], FOUNDED);
            note.signatures.push(line);
        }
        note
    };
    (sign(&leaves), sign(&others), others)
}

#[test]
fn a_fork_proves_the_fault_of_its_node_and_of_those_who_cosigned_both_sides() {
    let world = World::found();
    let (one, other, leaves) = forked(&world);
    let fork = Fork::find(&one, &other, &leaves).expect("a fork");
    let reports = find_in_fork(&fork, world.epoch());
    let named: Vec<_> = reports.iter().map(|report| (report.fault, report.culprit.clone())).collect();
    let expected = [(FaultKind::Fork, 0), (FaultKind::Cosignatures, 0), (FaultKind::Cosignatures, 1)];
    assert_eq!(named, expected.map(|(fault, number)| (fault, node(number).to_string())));
    for report in reports {
        assert_eq!(check(&report, world.epoch()), Ok(()));
        let other = FaultReport { culprit: node(2).to_string(), ..report };
        assert_eq!(check(&other, world.epoch()), Err(FaultError::Culprit));
    }
    // A journal that only grew is no fault, whatever the report says.
    let grown = [one.clone(), one].map(|note| note.to_string());
    let evidence = [&grown[..], &[String::new()]].concat();
    let report = FaultReport { fault: FaultKind::Fork, culprit: node(0).to_string(), evidence };
    assert_eq!(check(&report, world.epoch()), Err(FaultError::NoContradiction));
}

#[test]
fn a_receipt_whose_ballot_is_missing_proves_its_nodes_fault() {
    let (world, vote) = history();
    let mut world = world.clone();
    let ballot = World::ballot(vote, "bo", "bo", 9, 0);
    let journal = world.journal_of(0);
    let leaves = world.leaves(&journal);
    let mut receipt = |position| {
        let body = Body::Receipt { ballot: ballot.digest, journal: journal.clone(), position };
        let signed = world.state(0, vote.opening.voting.opens, body);
        world.journals.get_mut(&journal).expect("the journal").pop();
        signed
    };
    let (broken, unfulfilled) = (receipt(2), receipt(1 << 40));
    let note = world.checkpoint(0, FOUNDED);
    let report = find_broken_receipt(&broken, &ballot, &note, &leaves).expect("a fault");
    assert_eq!(check(&report, world.epoch()), Ok(()));
    let other = FaultReport { culprit: node(1).to_string(), ..report.clone() };
    assert_eq!(check(&other, world.epoch()), Err(FaultError::Culprit));
    let mut moved = report;
    moved.evidence[3] = moved.evidence[3].replacen('a', "b", 1);
    assert_eq!(check(&moved, world.epoch()), Err(FaultError::NoContradiction));
    // The journal does not reach the promised place yet.
    assert_eq!(find_broken_receipt(&unfulfilled, &ballot, &note, &leaves), None);
    // A kept promise is no fault.
    world.append(0, ballot.clone());
    let leaves = world.leaves(&journal);
    let body = Body::Receipt { ballot: ballot.digest, journal, position: leaves.len() as u64 - 1 };
    let note = world.checkpoint(0, FOUNDED);
    let kept = world.state(0, vote.opening.voting.opens, body);
    assert_eq!(find_broken_receipt(&kept, &ballot, &note, &leaves), None);
}
