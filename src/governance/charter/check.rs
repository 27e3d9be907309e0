//! Whether a charter can be worked with: before it is proposed, and before an amendment is put to the vote.

use std::collections::BTreeSet;

use super::flaw::{Flaw, Problem};
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
    fn require(&mut self, holds: bool, path: impl Into<String>, flaw: Flaw) {
        if !holds {
            self.problems.push(Problem::new(path, flaw));
        }
    }

    fn line(&mut self, path: impl Into<String>, text: &str) {
        let fits = !text.trim().is_empty() && text.chars().count() <= LINE_CHARS_MOST;
        self.require(fits, path, Flaw::Line { most: LINE_CHARS_MOST });
    }

    fn list<T>(&mut self, path: &str, list: &[T], least: usize) {
        let fits = (least..=LIST_MOST).contains(&list.len());
        self.require(fits, path, Flaw::Entries { least, most: LIST_MOST });
    }

    fn ids<'i>(&mut self, path: &str, ids: impl IntoIterator<Item = &'i str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            let plain = (1..=40).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
            self.require(plain, format!("{path}.{id}"), Flaw::Id);
            self.require(seen.insert(id), format!("{path}.{id}"), Flaw::IdTwice);
        }
    }

    fn known_classes(&mut self, path: &str, classes: &[String]) {
        for class in classes {
            let known = self.charter.class(class).is_some();
            self.require(known, path, Flaw::NoClass { class: class.clone() });
        }
        let distinct = classes.iter().collect::<BTreeSet<_>>().len() == classes.len();
        self.require(distinct, path, Flaw::ClassTwice);
    }

    fn head(&mut self) {
        let charter = self.charter;
        self.require(charter.version >= 1, "version", Flaw::Version);
        self.line("name", &charter.name);
        let handle = &charter.handle;
        let plain = handle.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        self.require((1..=30).contains(&handle.len()) && plain, "handle", Flaw::Handle);
        let language = &charter.language;
        let tag = language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        self.require((2..=35).contains(&language.len()) && tag, "language", Flaw::Language);
        let terms = (1..=TEXT_BYTES_MOST).contains(&charter.terms.len()) && !charter.terms.trim().is_empty();
        self.require(terms, "terms", Flaw::Terms);
        self.require((1..=99).contains(&charter.principles.len()), "principles", Flaw::Principles);
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
            self.require(article.text.len() <= TEXT_BYTES_MOST, &path, Flaw::ArticleText);
            for governed in &article.governs {
                let known = resolve(&whole, governed).is_some();
                self.require(known, &path, Flaw::GovernsNothing { setting: governed.clone() });
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
            self.require(class.strength.is_share(), format!("{path}.strength"), Flaw::Strength);
            self.require(class.quorum.is_share(), format!("{path}.quorum"), Flaw::Quorum);
            let votes = class.has(Right::Vote);
            let counts = !class.strength.is_zero();
            self.require(votes || !counts, format!("{path}.strength"), Flaw::StrengthWithoutVote);
            let distinct = class.rights.iter().collect::<BTreeSet<_>>().len() == class.rights.len();
            self.require(distinct, format!("{path}.rights"), Flaw::RightTwice);
            let organisation = class.kind == ClassKind::Organisation;
            self.require(organisation || !class.has(Right::Sponsor), format!("{path}.rights"), Flaw::PersonSponsors);
            self.list(&format!("{path}.levels"), &class.levels, 0);
            self.ids(&format!("{path}.levels"), class.levels.iter().map(|level| level.id.as_str()));
            for level in &class.levels {
                self.line(format!("{path}.levels.{}.name", level.id), &level.name);
                self.line(format!("{path}.levels.{}.commitment", level.id), &level.commitment);
            }
            sum = &sum + &class.strength;
        }
        let whole = sum == Fraction::one();
        self.require(whole, "classes", Flaw::Strengths { sum });
        let proposes = charter.classes.iter().any(|class| class.has(Right::Propose));
        self.require(proposes, "classes", Flaw::NobodyProposes);
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
        self.require(amendable, "types", Flaw::NothingAmends);
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
            Flaw::VoteSeconds { least, seconds },
        );
        let threshold = &decision_type.threshold;
        self.require(threshold.fraction.is_share(), format!("{path}.threshold"), Flaw::Threshold);
        let reachable = threshold.fraction < Fraction::one() || !threshold.strict;
        self.require(reachable, format!("{path}.threshold"), Flaw::ThresholdUnreachable);
        let asks = !threshold.fraction.is_zero() || threshold.strict;
        self.require(asks, format!("{path}.threshold"), Flaw::ThresholdOfNothing);
        self.known_classes(&format!("{path}.callers"), &decision_type.callers);
        for caller in decision_type.callers.iter().filter_map(|caller| charter.class(caller)) {
            let proposes = caller.has(Right::Propose);
            self.require(proposes, format!("{path}.callers"), Flaw::CallerCannotPropose { class: caller.id.clone() });
        }
        self.require(!decision_type.custody.is_empty(), format!("{path}.custody"), Flaw::NoCustody);
        let known = decision_type.article.is_empty()
            || charter.articles.iter().any(|article| article.id == decision_type.article);
        self.require(known, format!("{path}.article"), Flaw::NoArticle { article: decision_type.article.clone() });
        if let Some(target) = &decision_type.challenge {
            self.challenge(&path, decision_type, target);
        }
    }

    fn challenge(&mut self, path: &str, decision_type: &DecisionType, target: &str) {
        let path = format!("{path}.challenge");
        let Some(target) = self.charter.decision_type(target) else {
            return self.require(false, path, Flaw::NoType { decision_type: target.to_owned() });
        };
        self.require(target.id != decision_type.id, &path, Flaw::ConvertsToItself);
        self.require(target.challenge.is_none(), &path, Flaw::ChallengedAgain);
        let longer = target.minimum_seconds >= decision_type.minimum_seconds;
        self.require(longer, &path, Flaw::ChallengeShortens);
        let able = decision_type.effects.iter().all(|effect| target.effects.contains(effect));
        self.require(able, path, Flaw::ChallengeForbids);
    }

    fn blocks(&mut self) {
        let blocks = &self.charter.blocks;
        self.list("blocks.grounds", &blocks.grounds, 1);
        let short = blocks
            .grounds
            .iter()
            .all(|ground| !ground.trim().is_empty() && ground.chars().count() <= GROUND_CHARS_MOST);
        self.require(short, "blocks.grounds", Flaw::Ground { most: GROUND_CHARS_MOST });
        let distinct = blocks.grounds.iter().collect::<BTreeSet<_>>().len() == blocks.grounds.len();
        self.require(distinct, "blocks.grounds", Flaw::GroundTwice);
        let share = blocks.override_at_least.is_share() && !blocks.override_at_least.is_zero();
        self.require(share, "blocks.override_at_least", Flaw::Override);
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
            self.require(fits, path, Flaw::Seconds { least, seconds });
        }
        self.line("closing.recovery", &closing.recovery);
        self.known_classes("roll.objectors", &roll.objectors);
        for class in roll.objectors.iter().filter_map(|class| self.charter.class(class)) {
            let organisation = class.kind == ClassKind::Organisation;
            self.require(organisation, "roll.objectors", Flaw::PersonObjects);
        }
    }

    fn contribution(&mut self) {
        let rules = &self.charter.contribution;
        let currency = rules.currency.len() == 3 && rules.currency.bytes().all(|b| b.is_ascii_uppercase());
        self.require(currency, "contribution.currency", Flaw::Currency);
        for (path, amount) in [
            ("contribution.first_year_minutes_least", rules.first_year_minutes_least),
            ("contribution.first_year_cents_least", rules.first_year_cents_least),
            ("contribution.producer_minutes_yearly", rules.producer_minutes_yearly),
        ] {
            self.require((0..=1_000_000_000).contains(&amount), path, Flaw::Amount);
        }
        let minutes = rules.first_year_minutes_most >= rules.first_year_minutes_least;
        self.require(minutes, "contribution.first_year_minutes_most", Flaw::MostBelowLeast);
        let cents = rules.first_year_cents_most >= rules.first_year_cents_least;
        self.require(cents, "contribution.first_year_cents_most", Flaw::MostBelowLeast);
        self.require(rules.sponsor_share.is_share(), "contribution.sponsor_share", Flaw::Share);
        self.list("contribution.categories", &rules.categories, 1);
        self.ids("contribution.categories", rules.categories.iter().map(String::as_str));
        self.require((1..=50).contains(&rules.validators), "contribution.validators", Flaw::Validators);
    }

    fn provisional(&mut self) {
        let charter = self.charter;
        self.list("provisional", &charter.provisional, 0);
        let whole = charter.to_value();
        let mut seen = BTreeSet::new();
        for blank in &charter.provisional {
            let path = format!("provisional.{}", blank.path);
            self.require(resolve(&whole, &blank.path).is_some(), &path, Flaw::NoSetting);
            self.require(seen.insert(&blank.path), &path, Flaw::MarkedTwice);
            self.line(&path, &blank.why);
        }
    }
}
