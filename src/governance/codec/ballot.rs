//! Ballots as the few fields that their bytes are a function of, for bundles that hold a million of them.
//! The template here and the envelope in `codec` write the same bytes; a property test holds them together.

use sha2::{Digest as _, Sha256};

use super::{CONTEXT, SignedStatement};
use crate::id::{ConsortiumId, Digest, Time};
use crate::json;
use crate::key::{Batch, PublicKey};
use crate::proof;
use crate::statement::{Ballot, Body};

/// What a signed ballot consists of. Rebuilding says nothing about validity: check the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBallot {
    pub consortium: ConsortiumId,
    pub epoch: u64,
    pub ballot: Ballot,
    pub published: Time,
    pub key: PublicKey,
    pub signature: [u8; 64],
}

impl SignedBallot {
    /// The fields of a ballot; none for any other statement.
    pub fn from_statement(signed: &SignedStatement) -> Option<Self> {
        let statement = &signed.statement;
        let Body::Ballot(ballot) = &statement.body else { return None };
        Some(Self {
            consortium: statement.consortium,
            epoch: statement.epoch,
            ballot: ballot.clone(),
            published: statement.published,
            key: statement.key,
            signature: signed.signature,
        })
    }

    /// The canonical bytes of the statement.
    pub fn bytes(&self) -> Vec<u8> {
        let key = self.key.to_string();
        let value = proof::encode_signature(&self.signature);
        let proof = self.options(&key, &format!(r#","proofValue":"{value}""#));
        self.document(&key, &format!(r#","proof":{proof}"#)).into_bytes()
    }

    /// The digest that names the ballot.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes())
    }

    /// What the member's key signed.
    pub fn message(&self) -> [u8; 64] {
        let key = self.key.to_string();
        let mut message = [0; 64];
        message[..32].copy_from_slice(&Sha256::digest(self.options(&key, "")));
        message[32..].copy_from_slice(&Sha256::digest(self.document(&key, "")));
        message
    }

    /// Whether the signature is the key's.
    pub fn is_valid(&self) -> bool {
        self.key.verifies(&self.message(), &self.signature)
    }

    /// Leaves the check of the signature to `batch`.
    pub fn add_to(&self, batch: &mut Batch) {
        batch.add(&self.key, &self.message(), &self.signature);
    }

    /// The activity, with `proof` inserted where it sorts.
    fn document(&self, key: &str, proof: &str) -> String {
        let Self { consortium, epoch, ballot, published, .. } = self;
        let object = object(ballot);
        format!(
            r#"{{"@context":{CONTEXT},"actor":"did:key:{key}","folkmoot":{{"consortium":"{consortium}","epoch":{epoch}}},"object":{object}{proof},"published":"{published}","type":"Create"}}"#
        )
    }

    /// The proof, with `value` inserted where it sorts.
    fn options(&self, key: &str, value: &str) -> String {
        let published = self.published;
        format!(
            r#"{{"@context":{CONTEXT},"created":"{published}","cryptosuite":"eddsa-jcs-2022","proofPurpose":"assertionMethod"{value},"type":"DataIntegrityProof","verificationMethod":"did:key:{key}#{key}"}}"#
        )
    }
}

fn object(ballot: &Ballot) -> String {
    let Ballot { proposal, index, sequence, choices, block } = ballot;
    let block = block.as_ref().map(|block| format!(r#""block":{},"#, text(block))).unwrap_or_default();
    let choices = choices.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    format!(
        r#"{{{block}"choices":[{choices}],"index":{index},"proposal":"{proposal}","sequence":{sequence},"type":"Ballot"}}"#
    )
}

/// As canonical JSON.
fn text<T: serde::Serialize>(value: &T) -> String {
    String::from_utf8(json::canonical(value)).expect("JSON is UTF-8")
}
