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

/// Units of time by the names that the message `duration` knows, the largest first, with their seconds.
pub(super) const UNITS: [(&str, i64); 4] = [("days", 86_400), ("hours", 3600), ("minutes", 60), ("seconds", 1)];

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

    /// With a duration in its largest whole unit, in words: 604 800 seconds are 7 days, 5 400 are 90 minutes.
    #[must_use]
    pub fn lasting(self, name: &'static str, seconds: i64) -> Self {
        self.with(name, vec![Self::duration(seconds)])
    }

    /// A duration in words: `3 days`, `1 second`.
    pub fn duration(seconds: i64) -> Self {
        let fits = |(_, size): &&(&str, i64)| seconds != 0 && seconds % size == 0;
        let (unit, size) = UNITS.iter().find(fits).copied().unwrap_or(("seconds", 1));
        Self::new("duration").with("unit", unit).with("count", seconds / size)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact_and_named_by_their_largest_unit() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (90, "90 seconds"),
            (600, "10 minutes"),
            (3600, "1 hour"),
            (129_600, "36 hours"),
            (604_800, "7 days"),
        ] {
            assert_eq!(Message::duration(seconds).to_string(), words);
        }
    }
}
