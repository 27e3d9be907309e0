//! Faults that prove themselves: two signed documents that no honest node signs both.

use crate::codec::{MAX_EVIDENCE_BYTES, SignedStatement};
use crate::id::{ConsortiumId, NodeId};
use crate::journal::Fork;
use crate::statement::{Body, FaultKind, FaultReport, Party, Signer, Statement};

/// Why a report proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error("its evidence cannot be read: {0}")]
    Unreadable(String),
    #[error("the documents do not contradict each other")]
    NoContradiction,
    #[error("the documents were not signed by the one accused")]
    OtherSigner,
}

/// The report of two closing messages of one node.
pub fn contradiction(kind: FaultKind, node: &NodeId, first: &SignedStatement, second: &SignedStatement) -> FaultReport {
    report(kind, node.to_string(), vec![text(first), text(second)])
}

/// The report of two ballots of one member with one sequence.
pub fn two_ballots(first: &SignedStatement, second: &SignedStatement) -> FaultReport {
    let (first, second) = if first.digest <= second.digest { (first, second) } else { (second, first) };
    let culprit = match &first.statement.signer {
        Signer::Member(key) => key.did(),
        Signer::Node(node) => node.to_string(),
    };
    report(FaultKind::TwoBallots, culprit, vec![text(first), text(second)])
}

/// The report of two checkpoints that no one journal has.
pub fn fork(node: &NodeId, fork: &Fork) -> FaultReport {
    report(FaultKind::Fork, node.to_string(), fork.to_evidence())
}

fn report(fault: FaultKind, culprit: String, evidence: Vec<String>) -> FaultReport {
    FaultReport { fault, culprit, evidence }
}

fn text(signed: &SignedStatement) -> String {
    String::from_utf8_lossy(&signed.bytes).into_owned()
}

/// Checks a report by its evidence alone. `parties` are those of all epochs.
pub fn check(report: &FaultReport, consortium: ConsortiumId, parties: &[Party]) -> Result<(), FaultError> {
    match report.fault {
        FaultKind::Fork | FaultKind::Cosignatures => check_fork(report, parties),
        FaultKind::TwoVotes | FaultKind::TwoFinals | FaultKind::SkipAndFinal | FaultKind::TwoBallots => {
            check_statements(report, consortium, parties)
        }
        FaultKind::BrokenReceipt => Err(FaultError::Unreadable("receipts are settled by the journals".into())),
    }
}

fn check_fork(report: &FaultReport, parties: &[Party]) -> Result<(), FaultError> {
    let fork = Fork::from_evidence(&report.evidence).ok_or_else(|| FaultError::Unreadable("no fork".into()))?;
    let mut accused = parties.iter().filter(|party| party.node.as_str() == report.culprit);
    let signed = accused.any(|party| match report.fault {
        FaultKind::Cosignatures => fork.is_cosigned_by(&party.node, &party.key),
        _ => fork.is_signed_by(&party.key),
    });
    if signed { Ok(()) } else { Err(FaultError::OtherSigner) }
}

fn check_statements(report: &FaultReport, consortium: ConsortiumId, parties: &[Party]) -> Result<(), FaultError> {
    let [first, second] = report.evidence.as_slice() else {
        return Err(FaultError::Unreadable("two documents are needed".into()));
    };
    let read = |text: &String| {
        Statement::read(text.as_bytes(), MAX_EVIDENCE_BYTES).map_err(|error| FaultError::Unreadable(error.to_string()))
    };
    let (first, second) = (read(first)?, read(second)?);
    let (one, two) = (&first.statement, &second.statement);
    let of_culprit = |statement: &Statement| match &statement.signer {
        Signer::Node(node) => {
            let known = parties.iter().any(|party| party.node == *node && party.key == statement.key);
            known && node.as_str() == report.culprit
        }
        Signer::Member(key) => key.did() == report.culprit && *key == statement.key,
    };
    if !of_culprit(one) || !of_culprit(two) || one.key != two.key {
        return Err(FaultError::OtherSigner);
    }
    let same_place = one.consortium == consortium && two.consortium == consortium && one.epoch == two.epoch;
    if same_place && first.digest != second.digest && contradict(report.fault, &one.body, &two.body) {
        return Ok(());
    }
    Err(FaultError::NoContradiction)
}

fn contradict(kind: FaultKind, one: &Body, two: &Body) -> bool {
    match (kind, one, two) {
        (
            FaultKind::TwoVotes,
            Body::CutVote { proposal: p, sitting: s, round: r, value: v },
            Body::CutVote { proposal, sitting, round, value },
        )
        | (
            FaultKind::TwoFinals,
            Body::CutFinal { proposal: p, sitting: s, round: r, value: v },
            Body::CutFinal { proposal, sitting, round, value },
        ) => (p, s, r) == (proposal, sitting, round) && v != value,
        (
            FaultKind::SkipAndFinal,
            Body::CutSkip { proposal: p, sitting: s, round: r },
            Body::CutFinal { proposal, sitting, round, .. },
        )
        | (
            FaultKind::SkipAndFinal,
            Body::CutFinal { proposal: p, sitting: s, round: r, .. },
            Body::CutSkip { proposal, sitting, round },
        ) => (p, s, r) == (proposal, sitting, round),
        (FaultKind::TwoBallots, Body::Ballot(a), Body::Ballot(b)) => {
            let differs = a.choices != b.choices || a.block != b.block;
            (a.proposal, a.index, a.sequence) == (b.proposal, b.index, b.sequence) && differs
        }
        _ => false,
    }
}
