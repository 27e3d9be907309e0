//! Forms: the fields as they arrive, and what is wrong with them, so that a form can be shown again with everything typed.

use serde::Serialize;
use url::form_urlencoded;

use crate::words::Message;

/// Most fields that any form of ours can have, with room.
const FIELDS_LIMIT: usize = 200;

/// The fields of a posted form (`application/x-www-form-urlencoded`), in order; a name may come more than once.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a body, whose size the caller has limited. Fields beyond the limit are left out.
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).take(FIELDS_LIMIT).map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// One line, without spaces around it; empty where there is no such field.
    pub fn line(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// Text of several lines, which browsers send with CR LF.
    pub fn text(&self, name: &str) -> String {
        self.raw(name).replace("\r\n", "\n")
    }

    /// Exactly what was typed, as passwords need it.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Every value of a group of boxes.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone()).collect()
    }
}

/// One thing to mend: an error summary on top links to the field, and the field says it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Id of the field, or empty where it is about the whole form.
    pub field: String,
    pub message: Message,
}

/// All problems of one form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// A single one, as a refusal is.
    pub fn one(field: &str, message: impl Into<Message>) -> Self {
        let mut problems = Self::default();
        problems.add(field, message);
        problems
    }

    pub fn add(&mut self, field: &str, message: impl Into<Message>) {
        self.0.push(Problem { field: field.to_owned(), message: message.into() });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One choice of a list or of a group of buttons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub value: String,
    pub name: String,
    /// One line that explains it; may be empty.
    pub hint: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, name: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { value: value.into(), name: name.into(), hint: hint.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::log_in::{LogInForm, LogInPage};
    use crate::web::sample;

    #[test]
    fn fields_keep_what_was_typed() {
        let fields = Fields::parse(b"title=+Rent%20it+&text=a%0D%0Ab&principle=3&principle=6&password=+x+&bad=%ff");
        assert_eq!((fields.line("title").as_str(), fields.text("text").as_str()), ("Rent it", "a\nb"));
        assert_eq!(fields.all("principle"), ["3", "6"]);
        assert_eq!((fields.raw("password"), fields.raw("nothing")), (" x ", ""));
        assert_eq!(fields.raw("bad"), "\u{fffd}");
    }

    #[test]
    fn what_a_problem_names_is_shown_as_text() {
        let message = Message::new("refused-no-mandate").with("member", "<script>{ $member }[[x]]</script>");
        let problems = Problems::one("login", message);
        let html = sample::render(&sample::visitor(), &LogInPage { form: LogInForm::default(), problems });
        let shown = "You have no mandate to act for &lt;script&gt;{ $member }[[x]]&lt;/script&gt;.";
        assert_eq!(html.matches(shown).count(), 2, "in the summary and at the field: {html}");
        assert!(!html.contains("<script>"), "{html}");
    }

    #[test]
    fn a_flood_of_fields_is_cut() {
        let body = "a=1&".repeat(10_000);
        assert_eq!(Fields::parse(body.as_bytes()).all("a").len(), FIELDS_LIMIT);
    }
}
