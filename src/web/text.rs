//! The words of the pages: a folder of Fluent files per language, compiled in. Whole sentences only, never glued fragments.
//! A message may hold one link, written `[[…]]`, whose address is the argument `href`.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::render::escape;

/// The languages there are, the fallback first: (BCP 47 tag, Fluent sources).
pub(super) const LANGUAGES: &[(&str, [&str; 4])] = &[(
    "en",
    [
        include_str!("locales/en/around.ftl"),
        include_str!("locales/en/deciding.ftl"),
        include_str!("locales/en/writing.ftl"),
        include_str!("locales/en/membership.ftl"),
    ],
)];

/// Longest `Accept-Language` that is read; browsers send far less.
const HEADER_LIMIT: usize = 500;

/// The tag of the language for a visitor, out of what the browser asks for.
pub fn choose(accept_language: Option<&str>) -> &'static str {
    let tags: Vec<&'static str> = LANGUAGES.iter().map(|(tag, _)| *tag).collect();
    negotiate(accept_language.unwrap_or_default(), &tags)
}

/// All tags, the fallback first.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|(tag, _)| *tag)
}

/// RFC 4647 lookup with the weights of RFC 9110: the best range that one of `available` answers, else the first.
fn negotiate<'a>(header: &str, available: &[&'a str]) -> &'a str {
    let mut wanted: Vec<(u32, &str)> = header
        .get(..header.len().min(HEADER_LIMIT))
        .unwrap_or_default()
        .split(',')
        .filter_map(|part| {
            let (range, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            Some((thousandths(weight.trim())?, range.trim()))
        })
        .filter(|(weight, _)| *weight > 0)
        .collect();
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let answer = |range: &str| {
        let primary = range.split('-').next().unwrap_or(range);
        available.iter().copied().find(|tag| tag.eq_ignore_ascii_case(range) || tag.eq_ignore_ascii_case(primary))
    };
    wanted.iter().find_map(|(_, range)| answer(range)).unwrap_or(available[0])
}

/// A weight of `Accept-Language`, such as `0.8`, as 800.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, rest) = weight.split_once('.').unwrap_or((weight, ""));
    if rest.len() > 3 {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let rest: u32 = format!("{rest:0<3}").parse().ok()?;
    Some((whole.min(1) * 1000 + rest).min(1000))
}

/// The messages of one language.
pub struct Texts {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The language `tag`, or the fallback where there is no such language.
    pub fn load(tag: &str) -> Self {
        let (tag, sources) = LANGUAGES.iter().find(|(known, _)| *known == tag).unwrap_or(&LANGUAGES[0]);
        let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().expect("tags are BCP 47")]);
        // Names have lost their own direction marks already; isolation marks would end up in copied text.
        bundle.set_use_isolating(false);
        for source in sources {
            let resource =
                FluentResource::try_new((*source).to_owned()).expect("locale files are checked by the tests");
            bundle.add_resource(resource).expect("every message is there once");
        }
        Self { tag, bundle }
    }

    pub fn tag(&self) -> &'static str {
        self.tag
    }

    pub fn has(&self, key: &str) -> bool {
        self.bundle.get_message(key).is_some_and(|message| message.value().is_some())
    }

    /// The message in plain text. An unknown message or a missing argument is a fault of the program.
    pub fn say(&self, key: &str, arguments: &FluentArgs<'_>) -> Result<String, Error> {
        let fault = |what: &str| Error::new(ErrorKind::InvalidOperation, format!("message {key}: {what}"));
        let message = self.bundle.get_message(key).and_then(|message| message.value());
        let pattern = message.ok_or_else(|| fault("is not in the locale file"))?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(arguments), &mut errors);
        match errors.first() {
            None => Ok(text.into_owned()),
            Some(error) => Err(fault(&error.to_string())),
        }
    }

    /// The message as safe HTML for templates: text is escaped, safe values go in as they are, `[[…]]` becomes a link.
    pub fn html(&self, key: &str, kwargs: &Kwargs) -> Result<Value, Error> {
        let mut arguments = FluentArgs::new();
        let mut safe = Vec::new();
        let mut href = None;
        for name in kwargs.args() {
            let value: Value = kwargs.get(name)?;
            if name == "href" {
                href = Some(value.to_string());
            } else if value.is_safe() {
                arguments.set(name.to_owned(), FluentValue::from(hold(safe.len())));
                safe.push(value.to_string());
            } else {
                arguments.set(name.to_owned(), argument(&value));
            }
        }
        let mut html = escape(&self.say(key, &arguments)?);
        for (position, value) in safe.iter().enumerate() {
            html = html.replace(&hold(position), value);
        }
        if let Some(href) = href {
            let opening = format!("<a href=\"{}\">", escape(&href));
            html = html.replacen("[[", &opening, 1).replacen("]]", "</a>", 1);
        }
        Ok(Value::from_safe_string(html))
    }
}

/// Stands for safe HTML while the sentence around it is escaped. Private-use characters never reach a page: [`argument`].
fn hold(position: usize) -> String {
    format!("\u{e000}{position}\u{e001}")
}

fn argument(value: &Value) -> FluentValue<'static> {
    match (value.kind(), i64::try_from(value.clone())) {
        (ValueKind::Number, Ok(number)) => FluentValue::from(number),
        (ValueKind::Bool, _) => FluentValue::from(if value.is_true() { "true" } else { "false" }),
        _ => FluentValue::from(value.to_string().replace(['\u{e000}', '\u{e001}'], "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_gets_the_best_language_there_is() {
        let there = ["en", "ca", "es", "fr"];
        for (header, tag) in [
            ("", "en"),
            ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
            ("de, es;q=0.5, ca;q=0.7", "ca"),
            ("CA", "ca"),
            ("fr;q=0, de", "en"),
            ("*", "en"),
            ("es;q=abc, fr;q=0.1", "fr"),
        ] {
            assert_eq!(negotiate(header, &there), tag, "{header}");
        }
    }

    #[test]
    fn an_overlong_header_falls_back() {
        let header = "xx,".repeat(100_000);
        assert_eq!(choose(Some(&header)), "en");
    }

    #[test]
    fn arguments_are_escaped_and_safe_ones_kept() {
        let texts = Texts::load("en");
        let name = Value::from("<b>Ada</b>");
        let kwargs = Kwargs::from_iter([("name", name)]);
        let html = texts.html("home-hello", &kwargs).expect("there").to_string();
        assert!(html.contains("&lt;b&gt;Ada"), "{html}");
        let kwargs = Kwargs::from_iter([("name", Value::from_safe_string("<b>Ada</b>".into()))]);
        assert!(texts.html("home-hello", &kwargs).expect("there").to_string().contains("<b>Ada</b>"));
    }

    #[test]
    fn plural_rules_choose_the_form() {
        let texts = Texts::load("en");
        let say = |n: i64| {
            let mut arguments = FluentArgs::new();
            arguments.set("count", n);
            texts.say("lines-skipped", &arguments).expect("there")
        };
        assert_eq!((say(1).as_str(), say(2).as_str()), ("One line without change", "2 lines without change"));
    }

    #[test]
    fn a_message_without_its_argument_is_a_fault() {
        let texts = Texts::load("en");
        assert!(texts.say("home-hello", &FluentArgs::new()).is_err());
        assert!(texts.say("no-such-message", &FluentArgs::new()).is_err());
    }
}
