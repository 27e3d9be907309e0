//! Asking to join: the written request, the terms agreed to, the committed class and level; all three or none.

use folkmoot_governance::id::Digest;
use serde::Serialize;

use super::form::{Fields, Problems};
use super::render::Page;

#[derive(Debug, Serialize)]
pub struct JoinPage {
    pub classes: Vec<JoinClass>,
    /// Markdown.
    pub terms: String,
    pub terms_digest: Digest,
    pub objection_seconds: i64,
    /// Article of the charter on accession.
    pub article: String,
    pub form: JoinForm,
    pub problems: Problems,
}

impl Page for JoinPage {
    const TEMPLATE: &'static str = "join.html";
}

#[derive(Debug, Serialize)]
pub struct JoinClass {
    pub id: String,
    pub name: String,
    pub organisation: bool,
    pub levels: Vec<JoinLevel>,
}

#[derive(Debug, Serialize)]
pub struct JoinLevel {
    pub id: String,
    pub name: String,
    pub commitment: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct JoinForm {
    pub name: String,
    /// `CLASS/LEVEL`
    pub place: String,
    pub request: String,
    pub commitment: String,
    /// Hexadecimal digest of the terms that were shown, when the box was ticked.
    pub terms: String,
    pub login: String,
    /// Never shown again.
    #[serde(skip_serializing)]
    pub password: String,
}

impl JoinForm {
    pub fn read(fields: &Fields) -> Self {
        Self {
            name: fields.line("name"),
            place: fields.line("place"),
            request: fields.text("request"),
            commitment: fields.text("commitment"),
            terms: fields.line("terms"),
            login: fields.line("login"),
            password: fields.raw("password").to_owned(),
        }
    }

    /// What is missing before anybody can be asked.
    pub fn problems(&self, terms: Digest) -> Problems {
        let mut problems = Problems::default();
        let mut need = |missing: bool, field: &str, key: &'static str| {
            if missing {
                problems.add(field, key);
            }
        };
        need(self.name.trim().is_empty(), "name", "problem-name");
        need(self.class_and_level().is_none(), "place", "problem-place");
        need(self.request.trim().is_empty(), "request", "problem-request");
        need(self.terms != terms.to_string(), "terms", "problem-terms");
        need(self.login.trim().is_empty(), "login", "problem-login");
        need(self.password.chars().count() < 10, "password", "problem-password");
        problems
    }

    pub fn class_and_level(&self) -> Option<(&str, &str)> {
        self.place.split_once('/').filter(|(class, level)| !class.is_empty() && !level.is_empty())
    }
}

/// The answer to a request.
#[derive(Debug, Serialize)]
pub struct JoinSentPage {
    pub name: String,
    pub organisation: bool,
    pub objection_seconds: i64,
}

impl Page for JoinSentPage {
    const TEMPLATE: &'static str = "join_sent.html";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    fn complete() -> JoinForm {
        JoinForm {
            name: "Ada".into(),
            place: "individual/friend".into(),
            request: "I meet here every week.".into(),
            commitment: String::new(),
            terms: sample::digest("terms").to_string(),
            login: "ada".into(),
            password: "ten letters".into(),
        }
    }

    #[test]
    fn all_three_are_asked_for() {
        let terms = sample::digest("terms");
        assert!(complete().problems(terms).is_empty());
        let fields = |form: JoinForm| form.problems(terms).0.into_iter().map(|p| p.field).collect::<Vec<_>>();
        assert_eq!(fields(JoinForm { terms: String::new(), ..complete() }), ["terms"]);
        assert_eq!(fields(JoinForm { terms: sample::digest("older terms").to_string(), ..complete() }), ["terms"]);
        assert_eq!(fields(JoinForm { place: "individual/".into(), ..complete() }), ["place"]);
        assert_eq!(fields(JoinForm { request: " ".into(), ..complete() }), ["request"]);
    }

    #[test]
    fn a_password_is_never_sent_back() {
        let mut page = sample::join();
        page.form = complete();
        let html = sample::render(&sample::visitor(), &page);
        assert!(html.contains("value=\"ada\"") && !html.contains("ten letters"), "{html}");
    }
}
