//! The page to log in.

use serde::Serialize;

use super::form::{Fields, Problems};
use super::render::Page;

#[derive(Debug, Serialize)]
pub struct LogInPage {
    pub form: LogInForm,
    pub problems: Problems,
}

impl Page for LogInPage {
    const TEMPLATE: &'static str = "log_in.html";
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct LogInForm {
    pub login: String,
    #[serde(skip_serializing)]
    pub password: String,
    /// Where to go afterwards; see [`local_path`].
    pub next: String,
}

impl LogInForm {
    pub fn read(fields: &Fields) -> Self {
        let next = local_path(fields.raw("next")).to_owned();
        Self { login: fields.line("login"), password: fields.raw("password").to_owned(), next }
    }
}

/// A path of this site to go to, or the first page: never an address elsewhere, however it is written.
pub fn local_path(next: &str) -> &str {
    let path = next.starts_with('/') && !next.starts_with("//");
    let plain = next.len() <= 500 && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if path && plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn nobody_is_sent_elsewhere_after_logging_in() {
        for (next, path) in [
            ("/proposals/1#ballot", "/proposals/1#ballot"),
            ("", "/"),
            ("https://evil.example", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
        ] {
            assert_eq!(local_path(next), path, "{next}");
        }
    }

    #[test]
    fn a_wrong_password_keeps_the_name_only() {
        let form = LogInForm { login: "monica".into(), password: "secret words".into(), next: "/".into() };
        let problems = Problems::one("login", "problem-log-in");
        let html = sample::render(&sample::visitor(), &LogInPage { form, problems });
        assert!(html.contains("value=\"monica\"") && !html.contains("secret words"), "{html}");
    }
}
