//! Choices between options. Single choice and approval weigh alike: each option's share of the ballots cast in a
//! class, times the class's strength. One option must lead alone and meet the threshold; a tie stays a tie.

use super::outcome::{Count, Reading, Reason};
use super::weights::{Measure, Weighing};
use super::{Judged, Table};
use crate::charter::Rules;
use crate::fraction::Fraction;

pub(super) fn judge(rules: &Rules, tables: &[Table<'_>]) -> Judged {
    let weighing = Weighing::new(rules, tables, |table| Measure { parts: table.votes.clone(), whole: table.cast });
    let shares = weighing.totals(rules.empty_class);
    let Reading { result, leading: winners, passes } = read(rules, &shares);
    let mut reasons = weighing.lapsed_classes();
    let mut obstacles = weighing.obstacles();
    obstacles.extend(weighing.blocking_classes());
    let passed = obstacles.is_empty() && passes;
    let nobody = obstacles.contains(&Reason::NobodyTookASide);
    reasons.extend(obstacles);
    if !nobody {
        reasons.push(leading_reason(rules, &result, &winners));
    }
    let count = Count {
        threshold: rules.threshold.clone(),
        empty_class: rules.empty_class,
        override_at_least: rules.override_at_least.clone(),
        classes: weighing.classes(),
        result,
        readings: weighing.readings(|totals| read(rules, totals)),
        shares,
        blocks: Vec::new(),
    };
    Judged { count, passed, winners, reasons }.with_differences()
}

fn read(rules: &Rules, shares: &[Fraction]) -> Reading {
    let result = shares.iter().max().cloned().unwrap_or_else(Fraction::zero);
    let leads = |(_, share): &(u32, &Fraction)| **share == result && !result.is_zero();
    let leading: Vec<u32> = (0..).zip(shares).filter(leads).map(|(option, _)| option).collect();
    let passes = leading.len() == 1 && rules.threshold.is_met_by(&result);
    Reading { result, leading, passes }
}

fn leading_reason(rules: &Rules, result: &Fraction, winners: &[u32]) -> Reason {
    let (result, threshold) = (result.clone(), rules.threshold.clone());
    if winners.len() > 1 {
        Reason::OptionsTie { winners: winners.to_vec() }
    } else if threshold.is_met_by(&result) {
        Reason::ThresholdMet { result, threshold }
    } else {
        Reason::ThresholdMissed { result, threshold }
    }
}
