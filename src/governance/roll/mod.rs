//! The roll: who is a member, since when and by what right, replayed from the journals below a cut.
//! Same statements, same roll, on every node; what does not count is kept with the reason.

mod admission;
mod replay;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use serde::Serialize;

pub use replay::{Input, concerns_the_roll, replay};

use crate::charter::{Charter, Right, canonical_digest};
use crate::epoch::Epoch;
use crate::id::{Digest, JournalId, MemberId, NodeId, Time};
use crate::key::PublicKey;
use crate::statement::{Basis, Custody, Effect, EndStatus};

/// A certified decision as far as the roll needs it: known for every proposal that was certified, passed or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Certified {
    /// When the vote closed; what it does to members holds from here.
    pub at: Time,
    /// Empty unless it passed.
    pub effects: Vec<Effect>,
}

/// Everybody who was ever a member below the cut.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Register {
    pub members: BTreeMap<MemberId, Member>,
    /// Statements about the roll that do not count, in the order of the replay.
    pub ignored: Vec<Ignored>,
    /// Decisions that statements below the cut rest on and the caller does not know: learn them, then replay.
    pub unknown_decisions: BTreeSet<Digest>,
}

/// One member with everything that happened to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub member: MemberId,
    pub class: String,
    pub sponsor: NodeId,
    pub basis: Basis,
    /// By effective time; of equal times the later statement is later.
    pub history: Vec<Event>,
    pub mandates: Vec<MandateRecord>,
}

/// A change in a member's standing.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub at: Time,
    /// The statement that says so; for a decision the digest of its opening.
    pub statement: Digest,
    pub change: Standing,
}

/// What an event makes of a member.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    InForce(Details),
    Ended { status: EndStatus, reason: String },
}

/// What may change while the membership lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    pub level: String,
    pub key: PublicKey,
    pub custody: Custody,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MandateRecord {
    pub holder: MemberId,
    pub name: String,
    pub key: Option<PublicKey>,
    pub since: Time,
    /// When it ended or was replaced by another mandate of the same holder.
    pub until: Option<Time>,
}

/// A member's standing at one time.
#[derive(Debug, Clone, PartialEq)]
pub enum Status<'a> {
    NotYet,
    InForce(&'a Details),
    Ended(EndStatus),
}

/// A statement that changes nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub journal: JournalId,
    pub position: u64,
    pub statement: Digest,
    pub reason: Reason,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("only the journal's own node can state this")]
    NotTheNode,
    #[error("the statement names an epoch that this journal had not reached or had already left")]
    WrongEpoch,
    #[error("the charter has no class {0}")]
    UnknownClass(String),
    #[error("the class {class} has no level {level}")]
    UnknownLevel { class: String, level: String },
    #[error("the name is longer than 200 characters")]
    NameTooLong,
    #[error("{0} is already the id of a member")]
    Taken(MemberId),
    #[error("{0} is not on the roll of this node")]
    NotOurs(MemberId),
    #[error("the membership of {0} has ended; a new one needs a new entry")]
    Over(MemberId),
    #[error("a member id keeps its class; joining in another class takes a new id")]
    ClassChanged,
    #[error("the change takes effect before the membership does")]
    BeforeJoining,
    #[error("{0} is not named in the genesis document with this sponsor and class")]
    NotFounding(MemberId),
    #[error("organisations join by decision, not by application")]
    OrganisationNeedsDecision,
    #[error("no application for this member stands earlier in this journal")]
    NoApplication,
    #[error("the application is for another class or level, or another member")]
    OtherApplication,
    #[error("the applicant agreed to other terms than those in force")]
    OtherTerms,
    #[error("the written request or the committed contribution is missing")]
    Incomplete,
    #[error("the objection window was still open until {0}")]
    TooEarly(Time),
    #[error("an objection by {0} turned the application into a proposal")]
    Objected(NodeId),
    #[error("the decision {0} is not known to be certified as passed")]
    UnknownDecision(Digest),
    #[error("the decision does not admit this member in this class with this sponsor")]
    OtherDecision,
    #[error("this application or decision has already admitted the member once")]
    BasisUsed,
    #[error("an organisation is suspended, lapsed or reinstated by decision only")]
    OrganisationByDecision,
    #[error("only an organisation gives mandates")]
    NotAnOrganisation,
    #[error("an organisation has at most {0} mandates")]
    TooManyMandates(usize),
    #[error("there is no such mandate")]
    NoMandate,
    #[error("no such application is known")]
    UnknownApplication,
    #[error("the objection came after the window had closed at {0}")]
    LateObjection(Time),
    #[error("no member of this node may object")]
    NotAnObjector,
}

