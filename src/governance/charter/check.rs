//! Whether a charter can be worked with: before it is proposed, and before an amendment is put to the vote.

use std::collections::BTreeSet;

use serde::Serialize;

use super::path::resolve;
use super::{Charter, ClassKind, DecisionType, Right};
use crate::fraction::Fraction;

const DAY: i64 = 86_400;
const LIST_MOST: usize = 200;
const TEXT_BYTES_MOST: usize = 64 * 1024;
const LINE_CHARS_MOST: usize = 500;
/// Ballots repeat the ground, and their texts are short.
const GROUND_CHARS_MOST: usize = 100;
/// No duration of a charter is longer than a year.
const SECONDS_MOST: i64 = 366 * DAY;
/// Outside a demo no vote is shorter than a day, whatever the charter says.
const VOTE_SECONDS_LEAST: i64 = DAY;
/// Outside a demo nodes are given at least this long to answer.
const ANSWER_SECONDS_LEAST: i64 = 10;

/// Something that is wrong with a charter, a genesis document or an effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{path}: {text}")]
pub struct Problem {
    /// Dotted path of the setting.
    pub path: String,
    /// One sentence.
    pub text: String,
}

impl Problem {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

struct Check<'a> {
    charter: &'a Charter,
    problems: Vec<Problem>,
}

impl Charter {
    /// Everything that is wrong with it; empty where it can be used.
    pub fn check(&self) -> Vec<Problem> {
        let mut check = Check { charter: self, problems: Vec::new() };
        check.head();
        check.articles();
        check.classes();
        check.types();
        check.blocks();
        check.times();
        check.contribution();
        check.provisional();
        check.problems
    }
}

