//! Identifiers as newtypes: digests, consortium, node, member and journal ids, and time.
//! Every one of them parses strictly and prints back to the same bytes.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// Why a piece of text is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} expected, found {found:?}")]
pub struct IdError {
    what: &'static str,
    found: String,
}

impl IdError {
    fn new(what: &'static str, found: &str) -> Self {
        let found = found.chars().take(80).collect();
        Self { what, found }
    }
}

/// A SHA-256 value; written as 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// From raw bytes as a database keeps them; refuses any length but 32.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, IdError> {
        let bytes = bytes.try_into().map_err(|_| IdError::new("32 bytes of a digest", ""))?;
        Ok(Self(bytes))
    }

    /// The first `n` hexadecimal digits, for people; never for comparing.
    pub fn short(&self, n: usize) -> String {
        self.to_string()[..n.min(64)].to_owned()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError::new("a digest of 64 lowercase hexadecimal digits", text);
        let nibble = |c: u8| match c {
            b'0'..=b'9' => Ok(c - b'0'),
            b'a'..=b'f' => Ok(c - b'a' + 10),
            _ => Err(wrong()),
        };
        let text_bytes = text.as_bytes();
        if text_bytes.len() != 64 {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text_bytes.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

/// The name of a consortium: `ni:///sha-256;…` (RFC 6920) of its canonical genesis. No host owns it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsortiumId(pub Digest);

const NI_PREFIX: &str = "ni:///sha-256;";

impl fmt::Display for ConsortiumId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NI_PREFIX}{}", URL_SAFE_NO_PAD.encode(self.0.0))
    }
}

impl fmt::Debug for ConsortiumId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ConsortiumId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError::new("a consortium id (ni:///sha-256;…)", text);
        let encoded = text.strip_prefix(NI_PREFIX).ok_or_else(wrong)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| wrong())?;
        let id = Self(Digest::from_slice(&bytes).map_err(|_| wrong())?);
        if id.to_string() == text { Ok(id) } else { Err(wrong()) }
    }
}

/// A node: the address of its ActivityPub actor, such as `https://coop.example/actor`. At most 255 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(String);

impl NodeId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port, as in `coop.example` or `127.0.0.1:4001`.
    pub fn authority(&self) -> &str {
        let rest = self.0.split_once("://").expect("checked when parsed").1;
        rest.split('/').next().unwrap_or(rest)
    }

    /// The node's base address without a trailing slash: `https://coop.example`.
    pub fn base(&self) -> &str {
        let scheme = self.0.find("://").expect("checked when parsed") + 3;
        &self.0[..scheme + self.authority().len()]
    }
}

impl FromStr for NodeId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError::new("the http(s) address of a node's actor", text);
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or_else(wrong)?;
        let (authority, path) = rest.split_once('/').ok_or_else(wrong)?;
        let host_ok = !authority.is_empty()
            && authority.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b));
        let path_ok = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b));
        if text.len() <= 255 && host_ok && path_ok { Ok(Self(text.to_owned())) } else { Err(wrong()) }
    }
}

/// A member on the roll: an opaque name of 1 to 64 characters out of `a-z 0-9 -`, chosen by the sponsor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(String);

impl MemberId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MemberId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(IdError::new("a member id (a-z, 0-9, -, at most 64)", text)) }
    }
}

/// A journal: the origin line of its checkpoints, `AUTHORITY/journals/CONSORTIUM/KEY` (both 16 hexadecimal digits).
/// One journal per node key: a node that changes its key starts a new journal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(String);

impl JournalId {
    /// The journal of `node` in `consortium` under the node's statement key (its 32 bytes).
    pub fn new(consortium: ConsortiumId, node: &NodeId, key: &[u8; 32]) -> Self {
        let (consortium, key) = (consortium.0.short(16), Digest::of(key).short(16));
        Self(format!("{}/journals/{consortium}/{key}", node.authority()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JournalId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError::new("a journal's origin", text);
        let hex16 = |s: &str| s.len() == 16 && s.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let mut parts = text.split('/');
        let (host, word, a, b) = (parts.next(), parts.next(), parts.next(), parts.next());
        let fits = text.len() <= 300
            && host.is_some_and(|h| !h.is_empty() && !h.bytes().any(|b| b <= b' ' || b == b'+' || b > b'~'))
            && word == Some("journals")
            && a.is_some_and(hex16)
            && b.is_some_and(hex16)
            && parts.next().is_none();
        if fits { Ok(Self(text.to_owned())) } else { Err(wrong()) }
    }
}

/// Seconds since 1970-01-01T00:00:00Z, between the years 1970 and 9999; written as `2026-11-23T18:00:00Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// The last representable second, 9999-12-31T23:59:59Z.
    pub const MAX: Time = Time(253_402_300_799);

    /// This time moved by `seconds`, kept inside the representable range.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(0, Self::MAX.0))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.clamp(0, Self::MAX.0);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Time {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = || IdError::new("a time such as 2026-11-23T18:00:00Z", text);
        if text.len() != 20 || !text.is_ascii() {
            return Err(wrong());
        }
        let number = |range: std::ops::Range<usize>| -> Result<i64, IdError> {
            let digits = &text[range];
            if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().map_err(|_| wrong()) } else { Err(wrong()) }
        };
        let days = days_from_civil(number(0..4)?, number(5..7)?, number(8..10)?);
        let time = Self(days * 86_400 + number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?);
        // Printing it back also refuses 31 June, hour 25, second 60, and wrong separators.
        if (0..=Self::MAX.0).contains(&time.0) && time.to_string() == text { Ok(time) } else { Err(wrong()) }
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`]: (year, month, day).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

macro_rules! text_form {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
text_form!(Digest, ConsortiumId, NodeId, MemberId, JournalId, Time);

macro_rules! shown_as_text {
    ($($name:ty),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
shown_as_text!(NodeId, MemberId, JournalId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_prints_what_it_parses() {
        for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2026-11-23T18:00:00Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(text.parse::<Time>().expect(text).to_string(), text);
        }
        assert_eq!("2026-11-23T18:00:00Z".parse(), Ok(Time(1_795_456_800)));
    }

    #[test]
    fn impossible_times_are_refused() {
        for text in [
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00.5Z",
            "+026-01-01T00:00:00Z",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }

    #[test]
    fn consortium_id_is_canonical() {
        let id = ConsortiumId(Digest::of(b"genesis"));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(format!("{id}=").parse::<ConsortiumId>().is_err());
    }

    #[test]
    fn node_id_knows_its_base() {
        let node: NodeId = "http://127.0.0.1:4001/actor".parse().expect("valid");
        assert_eq!((node.authority(), node.base()), ("127.0.0.1:4001", "http://127.0.0.1:4001"));
        for text in ["ftp://a/b", "https://a", "https://user@a/b", "https://A.example/actor", "https://a/b?c"] {
            assert!(text.parse::<NodeId>().is_err(), "{text}");
        }
    }
}
