//! A charter read aloud: what it means for those who live under it, in plain English.

use super::blanks::Blank;
use super::{Charter, Class, ClassKind, DecisionType, EmptyClass, Licences, Right};
use crate::fraction::Fraction;
use crate::statement::{Custody, EffectKind, Visibility};

impl Charter {
    /// One sentence per rule, then one per blank.
    pub fn explain(&self) -> Vec<String> {
        let mut sentences = self.rules();
        sentences.extend(self.blanks().iter().map(blank_sentence));
        sentences
    }

    /// One sentence per rule.
    pub fn rules(&self) -> Vec<String> {
        let mut sentences = vec![self.head()];
        sentences.extend(self.classes.iter().map(class_sentence));
        sentences.extend(self.types.iter().map(|decision_type| self.type_sentence(decision_type)));
        sentences.extend(self.count_sentences());
        sentences.extend(self.membership_sentences());
        sentences.extend(self.closing_sentences());
        sentences.extend(self.contribution_sentences());
        sentences.extend(self.record_sentences());
        sentences
    }

    fn head(&self) -> String {
        let demo = if self.demo { " It is a demo: durations are for trying things out, not for deciding." } else { "" };
        format!(
            "Charter of {}, version {}, with {} articles and {} principles.{demo}",
            self.name,
            self.version,
            self.articles.len(),
            self.principles.len()
        )
    }

    fn type_sentence(&self, decision_type: &DecisionType) -> String {
        let DecisionType { name, minimum_seconds, threshold, callers, challenge, article, .. } = decision_type;
        let passes = threshold.in_words();
        let callers = if callers.is_empty() { "any class that proposes".to_owned() } else { self.names(callers) };
        let challenge = match challenge.as_deref().and_then(|id| self.decision_type(id)) {
            Some(target) => format!(" Another of them can contest the haste: the vote then becomes {}.", target.name),
            None => String::new(),
        };
        let article = if article.is_empty() { String::new() } else { format!(" (Article {article}.)") };
        let effects = match decision_type.effects.as_slice() {
            [] => " It changes neither roll nor charter by itself.".to_owned(),
            effects => format!(" It can {}.", effects.iter().map(effect_in_words).collect::<Vec<_>>().join(", ")),
        };
        let custody = match decision_type.custody.as_slice() {
            [Custody::Device] => " Only ballots that members sign with a key of their own count.",
            [Custody::Node] => " Ballots are signed by the members' nodes.",
            _ => "",
        };
        format!(
            "A vote that is {name} lasts at least {} and passes with {passes} of the weighted vote; it is called by \
             {callers}.{challenge}{effects}{custody}{article}",
            duration(*minimum_seconds)
        )
    }

