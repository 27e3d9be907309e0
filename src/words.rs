//! The words for people: a folder of Fluent files per language, compiled in. Whole sentences only, never glued fragments.
//! Every door takes them from here; the core knows codes and parameters only.

pub mod charter;
mod message;
pub mod outcome;
pub mod setting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::iter;
use std::sync::{Arc, LazyLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

pub use message::{Argument, Message};

/// The languages there are, the fallback first: (BCP 47 tag, Fluent sources).
pub(crate) const LANGUAGES: &[(&str, [&str; 8])] = &[(
    "en",
    [
        include_str!("words/en/around.ftl"),
        include_str!("words/en/deciding.ftl"),
        include_str!("words/en/outcome.ftl"),
        include_str!("words/en/charter.ftl"),
        include_str!("words/en/writing.ftl"),
        include_str!("words/en/membership.ftl"),
        include_str!("words/en/refused.ftl"),
        include_str!("words/en/unfit.ftl"),
    ],
)];

/// Longest `Accept-Language` that is read; browsers send far less.
const HEADER_LIMIT: usize = 500;

/// The tag of the language for a visitor, out of what the browser asks for.
pub fn choose(accept_language: Option<&str>) -> &'static str {
    let tags: Vec<&'static str> = LANGUAGES.iter().map(|(tag, _)| *tag).collect();
    negotiate(accept_language.unwrap_or_default(), &tags)
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

/// The fallback language, for what is said without knowing to whom.
pub fn fallback() -> &'static Arc<Texts> {
    static FALLBACK: LazyLock<Arc<Texts>> = LazyLock::new(|| Arc::new(Texts::load(LANGUAGES[0].0)));
    &FALLBACK
}

/// A message that is not in the locale file, or an argument that was not given: a fault of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("message {key}: {fault}")]
pub struct Unsaid {
    key: String,
    fault: String,
}

/// Every language there is, read once when the program starts.
#[derive(Clone)]
pub struct Words(BTreeMap<&'static str, Arc<Texts>>);

impl Default for Words {
    fn default() -> Self {
        let others = LANGUAGES[1..].iter().map(|(tag, _)| (*tag, Arc::new(Texts::load(tag))));
        Self(iter::once((LANGUAGES[0].0, fallback().clone())).chain(others).collect())
    }
}

impl Words {
    /// The language `tag`, or the fallback where there is no such language.
    pub fn of(&self, tag: &str) -> &Arc<Texts> {
        let found = self.0.get(tag).or_else(|| self.0.get(LANGUAGES[0].0));
        found.expect("the fallback is there")
    }

    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Arc<Texts>)> {
        self.0.iter().map(|(tag, texts)| (*tag, texts))
    }
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
        Self::read(tag, sources)
    }

    /// A language out of its Fluent sources.
    pub(crate) fn read(tag: &'static str, sources: &[&str]) -> Self {
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

    /// The message in plain text.
    pub fn say(&self, key: &str, arguments: &FluentArgs<'_>) -> Result<String, Unsaid> {
        let unsaid = |fault: &str| Unsaid { key: key.to_owned(), fault: fault.to_owned() };
        let message = self.bundle.get_message(key).and_then(|message| message.value());
        let pattern = message.ok_or_else(|| unsaid("is not in the locale file"))?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(arguments), &mut errors);
        match errors.first() {
            None => Ok(text.into_owned()),
            Some(error) => Err(unsaid(&error.to_string())),
        }
    }
}
