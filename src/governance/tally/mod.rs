//! Counting: from the statements of a cut to the outcome, in exact fractions.
//! A pure function: order and repetition of ballots, and who counts, change nothing.

mod choice;
mod consent;
mod outcome;
pub mod points;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
mod weights;

use std::collections::BTreeMap;

pub use outcome::{
    ClassCount, Count, Effects, Outcome, Reading, ReadingKind, Readings, Reason, StandingBlock, Unreadable, Verdict,
    value,
};

use crate::ballot::{self, Cast, Settled};
use crate::charter::Rules;
use crate::epoch::Epoch;
use crate::extract::Extract;
use crate::id::{NodeId, Time};
use crate::proposal::{Sitting, VOTE_SECONDS_MOST, Vote};
use crate::roll::Roll;
use crate::statement::{Body, Effect, Method, Signer};

/// What a count reads.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub vote: Vote<'a>,
    /// Everything below the cut, journals in any order; those outside the vote's epoch are passed over.
    pub extracts: &'a [Extract<'a>],
    /// The latest epoch: effects are applied to this one.
    pub current: &'a Epoch,
    /// The next free number in the register of decisions.
    pub number: u64,
}

/// The outcome of the sitting, and the faults that the cut shows on the way.
pub fn count(input: &Input<'_>) -> Outcome {
    let vote = &input.vote;
    let calls = Calls::read(input);
    let mut reasons = Vec::new();
    if calls.withdrawn {
        return outcome(vote, vote.sitting, Verdict::Withdrawn, vec![Reason::Withdrawn]);
    }
    let sitting = challenged(vote, calls.challenged, &mut reasons);
    let closes = calls.closes(vote, &sitting);
    if closes > vote.sitting.closes {
        reasons.push(Reason::Extended { closes });
        let verdict = Verdict::Extended { closes, decision_type: sitting.decision_type.clone() };
        return outcome(vote, &sitting, verdict, reasons);
    }
    decided(input, &sitting, reasons)
}

/// The ballots of the cut, one per member. A vote that a challenge converted is judged by the converted rules.
pub fn ballots(vote: &Vote<'_>, extracts: &[Extract<'_>]) -> Settled {
    let journals = vote.epoch.journals();
    let counted = extracts.iter().filter_map(|extract| {
        let journal = journals.iter().find(|journal| journal.journal == extract.journal)?;
        Some((extract.entries, journal.frozen_at.unwrap_or(u64::MAX)))
    });
    ballot::settle(counted.flat_map(|(entries, limit)| {
        let below = entries.iter().filter(move |entry| entry.position < limit);
        below.filter_map(|entry| ballot::check(vote, &entry.statement, entry.digest).ok())
    }))
}

fn decided(input: &Input<'_>, sitting: &Sitting, mut reasons: Vec<Reason>) -> Outcome {
    let vote = Vote { sitting, ..input.vote };
    let settled = ballots(&vote, input.extracts);
    let tables = tabulate(&sitting.rules, vote.opening.question.options.len(), vote.roll, &settled.counted);
    let judged = match vote.opening.question.method {
        Method::Consent => consent::judge(&sitting.rules, &tables, blocks(vote.roll, &settled.counted)),
        Method::SingleChoice | Method::Approval => choice::judge(&sitting.rules, &tables),
    };
    let Judged { count, passed, winners, reasons: judged_reasons } = judged;
    reasons.extend(judged_reasons);
    let (effects, becomes_epoch) = effects(passed, &vote.opening.question.effects, input.current, &mut reasons);
    Outcome {
        number: Some(input.number),
        becomes_epoch,
        effects,
        count: Some(count),
        ..outcome(&vote, sitting, Verdict::Decided { passed, winners }, reasons)
    }
}

/// What a method makes of the ballots.
struct Judged {
    count: Count,
    passed: bool,
    winners: Vec<u32>,
    reasons: Vec<Reason>,
}

fn outcome(vote: &Vote<'_>, sitting: &Sitting, verdict: Verdict, reasons: Vec<Reason>) -> Outcome {
    Outcome {
        proposal: vote.opening.digest,
        sitting: vote.sitting.number,
        decision_type: sitting.decision_type.clone(),
        method: vote.opening.question.method,
        options: vote.opening.question.options.clone(),
        verdict,
        number: None,
        becomes_epoch: None,
        effects: Effects::None,
        count: None,
        reasons,
    }
}

fn effects(passed: bool, effects: &[Effect], current: &Epoch, reasons: &mut Vec<Reason>) -> (Effects, Option<u64>) {
    if !passed || effects.is_empty() {
        return (Effects::None, None);
    }
    match current.apply(effects, &[]) {
        Ok(next) => (Effects::Taken, (next.number > current.number).then_some(next.number)),
        Err(_) => {
            // No word of why: wording may change between releases, and this is part of what nodes agree on.
            reasons.push(Reason::EffectsVoid);
            (Effects::Void, None)
        }
    }
}

