//! Certificates and cuts: made by real closings, and refused where anything about them is not so.

use folkmoot_governance::certification::Certificate;
use folkmoot_governance::certification::certificate::{CertificateError, chairs};
use folkmoot_governance::certification::cut::{Cut, CutError};
use folkmoot_governance::certification::message::{MessageError, Subject, body, proposal_body, read};
use folkmoot_governance::certification::record::{Grounds, Message, NodeIndex};
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::Body;

use crate::closing::Closings;
use crate::world::{FOUNDED, World, secret};

const SUBJECT: Subject = Subject { proposal: Digest([7; 32]), sitting: 0 };
const VALUE: Digest = Digest([1; 32]);
const OTHER: Digest = Digest([2; 32]);

fn closings(world: &World) -> Closings<'_> {
    Closings::new(world.epoch(), &world.secrets, SUBJECT, VALUE, Vec::new())
}

/// The statements of a message by each of `signers`.
fn said(closings: &Closings<'_>, signers: &[u16], message: Message) -> Vec<SignedStatement> {
    let sign = |by: &u16| closings.sign(NodeIndex(*by), body(SUBJECT, message).expect("no proposal"));
    signers.iter().map(sign).collect()
}

fn chair(world: &World, round: usize) -> NodeIndex {
    let order = chairs(SUBJECT, world.epoch());
    order[round % order.len()]
}

/// A certificate put together by hand: whoever proposes, whatever the justification.
fn certificate(world: &World, by: NodeIndex, round: u32, enclosed: &[SignedStatement], signers: &[u16]) -> Certificate {
    let closings = closings(world);
    let proposed = closings.sign(by, proposal_body(SUBJECT, round, VALUE, Vec::new(), enclosed));
    let finals = said(&closings, signers, Message::Final { round, value: VALUE });
    Certificate::assemble(&proposed, &finals).expect("a proposal")
}

#[test]
fn a_closing_ends_in_a_valid_certificate() {
    let world = World::found();
    let certificate = closings(&world).certify(&[]).expect("a certificate");
    let certified = certificate.verify(world.epoch()).expect("valid");
    assert_eq!((certificate.round, certificate.value, certified.signers.len()), (0, VALUE, 3));
    assert_eq!((certified.chair, certified.grounds), (chair(&world, 0), Grounds::Free));
}

#[test]
fn a_silent_chair_is_in_the_justification() {
    let world = World::found();
    let silent = chair(&world, 0);
    let certificate = closings(&world).certify(&[silent]).expect("a certificate");
    let certified = certificate.verify(world.epoch()).expect("valid");
    assert_eq!((certificate.round, certified.chair), (1, chair(&world, 1)));
    assert!(!certified.signers.contains(&silent));
}

#[test]
fn without_a_quorum_there_is_no_certificate() {
    let world = World::found();
    assert_eq!(closings(&world).certify(&[chair(&world, 0), chair(&world, 2)]), None);
}

#[test]
fn a_certificate_needs_a_quorum_of_different_parties() {
    let world = World::found();
    let check = |signers: &[u16]| certificate(&world, chair(&world, 0), 0, &[], signers).verify(world.epoch());
    assert!(check(&[0, 1, 2]).is_ok());
    assert!(check(&[0, 1, 2, 3]).is_ok());
    assert_eq!(check(&[0, 1]), Err(CertificateError::Quorum { found: 2, needed: 3 }));
    assert_eq!(check(&[0, 1, 1]), Err(CertificateError::Quorum { found: 2, needed: 3 }));
}

#[test]
fn only_the_chair_of_the_round_proposes() {
    let world = World::found();
    let found = certificate(&world, chair(&world, 1), 0, &[], &[0, 1, 2]).verify(world.epoch());
    assert_eq!(found, Err(CertificateError::Chair));
}

