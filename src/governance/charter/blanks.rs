//! The blanks of the founding document: what carries a default until the members decide.

use serde::Serialize;
use serde_json::Value;

use super::path::resolve;
use super::{Charter, Provisional};

/// One blank with the default that holds for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blank {
    pub path: String,
    /// The value in force, short: text as it is, numbers and lists as JSON; empty where nothing is there.
    pub value: String,
    pub why: String,
}

impl Charter {
    /// Every setting that is marked provisional.
    pub fn blanks(&self) -> Vec<Blank> {
        let whole = self.to_value();
        let blank = |Provisional { path, why }: &Provisional| {
            let value = resolve(&whole, path).map(shown).unwrap_or_default();
            Blank { path: path.clone(), value, why: why.clone() }
        };
        self.provisional.iter().map(blank).collect()
    }

    /// Its JSON.
    pub(super) fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("a charter has text keys only")
    }
}

/// A value for people: an article shows its text.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => match members.get("text") {
            Some(Value::String(text)) => text.clone(),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}
