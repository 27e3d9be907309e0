//! The ballot: who may cast it here and how, and the receipt that answers it.

use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::Method;
use serde::Serialize;

use super::form::{Fields, Problems};
use super::render::Page;

/// The place of the ballot on a proposal's page.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum BallotPanel {
    /// The person may vote, for themselves or for others.
    Form(BallotForm),
    /// The vote could not be opened here.
    Void,
    /// Nobody is logged in.
    LogIn,
    /// Logged in, but not on the frozen roll of this vote.
    NotOnRoll,
    /// The member's key is on a device of their own; a command casts the ballot there.
    OwnDevice {
        /// One for each member for whom the person may vote.
        commands: Vec<String>,
        method: Method,
        /// What can stand in place of CHOICE, as a shell reads it.
        choices: Vec<String>,
        /// Grounds of a block, as a shell reads them; empty where nobody can block.
        grounds: Vec<String>,
    },
    /// Voting begins later.
    NotYet { opens: Time },
    /// A draft has no ballot.
    Draft,
    /// Voting is over; what the person cast, for themselves and for others.
    Closed { votes: Vec<Voter> },
}

#[derive(Debug, Serialize)]
pub struct BallotForm {
    pub action: String,
    pub method: Method,
    pub voters: Vec<Voter>,
    /// Member id of the chosen voter.
    pub voter: String,
    /// In ballot order. The values of the fields are positions from 0.
    pub options: Vec<String>,
    /// Chosen positions, as typed or as cast before.
    pub chosen: Vec<usize>,
    pub grounds: Vec<String>,
    pub ground: String,
    pub block_text: String,
    pub problems: Problems,
}

/// What comes in when a ballot is cast.
#[derive(Debug, Clone, Default)]
pub struct BallotFields {
    pub voter: String,
    /// Positions of options, ascending.
    pub choices: Vec<u32>,
    pub ground: String,
    pub block_text: String,
}

impl BallotFields {
    /// Choices that are no numbers are left out; the rules refuse what does not fit the method.
    pub fn read(fields: &Fields) -> Self {
        let mut choices: Vec<u32> = fields.all("choice").iter().filter_map(|choice| choice.parse().ok()).collect();
        choices.sort_unstable();
        choices.dedup();
        Self {
            voter: fields.line("voter"),
            choices,
            ground: fields.line("ground"),
            block_text: fields.text("block_text"),
        }
    }

    /// What is missing, in words for whoever fills in the form; whether the rest fits is for the rules.
    pub fn problems(&self, blocks: bool) -> Problems {
        let mut problems = Problems::default();
        if self.choices.is_empty() {
            problems.add("choice", "problem-choice");
        }
        if blocks && self.ground.is_empty() {
            problems.add("ground", "problem-ground");
        }
        if blocks && self.block_text.trim().is_empty() {
            problems.add("block_text", "problem-block-text");
        }
        problems
    }
}

/// One member for whom the person may vote.
#[derive(Debug, Clone, Serialize)]
pub struct Voter {
    pub member: String,
    pub name: String,
    pub class_name: String,
    /// By mandate of an organisation.
    pub mandate: bool,
    pub cast: Option<CastVote>,
}

/// What was cast for a voter last.
#[derive(Debug, Clone, Serialize)]
pub struct CastVote {
    /// In words: "Agree", or the chosen options.
    pub words: String,
    pub at: Time,
    pub receipt_url: String,
}

/// The answer to a ballot, and the page where its way can be followed later.
#[derive(Debug, Serialize)]
pub struct ReceiptPage {
    pub title: String,
    pub proposal_url: String,
    pub voter: String,
    pub mandate: bool,
    pub words: String,
    pub at: Time,
    /// Just cast, rather than looked up again.
    pub fresh: bool,
    /// Earlier ballots of the same voter that this one replaced.
    pub replaced: u32,
    pub closes: Time,
    pub way: BallotWay,
    pub ballot: Digest,
    pub journal: String,
    pub position: u64,
    /// The signed receipt, for keeping.
    pub receipt_url: String,
}

impl Page for ReceiptPage {
    const TEMPLATE: &'static str = "receipt.html";
}

/// How far a ballot has come. The message is `way-NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BallotWay {
    /// In this node's journal.
    Stored,
    /// Enough nodes hold it: nobody can make it disappear.
    Certified,
    /// In the certified result.
    Counted,
    /// A later ballot of the same voter counts instead.
    Replaced,
    /// The vote was decided without it.
    NotCounted,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn choices_arrive_in_ballot_order() {
        let fields = Fields::parse(b"voter=monica&choice=2&choice=0&choice=2&choice=x");
        assert_eq!(BallotFields::read(&fields).choices, [0, 2]);
    }

    #[test]
    fn the_answer_to_a_ballot_says_what_was_cast_and_how_to_check_it() {
        let html = sample::render(&sample::member(), &sample::receipt());
        for words in ["Your vote is cast", "Agree", "Keep the receipt"] {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn every_way_of_a_ballot_is_explained() {
        use BallotWay::{Certified, Counted, NotCounted, Replaced, Stored};
        let mut texts = std::collections::BTreeSet::new();
        for way in [Stored, Certified, Counted, Replaced, NotCounted] {
            let page = ReceiptPage { way, fresh: false, ..sample::receipt() };
            texts.insert(sample::render(&sample::member(), &page));
        }
        assert_eq!(texts.len(), 5);
    }
}
