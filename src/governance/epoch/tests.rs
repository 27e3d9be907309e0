//! From the genesis document to later epochs.

use super::*;
use crate::charter::EmptyClass;
use crate::testdata::*;

fn problems(change: impl FnOnce(&mut Genesis)) -> Vec<String> {
    let mut genesis = genesis();
    change(&mut genesis);
    let problems = Epoch::genesis(&genesis).expect_err("it is refused");
    problems.into_iter().map(|problem| problem.path).collect()
}

#[test]
fn genesis_founds_epoch_zero() {
    let epoch = epoch();
    assert_eq!((epoch.number, epoch.n(), epoch.charter_digest), (0, 4, ocm().digest()));
    assert_eq!(epoch.consortium, consortium_id(&genesis()));
    assert_eq!(epoch.party_of_node(&node(2)), Some(2));
    assert_eq!(epoch.party_of_key(&key("node 3")), Some(3));
    assert_eq!(epoch.party_of_node(&node(9)), None);
}

#[test]
fn quorum_is_what_the_protocol_says() {
    for (n, faulty, quorum) in [(1, 0, 1), (2, 0, 2), (3, 0, 3), (4, 1, 3), (7, 2, 5), (12, 3, 9), (50, 16, 34)] {
        let epoch = Epoch { parties: (0..n).map(party).collect(), ..epoch() };
        assert_eq!((epoch.faulty_most(), epoch.quorum()), (faulty, quorum), "{n} parties");
    }
}

#[test]
fn parties_are_unique_and_not_too_many() {
    assert!(problems(|genesis| genesis.parties.clear()).contains(&"parties".to_owned()));
    assert_eq!(problems(|genesis| genesis.parties = (0..51).map(party).collect()), ["parties"]);
    let path = format!("parties.{}", node(1));
    assert_eq!(problems(|genesis| genesis.parties[1].name = "COOP 0".to_owned()), [path.as_str()]);
    assert_eq!(problems(|genesis| genesis.parties[1].key = key("node 0")), [path.as_str()]);
    let same_host = "https://coop0.example/other".parse::<NodeId>().expect("an address");
    let found = problems(|genesis| {
        genesis.parties[1].node = same_host.clone();
        genesis.members.remove(1);
    });
    assert_eq!(found, [format!("parties.{same_host}")]);
}

#[test]
fn founding_members_are_organisations_of_parties() {
    let path = ["members.coop1"];
    assert_eq!(problems(|genesis| genesis.members[1].class = INDIVIDUAL.to_owned()), path);
    assert_eq!(problems(|genesis| genesis.members[1].class = "guest".to_owned()), path);
    assert_eq!(problems(|genesis| genesis.members[1].sponsor = node(9)), path);
    assert_eq!(problems(|genesis| genesis.members[1].name = "n".repeat(201)), path);
    assert_eq!(problems(|genesis| genesis.members[2].member = member("coop1")), path);
}

#[test]
fn broken_charter_founds_nothing() {
    assert_eq!(problems(|genesis| genesis.charter.version = 0), ["version"]);
}

#[test]
fn amendment_replaces_the_charter_it_was_written_for() {
    let epoch = epoch();
    let charter = Charter { version: 2, empty_class: EmptyClass::Lapse, ..ocm() };
    let amend = |base, charter: &Charter| Effect::AmendCharter { base, charter: Box::new(charter.clone()) };
    let next = epoch.apply(&[amend(ocm().digest(), &charter)], &[]).expect("it fits");
    assert_eq!((next.number, next.charter_digest), (1, charter.digest()));
    assert!(next.check_effects(&[amend(ocm().digest(), &charter)]).is_err(), "another base");
    assert!(epoch.check_effects(&[amend(ocm().digest(), &ocm())]).is_err(), "the same version");
    let broken = Charter { classes: Vec::new(), ..charter };
    assert!(epoch.check_effects(&[amend(ocm().digest(), &broken)]).is_err(), "a charter with problems");
}

