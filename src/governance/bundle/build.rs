//! Builds a bundle from what a node holds, leaving out what does not matter for the decision.

use std::collections::BTreeSet;

use super::chain::{Chain, last_of};
use super::shelf::{row, write_hashes};
use super::{Bundle, FORMAT, Fault, Link, Placed, Row, Settled, Shelf, Step};
use crate::certification::cut::Cut;
use crate::codec::{SignedBallot, SignedStatement};
use crate::epoch::{Epoch, EpochJournal};
use crate::extract::{self, CertifiedSize, Extract};
use crate::id::{Digest, JournalId};
use crate::journal::{Entry, SignedCheckpoint};
use crate::json;
use crate::proposal::Opening;
use crate::roll::{self, Roll};
use crate::statement::{Basis, Body, Effect, Genesis};
use crate::tally::{Effects, Outcome, Reason};

/// What a node gives for an export.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub genesis: &'a Genesis,
    /// The founding parties' `Charter` statements.
    pub acceptances: &'a [SignedStatement],
    /// All decisions that were certified before, in any order; what is not needed is left out.
    pub decisions: &'a [Decided],
    pub decision: &'a Decided,
    /// A checkpoint of the proposer's journal that covers the opening, certified when voting began at the latest.
    pub announced: &'a SignedCheckpoint,
    /// The journals of the epoch that the vote was opened in.
    pub journals: &'a [Leaves],
}

/// A certified decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    pub opening: SignedStatement,
    /// All sittings in order.
    pub sittings: Vec<Settled>,
}

/// A journal from its first leaf on, at least as far as the cuts go.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaves {
    pub journal: JournalId,
    pub entries: Vec<Entry>,
}

/// Why there is no bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("the journal {0} is not here as far as the decision needs it")]
    Journal(JournalId),
}

/// The bundle's bytes. Whoever keeps them should [`super::verify()`] them first: this only puts together.
pub fn build(source: &Source<'_>) -> Result<Vec<u8>, BuildError> {
    let outcome = &last_of(&source.decision.sittings, Step::Certificate)?.outcome;
    let opening = Opening::read(&source.decision.opening.statement, source.decision.opening.digest)
        .ok_or_else(|| Fault::new(Step::Opening, "This is not an opening."))?;
    let acceptances: Vec<_> = source.acceptances.iter().map(SignedStatement::to_value).collect();
    let mut chain = Chain::found(source.genesis, &acceptances)?;
    let mut decisions = Vec::new();
    for decided in epoch_changes(source.decisions) {
        if !is_behind(&chain, &opening, outcome) {
            break;
        }
        let link = link(decided);
        chain.add(&link)?;
        decisions.push(link);
    }
    let link_of_decision = link(source.decision);
    chain.open(&link_of_decision.opening, Step::Opening)?;
    let epoch = chain.epoch_of(&opening).clone();
    let ended = chain.end(&opening, &link_of_decision.sittings, Step::Certificate)?;
    let latest = opening.voting.opens.plus(-epoch.charter.roll.minimum_age_seconds);
    let roll_cut = Cut::read(&opening.voting.cut, &epoch, latest)
        .map_err(|error| Fault::new(Step::Roll, format!("The roll cut does not hold: {error}.")))?;

    let owned = extracts(source, &epoch, roll_cut.sizes());
    for decided in members_decided(source, &owned, &chain) {
        let link = link(decided);
        chain.add(&link)?;
        decisions.push(link);
    }
    let roll = freeze(source, &chain, &epoch, &opening, &owned);
    let announced = announced_pruned(source.announced, &epoch);
    let mut shelves = Vec::new();
    for journal in epoch.journals() {
        let part = Part {
            roll: roll_cut.size_of(&journal.journal),
            cut: ended.cut.size_of(&journal.journal),
            announced: if announced.checkpoint.journal == journal.journal { announced.checkpoint.size } else { 0 },
            opening: &opening,
            electorate: &roll,
            recorded: recorded_ends(source.decisions),
        };
        shelves.extend(part.shelve(source, &journal)?);
    }
    let bundle = Bundle {
        format: FORMAT.to_owned(),
        genesis: source.genesis.clone(),
        acceptances,
        decisions,
        decision: link_of_decision,
        announced: announced.to_string(),
        journals: shelves,
    };
    Ok(json::canonical(&bundle))
}

