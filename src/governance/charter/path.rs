//! Dotted paths into a charter: `types.urgent.threshold`, `articles.2.4`. Lists of things with an `id` are entered
//! by that id, which may have dots of its own.

use serde_json::Value;

/// The value at `path`, if there is one.
pub(super) fn resolve<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(value);
    }
    match value {
        Value::Object(members) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            resolve(members.get(first)?, rest)
        }
        Value::Array(items) => {
            let entered = items.iter().filter_map(|item| Some((item, after(path, id_of(item)?)?)));
            // Of "2" and "2.4" the longer one is meant.
            let (item, rest) = entered.min_by_key(|(_, rest)| rest.len())?;
            resolve(item, rest)
        }
        _ => None,
    }
}

/// The id by which a list item is entered.
pub(super) fn id_of(item: &Value) -> Option<&str> {
    item.get("id")?.as_str()
}

/// What follows `id` in the path.
fn after<'p>(path: &'p str, id: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(id)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}
