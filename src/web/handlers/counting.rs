//! From what the rules answer to what pages show: counts, verdicts, and which nodes agree.

use folkmoot_governance::charter::{Charter, EmptyClass};
use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::statement::Method;
use folkmoot_governance::tally::{self, Outcome, Reason};

use super::names;
use crate::actions::view_agreement::{self, StandState};
use crate::actions::view_ballots::BlockText;
use crate::web::agreement::{Agreement, NodeStand};
use crate::web::charts::{ClassBar, Stand};
use crate::web::count::{Block, ClassCount, Count, OptionCount, Reading, ReadingKind, Verdict};

/// The count of an outcome; none where the vote was extended or withdrawn.
pub fn count(outcome: &Outcome, charter: &Charter, blocks: Vec<BlockText>, provisional: bool) -> Option<Count> {
    let counted = outcome.count.as_ref()?;
    let consent = outcome.method == Method::Consent;
    let classes: Vec<ClassCount> = counted.classes.iter().map(|class| class_count(class, charter, consent)).collect();
    let verdict = verdict(outcome);
    let bar = ClassBar::of(&classes, &counted.threshold.fraction);
    let named = |block: BlockText| Block { by: block.by, ground: block.ground, text: block.text };
    Some(Count {
        provisional,
        method: outcome.method,
        eligible: classes.iter().map(|class| class.eligible).sum(),
        cast: classes.iter().map(|class| class.cast).sum(),
        result: (verdict != Verdict::NobodyVoted).then(|| counted.result.clone()),
        threshold: counted.threshold.fraction.clone(),
        strict: counted.threshold.strict,
        verdict,
        options: options(outcome, counted),
        leading: leading(outcome, counted),
        blocks: blocks.into_iter().map(named).collect(),
        readings: readings(counted, verdict),
        sum: sum(&classes, counted),
        classes,
        bar,
    })
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn class_count(class: &tally::ClassCount, charter: &Charter, consent: bool) -> ClassCount {
    let votes = |option: usize| if consent { small(class.votes.get(option).copied().unwrap_or(0)) } else { 0 };
    ClassCount {
        name: names::class(charter, &class.class),
        class: class.class.clone(),
        strength: class.strength.clone(),
        used: class.used.clone(),
        eligible: small(class.eligible),
        cast: small(class.cast),
        agree: votes(0),
        abstain: votes(1),
        disagree: votes(2),
        block: votes(3),
        sides: votes(0) + votes(2) + votes(3),
        share: class.shares.first().filter(|_| consent).cloned(),
    }
}

fn options(outcome: &Outcome, counted: &tally::Count) -> Vec<OptionCount> {
    let winners = match &outcome.verdict {
        tally::Verdict::Decided { winners, passed: true } => winners.as_slice(),
        _ => &[],
    };
    let votes =
        |option: usize| counted.classes.iter().map(move |class| small(class.votes.get(option).copied().unwrap_or(0)));
    let option = |(position, result): (usize, &Fraction)| OptionCount {
        name: outcome.options.get(position).cloned().unwrap_or_default(),
        votes: votes(position).collect(),
        result: result.clone(),
        wins: winners.iter().any(|winner| usize::try_from(*winner) == Ok(position)),
    };
    counted.shares.iter().enumerate().map(option).collect()
}

fn leading(outcome: &Outcome, counted: &tally::Count) -> Vec<String> {
    let best = counted.shares.iter().max().filter(|best| !best.is_zero());
    let leads = |(share, name): (&Fraction, &String)| (Some(share) == best).then(|| name.clone());
    counted.shares.iter().zip(&outcome.options).filter_map(leads).collect()
}

/// The verdict in one word, from the reasons of the rules.
pub fn verdict(outcome: &Outcome) -> Verdict {
    let has = |test: fn(&Reason) -> bool| outcome.reasons.iter().any(test);
    if outcome.passed() {
        let over = has(|reason| matches!(reason, Reason::BlocksOverruled { .. }));
        return if over { Verdict::PassesOverBlocks } else { Verdict::Passes };
    }
    type Test = fn(&Reason) -> bool;
    let tests: [(Test, Verdict); 6] = [
        (|reason| matches!(reason, Reason::NobodyTookASide), Verdict::NobodyVoted),
        (|reason| matches!(reason, Reason::QuorumUnmet { .. }), Verdict::NoQuorum),
        (|reason| matches!(reason, Reason::EmptyClassBlocks { .. }), Verdict::ClassMissing),
        (|reason| matches!(reason, Reason::Tie | Reason::OptionsTie { .. }), Verdict::Tie),
        (|reason| matches!(reason, Reason::ThresholdMissed { .. }), Verdict::NotEnough),
        (|reason| matches!(reason, Reason::BlocksStand { .. }), Verdict::Blocked),
    ];
    tests.into_iter().find(|(test, _)| has(*test)).map_or(Verdict::NotEnough, |(_, verdict)| verdict)
}

fn readings(counted: &tally::Count, verdict: Verdict) -> Vec<Reading> {
    let all = [
        (ReadingKind::Redistribute, &counted.readings.redistribute, counted.empty_class == EmptyClass::Redistribute),
        (ReadingKind::Lapse, &counted.readings.lapse, counted.empty_class == EmptyClass::Lapse),
        (ReadingKind::HeadCount, &counted.readings.head_count, false),
    ];
    let told = verdict != Verdict::NobodyVoted;
    let reading = |(kind, reading, ours): (ReadingKind, &tally::Reading, bool)| Reading {
        kind,
        result: told.then(|| reading.result.clone()),
        passes: reading.passes,
        ours,
    };
    all.into_iter().map(reading).collect()
}

/// `2/5 · 7/9 + 7/20 · 1/2 + 1/4 · 4/5 = 247/360`
fn sum(classes: &[ClassCount], counted: &tally::Count) -> String {
    let products = classes.iter().filter_map(|class| Some(format!("{} · {}", class.used, class.share.as_ref()?)));
    let products: Vec<String> = products.collect();
    if products.is_empty() { String::new() } else { format!("{} = {}", products.join(" + "), counted.result) }
}

/// Which nodes came to the same, with the ring.
pub fn agreement(stands: &[view_agreement::Stand], needed: usize) -> Agreement {
    let node = |stand: &view_agreement::Stand| NodeStand {
        name: stand.name.clone(),
        address: stand.node.base().to_owned(),
        stand: match stand.state {
            StandState::Agree | StandState::Answered => Stand::Agrees,
            StandState::Silent => Stand::Silent,
            StandState::Differs => Stand::Fault,
        },
        at: stand.at,
    };
    Agreement::of(stands.iter().map(node).collect(), needed)
}
