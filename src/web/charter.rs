//! The charter, article by article: numbers in words, blanks marked and ready to be put to the vote, earlier versions.

use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::id::{Digest, Time};
use serde::Serialize;

use super::proposal::Link;
use super::render::Page;

#[derive(Debug, Serialize)]
pub struct CharterPage {
    pub charter: CharterView,
    pub history: Vec<CharterVersion>,
    pub can_propose: bool,
}

impl Page for CharterPage {
    const TEMPLATE: &'static str = "charter.html";
}

/// One version as people read it; also shown to stewards before they accept it.
#[derive(Debug, Serialize)]
pub struct CharterView {
    pub name: String,
    pub version: u32,
    pub standing: CharterStanding,
    pub digest: Digest,
    pub articles: Vec<ArticleView>,
    pub principles: Vec<String>,
    pub classes: Vec<ClassView>,
    pub types: Vec<TypeView>,
    pub blanks: Vec<Blank>,
    /// Other rules in sentences (blocks, ties, roll, closing, contributions, licences).
    pub rules: Vec<String>,
    /// Markdown.
    pub terms: String,
    pub terms_digest: Digest,
}

/// The message is `charter-NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CharterStanding {
    Draft,
    Proposed,
    Ratified,
    Superseded,
}

#[derive(Debug, Serialize)]
pub struct ArticleView {
    pub id: String,
    pub title: String,
    /// Markdown; empty where the founding document leaves a blank.
    pub source: String,
    /// Why it is provisional; absent where it is settled.
    pub blank: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct ClassView {
    pub name: String,
    pub strength: Fraction,
    /// Share of the class that has to vote; absent for none.
    pub quorum: Option<Fraction>,
    /// Names of rights; the messages are `right-NAME`.
    pub rights: Vec<&'static str>,
    pub levels: Vec<LevelView>,
}

#[derive(Debug, Serialize)]
pub struct LevelView {
    pub name: String,
    pub commitment: String,
}

#[derive(Debug, Serialize)]
pub struct TypeView {
    pub name: String,
    pub minimum_seconds: i64,
    pub threshold: Fraction,
    pub strict: bool,
    pub article: String,
    /// Names of the classes that may call it; empty for everybody with the right to propose.
    pub callers: Vec<String>,
    /// Name of the type that a challenge turns it into.
    pub challenge: Option<String>,
}

/// A place that the founding document leaves open, with the value that holds until the members decide.
#[derive(Debug, Serialize)]
pub struct Blank {
    /// Title of the article that it belongs to.
    pub article: Option<String>,
    pub place: Place,
    pub why: String,
    /// What can be put to the vote one by one.
    pub settings: Vec<Setting>,
}

/// A place of the charter. The message is `place-NAME` with `of`; a place without one is shown by its path.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// The path with hyphens and without ids: `classes-strength`.
    pub name: String,
    /// What it belongs to, such as the name of the class; empty for what there is once.
    pub of: String,
    /// Dotted path: `classes.producer.strength`.
    pub path: String,
}

/// One value of the charter that a proposal can change.
#[derive(Debug, Serialize)]
pub struct Setting {
    pub place: Place,
    /// What holds now; empty where nothing stands there yet.
    pub current: String,
    /// Starts the proposal that settles it.
    pub propose_url: String,
}

#[derive(Debug, Serialize)]
pub struct CharterVersion {
    pub version: u32,
    pub digest: Digest,
    pub since: Time,
    /// The decision that made it, by its number; absent for the founding.
    pub decision: Option<Link>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn blanks_are_marked_and_can_be_put_to_the_vote() {
        let page = CharterPage { charter: sample::charter(), history: sample::charter_history(), can_propose: true };
        let html = sample::render(&sample::member(), &page);
        assert!(html.contains("provisional") && html.contains("/proposals/new?amend="), "{html}");
        let page = CharterPage { can_propose: false, ..page };
        assert!(!sample::render(&sample::visitor(), &page).contains("/proposals/new?amend="));
    }

    #[test]
    fn numbers_are_said_in_words() {
        let page = CharterPage { charter: sample::charter(), history: vec![], can_propose: false };
        let html = sample::render(&sample::visitor(), &page);
        for words in ["7 days", "more than half", "at least two thirds", "40 %"] {
            assert!(html.contains(words), "{words}: {html}");
        }
    }
}
