//! What happens to members after they joined: ends, changes, mandates, and new epochs.

use super::*;

#[test]
fn suspended_and_withdrawn_members_do_not_vote() {
    for status in [EndStatus::Suspended, EndStatus::Withdrawn, EndStatus::Lapsed] {
        let mut journals = Journals::founded();
        journals.person(0, "anna");
        journals.add(0, day(10), end("anna", status, OPENS));
        assert!(!journals.on_the_roll().contains(&"anna".to_owned()));
        let register = journals.register();
        let anna = &register.members[&member("anna")];
        assert!(matches!(anna.status(OPENS.plus(-1)), Status::InForce(_)), "it takes effect on the day it names");
        assert_eq!(anna.status(OPENS), Status::Ended(status));
    }
}

#[test]
fn end_is_never_backdated() {
    let mut journals = Journals::founded();
    journals.person(0, "anna");
    journals.add(0, day(20), end("anna", EndStatus::Withdrawn, day(9)));
    let register = journals.register();
    assert!(matches!(register.members[&member("anna")].status(day(19)), Status::InForce(_)));
}

#[test]
fn suspension_of_a_person_is_lifted_by_an_update() {
    let mut journals = Journals::founded();
    journals.person(0, "anna");
    journals.add(0, day(10), end("anna", EndStatus::Suspended, day(10)));
    journals.add(0, day(12), change("anna", INDIVIDUAL, day(12), "anna"));
    assert!(journals.on_the_roll().contains(&"anna".to_owned()));
    journals.add(0, day(14), end("anna", EndStatus::Withdrawn, day(14)));
    journals.add(0, day(15), change("anna", INDIVIDUAL, day(15), "anna"));
    assert!(!journals.on_the_roll().contains(&"anna".to_owned()));
    assert_eq!(journals.reasons(), [Reason::Over(member("anna"))]);
}

#[test]
fn organisation_withdraws_itself_and_is_suspended_by_decision() {
    let mut journals = Journals::founded();
    journals.add(1, day(3), end("coop1", EndStatus::Suspended, day(3)));
    assert_eq!(journals.reasons(), [Reason::OrganisationByDecision]);
    let (suspend, lift) = (Digest::of(b"suspend"), Digest::of(b"lift"));
    let effect = Effect::EndMember { sponsor: node(1), member: member("coop1"), status: EndStatus::Suspended };
    journals.decisions.insert(suspend, Certified { at: day(10), effects: vec![effect] });
    assert!(journals.on_the_roll().contains(&"coop1".to_owned()), "not recorded below the cut");
    journals.add(2, day(11), recorded(suspend));
    assert!(!journals.on_the_roll().contains(&"coop1".to_owned()));
    journals.add(1, day(12), change("coop1", PRODUCER, day(12), "coop1"));
    assert_eq!(journals.reasons().last(), Some(&Reason::OrganisationByDecision));
    let effect = Effect::AdmitMember {
        sponsor: node(1),
        member: member("coop1"),
        name: String::new(),
        class: PRODUCER.to_owned(),
        level: "producer".to_owned(),
    };
    journals.decisions.insert(lift, Certified { at: day(20), effects: vec![effect] });
    let lifted = RollEntry { change: true, since: day(20), ..entry("coop1", PRODUCER, Basis::Decision(lift)) };
    journals.add(1, day(21), Body::RollEntry(lifted));
    assert!(journals.on_the_roll().contains(&"coop1".to_owned()));
    journals.add(1, day(30), end("coop1", EndStatus::Withdrawn, day(30)));
    assert!(!journals.on_the_roll().contains(&"coop1".to_owned()));
}

