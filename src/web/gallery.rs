//! Renders every page with the sample consortium, looks over what all pages have to have in common, and writes them
//! where `FOLKMOOT_PAGES` says, so that people can look at them without a node.

use std::collections::BTreeSet;

use super::ballot::BallotPanel;
use super::charter::CharterPage;
use super::decisions::DecisionsPage;
use super::deeds::DeedKind;
use super::failure::FailurePage;
use super::form::Problems;
use super::layout::{Done, Frame, Section};
use super::log_in::{LogInForm, LogInPage};
use super::proposals::{Filter, ProposalsPage};
use super::sample::render;
use super::turns::Turns;
use super::{assets, sample};

/// A file name and the document in it.
type Shown = (&'static str, String);

fn member(section: Section) -> Frame {
    Frame { section, ..sample::member() }
}

fn visitor(section: Section) -> Frame {
    Frame { section, ..sample::visitor() }
}

fn steward() -> Frame {
    Frame { section: Section::Stewards, ..sample::steward() }
}

/// In the middle of a list.
fn turns() -> Turns {
    let address = |word: &str| Some(format!("/decisions?page={word}"));
    Turns { previous: address("newer"), next: address("older"), newest_first: true }
}

/// Every page.
fn pages() -> Vec<Shown> {
    [home_and_proposals(), writing(), decisions(), membership(), stewards()].concat()
}

fn home_and_proposals() -> Vec<Shown> {
    let frame = member(Section::Proposals);
    let list = |filter, proposals| ProposalsPage { filter, proposals, can_propose: true, turns: turns() };
    let mut wrong = sample::open_proposal();
    if let BallotPanel::Form(form) = &mut wrong.ballot {
        form.chosen = vec![3];
        form.problems.add("ground", "problem-ground");
    }
    vec![
        ("home", render(&member(Section::Home), &sample::home())),
        ("home-visitor", render(&visitor(Section::Home), &sample::home())),
        ("home-alone", render(&Frame { consortium: None, ..steward() }, &sample::home())),
        ("proposals", render(&frame, &list(Filter::Current, sample::open_cards()))),
        ("proposals-none", render(&frame, &list(Filter::Drafts, vec![]))),
        ("proposal", render(&frame, &sample::open_proposal())),
        ("proposal-wrong", render(&frame, &wrong)),
        ("receipt", render(&frame, &sample::receipt())),
    ]
}

fn writing() -> Vec<Shown> {
    let frame = member(Section::Proposals);
    vec![
        ("draft", render(&frame, &sample::draft())),
        ("amendment", render(&frame, &sample::amendment())),
        ("open", render(&frame, &sample::open())),
        ("extend", render(&frame, &sample::deed(DeedKind::Extend))),
        ("challenge", render(&frame, &sample::deed(DeedKind::Challenge))),
    ]
}

fn decisions() -> Vec<Shown> {
    let frame = visitor(Section::Decisions);
    let list = |search: &str, decisions| DecisionsPage { search: search.into(), decisions, turns: turns() };
    vec![
        ("decisions", render(&frame, &list("", sample::decision_cards()))),
        ("decisions-none", render(&frame, &list("ferrets", vec![]))),
        ("decision", render(&frame, &sample::decision())),
        ("decision-choice", render(&frame, &sample::choice_decision())),
        ("decision-fault", render(&frame, &sample::troubled_decision())),
    ]
}

fn membership() -> Vec<Shown> {
    let charter = CharterPage { charter: sample::charter(), history: sample::charter_history(), can_propose: true };
    let log_in = LogInPage { form: LogInForm::default(), problems: Problems::default() };
    let failure =
        FailurePage { title: "title-missing".into(), detail: "missing-proposal".into(), log_in: None, fault: false };
    vec![
        ("members", render(&visitor(Section::Members), &sample::members())),
        ("member", render(&visitor(Section::Members), &sample::member_page())),
        ("join", render(&visitor(Section::Members), &sample::join())),
        ("join-sent", render(&visitor(Section::Members), &sample::join_sent())),
        ("charter", render(&member(Section::Charter), &charter)),
        ("consortium", render(&visitor(Section::Consortium), &sample::consortium())),
        ("log-in", render(&visitor(Section::None), &log_in)),
        ("account", render(&member(Section::Account), &sample::account())),
        ("failure", render(&visitor(Section::None), &failure)),
    ]
}

fn stewards() -> Vec<Shown> {
    let done = Frame { done: Some(Done::MandateGiven), ..steward() };
    vec![
        ("stewards", render(&steward(), &sample::stewards())),
        ("requests", render(&steward(), &sample::requests())),
        ("roll", render(&steward(), &sample::roll())),
        ("mandates", render(&done, &sample::mandates_page())),
        ("invitation", render(&steward(), &sample::invitation())),
        ("notice", render(&steward(), &sample::notice())),
    ]
}

#[test]
fn pages_can_be_looked_at_without_a_node() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = std::env::var_os("FOLKMOOT_PAGES").map_or(scratch.path().to_owned(), std::path::PathBuf::from);
    std::fs::create_dir_all(folder.join("static")).expect("a folder");
    for asset in assets::ASSETS {
        std::fs::write(folder.join("static").join(asset.name), asset.bytes).expect("written");
    }
    for (name, html) in pages() {
        let html = html.replace("\"/static/", "\"static/");
        std::fs::write(folder.join(format!("{name}.html")), &html).expect("written");
        assert!(html.starts_with("<!doctype html>"), "{name}");
    }
}

/// One tag of a page: its name (`/p` for the end of a paragraph) and its attributes.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(attribute, _)| *attribute == name).map(|(_, value)| *value)
    }

    fn is(&self, name: &str) -> bool {
        self.name == name
    }
}

