//! Strict JSON: bytes become a value only where every reader must understand them alike; canonical bytes (RFC 8785).
//! Refuses what parsers disagree about: duplicate keys, fractions, large integers, lone surrogates, deep nesting.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::Serialize;
use serde_json::{Map, Value};

/// Deepest nesting of objects and lists; a list in an object is at depth 2.
pub const MAX_DEPTH: usize = 32;

/// Largest magnitude of an integer, 2^53 − 1: beyond it JavaScript and RFC 8785 round.
pub const MAX_INTEGER: u64 = 9_007_199_254_740_991;

/// Why bytes are not JSON of the strict profile, in words for the sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("{length} bytes of JSON, at most {limit} are read")]
    TooLong { length: usize, limit: usize },
    /// The reason, with line and column where the parser knows them.
    #[error("{0}")]
    Refused(String),
}

/// Reads one JSON document of at most `limit` bytes; white space around it is allowed, anything else is not.
pub fn parse(bytes: &[u8], limit: usize) -> Result<Value, JsonError> {
    if bytes.len() > limit {
        return Err(JsonError::TooLong { length: bytes.len(), limit });
    }
    let refused = |error: serde_json::Error| JsonError::Refused(error.to_string());
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }.deserialize(&mut deserializer).map_err(refused)?;
    deserializer.end().map_err(refused)?;
    Ok(value)
}

/// The rules of [`parse`] for a value that somebody else parsed: depth and numbers.
pub fn check(value: &Value) -> Result<(), JsonError> {
    check_at(value, 0)
}

/// Canonical bytes after RFC 8785.
///
/// # Panics
/// Where `value` has no JSON form, such as a map with keys that are not text. None of our types is so.
pub fn canonical<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("our types have a JSON form")
}

fn check_at(value: &Value, depth: usize) -> Result<(), JsonError> {
    let refused = |reason: &str| Err(JsonError::Refused(reason.to_owned()));
    match value {
        Value::Array(_) | Value::Object(_) if depth == MAX_DEPTH => refused(TOO_DEEP),
        Value::Array(items) => items.iter().try_for_each(|item| check_at(item, depth + 1)),
        Value::Object(members) => members.values().try_for_each(|member| check_at(member, depth + 1)),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(positive), _) if positive <= MAX_INTEGER => Ok(()),
            (None, Some(negative)) if negative.unsigned_abs() <= MAX_INTEGER => Ok(()),
            (None, None) => refused(NOT_WHOLE),
            _ => refused(TOO_LARGE),
        },
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

const TOO_DEEP: &str = "objects and lists nested deeper than 32";
const NOT_WHOLE: &str = "a number that is not whole, or has a fraction or exponent, or is beyond 2^53 - 1";
const TOO_LARGE: &str = "an integer beyond 2^53 - 1";

