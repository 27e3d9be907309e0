//! What an amendment changes, setting by setting, so that people vote on a list and not on a file.

use std::collections::BTreeMap;

use serde_json::Value;

use super::path::id_of;
use super::{Charter, Setting};

/// One changed setting. `None` where it is new or gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    pub old: Option<Setting>,
    pub new: Option<Setting>,
}

/// Every setting in which the charters differ, by path. The version number is left out: it always changes.
pub fn difference(old: &Charter, new: &Charter) -> Vec<Change> {
    let (old, new) = (leaves(old), leaves(new));
    let mut changes = Vec::new();
    for (path, value) in &old {
        if new.get(path) != Some(value) {
            changes.push(Change { path: path.clone(), old: Some(value.clone()), new: new.get(path).cloned() });
        }
    }
    for (path, value) in &new {
        if !old.contains_key(path) {
            changes.push(Change { path: path.clone(), old: None, new: Some(value.clone()) });
        }
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

fn leaves(charter: &Charter) -> BTreeMap<String, Setting> {
    let mut found = BTreeMap::new();
    collect("", &charter.to_value(), &mut found);
    found.remove("version");
    found
}

fn collect(path: &str, value: &Value, found: &mut BTreeMap<String, Setting>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        // A threshold is one value of two parts, and an amendment of it is one change.
        Value::Object(members) if !members.contains_key("strict") => {
            members.iter().for_each(|(name, member)| collect(&below(name), member, found))
        }
        Value::Array(items) if !items.is_empty() && items.iter().all(|item| key_of(item).is_some()) => {
            for item in items {
                collect(&below(key_of(item).unwrap_or_default()), item, found);
            }
        }
        other => {
            found.insert(path.to_owned(), Setting::of(path, other));
        }
    }
}

/// A list item is known by its id, a provisional entry by its path.
fn key_of(item: &Value) -> Option<&str> {
    id_of(item).or_else(|| item.get("path")?.as_str())
}