fn link(decided: &Decided) -> Link {
    Link { opening: decided.opening.to_value(), sittings: decided.sittings.clone() }
}

fn last_outcome(decided: &Decided) -> Option<&Outcome> {
    decided.sittings.last().map(|settled| &settled.outcome)
}

/// The decisions that began an epoch, in order.
fn epoch_changes(decisions: &[Decided]) -> Vec<&Decided> {
    let begins = |decided: &Decided| {
        let outcome = last_outcome(decided).filter(|outcome| outcome.effects == Effects::Taken)?;
        outcome.becomes_epoch
    };
    let mut changes: Vec<_> = decisions.iter().filter_map(|decided| Some((begins(decided)?, decided))).collect();
    changes.sort_by_key(|(number, _)| *number);
    changes.into_iter().map(|(_, decided)| decided).collect()
}

/// Whether the count needs a later epoch than the chain has reached: the one before that which it begins, or the one
/// in which its effects turned out void.
fn is_behind(chain: &Chain, opening: &Opening, outcome: &Outcome) -> bool {
    let last = chain.last();
    if last.number < opening.epoch || outcome.becomes_epoch.is_some_and(|number| last.number + 1 < number) {
        return true;
    }
    outcome.reasons.contains(&Reason::EffectsVoid) && last.check_effects(&opening.question.effects).is_ok()
}

/// Decisions that end a membership: the roll hears of them by the record of a node.
fn recorded_ends(decisions: &[Decided]) -> BTreeSet<Digest> {
    let ends = |decided: &&Decided| {
        let taken = last_outcome(decided).is_some_and(|outcome| outcome.effects == Effects::Taken);
        let effects = match &decided.opening.statement.body {
            Body::Question(question) => &question.effects[..],
            _ => &[],
        };
        taken && effects.iter().any(|effect| matches!(effect, Effect::EndMember { .. }))
    };
    decisions.iter().filter(ends).map(|decided| decided.opening.digest).collect()
}

struct Owned {
    journal: JournalId,
    entries: Vec<extract::Entry>,
}

/// The statements about the roll that a bundle shows.
fn is_roll_statement(body: &Body, recorded: &BTreeSet<Digest>) -> bool {
    match body {
        Body::Article(decision) => recorded.contains(&decision.proposal),
        other => roll::concerns_the_roll(other),
    }
}

fn extracts(source: &Source<'_>, epoch: &Epoch, cut: &[CertifiedSize]) -> Vec<Owned> {
    let recorded = recorded_ends(source.decisions);
    let of_epoch = epoch.journals();
    let known =
        source.journals.iter().filter(|leaves| of_epoch.iter().any(|journal| journal.journal == leaves.journal));
    let owned = known.map(|leaves| {
        let size = cut.iter().find(|point| point.journal == leaves.journal).map_or(0, |point| point.size);
        let entries = (0..size).zip(&leaves.entries).filter_map(|(position, entry)| {
            let Entry::Statement(signed) = entry else { return None };
            let (digest, statement) = (signed.digest, &signed.statement);
            is_roll_statement(&statement.body, &recorded).then(|| extract::Entry {
                position,
                digest,
                statement: statement.clone(),
            })
        });
        Owned { journal: leaves.journal.clone(), entries: entries.collect() }
    });
    owned.collect()
}

