//! What the nodes have said in one closing: messages by round, and the quorums among them.
//! Bounded: a signer who says more than two things where one is allowed is heard no further.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::Digest;
use crate::statement::FaultKind;

/// Rounds from this one on are refused. Growing timeouts end any closing long before.
pub const MAX_ROUNDS: u32 = 1_000;

/// How many different values one signer may have on record per kind and round: enough to prove a fault.
const VALUES_PER_SIGNER: usize = 2;

/// The position of a party in its epoch's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeIndex(pub u16);

/// One closing message without its envelope and signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Message {
    Propose { round: u32, value: Digest },
    Vote { round: u32, value: Digest },
    Skip { round: u32 },
    Final { round: u32, value: Digest },
}

impl Message {
    pub fn round(&self) -> u32 {
        match *self {
            Self::Propose { round, .. }
            | Self::Vote { round, .. }
            | Self::Skip { round }
            | Self::Final { round, .. } => round,
        }
    }

    pub fn value(&self) -> Option<Digest> {
        match *self {
            Self::Propose { value, .. } | Self::Vote { value, .. } | Self::Final { value, .. } => Some(value),
            Self::Skip { .. } => None,
        }
    }
}

/// A message and who signed it: the name under which the signed statement is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Said {
    pub by: NodeIndex,
    pub message: Message,
}

/// Two messages of one signer that no honest node signs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contradiction {
    pub kind: FaultKind,
    pub first: Said,
    pub second: Said,
}

/// Why a chair may propose a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grounds {
    /// Every earlier round was skipped by a quorum.
    Free,
    /// A quorum voted for this very value in an earlier round, and every round between was skipped by a quorum.
    Locked,
}

type Values = BTreeMap<NodeIndex, BTreeSet<Digest>>;

/// The messages of one round. Proposals are those of its chair that carried a sufficient justification.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
struct Round {
    proposals: BTreeMap<Digest, Grounds>,
    votes: Values,
    skips: BTreeSet<NodeIndex>,
    finals: Values,
}

/// All messages kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Record {
    rounds: BTreeMap<u32, Round>,
}

impl Record {
    /// Adds votes, skips and finals; returns those that are new and the contradictions they complete.
    /// A signer's third value is dropped, except where this batch completes a quorum with it: so one who lies
    /// to everybody cannot hide a quorum from a node that is shown it as a whole.
    pub fn keep(&mut self, batch: &[Said], quorum: usize) -> (Vec<Said>, Vec<Contradiction>) {
        let mut support: BTreeMap<Message, BTreeSet<NodeIndex>> = BTreeMap::new();
        for said in batch {
            let stored = || self.signers(said.message).collect();
            support.entry(said.message).or_insert_with(stored).insert(said.by);
        }
        let (mut kept, mut contradictions) = (Vec::new(), Vec::new());
        for said in batch {
            let needed = support.get(&said.message).is_some_and(|signers| signers.len() >= quorum);
            if self.keep_one(*said, needed) {
                kept.push(*said);
                contradictions.extend(self.contradiction(*said));
            }
        }
        (kept, contradictions)
    }

    /// Adds a chair's justified proposal; false if it is known or the chair has already said too much.
    pub fn keep_proposal(&mut self, round: u32, value: Digest, grounds: Grounds, quorum: usize) -> bool {
        if !self.has_room(round, value, quorum) {
            return false;
        }
        self.rounds.entry(round).or_default().proposals.insert(value, grounds);
        true
    }

    /// Whether a chair's proposal can be added. Its third in a round is dropped, unless a quorum is behind it.
    pub fn has_room(&self, round: u32, value: Digest, quorum: usize) -> bool {
        let wanted = [Message::Vote { round, value }, Message::Final { round, value }];
        let needed = || wanted.iter().any(|message| self.signers(*message).count() >= quorum);
        let room = |known: &Round| {
            !known.proposals.contains_key(&value) && (known.proposals.len() < VALUES_PER_SIGNER || needed())
        };
        round < MAX_ROUNDS && self.rounds.get(&round).is_none_or(room)
    }

