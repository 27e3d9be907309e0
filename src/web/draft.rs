//! Writing a proposal: a new draft, or a new version of one.

use folkmoot_governance::charter::Charter;
use serde::Serialize;

use super::charter::Place;
use super::form::{Choice, Fields, Problems};
use super::proposal::{EffectLine, Link};
use super::render::Page;

#[derive(Debug, Serialize)]
pub struct DraftPage {
    /// The proposal that gets a new version; absent for a new one.
    pub editing: Option<Link>,
    pub action: String,
    pub form: DraftForm,
    /// Decision types of the charter; the hint says how long voting lasts and what it needs.
    pub types: Vec<Choice>,
    /// Members for whom the person may propose.
    pub proposers: Vec<Choice>,
    /// The co-operative principles, with their numbers as values.
    pub principles: Vec<Choice>,
    /// The latest decisions that it may replace, and those that were ticked before.
    pub decisions: Vec<Choice>,
    /// The place of the charter that it changes, where it was started from there.
    pub amendment: Option<Amendment>,
    /// What it does once it has passed, where it was started from such a place.
    pub effects: Vec<EffectLine>,
    pub problems: Problems,
}

impl Page for DraftPage {
    const TEMPLATE: &'static str = "draft.html";
}

/// The fields as they are typed; shown again as they were where something has to be mended.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DraftForm {
    pub title: String,
    pub text: String,
    pub decision_type: String,
    /// `consent`, `single-choice` or `approval`.
    pub method: String,
    /// One option a line.
    pub options: String,
    pub reason: String,
    pub proposer: String,
    /// `public` or `consortium`.
    pub visibility: String,
    pub principles: Vec<String>,
    pub supersedes: Vec<String>,
    /// Numbers of further decisions that it replaces: `3, 12`.
    pub supersedes_others: String,
    /// `2027-11-01`, or empty.
    pub review: String,
    /// Effects as JSON, carried along unseen from the page where the draft was started.
    pub effects: String,
    pub amend_value: String,
}

/// A change of one value of the charter.
#[derive(Debug, Serialize)]
pub struct Amendment {
    pub place: Place,
    pub current: String,
    /// The value is a text rather than a number or a word.
    pub long: bool,
    pub why: String,
}

impl DraftForm {
    pub fn read(fields: &Fields) -> Self {
        Self {
            title: fields.line("title"),
            text: fields.text("text"),
            decision_type: fields.line("type"),
            method: fields.line("method"),
            options: fields.text("options"),
            reason: fields.text("reason"),
            proposer: fields.line("proposer"),
            visibility: fields.line("visibility"),
            principles: fields.all("principles"),
            supersedes: fields.all("supersedes"),
            supersedes_others: fields.line("supersedes_others"),
            review: fields.line("review"),
            effects: fields.line("effects"),
            amend_value: fields.line("amend_value"),
        }
    }

    /// What can be seen without asking the rules. Everything else is for the action to say.
    pub fn problems(&self, charter: &Charter) -> Problems {
        let mut problems = Problems::default();
        if self.title.trim().is_empty() {
            problems.add("title", "problem-title");
        }
        if self.text.trim().is_empty() {
            problems.add("text", "problem-text");
        }
        let called = charter.types.iter().find(|t| t.id == self.decision_type);
        match called {
            None => problems.add("type", "problem-type"),
            Some(called) if called.challenge.is_some() && self.reason.trim().is_empty() => {
                problems.add("reason", "problem-reason");
            }
            Some(_) => {}
        }
        if self.method != "consent" && self.option_lines().count() < 2 {
            problems.add("options", "problem-options");
        }
        problems
    }

    /// The options without empty lines.
    pub fn option_lines(&self) -> impl Iterator<Item = &str> {
        self.options.lines().map(str::trim).filter(|line| !line.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use crate::web::sample;

    #[test]
    fn a_draft_that_needs_mending_keeps_every_word() {
        let mut page = sample::draft();
        page.form.text = "Two </textarea><script>alert(1)</script> lines".into();
        page.problems.add("title", "problem-title");
        let html = sample::render(&sample::member(), &page);
        assert!(html.contains("Two &lt;/textarea&gt;&lt;script&gt;"), "{html}");
        assert!(html.contains("<a href=\"#title\">Ask the question in one line.</a>"), "{html}");
        assert!(html.contains("aria-describedby=\"title-hint title-wrong\" aria-invalid=\"true\""), "{html}");
    }

    #[test]
    fn a_draft_from_the_charter_shows_the_value_it_changes() {
        let html = sample::render(&sample::member(), &sample::amendment());
        assert!(
            html.contains("Threshold of the type “constitutional”") && html.contains("name=\"amend_value\""),
            "{html}"
        );
    }
}
