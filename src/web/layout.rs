//! What surrounds every page: whose node it is, who looks at it, where they are, and what has just happened.

use folkmoot_governance::id::Time;
use serde::Serialize;

/// The surroundings of a page; templates see it as `frame`.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// BCP 47 tag out of [`crate::words::choose`].
    pub language: &'static str,
    /// The co-op whose node this is.
    pub node: String,
    /// Base address of the node, without a slash at the end.
    pub base: String,
    /// Name of the consortium; absent until one is founded or joined.
    pub consortium: Option<String>,
    /// The charter of a demonstration, with seconds instead of days.
    pub demo: bool,
    pub section: Section,
    pub person: Option<Person>,
    /// Token that every form sends back.
    pub csrf: String,
    pub now: Time,
    /// What the person has just done, shown once on top.
    pub done: Option<Done>,
}

/// Who is logged in.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    pub name: String,
    pub steward: bool,
}

/// The part of the map that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    Home,
    Proposals,
    Decisions,
    Members,
    Charter,
    Consortium,
    Account,
    Stewards,
    None,
}

macro_rules! done {
    ($($variant:ident $name:literal),* $(,)?) => {
        /// A deed that has just been done; its message is `done-NAME`. Addresses carry the name (`?done=…`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Done { $($variant),* }

        impl Done {
            pub const ALL: &[Done] = &[$(Done::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Done::$variant => $name),* }
            }

            /// The deed that an address names; anything else says nothing.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|done| done.name() == name)
            }
        }
    };
}

done! {
    DraftSaved "draft-saved",
    VoteOpened "vote-opened",
    CommentPosted "comment-posted",
    VoteExtended "vote-extended",
    CallChallenged "call-challenged",
    ProposalWithdrawn "proposal-withdrawn",
    RequestSent "request-sent",
    RequestEndorsed "request-endorsed",
    RequestRefused "request-refused",
    ObjectionMade "objection-made",
    MemberEnded "member-ended",
    MemberReinstated "member-reinstated",
    MandateGiven "mandate-given",
    MandateEnded "mandate-ended",
    CharterAccepted "charter-accepted",
    InvitationDeclined "invitation-declined",
    PasswordChanged "password-changed",
    TokenMade "token-made",
    TokenEnded "token-ended",
    KeyChanged "key-changed",
    NoticeSent "notice-sent",
    LoggedIn "logged-in",
    LoggedOut "logged-out",
}
