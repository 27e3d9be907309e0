//! From the ballots of each class to weighted shares: what R31 calls the result, for one option or many.

use super::outcome::{ClassCount, Reading, ReadingKind, Readings, Reason};
use super::{Judged, Table};
use crate::charter::{EmptyClass, Rules};
use crate::fraction::Fraction;

/// How many ballots of a class stand for each thing measured, and out of how many.
pub(super) struct Measure {
    pub parts: Vec<u64>,
    pub whole: u64,
}

/// The classes, measured by a voting method.
pub(super) struct Weighing<'a> {
    rules: &'a Rules,
    tables: &'a [Table<'a>],
    measures: Vec<Measure>,
}

impl<'a> Weighing<'a> {
    pub fn new(rules: &'a Rules, tables: &'a [Table<'a>], measure: impl Fn(&Table<'_>) -> Measure) -> Self {
        Self { rules, tables, measures: tables.iter().map(measure).collect() }
    }

    /// The strength that each class counts with. A blocking empty class stops the vote by other means, and a class
    /// with nobody in it has nobody to wait for; so `block` weighs like `redistribute`.
    fn used(&self, rule: EmptyClass) -> Vec<Fraction> {
        let strength = |(table, measure): (&Table<'_>, &Measure)| {
            if measure.whole > 0 { table.rule.strength.clone() } else { Fraction::zero() }
        };
        let used: Vec<_> = self.tables.iter().zip(&self.measures).map(strength).collect();
        let sum = sum(&used);
        if rule == EmptyClass::Lapse || sum.is_zero() {
            return used;
        }
        used.iter().map(|strength| strength / &sum).collect()
    }

    /// The weighted share of each thing measured.
    pub fn totals(&self, rule: EmptyClass) -> Vec<Fraction> {
        let weighted: Vec<Vec<Fraction>> = self
            .used(rule)
            .iter()
            .zip(&self.measures)
            .map(|(used, measure)| shares(measure).iter().map(|share| used * share).collect())
            .collect();
        let width = self.measures.first().map_or(0, |measure| measure.parts.len());
        (0..width).map(|i| sum(weighted.iter().filter_map(|shares: &Vec<Fraction>| shares.get(i)))).collect()
    }

    /// The same with one weight for every member.
    fn heads(&self) -> Vec<Fraction> {
        let whole = self.measures.iter().map(|measure| measure.whole).sum();
        let width = self.measures.first().map_or(0, |measure| measure.parts.len());
        let part = |i: usize| self.measures.iter().map(|measure| measure.parts[i]).sum();
        (0..width).map(|i| Fraction::share(part(i), whole).unwrap_or_else(Fraction::zero)).collect()
    }

    /// What keeps the vote from passing whatever the result: nobody voted, or too few of a class did.
    pub fn obstacles(&self) -> Vec<Reason> {
        let mut obstacles = Vec::new();
        if self.measures.iter().all(|measure| measure.whole == 0) {
            obstacles.push(Reason::NobodyTookASide);
        }
        let unmet = self.tables.iter().filter(|table| !quorum_met(table));
        obstacles.extend(unmet.map(|table| Reason::QuorumUnmet {
            class: table.rule.class.clone(),
            cast: table.cast,
            eligible: table.eligible,
            quorum: table.rule.quorum.clone(),
        }));
        obstacles
    }

    /// The empty classes that stop the vote where the charter lets them.
    pub fn blocking_classes(&self) -> Vec<Reason> {
        if self.rules.empty_class != EmptyClass::Block {
            return Vec::new();
        }
        let empty = self.empty().filter(|table| table.eligible > 0);
        empty.map(|table| Reason::EmptyClassBlocks { class: table.rule.class.clone() }).collect()
    }

    /// What became of the strength of empty classes.
    pub fn lapsed_classes(&self) -> Vec<Reason> {
        let reason = |table: &Table<'_>| Reason::ClassEmpty {
            class: table.rule.class.clone(),
            rule: self.rules.empty_class,
            strength: table.rule.strength.clone(),
        };
        self.empty().map(reason).collect()
    }

    fn empty(&self) -> impl Iterator<Item = &Table<'a>> {
        let measured = self.tables.iter().zip(&self.measures);
        measured.filter(|(_, measure)| measure.whole == 0).map(|(table, _)| table)
    }

    pub fn readings(&self, read: impl Fn(&[Fraction]) -> Reading) -> Readings {
        let possible = self.obstacles().is_empty();
        let reading = |totals: &[Fraction]| {
            let reading = read(totals);
            Reading { passes: reading.passes && possible, ..reading }
        };
        Readings {
            head_count: reading(&self.heads()),
            lapse: reading(&self.totals(EmptyClass::Lapse)),
            redistribute: reading(&self.totals(EmptyClass::Redistribute)),
        }
    }

    pub fn classes(&self) -> Vec<ClassCount> {
        let used = self.used(self.rules.empty_class);
        let measured = self.tables.iter().zip(&self.measures).zip(used);
        let class = measured.map(|((table, measure), used)| ClassCount {
            class: table.rule.class.clone(),
            eligible: table.eligible,
            cast: table.cast,
            votes: table.votes.clone(),
            shares: shares(measure),
            strength: table.rule.strength.clone(),
            used,
            quorum: table.rule.quorum.clone(),
            quorum_met: quorum_met(table),
        });
        class.collect()
    }
}

impl Judged {
    /// Adds where another reading of the same ballots comes to something else.
    pub fn with_differences(mut self) -> Self {
        let Readings { head_count, lapse, redistribute } = &self.count.readings;
        let readings = [
            (ReadingKind::HeadCount, head_count),
            (ReadingKind::Lapse, lapse),
            (ReadingKind::Redistribute, redistribute),
        ];
        for (reading, Reading { result, leading, passes }) in readings {
            if *passes != self.passed || (*passes && *leading != self.winners) {
                self.reasons.push(Reason::ReadingDiffers { reading, result: result.clone(), passes: *passes });
            }
        }
        self
    }
}

fn shares(measure: &Measure) -> Vec<Fraction> {
    measure.parts.iter().filter_map(|part| Fraction::share(*part, measure.whole)).collect()
}

fn quorum_met(table: &Table<'_>) -> bool {
    Fraction::share(table.cast, table.eligible).is_none_or(|cast| cast >= table.rule.quorum)
}

fn sum<'f>(fractions: impl IntoIterator<Item = &'f Fraction>) -> Fraction {
    fractions.into_iter().fold(Fraction::zero(), |sum, fraction| &sum + fraction)
}
