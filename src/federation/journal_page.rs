//! A page of a journal as it travels between nodes: pushed to inboxes inside an `Add`, pulled as a collection page.
//! Entries prove themselves by their signatures and the checkpoint; the envelope needs no proof of its own.

use folkmoot_governance::id::{JournalId, NodeId};
use serde_json::{Map, Value};

/// Most entries in one page.
pub const PAGE_ENTRIES: usize = 200;
/// A page stops growing at about this many bytes, so that it stays under every node's body limit.
pub const PAGE_BYTES: usize = 700_000;

/// Consecutive entries of one journal, and the newest checkpoint that its node signed: as `Value`s when it was read, as
/// JSON when it is to be sent, so that what is stored goes out without being read and written again.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalPage<Entry> {
    pub journal: JournalId,
    /// Position of the first entry.
    pub start: u64,
    /// Signed statements; where the reader may not see one or it was erased, `{"leaf": HASH}`.
    pub entries: Vec<Entry>,
    /// Signed note with the cosignatures known so far; empty before the first checkpoint.
    pub note: String,
}

/// Why a body is not a journal page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a journal page: {0}")]
pub struct PageError(&'static str);

impl JournalPage<Vec<u8>> {
    /// JSON of the object of the activity, or of the page of the collection.
    pub fn to_json(&self) -> Vec<u8> {
        let length: usize = self.entries.iter().map(|entry| entry.len() + 1).sum();
        let mut entries = Vec::with_capacity(length + 1);
        for entry in &self.entries {
            entries.push(if entries.is_empty() { b'[' } else { b',' });
            entries.extend_from_slice(entry);
        }
        entries.extend_from_slice(if entries.is_empty() { b"[]" } else { b"]" });
        let mut page = Map::new();
        page.insert("type".into(), "JournalPage".into());
        page.insert("journal".into(), self.journal.as_str().into());
        page.insert("start".into(), self.start.into());
        page.insert("note".into(), self.note.as_str().into());
        with_json(page, "entries", &entries)
    }

    /// JSON of the activity that is posted to a peer's inbox.
    pub fn to_activity(&self, from: &NodeId) -> Vec<u8> {
        let mut activity = Map::new();
        activity.insert("@context".into(), "https://www.w3.org/ns/activitystreams".into());
        activity.insert("type".into(), "Add".into());
        activity.insert("actor".into(), from.as_str().into());
        activity.insert("target".into(), format!("{}/{}", from.base(), journal_path(&self.journal)).into());
        with_json(activity, "object", &self.to_json())
    }
}

/// JSON of an object with one member more, which is JSON already.
fn with_json(object: Map<String, Value>, name: &str, json: &[u8]) -> Vec<u8> {
    let head = Value::Object(object).to_string();
    let open = head.strip_suffix('}').expect("an object ends so");
    let member = format!(",{}:", Value::from(name));
    [open.as_bytes(), member.as_bytes(), json, b"}"].concat()
}

impl JournalPage<Value> {
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
    use folkmoot_governance::json;
    use serde_json::json;

    use super::*;

    fn page() -> JournalPage<Value> {
        let journal: JournalId = "a.example/journals/0123456789abcdef/fedcba9876543210".parse().expect("valid");
        let entries = vec![json!({"type": "Create"}), json!({"leaf": Digest::of(b"x")})];
        JournalPage { journal, start: 3, entries, note: "n\n\"".into() }
    }

    fn written(page: &JournalPage<Value>) -> JournalPage<Vec<u8>> {
        let entries = page.entries.iter().map(json::canonical).collect();
        JournalPage { journal: page.journal.clone(), start: page.start, entries, note: page.note.clone() }
    }

    #[test]
    fn a_page_reads_what_it_writes() {
        let parse = |bytes: &[u8]| json::parse(bytes, PAGE_BYTES).expect("strict JSON");
        let alone = JournalPage { entries: vec![json!({"type": "Create"})], ..page() };
        for page in [page(), alone, JournalPage { entries: Vec::new(), ..page() }] {
            assert_eq!(JournalPage::from_value(parse(&written(&page).to_json())), Ok(page.clone()));
            let node: NodeId = "https://a.example/actor".parse().expect("a node");
            let mut activity = parse(&written(&page).to_activity(&node));
            assert_eq!(JournalPage::from_value(activity["object"].take()), Ok(page));
            assert_eq!((&activity["type"], &activity["actor"]), (&json!("Add"), &json!(node)));
        }
    }

    #[test]
    fn malformed_pages_are_refused() {
        let value = || json::parse(&written(&page()).to_json(), PAGE_BYTES).expect("strict JSON");
        for (member, wrong) in [
            ("type", json!("Page")),
            ("journal", json!("x")),
            ("start", json!(-1)),
            ("entries", json!({})),
            ("note", json!(null)),
            ("more", json!(1)),
        ] {
            let mut value = value();
            value[member] = wrong;
            assert!(JournalPage::from_value(value).is_err(), "{member}");
        }
        let mut value = value();
        value["entries"] = vec![json!({"leaf": Digest::of(b"x")}); PAGE_ENTRIES + 1].into();
        assert!(JournalPage::from_value(value).is_err());
    }

    #[test]
    fn the_path_names_the_journal_on_every_node() {
        assert_eq!(journal_path(&page().journal), "journals/a.example/0123456789abcdef/fedcba9876543210");
    }
}
