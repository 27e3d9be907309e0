//! Counts: the worked examples of the model, and the rules one by one.

use super::points::What;
use super::*;
use crate::charter::{Charter, EmptyClass, Threshold};
use crate::fraction::Fraction;
use crate::id::Digest;
use crate::statement::EndStatus;
use crate::testdata::*;

fn fraction(text: &str) -> Fraction {
    text.parse().expect("a fraction")
}

/// 12 producers, 8 consumer organisations and 20 individuals, as in the worked example.
fn example() -> Scene {
    let mut scene = Scene::new([12, 8, 20]);
    scene.cast_class(PRODUCER, &[7, 1, 2]);
    scene.cast_class(ORGANISATION, &[3, 0, 3]);
    scene
}

/// What is told about the outcome, and the article that it rests on.
#[track_caller]
fn told(outcome: &Outcome, what: &What, article: &str) {
    let points = points::points(outcome, &ocm());
    let point = points.iter().find(|point| point.what == *what);
    let point = point.unwrap_or_else(|| panic!("{what:?} is missing in {points:#?}"));
    assert_eq!(point.article.as_deref().unwrap_or_default(), article);
}

fn count_of(outcome: &Outcome) -> &Count {
    outcome.count.as_ref().expect("it was counted")
}

#[test]
fn worked_example_comes_to_247_of_360() {
    let mut scene = example();
    scene.cast_class(INDIVIDUAL, &[4, 0, 1]);
    let outcome = scene.count();
    let count = count_of(&outcome);
    assert_eq!(count.result, fraction("247/360"));
    assert_eq!(outcome.verdict, Verdict::Decided { passed: true, winners: vec![] });
    assert_eq!((count.classes[0].eligible, count.classes[0].cast), (12, 10));
    assert_eq!(count.classes[0].votes, [7, 1, 2, 0]);
    assert_eq!(count.classes[0].shares, [fraction("7/9")]);
    assert_eq!(count.readings.head_count.result, fraction("7/10"));
    assert_eq!((outcome.number, outcome.becomes_epoch), (Some(7), None));
}

#[test]
fn strength_of_a_silent_class_is_spread() {
    let outcome = example().count();
    let count = count_of(&outcome);
    assert_eq!(count.result, fraction("35/54"));
    assert!(outcome.passed());
    assert_eq!(count.readings.lapse.result, fraction("35/72"));
    assert!(!count.readings.lapse.passes);
    let used: Vec<_> = count.classes.iter().map(|class| class.used.clone()).collect();
    assert_eq!(used, [fraction("8/15"), fraction("7/15"), fraction("0")]);
    let differs = Reason::ReadingDiffers { reading: ReadingKind::Lapse, result: fraction("35/72"), passes: false };
    assert!(outcome.reasons.contains(&differs));
}

#[test]
fn same_votes_fail_where_the_strength_lapses() {
    let mut scene = example();
    scene.sitting.rules.empty_class = EmptyClass::Lapse;
    let outcome = scene.count();
    // 175/360 of the whole, in lowest terms.
    assert_eq!(count_of(&outcome).result, Fraction::new(175, 360));
    assert!(!outcome.passed());
    assert!(count_of(&outcome).readings.redistribute.passes);
}

#[test]
fn silent_class_stops_the_vote_where_it_blocks() {
    let mut scene = example();
    scene.sitting.rules.empty_class = EmptyClass::Block;
    let outcome = scene.count();
    assert!(!outcome.passed());
    assert!(outcome.reasons.contains(&Reason::EmptyClassBlocks { class: INDIVIDUAL.to_owned() }));
}

#[test]
fn class_without_members_has_nobody_to_block() {
    let mut scene = Scene::new([3, 2, 0]);
    scene.sitting.rules.empty_class = EmptyClass::Block;
    scene.cast_class(PRODUCER, &[3]);
    scene.cast_class(ORGANISATION, &[2]);
    assert!(scene.count().passed());
}

#[test]
fn points_say_why_and_name_the_articles() {
    let outcome = example().count();
    let agrees = |class: &str, name: &str, agree, sides, share, used| What::ClassAgrees {
        class: class.to_owned(),
        name: name.to_owned(),
        agree,
        sides,
        share: fraction(share),
        used: fraction(used),
    };
    told(&outcome, &What::Passed, "");
    told(&outcome, &agrees(PRODUCER, "producers", 7, 9, "7/9", "8/15"), "3.3");
    told(&outcome, &agrees(ORGANISATION, "consumer organisations", 3, 6, "1/2", "7/15"), "3.3");
    let (class, name) = (INDIVIDUAL.to_owned(), "individual consumers".to_owned());
    let rule = EmptyClass::Redistribute;
    told(&outcome, &What::ClassEmpty { class, name, rule, strength: fraction("1/4") }, "3.3");
    let (method, threshold) = (Method::Consent, Threshold { fraction: fraction("1/2"), strict: true });
    let result = count_of(&outcome).result.clone();
    told(&outcome, &What::ThresholdMet { method, result, threshold }, "3.1");
    let (reading, result) = (ReadingKind::Lapse, count_of(&outcome).readings.lapse.result.clone());
    told(&outcome, &What::ReadingDiffers { reading, method, result, passes: false, options: vec![] }, "");
}