/// The tags of a page as our templates write them: attributes in double quotes, nothing left open.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("a tag without an end: {piece}"));
        assert!(!text.contains('"') || !tag.contains('"') || tag.matches('"').count() % 2 == 0, "quotes in <{tag}>");
        let name_end = tag.find([' ', '\n']).unwrap_or(tag.len());
        let (name, mut rest) = tag.split_at(name_end);
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start().trim_end_matches('/');
            if rest.is_empty() {
                break;
            }
            let end = rest.find(['=', ' ', '\n']).unwrap_or(rest.len());
            let attribute = &rest[..end];
            let plain = attribute.bytes().all(|b| b.is_ascii_alphanumeric() || b"-:!".contains(&b));
            assert!(plain && !attribute.is_empty(), "attribute {attribute:?} in <{tag}>");
            rest = &rest[end..];
            let mut value = "";
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let end = quoted.find('"').unwrap_or_else(|| panic!("a value without an end: <{tag}>"));
                value = &quoted[..end];
                rest = &quoted[end + 1..];
                assert!(rest.is_empty() || rest.starts_with([' ', '\n', '/']), "no space after a value: <{tag}>");
            }
            attributes.push((attribute, value));
        }
        let once: BTreeSet<&str> = attributes.iter().map(|(name, _)| *name).collect();
        assert_eq!(once.len(), attributes.len(), "an attribute twice in <{tag}>");
        tags.push(Tag { name: name.trim_end_matches('/'), attributes });
    }
    tags
}

const VOID: [&str; 5] = ["meta", "link", "input", "br", "hr"];

#[test]
fn every_element_is_closed_in_order() {
    for (page, html) in pages() {
        let mut open = Vec::new();
        for tag in tags(&html).iter().filter(|tag| !tag.name.starts_with('!') && !VOID.contains(&tag.name)) {
            // Shapes of a chart close themselves.
            if ["path", "circle", "rect", "line"].contains(&tag.name) {
                continue;
            }
            match tag.name.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name), "{page}"),
                None => open.push(tag.name),
            }
        }
        assert!(open.is_empty(), "{page}: {open:?}");
    }
}

#[test]
fn every_page_has_its_landmarks_and_one_title() {
    for (page, html) in pages() {
        let tags = tags(&html);
        let count = |name: &str| tags.iter().filter(|tag| tag.is(name)).count();
        for once in ["main", "h1", "title"].map(|name| (name, count(name))) {
            // Titles of charts are counted with the page's own.
            assert!(once.1 == 1 || (once.0 == "title" && once.1 > 1), "{page}: {once:?}");
        }
        assert!(html.contains("<html lang=\"en\"") && html.contains("class=\"skip\" href=\"#main\""), "{page}");
        // What needs mending is said before anything else (the pattern of the GOV.UK design system).
        let headings = tags.iter().filter(|tag| tag.value("id") != Some("problems-title"));
        let levels = headings.filter_map(|tag| tag.name.strip_prefix('h')?.parse::<u8>().ok());
        levels.fold(0, |before, level| {
            assert!(level <= before + 1, "{page}: h{level} after h{before}");
            level
        });
    }
}

#[test]
fn every_reference_within_a_page_has_its_target() {
    for (page, html) in pages() {
        let tags = tags(&html);
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.value("id")).collect();
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), known.len(), "{page}: an id twice in {ids:?}");
        for tag in &tags {
            let fragment = tag.value("href").and_then(|href| href.strip_prefix('#'));
            let lists = ["aria-labelledby", "aria-describedby", "for"].into_iter().filter_map(|name| tag.value(name));
            for id in lists.flat_map(str::split_whitespace).chain(fragment) {
                assert!(known.contains(id), "{page}: #{id} is not there");
            }
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_form_its_token() {
    for (page, html) in pages() {
        let tags = tags(&html);
        let labelled: BTreeSet<&str> =
            tags.iter().filter(|tag| tag.is("label")).filter_map(|tag| tag.value("for")).collect();
        let fields = tags.iter().filter(|tag| ["input", "select", "textarea"].contains(&tag.name));
        for field in fields.filter(|field| field.value("type") != Some("hidden")) {
            let id = field.value("id").unwrap_or_else(|| panic!("{page}: a field without an id"));
            assert!(labelled.contains(id), "{page}: {id} has no label");
        }
        let posts = tags.iter().filter(|tag| tag.is("form") && tag.value("method") == Some("post")).count();
        let tokens = tags.iter().filter(|tag| tag.value("name") == Some("csrf")).count();
        assert_eq!(posts, tokens, "{page}");
    }
}

#[test]
fn nothing_on_a_page_runs_or_comes_from_elsewhere() {
    for (page, html) in pages() {
        for tag in tags(&html) {
            for (name, value) in &tag.attributes {
                assert!(!name.starts_with("on") && *name != "style", "{page}: {name}={value}");
                assert!(*name != "src" || value.starts_with("/static/"), "{page}: {value}");
            }
            assert!(!tag.is("script") || tag.value("src").is_some(), "{page}: a script inside");
            assert!(!tag.is("style") && !tag.is("img") && !tag.is("iframe"), "{page}: <{}>", tag.name);
            assert!(!tag.is("link") || tag.value("href").is_some_and(|href| href.starts_with('/')), "{page}");
        }
    }
}

#[test]
fn every_deed_can_be_confirmed_in_words() {
    for done in Done::ALL {
        let frame = Frame { done: Some(*done), ..sample::member() };
        assert!(sample::render(&frame, &sample::home()).contains("role=\"status\""));
        assert_eq!(Done::parse(done.name()), Some(*done));
    }
    assert_eq!(Done::parse("<script>"), None);
}
