//! A page of a journal as it travels between nodes: pushed to inboxes inside an `Add`, pulled as a collection page.
//! Entries prove themselves by their signatures and the checkpoint; the envelope needs no proof of its own.

use folkmoot_governance::id::{JournalId, NodeId};
use serde_json::{Value, json};

/// Most entries in one page.
pub const PAGE_ENTRIES: usize = 200;
/// A page stops growing at about this many bytes, so that it stays under every node's body limit.
pub const PAGE_BYTES: usize = 700_000;

/// Consecutive entries of one journal, and the newest checkpoint that its node signed.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalPage {
    pub journal: JournalId,
    /// Position of the first entry.
    pub start: u64,
    /// Signed statements; where the reader may not see one or it was erased, `{"leaf": HASH}`.
    pub entries: Vec<Value>,
    /// Signed note with the cosignatures known so far; empty before the first checkpoint.
    pub note: String,
}

/// Why a body is not a journal page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a journal page: {0}")]
pub struct PageError(&'static str);

impl JournalPage {
    /// The object of the activity, or the page of the collection.
    pub fn to_value(&self) -> Value {
        json!({
            "type": "JournalPage", "journal": self.journal, "start": self.start, "entries": self.entries,
            "note": self.note,
        })
    }

    /// The activity that is posted to a peer's inbox.
    pub fn to_activity(&self, from: &NodeId) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "Add",
            "actor": from,
            "target": format!("{}/{}", from.base(), journal_path(&self.journal)),
            "object": self.to_value(),
        })
    }

    /// Reads the object; takes it apart without copying the entries.
    pub fn from_value(mut value: Value) -> Result<Self, PageError> {
        let object = value.as_object_mut().ok_or(PageError("an object is expected"))?;
        let mut take = |name: &str| object.remove(name).unwrap_or_default();
        if take("type") != "JournalPage" {
            return Err(PageError("its type must be JournalPage"));
        }
        let journal = take("journal").as_str().and_then(|t| t.parse().ok()).ok_or(PageError("journal"))?;
        let start = take("start").as_u64().ok_or(PageError("start"))?;
        let Value::String(note) = take("note") else { return Err(PageError("note")) };
        let Value::Array(entries) = take("entries") else { return Err(PageError("entries")) };
        if entries.len() > PAGE_ENTRIES {
            return Err(PageError("too many entries"));
        }
        if !object.is_empty() {
            return Err(PageError("an unknown member"));
        }
        Ok(Self { journal, start, entries, note })
    }
}

/// Path of a journal on every node that mirrors it: `journals/AUTHORITY/CONSORTIUM/KEY`, `/` and `:` kept.
pub fn journal_path(journal: &JournalId) -> String {
    let mut parts = journal.as_str().split('/');
    let authority = parts.next().unwrap_or_default();
    let rest: Vec<_> = parts.skip(1).collect();
    format!("journals/{authority}/{}", rest.join("/"))
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::id::Digest;

    use super::*;

    fn page() -> JournalPage {
        let journal: JournalId = "a.example/journals/0123456789abcdef/fedcba9876543210".parse().expect("valid");
        let entries = vec![json!({"type": "Create"}), json!({"leaf": Digest::of(b"x")})];
        JournalPage { journal, start: 3, entries, note: "n\n".into() }
    }

    #[test]
    fn a_page_reads_what_it_writes() {
        assert_eq!(JournalPage::from_value(page().to_value()), Ok(page()));
    }

    #[test]
    fn malformed_pages_are_refused() {
        for (member, wrong) in [
            ("type", json!("Page")),
            ("journal", json!("x")),
            ("start", json!(-1)),
            ("entries", json!({})),
            ("note", json!(null)),
            ("more", json!(1)),
        ] {
            let mut value = page().to_value();
            value[member] = wrong;
            assert!(JournalPage::from_value(value).is_err(), "{member}");
        }
        let mut value = page().to_value();
        value["entries"] = vec![json!({"leaf": Digest::of(b"x")}); PAGE_ENTRIES + 1].into();
        assert!(JournalPage::from_value(value).is_err());
    }

    #[test]
    fn the_path_names_the_journal_on_every_node() {
        assert_eq!(journal_path(&page().journal), "journals/a.example/0123456789abcdef/fedcba9876543210");
    }
}
