//! From bytes to statements and back: the one envelope, its signature, its limits.
//! Says nothing about rights: whether the signer may state this is decided where the statement is used.

mod ballot;
mod limits;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::id::{ConsortiumId, Digest, IdError, NodeId, Time};
use crate::json::{self, JsonError};
use crate::key::{Batch, SecretKey};
use crate::proof::{self, ProofError};
use crate::statement::{Body, Signer, Statement};

pub use ballot::SignedBallot;
pub use limits::*;

/// Why something is not a statement, in words for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A member of the envelope, with what is wrong about it.
    #[error("`{member}` of the statement {wrong}")]
    Member { member: String, wrong: &'static str },
    #[error("`object` of the statement: {0}")]
    Body(String),
    #[error("{what} must have {least} to {most} {unit}")]
    Length { what: &'static str, least: usize, most: usize, unit: &'static str },
    #[error("{what} has a character that is not text")]
    Character { what: &'static str },
    #[error("{0}")]
    Content(&'static str),
    #[error("the key does not belong to the signer that the statement names")]
    OtherKey,
    #[error("ballots are signed by a member's key, everything else by a node")]
    WrongSigner,
}

impl StatementError {
    fn member(member: &str, wrong: &'static str) -> Self {
        Self::Member { member: member.chars().take(80).collect(), wrong }
    }
}

/// A statement with its published form. Made only by reading verified bytes or by signing.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedStatement {
    pub statement: Statement,
    /// SHA-256 of `bytes`: the statement's name.
    pub digest: Digest,
    /// Canonical bytes, proof included.
    pub bytes: Vec<u8>,
    pub signature: [u8; 64],
}

impl SignedStatement {
    /// The activity as JSON, to put into other documents.
    pub fn to_value(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("canonical bytes are JSON")
    }

    /// The address of the activity; ballots have none.
    pub fn id(&self) -> Option<String> {
        match &self.statement.signer {
            Signer::Node(_) => self.to_value().get("id").and_then(Value::as_str).map(str::to_owned),
            Signer::Member(_) => None,
        }
    }
}

/// A statement before its signature.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsigned {
    pub signer: Signer,
    pub published: Time,
    pub consortium: ConsortiumId,
    pub epoch: u64,
    pub body: Body,
}

impl Unsigned {
    /// Signs with `key`. Refused where readers would refuse the result: over a limit, or signed by the wrong kind
    /// of signer.
    pub fn sign(self, key: &SecretKey) -> Result<SignedStatement, StatementError> {
        let Self { signer, published, consortium, epoch, body } = self;
        let statement = Statement { signer, key: key.public(), published, consortium, epoch, body };
        check_statement(&statement)?;
        let (document, options) = envelope(&statement);
        json::check(&document)?;
        let secured = proof::sign(document, options, key)?;
        let signature = proof::claim(&secured)?.signature;
        finish(statement, &secured, signature)
    }
}

impl Statement {
    /// Reads and verifies one statement of at most `limit` bytes, in any JSON layout of the strict profile.
    pub fn read(bytes: &[u8], limit: usize) -> Result<SignedStatement, StatementError> {
        Self::from_value(&json::parse(bytes, limit)?)
    }

    /// As [`Statement::read`], from JSON that came inside a strictly parsed document.
    pub fn from_value(value: &Value) -> Result<SignedStatement, StatementError> {
        let (signed, claim) = read_unproven(value)?;
        if claim.holds(&signed.statement.key) { Ok(signed) } else { Err(ProofError::Signature.into()) }
    }

    /// As [`Statement::from_value`], but the signature goes into `batch`: trust nothing before that has verified.
    pub fn from_value_in(value: &Value, batch: &mut Batch) -> Result<SignedStatement, StatementError> {
        let (signed, claim) = read_unproven(value)?;
        batch.add(&signed.statement.key, &claim.message, &claim.signature);
        Ok(signed)
    }

    /// As [`Statement::read`] without the signature, for bytes that were verified once and have been kept since.
    /// Everything else is checked again.
    pub fn read_kept(bytes: &[u8]) -> Result<SignedStatement, StatementError> {
        Ok(read_unproven(&json::parse(bytes, MAX_EVIDENCE_BYTES)?)?.0)
    }
}

/// The one `@context` of statements and of their proofs, in canonical form. Compared, never fetched.
pub const CONTEXT: &str = r#"["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2",{"folkmoot":{"@id":"https://w3id.org/folkmoot#statement","@type":"@json"},"object":{"@id":"as:object","@type":"@json"}}]"#;

/// [`CONTEXT`] as JSON.
pub fn context() -> Value {
    serde_json::from_str(CONTEXT).expect("a literal")
}

/// The ActivityStreams type of the activity that carries this body.
pub fn activity_type(body: &Body) -> &'static str {
    match body {
        Body::Charter { .. } | Body::Receipt { .. } => "Accept",
        Body::RollEntry(entry) if entry.change => "Update",
        Body::RollEntry(_) | Body::Mandate(_) => "Add",
        Body::RollEnd(_) | Body::MandateEnd { .. } => "Remove",
        Body::Application(_) => "Offer",
        Body::Objection { .. } => "Reject",
        Body::Question(question) if question.version > 1 || question.voting.is_some() => "Update",
        Body::Fault(_) => "Flag",
        Body::Question(_)
        | Body::Ballot(_)
        | Body::Extension { .. }
        | Body::Challenge { .. }
        | Body::Withdrawal { .. }
        | Body::Note(_)
        | Body::Notice { .. }
        | Body::Article(_)
        | Body::CutProposal(_)
        | Body::CutVote { .. }
        | Body::CutSkip { .. }
        | Body::CutFinal { .. } => "Create",
    }
}