#[test]
fn a_later_round_needs_its_justification() {
    let world = World::found();
    let closings = closings(&world);
    let check = |round: u32, enclosed: &[SignedStatement]| {
        certificate(&world, chair(&world, round as usize), round, enclosed, &[0, 1, 2]).verify(world.epoch())
    };
    let skips = |round, signers: &[u16]| said(&closings, signers, Message::Skip { round });
    let votes = |value, signers: &[u16]| said(&closings, signers, Message::Vote { round: 0, value });
    let unjustified = Err(CertificateError::Unjustified);
    assert_eq!(check(1, &[]), unjustified);
    assert_eq!(check(1, &skips(0, &[0, 1])), unjustified);
    assert_eq!(check(1, &skips(0, &[0, 1, 1])), Err(CertificateError::Proposal(MessageError::Repeated)));
    assert_eq!(check(1, &skips(0, &[0, 1, 3])).map(|found| found.grounds), Ok(Grounds::Free));
    assert_eq!(check(1, &votes(VALUE, &[1, 2, 3])).map(|found| found.grounds), Ok(Grounds::Locked));
    let idle = || Err(CertificateError::Proposal(MessageError::Idle));
    assert_eq!(check(1, &votes(OTHER, &[1, 2, 3])), idle());
    assert_eq!(check(1, &skips(1, &[0, 1, 2])), idle());
    // Two rounds on, the round between must have been skipped.
    assert_eq!(check(2, &votes(VALUE, &[1, 2, 3])), unjustified);
    let both = [votes(VALUE, &[1, 2, 3]), skips(1, &[0, 1, 2])].concat();
    assert_eq!(check(2, &both).map(|found| found.grounds), Ok(Grounds::Locked));
}

#[test]
fn a_certificate_is_for_one_vote_and_value() {
    let world = World::found();
    let valid = || certificate(&world, chair(&world, 0), 0, &[], &[0, 1, 2]);
    let check = |alter: fn(&mut Certificate)| {
        let mut altered = valid();
        alter(&mut altered);
        altered.verify(world.epoch())
    };
    assert_eq!(check(|certificate| certificate.value = OTHER), Err(CertificateError::OtherFinal));
    assert_eq!(check(|certificate| certificate.sitting = 1), Err(CertificateError::OtherFinal));
    assert_eq!(check(|certificate| certificate.round = 1), Err(CertificateError::OtherFinal));
    assert_eq!(check(|certificate| certificate.cut = vec!["x".to_owned()]), Err(CertificateError::OtherProposal));
    assert!(matches!(
        check(|certificate| certificate.proposed = certificate.finals[0].clone()),
        Err(CertificateError::OtherProposal | CertificateError::Proposal(_))
    ));
    assert!(matches!(
        check(|certificate| certificate.finals[0]["published"] = "2027-01-01T00:00:00Z".into()),
        Err(CertificateError::Final(MessageError::Statement(_)))
    ));
}

#[test]
fn a_message_is_signed_by_a_party_with_its_key_of_the_epoch() {
    let world = World::found();
    let closings = closings(&world);
    let skip = || body(SUBJECT, Message::Skip { round: 0 }).expect("no proposal");
    let good = closings.sign(NodeIndex(1), skip());
    assert_eq!(read(good.clone(), world.epoch()).expect("good").said.by, NodeIndex(1));
    let mut secrets = world.secrets.clone();
    secrets[1] = secret("another key");
    let stolen = Closings::new(world.epoch(), &secrets, SUBJECT, VALUE, Vec::new()).sign(NodeIndex(1), skip());
    assert_eq!(read(stolen, world.epoch()), Err(MessageError::Signer));
    let mut later = world.epoch().clone();
    later.number = 1;
    assert_eq!(read(good, &later), Err(MessageError::Place));
    let digest = world.epoch().charter_digest;
    let other = closings.sign(NodeIndex(1), Body::Charter { digest });
    assert_eq!(read(other, world.epoch()), Err(MessageError::Kind));
}

