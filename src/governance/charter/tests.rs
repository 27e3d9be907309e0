//! The preset, what is refused in a charter, and how one is read aloud.

use super::*;
use crate::testdata::*;

/// Where the problems are after `change`.
fn problems(change: impl FnOnce(&mut Charter)) -> Vec<String> {
    let mut charter = ocm();
    change(&mut charter);
    charter.check().into_iter().map(|problem| problem.path).collect()
}

fn fraction(text: &str) -> Fraction {
    text.parse().expect("a fraction")
}

fn text(text: &str) -> Setting {
    Setting::Text(text.to_owned())
}

#[test]
fn preset_has_no_problems() {
    assert_eq!(ocm().check(), []);
}

#[test]
fn preset_carries_the_numbers_of_the_model() {
    let charter = ocm();
    let strengths: Vec<_> = charter.classes.iter().map(|class| class.strength.to_string()).collect();
    assert_eq!(strengths, ["2/5", "7/20", "1/4"]);
    let least: Vec<_> = charter.types.iter().map(|found| (found.id.as_str(), found.minimum_seconds / 3600)).collect();
    assert_eq!(least, [("urgent", 72), ("regular", 168), ("constitutional", 168)]);
    assert_eq!(charter.principles.len(), 7);
    assert_eq!((charter.blocks.override_at_least, charter.empty_class), (fraction("3/4"), EmptyClass::Redistribute));
    assert_eq!(charter.contribution.sponsor_share, fraction("3/10"));
    let parties = &charter.articles.iter().find(|article| article.id == "parties").expect("an article").text;
    for name in [
        "CollectiveTools",
        "femProcomuns",
        "Webarchitects",
        "Free Knowledge Institute",
        "Animorph Cooperative",
        "Hypha",
        "Koumbit",
        "Remix the Commons",
        "Digital Life Collective",
        "MayFirst",
        "OpenCoop",
        "Autonomous",
    ] {
        assert!(parties.contains(name), "{name}");
    }
}

#[test]
fn what_the_document_leaves_blank_is_marked() {
    let blanks = ocm().blanks();
    for (section, path) in [
        ("The preamble of", "articles.preamble"),
        ("Article 1 of", "articles.1"),
        ("Article 0 of", "visibility"),
        ("Article 0 of", "contribution.first_year_minutes_least"),
        ("Article 2.1 of", "articles.2.1"),
        ("Article 2.1 of", "roll.objection_seconds"),
        ("Article 2.3 of", "classes.producer.rights"),
        ("Article 2.4 of", "articles.2.4"),
        ("Article 3 of", "types.urgent.callers"),
        ("Article 3 of", "types.urgent.challenge"),
        ("Article 3 of", "types.constitutional"),
        ("Article 3 of", "empty_class"),
        ("Article 3 of", "blocks"),
        ("Article 3 of", "classes.producer.quorum"),
        ("Article 3 of", "tie"),
        ("Article 3 of", "types.regular.threshold"),
        ("Article 3 of", "articles.3.5"),
        ("Article 3 of", "articles.3"),
        ("Article 5 of", "classes.producer.levels"),
        ("Article 5.2 of", "contribution.sponsor_share"),
        ("Article 5.2 of", "articles.5.2"),
        ("Article 5.2 of", "contribution.validators"),
        ("Article 6 of", "articles.6"),
    ] {
        let blank = blanks.iter().find(|blank| blank.path == path).expect(path);
        assert!(blank.why.starts_with(&format!("{section} the founding document")), "{path}: {}", blank.why);
    }
}

#[test]
fn every_article_of_the_document_is_there() {
    let charter = ocm();
    for id in ["0", "1", "2.1", "2.2", "2.3", "2.4", "3", "4", "5", "5.1", "5.2", "5-knowledge", "6"] {
        assert!(charter.articles.iter().any(|article| article.id == id), "{id}");
    }
}

