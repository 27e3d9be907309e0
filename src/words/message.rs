//! What is to be said to a person, before it is known in which language: the key of a message and what it says.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use fluent_bundle::{FluentArgs, FluentValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Texts, fallback};

/// A message of the locale files with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub key: Cow<'static, str>,
    pub arguments: BTreeMap<Cow<'static, str>, Argument>,
}

/// What stands in a message for `{ $name }`. Text is never read as a message, whatever it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Argument {
    Number(i64),
    Text(String),
    /// Whole sentences, one after the other.
    Messages(Vec<Message>),
}

impl Message {
    pub fn new(key: impl Into<Cow<'static, str>>) -> Self {
        Self { key: key.into(), arguments: BTreeMap::new() }
    }

    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Argument>) -> Self {
        self.arguments.insert(name.into(), value.into());
        self
    }

    /// With something that is written the same in every language: an id, an address, a time, the words of a library.
    #[must_use]
    pub fn naming(self, name: &'static str, value: impl fmt::Display) -> Self {
        self.with(name, value.to_string())
    }

    /// What the core refuses, as it serialises: the message `unfit-AREA-CODE`, whose arguments are the other fields.
    pub fn unfit(area: &str, refused: Value) -> Self {
        let Value::Object(mut fields) = refused else { return Self::new(format!("unfit-{area}")) };
        let code = fields.remove("code").unwrap_or_default();
        let message = Self::new(format!("unfit-{area}-{}", code.as_str().unwrap_or_default()));
        fields.into_iter().fold(message, |message, (name, value)| match value {
            Value::String(text) => message.with(name, text),
            // What is wrong with a charter, within the refusal of a proposal.
            Value::Object(_) => message.with(name, vec![Self::unfit("charter", value)]),
            other => message.with(name, other.as_i64().map_or_else(|| other.to_string().into(), Argument::Number)),
        })
    }
}

impl From<&'static str> for Message {
    fn from(key: &'static str) -> Self {
        Self::new(key)
    }
}

/// In the fallback language: for logs and the command line.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&fallback().tell(self))
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<Message>> for Argument {
    fn from(messages: Vec<Message>) -> Self {
        Self::Messages(messages)
    }
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Argument {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Number)
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

impl Texts {
    /// The message in plain text. One that is not there is a fault of the program; then its key says at least what it is.
    pub fn tell(&self, message: &Message) -> String {
        let value = |argument: &Argument| match argument {
            Argument::Number(number) => FluentValue::from(*number),
            Argument::Text(text) => FluentValue::from(text.clone()),
            Argument::Messages(messages) => FluentValue::from(self.tell_all(messages)),
        };
        let arguments: FluentArgs<'_> =
            message.arguments.iter().map(|(name, argument)| (name.as_ref(), value(argument))).collect();
        self.say(&message.key, &arguments).unwrap_or_else(|unsaid| {
            tracing::error!(%unsaid, "a message cannot be told");
            message.key.to_string()
        })
    }

    /// Whole sentences, one after the other.
    pub fn tell_all(&self, messages: &[Message]) -> String {
        let told: Vec<String> = messages.iter().map(|message| self.tell(message)).collect();
        told.join(" ")
    }
}
