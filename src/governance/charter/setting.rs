//! What stands at one place of a charter, as it is and without words: they belong to the language of the reader.

use serde_json::{Map, Value};

use super::Threshold;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// A text, a fraction, or a name as charter files write it, such as `public`.
    Text(String),
    Number(i64),
    Seconds(i64),
    Flag(bool),
    Threshold(Threshold),
    List(Vec<Setting>),
    /// Several settings by their names in charter files, such as `minimum_seconds`.
    Parts(Vec<(String, Setting)>),
}

impl Setting {
    /// The value at `path`; an item of a list is known by its name where it has one, an article by its text.
    pub(super) fn of(path: &str, value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            Value::Number(number) => match number.as_i64() {
                Some(seconds) if path.ends_with("_seconds") => Self::Seconds(seconds),
                Some(number) => Self::Number(number),
                None => Self::Text(number.to_string()),
            },
            Value::Array(items) => Self::List(items.iter().map(|item| Self::of_item(path, item)).collect()),
            Value::Object(members) => Self::of_object(path, value, members),
            Value::Bool(on) => Self::Flag(*on),
            Value::Null => Self::Text(String::new()),
        }
    }

    fn of_item(path: &str, item: &Value) -> Self {
        match item.get("name") {
            Some(Value::String(name)) => Self::Text(name.clone()),
            _ => Self::of(path, item),
        }
    }

    fn of_object(path: &str, value: &Value, members: &Map<String, Value>) -> Self {
        if let Some(Value::String(text)) = members.get("text") {
            return Self::Text(text.clone());
        }
        if let Ok(threshold) = serde_json::from_value(value.clone()) {
            return Self::Threshold(threshold);
        }
        let part = |(name, value): (&String, &Value)| (name.clone(), Self::of(&format!("{path}.{name}"), value));
        Self::Parts(members.iter().map(part).collect())
    }
}