#[test]
fn strengths_make_exactly_one() {
    assert_eq!(problems(|charter| charter.classes[0].strength = fraction("39/100")), ["classes"]);
    let found = problems(|charter| charter.classes[0].strength = fraction("7/5"));
    assert_eq!(found, ["classes.producer.strength", "classes"]);
}

#[test]
fn class_without_vote_has_no_strength() {
    let found = problems(|charter| charter.classes[2].rights.retain(|right| *right != Right::Vote));
    assert_eq!(found, ["classes.consumer-individual.strength"]);
}

#[test]
fn ids_are_plain_and_unique() {
    assert_eq!(
        problems(|charter| charter.classes[1].levels[1].id = "standard".to_owned()),
        ["classes.consumer-organisation.levels.standard"]
    );
    assert_eq!(
        problems(|charter| charter.articles[4].id = "A b".to_owned()).first().map(String::as_str),
        Some("articles.A b")
    );
    assert!(problems(|charter| charter.types[2].id = "regular".to_owned()).contains(&"types.regular".to_owned()));
    assert!(problems(|charter| charter.classes[2].id = "producer".to_owned()).contains(&"classes.producer".to_owned()));
}

#[test]
fn references_must_lead_somewhere() {
    assert_eq!(problems(|charter| charter.types[0].callers = vec!["guest".to_owned()]), ["types.urgent.callers"]);
    assert_eq!(problems(|charter| charter.types[0].challenge = Some("slow".to_owned())), ["types.urgent.challenge"]);
    assert_eq!(problems(|charter| charter.types[0].article = "9".to_owned()), ["types.urgent.article"]);
    assert_eq!(problems(|charter| charter.roll.objectors = vec!["guest".to_owned()]), ["roll.objectors"]);
    assert_eq!(problems(|charter| charter.articles[0].governs = vec!["nothing".to_owned()]), ["articles.preamble"]);
    assert_eq!(problems(|charter| charter.provisional[0].path = "no.where".to_owned()), ["provisional.no.where"]);
}

#[test]
fn persons_neither_object_nor_sponsor() {
    assert_eq!(problems(|charter| charter.roll.objectors = vec![INDIVIDUAL.to_owned()]), ["roll.objectors"]);
    let found = problems(|charter| charter.classes[2].rights.push(Right::Sponsor));
    assert_eq!(found, ["classes.consumer-individual.rights"]);
}

#[test]
fn short_durations_are_for_demos_only() {
    let shorten = |charter: &mut Charter| {
        charter.types[0].minimum_seconds = 30;
        charter.roll.minimum_age_seconds = 0;
        charter.roll.objection_seconds = 0;
        charter.closing.settle_seconds = 0;
        charter.closing.delay_seconds = 1;
        charter.closing.abandon_seconds = 60;
        charter.closing.opening_seconds = 0;
    };
    let expected = [
        "types.urgent.minimum_seconds",
        "roll.minimum_age_seconds",
        "roll.objection_seconds",
        "closing.settle_seconds",
        "closing.delay_seconds",
        "closing.opening_seconds",
        "closing.abandon_seconds",
    ];
    let mut found = problems(shorten);
    found.sort_by_key(|path| expected.iter().position(|known| known == path));
    assert_eq!(found, expected);
    let demo = problems(|charter| {
        shorten(charter);
        charter.demo = true;
    });
    assert_eq!(demo, Vec::<String>::new());
    let nothing = problems(|charter| {
        charter.demo = true;
        charter.types[0].minimum_seconds = 0;
    });
    assert_eq!(nothing, ["types.urgent.minimum_seconds"]);
}

#[test]
fn thresholds_are_reachable_shares() {
    for (text, strict, fits) in
        [("1", false, true), ("1", true, false), ("0", true, true), ("0", false, false), ("3/2", false, false)]
    {
        let found = problems(|charter| charter.types[1].threshold = Threshold { fraction: fraction(text), strict });
        assert_eq!(found.is_empty(), fits, "{text} {strict}");
    }
    assert_eq!(problems(|charter| charter.blocks.override_at_least = fraction("0")), ["blocks.override_at_least"]);
}

