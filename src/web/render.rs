//! The template engine: templates and words compiled in, and the functions that templates may call.
//! Every value is escaped unless it comes from one of the functions here.

use std::collections::BTreeMap;
use std::sync::Arc;

use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::id::Digest;
use minijinja::value::{Kwargs, Value, ViaDeserialize};
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, context};
use serde::Serialize;

use super::layout::Frame;
use super::{assets, markdown, moment, text};
use crate::words::{Message, Texts, Words};

/// What one page shows, and the template that shows it.
pub trait Page: Serialize {
    /// Name of the template; it sees the value as `page` and the surroundings as `frame`.
    const TEMPLATE: &'static str;
}

macro_rules! templates {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("templates/", $name)))),*] };
}

/// All templates: (name, source).
pub(super) const TEMPLATES: &[(&str, &str)] = templates![
    "account.html",
    "base.html",
    "charter.html",
    "charter_text.html",
    "charts.html",
    "consortium.html",
    "count.html",
    "decision.html",
    "decisions.html",
    "deed.html",
    "draft.html",
    "failure.html",
    "home.html",
    "invitation.html",
    "join.html",
    "join_sent.html",
    "live_count.html",
    "log_in.html",
    "mandates.html",
    "member.html",
    "members.html",
    "notice.html",
    "open.html",
    "parties.html",
    "parts.html",
    "proposal.html",
    "proposals.html",
    "receipt.html",
    "requests.html",
    "roll.html",
    "stewards.html",
];

/// Renders pages in every language there is. Built once when the node starts.
pub struct Pages {
    environments: BTreeMap<&'static str, Environment<'static>>,
}

impl Pages {
    pub fn new(words: &Words) -> Self {
        Self { environments: words.all().map(|(tag, texts)| (tag, environment(texts))).collect() }
    }

    /// The whole document. An error is a fault of the program: the page asks for something that is not there.
    pub fn render<P: Page>(&self, frame: &Frame, page: &P) -> Result<String, Error> {
        let environment = self.environments.get(frame.language).ok_or(ErrorKind::TemplateNotFound)?;
        environment.get_template(P::TEMPLATE)?.render(context! { frame, page })
    }
}

fn environment(texts: &Arc<Texts>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_formatter(write_value);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).expect("templates are checked by the tests");
    }
    add_words(&mut environment, texts);
    add_times(&mut environment, texts);
    environment.add_function("asset", |name: &str| assets::url(name));
    environment.add_filter("markdown", |source: &str| Value::from_safe_string(markdown::html(source)));
    environment.add_filter("digest", digest);
    environment
        .add_filter("query", |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
    environment.add_filter("capital", capital);
    environment.add_filter("percent", percent);
    environment.add_filter("share_name", share_name);
    environment
}

/// Writes a value into a page: escaped, unless it is HTML that a function of ours made. A missing value is a fault.
fn write_value(out: &mut Output<'_>, _: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let text = value.to_string();
    let written = if value.is_safe() { out.write_str(&text) } else { out.write_str(&escape(&text)) };
    written.map_err(|_| ErrorKind::WriteFailure.into())
}

/// Text for element content and for attributes in double quotes; paths stay readable.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `t(key, name=value…)`: a message of the locale file; `tell(message)`: one that the program chose; `said(key)`: whether
/// there is one.
fn add_words(environment: &mut Environment<'static>, texts: &Arc<Texts>) {
    let words = Arc::clone(texts);
    environment.add_function("t", move |key: &str, kwargs: Kwargs| text::html(&words, key, &kwargs));
    let words = Arc::clone(texts);
    environment.add_function("tell", move |message: ViaDeserialize<Message>| words.tell(&message));
    let words = Arc::clone(texts);
    environment.add_function("said", move |key: &str| words.has(key));
}

/// `time(t)`: the moment; `day(t)`: its day; `until(key, t, now)`: a message about a moment to come, with `unit`, `count` and `time`;
/// `lasting(seconds)`: a duration in words.
fn add_times(environment: &mut Environment<'static>, texts: &Arc<Texts>) {
    let words = Arc::clone(texts);
    let element = move |time: &str| moment::element(&words, moment::parse(time)?).map(Value::from_safe_string);
    environment.add_function("time", element);
    let words = Arc::clone(texts);
    let day = move |time: &str| moment::day_element(&words, moment::parse(time)?).map(Value::from_safe_string);
    environment.add_function("day", day);
    let words = Arc::clone(texts);
    environment.add_function("until", move |key: &str, time: &str, now: &str| -> Result<Value, Error> {
        let (time, now) = (moment::parse(time)?, moment::parse(now)?);
        let (unit, count) = if time <= now { ("past", 0) } else { moment::distance(time.0 - now.0) };
        let element = Value::from_safe_string(moment::due_element(&words, time)?);
        let arguments = [("unit", Value::from(unit)), ("count", count.into()), ("time", element)];
        text::html(&words, key, &arguments.into_iter().collect())
    });
    let words = Arc::clone(texts);
    environment.add_function("lasting", move |seconds: i64| words.tell(&Message::duration(seconds)));
}

/// A digest for people: its first sixteen digits, the whole on hover and for copying.
fn digest(text: &str) -> Result<Value, Error> {
    let digest: Digest = text.parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a digest"))?;
    let html = format!("<code class=\"digest\" title=\"{digest}\">{}…</code>", digest.short(16));
    Ok(Value::from_safe_string(html))
}

/// With a capital letter, for the beginning of a line: charters write the names of classes and types as within sentences.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A fraction as a percentage with one decimal, which is left out where it is zero: `68.6`, `40`.
fn percent(text: &str) -> Result<String, Error> {
    let fraction: Fraction = text.parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a fraction"))?;
    let percent = fraction.percent(1);
    Ok(percent.strip_suffix(".0").map(str::to_owned).unwrap_or(percent))
}

/// The name under which messages know a fraction, so that they can say it in words.
pub(super) fn share_name(text: &str) -> &'static str {
    match text {
        "1/2" => "half",
        "2/3" => "two-thirds",
        "3/4" => "three-quarters",
        _ => "other",
    }
}
