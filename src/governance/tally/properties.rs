//! What holds for every vote: the count is a set function of the ballots and equals a slow, obvious count.

use num_rational::Ratio;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::charter::{EmptyClass, Threshold};
use crate::fraction::Fraction;
use crate::testdata::*;

/// One ballot of a random vote: who, which sequence, what.
type Marked = (Index, u64, Vec<u32>);

#[derive(Debug, Clone)]
struct Plan {
    method: Method,
    sizes: [usize; 3],
    /// Weights of the classes, out of their sum.
    strengths: [i64; 3],
    quorums: [(i64, i64); 3],
    threshold: (i64, i64),
    strict: bool,
    empty_class: EmptyClass,
    override_at_least: (i64, i64),
    ballots: Vec<Marked>,
}

fn share() -> impl Strategy<Value = (i64, i64)> {
    (1..12_i64).prop_flat_map(|whole| (0..=whole, Just(whole)))
}

fn marked(method: Method) -> impl Strategy<Value = Marked> {
    let choices = match method {
        Method::Consent => (0..4_u32).prop_map(|choice| vec![choice]).boxed(),
        Method::SingleChoice => (0..3_u32).prop_map(|choice| vec![choice]).boxed(),
        Method::Approval => proptest::sample::subsequence(vec![0, 1, 2], 1..=3).boxed(),
    };
    (any::<Index>(), 0..4_u64, choices)
}

fn plan() -> impl Strategy<Value = Plan> {
    let method = prop_oneof![Just(Method::Consent), Just(Method::SingleChoice), Just(Method::Approval)];
    let empty_class = prop_oneof![Just(EmptyClass::Redistribute), Just(EmptyClass::Lapse), Just(EmptyClass::Block)];
    method.prop_flat_map(move |method| {
        let rules = (share(), any::<bool>(), empty_class.clone(), share());
        let classes = ([0..6_usize, 0..6, 0..6], [0..9_i64, 0..9, 1..9], [share(), share(), share()]);
        (Just(method), rules, classes, proptest::collection::vec(marked(method), 0..25)).prop_map(
            |(method, rules, (sizes, strengths, quorums), ballots)| {
                let (threshold, strict, empty_class, override_at_least) = rules;
                Plan { method, sizes, strengths, quorums, threshold, strict, empty_class, override_at_least, ballots }
            },
        )
    })
}

fn scene(plan: &Plan) -> Scene {
    let mut scene =
        if plan.method == Method::Consent { Scene::new(plan.sizes) } else { Scene::choosing(plan.method, plan.sizes) };
    let whole: i64 = plan.strengths.iter().sum();
    let rules = &mut scene.sitting.rules;
    for (rule, (strength, quorum)) in rules.classes.iter_mut().zip(plan.strengths.iter().zip(plan.quorums)) {
        rule.strength = Fraction::new(*strength, whole);
        rule.quorum = Fraction::new(quorum.0, quorum.1);
    }
    rules.threshold = Threshold { fraction: Fraction::new(plan.threshold.0, plan.threshold.1), strict: plan.strict };
    rules.empty_class = plan.empty_class;
    rules.override_at_least = Fraction::new(plan.override_at_least.0, plan.override_at_least.1);
    scene
}

/// The seat of each ballot; none where nobody is on the roll.
fn seated(plan: &Plan, scene: &Scene) -> Vec<(u32, u64, Vec<u32>)> {
    let seats = scene.roll.seats.len();
    if seats == 0 {
        return Vec::new();
    }
    let seat = |index: &Index| u32::try_from(index.index(seats)).expect("few seats");
    plan.ballots.iter().map(|(index, sequence, choices)| (seat(index), *sequence, choices.clone())).collect()
}

fn counted(plan: &Plan) -> Outcome {
    let mut scene = scene(plan);
    for (index, sequence, choices) in seated(plan, &scene) {
        scene.cast(index, sequence, &choices);
    }
    scene.count()
}

type Number = Ratio<i128>;

fn number((part, whole): (i64, i64)) -> Number {
    Ratio::new(part.into(), whole.into())
}