#[test]
fn exactly_half_is_a_tie_and_fails() {
    for strict in [true, false] {
        let mut scene = Scene::new([2, 2, 2]);
        scene.sitting.rules.threshold.strict = strict;
        for class in [PRODUCER, ORGANISATION, INDIVIDUAL] {
            scene.cast_class(class, &[1, 0, 1]);
        }
        let outcome = scene.count();
        assert!(!outcome.passed());
        assert!(outcome.reasons.contains(&Reason::Tie));
        told(&outcome, &What::Tie, "3.1");
    }
}

#[test]
fn two_thirds_pass_a_constitutional_vote_and_less_does_not() {
    let mut scene = Scene::of_type("constitutional", [3, 3, 3]);
    for class in [PRODUCER, ORGANISATION, INDIVIDUAL] {
        scene.cast_class(class, &[2, 0, 1]);
    }
    assert_eq!(count_of(&scene.count()).result, fraction("2/3"));
    assert!(scene.count().passed());
    scene.cast(0, 1, &[2]);
    assert!(!scene.count().passed());
}

#[test]
fn nobody_voting_decides_nothing() {
    let outcome = Scene::new([3, 3, 3]).count();
    assert_eq!(outcome.verdict, Verdict::Decided { passed: false, winners: vec![] });
    assert!(outcome.reasons.contains(&Reason::NobodyTookASide));
    assert!(count_of(&outcome).result.is_zero());
}

#[test]
fn abstentions_count_for_the_quorum_only() {
    let mut scene = Scene::new([4, 2, 2]);
    scene.sitting.rules.classes[0].quorum = fraction("3/4");
    scene.cast_class(PRODUCER, &[1, 1]);
    scene.cast_class(ORGANISATION, &[2]);
    let outcome = scene.count();
    assert!(!outcome.passed());
    let unmet = Reason::QuorumUnmet { class: PRODUCER.to_owned(), cast: 2, eligible: 4, quorum: fraction("3/4") };
    assert!(outcome.reasons.contains(&unmet));
    let (class, name) = (PRODUCER.to_owned(), "producers".to_owned());
    told(&outcome, &What::QuorumUnmet { class, name, cast: 2, eligible: 4, quorum: fraction("3/4") }, "3.3");
    scene.cast(2, 0, &[1]);
    let outcome = scene.count();
    assert!(outcome.passed());
    assert_eq!(count_of(&outcome).classes[0].shares, [Fraction::one()]);
}

#[test]
fn block_stops_a_majority_and_three_quarters_overrule_it() {
    let mut scene = Scene::new([10, 0, 0]);
    scene.cast_class(PRODUCER, &[7, 0, 0, 3]);
    let outcome = scene.count();
    assert_eq!(count_of(&outcome).result, fraction("7/10"));
    assert!(!outcome.passed());
    assert_eq!(count_of(&outcome).blocks.len(), 3);
    let (result, override_at_least) = (fraction("7/10"), fraction("3/4"));
    told(&outcome, &What::BlocksStand { blocks: 3, result, override_at_least }, "3.4");
    scene.cast(7, 1, &[0]);
    let outcome = scene.count();
    assert!(outcome.passed());
    assert!(outcome.reasons.iter().any(|reason| matches!(reason, Reason::BlocksOverruled { blocks: 2, .. })));
}

#[test]
fn block_is_lifted_by_a_later_ballot_of_its_caster() {
    let mut scene = Scene::new([3, 0, 0]);
    scene.cast_class(PRODUCER, &[2, 0, 0, 1]);
    assert!(!scene.count().passed());
    scene.cast(2, 1, &[1]);
    let outcome = scene.count();
    assert!(outcome.passed());
    assert!(count_of(&outcome).blocks.is_empty());
}