#[test]
fn a_justification_holds_messages_of_the_same_closing_only() {
    let world = World::found();
    let closings = closings(&world);
    let elsewhere = Subject { sitting: 1, ..SUBJECT };
    let foreign = closings.sign(NodeIndex(1), body(elsewhere, Message::Skip { round: 0 }).expect("no proposal"));
    let proposed = closings.sign(chair(&world, 1), proposal_body(SUBJECT, 1, VALUE, Vec::new(), &[foreign]));
    let expected = MessageError::Enclosed(Box::new(MessageError::Subject));
    assert_eq!(read(proposed, world.epoch()), Err(expected));
}

#[test]
fn a_justification_has_no_message_twice() {
    let world = World::found();
    let closings = closings(&world);
    let skip = |by| closings.sign(NodeIndex(by), body(SUBJECT, Message::Skip { round: 0 }).expect("no proposal"));
    let propose = |enclosed: &[SignedStatement]| {
        let proposed = closings.sign(chair(&world, 1), proposal_body(SUBJECT, 1, VALUE, Vec::new(), enclosed));
        read(proposed, world.epoch()).map(|letter| letter.enclosed.len())
    };
    assert_eq!(propose(&[skip(2), skip(1)]), Ok(2));
    assert_eq!(propose(&[skip(1), skip(2), skip(1)]), Err(MessageError::Repeated));
}

#[test]
fn a_cut_is_read_back_and_covers_smaller_ones() {
    let mut world = World::found();
    let at = FOUNDED.plus(60);
    let (first, early) = (world.cut(at), world.checkpoint(0, at));
    let digest = world.epoch().charter_digest;
    world.state(0, at, Body::Charter { digest });
    let second = world.cut(at);
    assert_eq!(Cut::read(&second.to_notes(), world.epoch(), at), Ok(second.clone()));
    let mut notes = second.to_notes();
    assert_eq!(Cut::stored(&notes, world.epoch()), second);
    notes.insert(1, "no note".into());
    assert_eq!(Cut::stored(&notes, world.epoch()), second);
    assert_eq!(second.size_of(&world.journal_of(0)), first.size_of(&world.journal_of(0)) + 1);
    assert!(second.covers(first.sizes()) && second.covers(second.sizes()) && !first.covers(second.sizes()));
    assert_ne!(first.digest(), second.digest());
    // The largest certified checkpoint of each journal is taken, whatever the order.
    let held = [early.clone(), world.checkpoint(0, at), early];
    assert_eq!(Cut::build(&held, world.epoch(), at).size_of(&world.journal_of(0)), second.sizes()[0].size);
}

#[test]
fn a_cut_holds_checkpoints_that_were_certified_in_time() {
    let world = World::found();
    let at = FOUNDED.plus(60);
    let notes = world.cut(at).to_notes();
    let check = |notes: &[String], latest: Time| Cut::read(notes, world.epoch(), latest).map(|cut| cut.sizes().len());
    assert_eq!(check(&notes, at), Ok(4));
    assert_eq!(check(&notes[1..3], at), Ok(2));
    let journal = world.journal_of(0);
    let latest = at.plus(-1);
    assert_eq!(check(&notes, latest), Err(CutError::Late { journal: journal.clone(), at, latest }));
    let swapped = [notes[1].clone(), notes[0].clone()];
    assert_eq!(check(&swapped, at), Err(CutError::Journal(journal.clone())));
    assert_eq!(check(&[notes[0].clone(), notes[0].clone()], at), Err(CutError::Journal(journal.clone())));
    // Text, blank line, the journal's signature and two cosignatures: one too few.
    let without = |keep: &dyn Fn(usize) -> bool| -> Vec<String> {
        let lines = notes[0].lines().enumerate().filter(|(at, _)| keep(*at)).map(|(_, line)| format!("{line}\n"));
        vec![lines.collect()]
    };
    assert_eq!(check(&without(&|line| line < 7), at), Err(CutError::Uncertified(journal.clone())));
    assert_eq!(check(&without(&|line| line != 4), at), Err(CutError::Unsigned(journal)));
    assert!(matches!(check(&["x".to_owned()], at), Err(CutError::Note(_))));
}
