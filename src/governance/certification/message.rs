//! Closing messages between their two forms: signed statements on the wire, bare messages in the state machine.

use serde_json::{Value, json};

use super::record::{Message, NodeIndex, Said};
use crate::codec::{SignedStatement, StatementError};
use crate::epoch::Epoch;
use crate::extract::CertifiedSize;
use crate::id::{Digest, Time};
use crate::journal::{SignedCheckpoint, certified_at};
use crate::statement::{Body, CutProposal, Party, Signer, Statement};

/// Why a statement is not a closing message of this sitting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("it is not a closing message")]
    Kind,
    #[error("it is about another vote or sitting")]
    OtherVote,
    #[error("its signer is not a party with this key")]
    Signer,
    #[error("a message of its justification cannot be used: {0}")]
    Enclosed(String),
}

/// A closing message as the state machine hears it.
#[derive(Debug, Clone)]
pub enum Heard {
    Said(Said),
    /// A chair's proposal with the signed messages that justify it.
    Proposed { by: NodeIndex, round: u32, value: Digest, enclosed: Vec<(Said, SignedStatement)> },
}

/// The vote that a closing message is about.
pub fn proposal_of(body: &Body) -> Option<Digest> {
    match body {
        Body::CutProposal(proposed) => Some(proposed.proposal),
        Body::CutVote { proposal, .. } | Body::CutSkip { proposal, .. } | Body::CutFinal { proposal, .. } => {
            Some(*proposal)
        }
        _ => None,
    }
}

/// Reads a verified statement as a message of this sitting by one of `parties`.
pub fn read(
    signed: &SignedStatement,
    proposal: Digest,
    sitting: u32,
    parties: &[Party],
) -> Result<Heard, MessageError> {
    let said = said(&signed.statement, proposal, sitting, parties)?;
    let Body::CutProposal(proposed) = &signed.statement.body else { return Ok(Heard::Said(said)) };
    let enclosed = enclosed(proposed, proposal, sitting, parties)?;
    Ok(Heard::Proposed { by: said.by, round: proposed.round, value: proposed.value, enclosed })
}

/// The message without its justification.
pub fn said(
    statement: &Statement,
    proposal: Digest,
    sitting: u32,
    parties: &[Party],
) -> Result<Said, MessageError> {
    let (about, sits, message) = match &statement.body {
        Body::CutProposal(p) => (p.proposal, p.sitting, Message::Propose { round: p.round, value: p.value }),
        Body::CutVote { proposal, sitting, round, value } => {
            (*proposal, *sitting, Message::Vote { round: *round, value: *value })
        }
        Body::CutSkip { proposal, sitting, round } => (*proposal, *sitting, Message::Skip { round: *round }),
        Body::CutFinal { proposal, sitting, round, value } => {
            (*proposal, *sitting, Message::Final { round: *round, value: *value })
        }
        _ => return Err(MessageError::Kind),
    };
    if about != proposal || sits != sitting {
        return Err(MessageError::OtherVote);
    }
    let Signer::Node(node) = &statement.signer else { return Err(MessageError::Signer) };
    let position = parties.iter().position(|party| party.node == *node && party.key == statement.key);
    let position = position.and_then(|position| u16::try_from(position).ok()).ok_or(MessageError::Signer)?;
    Ok(Said { by: NodeIndex(position), message })
}

fn enclosed(
    proposed: &CutProposal,
    proposal: Digest,
    sitting: u32,
    parties: &[Party],
) -> Result<Vec<(Said, SignedStatement)>, MessageError> {
    let justification = &proposed.justification;
    justification
        .skips
        .iter()
        .chain(&justification.votes)
        .map(|value| {
            let signed = Statement::from_value(value)
                .map_err(|error: StatementError| MessageError::Enclosed(error.to_string()))?;
            let said = said(&signed.statement, proposal, sitting, parties)?;
            Ok((said, signed))
        })
        .collect()
}

/// Several signed messages as one activity for a peer's inbox: they prove themselves.
pub fn bundle(from: &str, statements: &[Vec<u8>]) -> Vec<u8> {
    let items: Vec<Value> = statements.iter().filter_map(|bytes| serde_json::from_slice(bytes).ok()).collect();
    crate::json::canonical(&json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "Announce",
        "actor": from,
        "object": {"type": "ClosingMessages", "items": items},
    }))
}

/// Why a cut cannot be closed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    #[error("note {0} is not a checkpoint of a journal of this epoch, or is out of order")]
    Note(usize),
    #[error("note {0} was not signed by its journal's node")]
    Unsigned(usize),
    #[error("note {0} was not certified by {1}")]
    Late(usize, Time),
    #[error("note {0} goes beyond the end of a retired journal")]
    BeyondEnd(usize),
    #[error("the journal {0} is behind the roll cut")]
    BehindRoll(crate::id::JournalId),
}

/// The certified sizes of a cut: journals of the epoch in its order, each certified by `settled` and not behind the
/// roll cut.
pub fn check_cut(
    notes: &[String],
    epoch: &Epoch,
    settled: Time,
    roll_cut: &[CertifiedSize],
) -> Result<Vec<CertifiedSize>, CutError> {
    let journals = epoch.journals();
    let mut rest = journals.iter();
    let mut cut = Vec::with_capacity(notes.len());
    for (number, note) in notes.iter().enumerate() {
        let signed: SignedCheckpoint = note.parse().map_err(|_| CutError::Note(number))?;
        let journal = rest.find(|journal| journal.journal == signed.checkpoint.journal);
        let journal = journal.ok_or(CutError::Note(number))?;
        if !signed.is_signed_by(&journal.key) {
            return Err(CutError::Unsigned(number));
        }
        let certified = certified_at(&signed, &epoch.parties, epoch.quorum()).filter(|at| *at <= settled);
        let certified_at = certified.ok_or(CutError::Late(number, settled))?;
        let (size, root) = (signed.checkpoint.size, signed.checkpoint.root);
        if journal.frozen_at.is_some_and(|end| size > end) {
            return Err(CutError::BeyondEnd(number));
        }
        cut.push(CertifiedSize { journal: journal.journal.clone(), size, root, certified_at });
    }
    for point in roll_cut {
        if !cut.iter().any(|known| known.journal == point.journal && known.size >= point.size) {
            return Err(CutError::BehindRoll(point.journal.clone()));
        }
    }
    Ok(cut)
}
