//! Checkpoints: size and root of a journal, signed by its node and cosigned by the parties (C2SP tlog-checkpoint,
//! tlog-cosignature). Time is in the cosignatures alone; a journal's node says nothing about time.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::MAX_SIZE;
use super::note::{self, COSIGNATURE_V1, ED25519, NoteError, SignatureLine};
use crate::id::{Digest, JournalId, NodeId, Time};
use crate::key::{PublicKey, SecretKey};
use crate::statement::Party;

/// A state of a journal. As text: three lines, `ORIGIN`, `SIZE` and the root in base64.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    pub journal: JournalId,
    pub size: u64,
    pub root: Digest,
}

/// A checkpoint as a signed note, with whatever signatures it came with, verified or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    pub checkpoint: Checkpoint,
    pub signatures: Vec<SignatureLine>,
}

/// The name under which a node cosigns.
pub fn witness_name(node: &NodeId) -> String {
    format!("{}/witness", node.authority())
}

pub(super) fn witness_key(witness: &NodeId, key: &PublicKey) -> (String, [u8; 4]) {
    let name = witness_name(witness);
    let key_id = note::key_id(&name, COSIGNATURE_V1, key);
    (name, key_id)
}

/// The time at which `note` was certified by `parties`: the `quorum`-th smallest time of their valid cosignatures, so
/// that by then `quorum` distinct parties had cosigned. None while there are fewer.
/// Says nothing about the journal's own signature: see [`SignedCheckpoint::is_signed_by`].
pub fn certified_at(note: &SignedCheckpoint, parties: &[Party], quorum: usize) -> Option<Time> {
    quorum_time(parties, quorum, |party| note.cosigned_at(&party.node, &party.key))
}

/// The `quorum`-th smallest time, one for each distinct party.
pub(super) fn quorum_time(parties: &[Party], quorum: usize, time: impl Fn(&Party) -> Option<Time>) -> Option<Time> {
    let distinct = |at: usize, party: &Party| {
        !parties[..at].iter().any(|other| other.node == party.node || other.key == party.key)
    };
    let witnesses = parties.iter().enumerate().filter(|(at, party)| distinct(*at, party));
    let mut times: Vec<Time> = witnesses.filter_map(|(_, party)| time(party)).collect();
    times.sort_unstable();
    times.get(quorum.checked_sub(1)?).copied()
}

impl Checkpoint {
    /// The note with its journal's own signature.
    pub fn sign(self, key: &SecretKey) -> SignedCheckpoint {
        let name = self.journal.as_str().to_owned();
        let key_id = note::key_id(&name, ED25519, &key.public());
        let signature = key.sign(self.to_string().as_bytes()).to_vec();
        SignedCheckpoint { checkpoint: self, signatures: Vec::from([SignatureLine { name, key_id, signature }]) }
    }

    /// The cosignature of `witness` at `time`. The caller has checked that it may: all leaves stored, the root
    /// recomputed, nothing cosigned that contradicts, and this line persisted before it leaves the node.
    pub fn cosign(&self, witness: &NodeId, key: &SecretKey, time: Time) -> SignatureLine {
        let (name, key_id) = witness_key(witness, &key.public());
        let mut signature = time.0.to_be_bytes().to_vec();
        signature.extend_from_slice(&key.sign(&self.cosigned_message(time)));
        SignatureLine { name, key_id, signature }
    }

    /// The time of `line` if it is a valid cosignature of this checkpoint by `witness`.
    pub fn cosigned_at(&self, line: &SignatureLine, witness: &NodeId, key: &PublicKey) -> Option<Time> {
        let (name, key_id) = witness_key(witness, key);
        let (time, signature) = line.signature.split_first_chunk::<8>()?;
        let time = Time(i64::from_be_bytes(*time));
        let in_range = (Time(0)..=Time::MAX).contains(&time);
        let valid = line.is_of(&name, key_id)
            && in_range
            && key.verifies(&self.cosigned_message(time), signature.try_into().ok()?);
        valid.then_some(time)
    }

    fn cosigned_message(&self, time: Time) -> Vec<u8> {
        format!("cosignature/v1\ntime {}\n{self}", time.0).into_bytes()
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.journal, self.size, STANDARD.encode(self.root.0))
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.split('\n');
        let mut line = || lines.next().ok_or(NoteError::Checkpoint);
        let journal = line()?.parse().map_err(|_| NoteError::Checkpoint)?;
        let size = line()?.parse().map_err(|_| NoteError::Checkpoint)?;
        let root = STANDARD.decode(line()?).map_err(|_| NoteError::Checkpoint)?;
        let root = Digest::from_slice(&root).map_err(|_| NoteError::Checkpoint)?;
        let checkpoint = Self { journal, size, root };
        // Printing it back refuses leading zeros, other base64, and lines after the third.
        if size <= MAX_SIZE && checkpoint.to_string() == text { Ok(checkpoint) } else { Err(NoteError::Checkpoint) }
    }
}

impl SignedCheckpoint {
    /// Whether the journal's own signature is there and is made with `key`.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let signature = self.own_line(key).and_then(|line| <&[u8; 64]>::try_from(line.signature.as_slice()).ok());
        signature.is_some_and(|signature| key.verifies(self.checkpoint.to_string().as_bytes(), signature))
    }

    /// The line that claims to be the journal's own.
    pub(super) fn own_line(&self, key: &PublicKey) -> Option<&SignatureLine> {
        let name = self.checkpoint.journal.as_str();
        let key_id = note::key_id(name, ED25519, key);
        self.signatures.iter().find(|line| line.is_of(name, key_id))
    }

    /// When `witness` cosigned, if a valid cosignature with `key` is there.
    pub fn cosigned_at(&self, witness: &NodeId, key: &PublicKey) -> Option<Time> {
        self.checkpoint.cosigned_at(self.line_of(witness, key)?, witness, key)
    }

    /// The line that claims to be the witness's. There is at most one: parsing refuses a second.
    pub(super) fn line_of(&self, witness: &NodeId, key: &PublicKey) -> Option<&SignatureLine> {
        let (name, key_id) = witness_key(witness, key);
        self.signatures.iter().find(|line| line.is_of(&name, key_id))
    }

    /// Only the journal's own signature and the valid cosignatures of `parties`, in their order: what to publish.
    #[must_use]
    pub fn pruned(&self, origin: &PublicKey, parties: &[Party]) -> Self {
        let valid = |party: &Party| {
            let line = self.line_of(&party.node, &party.key)?;
            self.checkpoint.cosigned_at(line, &party.node, &party.key).map(|_| line)
        };
        let signatures = self.own_line(origin).into_iter().chain(parties.iter().filter_map(valid)).cloned().collect();
        Self { checkpoint: self.checkpoint.clone(), signatures }
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl FromStr for SignedCheckpoint {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        let (text, signatures) = note::parse(note)?;
        Ok(Self { checkpoint: text.parse()?, signatures })
    }
}
