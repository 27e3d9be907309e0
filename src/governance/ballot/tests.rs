//! At the door: one test per reason to refuse, and what becomes of a second ballot.

use super::*;
use crate::roll::{Details, Event, Holder, MandateRecord, Member, Standing as Membership};
use crate::statement::Basis;
use crate::testdata::*;

const OPEN: Time = Time(OPENS.0 + 60);

fn scene() -> Scene {
    let mut scene = Scene::new([3, 2, 2]);
    scene.roll.seats[0].mandates =
        vec![Holder { holder: member("ada"), key: Some(key("ada")) }, Holder { holder: member("bob"), key: None }];
    scene
}

fn accept_entry(scene: &Scene, entry: &crate::extract::Entry, now: Time) -> Result<Accepted, Refusal> {
    accept(&scene.vote(), &entry.statement, entry.digest, None, now)
}

/// What the door says to a ballot of seat 0 after `change`.
fn refused(scene: &Scene, change: impl FnOnce(&mut Statement)) -> Refusal {
    let mut entry = scene.ballot(0, 1, &[0]);
    change(&mut entry.statement);
    accept_entry(scene, &entry, OPEN).expect_err("it is refused")
}

fn ballot(statement: &mut Statement) -> &mut Ballot {
    match &mut statement.body {
        Body::Ballot(ballot) => ballot,
        other => panic!("a ballot expected, found {other:?}"),
    }
}

fn sign(statement: &mut Statement, name: &str) {
    statement.key = key(name);
    statement.signer = Signer::Member(key(name));
}

/// Somebody whom the cut knows beside the seats.
fn known(scene: &mut Scene, name: &str, class: &str, history: Vec<(Time, Option<EndStatus>)>) {
    let details = Details { name: String::new(), level: String::new(), key: key(name), custody: Custody::Device };
    let event = |(at, end): (Time, Option<EndStatus>)| Event {
        at,
        statement: Digest::of(b"entry"),
        change: match end {
            None => Membership::InForce(details.clone()),
            Some(status) => Membership::Ended { status, reason: String::new() },
        },
    };
    let record = Member {
        member: member(name),
        class: class.to_owned(),
        sponsor: node(1),
        basis: Basis::Founding,
        history: history.into_iter().map(event).collect(),
        mandates: Vec::new(),
    };
    scene.roll.register.members.insert(member(name), record);
}

#[test]
fn ballot_on_the_roll_in_time_counts() {
    let scene = scene();
    let entry = scene.ballot(4, 1, &[2]);
    let accepted = accept_entry(&scene, &entry, OPENS).expect("it fits");
    assert_eq!(accepted.standing, Standing::Counts);
    assert_eq!((accepted.cast.index, accepted.cast.choices), (4, vec![2]));
}

#[test]
fn early_and_late_ballots_are_refused() {
    let scene = scene();
    let entry = scene.ballot(0, 1, &[0]);
    let closes = scene.sitting.closes;
    assert_eq!(accept_entry(&scene, &entry, OPENS.plus(-1)), Err(Refusal::Early { opens: OPENS }));
    assert_eq!(accept_entry(&scene, &entry, closes), Err(Refusal::Late { closes }));
    assert!(accept_entry(&scene, &entry, closes.plus(-1)).is_ok());
}

#[test]
fn ballot_of_another_consortium_epoch_or_version_is_refused() {
    let scene = scene();
    assert_eq!(refused(&scene, |ballot| ballot.consortium = consortium("other")), Refusal::OtherConsortium);
    assert_eq!(refused(&scene, |ballot| ballot.epoch = 3), Refusal::OtherEpoch { named: 3, vote: 0 });
    let open = scene.opening.digest;
    let version = refused(&scene, |statement| ballot(statement).proposal = Digest::of(b"draft 2"));
    assert_eq!(version, Refusal::OtherVersion { open });
    assert!(version.to_string().contains(&open.to_string()));
}

#[test]
fn ballot_must_be_signed_by_a_member() {
    let scene = scene();
    assert_eq!(refused(&scene, |statement| statement.signer = Signer::Node(node(0))), Refusal::NotABallot);
    assert_eq!(refused(&scene, |statement| statement.key = key("other")), Refusal::NotABallot);
}

