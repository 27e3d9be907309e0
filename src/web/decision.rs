//! One decision: the outcome in a sentence, then the count, then everything that lets anybody check it.

use folkmoot_governance::id::{Digest, Time};
use serde::Serialize;

use super::agreement::{Agreement, FaultLine};
use super::charts::Timeline;
use super::count::Count;
use super::proposal::{EffectLine, Link};
use super::proposals::State;
use super::render::Page;

#[derive(Debug, Serialize)]
pub struct DecisionPage {
    pub number: u64,
    pub title: String,
    pub url: String,
    pub state: State,
    pub type_name: String,
    pub proposer: String,
    pub decided: Time,
    pub proposal_url: String,
    /// Markdown of the text that was voted on.
    pub source: String,
    pub count: Count,
    /// Why it passed or not, in sentences that cite the charter.
    pub why: Vec<String>,
    pub effects: Vec<EffectLine>,
    pub supersedes: Vec<Link>,
    pub superseded_by: Option<Link>,
    pub review: Option<Time>,
    pub timeline: Timeline,
    pub agreement: Agreement,
    /// The latest proofs that name it; `fault_count` is the number of all.
    pub faults: Vec<FaultLine>,
    pub fault_count: u64,
    pub digests: Vec<NamedDigest>,
    pub bundle_url: String,
    pub csv_url: String,
    pub json_url: String,
    pub bundle_name: String,
}

impl Page for DecisionPage {
    const TEMPLATE: &'static str = "decision.html";
}

/// The message is `digest-NAME`.
#[derive(Debug, Serialize)]
pub struct NamedDigest {
    pub name: &'static str,
    pub digest: Digest,
}

#[cfg(test)]
mod tests {
    use crate::web::sample;

    #[test]
    fn the_sentence_comes_first_and_the_fraction_behind_it() {
        let html = sample::render(&sample::visitor(), &sample::decision());
        let place = |what: &str| html.find(what).unwrap_or_else(|| panic!("{what} in {html}"));
        assert!(place("it passes") < place("<table"));
        assert!(place("<details") < place("247/360"));
        assert!(html.contains("12 of 12 nodes agree"));
    }

    #[test]
    fn silence_and_fault_are_said_in_words() {
        let html = sample::render(&sample::visitor(), &sample::troubled_decision());
        for words in ["10 of 12 nodes agree", "silent", "two different votes"] {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn the_table_holds_every_number_of_the_worked_example() {
        let html = sample::render(&sample::visitor(), &sample::decision());
        for cell in ["7/9", "1/2", "4/5", "247/360", "7/10"] {
            assert!(html.contains(cell), "{cell}: {html}");
        }
    }
}