    pub fn forget_proposal(&mut self, round: u32, value: Digest) {
        if let Some(known) = self.rounds.get_mut(&round) {
            known.proposals.remove(&value);
        }
    }

    fn keep_one(&mut self, said: Said, needed: bool) -> bool {
        if said.message.round() >= MAX_ROUNDS {
            return false;
        }
        let round = self.rounds.entry(said.message.round()).or_default();
        let (values, value) = match said.message {
            Message::Propose { .. } => return false,
            Message::Skip { .. } => return round.skips.insert(said.by),
            Message::Vote { value, .. } => (&mut round.votes, value),
            Message::Final { value, .. } => (&mut round.finals, value),
        };
        let values = values.entry(said.by).or_default();
        (needed || values.len() < VALUES_PER_SIGNER) && values.insert(value)
    }

    /// The contradiction that `said`, just kept, completes.
    fn contradiction(&self, said: Said) -> Option<Contradiction> {
        let round = said.message.round();
        let with = |message| Said { by: said.by, message };
        let other = |values: BTreeSet<Digest>| values.into_iter().find(|value| Some(*value) != said.message.value());
        let found = |kind, first| Some(Contradiction { kind, first, second: said });
        match said.message {
            Message::Propose { .. } => None,
            Message::Vote { .. } => other(self.votes_of(round, said.by))
                .and_then(|value| found(FaultKind::TwoVotes, with(Message::Vote { round, value }))),
            Message::Skip { .. } => other(self.finals_of(round, said.by))
                .and_then(|value| found(FaultKind::SkipAndFinal, with(Message::Final { round, value }))),
            Message::Final { .. } => match other(self.finals_of(round, said.by)) {
                Some(value) => found(FaultKind::TwoFinals, with(Message::Final { round, value })),
                None if self.skipped(round, said.by) => found(FaultKind::SkipAndFinal, with(Message::Skip { round })),
                None => None,
            },
        }
    }

    fn votes_of(&self, round: u32, by: NodeIndex) -> BTreeSet<Digest> {
        self.rounds.get(&round).and_then(|r| r.votes.get(&by)).cloned().unwrap_or_default()
    }

    fn finals_of(&self, round: u32, by: NodeIndex) -> BTreeSet<Digest> {
        self.rounds.get(&round).and_then(|r| r.finals.get(&by)).cloned().unwrap_or_default()
    }

    pub fn voted(&self, round: u32, by: NodeIndex) -> bool {
        self.rounds.get(&round).is_some_and(|r| r.votes.contains_key(&by))
    }

    pub fn skipped(&self, round: u32, by: NodeIndex) -> bool {
        self.rounds.get(&round).is_some_and(|r| r.skips.contains(&by))
    }

    pub fn finished(&self, round: u32, by: NodeIndex) -> bool {
        self.rounds.get(&round).is_some_and(|r| r.finals.contains_key(&by))
    }

    /// The justified proposals of a round.
    pub fn proposals(&self, round: u32) -> impl Iterator<Item = (Digest, Grounds)> {
        self.rounds.get(&round).into_iter().flat_map(|r| r.proposals.iter().map(|(value, grounds)| (*value, *grounds)))
    }

    /// A round in which `value` was proposed.
    pub fn proposed(&self, value: Digest) -> Option<u32> {
        self.rounds.iter().find(|(_, r)| r.proposals.contains_key(&value)).map(|(round, _)| *round)
    }

    /// Rounds from the latest down to `from`.
    pub fn rounds_down_to(&self, from: u32) -> impl Iterator<Item = u32> {
        self.rounds.range(from..).rev().map(|(round, _)| *round)
    }