#[test]
fn changed_key_starts_a_journal_and_freezes_the_old_one() {
    let epoch = epoch();
    let old = epoch.journals()[1].journal.clone();
    let change = Effect::ChangeKey { node: node(1), key: key("new") };
    let next = epoch.apply(&[change], &[(old.clone(), 17)]).expect("it fits");
    let journals = next.journals();
    assert_eq!(journals.len(), 5);
    assert_eq!((&journals[1].journal, journals[1].frozen_at, journals[1].key), (&old, Some(17), key("node 1")));
    assert_eq!((journals[2].party, journals[2].frozen_at, journals[2].key), (1, None, key("new")));
    assert_ne!(journals[2].journal, old);
    for used in ["node 1", "new", "node 0"] {
        assert!(next.check_effects(&[Effect::ChangeKey { node: node(2), key: key(used) }]).is_err(), "{used}");
    }
    assert!(next.check_effects(&[Effect::ChangeKey { node: node(9), key: key("newer") }]).is_err());
}

#[test]
fn parties_join_at_the_end_and_leave_with_their_journals() {
    let epoch = epoch();
    let next = epoch.apply(&[Effect::AdmitParty { party: party(4) }], &[]).expect("it fits");
    assert_eq!((next.number, next.n(), next.quorum()), (1, 5, 4));
    assert!(next.check_effects(&[Effect::AdmitParty { party: party(4) }]).is_err());
    let change = Effect::ChangeKey { node: node(0), key: key("new") };
    let remove = Effect::RemoveParty { node: node(0) };
    let last = next.apply(&[change, remove.clone()], &[]).expect("it fits");
    assert_eq!((last.number, last.n(), last.retired.len()), (2, 4, 0));
    assert!(last.check_effects(std::slice::from_ref(&remove)).is_err(), "gone already");
    // Whoever comes back does so with a new key: an old one would bring its journal back.
    let back = |key_name: &str| Effect::AdmitParty { party: Party { key: key(key_name), ..party(0) } };
    for used in ["node 0", "new"] {
        assert!(last.check_effects(&[back(used)]).is_err(), "{used}");
    }
    assert!(last.check_effects(&[back("newer")]).is_ok());
    let alone = Epoch { parties: vec![party(0)], ..epoch };
    assert!(alone.check_effects(&[remove]).is_err(), "the last one");
}

#[test]
fn effects_on_members_change_no_epoch() {
    let effect = Effect::AdmitMember {
        sponsor: node(0),
        member: member("new"),
        name: String::new(),
        class: PRODUCER.to_owned(),
        level: "producer".to_owned(),
    };
    assert_eq!(epoch().apply(&[effect], &[]), Ok(epoch()));
}

#[test]
fn charter_is_ratified_when_every_party_has_accepted_it() {
    let epoch = epoch();
    let mut accepted =
        vec![(node(2), epoch.charter_digest), (node(0), Digest::of(b"other")), (node(7), epoch.charter_digest)];
    let state = epoch.ratification(&accepted);
    assert_eq!((state.accepted.clone(), state.missing.len()), (vec![node(2)], 3));
    assert!(!state.is_complete());
    accepted.extend((0..4).map(|number| (node(number), epoch.charter_digest)));
    assert!(epoch.ratification(&accepted).is_complete());
}

#[test]
fn charter_is_proposed_then_ratified_then_superseded() {
    let first = epoch();
    let accepted: Vec<_> = (0..4).map(|number| (node(number), first.charter_digest)).collect();
    assert_eq!(first.charter_state(&first.ratification(&accepted[1..]), &first), CharterState::Proposed);
    let ratified = first.ratification(&accepted);
    assert_eq!(first.charter_state(&ratified, &first), CharterState::Ratified);
    let charter = Box::new(Charter { version: 2, ..ocm() });
    let next = first.apply(&[Effect::AmendCharter { base: ocm().digest(), charter }], &[]).expect("it fits");
    assert_eq!(first.charter_state(&ratified, &next), CharterState::Superseded);
    assert_eq!(next.charter_state(&ratified, &next), CharterState::Ratified);
}
