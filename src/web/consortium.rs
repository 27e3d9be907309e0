//! The consortium: its parties and their nodes, whether they keep up with each other, faults with their proof, notices.

use folkmoot_governance::id::Time;
use serde::Serialize;

use super::agreement::FaultLine;
use super::charter::CharterStanding;
use super::render::Page;
use super::turns::Turns;

#[derive(Debug, Serialize)]
pub struct ConsortiumPage {
    pub name: String,
    /// `ni:///sha-256;…`
    pub id: String,
    pub handle: String,
    pub standing: CharterStanding,
    pub epoch: u64,
    /// How many nodes have to agree, and how many may fail.
    pub needed: usize,
    pub faulty: usize,
    pub parties: Vec<PartyRow>,
    pub faults: Vec<FaultLine>,
    pub fault_turns: Turns,
    pub notices: Vec<NoticeLine>,
    pub notice_turns: Turns,
}

impl Page for ConsortiumPage {
    const TEMPLATE: &'static str = "consortium.html";
}

#[derive(Debug, Clone, Serialize)]
pub struct PartyRow {
    pub name: String,
    pub address: String,
    /// The node that shows this page.
    pub own: bool,
    pub accepted: bool,
    pub health: Health,
    /// Statements in its journal that are stored here, and how many it has announced.
    pub stored: u64,
    pub announced: u64,
    /// When it was heard last; absent if never.
    pub heard: Option<Time>,
    /// Statements of ours that it has not confirmed yet.
    pub waiting: u64,
    /// What it or the network last answered when a delivery failed.
    pub trouble: String,
}

/// The message is `health-NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    UpToDate,
    Behind,
    Silent,
    Fault,
}

/// A notice to all parties, such as force majeure.
#[derive(Debug, Serialize)]
pub struct NoticeLine {
    pub from: String,
    pub subject: String,
    /// Markdown.
    pub source: String,
    pub at: Time,
}

#[cfg(test)]
mod tests {
    use crate::web::sample;

    #[test]
    fn a_silent_node_and_a_fault_are_said_in_words() {
        let html = sample::render(&sample::visitor(), &sample::consortium());
        for words in ["3 of them may fail", "Not heard", "signed two different votes", "12 statements behind"] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(html.contains("id=\"faults\""));
    }
}
