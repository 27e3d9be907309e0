//! What stands at one place of a charter, in words, and those words read back from a form.

use folkmoot_governance::charter::Setting;

use super::message::UNITS;
use super::{Message, Texts, fallback};

/// What holds the place of the share in a threshold that is being read; nobody types it.
const GAP: &str = "\u{fffc}";

/// A value for people; empty where nothing is there.
pub fn told(texts: &Texts, setting: &Setting) -> String {
    match setting {
        Setting::Text(text) => text.clone(),
        Setting::List(items) => items.iter().map(|item| told(texts, item)).collect::<Vec<_>>().join(", "),
        Setting::Parts(parts) => {
            let parts = parts.iter().map(|(field, value)| texts.tell(&part(field, told(texts, value))));
            parts.collect::<Vec<_>>().join("; ")
        }
        Setting::Number(number) => number.to_string(),
        Setting::Seconds(seconds) => texts.tell(&Message::duration(*seconds)),
        Setting::Flag(on) => texts.tell(&flag(*on)),
        Setting::Threshold(rule) => texts.tell(&threshold(rule.strict, &rule.fraction.to_string())),
    }
}

/// What somebody typed in the place of `current`, in the notation that the core reads. The words of this language and of
/// the fallback are understood; anything else is handed on as it is.
pub fn read(texts: &Texts, current: &Setting, typed: &str) -> String {
    let languages = [texts, fallback()];
    let read = match current {
        Setting::Seconds(_) => languages.iter().find_map(|texts| seconds(texts, typed)).map(|s| format!("{s} s")),
        Setting::Threshold(_) => languages.iter().find_map(|texts| share(texts, typed)),
        _ => None,
    };
    read.unwrap_or_else(|| typed.to_owned())
}

fn part(field: &str, value: String) -> Message {
    let name = field.trim_end_matches("_seconds").replace('_', " ");
    Message::new("setting-part").with("field", field).with("name", name).with("value", value)
}

fn flag(on: bool) -> Message {
    Message::new("setting-flag").naming("on", on)
}

fn threshold(strict: bool, share: &str) -> Message {
    Message::new("setting-threshold").naming("strict", strict).with("share", share)
}

/// A duration as the language says it: with a number, or with the word that stands for one or two.
fn seconds(texts: &Texts, typed: &str) -> Option<i64> {
    let said = |unit: &'static str, count: i64| {
        plain(&texts.tell(&Message::new("duration").with("unit", unit).with("count", count)))
    };
    let (whole, counted) = (plain(typed), apart(typed));
    UNITS.iter().find_map(|&(unit, size)| {
        if let Some(count) = [1, 2].into_iter().find(|count| said(unit, *count) == whole) {
            return Some(count * size);
        }
        let (number, words) = counted.as_ref()?;
        // People do not always keep to the form that goes with the number.
        let forms = [*number, 1, 2].map(|count| apart(&said(unit, count)));
        let meant = forms.into_iter().flatten().any(|(_, form)| form == *words);
        if meant { number.checked_mul(size) } else { None }
    })
}

/// `> 1/2` or `>= 2/3`, out of the words for it.
fn share(texts: &Texts, typed: &str) -> Option<String> {
    let (typed, half) = (plain(typed), plain(&texts.tell(&Message::new("setting-half"))));
    [(true, ">"), (false, ">=")].into_iter().find_map(|(strict, sign)| {
        let said = plain(&texts.tell(&threshold(strict, GAP)));
        let (before, after) = said.split_once(GAP)?;
        let share = typed.strip_prefix(before)?.strip_suffix(after)?.trim();
        Some(format!("{sign} {}", if share == half { "1/2" } else { share }))
    })
}

/// The first number in a text, and the words around it.
fn apart(text: &str) -> Option<(i64, String)> {
    let (before, rest) = text.split_at(text.find(|c: char| c.is_ascii_digit())?);
    let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    Some((number.parse().ok()?, plain(&format!("{before} {after}"))))
}