    fn names(&self, classes: &[String]) -> String {
        let name = |id: &String| self.class(id).map_or_else(|| id.clone(), |class| class.name.clone());
        classes.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn count_sentences(&self) -> Vec<String> {
        let empty = match self.empty_class {
            EmptyClass::Redistribute => {
                "Where nobody of a class takes a side, its strength is spread over the other classes."
            }
            EmptyClass::Lapse => {
                "Where nobody of a class takes a side, its strength lapses and counts against the proposal."
            }
            EmptyClass::Block => "Where nobody of a class takes a side, nothing passes.",
        };
        vec![
            empty.to_owned(),
            "A tie does not pass.".to_owned(),
            format!(
                "A block counts as disagreement and stops a proposal until its caster lifts it or at least {} of the \
                 weighted vote agrees; its grounds are: {}.",
                self.blocks.override_at_least,
                self.blocks.grounds.join("; ")
            ),
        ]
    }

    fn membership_sentences(&self) -> Vec<String> {
        vec![
            format!(
                "Persons join by a written request, agreement to the terms and a committed contribution; {} have {} to \
                 object. Organisations join by decision.",
                self.names(&self.roll.objectors),
                duration(self.roll.objection_seconds)
            ),
            format!(
                "Who votes is what the journals had certified {} before the vote opened.",
                duration(self.roll.minimum_age_seconds)
            ),
        ]
    }

    fn closing_sentences(&self) -> Vec<String> {
        let closing = &self.closing;
        vec![
            format!(
                "A vote is announced {} before it opens. After it closes, ballots settle for {} and nodes are given {} \
                 to answer each other.",
                duration(closing.opening_seconds),
                duration(closing.settle_seconds),
                duration(closing.delay_seconds)
            ),
            format!("Without a certificate after {}: {}", duration(closing.abandon_seconds), closing.recovery),
        ]
    }

    fn record_sentences(&self) -> Vec<String> {
        let readers = match self.visibility {
            Visibility::Public => "Everybody can read the record.",
            Visibility::Consortium => "Members and the parties' nodes can read the record; others see digests.",
        };
        let Licences { software, content, data, designs } = &self.licences;
        vec![
            readers.to_owned(),
            format!(
                "What is published is free: software under {software}, content under {content}, data under {data}, \
                 industrial designs under {designs}."
            ),
        ]
    }

    fn contribution_sentences(&self) -> Vec<String> {
        let rules = &self.contribution;
        let money = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        let hours = |minutes: i64| Fraction::new(minutes, 60).to_string();
        vec![
            format!(
                "In the first year an organisation contributes {} to {} hours of work, or {} to {} {}, or a mix.",
                hours(rules.first_year_minutes_least),
                hours(rules.first_year_minutes_most),
                money(rules.first_year_cents_least),
                money(rules.first_year_cents_most),
                rules.currency
            ),
            format!(
                "Producers work at least {} hours a year; a sponsor keeps {} of what its new organisation pays; \
                 work is validated by {} others.",
                hours(rules.producer_minutes_yearly),
                rules.sponsor_share,
                rules.validators
            ),
        ]
    }
}

fn effect_in_words(effect: &EffectKind) -> &'static str {
    match effect {
        EffectKind::AdmitMember => "admit an organisation",
        EffectKind::EndMember => "end a membership",
        EffectKind::AmendCharter => "change the charter",
        EffectKind::AdmitParty => "admit a party with its node",
        EffectKind::ChangeKey => "replace the key of a node",
        EffectKind::RemoveParty => "remove a party",
    }
}

fn class_sentence(class: &Class) -> String {
    let kind = match class.kind {
        ClassKind::Organisation => "organisations",
        ClassKind::Person => "persons",
    };
    let right = |right: &Right| match right {
        Right::Propose => "propose",
        Right::Vote => "vote",
        Right::Sponsor => "sponsor members",
        Right::Custody => "hold funds",
        Right::Ledger => "see the ledger",
    };
    let rights = class.rights.iter().map(right).collect::<Vec<_>>().join(", ");
    let rights = if rights.is_empty() { "have no rights of their own".to_owned() } else { format!("may {rights}") };
    let quorum = if class.quorum.is_zero() {
        "without a quorum".to_owned()
    } else {
        format!("with a quorum of {}", class.quorum)
    };
    format!(
        "The class of {} ({kind}) has {} % of the vote, {quorum}; its members {rights}.",
        class.name,
        class.strength.percent(1).trim_end_matches(".0")
    )
}

fn blank_sentence(blank: &Blank) -> String {
    let line = blank.value.split_whitespace().collect::<Vec<_>>().join(" ");
    let start: String = line.chars().take(120).collect();
    let value = match (line.is_empty(), start.len() < line.len()) {
        (true, _) => "nothing yet".to_owned(),
        (_, true) => format!("“{start}…”"),
        (_, false) => format!("“{line}”"),
    };
    format!("Blank: {} is provisionally {value}. {}", blank.path, blank.why)
}

/// `3 days`, `36 hours`, `10 minutes`, `1 second`: the largest unit that divides it.
pub(crate) fn duration(seconds: i64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let fits = |(size, _): &&(i64, &str)| seconds != 0 && seconds % size == 0;
    let (size, unit) = units.iter().find(fits).copied().unwrap_or((1, "second"));
    let amount = seconds / size;
    if amount == 1 { format!("1 {unit}") } else { format!("{amount} {unit}s") }
}
