//! The first page: what needs me, what is open, what was decided of late; for a visitor, what this place is.

use folkmoot_governance::id::Time;
use serde::Serialize;

use super::decisions::DecisionCard;
use super::proposals::ProposalCard;
use super::render::Page;

#[derive(Debug, Serialize)]
pub struct HomePage {
    /// What waits for the person who is logged in; the most urgent first.
    pub needs: Vec<Need>,
    pub open: Vec<ProposalCard>,
    /// Whether more is open than is shown.
    pub more: bool,
    pub decided: Vec<DecisionCard>,
    pub can_propose: bool,
    /// Where the consortium stands before it is ratified.
    pub founding: Option<Founding>,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home.html";
}

/// Something that only this person can do. The messages are `need-KIND` and `need-KIND-action`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Need {
    Vote { title: String, url: String, closes: Time, voters: Vec<String> },
    Draft { title: String, url: String },
    Requests { count: u32, url: String },
    Objection { name: String, url: String, until: Time },
    Charter { from: String, name: String, url: String },
    Review { title: String, number: u64, url: String },
}

#[derive(Debug, Serialize)]
pub struct Founding {
    pub accepted: usize,
    pub parties: usize,
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn a_member_sees_what_waits_for_them_first() {
        let html = sample::render(&sample::member(), &sample::home());
        let (needs, open) = (html.find("id=\"needs\"").expect("needs"), html.find("id=\"open\"").expect("open"));
        assert!(needs < open);
        assert!(html.contains("Rent a second server"), "{html}");
    }

    #[test]
    fn empty_places_say_what_belongs_there() {
        let page =
            HomePage { needs: vec![], open: vec![], decided: vec![], more: false, can_propose: true, founding: None };
        let html = sample::render(&sample::member(), &page);
        assert!(html.contains("No proposal is open") && html.contains("/proposals/new"), "{html}");
        assert!(html.contains("Nothing waits for you"), "{html}");
        let html = sample::render(&sample::visitor(), &page);
        assert!(!html.contains("Nothing waits for you"), "{html}");
    }
}
