//! From the journals to the register: one pass for organisations, so that it is known who may object,
//! and one for persons.

use std::collections::{BTreeMap, BTreeSet};

use super::admission::Applications;
use super::{Certified, Details, Event, Ignored, MandateRecord, Member, Reason, Register, Standing, Status};
use crate::charter::{Charter, ClassKind};
use crate::epoch::{Epoch, EpochJournal};
use crate::extract::{Entry, Extract};
use crate::id::{Digest, MemberId, NodeId, Time};
use crate::statement::{Basis, Body, Effect, EndStatus, FoundingMember, Mandate, RollEnd, RollEntry, Signer};

/// More mandates than this for one organisation are ignored.
const MANDATES_MOST: usize = 50;

/// What a replay reads.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Epochs 0, 1, … up to the one at hand: every entry is judged by the charter of the epoch that it names.
    pub epochs: &'a [Epoch],
    pub founding: &'a [FoundingMember],
    /// Journals of the cut in any order; those outside the last epoch are passed over.
    pub extracts: &'a [Extract<'a>],
    /// By the digest of the opening.
    pub decisions: &'a BTreeMap<Digest, Certified>,
    /// The time that the register is wanted for; a clock that once ran ahead of it confuses nothing.
    pub at: Time,
}

/// The register of the last epoch of the chain.
pub fn replay(input: &Input<'_>) -> Register {
    let Some(epoch) = input.epochs.last() else { return Register::default() };
    let journals = epoch.journals();
    let mut register = Register::default();
    let statements = read(input, epoch, &journals, &mut register);
    let kinds = kinds(&statements);
    let mut replay = Replay {
        input,
        ends: decided_ends(input, &statements, &mut register),
        applications: Applications::read(&statements),
        used: BTreeSet::new(),
        register,
    };
    for pass in [ClassKind::Organisation, ClassKind::Person] {
        for stated in &statements {
            replay.roll_statement(stated, pass, &kinds);
        }
        if pass == ClassKind::Organisation {
            let Replay { applications, register, .. } = &mut replay;
            applications.hear_objections(&statements, register);
        }
    }
    for stated in &statements {
        replay.mandate_statement(stated);
    }
    replay.register
}

/// A statement about the roll by the journal's own node, with the charter that it is judged by.
#[derive(Clone, Copy)]
pub(super) struct Stated<'a> {
    pub journal: &'a EpochJournal<'a>,
    pub entry: &'a Entry,
    pub charter: &'a Charter,
    /// Its place among all statements about the roll.
    pub order: usize,
    /// Its time, but never earlier than that of a node statement before it, so that nobody backdates.
    pub at: Time,
}

impl Stated<'_> {
    pub fn ignored(&self, reason: Reason) -> Ignored {
        Ignored {
            journal: self.journal.journal.clone(),
            position: self.entry.position,
            statement: self.entry.digest,
            reason,
        }
    }

    /// When a change that it wishes for `wished` takes effect: not before it was stated.
    fn effective(&self, wished: Time) -> Time {
        wished.max(self.entry.statement.published)
    }
}

/// The statements about the roll in the epoch's journals, in the order of parties and positions.
fn read<'a>(
    input: &Input<'a>,
    epoch: &'a Epoch,
    journals: &'a [EpochJournal<'a>],
    register: &mut Register,
) -> Vec<Stated<'a>> {
    let mut statements = Vec::new();
    for journal in journals {
        let extract = input.extracts.iter().find(|extract| extract.journal == journal.journal);
        let limit = journal.frozen_at.unwrap_or(u64::MAX);
        let entries = extract.map_or(&[][..], |extract| extract.entries);
        let (mut latest, mut reached) = (Time(0), 0);
        for entry in entries.iter().filter(|entry| entry.position < limit) {
            let statement = &entry.statement;
            let own = matches!(&statement.signer, Signer::Node(node) if node == journal.node);
            // Nothing but the statements about the roll decides: a bundle need not carry the others.
            if !concerns_the_roll(&statement.body) {
                continue;
            }
            let records = matches!(statement.body, Body::Article(_));
            if own && !records && statement.published <= input.at {
                latest = latest.max(statement.published);
            }
            let (order, at) = (statements.len(), statement.published.max(latest));
            let mut stated = Stated { journal, entry, charter: &epoch.charter, order, at };
            let named = usize::try_from(statement.epoch).ok().and_then(|number| input.epochs.get(number));
            match named.filter(|named| (records || named.number >= reached) && named.consortium == statement.consortium)
            {
                _ if !own => register.ignored.push(stated.ignored(Reason::NotTheNode)),
                None => register.ignored.push(stated.ignored(Reason::WrongEpoch)),
                Some(named) => {
                    // A record of a decision says nothing about what its node had reached.
                    reached = if records { reached } else { named.number };
                    stated.charter = &named.charter;
                    statements.push(stated);
                }
            }
        }
    }
    statements
}