#[test]
fn single_choice_needs_a_leader_that_meets_the_threshold() {
    let mut scene = Scene::choosing(Method::SingleChoice, [5, 4, 4]);
    scene.cast_class(PRODUCER, &[3, 2, 0]);
    scene.cast_class(ORGANISATION, &[1, 3, 0]);
    scene.cast_class(INDIVIDUAL, &[3, 0, 1]);
    let outcome = scene.count();
    assert_eq!(count_of(&outcome).shares, [fraction("103/200"), fraction("169/400"), fraction("1/16")]);
    assert_eq!(outcome.verdict, Verdict::Decided { passed: true, winners: vec![0] });
    scene.cast(0, 1, &[2]);
    let outcome = scene.count();
    assert_eq!(count_of(&outcome).result, fraction("87/200"));
    assert_eq!(outcome.verdict, Verdict::Decided { passed: false, winners: vec![0] });
    let (method, threshold) = (Method::SingleChoice, Threshold { fraction: fraction("1/2"), strict: true });
    told(&outcome, &What::ThresholdMissed { method, result: fraction("87/200"), threshold }, "3.1");
}

#[test]
fn tie_between_options_stays_a_tie() {
    let mut scene = Scene::choosing(Method::Approval, [2, 0, 0]);
    scene.cast(0, 0, &[0, 1]);
    scene.cast(1, 0, &[0, 1]);
    let outcome = scene.count();
    assert_eq!(outcome.verdict, Verdict::Decided { passed: false, winners: vec![0, 1] });
    assert_eq!(count_of(&outcome).result, Fraction::one());
    told(&outcome, &What::OptionsTie { options: vec!["red".into(), "green".into()] }, "3.1");
}

#[test]
fn approval_weighs_approvals_by_the_ballots_of_the_class() {
    let mut scene = Scene::choosing(Method::Approval, [4, 2, 0]);
    scene.cast(0, 0, &[0, 1]);
    scene.cast(1, 0, &[1]);
    scene.cast(2, 0, &[1, 2]);
    scene.cast(4, 0, &[0]);
    let outcome = scene.count();
    // Producers 2/5 of 3/4, organisations 7/20 of 3/4: 8/15 and 7/15.
    assert_eq!(count_of(&outcome).shares, [fraction("29/45"), fraction("8/15"), fraction("8/45")]);
    assert_eq!(outcome.verdict, Verdict::Decided { passed: true, winners: vec![0] });
    told(&outcome, &What::Chosen { options: vec!["red".into()] }, "");
    assert_eq!(count_of(&outcome).readings.head_count.leading, [1]);
}

#[test]
fn extension_by_the_proposers_node_goes_before_the_count() {
    let mut scene = example();
    let (proposal, closes) = (scene.opening.digest, scene.sitting.closes.plus(DAY));
    let call = |closes| Body::Extension { proposal, closes, reason: "More time to talk.".to_owned() };
    scene.state(1, OPENS.plus(DAY), call(closes));
    assert!(scene.count().passed(), "another node cannot extend");
    scene.state(0, OPENS.plus(DAY), call(scene.sitting.closes.plus(-1)));
    assert!(scene.count().passed(), "nobody shortens");
    scene.state(0, scene.sitting.closes, call(closes));
    assert!(scene.count().passed(), "too late");
    scene.state(0, OPENS.plus(DAY), call(closes));
    let outcome = scene.count();
    assert_eq!(outcome.verdict, Verdict::Extended { closes, decision_type: "regular".to_owned() });
    assert_eq!((outcome.count.as_ref(), outcome.number), (None, None));
    let next = scene.sitting.after(&outcome, &scene.epoch.charter).expect("voting goes on");
    assert_eq!((next.number, next.closes), (1, closes));
    scene.sitting = next;
    let outcome = scene.count();
    assert_eq!(outcome.sitting, 1);
    assert!(outcome.passed());
}

#[test]
fn challenge_turns_an_urgent_vote_into_a_regular_one() {
    let mut scene = Scene::of_type("urgent", [4, 2, 2]);
    scene.cast_class(PRODUCER, &[4]);
    let proposal = scene.opening.digest;
    let call = |name: &str| Body::Challenge { proposal, member: member(name), reason: "It can wait.".to_owned() };
    scene.state(0, OPENS.plus(60), call("producer-0"));
    scene.state(1, OPENS.plus(60), call("consumer-organisation-1"));
    scene.state(1, OPENS.plus(60), call("producer-2"));
    assert!(scene.count().passed(), "none of these may challenge");
    scene.state(1, OPENS.plus(60), call("producer-1"));
    let outcome = scene.count();
    let closes = OPENS.plus(7 * DAY);
    assert_eq!(outcome.verdict, Verdict::Extended { closes, decision_type: "regular".to_owned() });
    let next = scene.sitting.after(&outcome, &scene.epoch.charter).expect("voting goes on");
    assert_eq!(next.decision_type, "regular");
    scene.sitting = next;
    assert!(scene.count().passed());
}

