//! The list of proposals, those in need of voices first.

use folkmoot_governance::id::Time;
use serde::Serialize;

use super::render::Page;
use super::turns::Turns;

#[derive(Debug, Serialize)]
pub struct ProposalsPage {
    /// Which are shown; the message is `filter-NAME`.
    pub filter: Filter,
    pub proposals: Vec<ProposalCard>,
    pub can_propose: bool,
    pub turns: Turns,
}

impl Page for ProposalsPage {
    const TEMPLATE: &'static str = "proposals.html";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    Current,
    Drafts,
    Closed,
    All,
}

/// A proposal in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ProposalCard {
    pub title: String,
    pub url: String,
    /// Name of the decision type in the charter.
    pub type_name: String,
    pub state: State,
    pub proposer: String,
    pub opens: Option<Time>,
    pub closes: Option<Time>,
    pub cast: u32,
    pub eligible: u32,
    pub comments: u32,
    /// The person who looks at it has voted.
    pub voted: bool,
}

/// Where a proposal stands, shown as a word, a shape and a colour. The message is `state-NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Draft,
    /// Frozen and published; voting has not begun.
    Announced,
    Open,
    /// Open, with less than a quarter of its time left.
    ClosingSoon,
    Counting,
    Passed,
    NotPassed,
    /// Passed or not, with a standing fault that touches it.
    Contested,
    Withdrawn,
    Uncertified,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn a_card_says_until_when_and_who_has_voted() {
        let page = ProposalsPage {
            filter: Filter::Current,
            proposals: sample::open_cards(),
            can_propose: true,
            turns: Turns::default(),
        };
        let html = sample::render(&sample::member(), &page);
        assert!(html.contains("Closes in 2 days") && html.contains("26 of 40"), "{html}");
        assert!(html.contains("datetime=\"2026-11-26T17:00:00Z\""), "{html}");
    }

    #[test]
    fn every_state_has_its_word_and_shape() {
        for state in [State::Draft, State::Announced, State::Open, State::ClosingSoon, State::Counting, State::Passed]
            .into_iter()
            .chain([State::NotPassed, State::Contested, State::Withdrawn, State::Uncertified])
        {
            let card = ProposalCard { state, ..sample::open_cards()[0].clone() };
            let (proposals, turns) = (vec![card], Turns::default());
            let page = ProposalsPage { filter: Filter::All, proposals, can_propose: false, turns };
            let html = sample::render(&sample::visitor(), &page);
            let name = serde_json::to_value(state).expect("a name");
            let class = format!("class=\"state state-{}\"", name.as_str().expect("text"));
            assert!(html.contains(&class) && html.contains("<svg"), "{state:?}: {html}");
        }
    }
}
