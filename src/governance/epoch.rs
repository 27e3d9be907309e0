//! Epochs: who the parties are, with which keys, under which charter version.
//! Epoch 0 comes from the genesis document, every later one from a certified result under the one before.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::charter::{Charter, ClassKind, Flaw, Problem, canonical_digest};
use crate::id::{ConsortiumId, Digest, JournalId, NodeId};
use crate::key::PublicKey;
use crate::statement::{Effect, Genesis, Party};

/// More parties than this make the closing slow: every one of them signs for every vote.
pub const PARTIES_MOST: usize = 50;

/// The frozen parties and charter under which proposals are opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Epoch {
    pub number: u64,
    pub consortium: ConsortiumId,
    pub charter: Charter,
    pub charter_digest: Digest,
    /// In order: the order of chairs, rolls and cuts.
    pub parties: Vec<Party>,
    /// Journals of earlier keys, oldest first.
    pub retired: Vec<Retired>,
    /// Every key of those that are no longer parties.
    pub past_keys: Vec<PublicKey>,
}

/// The journal of a key that its node has replaced; nothing counts in it from `size` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    pub node: NodeId,
    pub key: PublicKey,
    pub journal: JournalId,
    pub size: u64,
}

/// A journal that counts in an epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpochJournal<'a> {
    pub journal: JournalId,
    pub node: &'a NodeId,
    /// Position of the party in the epoch.
    pub party: usize,
    pub key: PublicKey,
    /// The size at which a retired journal is frozen; absent for the current journal.
    pub frozen_at: Option<u64>,
}

/// Who has accepted the founding charter and who is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ratification {
    pub accepted: Vec<NodeId>,
    pub missing: Vec<NodeId>,
}

/// Where a published charter stands; before its genesis document is published it is a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CharterState {
    Proposed,
    Ratified,
    Superseded,
}

impl Ratification {
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// The id of the consortium that a genesis document founds.
pub fn consortium_id(genesis: &Genesis) -> ConsortiumId {
    ConsortiumId(canonical_digest(genesis))
}

impl Epoch {
    /// Epoch 0, or everything that is wrong with the document.
    pub fn genesis(genesis: &Genesis) -> Result<Self, Vec<Problem>> {
        let mut problems = genesis.charter.check();
        problems.extend(check_parties(&genesis.parties));
        problems.extend(check_founding_members(genesis));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            number: 0,
            consortium: consortium_id(genesis),
            charter: genesis.charter.clone(),
            charter_digest: genesis.charter.digest(),
            parties: genesis.parties.clone(),
            retired: Vec::new(),
            past_keys: Vec::new(),
        })
    }

    /// How many parties there are.
    pub fn n(&self) -> usize {
        self.parties.len()
    }

    /// How many of them may lie or be lost.
    pub fn faulty_most(&self) -> usize {
        self.n().saturating_sub(1) / 3
    }

    /// How many must agree.
    pub fn quorum(&self) -> usize {
        self.n() - self.faulty_most()
    }

    /// Every journal that counts: party by party, each one's retired journals before its current one.
    pub fn journals(&self) -> Vec<EpochJournal<'_>> {
        let mut journals = Vec::new();
        for (party, Party { node, key, .. }) in self.parties.iter().enumerate() {
            let retired = self.retired.iter().filter(|retired| retired.node == *node);
            journals.extend(retired.map(|retired| EpochJournal {
                journal: retired.journal.clone(),
                node,
                party,
                key: retired.key,
                frozen_at: Some(retired.size),
            }));
            journals.push(EpochJournal {
                journal: self.journal_of(node, key),
                node,
                party,
                key: *key,
                frozen_at: None,
            });
        }
        journals
    }

    /// The position of the party that runs `node`.
    pub fn party_of_node(&self, node: &NodeId) -> Option<usize> {
        self.parties.iter().position(|party| party.node == *node)
    }

    /// The position of the party whose current key this is.
    pub fn party_of_key(&self, key: &PublicKey) -> Option<usize> {
        self.parties.iter().position(|party| party.key == *key)
    }

    /// The next epoch, after a certified result with these effects. `cut` are the sizes of the deciding certificate.
    /// Effects on members change no epoch and are passed over.
    pub fn apply(&self, effects: &[Effect], cut: &[(JournalId, u64)]) -> Result<Self, Problem> {
        let mut next = self.clone();
        for effect in effects {
            next.apply_one(effect, cut)?;
        }
        if effects.iter().any(Effect::begins_epoch) {
            next.number += 1;
        }
        Ok(next)
    }

    /// Whether the effects can be applied to this epoch, whatever the cut.
    pub fn check_effects(&self, effects: &[Effect]) -> Result<(), Problem> {
        self.apply(effects, &[]).map(|_| ())
    }

    /// Which parties have accepted the founding charter, out of the (node, charter digest) that verified
    /// `Body::Charter` statements name.
    pub fn ratification(&self, accepted: &[(NodeId, Digest)]) -> Ratification {
        let has = |party: &&Party| {
            accepted.iter().any(|(node, digest)| *node == party.node && *digest == self.charter_digest)
        };
        let (accepted, missing): (Vec<_>, Vec<_>) = self.parties.iter().partition(has);
        let nodes = |parties: Vec<&Party>| parties.into_iter().map(|party| party.node.clone()).collect();
        Ratification { accepted: nodes(accepted), missing: nodes(missing) }
    }

    /// Where this epoch's charter stands when `latest` is the latest epoch. Amendments are ratified by their vote.
    pub fn charter_state(&self, ratification: &Ratification, latest: &Epoch) -> CharterState {
        if latest.charter.version > self.charter.version {
            CharterState::Superseded
        } else if self.number > 0 || ratification.is_complete() {
            CharterState::Ratified
        } else {
            CharterState::Proposed
        }
    }

    fn journal_of(&self, node: &NodeId, key: &PublicKey) -> JournalId {
        JournalId::new(self.consortium, node, key.as_bytes())
    }

    fn apply_one(&mut self, effect: &Effect, cut: &[(JournalId, u64)]) -> Result<(), Problem> {
        match effect {
            Effect::AdmitMember { .. } | Effect::EndMember { .. } => Ok(()),
            Effect::AmendCharter { base, charter } => self.amend(*base, charter),
            Effect::AdmitParty { party } => self.admit(party),
            Effect::ChangeKey { node, key } => self.change_key(node, *key, cut),
            Effect::RemoveParty { node } => self.remove(node),
        }
    }

    fn amend(&mut self, base: Digest, charter: &Charter) -> Result<(), Problem> {
        let refuse = |flaw| Err(Problem::new("effects.charter", flaw));
        if base != self.charter_digest {
            return refuse(Flaw::OtherBase);
        }
        if self.charter.version.checked_add(1) != Some(charter.version) {
            return refuse(Flaw::VersionSkipped);
        }
        if let Some(problem) = charter.check().into_iter().next() {
            return Err(problem);
        }
        self.charter = charter.clone();
        self.charter_digest = charter.digest();
        Ok(())
    }

    fn admit(&mut self, party: &Party) -> Result<(), Problem> {
        self.check_new_key(&party.key)?;
        let mut parties = self.parties.clone();
        parties.push(party.clone());
        if let Some(problem) = check_parties(&parties).into_iter().next() {
            return Err(problem);
        }
        self.parties = parties;
        Ok(())
    }

    fn change_key(&mut self, node: &NodeId, key: PublicKey, cut: &[(JournalId, u64)]) -> Result<(), Problem> {
        self.check_new_key(&key)?;
        let position = self.party_of_node(node).ok_or_else(|| no_party(node))?;
        let old = self.parties[position].key;
        let journal = self.journal_of(node, &old);
        let size = cut.iter().find(|(id, _)| *id == journal).map_or(0, |(_, size)| *size);
        self.retired.push(Retired { node: node.clone(), key: old, journal, size });
        self.parties[position].key = key;
        Ok(())
    }

    fn remove(&mut self, node: &NodeId) -> Result<(), Problem> {
        let position = self.party_of_node(node).ok_or_else(|| no_party(node))?;
        if self.parties.len() == 1 {
            return Err(Problem::new("effects.node", Flaw::LastParty));
        }
        self.past_keys.push(self.parties.remove(position).key);
        let theirs = self.retired.extract_if(.., |retired| retired.node == *node);
        self.past_keys.extend(theirs.map(|retired| retired.key));
        Ok(())
    }

    /// A key that was ever in use would bring its old journal back.
    fn check_new_key(&self, key: &PublicKey) -> Result<(), Problem> {
        let retired = self.retired.iter().any(|retired| retired.key == *key);
        let used = self.party_of_key(key).is_some() || retired || self.past_keys.contains(key);
        if used { Err(Problem::new("effects.key", Flaw::KeyUsed)) } else { Ok(()) }
    }
}