#[test]
fn challenge_never_shortens_or_disarms_a_vote() {
    assert_eq!(problems(|charter| charter.types[1].minimum_seconds = 2 * DAY), ["types.urgent.challenge"]);
    let found = problems(|charter| charter.types[1].challenge = Some("constitutional".to_owned()));
    assert_eq!(found, ["types.urgent.challenge"], "a second challenge");
    let found = problems(|charter| charter.types[0].effects.push(EffectKind::RemoveParty));
    assert_eq!(found, ["types.urgent.challenge"]);
}

#[test]
fn charter_that_could_never_change_is_refused() {
    assert_eq!(problems(|charter| charter.types[2].effects.clear()), ["types"]);
    let found = problems(|charter| {
        charter.classes.iter_mut().for_each(|class| class.rights.retain(|right| *right != Right::Propose))
    });
    assert!(found.contains(&"classes".to_owned()));
}

#[test]
fn texts_have_limits() {
    assert_eq!(problems(|charter| charter.name = " ".to_owned()), ["name"]);
    assert_eq!(problems(|charter| charter.handle = "Ocm".to_owned()), ["handle"]);
    assert_eq!(problems(|charter| charter.language = "e".to_owned()), ["language"]);
    assert_eq!(problems(|charter| charter.terms.clear()), ["terms"]);
    assert_eq!(problems(|charter| charter.articles[4].text = "x".repeat(65 * 1024)), ["articles.1"]);
    assert_eq!(problems(|charter| charter.closing.recovery = "x".repeat(501)), ["closing.recovery"]);
    assert_eq!(problems(|charter| charter.contribution.currency = "euro".to_owned()), ["contribution.currency"]);
    assert_eq!(problems(|charter| charter.contribution.validators = 0), ["contribution.validators"]);
    assert_eq!(problems(|charter| charter.blocks.grounds.clear()), ["blocks.grounds"]);
    assert_eq!(problems(|charter| charter.blocks.grounds[0] = "g".repeat(101)), ["blocks.grounds"]);
}

#[test]
fn demo_keeps_the_rules_and_the_proportions() {
    let demo = ocm().for_demo(DemoTimes { vote_seconds: 30, ..DemoTimes::default() });
    assert_eq!(demo.check(), []);
    let seconds: Vec<_> = demo.types.iter().map(|decision_type| decision_type.minimum_seconds).collect();
    assert_eq!(seconds, [30, 70, 70]);
    assert_eq!((demo.demo, demo.roll.minimum_age_seconds), (true, 0));
    assert_eq!(demo.rules_for("regular"), ocm().rules_for("regular"));
}

#[test]
fn rules_of_a_type_are_those_of_the_voting_classes() {
    let mut charter = ocm();
    charter.classes.push(Class {
        id: "guest".to_owned(),
        name: "guests".to_owned(),
        strength: Fraction::zero(),
        rights: vec![Right::Ledger],
        ..charter.classes[2].clone()
    });
    assert_eq!(charter.check(), []);
    let rules = charter.rules_for("constitutional").expect("a type");
    assert_eq!(rules.threshold, Threshold { fraction: fraction("2/3"), strict: false });
    let classes: Vec<_> = rules.classes.iter().map(|rule| rule.class.as_str()).collect();
    assert_eq!(classes, [PRODUCER, ORGANISATION, INDIVIDUAL]);
    assert_eq!(charter.rules_for("whim"), None);
}

#[test]
fn articles_are_found_by_the_longest_path_they_govern() {
    let charter = ocm();
    let article = |path: &str| charter.article_for(path).map(|article| article.id.as_str());
    assert_eq!(article("types.urgent.callers"), Some("3.1"));
    assert_eq!(article("types.other"), Some("3"));
    assert_eq!(article("classes.producer.rights"), Some("2.3"));
    assert_eq!(article("classes.producer.quorum"), Some("3.3"));
    assert_eq!(article("tiebreak"), None);
}

