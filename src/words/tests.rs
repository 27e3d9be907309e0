use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use folkmoot_governance::charter::{Charter, Flaw, Problem};
use folkmoot_governance::statement::Custody;
use folkmoot_governance::{ballot, proposal};
use serde_json::json;

use super::*;

#[test]
fn the_browser_gets_the_best_language_there_is() {
    let there = ["en", "ca", "es", "fr"];
    for (header, tag) in [
        ("", "en"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("de, es;q=0.5, ca;q=0.7", "ca"),
        ("CA", "ca"),
        ("fr;q=0, de", "en"),
        ("*", "en"),
        ("es;q=abc, fr;q=0.1", "fr"),
    ] {
        assert_eq!(negotiate(header, &there), tag, "{header}");
    }
}

#[test]
fn an_overlong_header_falls_back() {
    let header = "xx,".repeat(100_000);
    assert_eq!(choose(Some(&header)), "en");
}

#[test]
fn plural_rules_choose_the_form() {
    let texts = Texts::load("en");
    let say = |n: i64| {
        let mut arguments = FluentArgs::new();
        arguments.set("count", n);
        texts.say("lines-skipped", &arguments).expect("there")
    };
    assert_eq!((say(1).as_str(), say(2).as_str()), ("One line without change", "2 lines without change"));
}

#[test]
fn a_message_without_its_argument_is_a_fault() {
    let texts = Texts::load("en");
    assert!(texts.say("home-hello", &FluentArgs::new()).is_err());
    assert!(texts.say("no-such-message", &FluentArgs::new()).is_err());
}

/// Every text below a folder of the sources whose name ends like this.
fn below(folder: &str, extension: &str) -> Vec<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                texts.push(fs::read_to_string(path).expect("a text"));
            }
        }
    }
    texts
}

/// The messages of a language: key and what stands for it.
pub(super) fn messages(sources: &[&str]) -> BTreeMap<String, String> {
    let mut messages: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        if line.starts_with(' ') {
            messages.entry(last.clone()).or_default().push_str(line);
        } else if let Some((key, text)) = line.split_once(" =").filter(|_| !line.starts_with('#')) {
            key.clone_into(&mut last);
            messages.insert(last.clone(), text.to_owned());
        }
    }
    messages
}

/// The arguments that a message names.
fn arguments(text: &str) -> BTreeSet<String> {
    let names = text.split("{ $").skip(1);
    names.map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()).collect()
}

/// The preset of The Online Meeting Cooperative.
pub(super) fn preset() -> Charter {
    toml::from_str(include_str!("../charters/ocm.toml")).expect("the preset")
}

/// The message is in the locale file and gets the arguments that it names there.
pub(super) fn check_arguments(locale: &BTreeMap<String, String>, message: &Message) {
    let text = locale.get(message.key.as_ref()).unwrap_or_else(|| panic!("{} is not in the locale file", message.key));
    let given: BTreeSet<String> = message.arguments.keys().map(|name| name.to_string()).collect();
    assert_eq!(arguments(text), given, "{}", message.key);
    for argument in message.arguments.values() {
        if let Argument::Messages(messages) = argument {
            messages.iter().for_each(|message| check_arguments(locale, message));
        }
    }
}

/// Keys that the program names itself begin like this; others stand in templates, which the pages' tests render.
const NAMED: [&str; 12] = [
    "acting-",
    "closing-",
    "explain-",
    "failed-",
    "feed-",
    "forbidden-",
    "missing-",
    "problem-",
    "promise-",
    "refused-",
    "setting-",
    "title-",
];

/// The sources of the program without its tests.
fn program() -> Vec<String> {
    let without_tests = |code: String| {
        let ends = [code.find("mod tests {"), code.find("#[test]")];
        ends.into_iter().flatten().min().map_or(code.clone(), |end| code[..end].to_owned())
    };
    below("src", "rs").into_iter().map(without_tests).collect()
}

#[test]
fn every_message_that_the_program_names_is_there() {
    let mut found = 0;
    for code in program() {
        for literal in code.split('"').filter(|text| NAMED.iter().any(|prefix| text.starts_with(prefix))) {
            if literal.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
                assert!(fallback().has(literal), "{literal}");
                found += 1;
            }
        }
    }
    assert!(found > 150, "{found}");
}

#[test]
fn all_of_the_words_are_used_and_said_plainly() {
    let messages = messages(&LANGUAGES[0].1);
    assert!(messages.len() > 500);
    let templates = below("src/web/templates", "html").concat();
    let code = program().concat();
    let used = |key: &str| {
        // Either the whole key, or a template that puts it together: "state-" ~ name.
        templates.contains(&format!("\"{key}\""))
            || code.contains(&format!("\"{key}\""))
            || key.match_indices('-').any(|(end, _)| templates.contains(&format!("\"{}\" ~", &key[..=end])))
    };
    let idle: Vec<&String> = messages.keys().filter(|key| !key.starts_with("unfit-") && !used(key)).collect();
    assert!(idle.is_empty(), "{idle:?}");
    for word in ["submit", "invalid", "error", " user", "please wait", "admin"] {
        let said = messages.values().find(|text| text.to_lowercase().contains(word));
        assert_eq!(said, None, "{word}");
    }
}

