//! Atom feeds (RFC 4287) as text. Pure.

use folkmoot_governance::id::Time;

/// The feed as a whole.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Of the feed itself; also its id.
    pub address: String,
    /// The page that shows the same.
    pub site: String,
    pub title: String,
    pub author: String,
    /// BCP 47.
    pub language: String,
}

#[derive(Debug, Clone)]
pub struct Entry {
    /// The same on every node.
    pub id: String,
    pub title: String,
    pub url: String,
    pub published: Time,
    pub updated: Time,
    pub author: String,
    pub category: &'static str,
    pub summary: String,
}

/// The document; `entries` the newest first.
pub fn write(feed: &Feed, entries: &[Entry]) -> String {
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or(Time(0));
    let mut text = format!(
        concat!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n",
            "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{language}\">\n",
            "  <id>{address}</id>\n",
            "  <title>{title}</title>\n",
            "  <updated>{updated}</updated>\n",
            "  <link rel=\"self\" type=\"application/atom+xml\" href=\"{address}\"/>\n",
            "  <link rel=\"alternate\" type=\"text/html\" href=\"{site}\"/>\n",
            "  <author><name>{author}</name></author>\n",
        ),
        language = escaped(&feed.language),
        address = escaped(&feed.address),
        title = escaped(&feed.title),
        updated = updated,
        site = escaped(&feed.site),
        author = escaped(&feed.author),
    );
    for entry in entries {
        text.push_str(&written(entry));
    }
    text.push_str("</feed>\n");
    text
}

fn written(entry: &Entry) -> String {
    format!(
        concat!(
            "  <entry>\n",
            "    <id>{id}</id>\n",
            "    <title>{title}</title>\n",
            "    <link rel=\"alternate\" type=\"text/html\" href=\"{url}\"/>\n",
            "    <published>{published}</published>\n",
            "    <updated>{updated}</updated>\n",
            "    <author><name>{author}</name></author>\n",
            "    <category term=\"{category}\"/>\n",
            "    <summary>{summary}</summary>\n",
            "  </entry>\n",
        ),
        id = escaped(&entry.id),
        title = escaped(&entry.title),
        url = escaped(&entry.url),
        published = entry.published,
        updated = entry.updated,
        author = escaped(&entry.author),
        category = entry.category,
        summary = escaped(&entry.summary),
    )
}

/// Text for elements and attributes; characters that XML 1.0 cannot hold are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed() -> Feed {
        Feed {
            address: "https://a.example/decisions.atom".into(),
            site: "https://a.example/decisions".into(),
            title: "Decisions of A & B".into(),
            author: "A".into(),
            language: "en".into(),
        }
    }

    fn entry(title: &str, updated: i64) -> Entry {
        Entry {
            id: "https://a.example/proposals/1#decision".into(),
            title: title.into(),
            url: "https://a.example/decisions/1".into(),
            published: Time(0),
            updated: Time(updated),
            author: "ada".into(),
            category: "passed",
            summary: "It passes.".into(),
        }
    }

    #[test]
    fn titles_stay_text_whatever_is_in_them() {
        let text = write(&feed(), &[entry("</title><script>\u{0}\u{fffe} & \"x\"", 10)]);
        assert!(text.contains("&lt;/title&gt;&lt;script&gt;\u{fffd}\u{fffd} &amp; &quot;x&quot;</title>"), "{text}");
        assert!(text.contains("<title>Decisions of A &amp; B</title>"));
        assert_eq!(text.matches("<script").count(), 0);
    }

    #[test]
    fn the_feed_is_as_new_as_its_newest_entry() {
        let text = write(&feed(), &[entry("One", 10), entry("Two", 1_795_456_800)]);
        let head = text.split("<entry>").next().unwrap_or_default();
        assert!(head.contains("<updated>2026-11-23T18:00:00Z</updated>"), "{head}");
        assert_eq!(text.matches("<entry>").count(), 2);
    }

    #[test]
    fn every_element_that_is_opened_is_closed() {
        let text = write(&feed(), &[entry("One", 10)]);
        for name in ["feed", "entry", "id", "title", "updated", "author", "name", "summary", "published"] {
            let opened = text.matches(&format!("<{name}>")).count() + text.matches(&format!("<{name} ")).count();
            assert_eq!(opened, text.matches(&format!("</{name}>")).count(), "{name}");
        }
    }

    #[test]
    fn a_feed_without_decisions_is_still_a_feed() {
        let text = write(&feed(), &[]);
        assert!(text.contains("<updated>1970-01-01T00:00:00Z</updated>") && text.ends_with("</feed>\n"));
    }
}