/// The electorate of one vote, frozen. An index never changes its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Roll {
    /// When the vote opens.
    pub opens: Time,
    /// By class in the charter's order, then party, then member id; position = index.
    pub seats: Vec<Seat>,
    /// Everybody else whom the cut knows, to say why they cannot vote.
    pub register: Register,
}

/// One voting member. Its canonical JSON is what the electorate's digest covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seat {
    pub index: u32,
    pub member: MemberId,
    pub class: String,
    pub sponsor: NodeId,
    pub key: PublicKey,
    pub custody: Custody,
    pub mandates: Vec<Holder>,
}

/// Who may act for an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holder {
    pub holder: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PublicKey>,
}

impl Seat {
    /// The keys that ballots for this seat may be signed with: the member's own, and those of mandates.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        iter::once(&self.key).chain(self.mandates.iter().filter_map(|mandate| mandate.key.as_ref()))
    }

    /// Whether a ballot for this seat may be signed with `key`.
    pub fn accepts_key(&self, key: &PublicKey) -> bool {
        self.keys().any(|own| own == key)
    }

    /// Where the key that signs is kept; a key of a mandate is on its holder's device.
    pub fn custody_of(&self, key: &PublicKey) -> Custody {
        if self.key == *key { self.custody } else { Custody::Device }
    }
}

impl Member {
    pub fn status(&self, at: Time) -> Status<'_> {
        match self.history.iter().take_while(|event| event.at <= at).last().map(|event| &event.change) {
            None => Status::NotYet,
            Some(Standing::InForce(details)) => Status::InForce(details),
            Some(Standing::Ended { status, .. }) => Status::Ended(*status),
        }
    }

    /// When the current membership began.
    pub fn since(&self) -> Option<Time> {
        self.history.first().map(|event| event.at)
    }

    /// The mandates in force, by holder.
    pub fn mandates_at(&self, at: Time) -> Vec<&MandateRecord> {
        let in_force = |mandate: &&MandateRecord| mandate.since <= at && mandate.until.is_none_or(|until| until > at);
        let mut mandates: Vec<_> = self.mandates.iter().filter(in_force).collect();
        mandates.sort_by(|a, b| a.holder.cmp(&b.holder));
        mandates
    }
}

impl Register {
    /// The electorate of a vote that opens at `opens` under this epoch.
    pub fn freeze(self, epoch: &Epoch, opens: Time) -> Roll {
        let mut seats: Vec<_> =
            self.members.values().filter_map(|member| seat(member, &epoch.charter, opens)).collect();
        let class_order = |seat: &Seat| epoch.charter.classes.iter().position(|class| class.id == seat.class);
        seats.sort_by_cached_key(|seat| (class_order(seat), epoch.party_of_node(&seat.sponsor), seat.member.clone()));
        for (index, seat) in (0..).zip(&mut seats) {
            seat.index = index;
        }
        Roll { opens, seats, register: self }
    }
}

fn seat(member: &Member, charter: &Charter, opens: Time) -> Option<Seat> {
    let Status::InForce(details) = member.status(opens) else { return None };
    if !charter.class(&member.class)?.has(Right::Vote) {
        return None;
    }
    let holder = |mandate: &MandateRecord| Holder { holder: mandate.holder.clone(), key: mandate.key };
    Some(Seat {
        index: 0,
        member: member.member.clone(),
        class: member.class.clone(),
        sponsor: member.sponsor.clone(),
        key: details.key,
        custody: details.custody,
        mandates: member.mandates_at(opens).into_iter().map(holder).collect(),
    })
}

impl Roll {
    /// SHA-256 of the canonical list of seats: what an opening names as its electorate.
    pub fn digest(&self) -> Digest {
        canonical_digest(&self.seats)
    }

    pub fn seat(&self, index: u32) -> Option<&Seat> {
        self.seats.get(usize::try_from(index).ok()?)
    }

    pub fn seat_of(&self, member: &MemberId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.member == *member)
    }

    /// The member of the register whose own key this is when the vote opens, or was before it was ended.
    pub fn holder_of_key(&self, key: &PublicKey) -> Option<&Member> {
        self.register.members.values().find(|member| {
            member
                .history
                .iter()
                .any(|event| matches!(&event.change, Standing::InForce(details) if details.key == *key))
        })
    }

    /// Whether a mandate with this key was ever given by the organisation.
    pub fn had_mandate_key(&self, organisation: &MemberId, key: &PublicKey) -> bool {
        let given = self.register.members.get(organisation).map_or(&[][..], |member| &member.mandates);
        given.iter().any(|mandate| mandate.key == Some(*key))
    }

    /// How many voting members the class has.
    pub fn eligible(&self, class: &str) -> u64 {
        self.seats.iter().map(|seat| u64::from(seat.class == class)).sum()
    }
}