/// The variants of an enum of the core by their codes, each with the names of its fields.
fn variants(file: &str, name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/governance").join(file);
    let source = fs::read_to_string(path).expect("a source file");
    let (_, rest) = source.split_once(&format!("pub enum {name} {{\n")).expect("the enum");
    let (body, _) = rest.split_once("\n}\n").expect("its end");
    let lines = body.lines().map(str::trim).filter(|line| !line.starts_with("#[") && !line.starts_with("//"));
    let plain: String = lines.collect::<Vec<_>>().join(" ").replace('{', "{,").replace('}', ",}");
    let mut variants = BTreeMap::new();
    let mut within: Option<(String, BTreeSet<String>)> = None;
    for piece in plain.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
        match (piece.strip_suffix('{'), piece, &mut within) {
            (Some(variant), ..) => within = Some((code(variant.trim()), BTreeSet::new())),
            (None, "}", _) => variants.extend(within.take()),
            (None, field, Some((_, fields))) => {
                fields.extend(field.split(':').next().map(str::to_owned));
            }
            (None, variant, None) => {
                variants.insert(code(variant), BTreeSet::new());
            }
        }
    }
    variants
}

/// The code as which a variant serialises.
fn code(variant: &str) -> String {
    let mut code = String::new();
    for c in variant.chars() {
        if c.is_ascii_uppercase() && !code.is_empty() {
            code.push('-');
        }
        code.push(c.to_ascii_lowercase());
    }
    code
}

#[test]
fn whatever_the_core_refuses_has_its_words_in_every_language() {
    let mut expected = BTreeMap::new();
    for (area, file, name) in [
        ("ballot", "ballot.rs", "Refusal"),
        ("proposal", "proposal.rs", "Refusal"),
        ("amendment", "charter/amend.rs", "Unfit"),
        ("charter", "charter/flaw.rs", "Flaw"),
    ] {
        let variants = variants(file, name);
        assert!(variants.len() > 5, "{file}");
        expected.extend(variants.into_iter().map(|(code, fields)| (format!("unfit-{area}-{code}"), fields)));
    }
    for (tag, sources) in LANGUAGES {
        let told = messages(sources).into_iter().filter(|(key, _)| key.starts_with("unfit-"));
        let told: BTreeMap<String, BTreeSet<String>> = told.map(|(key, text)| (key, arguments(&text))).collect();
        for (key, fields) in &expected {
            assert_eq!(told.get(key), Some(fields), "{key} in {tag}");
        }
        assert_eq!(told.len(), expected.len(), "{tag} has words for what is refused nowhere");
    }
}

#[test]
fn refusals_of_the_core_are_told_as_the_core_says_them() {
    let member = "ada".parse().expect("a member id");
    for refused in [
        ballot::Refusal::NotABallot,
        ballot::Refusal::OtherEpoch { named: 3, vote: 2 },
        ballot::Refusal::WrongKey { member },
        ballot::Refusal::CustodyRefused { custody: Custody::Node },
        ballot::Refusal::CustodyRefused { custody: Custody::Device },
        ballot::Refusal::TooManyChosen { chosen: 2 },
        ballot::Refusal::Sequence,
    ] {
        assert_eq!(Message::unfit("ballot", json!(refused)).to_string(), refused.to_string());
    }
    let flaw = Flaw::VoteSeconds { least: 86_400, seconds: -1 };
    let problem = Problem { path: "types.urgent".into(), flaw };
    for refused in [
        proposal::Refusal::TooShort { decision_type: "urgent".into(), least: 86_400, seconds: 5 },
        proposal::Refusal::Effect { problem },
        proposal::Refusal::Options,
    ] {
        assert_eq!(Message::unfit("proposal", json!(refused)).to_string(), refused.to_string());
    }
}

#[test]
fn an_argument_stays_what_it_is() {
    let hostile = "{ $member } { refused-frozen } -term = x\n[[a]] <b>";
    let message = Message::new("refused-no-mandate").with("member", hostile);
    assert_eq!(fallback().tell(&message), format!("You have no mandate to act for {hostile}."));
}

#[test]
fn a_message_that_is_not_there_is_told_by_its_key() {
    assert_eq!(Message::new("refused-unheard-of").to_string(), "refused-unheard-of");
    assert_eq!(Message::new("refused-no-mandate").to_string(), "refused-no-mandate", "without its argument");
}
