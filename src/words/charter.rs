//! What a charter means, in sentences: the points that the core tells, in the words of the locale file.

use folkmoot_governance::charter::{Blank, ClassKind, EmptyClass, Point, Right, Threshold, TypeRules};
use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::statement::{Custody, EffectKind, Visibility};

use super::setting::told;
use super::{Message, Texts};

/// The most characters of a blank that stand in its sentence.
const BLANK_CHARS: usize = 120;

/// A charter in sentences, in the order of its points.
pub fn sentences(texts: &Texts, points: &[Point]) -> Vec<String> {
    points.iter().map(|point| sentence(texts, point)).collect()
}

/// A point as one sentence or a few, with the article at their end.
pub fn sentence(texts: &Texts, point: &Point) -> String {
    texts.tell_all(&messages(texts, point))
}

fn messages(texts: &Texts, point: &Point) -> Vec<Message> {
    let message = match point {
        Point::Head { name, version, articles, principles, demo } => {
            let head = Message::new("explain-head").naming("name", name).naming("version", version);
            let head = head.with("articles", *articles).with("principles", *principles);
            if *demo {
                return vec![head, Message::new("explain-demo")];
            }
            head
        }
        Point::Class { name, kind, strength, quorum, rights } => class(texts, name, *kind, strength, quorum, rights),
        Point::DecisionType(rules) => return decision_type(texts, rules),
        Point::EmptyClass { rule } => Message::new("explain-empty-class").with("rule", empty_class(*rule)),
        Point::Tie => Message::new("explain-tie"),
        Point::Blocks { override_at_least, grounds } => {
            Message::new("explain-blocks").naming("override", override_at_least).with("grounds", grounds.join("; "))
        }
        Point::Joining { objectors, objection_seconds } => {
            let joining = Message::new("explain-joining").with("objectors", objectors.join(", "));
            joining.lasting("duration", *objection_seconds)
        }
        Point::RollAge { minimum_age_seconds } => {
            Message::new("explain-roll-age").lasting("duration", *minimum_age_seconds)
        }
        Point::Closing { opening_seconds, settle_seconds, delay_seconds } => Message::new("explain-closing")
            .lasting("opening", *opening_seconds)
            .lasting("settle", *settle_seconds)
            .lasting("delay", *delay_seconds),
        Point::Abandonment { abandon_seconds, recovery } => {
            Message::new("explain-abandonment").lasting("duration", *abandon_seconds).naming("recovery", recovery)
        }
        Point::FirstYear { minutes_least, minutes_most, cents_least, cents_most, currency } => {
            Message::new("explain-first-year")
                .naming("hours_least", hours(*minutes_least))
                .naming("hours_most", hours(*minutes_most))
                .with("money_least", money(*cents_least))
                .with("money_most", money(*cents_most))
                .naming("currency", currency)
        }
        Point::EveryYear { producer_minutes, sponsor_share, validators } => Message::new("explain-every-year")
            .naming("hours", hours(*producer_minutes))
            .naming("share", sponsor_share)
            .with("validators", i64::from(*validators)),
        Point::Readers { visibility: Visibility::Public } => Message::new("explain-readers-public"),
        Point::Readers { visibility: Visibility::Consortium } => Message::new("explain-readers-consortium"),
        Point::Licences(licences) => Message::new("explain-licences")
            .naming("software", &licences.software)
            .naming("content", &licences.content)
            .naming("data", &licences.data)
            .naming("designs", &licences.designs),
        Point::Blank(blank) => blank_message(texts, blank),
    };
    vec![message]
}

fn class(
    texts: &Texts,
    name: &str,
    kind: ClassKind,
    strength: &Fraction,
    quorum: &Fraction,
    rights: &[Right],
) -> Message {
    let kind = match kind {
        ClassKind::Organisation => "organisation",
        ClassKind::Person => "person",
    };
    let quorum = if quorum.is_zero() { "none".to_owned() } else { quorum.to_string() };
    let rights = if rights.is_empty() { "none".to_owned() } else { listed(texts, rights.iter().map(right)) };
    Message::new("explain-class")
        .with("name", name)
        .with("kind", kind)
        .with("strength", strength.percent(1).trim_end_matches(".0"))
        .with("quorum", quorum)
        .with("rights", rights)
}

