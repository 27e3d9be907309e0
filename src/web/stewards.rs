//! The stewards' pages: requests to join, the co-op's part of the roll, mandates, the invitation of a founder, notices, and
//! how the node is.

use folkmoot_governance::id::{Digest, Time};
use serde::{Deserialize, Serialize};

use super::charter::CharterView;
use super::consortium::PartyRow;
use super::form::{Choice, Fields, Problems};
use super::members::{MandateLine, MemberRow};
use super::render::Page;
use super::turns::Turns;

/// Where everything that stewards do begins.
#[derive(Debug, Serialize)]
pub struct StewardsPage {
    pub requests: u32,
    pub objections_open: u32,
    pub members: u32,
    pub invitations: Vec<InvitationLine>,
    pub node: NodeStatus,
}

impl Page for StewardsPage {
    const TEMPLATE: &'static str = "stewards.html";
}

#[derive(Debug, Serialize)]
pub struct InvitationLine {
    pub name: String,
    pub from: String,
    pub url: String,
}

#[derive(Debug, Serialize)]
pub struct NodeStatus {
    pub version: String,
    pub address: String,
    pub handle: String,
    pub journal: String,
    /// Statements in the own journal, and how many of them enough nodes hold.
    pub size: u64,
    pub certified: u64,
    pub peers: Vec<PartyRow>,
}

/// Requests at this node, and applications anywhere that may still be objected to.
#[derive(Debug, Serialize)]
pub struct RequestsPage {
    pub filter: RequestFilter,
    pub requests: Vec<RequestLine>,
    pub turns: Turns,
    pub applications: Vec<ApplicationLine>,
    pub application_turns: Turns,
    pub problems: Problems,
}

impl Page for RequestsPage {
    const TEMPLATE: &'static str = "requests.html";
}

/// Which requests are shown; the message is `requests-NAME`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestFilter {
    /// Somebody has to answer, or to wait for others.
    #[default]
    Waiting,
    Settled,
}

impl RequestFilter {
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Settled => "settled",
        }
    }
}

#[derive(Debug, Serialize)]
pub struct RequestLine {
    pub id: String,
    pub name: String,
    pub class_name: String,
    pub level: String,
    pub commitment: String,
    pub request: String,
    pub at: Time,
    pub organisation: bool,
    pub state: RequestState,
    /// Where the proposal to admit is drafted: for an organisation, and for a person whom somebody objected to.
    pub propose_url: Option<String>,
    /// What the stewards answered, where they refused.
    pub answer: String,
}

/// The message is `request-NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestState {
    Waiting,
    Endorsed,
    Refused,
    Admitted,
}

#[derive(Debug, Serialize)]
pub struct ApplicationLine {
    pub digest: Digest,
    pub name: String,
    pub sponsor: String,
    pub class_name: String,
    pub request: String,
    pub commitment: String,
    pub until: Time,
    /// Objections made so far: who, and why.
    pub objections: Vec<ObjectionLine>,
    pub can_object: bool,
}

#[derive(Debug, Serialize)]
pub struct ObjectionLine {
    pub by: String,
    pub reason: String,
}

/// The members whom this co-op sponsors.
#[derive(Debug, Serialize)]
pub struct RollPage {
    pub members: Vec<MemberRow>,
    pub turns: Turns,
    pub form: EndForm,
    pub problems: Problems,
}

impl Page for RollPage {
    const TEMPLATE: &'static str = "roll.html";
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct EndForm {
    pub member: String,
    /// `suspended`, `withdrawn` or `lapsed`.
    pub status: String,
    /// `2026-12-01`, or empty for at once.
    pub effective: String,
    pub reason: String,
}

impl EndForm {
    pub fn read(fields: &Fields) -> Self {
        Self {
            member: fields.line("member"),
            status: fields.line("status"),
            effective: fields.line("effective"),
            reason: fields.text("reason"),
        }
    }
}

/// Who acts for the organisations of this node.
#[derive(Debug, Serialize)]
pub struct MandatesPage {
    pub organisations: Vec<Organisation>,
    pub turns: Turns,
    /// Some of those who can be given a mandate, as suggestions.
    pub people: Vec<Choice>,
    pub form: MandateForm,
    pub problems: Problems,
}

impl Page for MandatesPage {
    const TEMPLATE: &'static str = "mandates.html";
}

#[derive(Debug, Serialize)]
pub struct Organisation {
    pub member: String,
    pub name: String,
    pub mandates: Vec<MandateLine>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct MandateForm {
    pub organisation: String,
    pub holder: String,
    pub name: String,
}

impl MandateForm {
    pub fn read(fields: &Fields) -> Self {
        Self { organisation: fields.line("organisation"), holder: fields.line("holder"), name: fields.line("name") }
    }
}

/// A charter to read and accept for the co-op.
#[derive(Debug, Serialize)]
pub struct InvitationPage {
    pub from: String,
    /// `ni:///sha-256;…`
    pub id: String,
    pub charter: CharterView,
    pub parties: Vec<PartyRow>,
    pub action: String,
    pub accepted: bool,
    pub problems: Problems,
}

impl Page for InvitationPage {
    const TEMPLATE: &'static str = "invitation.html";
}

/// Writing to all parties.
#[derive(Debug, Serialize)]
pub struct NoticePage {
    pub form: NoticeForm,
    pub parties: usize,
    pub problems: Problems,
}

impl Page for NoticePage {
    const TEMPLATE: &'static str = "notice.html";
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct NoticeForm {
    pub subject: String,
    pub text: String,
}

impl NoticeForm {
    pub fn read(fields: &Fields) -> Self {
        Self { subject: fields.line("subject"), text: fields.text("text") }
    }
}

#[cfg(test)]
mod tests {
    use crate::web::sample;

    #[test]
    fn a_request_is_shown_with_all_three_parts() {
        let html = sample::render(&sample::steward(), &sample::requests());
        for words in ["250 €", "every Tuesday", "agreed to the terms", "Endorse", "Refuse"] {
            assert!(html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn an_organisation_is_admitted_by_decision() {
        let mut page = sample::requests();
        page.requests[0].organisation = true;
        let html = sample::render(&sample::steward(), &page);
        assert!(html.contains("decided by vote"), "{html}");
    }

    #[test]
    fn an_invitation_is_read_before_it_is_accepted() {
        let mut page = sample::invitation();
        let html = sample::render(&sample::steward(), &page);
        let (text, button) = (html.find("Article 3").expect("articles"), html.find("Accept the charter</button>"));
        assert!(Some(text) < button, "{html}");
        assert!(html.contains("action=\"/stewards/invitations/1/decline\""), "{html}");
        page.accepted = true;
        assert!(!sample::render(&sample::steward(), &page).contains("Accept the charter</button>"));
    }
}
