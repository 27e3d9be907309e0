//! What there is to say about an outcome, point by point: what came out, and why, with the articles of the charter that say
//! so. Each point is a code with its parameters; the words are made where they are read, in the language of the reader.

use serde::Serialize;

use super::outcome::{ClassCount, Effects, Outcome, Reading, ReadingKind, Reason, Verdict};
use crate::charter::{Charter, EmptyClass, Threshold};
use crate::fraction::Fraction;
use crate::id::Time;
use crate::statement::Method;

/// One point, and the id of the charter's article that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    #[serde(flatten)]
    pub what: What,
    pub article: Option<String>,
}

/// `name` is what the charter calls a class; `options` are in ballot order, as they were voted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum What {
    Passed,
    NotPassed,
    Chosen {
        options: Vec<String>,
    },
    NothingChosen,
    /// `sides`: who agreed, disagreed or blocked.
    ClassAgrees {
        class: String,
        name: String,
        agree: u64,
        sides: u64,
        share: Fraction,
        used: Fraction,
    },
    ClassChooses {
        class: String,
        name: String,
        options: Vec<String>,
        votes: u64,
        cast: u64,
    },
    /// Names of decision types.
    Challenged {
        from: String,
        to: String,
    },
    Extended {
        closes: Time,
    },
    Withdrawn,
    ClassEmpty {
        class: String,
        name: String,
        rule: EmptyClass,
        strength: Fraction,
    },
    QuorumUnmet {
        class: String,
        name: String,
        cast: u64,
        eligible: u64,
        quorum: Fraction,
    },
    EmptyClassBlocks {
        class: String,
        name: String,
    },
    NobodyTookASide,
    ThresholdMet {
        method: Method,
        result: Fraction,
        threshold: Threshold,
    },
    ThresholdMissed {
        method: Method,
        result: Fraction,
        threshold: Threshold,
    },
    Tie,
    OptionsTie {
        options: Vec<String>,
    },
    BlocksStand {
        blocks: u64,
        result: Fraction,
        override_at_least: Fraction,
    },
    BlocksOverruled {
        blocks: u64,
        result: Fraction,
        override_at_least: Fraction,
    },
    EffectsVoid,
    /// The same ballots counted by another rule come to the same, or to the opposite.
    ReadingAgrees {
        reading: ReadingKind,
        method: Method,
        result: Fraction,
        passes: bool,
        options: Vec<String>,
    },
    ReadingDiffers {
        reading: ReadingKind,
        method: Method,
        result: Fraction,
        passes: bool,
        options: Vec<String>,
    },
    BeginsEpoch {
        epoch: u64,
    },
    EffectsTaken,
}

/// What came out and why, verdict first.
pub fn points(outcome: &Outcome, charter: &Charter) -> Vec<Point> {
    let teller = Teller { outcome, charter };
    let mut points: Vec<Point> = teller.verdict().into_iter().collect();
    if let Some(count) = &outcome.count {
        points.extend(count.classes.iter().filter_map(|class| teller.class(class)));
    }
    points.extend(outcome.reasons.iter().filter_map(|reason| teller.reason(reason)));
    if let Some(count) = &outcome.count {
        points.push(teller.reading(ReadingKind::HeadCount, &count.readings.head_count));
        points.push(teller.reading(ReadingKind::Lapse, &count.readings.lapse));
        points.push(teller.reading(ReadingKind::Redistribute, &count.readings.redistribute));
    }
    points.extend(teller.effects());
    points
}

struct Teller<'a> {
    outcome: &'a Outcome,
    charter: &'a Charter,
}