/// Whether statements of this kind decide who is on the roll: all that a replay reads.
pub fn concerns_the_roll(body: &Body) -> bool {
    matches!(
        body,
        Body::RollEntry(_)
            | Body::RollEnd(_)
            | Body::Application(_)
            | Body::Objection { .. }
            | Body::Mandate(_)
            | Body::MandateEnd { .. }
            | Body::Article(_)
    )
}

/// Whether a member id of a party is an organisation or a person, by its first entry.
fn kinds<'a>(statements: &[Stated<'a>]) -> BTreeMap<(usize, &'a MemberId), ClassKind> {
    let mut kinds = BTreeMap::new();
    for stated in statements {
        if let Body::RollEntry(entry) = &stated.entry.statement.body
            && let Some(class) = stated.charter.class(&entry.class)
        {
            kinds.entry((stated.journal.party, &entry.member)).or_insert(class.kind);
        }
    }
    kinds
}

/// What certified decisions end, as far as some node has recorded them below the cut: the cut alone decides.
fn decided_ends(
    input: &Input<'_>,
    statements: &[Stated<'_>],
    register: &mut Register,
) -> BTreeMap<MemberId, Vec<(Event, Effect)>> {
    let mut ends: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let recorded: BTreeSet<Digest> = statements.iter().filter_map(recorded_decision).collect();
    for digest in recorded {
        let Some(decision) = input.decisions.get(&digest) else {
            register.unknown_decisions.insert(digest);
            continue;
        };
        for effect in &decision.effects {
            if let Effect::EndMember { member, status, .. } = effect {
                let change = Standing::Ended { status: *status, reason: String::new() };
                let event = Event { at: decision.at, statement: digest, change };
                ends.entry(member.clone()).or_default().push((event, effect.clone()));
            }
        }
    }
    ends
}

fn recorded_decision(stated: &Stated<'_>) -> Option<Digest> {
    if let Body::Article(decision) = &stated.entry.statement.body { Some(decision.proposal) } else { None }
}

struct Replay<'a, 'b> {
    input: &'b Input<'a>,
    ends: BTreeMap<MemberId, Vec<(Event, Effect)>>,
    applications: Applications<'b>,
    /// Applications and decisions that have admitted their member: each admits once.
    used: BTreeSet<(Digest, MemberId)>,
    register: Register,
}

impl Replay<'_, '_> {
    fn roll_statement(
        &mut self,
        stated: &Stated<'_>,
        pass: ClassKind,
        kinds: &BTreeMap<(usize, &MemberId), ClassKind>,
    ) {
        let kind = |member: &MemberId| kinds.get(&(stated.journal.party, member)).copied().unwrap_or(ClassKind::Person);
        let outcome = match &stated.entry.statement.body {
            Body::RollEntry(entry) if kind(&entry.member) == pass => self.roll_entry(stated, entry),
            Body::RollEnd(end) if kind(&end.member) == pass => self.roll_end(stated, end),
            _ => Ok(()),
        };
        self.note(stated, outcome);
    }

    fn mandate_statement(&mut self, stated: &Stated<'_>) {
        let outcome = match &stated.entry.statement.body {
            Body::Mandate(mandate) => self.mandate(stated, mandate),
            Body::MandateEnd { organisation, holder, effective } => {
                self.mandate_end(stated, organisation, holder, stated.effective(*effective))
            }
            Body::Objection { .. } => self.applications.objection_refusal(stated),
            _ => Ok(()),
        };
        self.note(stated, outcome);
    }

    fn note(&mut self, stated: &Stated<'_>, outcome: Result<(), Reason>) {
        if let Err(reason) = outcome {
            self.register.ignored.push(stated.ignored(reason));
        }
    }

    fn roll_entry(&mut self, stated: &Stated<'_>, entry: &RollEntry) -> Result<(), Reason> {
        if entry.name.chars().count() > 200 {
            return Err(Reason::NameTooLong);
        }
        let class = stated.charter.class(&entry.class).ok_or_else(|| Reason::UnknownClass(entry.class.clone()))?;
        let free = class.levels.is_empty() || (entry.level.is_empty() && entry.basis == Basis::Founding);
        if !free && !class.levels.iter().any(|level| level.id == entry.level) {
            return Err(Reason::UnknownLevel { class: entry.class.clone(), level: entry.level.clone() });
        }
        if entry.change { self.change(stated, entry, class.kind) } else { self.join(stated, entry, class.kind) }
    }

    fn join(&mut self, stated: &Stated<'_>, entry: &RollEntry, kind: ClassKind) -> Result<(), Reason> {
        let wished = stated.effective(entry.since);
        let at = self.check_basis(stated, entry, kind)?.max(wished);
        if let Some(member) = self.register.members.get_mut(&entry.member) {
            let over = matches!(member.status(at), Status::Ended(EndStatus::Withdrawn | EndStatus::Lapsed));
            if member.sponsor != *stated.journal.node || !over {
                return Err(Reason::Taken(entry.member.clone()));
            }
            // Whoever founded and has left, or was excluded, joins like anybody else.
            if entry.basis == Basis::Founding {
                return Err(Reason::BasisUsed);
            }
            if member.class != entry.class {
                return Err(Reason::ClassChanged);
            }
            member.basis = entry.basis;
            member.record(joined(stated, entry, at));
        } else {
            let ended = self.ends_decided(&entry.member, stated.journal.node).iter().any(|end| end.at < at);
            if entry.basis == Basis::Founding && ended {
                return Err(Reason::BasisUsed);
            }
            let mut member = Member {
                member: entry.member.clone(),
                class: entry.class.clone(),
                sponsor: stated.journal.node.clone(),
                basis: entry.basis,
                history: vec![joined(stated, entry, at)],
                mandates: Vec::new(),
            };
            self.end_as_decided(&mut member, at);
            self.register.members.insert(entry.member.clone(), member);
        }
        if let Basis::Application(digest) | Basis::Decision(digest) = entry.basis {
            self.used.insert((digest, entry.member.clone()));
        }
        Ok(())
    }

    fn end_as_decided(&self, member: &mut Member, joined: Time) {
        let ends = self.ends_decided(&member.member, &member.sponsor);
        ends.into_iter().filter(|event| event.at >= joined).for_each(|event| member.record(event.clone()));
    }

    /// What decisions end of a membership with this sponsor.
    fn ends_decided(&self, member: &MemberId, of: &NodeId) -> Vec<&Event> {
        let ours = |effect: &Effect| matches!(effect, Effect::EndMember { sponsor, .. } if sponsor == of);
        let ends = self.ends.get(member).into_iter().flatten();
        ends.filter(|(_, effect)| ours(effect)).map(|(event, _)| event).collect()
    }

    /// From when on the basis allows the membership.
    fn check_basis(&mut self, stated: &Stated<'_>, entry: &RollEntry, kind: ClassKind) -> Result<Time, Reason> {
        match entry.basis {
            Basis::Founding => {
                let named = self.input.founding.iter().any(|founding| {
                    founding.member == entry.member
                        && founding.sponsor == *stated.journal.node
                        && founding.class == entry.class
                });
                if named { Ok(Time(0)) } else { Err(Reason::NotFounding(entry.member.clone())) }
            }
            Basis::Application(_) if kind == ClassKind::Organisation => Err(Reason::OrganisationNeedsDecision),
            Basis::Application(digest) => {
                self.check_unused(digest, entry)?;
                self.applications.check(stated, entry, digest)
            }
            Basis::Decision(digest) => {
                self.check_unused(digest, entry)?;
                self.check_decision(stated, entry, digest)
            }
        }
    }

    fn check_unused(&self, basis: Digest, entry: &RollEntry) -> Result<(), Reason> {
        let used = self.used.contains(&(basis, entry.member.clone()));
        if used { Err(Reason::BasisUsed) } else { Ok(()) }
    }

    fn check_decision(&mut self, stated: &Stated<'_>, entry: &RollEntry, digest: Digest) -> Result<Time, Reason> {
        let Some(decision) = self.input.decisions.get(&digest) else {
            self.register.unknown_decisions.insert(digest);
            return Err(Reason::UnknownDecision(digest));
        };
        let admits = decision.effects.iter().any(|effect| {
            matches!(effect, Effect::AdmitMember { sponsor, member, class, level, .. }
                if sponsor == stated.journal.node && *member == entry.member
                    && *class == entry.class && *level == entry.level)
        });
        if admits { Ok(decision.at) } else { Err(Reason::OtherDecision) }
    }

    fn change(&mut self, stated: &Stated<'_>, entry: &RollEntry, kind: ClassKind) -> Result<(), Reason> {
        let mut at = stated.effective(entry.since);
        let member = self.ours(stated, &entry.member)?;
        if member.class != entry.class {
            return Err(Reason::ClassChanged);
        }
        match member.status(at) {
            Status::NotYet => return Err(Reason::BeforeJoining),
            Status::InForce(_) => {}
            Status::Ended(EndStatus::Suspended) if kind == ClassKind::Organisation => {
                let Basis::Decision(digest) = entry.basis else { return Err(Reason::OrganisationByDecision) };
                self.check_unused(digest, entry)?;
                at = at.max(self.check_decision(stated, entry, digest)?);
                self.used.insert((digest, entry.member.clone()));
            }
            Status::Ended(EndStatus::Suspended) => {}
            Status::Ended(_) => return Err(Reason::Over(entry.member.clone())),
        }
        self.ours(stated, &entry.member)?.record(joined(stated, entry, at));
        Ok(())
    }

    fn roll_end(&mut self, stated: &Stated<'_>, end: &RollEnd) -> Result<(), Reason> {
        let at = stated.effective(end.effective);
        let member = self.ours(stated, &end.member)?;
        let kind = stated.charter.class(&member.class).map(|class| class.kind);
        if kind == Some(ClassKind::Organisation) && end.status != EndStatus::Withdrawn {
            return Err(Reason::OrganisationByDecision);
        }
        if matches!(member.status(at), Status::Ended(EndStatus::Withdrawn | EndStatus::Lapsed)) {
            return Err(Reason::Over(end.member.clone()));
        }
        let change = Standing::Ended { status: end.status, reason: end.reason.clone() };
        member.record(Event { at, statement: stated.entry.digest, change });
        Ok(())
    }

    fn mandate(&mut self, stated: &Stated<'_>, mandate: &Mandate) -> Result<(), Reason> {
        let at = stated.effective(mandate.since);
        let organisation = self.organisation(stated, &mandate.organisation)?;
        if mandate.name.chars().count() > 200 {
            return Err(Reason::NameTooLong);
        }
        let others = organisation.mandates_at(at).iter().filter(|other| other.holder != mandate.holder).count();
        if others >= MANDATES_MOST {
            return Err(Reason::TooManyMandates(MANDATES_MOST));
        }
        organisation.end_mandate(&mandate.holder, at);
        organisation.mandates.push(MandateRecord {
            holder: mandate.holder.clone(),
            name: mandate.name.clone(),
            key: mandate.key,
            since: at,
            until: None,
        });
        Ok(())
    }

    fn mandate_end(
        &mut self,
        stated: &Stated<'_>,
        organisation: &MemberId,
        holder: &MemberId,
        at: Time,
    ) -> Result<(), Reason> {
        let ended = self.organisation(stated, organisation)?.end_mandate(holder, at);
        if ended { Ok(()) } else { Err(Reason::NoMandate) }
    }

    fn organisation(&mut self, stated: &Stated<'_>, member: &MemberId) -> Result<&mut Member, Reason> {
        let member = self.ours(stated, member)?;
        let kind = stated.charter.class(&member.class).map(|class| class.kind);
        if kind == Some(ClassKind::Organisation) { Ok(member) } else { Err(Reason::NotAnOrganisation) }
    }

    fn ours(&mut self, stated: &Stated<'_>, member: &MemberId) -> Result<&mut Member, Reason> {
        let known = self.register.members.get_mut(member).filter(|known| known.sponsor == *stated.journal.node);
        known.ok_or_else(|| Reason::NotOurs(member.clone()))
    }
}

fn joined(stated: &Stated<'_>, entry: &RollEntry, at: Time) -> Event {
    let RollEntry { name, level, key, custody, .. } = entry;
    let details = Details { name: name.clone(), level: level.clone(), key: *key, custody: *custody };
    Event { at, statement: stated.entry.digest, change: Standing::InForce(details) }
}

impl Member {
    /// Keeps the history in the order of time; of equal times the later statement is later.
    fn record(&mut self, event: Event) {
        let place = self.history.partition_point(|earlier| earlier.at <= event.at);
        self.history.insert(place, event);
    }

    /// Whether there was a mandate of this holder to end at `at`.
    fn end_mandate(&mut self, holder: &MemberId, at: Time) -> bool {
        let open =
            |mandate: &&mut MandateRecord| mandate.holder == *holder && mandate.until.is_none_or(|until| until > at);
        let mut ended = false;
        for mandate in self.mandates.iter_mut().filter(open) {
            mandate.until = Some(at.max(mandate.since));
            ended = true;
        }
        ended
    }
}