/// `folkmoot` of a statement: where and when it belongs.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    consortium: ConsortiumId,
    epoch: u64,
}

/// The document without its proof, and the proof's options: functions of the statement alone.
fn envelope(statement: &Statement) -> (Value, Value) {
    let Statement { signer, key, published, consortium, epoch, body } = statement;
    let (actor, method) = match signer {
        Signer::Node(node) => (node.to_string(), format!("{node}#{key}")),
        Signer::Member(member) => (member.did(), format!("{}#{key}", member.did())),
    };
    let mut document = json!({
        "@context": context(),
        "type": activity_type(body),
        "actor": actor,
        "published": published,
        "object": body,
        "folkmoot": Place { consortium: *consortium, epoch: *epoch },
    });
    if let Signer::Node(node) = signer {
        let name = Digest::of(&json::canonical(&document)).short(32);
        document["id"] = Value::String(format!("{}/statements/{name}", node.base()));
    }
    let options = json!({
        "@context": context(),
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": published,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    });
    (document, options)
}

/// Everything but the signature. The document is parsed, written again from what was understood, and compared:
/// so an unknown, missing or differently written member is found wherever it is.
fn read_unproven(value: &Value) -> Result<(SignedStatement, proof::Claim), StatementError> {
    json::check(value)?;
    let members = value.as_object().ok_or(ProofError::NotAnObject)?;
    if members.get("@context") != Some(&context()) {
        return Err(StatementError::member("@context", "is not the one that statements have"));
    }
    let statement = parse_members(members)?;
    check_statement(&statement)?;
    let (expected, options) = envelope(&statement);
    compare(members, &expected, "proof", "")?;
    let proof = members.get("proof").and_then(Value::as_object).ok_or(ProofError::Missing)?;
    compare(proof, &options, "proofValue", "proof.")?;
    let claim = proof::claim(value)?;
    Ok((finish(statement, value, claim.signature)?, claim))
}

fn parse_members(members: &Map<String, Value>) -> Result<Statement, StatementError> {
    let signer = text(members, "actor")?;
    let signer = match proof::key_of_did(signer) {
        Some(key) => Signer::Member(key),
        None => Signer::Node(parse_id::<NodeId>("actor", signer)?),
    };
    let place = Place::deserialize(member(members, "folkmoot")?)
        .map_err(|_| StatementError::member("folkmoot", "is not {consortium, epoch}"))?;
    let proof = member(members, "proof")?.as_object().ok_or(ProofError::Missing)?;
    let method = text(proof, "verificationMethod")?;
    let key = method.rsplit_once('#').and_then(|(_, key)| key.parse().ok());
    let body = Body::deserialize(member(members, "object")?)
        .map_err(|error| StatementError::Body(error.to_string().chars().take(200).collect()))?;
    Ok(Statement {
        signer,
        key: key.ok_or(ProofError::Member("verificationMethod"))?,
        published: parse_id::<Time>("published", text(members, "published")?)?,
        consortium: place.consortium,
        epoch: place.epoch,
        body,
    })
}

fn check_statement(statement: &Statement) -> Result<(), StatementError> {
    match (&statement.signer, &statement.body) {
        (Signer::Member(key), Body::Ballot(_)) if *key == statement.key => {}
        (Signer::Member(_), Body::Ballot(_)) => return Err(StatementError::OtherKey),
        (Signer::Node(_), body) if !matches!(body, Body::Ballot(_)) => {}
        _ => return Err(StatementError::WrongSigner),
    }
    limits::check(&statement.body)
}

/// Each member of `found` but `except` is in `expected` with the same value, and the other way round.
fn compare(found: &Map<String, Value>, expected: &Value, except: &str, path: &str) -> Result<(), StatementError> {
    let wrong = |name: &str, wrong| Err(StatementError::member(&format!("{path}{name}"), wrong));
    let expected = expected.as_object().expect("envelopes are objects");
    let changed = |(name, value): &(&String, &Value)| expected.get(*name) != Some(*value);
    let changed: Vec<_> = found.iter().filter(|(name, _)| *name != except).filter(changed).collect();
    // The id changes with everything else, so it is named only where nothing else is wrong.
    match changed.iter().find(|(name, _)| *name != "id").or(changed.first()) {
        Some((name, _)) if !expected.contains_key(*name) => return wrong(name, "is not a member that statements have"),
        Some((name, _)) => return wrong(name, "is not what the rest of the statement makes it"),
        None => {}
    }
    match expected.keys().find(|name| !found.contains_key(*name)) {
        Some(name) => wrong(name, "is missing"),
        None => Ok(()),
    }
}

fn finish(statement: Statement, document: &Value, signature: [u8; 64]) -> Result<SignedStatement, StatementError> {
    let bytes = json::canonical(document);
    let limit = limits::bytes(&statement.body);
    if bytes.len() > limit {
        return Err(JsonError::TooLong { length: bytes.len(), limit }.into());
    }
    Ok(SignedStatement { statement, digest: Digest::of(&bytes), bytes, signature })
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a Value, StatementError> {
    members.get(name).ok_or_else(|| StatementError::member(name, "is missing"))
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, StatementError> {
    member(members, name)?.as_str().ok_or_else(|| StatementError::member(name, "is not text"))
}

fn parse_id<T: std::str::FromStr<Err = IdError>>(name: &str, text: &str) -> Result<T, StatementError> {
    text.parse().map_err(|_| StatementError::member(name, "is not in its one form"))
}
