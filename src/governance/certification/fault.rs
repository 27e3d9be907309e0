//! Faults that prove themselves: signed documents that no honest signer makes together, checked without a network.

use std::collections::BTreeMap;

use crate::certification::message::of_body;
use crate::certification::record::Message;
use crate::codec::{MAX_EVIDENCE_BYTES, SignedStatement};
use crate::epoch::Epoch;
use crate::id::{Digest, JournalId, NodeId};
use crate::journal::{Fork, SignedCheckpoint, inclusion_ranges, leaf_hash, prove, verify_inclusion};
use crate::key::PublicKey;
use crate::statement::{Body, FaultKind, FaultReport, Signer, Statement};

/// Why a report proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error("the report holds documents that cannot be read as what it says they are")]
    Unreadable,
    #[error("the documents are not signed by the one who is accused")]
    Culprit,
    #[error("the documents do not contradict each other")]
    NoContradiction,
}

/// Whether the evidence proves that the culprit broke the protocol. `epoch` is the one in which the documents were
/// signed: its parties, their keys and their journals.
pub fn check(report: &FaultReport, epoch: &Epoch) -> Result<(), FaultError> {
    match report.fault {
        FaultKind::TwoVotes | FaultKind::TwoFinals | FaultKind::SkipAndFinal | FaultKind::TwoBallots => {
            check_statements(report, epoch)
        }
        FaultKind::Fork => {
            let fork = Fork::from_evidence(&report.evidence).ok_or(FaultError::NoContradiction)?;
            let signed = |journal: &Origin| journal.node == report.culprit && fork.is_signed_by(&journal.key);
            let journal = origin(&fork.checkpoints().0.journal, epoch).ok_or(FaultError::Culprit)?;
            if signed(&journal) { Ok(()) } else { Err(FaultError::Culprit) }
        }
        FaultKind::Cosignatures => {
            let fork = Fork::from_evidence(&report.evidence).ok_or(FaultError::NoContradiction)?;
            let party = epoch.parties.iter().find(|party| party.node.as_str() == report.culprit);
            let cosigned = party.is_some_and(|party| fork.is_cosigned_by(&party.node, &party.key));
            if cosigned { Ok(()) } else { Err(FaultError::Culprit) }
        }
        FaultKind::BrokenReceipt => check_receipt(report, epoch),
    }
}

/// A report, if two statements of one signer contradict each other: closing messages or ballots.
pub fn find(first: &SignedStatement, second: &SignedStatement) -> Option<FaultReport> {
    let fault = contradiction(first, second)?;
    let culprit = name(&first.statement.signer);
    let evidence = [first, second].map(text).to_vec();
    Some(FaultReport { fault, culprit, evidence })
}

/// Reports of everybody who contradicts themselves in these statements, one for each signer and kind of fault.
pub fn find_all(statements: &[SignedStatement]) -> Vec<FaultReport> {
    let mut reports = BTreeMap::new();
    for (place, second) in statements.iter().enumerate() {
        for first in statements[..place].iter().filter(|first| first.statement.signer == second.statement.signer) {
            if let Some(report) = find(first, second) {
                reports.entry((report.culprit.clone(), report.fault)).or_insert(report);
            }
        }
    }
    reports.into_values().collect()
}

/// Reports of everybody whom a fork convicts: the journal's node, and each witness that cosigned both sides.
pub fn find_in_fork(fork: &Fork, epoch: &Epoch) -> Vec<FaultReport> {
    let evidence = fork.to_evidence();
    let report = |fault, node: &NodeId| FaultReport { fault, culprit: node.to_string(), evidence: evidence.clone() };
    let mut reports = Vec::new();
    for journal in epoch.journals() {
        if journal.journal == fork.checkpoints().0.journal && fork.is_signed_by(&journal.key) {
            reports.push(report(FaultKind::Fork, journal.node));
        }
    }
    let witnesses = epoch.parties.iter().filter(|party| fork.is_cosigned_by(&party.node, &party.key));
    reports.extend(witnesses.map(|party| report(FaultKind::Cosignatures, &party.node)));
    reports
}

/// A report, if a journal has something else where a receipt promised a ballot. `leaves` are all of the journal's
/// leaf hashes below `note`. The evidence is the receipt, the ballot, the note, and lines of hashes: what stands in
/// that place, then its inclusion proof.
pub fn find_broken_receipt(
    receipt: &SignedStatement,
    ballot: &SignedStatement,
    note: &SignedCheckpoint,
    leaves: &[Digest],
) -> Option<FaultReport> {
    let Body::Receipt { position, .. } = &receipt.statement.body else { return None };
    let size = note.checkpoint.size;
    let leaf = leaves.get(usize::try_from(*position).ok()?)?;
    if *leaf == leaf_hash(&ballot.bytes) || leaves.len() as u64 != size {
        return None;
    }
    let mut hashes = vec![*leaf];
    hashes.extend(prove(leaves, &inclusion_ranges(*position, size)?));
    let lines: Vec<String> = hashes.iter().map(Digest::to_string).collect();
    Some(FaultReport {
        fault: FaultKind::BrokenReceipt,
        culprit: name(&receipt.statement.signer),
        evidence: vec![text(receipt), text(ballot), note.to_string(), lines.join("\n")],
    })
}

