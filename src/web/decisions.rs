//! The register of decisions: numbered, searchable, with what replaced what and what comes up for review.

use folkmoot_governance::id::Time;
use serde::Serialize;

use super::proposal::Link;
use super::proposals::State;
use super::render::Page;
use super::turns::Turns;

#[derive(Debug, Serialize)]
pub struct DecisionsPage {
    /// What was searched for.
    pub search: String,
    pub decisions: Vec<DecisionCard>,
    pub turns: Turns,
}

impl Page for DecisionsPage {
    const TEMPLATE: &'static str = "decisions.html";
}

/// A decision in a list.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionCard {
    pub number: u64,
    pub title: String,
    pub url: String,
    pub type_name: String,
    /// Article of the charter that it was decided under.
    pub article: String,
    pub state: State,
    pub decided: Time,
    /// The outcome in one sentence.
    pub sentence: String,
    pub agreeing: usize,
    pub nodes: usize,
    /// Decisions that it replaced.
    pub supersedes: Vec<Link>,
    pub superseded_by: Option<Link>,
    pub review: Option<Time>,
}
