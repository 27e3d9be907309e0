//! Amending one setting: a charter like another but for the value at one path, as somebody typed it. Words are read before
//! by whoever knows the language; here durations are `3 d` and thresholds `>= 2/3`.

use serde::Serialize;
use serde_json::Value;

use super::path::id_of;
use super::{Charter, Threshold};

/// Why a typed value does not fit its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Unfit {
    #[error("The charter has no place {path}.")]
    NoPlace { path: String },
    #[error("The value does not fit this place of the charter.")]
    OtherShape,
    #[error("Give a duration, such as 3 days or 36 hours.")]
    Duration,
    #[error("Give a whole number.")]
    Number,
    #[error("Write “at least 2/3” or “more than 1/2”.")]
    Threshold,
    #[error("Give the value as JSON.")]
    Json,
}

impl Charter {
    /// The next version, with `typed` at `path`, which is then no longer marked as provisional.
    pub fn amended(&self, path: &str, typed: &str) -> Result<Self, Unfit> {
        let mut whole = self.to_value();
        let place = enter(&mut whole, path).ok_or_else(|| Unfit::NoPlace { path: path.to_owned() })?;
        let value = fitting(path, place, typed.trim())?;
        *place = value;
        let mut amended: Self = serde_json::from_value(whole).map_err(|_| Unfit::OtherShape)?;
        amended.version += 1;
        amended.provisional.retain(|blank| blank.path != path);
        Ok(amended)
    }
}

/// As `resolve`, for writing.
fn enter<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    if path.is_empty() {
        return Some(value);
    }
    match value {
        Value::Object(members) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            enter(members.get_mut(first)?, rest)
        }
        Value::Array(items) => {
            let rest_of = |item: &Value| {
                let rest = path.strip_prefix(id_of(item)?)?;
                if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
            };
            let reached = items.iter().enumerate().filter_map(|(position, item)| Some((position, rest_of(item)?)));
            // Of "2" and "2.4" the longer one is meant.
            let (position, rest) = reached.min_by_key(|(_, rest)| rest.len())?;
            enter(items.get_mut(position)?, rest)
        }
        _ => None,
    }
}

/// The typed value in the shape of what stands there now.
fn fitting(path: &str, current: &Value, typed: &str) -> Result<Value, Unfit> {
    match current {
        Value::String(_) => Ok(Value::from(typed)),
        Value::Number(_) if path.ends_with("_seconds") => {
            let seconds = seconds(typed).ok_or(Unfit::Duration)?;
            Ok(Value::from(seconds))
        }
        Value::Number(_) => {
            let number: i64 = typed.parse().map_err(|_| Unfit::Number)?;
            Ok(Value::from(number))
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let listed = typed.split(['\n', ',']).map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::from(listed.collect::<Vec<_>>()))
        }
        Value::Object(members) if members.contains_key("text") => {
            let mut article = members.clone();
            article.insert("text".into(), Value::from(typed));
            Ok(Value::Object(article))
        }
        Value::Object(members) if members.contains_key("fraction") && members.contains_key("strict") => {
            let threshold = threshold(typed).ok_or(Unfit::Threshold)?;
            serde_json::to_value(threshold).map_err(|_| Unfit::Threshold)
        }
        _ => serde_json::from_str(typed).map_err(|_| Unfit::Json),
    }
}

/// `>= 2/3` or `> 1/2`.
fn threshold(typed: &str) -> Option<Threshold> {
    let typed = typed.replace('≥', ">=");
    let (strict, fraction) = match typed.strip_prefix(">=") {
        Some(fraction) => (false, fraction),
        None => (true, typed.strip_prefix('>')?),
    };
    Some(Threshold { fraction: fraction.trim().parse().ok()?, strict })
}

/// `3 d`, `36 h`, `10 min` or `30 s` in seconds.
fn seconds(typed: &str) -> Option<i64> {
    let (amount, unit) = typed.split_at(typed.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit.trim() {
        "d" => 86_400,
        "h" => 3600,
        "min" => 60,
        "s" => 1,
        _ => return None,
    };
    amount.parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fraction::Fraction;

    #[test]
    fn durations_and_thresholds_have_a_notation_without_words() {
        for (typed, expected) in [
            ("3 d", Some(259_200)),
            ("1h", Some(3600)),
            ("5 min", Some(300)),
            ("d", None),
            ("3", None),
            ("2 moons", None),
        ] {
            assert_eq!(seconds(typed), expected, "{typed}");
        }
        let read = |typed| threshold(typed).map(|found| (found.strict, found.fraction));
        assert_eq!(read(">= 2/3"), Some((false, Fraction::new(2, 3))));
        assert_eq!(read("≥2/3"), Some((false, Fraction::new(2, 3))));
        assert_eq!(read("> 1/2"), Some((true, Fraction::new(1, 2))));
        assert_eq!((read("2/3"), read("> 2/4"), read("many")), (None, None, None));
    }
}