fn decision_type(texts: &Texts, rules: &TypeRules) -> Vec<Message> {
    let lasts = Message::new("explain-type")
        .naming("name", &rules.name)
        .lasting("duration", rules.minimum_seconds)
        .with("asked", asked(&rules.threshold))
        .naming("threshold", &rules.threshold.fraction)
        .with("callers", if rules.callers.is_empty() { "any" } else { "named" })
        .with("classes", rules.callers.join(", "));
    let mut told = vec![lasts];
    told.extend(rules.challenge.iter().map(|target| Message::new("explain-challenge").naming("name", target)));
    told.push(match rules.effects.as_slice() {
        [] => Message::new("explain-no-effects"),
        effects => Message::new("explain-effects").with("effects", listed(texts, effects.iter().map(effect))),
    });
    told.extend(match rules.custody.as_slice() {
        [Custody::Device] => Some(Message::new("explain-custody-device")),
        [Custody::Node] => Some(Message::new("explain-custody-node")),
        _ => None,
    });
    if rules.article.is_empty() {
        return told;
    }
    vec![Message::new("outcome-cited").with("sentence", told).naming("article", &rules.article)]
}

fn blank_message(texts: &Texts, blank: &Blank) -> Message {
    let line = told(texts, &blank.value).split_whitespace().collect::<Vec<_>>().join(" ");
    let value = match line.char_indices().nth(BLANK_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    };
    let message = match value.as_str() {
        "" => Message::new("explain-blank-nothing"),
        value => Message::new("explain-blank").with("value", value),
    };
    message.naming("path", &blank.path).naming("why", &blank.why)
}

/// What a decision type asks for, by name; half is said as a word.
pub(super) fn asked(threshold: &Threshold) -> &'static str {
    match (threshold.strict, threshold.fraction == Fraction::new(1, 2)) {
        (true, true) => "more-than-half",
        (false, true) => "at-least-half",
        (true, false) => "more-than",
        (false, false) => "at-least",
    }
}

fn empty_class(rule: EmptyClass) -> &'static str {
    match rule {
        EmptyClass::Redistribute => "redistribute",
        EmptyClass::Lapse => "lapse",
        EmptyClass::Block => "block",
    }
}

fn right(right: &Right) -> &'static str {
    match right {
        Right::Propose => "explain-right-propose",
        Right::Vote => "explain-right-vote",
        Right::Sponsor => "explain-right-sponsor",
        Right::Custody => "explain-right-custody",
        Right::Ledger => "explain-right-ledger",
    }
}

fn effect(effect: &EffectKind) -> &'static str {
    match effect {
        EffectKind::AdmitMember => "explain-effect-admit-member",
        EffectKind::EndMember => "explain-effect-end-member",
        EffectKind::AmendCharter => "explain-effect-amend-charter",
        EffectKind::AdmitParty => "explain-effect-admit-party",
        EffectKind::ChangeKey => "explain-effect-change-key",
        EffectKind::RemoveParty => "explain-effect-remove-party",
    }
}

/// Messages without arguments, one after the other.
fn listed(texts: &Texts, keys: impl Iterator<Item = &'static str>) -> String {
    keys.map(|key| texts.tell(&Message::new(key))).collect::<Vec<_>>().join(", ")
}

