//! What can be done with a proposal: put it to the vote, extend the vote, challenge an urgent call, take it back.

use folkmoot_governance::id::Time;
use serde::Serialize;

use super::form::{Choice, Fields, Problems};
use super::render::Page;

/// The last look before a draft is frozen and voting opens.
#[derive(Debug, Serialize)]
pub struct OpenPage {
    pub title: String,
    pub url: String,
    pub action: String,
    pub type_name: String,
    pub article: String,
    pub version: u32,
    pub minimum_seconds: i64,
    /// When voting opens if it is called now, and closes at the earliest.
    pub opens: Time,
    pub earliest: Time,
    pub electorate: Vec<ClassSize>,
    pub form: OpenForm,
    pub problems: Problems,
}

impl Page for OpenPage {
    const TEMPLATE: &'static str = "open.html";
}

#[derive(Debug, Serialize)]
pub struct ClassSize {
    pub name: String,
    pub members: u32,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct OpenForm {
    /// `minimum` or `later`.
    pub when: String,
    /// `2026-12-01T18:00` in UTC.
    pub closes: String,
}

impl OpenForm {
    pub fn read(fields: &Fields) -> Self {
        Self { when: fields.line("when"), closes: fields.line("closes") }
    }
}

/// One deed that needs a reason, before it is done.
#[derive(Debug, Serialize)]
pub struct DeedPage {
    pub kind: DeedKind,
    pub title: String,
    pub url: String,
    pub action: String,
    pub closes: Time,
    /// Members for whom it may be done; shown where there is a choice.
    pub voters: Vec<Choice>,
    pub form: DeedForm,
    pub problems: Problems,
}

impl Page for DeedPage {
    const TEMPLATE: &'static str = "deed.html";
}

/// The messages are `deed-KIND-title`, `deed-KIND-text` and `do-KIND`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeedKind {
    Extend,
    Challenge,
    Withdraw,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct DeedForm {
    pub reason: String,
    /// Only for an extension: `2026-12-01T18:00` in UTC.
    pub closes: String,
    pub voter: String,
}

impl DeedForm {
    pub fn read(fields: &Fields) -> Self {
        Self { reason: fields.text("reason"), closes: fields.line("closes"), voter: fields.line("voter") }
    }
}

/// A moment as a `datetime-local` field gives it, read as UTC.
pub fn parse_utc(field: &str) -> Option<Time> {
    let seconds = if field.len() == 16 { ":00Z" } else { "Z" };
    format!("{field}{seconds}").parse().ok()
}

/// The moment as such a field wants it.
pub fn utc_field(time: Time) -> String {
    time.to_string()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn a_field_with_a_time_is_read_as_utc() {
        assert_eq!(parse_utc("2026-12-01T18:00"), Some(sample::time("2026-12-01T18:00:00Z")));
        assert_eq!(parse_utc("2026-12-01T18:00:30"), Some(sample::time("2026-12-01T18:00:30Z")));
        assert_eq!(parse_utc("tomorrow"), None);
        assert_eq!(utc_field(sample::time("2026-12-01T18:00:30Z")), "2026-12-01T18:00");
    }

    #[test]
    fn who_opens_a_vote_sees_what_is_frozen() {
        let html = sample::render(&sample::member(), &sample::open());
        assert!(html.contains("7 days") && html.contains("20 members"), "{html}");
    }

    #[test]
    fn every_deed_says_what_it_does_before_it_is_done() {
        for kind in [DeedKind::Extend, DeedKind::Challenge, DeedKind::Withdraw] {
            let html = sample::render(&sample::member(), &sample::deed(kind));
            assert_eq!(html.contains("name=\"closes\""), kind == DeedKind::Extend, "{html}");
            assert!(html.contains("name=\"reason\""), "{html}");
        }
    }
}