/// Builds a value and refuses while building; `depth` containers are open around it.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH { Err(E::custom(TOO_DEEP)) } else { Ok(Self { depth: self.depth + 1 }) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value <= MAX_INTEGER { Ok(Value::from(value)) } else { Err(E::custom(TOO_LARGE)) }
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() <= MAX_INTEGER { Ok(Value::from(value)) } else { Err(E::custom(TOO_LARGE)) }
    }

    // serde_json hands over as f64 whatever has a `.` or an `e`, `-0`, and integers beyond 64 bits.
    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Value, E> {
        Err(E::custom(NOT_WHOLE))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                let name: String = name.chars().take(80).collect();
                return Err(A::Error::custom(format_args!("the key {name:?} twice in one object")));
            }
            object.insert(name, members.next_value_seed(inside)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check_refused(text: &str, reason: &str) {
        let error = parse(text.as_bytes(), 1000).expect_err(text).to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }

    #[test]
    fn what_readers_disagree_about_is_refused() {
        check_refused(r#"{"a":1,"a":1}"#, "the key \"a\" twice");
        check_refused(r#"{"a":1,"\u0061":2}"#, "the key \"a\" twice");
        check_refused(r#"[{"b":{"a":null,"c":[],"a":null}}]"#, "twice");
        for number in ["1.0", "0.5", "-0.0", "-0", "1e2", "1E-2", "18446744073709551616", "1e400"] {
            check_refused(number, "number");
            check_refused(&format!("[{{\"a\":{number}}}]"), "number");
        }
        for number in ["9007199254740992", "-9007199254740992", "18446744073709551615", "-9223372036854775808"] {
            check_refused(number, "an integer beyond 2^53 - 1");
        }
        for text in [r#""\ud800""#, r#""\udc00""#, r#""\ud800\ud800""#, r#"{"\ud800":1}"#, r#""\ud800x""#] {
            check_refused(text, "at line 1");
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            " ",
            "nul",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "'a'",
            "01",
            "+1",
            "NaN",
            "\u{feff}{}",
            "\"\n\"",
            "[1]//",
            "\"\\x\"",
        ] {
            assert!(parse(text.as_bytes(), 1000).is_err(), "{text}");
        }
        for bytes in [&b"\"\xff\""[..], b"\"\xed\xa0\x80\"", b"\"\xc0\x80\""] {
            assert!(parse(bytes, 1000).is_err(), "not UTF-8: {bytes:?}");
        }
    }

    #[test]
    fn bytes_after_the_document_are_refused_and_white_space_is_not() {
        check_refused("{}{}", "trailing");
        check_refused("1 1", "trailing");
        check_refused("{}\0", "trailing");
        assert_eq!(parse(b" {} \r\n\t", 1000), Ok(json!({})));
    }

    #[test]
    fn nesting_ends_at_thirty_two() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let objects = |depth| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(parse(nested(32).as_bytes(), 1000).is_ok());
        assert!(parse(objects(32).as_bytes(), 1000).is_ok());
        check_refused(&nested(33), "nested deeper than 32");
        check_refused(&objects(33), "nested deeper than 32");
        let deep: Value = serde_json::from_str(&nested(33)).expect("JSON");
        assert!(check(&deep).is_err() && check(&deep[0]).is_ok());
        // Deeper than any stack: refused on the way in.
        check_refused(&"[".repeat(900), "nested deeper");
    }

    #[test]
    fn the_limit_is_kept_to_the_byte() {
        assert_eq!(parse(b"[10]", 4), Ok(json!([10])));
        assert_eq!(parse(b"[10]", 3), Err(JsonError::TooLong { length: 4, limit: 3 }));
    }

    #[test]
    fn integers_are_exact_up_to_the_limit() {
        for text in ["0", "1", "-1", "9007199254740991", "-9007199254740991"] {
            let value = parse(text.as_bytes(), 1000).expect(text);
            assert_eq!(canonical(&value), text.as_bytes());
            assert_eq!(check(&value), Ok(()));
        }
        for value in [json!(0.5), json!(1.0), json!(u64::MAX), json!(i64::MIN), json!([{"a": -0.0}])] {
            assert!(check(&value).is_err(), "{value}");
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let integer = -9_007_199_254_740_991_i64..=9_007_199_254_740_991;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            integer.prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn canonical_bytes_parse_back_and_are_their_own_canonical_form(value in values()) {
            let bytes = canonical(&value);
            let parsed = parse(&bytes, usize::MAX);
            prop_assert_eq!(parsed.as_ref(), Ok(&value));
            prop_assert_eq!(canonical(&parsed.expect("compared")), bytes);
            let pretty = serde_json::to_vec_pretty(&value).expect("JSON");
            prop_assert_eq!(parse(&pretty, usize::MAX), Ok(value));
        }

        #[test]
        fn what_is_accepted_is_what_serde_json_reads(text in "[\\[\\]{}:,\"a\\\\u0-9. -]{0,24}") {
            if let Ok(value) = parse(text.as_bytes(), 100) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
            }
        }
    }
}
