//! What an action answers when it does not do what was asked: a refusal is a value for the person, anything else a fault.

use std::borrow::Cow;

use serde::Serialize;

use crate::storage;

/// A refusal in words that a member can read: what happened and what to do. `code` is for machines and never changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub code: Cow<'static, str>,
    pub message: String,
    /// The form field it is about, where there is one.
    pub field: Option<&'static str>,
}

impl Refusal {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), message: message.into(), field: None }
    }

    /// From a refusal of the core's rules, which carry their own words and serialise with their code.
    pub fn of_rule<R: Serialize + std::fmt::Display>(rule: &R) -> Self {
        let value = serde_json::to_value(rule).unwrap_or_default();
        let code = value["code"].as_str().unwrap_or("rule").to_owned();
        Self { code: Cow::Owned(code), message: rule.to_string(), field: None }
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
    /// There is no such thing, or this person may not know of it.
    #[error("{0} was not found")]
    NotFound(&'static str),
    /// Nobody is signed in, and somebody has to be.
    #[error("sign in first")]
    SignInNeeded,
    /// Signed in, but without the right to do this.
    #[error("{0}")]
    Forbidden(&'static str),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// A peer could not be asked.
    #[error("{0}")]
    Peer(String),
    /// What the node itself wrote cannot be read back: a fault of the program or of the disk.
    #[error("stored {what} cannot be read: {detail}")]
    Corrupt { what: &'static str, detail: String },
}

impl ActionError {
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused(Refusal::new(code, message))
    }

    /// For `map_err` on reading back what this node stored.
    pub fn corrupt<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Corrupt { what, detail: error.to_string() }
    }
}

pub type Result<T, E = ActionError> = std::result::Result<T, E>;
