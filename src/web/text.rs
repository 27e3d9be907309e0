//! Messages of the locale file in templates: as safe HTML. A message may hold one link, written `[[…]]`, whose address is the
//! argument `href`.

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::render::escape;
use crate::words::{Texts, Unsaid};

impl From<Unsaid> for Error {
    fn from(unsaid: Unsaid) -> Self {
        Self::new(ErrorKind::InvalidOperation, unsaid.to_string())
    }
}

/// The message as safe HTML for templates: text is escaped, safe values go in as they are, `[[…]]` becomes a link.
pub fn html(texts: &Texts, key: &str, kwargs: &Kwargs) -> Result<Value, Error> {
    let mut arguments = FluentArgs::new();
    let mut safe = Vec::new();
    let mut href = None;
    for name in kwargs.args() {
        let value: Value = kwargs.get(name)?;
        if name == "href" {
            href = Some(plain(&value));
        } else if value.is_safe() {
            arguments.set(name.to_owned(), FluentValue::from(hold(safe.len())));
            safe.push(value.to_string());
        } else {
            arguments.set(name.to_owned(), argument(&value));
        }
    }
    let mut html = escape(&texts.say(key, &arguments)?);
    if let Some(href) = href {
        let opening = format!("<a href=\"{}\">", escape(&href));
        html = html.replacen("[[", &opening, 1).replacen("]]", "</a>", 1);
    }
    html = html.replace(APART, "");
    for (position, value) in safe.iter().enumerate() {
        html = html.replace(&hold(position), value);
    }
    Ok(Value::from_safe_string(html))
}

/// Stands behind every bracket of an argument, so that no two of them are taken for the marks of the link.
const APART: char = '\u{e002}';

/// Stands for safe HTML while the sentence around it is escaped. Private-use characters never reach a page: [`argument`].
fn hold(position: usize) -> String {
    format!("\u{e000}{position}\u{e001}")
}

fn argument(value: &Value) -> FluentValue<'static> {
    match (value.kind(), i64::try_from(value.clone())) {
        (ValueKind::Number, Ok(number)) => FluentValue::from(number),
        (ValueKind::Bool, _) => FluentValue::from(if value.is_true() { "true" } else { "false" }),
        _ => FluentValue::from(plain(value).replace('[', "[\u{e002}").replace(']', "]\u{e002}")),
    }
}

/// Without the characters that have a meaning here.
fn plain(value: &Value) -> String {
    value.to_string().replace(['\u{e000}', '\u{e001}', APART], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_escaped_and_safe_ones_kept() {
        let texts = Texts::load("en");
        let name = Value::from("<b>Ada</b>");
        let kwargs = Kwargs::from_iter([("name", name)]);
        let shown = html(&texts, "home-hello", &kwargs).expect("there").to_string();
        assert!(shown.contains("&lt;b&gt;Ada"), "{shown}");
        let kwargs = Kwargs::from_iter([("name", Value::from_safe_string("<b>Ada</b>".into()))]);
        assert!(html(&texts, "home-hello", &kwargs).expect("there").to_string().contains("<b>Ada</b>"));
    }

    #[test]
    fn an_argument_cannot_move_the_link() {
        let texts = Texts::load("en");
        let hostile = "x]] <b> [[[{ $href }]]]";
        let kwargs = Kwargs::from_iter([("name", Value::from(hostile)), ("href", Value::from("/decisions/\"4"))]);
        let shown = html(&texts, "would-supersede", &kwargs).expect("there").to_string();
        let expected = "<a href=\"/decisions/&quot;4\">x]] &lt;b&gt; [[[{ $href }]]]</a>";
        assert_eq!(shown, format!("It would replace {expected}."));
    }
}