/// The decisions that roll entries and records below the roll cut rest on, unless the chain has them.
fn members_decided<'a>(source: &Source<'a>, owned: &[Owned], chain: &Chain) -> Vec<&'a Decided> {
    let named = owned.iter().flat_map(|journal| &journal.entries).filter_map(|entry| match &entry.statement.body {
        Body::RollEntry(entry) => match entry.basis {
            Basis::Decision(digest) => Some(digest),
            Basis::Founding | Basis::Application(_) => None,
        },
        Body::Article(decision) => Some(decision.proposal),
        _ => None,
    });
    let named: BTreeSet<Digest> = named.filter(|digest| !chain.decisions.contains_key(digest)).collect();
    source.decisions.iter().filter(|decided| named.contains(&decided.opening.digest)).collect()
}

fn freeze(source: &Source<'_>, chain: &Chain, epoch: &Epoch, opening: &Opening, owned: &[Owned]) -> Roll {
    let epochs: Vec<Epoch> = chain.epochs.iter().take_while(|known| known.number <= epoch.number).cloned().collect();
    let extracts: Vec<_> =
        owned.iter().map(|owned| Extract { journal: owned.journal.clone(), entries: &owned.entries }).collect();
    let input = roll::Input {
        epochs: &epochs,
        founding: &source.genesis.members,
        extracts: &extracts,
        decisions: &chain.decisions,
        at: opening.voting.opens,
    };
    roll::replay(&input).freeze(epoch, opening.voting.opens)
}

fn announced_pruned(note: &SignedCheckpoint, epoch: &Epoch) -> SignedCheckpoint {
    let journals = epoch.journals();
    let own = journals.iter().find(|journal| journal.journal == note.checkpoint.journal);
    own.map_or_else(|| note.clone(), |own| note.pruned(&own.key, &epoch.parties))
}

/// What one journal is needed for.
struct Part<'a> {
    /// Sizes in the roll cut, the cut of the decision, and the checkpoint of the opening.
    roll: u64,
    cut: u64,
    announced: u64,
    opening: &'a Opening,
    electorate: &'a Roll,
    recorded: BTreeSet<Digest>,
}

impl Part<'_> {
    /// The journal with bodies where they matter and hashes elsewhere; none where nothing of it is needed.
    fn shelve(&self, source: &Source<'_>, journal: &EpochJournal<'_>) -> Result<Option<Shelf>, BuildError> {
        let total = self.roll.max(self.cut).max(self.announced);
        if total == 0 {
            return Ok(None);
        }
        let missing = || BuildError::Journal(journal.journal.clone());
        let leaves = source.journals.iter().find(|leaves| leaves.journal == journal.journal).ok_or_else(missing)?;
        let entries = leaves.entries.get(..usize::try_from(total).map_err(|_| missing())?).ok_or_else(missing)?;
        let (mut statements, mut ballots, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
        for (position, entry) in (0..).zip(entries) {
            match self.place(position, entry) {
                Place::Statement(signed) => statements.push(Placed { position, statement: signed.to_value() }),
                Place::Ballot(row) => ballots.push(row),
                Place::Hash => hashes.push(entry.leaf()),
            }
        }
        Ok(Some(Shelf { journal: journal.journal.clone(), statements, ballots, hashes: write_hashes(&hashes) }))
    }

    fn place<'a>(&self, position: u64, entry: &'a Entry) -> Place<'a> {
        let Entry::Statement(signed) = entry else { return Place::Hash };
        let proposal = self.opening.digest;
        let counts = match &signed.statement.body {
            Body::Ballot(ballot) if ballot.proposal == proposal && position < self.cut => {
                let ballot = SignedBallot::from_statement(signed);
                return ballot
                    .and_then(|ballot| row(position, &ballot, self.opening, self.electorate))
                    .map_or(Place::Hash, Place::Ballot);
            }
            Body::Extension { proposal: of, .. }
            | Body::Challenge { proposal: of, .. }
            | Body::Withdrawal { proposal: of, .. } => *of == proposal && position < self.cut,
            Body::Question(_) => signed.digest == proposal && position < self.announced,
            body => is_roll_statement(body, &self.recorded) && position < self.roll,
        };
        if counts { Place::Statement(signed) } else { Place::Hash }
    }
}

enum Place<'a> {
    Statement(&'a SignedStatement),
    Ballot(Row),
    Hash,
}