/// What two statements of one signer prove, if anything.
fn contradiction(first: &SignedStatement, second: &SignedStatement) -> Option<FaultKind> {
    let (a, b) = (&first.statement, &second.statement);
    let one_place = (&a.signer, a.key, a.consortium, a.epoch) == (&b.signer, b.key, b.consortium, b.epoch);
    if !one_place || first.digest == second.digest {
        return None;
    }
    if let (Body::Ballot(x), Body::Ballot(y)) = (&a.body, &b.body) {
        let same = (x.proposal, x.index, x.sequence) == (y.proposal, y.index, y.sequence);
        return same.then_some(FaultKind::TwoBallots);
    }
    let ((subject, x), (other, y)) = (of_body(&a.body)?, of_body(&b.body)?);
    if subject != other || x.round() != y.round() {
        return None;
    }
    match (x, y) {
        (Message::Vote { .. }, Message::Vote { .. }) if x != y => Some(FaultKind::TwoVotes),
        (Message::Final { .. }, Message::Final { .. }) if x != y => Some(FaultKind::TwoFinals),
        (Message::Skip { .. }, Message::Final { .. }) | (Message::Final { .. }, Message::Skip { .. }) => {
            Some(FaultKind::SkipAndFinal)
        }
        _ => None,
    }
}

fn check_statements(report: &FaultReport, epoch: &Epoch) -> Result<(), FaultError> {
    let [first, second] = report.evidence.as_slice() else { return Err(FaultError::Unreadable) };
    let (first, second) = (read(first)?, read(second)?);
    if contradiction(&first, &second) != Some(report.fault) {
        return Err(FaultError::NoContradiction);
    }
    check_culprit(&first, report, epoch)
}

fn check_receipt(report: &FaultReport, epoch: &Epoch) -> Result<(), FaultError> {
    let [receipt, ballot, note, hashes] = report.evidence.as_slice() else { return Err(FaultError::Unreadable) };
    let (receipt, ballot) = (read(receipt)?, read(ballot)?);
    let note: SignedCheckpoint = note.parse().map_err(|_| FaultError::Unreadable)?;
    let hashes: Result<Vec<Digest>, _> = hashes.lines().take(65).map(str::parse).collect();
    let hashes = hashes.map_err(|_| FaultError::Unreadable)?;
    let Body::Receipt { ballot: promised, journal, position } = &receipt.statement.body else {
        return Err(FaultError::Unreadable);
    };
    let (leaf, proof) = hashes.split_first().ok_or(FaultError::Unreadable)?;
    check_culprit(&receipt, report, epoch)?;
    let of_culprit = origin(journal, epoch).filter(|journal| journal.node == report.culprit);
    if !of_culprit.is_some_and(|journal| note.is_signed_by(&journal.key)) {
        return Err(FaultError::Culprit);
    }
    let there = note.checkpoint.journal == *journal
        && verify_inclusion(leaf, *position, note.checkpoint.size, proof, &note.checkpoint.root);
    let broken = there && ballot.digest == *promised && *leaf != leaf_hash(&ballot.bytes);
    if broken { Ok(()) } else { Err(FaultError::NoContradiction) }
}

/// Whether the accused is who signed, with the key of the epoch.
fn check_culprit(signed: &SignedStatement, report: &FaultReport, epoch: &Epoch) -> Result<(), FaultError> {
    let statement = &signed.statement;
    let in_epoch = statement.consortium == epoch.consortium && statement.epoch == epoch.number;
    let known = match &statement.signer {
        Signer::Node(node) => epoch.parties.iter().any(|party| party.node == *node && party.key == statement.key),
        Signer::Member(key) => *key == statement.key,
    };
    if in_epoch && known && name(&statement.signer) == report.culprit { Ok(()) } else { Err(FaultError::Culprit) }
}

struct Origin {
    node: String,
    key: PublicKey,
}

fn origin(journal: &JournalId, epoch: &Epoch) -> Option<Origin> {
    let journals = epoch.journals();
    let known = journals.iter().find(|known| known.journal == *journal)?;
    Some(Origin { node: known.node.to_string(), key: known.key })
}

fn name(signer: &Signer) -> String {
    match signer {
        Signer::Node(node) => node.to_string(),
        Signer::Member(key) => key.did(),
    }
}

fn text(signed: &SignedStatement) -> String {
    String::from_utf8(signed.bytes.clone()).expect("canonical JSON is UTF-8")
}

fn read(document: &str) -> Result<SignedStatement, FaultError> {
    Statement::read(document.as_bytes(), MAX_EVIDENCE_BYTES).map_err(|_| FaultError::Unreadable)
}