#[test]
fn stranger_is_told_that_the_roll_does_not_have_it() {
    let scene = scene();
    let stranger = refused(&scene, |statement| {
        sign(statement, "stranger");
        ballot(statement).index = 99;
    });
    assert_eq!(stranger, Refusal::NotOnTheRoll);
    let wrong_key = refused(&scene, |statement| sign(statement, "stranger"));
    assert_eq!(wrong_key, Refusal::WrongKey { member: member("producer-0") });
}

#[test]
fn suspended_ended_and_later_members_are_told_so() {
    let mut scene = scene();
    let (before, after) = (OPENS.plus(-DAY), OPENS.plus(DAY));
    known(&mut scene, "cleo", INDIVIDUAL, vec![(before, None), (before, Some(EndStatus::Suspended))]);
    known(&mut scene, "dora", INDIVIDUAL, vec![(before, None), (before, Some(EndStatus::Withdrawn))]);
    known(&mut scene, "emil", INDIVIDUAL, vec![(after, None)]);
    for (name, expected) in [
        ("cleo", Refusal::Suspended { member: member("cleo") }),
        ("dora", Refusal::Ended { member: member("dora") }),
        ("emil", Refusal::JoinedLater { member: member("emil") }),
    ] {
        let refusal = refused(&scene, |statement| {
            sign(statement, name);
            ballot(statement).index = 99;
        });
        assert_eq!(refusal, expected);
        assert_eq!(refused(&scene, |statement| sign(statement, name)), expected);
    }
}

#[test]
fn class_without_a_vote_is_told_so() {
    let mut scene = scene();
    scene.epoch.charter.classes[2].rights.clear();
    known(&mut scene, "fay", INDIVIDUAL, vec![(OPENS.plus(-DAY), None)]);
    let refusal = refused(&scene, |statement| sign(statement, "fay"));
    assert_eq!(refusal, Refusal::NoVote { class: INDIVIDUAL.to_owned() });
}

#[test]
fn only_the_holder_of_a_mandate_votes_for_an_organisation() {
    let mut scene = scene();
    let mut entry = scene.ballot(0, 1, &[0]);
    sign(&mut entry.statement, "ada");
    assert!(accept_entry(&scene, &entry, OPEN).is_ok());
    known(&mut scene, "gil", INDIVIDUAL, vec![(OPENS.plus(-DAY), None)]);
    let none = Refusal::NoMandate { organisation: member("producer-0") };
    assert_eq!(refused(&scene, |statement| sign(statement, "gil")), none);
    known(&mut scene, "producer-0", PRODUCER, vec![(OPENS.plus(-DAY), None)]);
    let former = MandateRecord {
        holder: member("hal"),
        name: String::new(),
        key: Some(key("hal")),
        since: OPENS.plus(-2 * DAY),
        until: Some(OPENS.plus(-DAY)),
    };
    let organisation = scene.roll.register.members.get_mut(&member("producer-0")).expect("just added");
    organisation.mandates.push(former);
    assert_eq!(refused(&scene, |statement| sign(statement, "hal")), none);
}

#[test]
fn door_asks_for_a_mandate_before_it_signs_for_an_organisation() {
    let scene = scene();
    let seat = |holder: &str| seat_for(&scene.roll, &member("producer-0"), &member(holder)).map(|seat| seat.index);
    assert_eq!(seat("bob"), Ok(0));
    assert_eq!(seat("producer-0"), Ok(0));
    assert_eq!(seat("eve"), Err(Refusal::NoMandate { organisation: member("producer-0") }));
    assert_eq!(seat_for(&scene.roll, &member("nobody"), &member("bob")), Err(Refusal::NotOnTheRoll));
}

#[test]
fn custody_that_the_type_does_not_accept_is_refused() {
    let mut scene = scene();
    scene.sitting.rules.custody = vec![Custody::Device];
    let refusal = refused(&scene, |_| ());
    assert_eq!(refusal, Refusal::CustodyRefused { custody: Custody::Node });
    assert!(refusal.to_string().ends_with("keys kept by a node."));
    let mut entry = scene.ballot(0, 1, &[0]);
    sign(&mut entry.statement, "ada");
    assert!(accept_entry(&scene, &entry, OPEN).is_ok(), "the key of a mandate is on a device");
}

