//! The blanks of the founding document: what carries a default until the members decide.

use serde::Serialize;
use serde_json::{Map, Value};

use super::path::{id_of, resolve};
use super::{Charter, Provisional};

/// One blank with the default that holds for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blank {
    pub path: String,
    /// The value in force, for people; empty where nothing is there.
    pub value: String,
    pub why: String,
}

impl Charter {
    /// Every setting that is marked provisional.
    pub fn blanks(&self) -> Vec<Blank> {
        let whole = self.to_value();
        let blank = |Provisional { path, why }: &Provisional| {
            let value = resolve(&whole, path).map(|value| shown(path, value)).unwrap_or_default();
            Blank { path: path.clone(), value, why: why.clone() }
        };
        self.provisional.iter().map(blank).collect()
    }

    /// The settings at `path` that can be typed one by one, with what holds now: `path` itself, or what lies below it.
    pub fn settings(&self, path: &str) -> Vec<(String, String)> {
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

fn collect(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
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
        _ if typed => found.push((path.to_owned(), shown(path, value))),
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

/// A value for people: durations by their unit, thresholds and lists in words, an article by its text.
pub(super) fn shown(path: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_i64() {
            Some(seconds) if path.ends_with("_seconds") => duration(seconds),
            _ => number.to_string(),
        },
        Value::Array(items) => items.iter().map(|item| shown_item(path, item)).collect::<Vec<_>>().join(", "),
        Value::Object(members) => shown_object(path, members),
        Value::Bool(_) | Value::Null => value.to_string(),
    }
}

/// An item of a list, by its name where it has one.
fn shown_item(path: &str, item: &Value) -> String {
    match item.get("name") {
        Some(Value::String(name)) => name.clone(),
        _ => shown(path, item),
    }
}

fn shown_object(path: &str, members: &Map<String, Value>) -> String {
    if let Some(Value::String(text)) = members.get("text") {
        return text.clone();
    }
    if let (Some(Value::String(fraction)), Some(Value::Bool(strict))) = (members.get("fraction"), members.get("strict"))
    {
        return format!("{} {fraction}", if *strict { "more than" } else { "at least" });
    }
    let member = |(name, value): (&String, &Value)| {
        format!("{}: {}", name.trim_end_matches("_seconds").replace('_', " "), shown(&format!("{path}.{name}"), value))
    };
    members.iter().map(member).collect::<Vec<_>>().join("; ")
}

/// `3 days`, `36 hours`, `10 minutes`, `1 second`: the largest unit that divides it.
pub(super) fn duration(seconds: i64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let fits = |(size, _): &&(i64, &str)| seconds != 0 && seconds % size == 0;
    let (size, unit) = units.iter().find(fits).copied().unwrap_or((1, "second"));
    let amount = seconds / size;
    if amount == 1 { format!("1 {unit}") } else { format!("{amount} {unit}s") }
}