    /// Who signed this message, in party order. Proposals have no signers here: the chair is known.
    pub fn signers(&self, message: Message) -> impl Iterator<Item = NodeIndex> + '_ {
        let round = self.rounds.get(&message.round());
        let values = round.and_then(|r| match message {
            Message::Vote { .. } => Some(&r.votes),
            Message::Final { .. } => Some(&r.finals),
            Message::Propose { .. } | Message::Skip { .. } => None,
        });
        let skips = round.filter(|_| matches!(message, Message::Skip { .. })).map(|r| &r.skips);
        let of_value =
            values.into_iter().flatten().filter(move |(_, said)| message.value().is_some_and(|v| said.contains(&v)));
        of_value.map(|(by, _)| *by).chain(skips.into_iter().flatten().copied())
    }

    /// The first `quorum` signers' messages, if there are as many.
    pub fn certificate(&self, message: Message, quorum: usize) -> Option<Vec<Said>> {
        let said: Vec<_> = self.signers(message).take(quorum).map(|by| Said { by, message }).collect();
        (said.len() == quorum).then_some(said)
    }

    pub fn skip_certificate(&self, round: u32, quorum: usize) -> Option<Vec<Said>> {
        self.certificate(Message::Skip { round }, quorum)
    }

    /// The quorum of votes of a round.
    pub fn vote_certificate(&self, round: u32, quorum: usize) -> Option<(Digest, Vec<Said>)> {
        let votes = self.rounds.get(&round).map(|r| &r.votes)?;
        with_quorum(votes, |value| self.certificate(Message::Vote { round, value }, quorum))
    }

    /// The quorum of finals of a round: the certificate of the decision.
    pub fn final_certificate(&self, round: u32, quorum: usize) -> Option<(Digest, Vec<Said>)> {
        let finals = self.rounds.get(&round).map(|r| &r.finals)?;
        with_quorum(finals, |value| self.certificate(Message::Final { round, value }, quorum))
    }

    /// Everything kept, proposals under their chair's name.
    pub fn all(&self, chair: impl Fn(u32) -> NodeIndex) -> Vec<Said> {
        let mut all = Vec::new();
        for (&round, r) in &self.rounds {
            let by_chair =
                |value: &Digest| Said { by: chair(round), message: Message::Propose { round, value: *value } };
            all.extend(r.proposals.keys().map(by_chair));
            let each = |values: &Values, message: fn(u32, Digest) -> Message| -> Vec<Said> {
                let pairs = values.iter().flat_map(|(by, values)| values.iter().map(|value| (*by, *value)));
                pairs.map(|(by, value)| Said { by, message: message(round, value) }).collect()
            };
            all.extend(each(&r.votes, |round, value| Message::Vote { round, value }));
            all.extend(r.skips.iter().map(|by| Said { by: *by, message: Message::Skip { round } }));
            all.extend(each(&r.finals, |round, value| Message::Final { round, value }));
        }
        all
    }
}

fn with_quorum(values: &Values, find: impl Fn(Digest) -> Option<Vec<Said>>) -> Option<(Digest, Vec<Said>)> {
    let distinct: BTreeSet<Digest> = values.values().flatten().copied().collect();
    distinct.into_iter().find_map(|value| find(value).map(|said| (value, said)))
}

/// The grounds that the messages enclosed with a proposal give it; none if they do not suffice.
pub fn grounds(round: u32, value: Digest, enclosed: &[Said], quorum: usize) -> Option<Grounds> {
    let mut signers: BTreeMap<Message, BTreeSet<NodeIndex>> = BTreeMap::new();
    for said in enclosed {
        signers.entry(said.message).or_default().insert(said.by);
    }
    let certified = |message| signers.get(&message).is_some_and(|signers| signers.len() >= quorum);
    for earlier in (0..round).rev() {
        if certified(Message::Vote { round: earlier, value }) {
            return Some(Grounds::Locked);
        }
        if !certified(Message::Skip { round: earlier }) {
            return None;
        }
    }
    Some(Grounds::Free)
}