impl Check<'_> {
    fn require(&mut self, holds: bool, path: impl Into<String>, text: impl Into<String>) {
        if !holds {
            self.problems.push(Problem::new(path, text));
        }
    }

    fn line(&mut self, path: impl Into<String>, text: &str) {
        let fits = !text.trim().is_empty() && text.chars().count() <= LINE_CHARS_MOST;
        self.require(fits, path, format!("A text of 1 to {LINE_CHARS_MOST} characters is expected."));
    }

    fn list<T>(&mut self, path: &str, list: &[T], least: usize) {
        let fits = (least..=LIST_MOST).contains(&list.len());
        self.require(fits, path, format!("{least} to {LIST_MOST} entries are expected."));
    }

    fn ids<'i>(&mut self, path: &str, ids: impl IntoIterator<Item = &'i str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            let plain = (1..=40).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
            self.require(
                plain,
                format!("{path}.{id}"),
                "An id has 1 to 40 characters out of a-z, 0-9, - _ and full stop.",
            );
            self.require(seen.insert(id), format!("{path}.{id}"), "This id is used twice.");
        }
    }

    fn known_classes(&mut self, path: &str, classes: &[String]) {
        for class in classes {
            let known = self.charter.class(class).is_some();
            self.require(known, path, format!("There is no class {class}."));
        }
        let distinct = classes.iter().collect::<BTreeSet<_>>().len() == classes.len();
        self.require(distinct, path, "A class is named twice.");
    }

    fn head(&mut self) {
        let charter = self.charter;
        self.require(charter.version >= 1, "version", "Versions count from 1.");
        self.line("name", &charter.name);
        let handle = &charter.handle;
        let plain = handle.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        self.require(
            (1..=30).contains(&handle.len()) && plain,
            "handle",
            "A handle has 1 to 30 characters out of a-z, 0-9 and _.",
        );
        let language = &charter.language;
        let tag = language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        self.require((2..=35).contains(&language.len()) && tag, "language", "A language tag such as en is expected.");
        let terms = (1..=TEXT_BYTES_MOST).contains(&charter.terms.len()) && !charter.terms.trim().is_empty();
        self.require(terms, "terms", "Terms and conditions of at most 64 KiB are needed: applicants agree to them.");
        self.require((1..=99).contains(&charter.principles.len()), "principles", "1 to 99 principles are expected.");
        for (number, principle) in (1..).zip(&charter.principles) {
            self.line(format!("principles.{number}"), principle);
        }
        let licences = &charter.licences;
        for (name, licence) in [
            ("software", &licences.software),
            ("content", &licences.content),
            ("data", &licences.data),
            ("designs", &licences.designs),
        ] {
            self.line(format!("licences.{name}"), licence);
        }
    }

    fn articles(&mut self) {
        let charter = self.charter;
        self.list("articles", &charter.articles, 1);
        self.ids("articles", charter.articles.iter().map(|article| article.id.as_str()));
        let whole = charter.to_value();
        for article in &charter.articles {
            let path = format!("articles.{}", article.id);
            self.line(format!("{path}.title"), &article.title);
            self.require(article.text.len() <= TEXT_BYTES_MOST, &path, "An article has at most 64 KiB.");
            for governed in &article.governs {
                let known = resolve(&whole, governed).is_some();
                self.require(known, &path, format!("It governs {governed}, which is no setting."));
            }
        }
    }

    fn classes(&mut self) {
        let charter = self.charter;
        self.list("classes", &charter.classes, 1);
        self.ids("classes", charter.classes.iter().map(|class| class.id.as_str()));
        let mut sum = Fraction::zero();
        for class in &charter.classes {
            let path = format!("classes.{}", class.id);
            self.line(format!("{path}.name"), &class.name);
            self.require(class.strength.is_share(), format!("{path}.strength"), "A strength lies between 0 and 1.");
            self.require(class.quorum.is_share(), format!("{path}.quorum"), "A quorum lies between 0 and 1.");
            let votes = class.has(Right::Vote);
            let counts = !class.strength.is_zero();
            self.require(votes || !counts, format!("{path}.strength"), "A class that does not vote has no strength.");
            let distinct = class.rights.iter().collect::<BTreeSet<_>>().len() == class.rights.len();
            self.require(distinct, format!("{path}.rights"), "A right is named twice.");
            let organisation = class.kind == ClassKind::Organisation;
            self.require(
                organisation || !class.has(Right::Sponsor),
                format!("{path}.rights"),
                "Only organisations sponsor members: they run the node.",
            );
            self.list(&format!("{path}.levels"), &class.levels, 0);
            self.ids(&format!("{path}.levels"), class.levels.iter().map(|level| level.id.as_str()));
            for level in &class.levels {
                self.line(format!("{path}.levels.{}.name", level.id), &level.name);
                self.line(format!("{path}.levels.{}.commitment", level.id), &level.commitment);
            }
            sum = &sum + &class.strength;
        }
        let whole = sum == Fraction::one();
        self.require(whole, "classes", format!("The strengths of all classes make {sum}, not 1."));
        let proposes = charter.classes.iter().any(|class| class.has(Right::Propose));
        self.require(proposes, "classes", "No class has the right to propose: the charter could never be changed.");
    }

    fn types(&mut self) {
        let charter = self.charter;
        self.list("types", &charter.types, 1);
        self.ids("types", charter.types.iter().map(|decision_type| decision_type.id.as_str()));
        for decision_type in &charter.types {
            self.decision_type(decision_type);
        }
        let amendable =
            charter.types.iter().any(|found| found.effects.contains(&crate::statement::EffectKind::AmendCharter));
        self.require(amendable, "types", "No decision type may amend the charter: it could never be changed.");
    }

    fn decision_type(&mut self, decision_type: &DecisionType) {
        let charter = self.charter;
        let path = format!("types.{}", decision_type.id);
        self.line(format!("{path}.name"), &decision_type.name);
        let least = if charter.demo { 1 } else { VOTE_SECONDS_LEAST };
        let seconds = decision_type.minimum_seconds;
        self.require(
            (least..=SECONDS_MOST).contains(&seconds),
            format!("{path}.minimum_seconds"),
            format!("A vote lasts between {least} seconds and a year; {seconds} seconds is outside."),
        );
        let threshold = &decision_type.threshold;
        self.require(threshold.fraction.is_share(), format!("{path}.threshold"), "A threshold lies between 0 and 1.");
        let reachable = threshold.fraction < Fraction::one() || !threshold.strict;
        self.require(reachable, format!("{path}.threshold"), "More than everything can never be reached.");
        let asks = !threshold.fraction.is_zero() || threshold.strict;
        self.require(asks, format!("{path}.threshold"), "At least nothing would pass without anybody agreeing.");
        self.known_classes(&format!("{path}.callers"), &decision_type.callers);
        for caller in decision_type.callers.iter().filter_map(|caller| charter.class(caller)) {
            let proposes = caller.has(Right::Propose);
            self.require(proposes, format!("{path}.callers"), format!("The class {} cannot propose.", caller.id));
        }
        self.require(!decision_type.custody.is_empty(), format!("{path}.custody"), "No ballot would be accepted.");
        let known = decision_type.article.is_empty()
            || charter.articles.iter().any(|article| article.id == decision_type.article);
        self.require(known, format!("{path}.article"), format!("There is no article {}.", decision_type.article));
        if let Some(target) = &decision_type.challenge {
            self.challenge(&path, decision_type, target);
        }
    }

    fn challenge(&mut self, path: &str, decision_type: &DecisionType, target: &str) {
        let path = format!("{path}.challenge");
        let Some(target) = self.charter.decision_type(target) else {
            return self.require(false, path, format!("There is no decision type {target}."));
        };
        self.require(target.id != decision_type.id, &path, "A type cannot be converted to itself.");
        self.require(target.challenge.is_none(), &path, "A converted vote cannot be challenged again.");
        let longer = target.minimum_seconds >= decision_type.minimum_seconds;
        self.require(longer, &path, "A challenge never shortens a vote.");
        let able = decision_type.effects.iter().all(|effect| target.effects.contains(effect));
        self.require(able, path, "What the challenged type may do, the type that it is converted to may do as well.");
    }

    fn blocks(&mut self) {
        let blocks = &self.charter.blocks;
        self.list("blocks.grounds", &blocks.grounds, 1);
        let short = blocks
            .grounds
            .iter()
            .all(|ground| !ground.trim().is_empty() && ground.chars().count() <= GROUND_CHARS_MOST);
        self.require(short, "blocks.grounds", format!("A ground has 1 to {GROUND_CHARS_MOST} characters."));
        let distinct = blocks.grounds.iter().collect::<BTreeSet<_>>().len() == blocks.grounds.len();
        self.require(distinct, "blocks.grounds", "A ground is named twice.");
        let share = blocks.override_at_least.is_share() && !blocks.override_at_least.is_zero();
        self.require(share, "blocks.override_at_least", "A share above 0 and up to 1 is expected.");
    }

    fn times(&mut self) {
        let (roll, closing) = (&self.charter.roll, &self.charter.closing);
        let demo = self.charter.demo;
        let answer = if demo { 0 } else { ANSWER_SECONDS_LEAST };
        let day = if demo { 0 } else { DAY };
        for (path, seconds, least) in [
            ("roll.minimum_age_seconds", roll.minimum_age_seconds, if demo { 0 } else { 3600 }),
            ("roll.objection_seconds", roll.objection_seconds, day),
            ("closing.settle_seconds", closing.settle_seconds, answer),
            ("closing.delay_seconds", closing.delay_seconds, answer.max(1)),
            ("closing.opening_seconds", closing.opening_seconds, answer),
            ("closing.abandon_seconds", closing.abandon_seconds, if demo { 1 } else { DAY }),
        ] {
            let fits = (least..=SECONDS_MOST).contains(&seconds);
            self.require(fits, path, format!("Between {least} seconds and a year is expected; {seconds} is outside."));
        }
        self.line("closing.recovery", &closing.recovery);
        self.known_classes("roll.objectors", &roll.objectors);
        for class in roll.objectors.iter().filter_map(|class| self.charter.class(class)) {
            let organisation = class.kind == ClassKind::Organisation;
            self.require(organisation, "roll.objectors", "Organisations object: an objection is signed by their node.");
        }
    }

    fn contribution(&mut self) {
        let rules = &self.charter.contribution;
        let currency = rules.currency.len() == 3 && rules.currency.bytes().all(|b| b.is_ascii_uppercase());
        self.require(currency, "contribution.currency", "A currency code such as EUR is expected.");
        for (path, amount) in [
            ("contribution.first_year_minutes_least", rules.first_year_minutes_least),
            ("contribution.first_year_cents_least", rules.first_year_cents_least),
            ("contribution.producer_minutes_yearly", rules.producer_minutes_yearly),
        ] {
            self.require(
                (0..=1_000_000_000).contains(&amount),
                path,
                "A whole number from 0 to 1,000,000,000 is expected.",
            );
        }
        let minutes = rules.first_year_minutes_most >= rules.first_year_minutes_least;
        self.require(minutes, "contribution.first_year_minutes_most", "The most is less than the least.");
        let cents = rules.first_year_cents_most >= rules.first_year_cents_least;
        self.require(cents, "contribution.first_year_cents_most", "The most is less than the least.");
        self.require(rules.sponsor_share.is_share(), "contribution.sponsor_share", "A share lies between 0 and 1.");
        self.list("contribution.categories", &rules.categories, 1);
        self.ids("contribution.categories", rules.categories.iter().map(String::as_str));
        self.require(
            (1..=50).contains(&rules.validators),
            "contribution.validators",
            "1 to 50 validators are expected.",
        );
    }

    fn provisional(&mut self) {
        let charter = self.charter;
        self.list("provisional", &charter.provisional, 0);
        let whole = charter.to_value();
        let mut seen = BTreeSet::new();
        for blank in &charter.provisional {
            let path = format!("provisional.{}", blank.path);
            self.require(resolve(&whole, &blank.path).is_some(), &path, "It marks a setting that does not exist.");
            self.require(seen.insert(&blank.path), &path, "It is marked twice.");
            self.line(&path, &blank.why);
        }
    }
}