#[test]
fn founding_admits_once_and_nobody_who_was_excluded() {
    let entered = |since| RollEntry { since, ..entry("coop1", PRODUCER, Basis::Founding) };
    let exclude = |status| {
        let effect = Effect::EndMember { sponsor: node(1), member: member("coop1"), status };
        Certified { at: day(10), effects: vec![effect] }
    };
    for status in [EndStatus::Lapsed, EndStatus::Withdrawn] {
        let mut journals = Journals::founded();
        let decision = Digest::of(b"exclude");
        journals.decisions.insert(decision, exclude(status));
        journals.add(2, day(11), recorded(decision));
        journals.add(1, day(12), Body::RollEntry(entered(day(12))));
        assert_eq!(journals.reasons(), [Reason::BasisUsed], "{status:?}");
        assert!(!journals.on_the_roll().contains(&"coop1".to_owned()), "{status:?}");
    }
    // Nor where its node enters it for the first time when it is excluded already.
    for status in [EndStatus::Lapsed, EndStatus::Suspended] {
        let mut journals = Journals::new();
        let decision = Digest::of(b"exclude");
        journals.decisions.insert(decision, exclude(status));
        journals.add(2, day(11), recorded(decision));
        journals.add(1, day(12), Body::RollEntry(entered(day(12))));
        assert_eq!((journals.reasons(), journals.on_the_roll()), (vec![Reason::BasisUsed], Vec::new()), "{status:?}");
    }
    // Whoever left by itself comes back by a decision, as anybody else comes.
    let mut journals = Journals::founded();
    journals.add(1, day(10), end("coop1", EndStatus::Withdrawn, day(10)));
    journals.add(1, day(12), Body::RollEntry(entered(day(12))));
    assert_eq!(journals.reasons(), [Reason::BasisUsed]);
    let admit = Digest::of(b"admit again");
    let effect = Effect::AdmitMember {
        sponsor: node(1),
        member: member("coop1"),
        name: "coop1".to_owned(),
        class: PRODUCER.to_owned(),
        level: "producer".to_owned(),
    };
    journals.decisions.insert(admit, Certified { at: day(20), effects: vec![effect] });
    let again = RollEntry { since: day(20), ..entry("coop1", PRODUCER, Basis::Decision(admit)) };
    journals.add(1, day(21), Body::RollEntry(again));
    assert!(journals.on_the_roll().contains(&"coop1".to_owned()));
}

#[test]
fn decision_recorded_but_unknown_is_asked_for() {
    let mut journals = Journals::founded();
    let decision = Digest::of(b"something");
    journals.add(2, day(11), recorded(decision));
    assert_eq!(journals.register().unknown_decisions, BTreeSet::from([decision]));
    journals.decisions.insert(decision, Certified { at: day(10), effects: Vec::new() });
    assert!(journals.register().unknown_decisions.is_empty());
}

#[test]
fn changes_take_effect_on_their_day() {
    let mut journals = Journals::founded();
    journals.add(0, day(3), change("coop0", PRODUCER, OPENS.plus(DAY), "future"));
    assert_eq!(journals.roll().seats[0].key, key("coop0"));
    journals.add(0, day(4), change("coop0", PRODUCER, day(4), "present"));
    assert_eq!(journals.roll().seats[0].key, key("present"));
    let roll = journals.roll();
    assert_eq!(roll.holder_of_key(&key("present")).map(|member| &member.member), Some(&member("coop0")));
}

#[test]
fn changes_of_strangers_and_of_the_class_are_ignored() {
    let mut journals = Journals::founded();
    journals.add(0, day(3), change("coop1", PRODUCER, day(3), "stolen"));
    journals.add(1, day(3), change("coop1", ORGANISATION, day(3), "coop1"));
    journals.add(1, day(3), end("coop2", EndStatus::Withdrawn, day(3)));
    let expected = [Reason::NotOurs(member("coop1")), Reason::ClassChanged, Reason::NotOurs(member("coop2"))];
    let mut reasons = journals.reasons();
    reasons.sort_by_key(|reason| expected.iter().position(|known| known == reason));
    assert_eq!(reasons, expected);
    assert_eq!(journals.on_the_roll().len(), 4);
}

#[test]
fn statement_in_a_foreign_journal_or_epoch_is_ignored() {
    let mut journals = Journals::founded();
    journals.add_to(1, 0, day(3), end("coop0", EndStatus::Withdrawn, day(3)));
    journals.add(0, day(3), end("coop0", EndStatus::Withdrawn, day(3)));
    let last = journals.entries[0].1.last_mut().expect("just added");
    last.statement.epoch = 1;
    assert_eq!(journals.reasons(), [Reason::WrongEpoch, Reason::NotTheNode]);
    let last = journals.entries[0].1.last_mut().expect("just added");
    last.statement.epoch = 0;
    last.statement.consortium = consortium("other");
    assert_eq!(journals.reasons(), [Reason::WrongEpoch, Reason::NotTheNode]);
    let last = journals.entries[0].1.last_mut().expect("just added");
    last.statement.signer = Signer::Member(key("coop0"));
    assert_eq!(journals.reasons(), [Reason::NotTheNode, Reason::NotTheNode]);
}