#[test]
fn challenge_of_a_long_urgent_vote_only_changes_its_rules() {
    let mut scene = Scene::of_type("urgent", [4, 2, 2]);
    scene.sitting.closes = OPENS.plus(8 * DAY);
    scene.cast_class(PRODUCER, &[4]);
    let proposal = scene.opening.digest;
    scene.state(1, OPENS, Body::Challenge { proposal, member: member("producer-1"), reason: "Why?".to_owned() });
    let outcome = scene.count();
    assert!(outcome.passed());
    assert_eq!(outcome.decision_type, "regular");
    told(&outcome, &What::Challenged { from: "urgent".into(), to: "regular".into() }, "3.1");
}

#[test]
fn withdrawal_by_the_proposers_node_wins_over_everything() {
    let mut scene = example();
    let proposal = scene.opening.digest;
    let withdrawal = || Body::Withdrawal { proposal, reason: "A better idea came up.".to_owned() };
    scene.state(2, OPENS, withdrawal());
    assert!(scene.count().passed());
    let closes = scene.sitting.closes.plus(DAY);
    scene.state(0, OPENS, Body::Extension { proposal, closes, reason: String::new() });
    scene.state(0, OPENS, withdrawal());
    assert_eq!(scene.count().verdict, Verdict::Withdrawn);
}

#[test]
fn statement_of_a_node_counts_in_its_own_journal_only() {
    let mut scene = example();
    let withdrawal = Body::Withdrawal { proposal: scene.opening.digest, reason: String::new() };
    let entry = node_entry(&scene.epoch, 0, 0, OPENS, withdrawal);
    scene.append(3, entry);
    assert!(scene.count().passed());
}

#[test]
fn passed_amendment_begins_the_next_epoch() {
    let base = ocm();
    let charter = Box::new(Charter { version: 2, empty_class: EmptyClass::Lapse, ..base.clone() });
    let mut scene = Scene::with_effects("constitutional", vec![Effect::AmendCharter { base: base.digest(), charter }]);
    scene.cast_class(PRODUCER, &[4]);
    let outcome = scene.count();
    assert_eq!((outcome.becomes_epoch, outcome.effects), (Some(1), Effects::Taken));
    let mut later = scene;
    later.epoch.charter_digest = Digest::of(b"amended meanwhile");
    let outcome = later.count();
    assert_eq!((outcome.becomes_epoch, outcome.effects), (None, Effects::Void));
}

#[test]
fn decision_on_members_begins_no_epoch() {
    let end = Effect::EndMember { sponsor: node(1), member: member("coop1"), status: EndStatus::Suspended };
    let mut scene = Scene::with_effects("regular", vec![end]);
    scene.cast_class(PRODUCER, &[4]);
    let outcome = scene.count();
    assert_eq!((outcome.becomes_epoch, outcome.effects), (None, Effects::Taken));
}

#[test]
fn outcome_has_one_json_form() {
    let mut scene = example();
    scene.cast_class(INDIVIDUAL, &[4, 0, 1]);
    let outcome = scene.count();
    let json = serde_json::to_value(&outcome).expect("plain data");
    assert_eq!(json["count"]["result"], "247/360");
    assert_eq!(json["verdict"]["kind"], "decided");
    assert_eq!(Outcome::read(&json), Ok(outcome));
    for path in ["", "/verdict", "/count", "/count/classes/0", "/reasons/0", "/count/readings/lapse"] {
        let mut more = json.clone();
        more.pointer_mut(path).expect(path)["extra"] = 1.into();
        assert!(Outcome::read(&more).is_err(), "{path}");
    }
    let mut withdrawn = json;
    withdrawn["verdict"] = serde_json::json!({"kind": "withdrawn", "extra": 1});
    assert!(Outcome::read(&withdrawn).is_err());
}

#[test]
fn value_names_proposal_sitting_cut_and_outcome() {
    let [a, b, c] = [b"a", b"b", b"c"].map(|name| Digest::of(name));
    let json = format!("{{\"cut\":\"{b}\",\"outcome\":\"{c}\",\"proposal\":\"{a}\",\"sitting\":2}}");
    assert_eq!(value(a, 2, b, c), Digest::of(json.as_bytes()));
}

#[test]
fn two_ballots_of_one_sequence_are_shown_and_the_smaller_digest_counts() {
    let mut scene = example();
    let (yes, no) = (scene.ballot(0, 5, &[0]), scene.ballot(0, 5, &[2]));
    let smaller = yes.digest.min(no.digest);
    scene.append(1, yes.clone());
    scene.append(2, no.clone());
    let journals = scene.epoch.journals();
    let extracts: Vec<_> = (scene.entries.iter().zip(&journals))
        .map(|(entries, journal)| Extract { journal: journal.journal.clone(), entries })
        .collect();
    let settled = ballots(&scene.vote(), &extracts);
    assert_eq!(settled.contradictions, [(smaller, yes.digest.max(no.digest))]);
    assert_eq!(settled.counted[&0].digest, smaller);
}