fn no_party(node: &NodeId) -> Problem {
    Problem::new("effects.node", Flaw::NotAParty { node: node.clone() })
}

fn check_parties(parties: &[Party]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if parties.is_empty() {
        problems.push(Problem::new("parties", Flaw::NoParty));
    }
    if parties.len() > PARTIES_MOST {
        problems.push(Problem::new("parties", Flaw::Parties { most: PARTIES_MOST }));
    }
    let (mut names, mut nodes, mut hosts, mut keys) = <(BTreeSet<_>, BTreeSet<_>, BTreeSet<_>, BTreeSet<_>)>::default();
    for Party { name, node, key } in parties {
        let path = format!("parties.{node}");
        if name.trim().is_empty() || name.chars().count() > 200 {
            problems.push(Problem::new(&path, Flaw::PartyName));
        }
        if !names.insert(name.to_lowercase()) {
            problems.push(Problem::new(&path, Flaw::PartyNameTwice { name: name.clone() }));
        }
        // Journals and witnesses are named by the host, so one host cannot carry two parties.
        if !nodes.insert(node) || !hosts.insert(node.authority()) {
            problems.push(Problem::new(&path, Flaw::PartyNodeTwice { node: node.authority().to_owned() }));
        }
        if !keys.insert(key) {
            problems.push(Problem::new(&path, Flaw::PartyKeyTwice { key: *key }));
        }
    }
    problems
}

fn check_founding_members(genesis: &Genesis) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for member in &genesis.members {
        let path = format!("members.{}", member.member);
        if !seen.insert(&member.member) {
            problems.push(Problem::new(&path, Flaw::MemberTwice));
        }
        if member.name.chars().count() > 200 {
            problems.push(Problem::new(&path, Flaw::MemberName));
        }
        match genesis.charter.class(&member.class) {
            Some(class) if class.kind == ClassKind::Organisation => {}
            Some(_) => problems.push(Problem::new(&path, Flaw::FoundingPerson)),
            None => problems.push(Problem::new(&path, Flaw::UnknownClass { class: member.class.clone() })),
        }
        if !genesis.parties.iter().any(|party| party.node == member.sponsor) {
            problems.push(Problem::new(&path, Flaw::SponsorNotAParty { sponsor: member.sponsor.clone() }));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
