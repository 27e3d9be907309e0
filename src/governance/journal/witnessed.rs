//! A checkpoint as a node keeps it: with valid cosignatures only, each of which is checked once, when it comes in.
//! Of fifty parties each has fifty journals, and under each checkpoint come fifty cosignatures, again and again.

use std::fmt;

use super::checkpoint::{SignedCheckpoint, quorum_time, witness_key};
use super::note::{MAX_SIGNATURES, NoteError, SignatureLine};
use crate::id::{NodeId, Time};
use crate::key::PublicKey;
use crate::statement::Party;

/// The journal's own signature and the parties' cosignatures, all of them valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed(SignedCheckpoint);

impl Witnessed {
    /// The checkpoint of `seen`, still without cosignatures. None unless the journal's own signature is there, made with
    /// `origin`.
    pub fn new(seen: &SignedCheckpoint, origin: &PublicKey) -> Option<Self> {
        let signature = seen.own_line(origin).filter(|_| seen.is_signed_by(origin))?.clone();
        Some(Self(SignedCheckpoint { checkpoint: seen.checkpoint.clone(), signatures: Vec::from([signature]) }))
    }

    /// Reads what was printed before. Nothing is checked again: only for what this node has stored itself.
    pub fn stored(note: &str) -> Result<Self, NoteError> {
        note.parse().map(Self)
    }

    pub fn note(&self) -> &SignedCheckpoint {
        &self.0
    }

    /// When `witness` cosigned, if it did.
    pub fn cosigned_at(&self, witness: &NodeId, key: &PublicKey) -> Option<Time> {
        self.0.line_of(witness, key).and_then(time)
    }

    /// As [`super::certified_at`].
    pub fn certified_at(&self, parties: &[Party], quorum: usize) -> Option<Time> {
        quorum_time(parties, quorum, |party| self.cosigned_at(&party.node, &party.key))
    }

    /// Takes the cosignatures under `seen` that `parties` validly made. Where a party's is here already, the earlier one
    /// stays. Returns whose are new; nobody's if `seen` is a note of another checkpoint.
    pub fn take<'a>(&mut self, seen: &SignedCheckpoint, parties: &'a [Party]) -> Vec<&'a NodeId> {
        let Self(kept) = self;
        let unknown = |line: &&SignatureLine| !kept.signatures.contains(line);
        let lines: Vec<&SignatureLine> = seen.signatures.iter().filter(unknown).collect();
        if lines.is_empty() || seen.checkpoint != kept.checkpoint {
            return Vec::new();
        }
        let mut new = Vec::new();
        for party in parties {
            let (name, key_id) = witness_key(&party.node, &party.key);
            let place = kept.signatures.iter().position(|line| line.is_of(&name, key_id));
            let known = place.and_then(|place| time(&kept.signatures[place]));
            let theirs = lines.iter().filter(|line| line.is_of(&name, key_id));
            let mut earlier = theirs.filter(|line| known.is_none_or(|known| time(line).is_some_and(|at| at < known)));
            let valid = earlier.find(|line| kept.checkpoint.cosigned_at(line, &party.node, &party.key).is_some());
            match (valid, place) {
                (Some(line), Some(place)) => kept.signatures[place] = (*line).clone(),
                (Some(line), None) if kept.signatures.len() < MAX_SIGNATURES => kept.signatures.push((*line).clone()),
                _ => continue,
            }
            new.push(&party.node);
        }
        new
    }
}

/// The time that a cosignature states.
fn time(line: &SignatureLine) -> Option<Time> {
    line.signature.first_chunk::<8>().map(|bytes| Time(i64::from_be_bytes(*bytes)))
}

impl fmt::Display for Witnessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
