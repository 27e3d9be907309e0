//! What came out of a vote and why, in sentences: the points that the core tells, in the words of the locale file.

use fluent_bundle::{FluentArgs, FluentValue};
use folkmoot_governance::charter::{Charter, EmptyClass, Threshold};
use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::statement::Method;
use folkmoot_governance::tally::points::{Point, What, points};
use folkmoot_governance::tally::{Outcome, ReadingKind};

use super::{Texts, Unsaid, charter};

/// An outcome in sentences, verdict first.
pub fn sentences(texts: &Texts, outcome: &Outcome, charter: &Charter) -> Vec<String> {
    points(outcome, charter).iter().map(|point| sentence(texts, point)).collect()
}

/// A point as one sentence, with the article at its end.
pub fn sentence(texts: &Texts, point: &Point) -> String {
    say(texts, point).expect("every point has its words in every language, as the test below sees to")
}

fn say(texts: &Texts, point: &Point) -> Result<String, Unsaid> {
    let (key, arguments) = message(texts, &point.what)?;
    let sentence = texts.say(key, &arguments.into_iter().collect())?;
    match &point.article {
        None => Ok(sentence),
        Some(article) => {
            texts.say("outcome-cited", &FluentArgs::from_iter([("sentence", sentence), ("article", article.clone())]))
        }
    }
}

type Arguments = Vec<(&'static str, FluentValue<'static>)>;

/// The message of a point and what it says.
fn message(texts: &Texts, what: &What) -> Result<(&'static str, Arguments), Unsaid> {
    let text = |text: &str| FluentValue::from(text.to_owned());
    let listed = |options: &[String]| listed(texts, options).map(FluentValue::from);
    let reading = |kind: &ReadingKind, method: &Method, result, passes: bool, options: &[String]| {
        let key = if *method == Method::Consent { "outcome-reading" } else { "outcome-reading-choice" };
        let (kind, passes) = (text(reading_name(*kind)), text(if passes { "true" } else { "false" }));
        let arguments =
            [("reading", kind), ("passes", passes), ("result", percent(result)), ("options", listed(options)?)];
        Ok((key, arguments.into()))
    };
    Ok(match what {
        What::Passed => ("outcome-passed", vec![]),
        What::NotPassed => ("outcome-not-passed", vec![]),
        What::Chosen { options } => ("outcome-chosen", vec![("options", listed(options)?)]),
        What::NothingChosen => ("outcome-nothing-chosen", vec![]),
        What::ClassAgrees { name, agree, sides, .. } => {
            let arguments = vec![("class", text(name)), ("agree", (*agree).into()), ("sides", (*sides).into())];
            ("outcome-class-agrees", arguments)
        }
        What::ClassChooses { name, options, votes, cast, .. } => {
            let (options, votes) = (("options", listed(options)?), ("votes", (*votes).into()));
            ("outcome-class-chooses", vec![("class", text(name)), options, votes, ("cast", (*cast).into())])
        }
        What::Challenged { from, to } => ("outcome-challenged", vec![("from", text(from)), ("to", text(to))]),
        What::Extended { closes } => ("outcome-extended", vec![("closes", text(&closes.to_string()))]),
        What::Withdrawn => ("outcome-withdrawn", vec![]),
        What::ClassEmpty { name, rule, strength, .. } => {
            let rule = text(if *rule == EmptyClass::Lapse { "lapse" } else { "redistribute" });
            ("outcome-class-empty", vec![("class", text(name)), ("rule", rule), ("strength", percent(strength))])
        }
        What::QuorumUnmet { name, cast, eligible, quorum, .. } => {
            let (cast, eligible) = (("cast", (*cast).into()), ("eligible", (*eligible).into()));
            ("outcome-quorum-unmet", vec![("class", text(name)), cast, eligible, ("quorum", percent(quorum))])
        }
        What::EmptyClassBlocks { name, .. } => ("outcome-empty-class-blocks", vec![("class", text(name))]),
        What::NobodyTookASide => ("outcome-nobody-took-a-side", vec![]),
        What::ThresholdMet { method, result, threshold } => {
            let key = if *method == Method::Consent { "outcome-threshold-met" } else { "outcome-lead-met" };
            (key, asked(result, threshold))
        }
        What::ThresholdMissed { method, result, threshold } => {
            let key = if *method == Method::Consent { "outcome-threshold-missed" } else { "outcome-lead-missed" };
            (key, asked(result, threshold))
        }
        What::Tie => ("outcome-tie", vec![]),
        What::OptionsTie { options } => ("outcome-options-tie", vec![("options", listed(options)?)]),
        What::BlocksStand { blocks, result, override_at_least } => {
            ("outcome-blocks-stand", standing(*blocks, result, override_at_least))
        }
        What::BlocksOverruled { blocks, result, override_at_least } => {
            ("outcome-blocks-overruled", standing(*blocks, result, override_at_least))
        }
        What::EffectsVoid => ("outcome-effects-void", vec![]),
        What::ReadingAgrees { reading: kind, method, result, passes, options }
        | What::ReadingDiffers { reading: kind, method, result, passes, options } => {
            return reading(kind, method, result, *passes, options);
        }
        What::BeginsEpoch { epoch } => ("outcome-begins-epoch", vec![("epoch", text(&epoch.to_string()))]),
        What::EffectsTaken => ("outcome-effects-taken", vec![]),
    })
}

