//! The charter: every number of the governance model as a parameter, with its articles and its marked blanks.
//! Pure data and checks; a charter file (TOML) is read at the command line and arrives here as JSON.

mod amend;
mod blanks;
mod check;
mod demo;
mod difference;
mod flaw;
mod path;
mod points;
mod setting;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use amend::Unfit;
pub use blanks::Blank;
pub use demo::DemoTimes;
pub use difference::{Change, difference};
pub use flaw::{Flaw, Problem};
pub use points::{Point, TypeRules};
pub use setting::Setting;

use crate::fraction::{self, Fraction};
use crate::id::Digest;
use crate::statement::{Custody, EffectKind, Visibility};

/// A consortium's rules. Its canonical JSON is what parties accept and amendments replace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charter {
    /// 1 for the founding charter, then one more for each amendment.
    pub version: u32,
    /// "The Online Meeting Cooperative"
    pub name: String,
    /// Short name for addresses: `[a-z0-9_]{1,30}`.
    pub handle: String,
    /// BCP 47 language of the text.
    pub language: String,
    /// Allows zero and second-long durations where days are meant.
    pub demo: bool,
    pub visibility: Visibility,
    /// Terms and conditions, Markdown; applicants agree to their digest.
    pub terms: String,
    pub principles: Vec<String>,
    pub articles: Vec<Article>,
    pub classes: Vec<Class>,
    pub types: Vec<DecisionType>,
    pub empty_class: EmptyClass,
    pub tie: Tie,
    pub blocks: Blocks,
    pub roll: RollRules,
    pub closing: ClosingRules,
    pub contribution: ContributionRules,
    pub licences: Licences,
    pub provisional: Vec<Provisional>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// "3.1"
    pub id: String,
    pub title: String,
    /// Markdown; empty where the founding document leaves it blank.
    pub text: String,
    /// Dotted paths of the settings that this article is the ground of, such as `classes` or `blocks`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub governs: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// "producer"
    pub id: String,
    pub name: String,
    pub kind: ClassKind,
    /// Share of the vote; all classes together make exactly 1.
    #[serde(deserialize_with = "fraction::written")]
    pub strength: Fraction,
    /// Share of the class that must cast a ballot; 0 for none.
    #[serde(deserialize_with = "fraction::written")]
    pub quorum: Fraction,
    pub rights: Vec<Right>,
    /// Contribution levels to choose from: (id, name, what is committed).
    pub levels: Vec<Level>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    pub id: String,
    pub name: String,
    pub commitment: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassKind {
    Organisation,
    Person,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    Propose,
    Vote,
    Sponsor,
    Custody,
    Ledger,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionType {
    /// "urgent", "regular", "constitutional"
    pub id: String,
    pub name: String,
    /// Shortest time between opening and closing.
    pub minimum_seconds: i64,
    pub threshold: Threshold,
    /// Classes whose members may call it; empty means every class with the right to propose.
    pub callers: Vec<String>,
    /// The type that a challenge turns it into; absent where it cannot be challenged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// Key custody that its ballots may have.
    pub custody: Vec<Custody>,
    /// What its decisions may do by themselves; an urgent vote need not be able to rewrite the charter.
    #[serde(default)]
    pub effects: Vec<EffectKind>,
    /// Article that says so, such as "3".
    pub article: String,
}

/// `strict`: more than the fraction. Otherwise: at least.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    #[serde(deserialize_with = "fraction::written")]
    pub fraction: Fraction,
    pub strict: bool,
}