#[test]
fn choices_must_fit_the_method() {
    for (method, choices, expected) in [
        (Method::SingleChoice, vec![], Refusal::NothingChosen),
        (Method::SingleChoice, vec![3], Refusal::UnknownOption { choice: 3 }),
        (Method::SingleChoice, vec![0, 1], Refusal::TooManyChosen { chosen: 2 }),
        (Method::Approval, vec![1, 0], Refusal::ChoicesUnordered),
        (Method::Approval, vec![1, 1], Refusal::ChoicesUnordered),
        (Method::Approval, vec![0, u32::MAX], Refusal::UnknownOption { choice: u32::MAX }),
    ] {
        let scene = Scene::choosing(method, [3, 2, 2]);
        assert_eq!(refused(&scene, |statement| ballot(statement).choices = choices), expected);
    }
    let scene = scene();
    let two = refused(&scene, |statement| ballot(statement).choices = vec![0, 2]);
    assert_eq!(two, Refusal::TooManyChosen { chosen: 2 });
    let approval = Scene::choosing(Method::Approval, [3, 2, 2]);
    assert!(accept_entry(&approval, &approval.ballot(0, 0, &[0, 1, 2]), OPEN).is_ok());
}

#[test]
fn block_needs_a_known_ground_and_a_reason_and_nothing_else_does() {
    let scene = scene();
    let reason = |ground: &str, text: &str| Some(BlockReason { ground: ground.to_owned(), text: text.to_owned() });
    let ground = &scene.epoch.charter.blocks.grounds[1];
    let long = "a".repeat(REASON_CHARS_MOST + 1);
    for (choice, block, expected) in [
        (3, None, Refusal::BlockWithoutReason),
        (2, reason(ground, "No."), Refusal::ReasonWithoutBlock),
        (3, reason("I do not like it", "No."), Refusal::UnknownGround { ground: "I do not like it".to_owned() }),
        (3, reason(ground, " "), Refusal::BlockText),
        (3, reason(ground, &long), Refusal::BlockText),
    ] {
        let refusal = refused(&scene, |statement| {
            let ballot = ballot(statement);
            (ballot.choices, ballot.block) = (vec![choice], block);
        });
        assert_eq!(refusal, expected);
    }
    assert!(accept_entry(&scene, &scene.ballot(0, 0, &[3]), OPEN).is_ok());
}

#[test]
fn sequence_that_json_cannot_carry_is_refused() {
    let refusal = refused(&scene(), |statement| ballot(statement).sequence = SEQUENCE_MOST + 1);
    assert_eq!(refusal, Refusal::Sequence);
}

#[test]
fn second_ballot_replaces_the_first_and_a_lower_one_is_kept() {
    let scene = scene();
    let first = accept_entry(&scene, &scene.ballot(0, 4, &[0]), OPEN).expect("it fits").cast;
    let standing = |sequence, choice| {
        let entry = scene.ballot(0, sequence, &[choice]);
        accept(&scene.vote(), &entry.statement, entry.digest, Some(&first), OPEN).expect("it fits").standing
    };
    assert_eq!(standing(5, 2), Standing::Counts);
    assert_eq!(standing(3, 2), Standing::Superseded);
    assert_eq!(standing(4, 0), Standing::Repeated);
    assert_eq!(standing(4, 2), Standing::Contradicts { other: first.digest });
}

#[test]
fn contradictions_do_not_depend_on_the_order_of_arrival() {
    let scene = scene();
    let cast = |choice| {
        let entry = scene.ballot(0, 4, &[choice]);
        check(&scene.vote(), &entry.statement, entry.digest).expect("it fits")
    };
    let (a, b, c) = (cast(0), cast(1), cast(2));
    let expected = settle([a.clone(), b.clone(), c.clone()]);
    assert_eq!(expected.contradictions.len(), 2);
    for order in [[&c, &b, &a], [&b, &a, &c], [&c, &a, &b]] {
        assert_eq!(settle(order.into_iter().chain(order).cloned()), expected);
    }
}

#[test]
fn refusals_have_codes_for_other_languages() {
    let refusal = Refusal::Late { closes: OPENS };
    assert_eq!(serde_json::to_value(&refusal).expect("plain"), serde_json::json!({"code": "late", "closes": OPENS}));
}