/// The rules read aloud, member by member, with another kind of number: (result, passed).
fn slow_count(plan: &Plan) -> (Number, bool) {
    let scene = scene(plan);
    let ballots = seated(plan, &scene);
    let last_vote = |index: u32| -> Option<Vec<u32>> {
        let own: Vec<_> = ballots.iter().filter(|ballot| ballot.0 == index).collect();
        let highest = own.iter().map(|ballot| ballot.1).max()?;
        let digest = |choices: &[u32]| scene.ballot(index, highest, choices).digest;
        own.iter().filter(|ballot| ballot.1 == highest).map(|ballot| ballot.2.clone()).min_by_key(|c| digest(c))
    };
    let width = if plan.method == Method::Consent { 1 } else { 3 };
    let whole_strength: i128 = plan.strengths.iter().map(|strength| i128::from(*strength)).sum();
    let mut totals = vec![Number::from_integer(0); width];
    let mut speaking = Number::from_integer(0);
    let (mut quorums, mut somebody, mut nobody_missing, mut blocked) = (true, false, true, false);
    for (class, rule) in scene.sitting.rules.classes.iter().enumerate() {
        let members: Vec<_> = scene.roll.seats.iter().filter(|seat| seat.class == rule.class).collect();
        let votes: Vec<_> = members.iter().filter_map(|seat| last_vote(seat.index)).collect();
        let needed = number(plan.quorums[class]) * i128::try_from(members.len()).expect("few");
        quorums &= Number::from_integer(i128::try_from(votes.len()).expect("few")) >= needed;
        let mut sides = 0_i128;
        let mut parts = vec![0_i128; width];
        for vote in votes {
            if plan.method == Method::Consent {
                blocked |= vote == [3];
                sides += i128::from(vote != [1]);
                parts[0] += i128::from(vote == [0]);
            } else {
                sides += 1;
                (0..3)
                    .for_each(|option| parts[option] += i128::from(vote.contains(&u32::try_from(option).expect("3"))));
            }
        }
        let strength = Ratio::new(i128::from(plan.strengths[class]), whole_strength);
        if sides == 0 {
            nobody_missing &= members.is_empty();
            continue;
        }
        somebody = true;
        speaking += strength;
        (0..width).for_each(|i| totals[i] += strength * Ratio::new(parts[i], sides));
    }
    if plan.empty_class != EmptyClass::Lapse && speaking > Number::from_integer(0) {
        totals.iter_mut().for_each(|total| *total /= speaking);
    }
    let best = *totals.iter().max().expect("at least one");
    let threshold = number(plan.threshold);
    let enough = if plan.strict { best > threshold } else { best >= threshold };
    let half = Ratio::new(1, 2);
    let clear = if plan.method == Method::Consent {
        !(best == half && threshold == half) && (!blocked || best >= number(plan.override_at_least))
    } else {
        best > Number::from_integer(0) && totals.iter().filter(|total| **total == best).count() == 1
    };
    let allowed = plan.empty_class != EmptyClass::Block || nobody_missing;
    (best, somebody && quorums && enough && clear && allowed)
}

proptest! {
    #[test]
    fn count_equals_the_slow_count(plan in plan()) {
        let outcome = counted(&plan);
        let (result, passed) = slow_count(&plan);
        let count = outcome.count.as_ref().expect("it was counted");
        prop_assert_eq!(count.result.to_string(), result.to_string());
        prop_assert_eq!(outcome.passed(), passed);
    }

    #[test]
    fn order_repetition_and_journal_of_ballots_change_nothing(
        plan in plan(),
        shuffle in proptest::collection::vec((any::<Index>(), 0..4_usize), 60),
    ) {
        let expected = counted(&plan);
        let mut scene = scene(&plan);
        let mut ballots = seated(&plan, &scene);
        for (pick, party) in &shuffle {
            if !ballots.is_empty() {
                let (index, sequence, choices) = ballots[pick.index(ballots.len())].clone();
                let ballot = scene.ballot(index, sequence, &choices);
                scene.append(*party, ballot);
            }
        }
        ballots.reverse();
        for (index, sequence, choices) in ballots {
            let ballot = scene.ballot(index, sequence, &choices);
            scene.append(2, ballot);
        }
        prop_assert_eq!(scene.count(), expected);
    }

    #[test]
    fn strengths_used_never_exceed_the_whole(plan in plan()) {
        let outcome = counted(&plan);
        let count = outcome.count.as_ref().expect("it was counted");
        let used = count.classes.iter().fold(Fraction::zero(), |sum, class| &sum + &class.used);
        prop_assert!(used.is_share());
        prop_assert!(count.result.is_share());
        let spoken = count.classes.iter().any(|class| !class.shares.is_empty() && !class.strength.is_zero());
        if plan.empty_class == EmptyClass::Redistribute && spoken {
            prop_assert_eq!(used, Fraction::one());
        }
    }

    #[test]
    fn every_outcome_survives_its_json(plan in plan()) {
        let outcome = counted(&plan);
        let json = serde_json::to_value(&outcome).expect("plain data");
        prop_assert_eq!(Outcome::read(&json), Ok(outcome.clone()));
        prop_assert!(!points::points(&outcome, &ocm()).is_empty());
    }
}
