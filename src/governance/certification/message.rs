//! Closing messages as signed statements: from a statement to what the state machine knows, and back.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::certification::record::{Message, NodeIndex, Said};
use crate::codec::{SignedStatement, StatementError};
use crate::epoch::Epoch;
use crate::id::Digest;
use crate::statement::{Body, CutProposal, Justification, Signer, Statement};

/// Which closing a message belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    pub proposal: Digest,
    pub sitting: u32,
}

/// A closing message whose signature and signer were verified, with those enclosed in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    pub subject: Subject,
    pub said: Said,
    pub signed: SignedStatement,
    /// The justification of a proposal; empty in all others. Each is whole, to be kept under its own name.
    pub enclosed: Vec<(Said, SignedStatement)>,
}

/// Why a statement is not a message of a closing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("the statement is not a message of a closing")]
    Kind,
    #[error("the message belongs to another consortium or epoch than the vote")]
    Place,
    #[error("the message is not signed by a party with its key of this epoch")]
    Signer,
    #[error("the message is about another vote or sitting")]
    Subject,
    #[error("the justification has a message twice")]
    Repeated,
    #[error("the justification has a message that justifies nothing")]
    Idle,
    #[error("a message in the justification: {0}")]
    Enclosed(Box<MessageError>),
    #[error(transparent)]
    Statement(#[from] StatementError),
}

/// The closing and the message that a body is; none for bodies of other kinds.
pub fn of_body(body: &Body) -> Option<(Subject, Message)> {
    let (proposal, sitting, message) = match *body {
        Body::CutProposal(ref proposed) => {
            let CutProposal { proposal, sitting, round, value, .. } = **proposed;
            (proposal, sitting, Message::Propose { round, value })
        }
        Body::CutVote { proposal, sitting, round, value } => (proposal, sitting, Message::Vote { round, value }),
        Body::CutSkip { proposal, sitting, round } => (proposal, sitting, Message::Skip { round }),
        Body::CutFinal { proposal, sitting, round, value } => (proposal, sitting, Message::Final { round, value }),
        _ => return None,
    };
    Some((Subject { proposal, sitting }, message))
}

/// The opening of the vote that something is said in; none for what is not about one vote.
pub fn vote_of(body: &Body) -> Option<Digest> {
    match body {
        Body::Ballot(ballot) => Some(ballot.proposal),
        Body::Article(decision) => Some(decision.proposal),
        Body::Extension { proposal, .. } | Body::Challenge { proposal, .. } | Body::Withdrawal { proposal, .. } => {
            Some(*proposal)
        }
        body => of_body(body).map(|(subject, _)| subject.proposal),
    }
}

/// Verifies who said what. `epoch` is the one that the vote was opened in.
pub fn read(signed: SignedStatement, epoch: &Epoch) -> Result<Letter, MessageError> {
    let (subject, said) = identify(&signed.statement, epoch)?;
    let enclosed = match &signed.statement.body {
        Body::CutProposal(proposed) => read_enclosed(proposed, subject, epoch)?,
        _ => Vec::new(),
    };
    Ok(Letter { subject, said, signed, enclosed })
}

/// The body with which a node says `message`; none for proposals, see [`proposal_body`].
pub fn body(subject: Subject, message: Message) -> Option<Body> {
    let Subject { proposal, sitting } = subject;
    match message {
        Message::Propose { .. } => None,
        Message::Vote { round, value } => Some(Body::CutVote { proposal, sitting, round, value }),
        Message::Skip { round } => Some(Body::CutSkip { proposal, sitting, round }),
        Message::Final { round, value } => Some(Body::CutFinal { proposal, sitting, round, value }),
    }
}

/// The body with which a chair proposes `cut`. `enclosed` are the stored statements that the state machine named.
pub fn proposal_body(
    subject: Subject,
    round: u32,
    value: Digest,
    cut: Vec<String>,
    enclosed: &[SignedStatement],
) -> Body {
    let of_kind = |vote: bool| -> Vec<Value> {
        let is_kind = |body: &Body| if vote { is_vote(body) } else { is_skip(body) };
        enclosed.iter().filter(|signed| is_kind(&signed.statement.body)).map(SignedStatement::to_value).collect()
    };
    let justification = Justification { skips: of_kind(false), votes: of_kind(true) };
    let Subject { proposal, sitting } = subject;
    Body::CutProposal(Box::new(CutProposal { proposal, sitting, round, value, cut, justification }))
}

fn is_vote(body: &Body) -> bool {
    matches!(body, Body::CutVote { .. })
}

fn is_skip(body: &Body) -> bool {
    matches!(body, Body::CutSkip { .. })
}

fn identify(statement: &Statement, epoch: &Epoch) -> Result<(Subject, Said), MessageError> {
    let (subject, message) = of_body(&statement.body).ok_or(MessageError::Kind)?;
    if statement.consortium != epoch.consortium || statement.epoch != epoch.number {
        return Err(MessageError::Place);
    }
    let Signer::Node(node) = &statement.signer else { return Err(MessageError::Signer) };
    let position = epoch.party_of_node(node).ok_or(MessageError::Signer)?;
    if epoch.parties[position].key != statement.key {
        return Err(MessageError::Signer);
    }
    let by = NodeIndex(u16::try_from(position).map_err(|_| MessageError::Signer)?);
    Ok((subject, Said { by, message }))
}

/// The messages of a justification: none twice, and none but skips of earlier rounds and earlier votes for the value. So
/// a round stays small enough to be handed on, whatever its chair encloses.
fn read_enclosed(
    proposed: &CutProposal,
    subject: Subject,
    epoch: &Epoch,
) -> Result<Vec<(Said, SignedStatement)>, MessageError> {
    let one = |value: &Value, is_kind: fn(&Body) -> bool| {
        let signed = Statement::from_value(value)?;
        let (its_subject, said) = identify(&signed.statement, epoch)?;
        if its_subject != subject {
            return Err(MessageError::Subject);
        }
        if is_kind(&signed.statement.body) { Ok((said, signed)) } else { Err(MessageError::Kind) }
    };
    let CutProposal { round, value, justification, .. } = proposed;
    let skips = justification.skips.iter().map(|value| one(value, is_skip));
    let votes = justification.votes.iter().map(|value| one(value, is_vote));
    let mut enclosed = BTreeMap::new();
    for letter in skips.chain(votes) {
        let (said, signed) = letter.map_err(|error| MessageError::Enclosed(Box::new(error)))?;
        let serves = match said.message {
            Message::Skip { round: earlier } => earlier < *round,
            Message::Vote { round: earlier, value: voted } => earlier < *round && voted == *value,
            Message::Propose { .. } | Message::Final { .. } => false,
        };
        if !serves {
            return Err(MessageError::Idle);
        }
        if enclosed.insert(said, signed).is_some() {
            return Err(MessageError::Repeated);
        }
    }
    Ok(enclosed.into_iter().collect())
}