fn hours(minutes: i64) -> Fraction {
    Fraction::new(minutes, 60)
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::charter::Charter;

    use super::super::tests::{check_arguments, messages as locale, preset};
    use super::*;
    use crate::words::{LANGUAGES, Words, fallback};

    /// Charters that differ from the preset, and what is said of them because of that.
    fn others() -> Vec<(Charter, &'static str)> {
        let mut bare = preset();
        (bare.demo, bare.empty_class, bare.visibility) = (true, EmptyClass::Lapse, Visibility::Consortium);
        (bare.classes[0].rights, bare.classes[0].quorum) = (vec![], Fraction::new(1, 3));
        let urgent = &mut bare.types[0];
        (urgent.effects, urgent.custody, urgent.article) = (vec![], vec![Custody::Device], String::new());
        urgent.threshold = Threshold { fraction: Fraction::new(1, 2), strict: false };
        (bare.roll.objection_seconds, bare.closing.settle_seconds, bare.closing.delay_seconds) = (5400, 1, 0);
        bare.contribution.first_year_minutes_least = 90;
        let mut blocking = preset();
        (blocking.empty_class, blocking.types[1].custody) = (EmptyClass::Block, vec![Custody::Node]);
        blocking.types[1].threshold = Threshold { fraction: Fraction::new(2, 3), strict: true };
        let said = |charter: &Charter, sentence: &'static str| (charter.clone(), sentence);
        vec![
            said(&bare, " with 22 articles and 7 principles. It is a demo: durations are for trying things out, not"),
            said(&bare, "has 40 % of the vote, with a quorum of 1/3; its members have no rights of their own."),
            said(&bare, "passes with at least half of the weighted vote; it is called by producers. Another of them"),
            said(&bare, " It changes neither roll nor charter by itself. Only ballots that members sign with a key of"),
            said(&bare, "sign with a key of their own count.\nA vote that is regular"),
            said(&bare, "Where nobody of a class takes a side, its strength lapses and counts against the proposal."),
            said(&bare, "producers have 90 minutes to object."),
            said(&bare, "ballots settle for 1 second and nodes are given 0 seconds to answer each other."),
            said(&bare, "contributes 3/2 to 40 hours of work"),
            said(&bare, "Members and the parties' nodes can read the record; others see digests."),
            said(&blocking, "passes with more than 2/3 of the weighted vote; it is called by any class that proposes."),
            said(&blocking, "replace the key of a node. Ballots are signed by the members' nodes. (Article 3.1.)"),
            said(&blocking, "Where nobody of a class takes a side, nothing passes."),
        ]
    }

    #[test]
    fn the_preset_is_explained_in_plain_sentences() {
        let told = sentences(fallback(), &preset().points());
        for (told, expected) in told.iter().zip(include_str!("../charters/ocm.en.txt").lines()) {
            assert_eq!(told, expected);
        }
        assert_eq!(told.len(), include_str!("../charters/ocm.en.txt").lines().count());
    }

    #[test]
    fn every_number_of_the_model_is_told_in_a_sentence() {
        let told = sentences(fallback(), &preset().rules()).join("\n");
        for number in [
            "40 %",
            "35 %",
            "25 %",
            "at least 3 days",
            "at least 7 days",
            "more than half",
            "at least 2/3",
            "at least 3/4",
            "have 7 days to object",
            "20 to 40 hours",
            "500.00 to 1000.00 EUR",
            "at least 40 hours a year",
            "keeps 3/10",
            "by 2 others",
            "1 day before the vote",
            "1 hour before",
            "10 minutes",
            "5 minutes",
            "7 principles",
            "AGPL-3.0-or-later",
            "CC-BY-SA-3.0",
            "PDDL-1.0",
            "CERN-OHL",
            "change the charter",
            "Everybody can read",
        ] {
            assert!(told.contains(number), "{number} is missing in\n{told}");
        }
    }

    #[test]
    fn other_rules_are_said_in_other_sentences() {
        for (charter, expected) in others() {
            let told = sentences(fallback(), &charter.points()).join("\n");
            assert!(told.contains(expected), "{expected}\nis missing in\n{told}");
        }
    }

    #[test]
    fn no_language_is_short_of_a_word() {
        for (tag, sources) in LANGUAGES {
            let (words, locale) = (Words::default(), locale(sources));
            for point in others().iter().flat_map(|(charter, _)| charter.points()) {
                messages(words.of(tag), &point).iter().for_each(|message| check_arguments(&locale, message));
            }
        }
    }
}
