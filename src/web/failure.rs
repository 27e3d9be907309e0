//! The page for what cannot be shown or done: what happened, why, and what to do.

use serde::Serialize;

use super::render::Page;
use crate::words::Message;

#[derive(Debug, Serialize)]
pub struct FailurePage {
    /// "Not found"
    pub title: Message,
    /// What happened and what to do, in sentences.
    pub detail: Message,
    /// Logging in would help; `next` is where to go then.
    pub log_in: Option<String>,
    /// Something broke here, rather than there being nothing to show.
    pub fault: bool,
}

impl Page for FailurePage {
    const TEMPLATE: &'static str = "failure.html";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn a_failure_says_what_to_do() {
        let page = FailurePage {
            title: "title-sign-in".into(),
            detail: "failed-sign-in".into(),
            log_in: Some("/proposals/1?x=1&y=2".into()),
            fault: false,
        };
        let html = sample::render(&sample::visitor(), &page);
        assert!(html.contains("/log-in?next=%2Fproposals%2F1%3Fx%3D1%26y%3D2"), "{html}");
    }
}
