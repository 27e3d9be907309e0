//! Verifying a certificate: q finals for one value, and the proposal with its justification that they are about.

use std::collections::BTreeSet;

use super::Certificate;
use super::message::{self, CutError, MessageError};
use super::record::{Message, NodeIndex, grounds};
use crate::certification::chair;
use crate::extract::CertifiedSize;
use crate::proposal::{self, Vote};
use crate::statement::{Body, Statement};

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("it is about another vote or sitting")]
    OtherVote,
    #[error("one of its messages cannot be used: {0}")]
    Message(String),
    #[error("a message says something else than the certificate")]
    Differs,
    #[error("{0} nodes signed, {1} must")]
    TooFew(usize, usize),
    #[error("the proposal was not made by the chair of its round")]
    NotTheChair,
    #[error("the proposal's justification does not justify it")]
    Unjustified,
    #[error("its cut cannot be used: {0}")]
    Cut(#[from] CutError),
    #[error("its cut is not the one of the proposal")]
    OtherCut,
}

impl From<MessageError> for CertificateError {
    fn from(error: MessageError) -> Self {
        Self::Message(error.to_string())
    }
}

/// Checks every signature and rule; the answer is the certified cut. The value itself is compared by the caller, who
/// counts.
pub fn verify(certificate: &Certificate, vote: &Vote<'_>, roll_cut: &[CertifiedSize]) -> Result<Vec<CertifiedSize>, CertificateError> {
    let Certificate { proposal, sitting, round, value, .. } = *certificate;
    if proposal != vote.opening.digest || sitting != vote.sitting.number {
        return Err(CertificateError::OtherVote);
    }
    let (parties, quorum) = (&vote.epoch.parties, vote.epoch.quorum());
    let mut signers = BTreeSet::new();
    for document in &certificate.finals {
        let signed = Statement::from_value(document).map_err(|error| CertificateError::Message(error.to_string()))?;
        let said = message::said(&signed.statement, proposal, sitting, parties)?;
        if said.message != (Message::Final { round, value }) {
            return Err(CertificateError::Differs);
        }
        signers.insert(said.by);
    }
    if signers.len() < quorum {
        return Err(CertificateError::TooFew(signers.len(), quorum));
    }
    let proposed = Statement::from_value(&certificate.proposed)
        .map_err(|error| CertificateError::Message(error.to_string()))?;
    let message::Heard::Proposed { by, round: at, value: named, enclosed } =
        message::read(&proposed, proposal, sitting, parties)?
    else {
        return Err(CertificateError::Differs);
    };
    if at != round || named != value {
        return Err(CertificateError::Differs);
    }
    let nodes: Vec<_> = parties.iter().map(|party| party.node.clone()).collect();
    let order = chair::order(proposal, sitting, &nodes);
    let chair: NodeIndex = order[round as usize % order.len()];
    if by != chair {
        return Err(CertificateError::NotTheChair);
    }
    let enclosed: Vec<_> = enclosed.into_iter().map(|(said, _)| said).collect();
    if grounds(round, value, &enclosed, quorum).is_none() {
        return Err(CertificateError::Unjustified);
    }
    let Body::CutProposal(body) = &proposed.statement.body else { return Err(CertificateError::Differs) };
    if body.cut != certificate.cut {
        return Err(CertificateError::OtherCut);
    }
    let settled = proposal::settles_at(vote.sitting, &vote.epoch.charter);
    Ok(message::check_cut(&certificate.cut, vote.epoch, settled, roll_cut)?)
}