/// What agrees, and what the decision type asks for.
fn asked(result: &Fraction, threshold: &Threshold) -> Arguments {
    vec![
        ("result", percent(result)),
        ("asked", charter::asked(threshold).into()),
        ("threshold", threshold.fraction.to_string().into()),
    ]
}

fn standing(blocks: u64, result: &Fraction, override_at_least: &Fraction) -> Arguments {
    vec![("blocks", blocks.into()), ("result", percent(result)), ("override", percent(override_at_least))]
}

fn reading_name(kind: ReadingKind) -> &'static str {
    match kind {
        ReadingKind::HeadCount => "head-count",
        ReadingKind::Lapse => "lapse",
        ReadingKind::Redistribute => "redistribute",
    }
}

/// Several options as the sentences put them between their quotation marks.
fn listed(texts: &Texts, options: &[String]) -> Result<String, Unsaid> {
    let (first, rest) = options.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    rest.iter().try_fold(first.to_owned(), |first, second| {
        texts.say("outcome-both", &FluentArgs::from_iter([("first", first), ("second", second.clone())]))
    })
}

/// `68.6`, and `40` where it is exact.
fn percent(share: &Fraction) -> FluentValue<'static> {
    let rounded = share.percent(1);
    rounded.strip_suffix(".0").unwrap_or(&rounded).to_owned().into()
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::id::Time;

    use super::*;
    use crate::words::Words;

    fn fraction(text: &str) -> Fraction {
        text.parse().expect("a fraction")
    }

    fn threshold(text: &str, strict: bool) -> Threshold {
        Threshold { fraction: fraction(text), strict }
    }

    /// Every point that there is, with its sentence in English.
    fn all() -> Vec<(What, &'static str)> {
        let (class, name) = ("producer".to_owned(), "producers".to_owned());
        let options = || vec!["red".to_owned(), "green".to_owned()];
        let (consent, choice) = (Method::Consent, Method::SingleChoice);
        let half = || threshold("1/2", true);
        let agrees = |agree| What::ClassAgrees {
            class: class.clone(),
            name: name.clone(),
            agree,
            sides: 9,
            share: fraction("7/9"),
            used: fraction("2/5"),
        };
        let empty =
            |rule| What::ClassEmpty { class: class.clone(), name: name.clone(), rule, strength: fraction("2/5") };
        let reading = |reading, method, passes| What::ReadingAgrees {
            reading,
            method,
            result: fraction("35/72"),
            passes,
            options: vec!["red".to_owned()],
        };
        let stand = |blocks| What::BlocksStand { blocks, result: fraction("7/10"), override_at_least: fraction("3/4") };
        vec![
            (What::Passed, "The proposal passes."),
            (What::NotPassed, "The proposal does not pass."),
            (What::Chosen { options: vec!["red".into()] }, "The choice is “red”."),
            (What::NothingChosen, "No option is chosen."),
            (agrees(7), "7 of 9 producers who took a side agree."),
            (agrees(1), "1 of 9 producers who took a side agrees."),
            (
                What::ClassChooses { class: class.clone(), name: name.clone(), options: options(), votes: 3, cast: 7 },
                "Most producers chose “red” and “green”: 3 of 7 who voted.",
            ),
            (
                What::Challenged { from: "urgent".into(), to: "regular".into() },
                "Another member contested the call: the vote counts as regular, not as urgent.",
            ),
            (What::Extended { closes: Time(1_795_456_800) }, "Voting goes on until 2026-11-23T18:00:00Z."),
            (What::Withdrawn, "The proposer took the proposal back; nothing was counted."),
            (
                empty(EmptyClass::Redistribute),
                "None of the producers took a side: their 40 % is spread over the other classes.",
            ),
            (empty(EmptyClass::Lapse), "None of the producers took a side: their 40 % lapses."),
            (
                What::QuorumUnmet {
                    class: class.clone(),
                    name: name.clone(),
                    cast: 2,
                    eligible: 4,
                    quorum: fraction("3/4"),
                },
                "Only 2 of 4 producers voted; their quorum is 75 %.",
            ),
            (
                What::EmptyClassBlocks { class: class.clone(), name: name.clone() },
                "None of the producers took a side, and without them nothing passes.",
            ),
            (What::NobodyTookASide, "Nobody took a side, so nothing is decided."),
            (
                What::ThresholdMet { method: consent, result: fraction("35/54"), threshold: half() },
                "64.8 % of the weighted vote agrees: more than half, as this type of decision asks.",
            ),
            (
                What::ThresholdMet { method: choice, result: fraction("7/10"), threshold: threshold("2/3", false) },
                "The leading option has 70 % of the weighted vote: at least 2/3, as this type of decision asks.",
            ),
            (
                What::ThresholdMissed { method: consent, result: fraction("1/2"), threshold: threshold("3/5", true) },
                "50 % of the weighted vote agrees: this type of decision asks for more than 3/5.",
            ),
            (
                What::ThresholdMissed {
                    method: choice,
                    result: fraction("87/200"),
                    threshold: threshold("1/2", false),
                },
                "The leading option has 43.5 % of the weighted vote: this type of decision asks for at least half.",
            ),
            (What::Tie, "Exactly half of the weighted vote agrees. A tie does not pass."),
            (
                What::OptionsTie { options: options() },
                "“red” and “green” lead with the same weighted share. A tie stays a tie.",
            ),
            (stand(1), "One block stands: to overrule it takes 75 % of the weighted vote, and 70 % agrees."),
            (stand(3), "3 blocks stand: to overrule them takes 75 % of the weighted vote, and 70 % agrees."),
            (
                What::BlocksOverruled { blocks: 2, result: fraction("4/5"), override_at_least: fraction("3/4") },
                "2 blocks stand, overruled: 80 % of the weighted vote agrees and 75 % is enough.",
            ),
            (
                What::EffectsVoid,
                "It passes, but what it was to do can no longer be done: parties or charter changed meanwhile.",
            ),
            (
                reading(ReadingKind::Lapse, consent, false),
                "If the strength of empty classes lapsed, 48.6 % would agree: it would not pass.",
            ),
            (
                reading(ReadingKind::HeadCount, choice, true),
                "With one weight for every member, “red” would win with 48.6 %.",
            ),
            (
                What::ReadingDiffers {
                    reading: ReadingKind::Redistribute,
                    method: choice,
                    result: fraction("1/3"),
                    passes: false,
                    options: options(),
                },
                "If the strength of empty classes were spread over the others, no option would win; 33.3 % would lead.",
            ),
            (What::BeginsEpoch { epoch: 2 }, "It takes effect with epoch 2."),
            (What::EffectsTaken, "It takes effect at once."),
        ]
    }

    #[test]
    fn every_point_is_said_in_one_sentence() {
        let words = Words::default();
        for (what, expected) in all() {
            assert_eq!(sentence(words.of("en"), &Point { what, article: None }), expected);
        }
        let cited = Point { what: What::Tie, article: Some("3.1".to_owned()) };
        assert!(sentence(words.of("en"), &cited).ends_with("A tie does not pass. (Article 3.1.)"));
    }

    #[test]
    fn no_language_is_short_of_a_word() {
        for (tag, texts) in Words::default().all() {
            for (what, _) in all() {
                let said = say(texts, &Point { what, article: Some("3.1".to_owned()) });
                assert!(said.is_ok(), "{tag}: {said:?}");
            }
        }
    }
}