/// Small letters with single spaces.
fn plain(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::charter::Threshold;
    use folkmoot_governance::fraction::Fraction;

    use super::super::tests::{check_arguments, messages, preset};
    use super::*;
    use crate::words::{LANGUAGES, Words};

    fn rule(strict: bool, fraction: Fraction) -> Setting {
        Setting::Threshold(Threshold { fraction, strict })
    }

    #[test]
    fn values_are_told_in_words() {
        let text = |text: &str| Setting::Text(text.to_owned());
        let parts = vec![
            ("minimum_seconds".to_owned(), Setting::Seconds(604_800)),
            ("threshold".to_owned(), rule(false, Fraction::new(2, 3))),
            ("callers".to_owned(), Setting::List(vec![])),
            ("override_at_least".to_owned(), text("3/4")),
        ];
        for (setting, expected) in [
            (text("fails"), "fails"),
            (Setting::Number(1200), "1200"),
            (Setting::Seconds(5400), "90 minutes"),
            (Setting::Flag(true), "true"),
            (Setting::Flag(false), "false"),
            (rule(true, Fraction::new(1, 2)), "more than 1/2"),
            (Setting::List(vec![text("Standard"), text("Large")]), "Standard, Large"),
            (Setting::Parts(parts), "minimum: 7 days; threshold: at least 2/3; callers: ; override at least: 3/4"),
        ] {
            assert_eq!(told(fallback(), &setting), expected);
        }
    }

    #[test]
    fn words_are_read_back() {
        let (days, rule) = (Setting::Seconds(0), rule(true, Fraction::one()));
        for (current, typed, expected) in [
            (&days, "3 days", "259200 s"),
            (&days, "1 Day", "86400 s"),
            (&days, " 1  hours ", "3600 s"),
            (&days, "36 h", "36 h"),
            (&days, "soon", "soon"),
            (&days, "2 moons", "2 moons"),
            (&days, "-3 days", "-3 days"),
            (&days, "1 day 12 hours", "1 day 12 hours"),
            (&days, "9223372036854775807 days", "9223372036854775807 days"),
            (&rule, "at least 2/3", ">= 2/3"),
            (&rule, "More than half", "> 1/2"),
            (&rule, ">= 3/5", ">= 3/5"),
            (&rule, "many", "many"),
            (&Setting::Number(5), "3 days", "3 days"),
        ] {
            assert_eq!(read(fallback(), current, typed), expected);
        }
    }

    #[test]
    fn words_of_any_form_are_read_back() {
        let source = "duration = { $unit ->\n    [days] { $count ->\n        [one] un jorn\n       *[other] jorns: { $count }\n      \
                      }\n   *[other] { $count } { $unit }\n  }\nsetting-half = la mitat\n\
                      setting-threshold = { $strict ->\n    [true] { $share } passats\n   *[false] { $share } o mai\n  }\n";
        let texts = Texts::read("ca", &[source]);
        let rule = rule(true, Fraction::one());
        for (current, typed, expected) in [
            (&Setting::Seconds(0), "un jorn", "86400 s"),
            (&Setting::Seconds(0), "jorns: 3", "259200 s"),
            (&Setting::Seconds(0), "3 days", "259200 s"),
            (&rule, "la mitat passats", "> 1/2"),
            (&rule, "2/3 o mai", ">= 2/3"),
            (&rule, "at least 2/3", ">= 2/3"),
        ] {
            assert_eq!(read(&texts, current, typed), expected);
        }
    }

    #[test]
    fn every_blank_comes_down_to_settings_that_are_typed_as_they_are_told() {
        let charter = preset();
        for (_, texts) in Words::default().all() {
            for blank in charter.blanks() {
                let settings = charter.settings(&blank.path);
                assert!(!settings.is_empty(), "{}", blank.path);
                for (path, now) in settings {
                    let typed = read(texts, &now, &told(texts, &now));
                    let amended = charter.amended(&path, &typed).unwrap_or_else(|unfit| panic!("{path}: {unfit}"));
                    let then: Vec<_> = amended.settings(&path).iter().map(|(_, then)| told(texts, then)).collect();
                    assert_eq!(then, [told(texts, &now).trim()], "{path}");
                }
            }
        }
    }

    #[test]
    fn no_language_is_short_of_a_word() {
        for (_, sources) in LANGUAGES {
            let locale = messages(sources);
            let half = Message::new("setting-half");
            for message in [part("roll", String::new()), flag(true), threshold(true, "1/2"), half] {
                check_arguments(&locale, &message);
            }
        }
    }
}