/// The sitting under the rules of the type that a challenge converts it to.
fn challenged(vote: &Vote<'_>, challenged: bool, reasons: &mut Vec<Reason>) -> Sitting {
    let charter = &vote.epoch.charter;
    let target = charter.decision_type(&vote.sitting.decision_type).and_then(|from| from.challenge.as_deref());
    let converted = target.filter(|_| challenged).and_then(|to| vote.sitting.converted(to, charter));
    let Some(converted) = converted else { return vote.sitting.clone() };
    let (from, to) = (vote.sitting.decision_type.clone(), converted.decision_type.clone());
    reasons.push(Reason::Challenged { from, to });
    converted
}

/// The statements of a cut that stop or prolong the vote. Like ballots they name the epoch of the opening, even where
/// another has begun meanwhile.
struct Calls {
    withdrawn: bool,
    challenged: bool,
    /// The latest time that a valid extension asks for.
    extended: Option<Time>,
}

impl Calls {
    fn read(input: &Input<'_>) -> Self {
        let mut calls = Self { withdrawn: false, challenged: false, extended: None };
        for journal in input.vote.epoch.journals() {
            let Some(extract) = input.extracts.iter().find(|extract| extract.journal == journal.journal) else {
                continue;
            };
            let limit = journal.frozen_at.unwrap_or(u64::MAX);
            for entry in extract.entries.iter().filter(|entry| entry.position < limit) {
                let statement = &entry.statement;
                let own = matches!(&statement.signer, Signer::Node(node) if node == journal.node);
                let of_this = statement.consortium == input.vote.opening.consortium
                    && statement.epoch == input.vote.opening.epoch
                    && statement.published < input.vote.sitting.closes;
                if own && of_this {
                    calls.hear(&input.vote, journal.node, &statement.body);
                }
            }
        }
        calls
    }

    fn hear(&mut self, vote: &Vote<'_>, node: &NodeId, body: &Body) {
        let opening = vote.opening;
        let by_proposer = *node == opening.node;
        match body {
            Body::Withdrawal { proposal, .. } if *proposal == opening.digest => self.withdrawn |= by_proposer,
            Body::Extension { proposal, closes, .. } if *proposal == opening.digest && by_proposer => {
                let bounded = closes.0 - opening.voting.opens.0 <= VOTE_SECONDS_MOST;
                self.extended = self.extended.max(bounded.then_some(*closes));
            }
            Body::Challenge { proposal, member, .. } if *proposal == opening.digest => {
                let seat = vote.roll.seat_of(member).filter(|seat| seat.sponsor == *node);
                let may = seat.is_some_and(|seat| may_challenge(vote, &seat.class));
                self.challenged |= may && !by_proposer && *member != opening.question.proposer;
            }
            _ => {}
        }
    }

    /// When voting ends after what was called: never earlier than it would have.
    fn closes(&self, vote: &Vote<'_>, sitting: &Sitting) -> Time {
        let decision_type = vote.epoch.charter.decision_type(&sitting.decision_type);
        let least = decision_type.map_or(0, |decision_type| decision_type.minimum_seconds);
        let minimum = vote.opening.voting.opens.plus(least);
        vote.sitting.closes.max(minimum).max(self.extended.unwrap_or(Time(0)))
    }
}

/// Whoever could have called the vote may contest the call.
fn may_challenge(vote: &Vote<'_>, class: &str) -> bool {
    let decision_type = vote.epoch.charter.decision_type(&vote.sitting.decision_type);
    decision_type.is_some_and(|called| called.callers.is_empty() || called.callers.iter().any(|caller| caller == class))
}

/// The ballots of one class.
struct Table<'a> {
    rule: &'a crate::charter::ClassRule,
    eligible: u64,
    cast: u64,
    /// Per option.
    votes: Vec<u64>,
}

fn tabulate<'a>(rules: &'a Rules, options: usize, roll: &Roll, ballots: &BTreeMap<u32, Cast>) -> Vec<Table<'a>> {
    let empty = |rule| Table { rule, eligible: 0, cast: 0, votes: vec![0; options] };
    let mut tables: Vec<_> = rules.classes.iter().map(empty).collect();
    for seat in &roll.seats {
        let Some(table) = tables.iter_mut().find(|table| table.rule.class == seat.class) else { continue };
        table.eligible += 1;
        let Some(cast) = ballots.get(&seat.index) else { continue };
        table.cast += 1;
        for choice in &cast.choices {
            if let Some(votes) = usize::try_from(*choice).ok().and_then(|choice| table.votes.get_mut(choice)) {
                *votes += 1;
            }
        }
    }
    tables
}

fn blocks(roll: &Roll, ballots: &BTreeMap<u32, Cast>) -> Vec<StandingBlock> {
    let blocked = ballots.values().filter_map(|cast| Some((cast, cast.block.as_ref()?, roll.seat(cast.index)?)));
    let standing = blocked.map(|(cast, reason, seat)| StandingBlock {
        index: cast.index,
        class: seat.class.clone(),
        ballot: cast.digest,
        ground: reason.ground.clone(),
    });
    standing.collect()
}
