//! The blanks of the founding document: what carries a default until the members decide.

use serde_json::Value;

use super::path::{id_of, resolve};
use super::{Charter, Provisional, Setting};

/// One blank with the default that holds for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    pub path: String,
    /// The value in force; an empty text where nothing is there.
    pub value: Setting,
    pub why: String,
}

impl Charter {
    /// Every setting that is marked provisional.
    pub fn blanks(&self) -> Vec<Blank> {
        let whole = self.to_value();
        let blank = |Provisional { path, why }: &Provisional| {
            let value = resolve(&whole, path).map(|value| Setting::of(path, value));
            let value = value.unwrap_or_else(|| Setting::Text(String::new()));
            Blank { path: path.clone(), value, why: why.clone() }
        };
        self.provisional.iter().map(blank).collect()
    }

    /// The settings at `path` that can be typed one by one, with what holds now: `path` itself, or what lies below it.
    pub fn settings(&self, path: &str) -> Vec<(String, Setting)> {
        let mut found = Vec::new();
        if let Some(value) = resolve(&self.to_value(), path) {
            collect(path, value, &mut found);
        }
        found
    }

    /// Its JSON.
    pub(super) fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("a charter has text keys only")
    }
}

/// Most settings below one place that are listed.
const SETTINGS_MOST: usize = 60;

fn collect(path: &str, value: &Value, found: &mut Vec<(String, Setting)>) {
    let typed = match value {
        Value::String(_) | Value::Number(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        Value::Object(members) => members.contains_key("text") || members.contains_key("strict"),
        Value::Bool(_) | Value::Null => false,
    };
    if found.len() == SETTINGS_MOST {
        return;
    }
    match value {
        _ if typed => found.push((path.to_owned(), Setting::of(path, value))),
        // An id names its item and never changes.
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| *name != "id") {
                collect(&format!("{path}.{name}"), member, found);
            }
        }
        Value::Array(items) => {
            for (id, item) in items.iter().filter_map(|item| Some((id_of(item)?, item))) {
                collect(&format!("{path}.{id}"), item, found);
            }
        }
        _ => {}
    }
}
