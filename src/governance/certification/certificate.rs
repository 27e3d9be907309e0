//! Certificates: made when a closing ends, verified by anybody, for ever, with nothing but the epoch's parties.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::certification::Certificate;
use crate::certification::chair;
use crate::certification::message::{Letter, MessageError, Subject, read};
use crate::certification::record::{Grounds, MAX_ROUNDS, Message, NodeIndex, Said, grounds};
use crate::codec::SignedStatement;
use crate::epoch::Epoch;
use crate::id::NodeId;
use crate::statement::{Body, Statement};

/// Why a certificate certifies nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("a final vote in the certificate: {0}")]
    Final(MessageError),
    #[error("the proposal in the certificate: {0}")]
    Proposal(MessageError),
    #[error("a final vote in the certificate is for another vote, round or value")]
    OtherFinal,
    #[error("the proposal in the certificate is for another vote, round, value or cut")]
    OtherProposal,
    #[error("{found} different parties signed the certificate; {needed} must")]
    Quorum { found: usize, needed: usize },
    #[error("the proposal in the certificate is not by the chair of its round")]
    Chair,
    #[error("the proposal in the certificate does not show why its chair could make it")]
    Unjustified,
}

/// What a valid certificate shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// Parties that signed, in the epoch's order.
    pub signers: Vec<NodeIndex>,
    pub chair: NodeIndex,
    pub grounds: Grounds,
}

/// The chairs of a closing, in order.
pub fn chairs(subject: Subject, epoch: &Epoch) -> Vec<NodeIndex> {
    let nodes: Vec<NodeId> = epoch.parties.iter().map(|party| party.node.clone()).collect();
    chair::order(subject.proposal, subject.sitting, &nodes)
}

impl Certificate {
    /// Puts together what [`super::simplex::Output::Certified`] names. None if `proposed` is not a proposal.
    pub fn assemble(proposed: &SignedStatement, finals: &[SignedStatement]) -> Option<Self> {
        let Body::CutProposal(body) = &proposed.statement.body else { return None };
        Some(Self {
            proposal: body.proposal,
            sitting: body.sitting,
            round: body.round,
            value: body.value,
            cut: body.cut.clone(),
            finals: finals.iter().map(SignedStatement::to_value).collect(),
            proposed: proposed.to_value(),
        })
    }

    /// Every signed statement in it: the finals, the proposal, and what the proposal encloses.
    pub fn statements(&self) -> Vec<SignedStatement> {
        let read = |value: &Value| Statement::from_value(value).ok();
        let proposed = read(&self.proposed);
        let justification = proposed.iter().flat_map(|signed| match &signed.statement.body {
            Body::CutProposal(body) => [&body.justification.skips[..], &body.justification.votes[..]].concat(),
            _ => Vec::new(),
        });
        let enclosed: Vec<SignedStatement> = justification.filter_map(|value| read(&value)).collect();
        self.finals.iter().filter_map(read).chain(enclosed).chain(proposed).collect()
    }

    pub fn subject(&self) -> Subject {
        Subject { proposal: self.proposal, sitting: self.sitting }
    }

    /// Whether a quorum of the parties decided on `value` by the rules. What the value stands for is for
    /// [`crate::tally::value`] to say, and whether the cut is one for [`super::cut::Cut::read`].
    pub fn verify(&self, epoch: &Epoch) -> Result<Certified, CertificateError> {
        let signers = self.verify_finals(epoch)?;
        let needed = epoch.quorum();
        if signers.len() < needed {
            return Err(CertificateError::Quorum { found: signers.len(), needed });
        }
        let letter = open(&self.proposed, epoch).map_err(CertificateError::Proposal)?;
        let Body::CutProposal(body) = &letter.signed.statement.body else {
            return Err(CertificateError::Proposal(MessageError::Kind));
        };
        let message = Message::Propose { round: self.round, value: self.value };
        if letter.subject != self.subject() || letter.said.message != message || body.cut != self.cut {
            return Err(CertificateError::OtherProposal);
        }
        let chairs = chairs(self.subject(), epoch);
        let chair = letter.said.by;
        if self.round >= MAX_ROUNDS || chairs[self.round as usize % chairs.len()] != chair {
            return Err(CertificateError::Chair);
        }
        let enclosed: Vec<Said> = letter.enclosed.iter().map(|(said, _)| *said).collect();
        let grounds = grounds(self.round, self.value, &enclosed, needed).ok_or(CertificateError::Unjustified)?;
        Ok(Certified { signers: signers.into_iter().collect(), chair, grounds })
    }

    fn verify_finals(&self, epoch: &Epoch) -> Result<BTreeSet<NodeIndex>, CertificateError> {
        let message = Message::Final { round: self.round, value: self.value };
        let mut signers = BTreeSet::new();
        for value in &self.finals {
            let letter = open(value, epoch).map_err(CertificateError::Final)?;
            if letter.subject != self.subject() || letter.said.message != message {
                return Err(CertificateError::OtherFinal);
            }
            signers.insert(letter.said.by);
        }
        Ok(signers)
    }
}

fn open(value: &Value, epoch: &Epoch) -> Result<Letter, MessageError> {
    read(Statement::from_value(value)?, epoch)
}
