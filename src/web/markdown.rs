//! Markdown of members as safe HTML: a short list of elements and nothing that runs, loads or imitates the page.

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// What may stand in a member's text. Everything else is dropped, its text kept.
const ELEMENTS: [&str; 29] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Levels of quotes and lists that are kept.
const DEPTH: usize = 16;

/// `source` (CommonMark with tables and strikethrough) as HTML that needs no further escaping.
pub fn html(source: &str) -> String {
    let source = without_direction_marks(source);
    let events = Parser::new_ext(&source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut unsafe_html = String::with_capacity(source.len() * 3 / 2);
    let mut events: Vec<Event<'_>> = shallow(events).map(without_pictures).collect();
    below_the_page(&mut events);
    html::push_html(&mut unsafe_html, events.into_iter());
    sanitise(&unsafe_html)
}

/// Without quotes and lists beyond [`DEPTH`], whose text stays: thousands of levels would keep a browser and us busy.
fn shallow<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut depth = 0_usize;
    events.filter(move |event| match event {
        Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item) => {
            depth += 1;
            depth <= DEPTH
        }
        Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item) => {
            depth -= 1;
            depth < DEPTH
        }
        _ => true,
    })
}

/// Pictures become links: they would tell a foreign host who reads, and when.
fn without_pictures(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    }
}

/// Moves headings so that the highest of the text is at level 3, below those of the page.
fn below_the_page(events: &mut [Event<'_>]) {
    let level_of = |event: &Event<'_>| match event {
        Event::Start(Tag::Heading { level, .. }) => Some(*level as usize),
        _ => None,
    };
    let Some(highest) = events.iter().filter_map(level_of).min() else { return };
    let moved = |level: HeadingLevel| HeadingLevel::try_from(level as usize - highest + 3).unwrap_or(HeadingLevel::H6);
    for event in events {
        match event {
            Event::Start(Tag::Heading { level, .. }) | Event::End(TagEnd::Heading(level)) => *level = moved(*level),
            _ => {}
        }
    }
}

fn sanitise(unsafe_html: &str) -> String {
    Builder::empty()
        .tags(ELEMENTS.into())
        .clean_content_tags(["script", "style", "template", "svg", "math", "iframe", "noscript"].into())
        .tag_attributes([("a", ["href"].into()), ("ol", ["start"].into())].into())
        .generic_attributes([].into())
        .url_schemes(["https", "http", "mailto"].into())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow noopener ugc"))
        .strip_comments(true)
        .clean(unsafe_html)
        .to_string()
}

/// Without the characters that make text read differently from what it says (Unicode bidirectional controls), and
/// without other invisible control characters.
pub fn without_direction_marks(text: &str) -> String {
    let hides = |c: char| {
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
            || (c.is_control() && !matches!(c, '\n' | '\t'))
            || ('\u{e0000}'..='\u{e007f}').contains(&c)
    };
    text.replace("\r\n", "\n").chars().filter(|c| !hides(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_texts_keep_their_shape() {
        let html =
            html("# Aim\n\nWe *rent* **one** server.\n\n1. now\n2. later\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n~~no~~");
        for part in
            ["<h3>Aim</h3>", "<em>rent</em>", "<strong>one</strong>", "<li>now</li>", "<tr><td>1</td>", "<del>no</del>"]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn headings_stay_below_those_of_the_page() {
        assert!(html("## a\n### b").contains("<h3>a</h3>\n<h4>b</h4>"));
        assert!(html("# a\n###### b").contains("<h3>a</h3>\n<h6>b</h6>"));
    }

    #[test]
    fn nothing_that_runs_comes_through() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)><animate onbegin=alert(1)></svg>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt&#58;alert(1))",
            "[x](&#x6A;avascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:alert(1))",
            "<a href='https://a.example' onclick=alert(1) style='position:fixed'>x</a>",
            "<math><mtext></p><style><img src onerror=alert(1)>",
            "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
            "<form action=https://evil.example><input name=password></form>",
            "<style>body{display:none}</style>",
            "<!--><script>alert(1)</script>-->",
            "<p class=flash id=main>imitates the page</p>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "![x](https://spy.example/pixel.png)",
            "```\n<script>alert(1)</script>\n```",
            "`<b onmouseover=alert(1)>`",
        ];
        for source in hostile {
            let html = html(source);
            let tags: Vec<&str> = html.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or(tag)).collect();
            for tag in tags {
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                assert!(ELEMENTS.contains(&name), "{source} became {html}");
                let rest = tag.strip_prefix(name).unwrap_or_default();
                let link = rest.starts_with(" href=\"http") || rest.starts_with(" rel=\"nofollow noopener ugc\"");
                assert!(rest.is_empty() || tag.starts_with('/') || link, "{source} became {html}");
            }
        }
    }

    #[test]
    fn links_do_not_vouch_for_their_target() {
        let html = html("[x](https://a.example/b)");
        assert!(html.contains(r#"rel="nofollow noopener ugc""#), "{html}");
        assert!(!super::html("[x](//evil.example) [y](/account)").contains("href"));
    }

    #[test]
    fn pictures_become_links() {
        let html = html("![our office](https://a.example/office.jpg)");
        assert!(html.contains(">our office</a>") && !html.contains("<img"), "{html}");
    }

    #[test]
    fn text_cannot_run_backwards() {
        let html = html("pay \u{202e}001\u{202c} €\u{2066}\u{200f}\u{0000}\u{e0041}");
        assert_eq!(html.trim(), "<p>pay 001 €</p>");
    }

    #[test]
    fn thousands_of_levels_are_flattened() {
        let html = html(&format!("{} deep", ">".repeat(5_000)));
        assert_eq!(html.matches("<blockquote>").count(), DEPTH);
        assert!(html.contains("deep"));
        let html = super::html(&format!("{} deep", "- ".repeat(500)));
        assert_eq!(html.matches("<ul>").count() + html.matches("<li>").count(), DEPTH, "{html}");
    }
}
