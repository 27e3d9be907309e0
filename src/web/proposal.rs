//! One proposal: what is asked, until when, what others say, and how to answer.

use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::{Method, Visibility};
use serde::Serialize;

use super::agreement::Agreement;
use super::ballot::BallotPanel;
use super::charter::Place;
use super::charts::Timeline;
use super::count::Count;
use super::difference::Passage;
use super::form::Problems;
use super::proposals::State;
use super::render::Page;
use super::turns::Turns;

#[derive(Debug, Serialize)]
pub struct ProposalPage {
    pub title: String,
    pub url: String,
    pub state: State,
    pub type_name: String,
    pub method: Method,
    pub visibility: Visibility,
    pub proposer: String,
    /// The co-op whose node published it.
    pub node: String,
    pub opens: Option<Time>,
    pub closes: Option<Time>,
    /// Why it cannot wait; only for urgent calls.
    pub reason: String,
    /// Markdown.
    pub source: String,
    /// In ballot order; shown for single choice and approval.
    pub options: Vec<String>,
    pub version: u32,
    /// The newest first.
    pub versions: Vec<Version>,
    pub principles: Vec<String>,
    pub supersedes: Vec<Link>,
    pub review: Option<Time>,
    pub effects: Vec<EffectLine>,
    pub rules: RulesLine,
    pub ballot: BallotPanel,
    pub count: Option<Count>,
    /// Whether the count is still moving and worth asking for again.
    pub live: bool,
    pub timeline: Timeline,
    /// While the nodes agree on the result.
    pub counting: Option<Agreement>,
    /// Why there is no certified result yet, once the nodes are at it.
    pub awaited: String,
    pub decision: Option<Link>,
    pub thread: Thread,
    /// Oldest first.
    pub calls: Vec<Call>,
    /// What this person may do with it; the message is `do-NAME`.
    pub deeds: Vec<Deed>,
    pub digest: Option<Digest>,
    pub electorate: u32,
    pub cast: u32,
}

impl Page for ProposalPage {
    const TEMPLATE: &'static str = "proposal.html";
}

#[derive(Debug, Clone, Serialize)]
pub struct Link {
    pub name: String,
    pub url: String,
}

#[derive(Debug, Serialize)]
pub struct Version {
    pub number: u32,
    pub at: Time,
    /// Against the version before; empty for the first.
    pub changes: Vec<Passage>,
}

/// What happens by itself when the proposal passes. The message is `effect-KIND` with `name` and `detail`.
#[derive(Debug, Clone, Serialize)]
pub struct EffectLine {
    pub kind: &'static str,
    pub name: String,
    pub detail: String,
    /// What becomes different in the charter.
    pub changes: Vec<ChangeLine>,
}

/// One changed place of the charter; empty where nothing stands there before or after.
#[derive(Debug, Clone, Serialize)]
pub struct ChangeLine {
    pub place: Place,
    pub old: String,
    pub new: String,
    /// The difference word by word, where the texts are too long for one line.
    pub passages: Vec<Passage>,
}

/// How it will be counted, in words of the charter.
#[derive(Debug, Serialize)]
pub struct RulesLine {
    /// `68.6`-like percentages are for the charts; here the fraction as written: `1/2`.
    pub threshold: String,
    pub strict: bool,
    pub override_at_least: String,
    /// `redistribute`, `lapse` or `block`; the message is `empty-class-NAME`.
    pub empty_class: &'static str,
    pub minimum_seconds: i64,
    pub article: String,
}

/// What was asked of an open vote, with the reason that stays on the record; the message is `call-KIND`.
#[derive(Debug, Serialize)]
pub struct Call {
    /// `extend`, `challenge` or `withdraw`.
    pub kind: &'static str,
    pub by: String,
    pub reason: String,
    pub at: Time,
    /// Until when voting is extended.
    pub until: Option<Time>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    Edit,
    Open,
    Extend,
    Challenge,
    Withdraw,
}

#[derive(Debug, Serialize)]
pub struct Thread {
    /// One part of it; `count` is the number of all.
    pub comments: Vec<Comment>,
    pub count: u32,
    pub turns: Turns,
    /// Whether this person may write here.
    pub can_write: bool,
    pub action: String,
    /// What was typed, and what was wrong with it.
    pub text: String,
    pub problems: Problems,
}

/// One voice, in the order of reading: an answer follows what it answers.
#[derive(Debug, Serialize)]
pub struct Comment {
    /// For links within the page.
    pub id: String,
    /// For answering.
    pub address: String,
    pub author: String,
    /// Co-op or class of the author, or the address of a fediverse account.
    pub from: String,
    pub at: Time,
    /// Markdown.
    pub source: String,
    /// 0 answers the proposal itself; at most 3 are indented.
    pub depth: u8,
    pub answers: Option<String>,
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::statement::Method;

    use crate::web::ballot::BallotPanel;
    use crate::web::sample;

    #[test]
    fn the_question_stands_before_the_text_and_the_ballot() {
        let html = sample::render(&sample::member(), &sample::open_proposal());
        let place = |what: &str| html.find(what).unwrap_or_else(|| panic!("{what} in {html}"));
        assert!(place("<h1") < place("Closes in 2 days"));
        assert!(place("Closes in 2 days") < place("id=\"text-title\""));
        assert!(place("id=\"text-title\"") < place("id=\"ballot\""));
        assert!(html.contains("Cast my vote"));
    }

    #[test]
    fn hostile_text_stays_text() {
        let mut page = sample::open_proposal();
        page.title = "<script>alert(1)</script>".into();
        page.thread.comments[0].author = "\"><img src=x>".into();
        page.source = "<img src=x onerror=alert(1)>".into();
        let html = sample::render(&sample::member(), &page);
        assert!(!html.contains("<script>alert") && !html.contains("<img"), "{html}");
    }

    #[test]
    fn whoever_cannot_vote_is_told_why() {
        let own_device = BallotPanel::OwnDevice {
            commands: vec!["folkmoot vote --node https://a.example".into()],
            method: Method::Consent,
            choices: vec!["agree".into()],
            grounds: vec!["'It harms us'".into()],
        };
        for (panel, words) in [
            (BallotPanel::LogIn, "Log in to vote"),
            (BallotPanel::Void, "could not be opened"),
            (BallotPanel::NotOnRoll, "not on the roll"),
            (BallotPanel::Closed { votes: vec![] }, "Voting has closed"),
            (own_device, "folkmoot vote --node"),
        ] {
            let mut page = sample::open_proposal();
            page.ballot = panel;
            let html = sample::render(&sample::member(), &page);
            assert!(html.contains(words) && !html.contains("Cast my vote</button>"), "{words}: {html}");
        }
    }

    #[test]
    fn a_refused_ballot_keeps_what_was_typed() {
        let mut page = sample::open_proposal();
        if let BallotPanel::Form(form) = &mut page.ballot {
            form.chosen = vec![3];
            form.block_text = "It binds us for \"three\" years.".into();
            form.problems.add("ground", "problem-ground");
        }
        let html = sample::render(&sample::member(), &page);
        assert!(
            html.contains("href=\"#ground\"") && html.contains("It binds us for &quot;three&quot; years."),
            "{html}"
        );
    }
}
