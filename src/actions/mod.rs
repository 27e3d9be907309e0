//! What people and peers can do: one verb per file. Load, decide by the core's rules, append, commit.
//! Every door (pages, API, inbox, command line, background loops) comes through here; no rule is checked at a door.

pub mod accounts;
pub mod amend_roll;
pub mod broken_receipt;
pub mod cast_ballot;
pub mod closing;
pub mod comment;
pub mod consortium;
pub mod count;
pub mod decide;
pub mod draft_proposal;
pub mod electorate;
pub mod error;
pub mod export;
pub mod join;
pub mod journals;
pub mod mandates;
pub mod notices;
pub mod open_proposal;
pub mod opening_note;
pub mod other_branch;
pub mod own_history;
pub mod pace;
pub mod peers;
pub mod project;
pub mod rebuild;
pub mod receive_journal;
pub mod report_fault;
pub mod standing;
pub mod steer_proposal;
pub mod view_agreement;
pub mod view_applications;
pub mod view_ballots;
pub mod view_decision;
pub mod view_members;
pub mod view_node;
pub mod view_proposal;
pub mod view_receipt;
pub mod visible;
pub mod witness;

use folkmoot_governance::id::MemberId;

use error::{ActionError, Result};

/// Somebody who is signed in at this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub login: String,
    /// The member id that this person votes as, or under which mandates name the person.
    pub person: MemberId,
    pub name: String,
    /// May admit members, accept charters and look after the node.
    pub steward: bool,
}

impl Person {
    pub fn must_be_steward(&self) -> Result<()> {
        if self.steward { Ok(()) } else { Err(ActionError::Forbidden("forbidden-not-a-steward")) }
    }
}