#[test]
fn mandates_are_on_the_roll_while_they_last() {
    let mandate = |holder: &str, since| Mandate {
        organisation: member("coop0"),
        holder: member(holder),
        name: String::new(),
        key: Some(key(holder)),
        since,
    };
    let ended =
        |holder: &str, effective| Body::MandateEnd { organisation: member("coop0"), holder: member(holder), effective };
    let mut journals = Journals::founded();
    for (holder, since) in [("cy", day(1)), ("bo", day(1)), ("al", day(1)), ("di", OPENS.plus(1))] {
        journals.add(0, day(1), Body::Mandate(mandate(holder, since)));
    }
    journals.add(0, day(5), ended("bo", day(6)));
    journals.add(0, day(5), ended("cy", OPENS.plus(1)));
    let holders: Vec<_> = journals.roll().seats[0].mandates.iter().map(|held| held.holder.to_string()).collect();
    assert_eq!(holders, ["al", "cy"]);
    assert!(journals.roll().seats[0].accepts_key(&key("al")));
    assert!(!journals.roll().seats[0].accepts_key(&key("bo")));
    journals.add(0, day(7), ended("bo", day(7)));
    journals.add(1, day(7), Body::Mandate(mandate("ed", day(7))));
    assert_eq!(journals.reasons(), [Reason::NoMandate, Reason::NotOurs(member("coop0"))]);
    assert!(journals.roll().had_mandate_key(&member("coop0"), &key("bo")));
}

#[test]
fn mandates_are_given_by_organisations_and_not_without_limit() {
    let mut journals = Journals::founded();
    journals.person(0, "anna");
    let mandate = |organisation: &str, holder: String| {
        let holder = member(&holder);
        Body::Mandate(Mandate {
            organisation: member(organisation),
            holder,
            name: String::new(),
            key: None,
            since: day(9),
        })
    };
    journals.add(0, day(9), mandate("anna", "bo".to_owned()));
    for number in 0..51 {
        journals.add(0, day(9), mandate("coop0", format!("p{number}")));
    }
    assert_eq!(journals.reasons(), [Reason::NotAnOrganisation, Reason::TooManyMandates(50)]);
    journals.add(0, day(10), mandate("coop0", "p3".to_owned()));
    assert_eq!(journals.reasons().len(), 2, "replacing one is fine");
}

#[test]
fn members_stay_when_their_node_changes_its_key() {
    let mut journals = Journals::founded();
    journals.person(1, "anna");
    let old = journals.entries[1].clone();
    let size = u64::try_from(old.1.len()).expect("few entries");
    let effect = Effect::ChangeKey { node: node(1), key: key("second key") };
    let next = journals.epochs[0].apply(&[effect], &[(old.0.clone(), size)]).expect("it fits");
    let current = next.journals()[2].journal.clone();
    journals.epochs.push(next);
    journals.add(1, day(30), end("anna", EndStatus::Withdrawn, day(30)));
    assert!(journals.on_the_roll().contains(&"anna".to_owned()), "the old journal is frozen");
    journals.entries.push((current, Vec::new()));
    journals.add_to(4, 1, day(31), end("anna", EndStatus::Withdrawn, day(31)));
    assert!(!journals.on_the_roll().contains(&"anna".to_owned()));
    assert_eq!(journals.reasons(), []);
}

#[test]
fn entry_is_judged_by_the_charter_of_its_epoch() {
    let mut journals = Journals::founded();
    journals.person(1, "anna");
    let mut charter = Charter { version: 2, terms: "New terms.".to_owned(), ..ocm() };
    charter.roll.objection_seconds = 30 * DAY;
    let amend = Effect::AmendCharter { base: ocm().digest(), charter: Box::new(charter) };
    let next = journals.epochs[0].apply(&[amend], &[]).expect("it fits");
    journals.epochs.push(next);
    assert!(journals.on_the_roll().contains(&"anna".to_owned()));
    journals.person(1, "bert");
    assert!(journals.reasons().contains(&Reason::OtherTerms));
}

#[test]
fn journals_of_removed_parties_do_not_count() {
    let mut journals = Journals::founded();
    let next = journals.epochs[0].apply(&[Effect::RemoveParty { node: node(1) }], &[]).expect("it fits");
    journals.epochs.push(next);
    assert_eq!(journals.on_the_roll(), ["coop0", "coop2", "coop3"]);
}
