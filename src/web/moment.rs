//! Times for people: a `<time>` element in UTC that the script turns into local time, and distances in words.

use fluent_bundle::FluentArgs;
use folkmoot_governance::id::Time;
use minijinja::{Error, ErrorKind};

use super::render::escape;
use crate::words::Texts;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A whole number of the unit that says most: (`seconds`, `minutes`, `hours` or `days`, how many).
/// Rounded down, so that nobody is promised time that is not there; a day and a half is 36 hours.
pub fn distance(seconds: i64) -> (&'static str, i64) {
    match seconds.max(0) {
        s if s < 2 * MINUTE => ("seconds", s),
        s if s < 2 * HOUR => ("minutes", s / MINUTE),
        s if s < 2 * DAY => ("hours", s / HOUR),
        s => ("days", s / DAY),
    }
}

/// Reads the time that a view model carries as text.
pub fn parse(text: &str) -> Result<Time, Error> {
    text.parse().map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("{error}")))
}

/// "Thu 26 Nov 2026, 17:00 UTC"
fn utc_words(texts: &Texts, time: Time) -> Result<String, Error> {
    Ok(texts.say("time-utc", &parts(time))?)
}

fn parts(time: Time) -> FluentArgs<'static> {
    let iso = time.to_string();
    let mut arguments = FluentArgs::new();
    // 1970-01-01 was a Thursday; 1 is Monday.
    arguments.set("weekday", (time.0.div_euclid(DAY) + 3).rem_euclid(7) + 1);
    arguments.set("day", iso[8..10].trim_start_matches('0').to_owned());
    arguments.set("month", iso[5..7].parse::<i64>().unwrap_or_default());
    arguments.set("year", iso[..4].to_owned());
    arguments.set("clock", iso[11..16].to_owned());
    arguments
}

/// "26 Nov 2026"
fn day_words(texts: &Texts, time: Time) -> Result<String, Error> {
    Ok(texts.say("day-utc", &parts(time))?)
}

/// `<time datetime="2026-11-26T17:00:00Z">Thu 26 Nov 2026, 17:00 UTC</time>`
pub fn element(texts: &Texts, time: Time) -> Result<String, Error> {
    Ok(format!("<time datetime=\"{time}\">{}</time>", escape(&utc_words(texts, time)?)))
}

/// The same for a moment by which something has to be done: the script says whose time it shows.
pub fn due_element(texts: &Texts, time: Time) -> Result<String, Error> {
    Ok(format!("<time class=\"due\" datetime=\"{time}\">{}</time>", escape(&utc_words(texts, time)?)))
}

/// A day without an hour, as review dates are.
pub fn day_element(texts: &Texts, time: Time) -> Result<String, Error> {
    let day = &time.to_string()[..10];
    Ok(format!("<time datetime=\"{day}\">{}</time>", escape(&day_words(texts, time)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_rounded_down_to_a_telling_unit() {
        for (seconds, words) in [
            (-5, ("seconds", 0)),
            (90, ("seconds", 90)),
            (2 * MINUTE, ("minutes", 2)),
            (2 * HOUR - 1, ("minutes", 119)),
            (2 * DAY - 1, ("hours", 47)),
            (3 * DAY - 1, ("days", 2)),
        ] {
            assert_eq!(distance(seconds), words);
        }
    }

    #[test]
    fn a_time_names_its_weekday() {
        let texts = Texts::load("en");
        let words = utc_words(&texts, parse("2026-11-26T17:05:00Z").expect("a time")).expect("said");
        assert_eq!(words, "Thu 26 Nov 2026, 17:05 UTC");
        assert!(element(&texts, Time(0)).expect("said").contains("Thu 1 Jan 1970"));
        assert!(day_element(&texts, Time(0)).expect("said").contains("=\"1970-01-01\">1 Jan 1970<"));
    }
}
