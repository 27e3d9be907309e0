//! What an action answers when it does not do what was asked: a refusal is a value for the person, anything else a fault.

use std::borrow::Cow;

use serde::Serialize;

use crate::storage;
use crate::words::Message;

/// A refusal that a member can read: what happened and what to do. `code` is for machines and never changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub code: Cow<'static, str>,
    pub message: Message,
    /// The form field it is about, where there is one.
    pub field: Option<&'static str>,
}

impl Refusal {
    /// `message` is one of `words/*/refused.ftl`.
    pub fn new(code: &'static str, message: impl Into<Message>) -> Self {
        Self { code: Cow::Borrowed(code), message: message.into(), field: None }
    }

    /// From a refusal of the core's rules, which serialise with their code; the words are in `words/*/unfit.ftl`.
    pub fn of_rule<R: Serialize>(area: &str, rule: &R) -> Self {
        let refused = serde_json::to_value(rule).unwrap_or_default();
        let code = refused["code"].as_str().unwrap_or("rule").to_owned();
        Self { code: Cow::Owned(code), message: Message::unfit(area, refused), field: None }
    }

    #[must_use]
    pub fn about(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }
}

/// Why an action did not happen. Nothing was written in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// A rule says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such thing, or this person may not know of it: the key of the message `missing-…`.
    #[error("{}", Message::new(*.0))]
    NotFound(&'static str),
    /// Nobody is signed in, and somebody has to be.
    #[error("sign in first")]
    SignInNeeded,
    /// Signed in, but without the right to do this: the key of the message `forbidden-…`.
    #[error("{}", Message::new(*.0))]
    Forbidden(&'static str),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A peer could not be asked.
    #[error("{0}")]
    Peer(Message),
    /// What the node itself wrote cannot be read back: a fault of the program or of the disk.
    #[error("stored {what} cannot be read: {detail}")]
    Corrupt { what: &'static str, detail: String },
}

impl ActionError {
    pub fn refused(code: &'static str, message: impl Into<Message>) -> Self {
        Self::Refused(Refusal::new(code, message))
    }

    /// For `map_err` on reading back what this node stored.
    pub fn corrupt<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Corrupt { what, detail: error.to_string() }
    }
}

pub type Result<T, E = ActionError> = std::result::Result<T, E>;