/// What becomes of the strength of a class in which nobody agreed or disagreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmptyClass {
    Redistribute,
    Lapse,
    Block,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tie {
    Fails,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blocks {
    pub grounds: Vec<String>,
    /// A weighted result of at least this much passes in spite of standing blocks.
    #[serde(deserialize_with = "fraction::written")]
    pub override_at_least: Fraction,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollRules {
    /// How long before a vote opens a roll entry must have been certified (D).
    pub minimum_age_seconds: i64,
    /// How long producers may object to an application.
    pub objection_seconds: i64,
    /// Classes whose members may object.
    pub objectors: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingRules {
    /// How long after closing cosignatures on ballots count (W).
    pub settle_seconds: i64,
    /// Longest delay of a message that the closing is planned for (Δ).
    pub delay_seconds: i64,
    /// After this long without a certificate the vote is uncertified and for the assembly to settle (X).
    pub abandon_seconds: i64,
    /// How long before a vote opens its opening is published, so that q nodes can certify it in time.
    pub opening_seconds: i64,
    /// What people do when too few nodes can ever answer.
    pub recovery: String,
}

/// R13, R50–R54: contributions, as whole minutes and cents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContributionRules {
    pub currency: String,
    pub first_year_minutes_least: i64,
    pub first_year_minutes_most: i64,
    pub first_year_cents_least: i64,
    pub first_year_cents_most: i64,
    pub producer_minutes_yearly: i64,
    /// Share of a new organisation's payments that its sponsor keeps.
    #[serde(deserialize_with = "fraction::written")]
    pub sponsor_share: Fraction,
    pub categories: Vec<String>,
    pub validators: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licences {
    pub software: String,
    pub content: String,
    pub data: String,
    pub designs: String,
}

/// A blank of the founding document that carries a default until the members decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisional {
    /// Dotted path into the charter, such as `types.constitutional.threshold` or `articles.2.4`.
    pub path: String,
    pub why: String,
}

/// What one vote is counted by; frozen into its opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub threshold: Threshold,
    pub tie: Tie,
    pub empty_class: EmptyClass,
    #[serde(deserialize_with = "fraction::written")]
    pub override_at_least: Fraction,
    pub classes: Vec<ClassRule>,
    pub custody: Vec<Custody>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRule {
    pub class: String,
    #[serde(deserialize_with = "fraction::written")]
    pub strength: Fraction,
    #[serde(deserialize_with = "fraction::written")]
    pub quorum: Fraction,
}

impl Charter {
    /// What a vote of this type is counted by; `None` for a type that the charter does not know.
    pub fn rules_for(&self, decision_type: &str) -> Option<Rules> {
        let decision_type = self.decision_type(decision_type)?;
        let classes = self.classes.iter().filter(|class| class.has(Right::Vote)).map(|class| ClassRule {
            class: class.id.clone(),
            strength: class.strength.clone(),
            quorum: class.quorum.clone(),
        });
        Some(Rules {
            threshold: decision_type.threshold.clone(),
            tie: self.tie,
            empty_class: self.empty_class,
            override_at_least: self.blocks.override_at_least.clone(),
            classes: classes.collect(),
            custody: decision_type.custody.clone(),
        })
    }

    pub fn decision_type(&self, id: &str) -> Option<&DecisionType> {
        self.types.iter().find(|decision_type| decision_type.id == id)
    }

    pub fn class(&self, id: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.id == id)
    }

    /// The article that grounds a setting: the one that governs the longest prefix of `path`.
    pub fn article_for(&self, path: &str) -> Option<&Article> {
        let reach = |governed: &str| {
            let rest = path.strip_prefix(governed)?;
            (rest.is_empty() || rest.starts_with('.')).then_some(governed.len())
        };
        let grounds = self.articles.iter().flat_map(|article| article.governs.iter().map(move |path| (path, article)));
        grounds
            .filter_map(|(path, article)| Some((reach(path)?, article)))
            .max_by_key(|(length, _)| *length)
            .map(|found| found.1)
    }

    /// SHA-256 of the canonical JSON: what parties accept and amendments name as their base.
    pub fn digest(&self) -> Digest {
        canonical_digest(self)
    }

    /// SHA-256 of the terms and conditions: what applicants agree to.
    pub fn terms_digest(&self) -> Digest {
        Digest::of(self.terms.as_bytes())
    }
}

impl Class {
    pub fn has(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

impl Threshold {
    pub fn is_met_by(&self, result: &Fraction) -> bool {
        if self.strict { *result > self.fraction } else { *result >= self.fraction }
    }
}

/// SHA-256 of the RFC 8785 form of a value of ours.
pub(crate) fn canonical_digest<T: Serialize>(value: &T) -> Digest {
    Digest::of(&serde_json_canonicalizer::to_vec(value).expect("our types have text keys and whole numbers only"))
}
