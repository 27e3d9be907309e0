//! iCalendar (RFC 5545) as text. Pure.

use folkmoot_governance::id::Time;

/// Octets of a content line before it is folded, section 3.1.
const LINE_OCTETS: usize = 75;

/// Something at one moment.
#[derive(Debug, Clone)]
pub struct Event {
    /// The same for ever, so that a changed event replaces the old one.
    pub uid: String,
    pub stamp: Time,
    pub at: Time,
    pub summary: String,
    pub url: String,
}

/// The calendar as a document.
pub fn write(name: &str, events: &[Event]) -> String {
    let mut text = String::new();
    let mut line = |content: &str| text.push_str(&folded(content));
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Folkmoot//Folkmoot//EN");
    line("CALSCALE:GREGORIAN");
    line("METHOD:PUBLISH");
    line(&format!("X-WR-CALNAME:{}", escaped(name)));
    for event in events {
        line("BEGIN:VEVENT");
        line(&format!("UID:{}", escaped(&event.uid)));
        line(&format!("DTSTAMP:{}", moment(event.stamp)));
        // Without an end it is a moment, section 3.6.1.
        line(&format!("DTSTART:{}", moment(event.at)));
        line(&format!("SUMMARY:{}", escaped(&event.summary)));
        line(&format!("URL:{}", event.url));
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }
    line("END:VCALENDAR");
    text
}

/// `2026-11-23T18:00:00Z` → `20261123T180000Z`.
fn moment(time: Time) -> String {
    time.to_string().replace(['-', ':'], "")
}

/// A value of the type TEXT, section 3.3.11.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' | '\r' => escaped.push_str("\\n"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A content line, folded between characters so that no line has more than 75 octets, with its end.
fn folded(content: &str) -> String {
    let mut folded = String::with_capacity(content.len() + 2);
    let mut octets = 0;
    for c in content.chars() {
        if octets + c.len_utf8() > LINE_OCTETS {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push(c);
        octets += c.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(summary: &str) -> Event {
        Event {
            uid: "0123456789abcdef-closes@a.example".into(),
            stamp: Time(0),
            at: Time(1_795_456_800),
            summary: summary.into(),
            url: "https://a.example/proposals/0123456789abcdef".into(),
        }
    }

    #[test]
    fn long_lines_are_folded_between_characters_and_unfold_to_the_same() {
        let summary = "é🗳".repeat(60);
        let text = write("Votes", &[event(&summary)]);
        assert!(text.split("\r\n").all(|line| line.len() <= LINE_OCTETS), "{text}");
        assert!(text.replace("\r\n ", "").contains(&format!("SUMMARY:{summary}\r\n")));
    }

    #[test]
    fn a_title_cannot_add_lines_of_its_own() {
        let text = write("Votes", &[event("One\r\nEND:VEVENT\nBEGIN:VEVENT; a, b\\c\u{7}")]);
        assert!(text.contains("SUMMARY:One\\nEND:VEVENT\\nBEGIN:VEVENT\\; a\\, b\\\\c \r\n"), "{text}");
        assert_eq!(text.matches("\r\nEND:VEVENT\r\n").count(), 1);
    }

    #[test]
    fn an_event_is_a_moment_in_utc() {
        let text = write("Votes", &[event("One")]);
        assert!(text.contains("\r\nDTSTART:20261123T180000Z\r\n") && text.contains("\r\nDTSTAMP:19700101T000000Z\r\n"));
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    }
}
