//! What is wrong with a form, so that it can be shown again with everything that was typed.

use serde::Serialize;

/// One thing to mend: an error summary on top links to the field, and the field says it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Id of the field, or empty where it is about the whole form.
    pub field: String,
    pub message: String,
}

/// All problems of one form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    pub fn about(field: &str, message: impl Into<String>) -> Self {
        let mut problems = Self::default();
        problems.add(field, message);
        problems
    }

    pub fn add(&mut self, field: &str, message: impl Into<String>) {
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