#[test]
fn blanks_show_what_holds_for_now() {
    let blanks = ocm().blanks();
    let value = |path: &str| blanks.iter().find(|blank| blank.path == path).map(|blank| blank.value.clone());
    assert_eq!(value("empty_class"), Some(text("redistribute")));
    assert_eq!(value("articles.1"), Some(text("")));
    assert_eq!(value("contribution.sponsor_share"), Some(text("3/10")));
    assert!(matches!(value("articles.2.4"), Some(Setting::Text(text)) if text.contains("force majeure")));
    assert!(blanks.len() > 30);
}

#[test]
fn settings_are_what_can_be_typed_below_a_place() {
    let charter = ocm();
    let below = charter.settings("blocks").into_iter().map(|(path, _)| path).collect::<Vec<_>>();
    assert_eq!(below, ["blocks.grounds", "blocks.override_at_least"]);
    assert_eq!(charter.settings("tie"), [("tie".to_owned(), text("fails"))]);
    let threshold = charter.types[2].threshold.clone();
    let place = "types.constitutional.threshold";
    assert_eq!(charter.settings(place), [(place.to_owned(), Setting::Threshold(threshold))]);
    let place = "roll.objection_seconds";
    assert_eq!(charter.settings(place), [(place.to_owned(), Setting::Seconds(604_800))]);
    assert_eq!(charter.settings("nowhere"), []);
}

#[test]
fn every_rule_and_every_blank_is_a_point() {
    let charter = ocm();
    let points = charter.points();
    assert_eq!(points.len(), charter.rules().len() + charter.provisional.len());
    let urgent = points.iter().find_map(|point| match point {
        Point::DecisionType(rules) if rules.name == "urgent" => Some(rules),
        _ => None,
    });
    let urgent = urgent.expect("a point for each type");
    assert_eq!(
        (urgent.callers.as_slice(), urgent.challenge.as_deref()),
        (&["producers".to_owned()][..], Some("regular"))
    );
    let abandonment = Point::Abandonment { abandon_seconds: 604_800, recovery: charter.closing.recovery };
    assert!(points.contains(&abandonment));
}

#[test]
fn amendment_is_shown_setting_by_setting() {
    let old = ocm();
    let mut new = Charter { version: 2, ..old.clone() };
    new.classes[0].strength = fraction("3/8");
    new.articles[4].text = "A catalogue of services.".to_owned();
    new.provisional.retain(|blank| blank.path != "articles.1");
    new.types[0].challenge = None;
    let changes = difference(&old, &new);
    let changes: Vec<_> = changes.into_iter().map(|change| (change.path, change.old, change.new)).collect();
    let change = |path: &str, old: &str, new: Option<&str>| (path.to_owned(), Some(text(old)), new.map(text));
    assert_eq!(changes[0], change("articles.1.text", "", Some("A catalogue of services.")));
    assert_eq!(changes[1], change("classes.producer.strength", "2/5", Some("3/8")));
    assert!(changes.contains(&change("types.urgent.challenge", "regular", None)));
    assert!(changes.contains(&change("provisional.articles.1.path", "articles.1", None)));
    assert_eq!(changes.len(), 5);
    assert_eq!(difference(&old, &old), []);
}

#[test]
fn digests_follow_the_content() {
    let charter = ocm();
    let other = Charter { terms: "Other terms.".to_owned(), ..charter.clone() };
    assert_ne!(charter.digest(), other.digest());
    assert_ne!(charter.terms_digest(), other.terms_digest());
    assert_eq!(charter.terms_digest(), Charter { version: 2, ..charter.clone() }.terms_digest());
    let json = serde_json::to_string(&charter).expect("plain");
    assert_eq!(serde_json::from_str::<Charter>(&json).expect("the same").digest(), charter.digest());
}
