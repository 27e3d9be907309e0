//! Consent: agree, abstain, disagree, block. The result is Σ strength × agree ÷ (agree + disagree + block).
//! A block is the strongest disagreement: it is on the other side of the share, and it stands until it is lifted.

use super::outcome::{Count, Reading, Reason, StandingBlock};
use super::weights::{Measure, Weighing};
use super::{Judged, Table};
use crate::charter::Rules;
use crate::fraction::Fraction;

const AGREE: usize = 0;
const ABSTAIN: usize = 1;

pub(super) fn judge(rules: &Rules, tables: &[Table<'_>], blocks: Vec<StandingBlock>) -> Judged {
    let weighing = Weighing::new(rules, tables, sides);
    let result = agreement(&weighing.totals(rules.empty_class));
    let blocked = !blocks.is_empty() && result < rules.override_at_least;
    let enough = |result: &Fraction| rules.threshold.is_met_by(result) && !is_tie(rules, result);
    let readings = weighing.readings(|totals| {
        let result = agreement(totals);
        let passes = enough(&result) && (blocks.is_empty() || result >= rules.override_at_least);
        Reading { result, leading: Vec::new(), passes }
    });
    let mut reasons = weighing.lapsed_classes();
    let mut obstacles = weighing.obstacles();
    obstacles.extend(weighing.blocking_classes());
    let passed = obstacles.is_empty() && enough(&result) && !blocked;
    let nobody = obstacles.contains(&Reason::NobodyTookASide);
    reasons.extend(obstacles);
    if !nobody {
        reasons.push(threshold_reason(rules, &result));
    }
    reasons.extend(block_reason(rules, &result, &blocks));
    let count = Count {
        threshold: rules.threshold.clone(),
        empty_class: rules.empty_class,
        override_at_least: rules.override_at_least.clone(),
        classes: weighing.classes(),
        result,
        shares: Vec::new(),
        readings,
        blocks,
    };
    Judged { count, passed, winners: Vec::new(), reasons }.with_differences()
}

/// Agreeing, out of those who took a side.
fn sides(table: &Table<'_>) -> Measure {
    let sides = table.votes.iter().enumerate().filter(|(option, _)| *option != ABSTAIN);
    Measure { parts: vec![table.votes.get(AGREE).copied().unwrap_or(0)], whole: sides.map(|(_, votes)| votes).sum() }
}

fn agreement(totals: &[Fraction]) -> Fraction {
    totals.first().cloned().unwrap_or_else(Fraction::zero)
}

/// As much on one side as on the other, where a half is what it takes.
fn is_tie(rules: &Rules, result: &Fraction) -> bool {
    let half = Fraction::new(1, 2);
    *result == half && rules.threshold.fraction == half
}

fn threshold_reason(rules: &Rules, result: &Fraction) -> Reason {
    let (result, threshold) = (result.clone(), rules.threshold.clone());
    if is_tie(rules, &result) {
        Reason::Tie
    } else if threshold.is_met_by(&result) {
        Reason::ThresholdMet { result, threshold }
    } else {
        Reason::ThresholdMissed { result, threshold }
    }
}

fn block_reason(rules: &Rules, result: &Fraction, blocks: &[StandingBlock]) -> Option<Reason> {
    let count = u64::try_from(blocks.len()).ok().filter(|count| *count > 0)?;
    let (result, override_at_least) = (result.clone(), rules.override_at_least.clone());
    Some(if result < override_at_least {
        Reason::BlocksStand { blocks: count, result, override_at_least }
    } else {
        Reason::BlocksOverruled { blocks: count, result, override_at_least }
    })
}