impl Teller<'_> {
    /// Resting on the article that governs a setting.
    fn governed(&self, setting: &str, what: What) -> Point {
        Point { what, article: self.charter.article_for(setting).map(|article| article.id.clone()) }
    }

    /// Resting on the article of a decision type.
    fn typed(&self, decision_type: &str, what: What) -> Point {
        let found = self.charter.decision_type(decision_type);
        Point { what, article: found.map(|found| found.article.clone()).filter(|article| !article.is_empty()) }
    }

    fn class_name(&self, id: &str) -> String {
        self.charter.class(id).map_or_else(|| id.to_owned(), |class| class.name.clone())
    }

    fn type_name(&self, id: &str) -> String {
        self.charter.decision_type(id).map_or_else(|| id.to_owned(), |found| found.name.clone())
    }

    fn options(&self, chosen: &[u32]) -> Vec<String> {
        let option = |position: &u32| {
            let known = usize::try_from(*position).ok().and_then(|position| self.outcome.options.get(position));
            known.cloned().unwrap_or_else(|| position.to_string())
        };
        chosen.iter().map(option).collect()
    }

    fn verdict(&self) -> Option<Point> {
        let what = match &self.outcome.verdict {
            Verdict::Decided { passed: true, winners } if winners.is_empty() => What::Passed,
            Verdict::Decided { passed: true, winners } => What::Chosen { options: self.options(winners) },
            Verdict::Decided { passed: false, .. } if self.outcome.method == Method::Consent => What::NotPassed,
            Verdict::Decided { passed: false, .. } => What::NothingChosen,
            Verdict::Extended { .. } | Verdict::Withdrawn => return None,
        };
        Some(bare(what))
    }

    /// Nothing is said of a class in which nobody took a side: that is a reason of its own.
    fn class(&self, count: &ClassCount) -> Option<Point> {
        let share = count.shares.first()?.clone();
        let (class, name) = (count.class.clone(), self.class_name(&count.class));
        let votes = |option: usize| count.votes.get(option).copied().unwrap_or(0);
        let what = if self.outcome.method == Method::Consent {
            let (agree, sides) = (votes(0), votes(0) + votes(2) + votes(3));
            What::ClassAgrees { class, name, agree, sides, share, used: count.used.clone() }
        } else {
            let best = *count.votes.iter().max()?;
            let favourites: Vec<u32> =
                (0..).zip(&count.votes).filter(|(_, votes)| **votes == best).map(|(i, _)| i).collect();
            What::ClassChooses { class, name, options: self.options(&favourites), votes: best, cast: count.cast }
        };
        Some(self.governed("classes", what))
    }

    fn reason(&self, reason: &Reason) -> Option<Point> {
        let (outcome, method) = (self.outcome, self.outcome.method);
        let typed = |what| self.typed(&outcome.decision_type, what);
        Some(match reason.clone() {
            Reason::Challenged { from, to } => {
                let what = What::Challenged { from: self.type_name(&from), to: self.type_name(&to) };
                self.typed(&from, what)
            }
            Reason::Extended { closes } => typed(What::Extended { closes }),
            Reason::Withdrawn => bare(What::Withdrawn),
            Reason::ClassEmpty { class, rule, strength } => {
                let name = self.class_name(&class);
                self.governed("empty_class", What::ClassEmpty { class, name, rule, strength })
            }
            Reason::QuorumUnmet { class, cast, eligible, quorum } => {
                let (name, setting) = (self.class_name(&class), format!("classes.{class}.quorum"));
                self.governed(&setting, What::QuorumUnmet { class, name, cast, eligible, quorum })
            }
            Reason::EmptyClassBlocks { class } => {
                let name = self.class_name(&class);
                self.governed("empty_class", What::EmptyClassBlocks { class, name })
            }
            Reason::NobodyTookASide => typed(What::NobodyTookASide),
            Reason::ThresholdMet { result, threshold } => typed(What::ThresholdMet { method, result, threshold }),
            Reason::ThresholdMissed { result, threshold } => typed(What::ThresholdMissed { method, result, threshold }),
            Reason::Tie => self.governed("tie", What::Tie),
            Reason::OptionsTie { winners } => {
                self.governed("tie", What::OptionsTie { options: self.options(&winners) })
            }
            Reason::BlocksStand { blocks, result, override_at_least } => {
                self.governed("blocks", What::BlocksStand { blocks, result, override_at_least })
            }
            Reason::BlocksOverruled { blocks, result, override_at_least } => {
                self.governed("blocks", What::BlocksOverruled { blocks, result, override_at_least })
            }
            // Said with the other readings.
            Reason::ReadingDiffers { .. } => return None,
            Reason::EffectsVoid => bare(What::EffectsVoid),
        })
    }

    fn reading(&self, kind: ReadingKind, found: &Reading) -> Point {
        let is_opposite =
            |reason: &Reason| matches!(reason, Reason::ReadingDiffers { reading, .. } if *reading == kind);
        let (reading, method) = (kind, self.outcome.method);
        let (result, passes, options) = (found.result.clone(), found.passes, self.options(&found.leading));
        bare(if self.outcome.reasons.iter().any(is_opposite) {
            What::ReadingDiffers { reading, method, result, passes, options }
        } else {
            What::ReadingAgrees { reading, method, result, passes, options }
        })
    }

    fn effects(&self) -> Option<Point> {
        let taken = self.outcome.effects == Effects::Taken;
        taken.then(|| bare(self.outcome.becomes_epoch.map_or(What::EffectsTaken, |epoch| What::BeginsEpoch { epoch })))
    }
}

fn bare(what: What) -> Point {
    Point { what, article: None }
}
