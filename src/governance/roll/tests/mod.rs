//! Rolls: who is on them, and why somebody is not.

mod changes;

use super::*;
use crate::certification::Certificate;
use crate::charter::Charter;
use crate::extract::{Entry, Extract};
use crate::statement::{Application, Body, Decision, FoundingMember, Mandate, RollEnd, RollEntry, Signer};
use crate::testdata::*;

/// Journals of the four parties, written to in the order of the test.
struct Journals {
    epochs: Vec<Epoch>,
    founding: Vec<FoundingMember>,
    entries: Vec<(JournalId, Vec<Entry>)>,
    decisions: BTreeMap<Digest, Certified>,
}

const START: Time = Time(OPENS.0 - 100 * DAY);

fn day(number: i64) -> Time {
    START.plus(number * DAY)
}

impl Journals {
    fn new() -> Self {
        let epoch = epoch();
        let entries = epoch.journals().into_iter().map(|journal| (journal.journal, Vec::new())).collect();
        Self { epochs: vec![epoch], founding: genesis().members, entries, decisions: BTreeMap::new() }
    }

    /// The four founding producers are on the roll from day 0.
    fn founded() -> Self {
        let mut journals = Self::new();
        for number in 0..4 {
            journals.add(number, day(0), Body::RollEntry(entry(&format!("coop{number}"), PRODUCER, Basis::Founding)));
        }
        journals
    }

    fn add(&mut self, party: usize, published: Time, body: Body) -> Digest {
        self.add_to(party, party, published, body)
    }

    fn add_to(&mut self, journal: usize, party: usize, published: Time, body: Body) -> Digest {
        let epoch = self.epochs.last().expect("there is one");
        let position = u64::try_from(self.entries[journal].1.len()).expect("few entries");
        let entry = node_entry(epoch, party, position, published, body);
        let digest = entry.digest;
        self.entries[journal].1.push(entry);
        digest
    }

    fn apply(&mut self, party: usize, published: Time, name: &str) -> Digest {
        self.add(party, published, Body::Application(application(name)))
    }

    /// A person who applied on day 0 and joined on day 8.
    fn person(&mut self, party: usize, name: &str) {
        let application = self.apply(party, day(0), name);
        self.add(party, day(8), Body::RollEntry(entry(name, INDIVIDUAL, Basis::Application(application))));
    }

    fn register(&self) -> Register {
        let extract = |(journal, entries): &'_ (JournalId, Vec<Entry>)| (journal.clone(), entries.clone());
        let owned: Vec<_> = self.entries.iter().map(extract).collect();
        let extracts: Vec<_> =
            owned.iter().map(|(journal, entries)| Extract { journal: journal.clone(), entries }).collect();
        let Self { epochs, founding, decisions, .. } = self;
        replay(&Input { epochs, founding, extracts: &extracts, decisions, at: OPENS })
    }

    fn roll(&self) -> Roll {
        self.register().freeze(self.epochs.last().expect("there is one"), OPENS)
    }

    fn on_the_roll(&self) -> Vec<String> {
        self.roll().seats.iter().map(|seat| seat.member.to_string()).collect()
    }

    fn reasons(&self) -> Vec<Reason> {
        self.register().ignored.into_iter().map(|ignored| ignored.reason).collect()
    }
}

fn entry(name: &str, class: &str, basis: Basis) -> RollEntry {
    RollEntry {
        change: false,
        member: member(name),
        name: name.to_owned(),
        class: class.to_owned(),
        level: if class == PRODUCER { "producer".to_owned() } else { "standard".to_owned() },
        key: key(name),
        custody: Custody::Node,
        since: day(0),
        basis,
    }
}

fn change(name: &str, class: &str, since: Time, new_key: &str) -> Body {
    Body::RollEntry(RollEntry { change: true, since, key: key(new_key), ..entry(name, class, Basis::Founding) })
}

fn application(name: &str) -> Application {
    Application {
        member: member(name),
        name: name.to_owned(),
        class: INDIVIDUAL.to_owned(),
        level: "standard".to_owned(),
        terms: ocm().terms_digest(),
        request: "I would like to join.".to_owned(),
        commitment: "A subscription.".to_owned(),
    }
}

fn end(name: &str, status: EndStatus, effective: Time) -> Body {
    Body::RollEnd(RollEnd { member: member(name), status, effective, reason: "Asked for it.".to_owned() })
}

fn admission(sponsor: usize, name: &str, class: &str) -> Effect {
    Effect::AdmitMember {
        sponsor: node(sponsor),
        member: member(name),
        name: name.to_owned(),
        class: class.to_owned(),
        level: "standard".to_owned(),
    }
}

/// Node 2 records that a decision is certified.
fn recorded(proposal: Digest) -> Body {
    let certificate = Certificate {
        proposal,
        sitting: 0,
        round: 0,
        value: Digest::of(b"value"),
        cut: Vec::new(),
        finals: Vec::new(),
        proposed: serde_json::Value::Null,
    };
    Body::Article(Box::new(Decision { proposal, outcome: serde_json::Value::Null, certificate }))
}

#[test]
fn founding_organisations_are_on_the_roll_of_their_sponsor() {
    let mut journals = Journals::founded();
    assert_eq!(journals.on_the_roll(), ["coop0", "coop1", "coop2", "coop3"]);
    assert_eq!(journals.reasons(), []);
    journals.add(1, day(1), Body::RollEntry(entry("coop9", PRODUCER, Basis::Founding)));
    assert_eq!(journals.reasons(), [Reason::NotFounding(member("coop9"))]);
}

#[test]
fn roll_is_sorted_by_class_then_party_then_member() {
    let mut journals = Journals::founded();
    journals.person(3, "anna");
    let applications = ["zoe", "yan"].map(|name| (name, journals.apply(1, day(0), name)));
    for (name, application) in applications {
        journals.add(1, day(8), Body::RollEntry(entry(name, INDIVIDUAL, Basis::Application(application))));
    }
    assert_eq!(journals.on_the_roll(), ["coop0", "coop1", "coop2", "coop3", "yan", "zoe", "anna"]);
    let roll = journals.roll();
    assert!((0..).zip(&roll.seats).all(|(index, seat)| seat.index == index));
    assert_eq!((roll.eligible(PRODUCER), roll.eligible(INDIVIDUAL)), (4, 3));
    assert_eq!(roll.seat_of(&member("zoe")).map(|seat| seat.index), Some(5));
}

#[test]
fn order_of_the_extracts_changes_nothing() {
    let mut journals = Journals::founded();
    journals.person(3, "anna");
    let digest = journals.roll().digest();
    journals.entries.reverse();
    assert_eq!(journals.roll().digest(), digest);
}

#[test]
fn digest_covers_every_seat() {
    let mut journals = Journals::founded();
    let before = journals.roll().digest();
    journals.add(2, day(3), change("coop2", PRODUCER, day(3), "new"));
    assert_ne!(journals.roll().digest(), before);
}

#[test]
fn person_joins_after_the_objection_window() {
    let mut journals = Journals::founded();
    let application = journals.apply(0, day(0), "anna");
    let body = Body::RollEntry(entry("anna", INDIVIDUAL, Basis::Application(application)));
    journals.add(0, day(7).plus(-1), body.clone());
    assert_eq!(journals.reasons(), [Reason::TooEarly(day(7))]);
    journals.add(0, day(7), body);
    assert!(journals.on_the_roll().contains(&"anna".to_owned()));
    let register = journals.register();
    let anna = &register.members[&member("anna")];
    assert_eq!((anna.since(), anna.status(day(6))), (Some(day(7)), Status::NotYet));
}

#[test]
fn application_must_be_whole_and_stand_before_the_entry() {
    for (spoil, expected) in [
        ((|application| application.request = " ".to_owned()) as fn(&mut Application), Reason::Incomplete),
        (|application| application.commitment.clear(), Reason::Incomplete),
        (|application| application.terms = Digest::of(b"other terms"), Reason::OtherTerms),
        (|application| application.level = "solidarity".to_owned(), Reason::OtherApplication),
        (|application| application.member = member("else"), Reason::OtherApplication),
    ] {
        let mut journals = Journals::founded();
        let mut spoiled = application("anna");
        spoil(&mut spoiled);
        let digest = journals.add(0, day(0), Body::Application(spoiled));
        journals.add(0, day(8), Body::RollEntry(entry("anna", INDIVIDUAL, Basis::Application(digest))));
        assert_eq!(journals.reasons(), [expected]);
    }
    let mut journals = Journals::founded();
    let elsewhere = journals.apply(1, day(0), "anna");
    for basis in [elsewhere, Digest::of(b"nothing")] {
        journals.add(0, day(8), Body::RollEntry(entry("anna", INDIVIDUAL, Basis::Application(basis))));
    }
    assert_eq!(journals.reasons(), [Reason::NoApplication, Reason::NoApplication]);
}

#[test]
fn backdated_application_counts_from_the_statements_before_it() {
    let mut journals = Journals::founded();
    journals.add(0, day(20), change("coop0", PRODUCER, day(20), "coop0"));
    let application = journals.apply(0, day(1), "anna");
    journals.add(0, day(21), Body::RollEntry(entry("anna", INDIVIDUAL, Basis::Application(application))));
    assert_eq!(journals.reasons(), [Reason::TooEarly(day(27))]);
}

#[test]
fn objection_in_time_turns_the_application_into_a_proposal() {
    let objection = |application| Body::Objection { application, reason: "They spam.".to_owned() };
    let mut journals = Journals::founded();
    let application = journals.apply(0, day(0), "anna");
    journals.add(0, day(8), Body::RollEntry(entry("anna", INDIVIDUAL, Basis::Application(application))));
    journals.add(3, day(7), objection(application));
    journals.add(3, day(8), objection(Digest::of(b"nothing")));
    assert!(journals.on_the_roll().contains(&"anna".to_owned()), "too late to object");
    assert_eq!(journals.reasons(), [Reason::LateObjection(day(7)), Reason::UnknownApplication]);
    journals.add(2, day(6), objection(application));
    assert!(!journals.on_the_roll().contains(&"anna".to_owned()));
    assert!(journals.reasons().contains(&Reason::Objected(node(2))));
}

#[test]
fn late_objection_cannot_be_backdated() {
    let mut journals = Journals::founded();
    journals.person(0, "anna");
    let application = journals.entries[0].1[1].digest;
    journals.add(3, day(20), change("coop3", PRODUCER, day(20), "coop3"));
    journals.add(3, day(2), Body::Objection { application, reason: "Late.".to_owned() });
    assert!(journals.on_the_roll().contains(&"anna".to_owned()));
}

#[test]
fn only_nodes_of_objecting_classes_object() {
    let mut journals = Journals::founded();
    journals.founding.pop();
    journals.person(0, "anna");
    let application = journals.entries[0].1[1].digest;
    journals.add(3, day(2), Body::Objection { application, reason: "No.".to_owned() });
    assert_eq!(journals.reasons(), [Reason::NotFounding(member("coop3")), Reason::NotAnObjector]);
}

#[test]
fn organisation_joins_by_decision_only() {
    let mut journals = Journals::founded();
    let decision = Digest::of(b"admit shop");
    let body = |basis| Body::RollEntry(entry("shop", ORGANISATION, basis));
    journals.add(1, day(2), body(Basis::Application(decision)));
    journals.add(1, day(2), body(Basis::Decision(decision)));
    assert_eq!(journals.reasons(), [Reason::OrganisationNeedsDecision, Reason::UnknownDecision(decision)]);
    assert_eq!(journals.register().unknown_decisions, BTreeSet::from([decision]));
    let certified = |effects| Certified { at: day(5), effects };
    journals.decisions.insert(decision, certified(vec![admission(2, "shop", ORGANISATION)]));
    assert_eq!(journals.reasons()[1], Reason::OtherDecision);
    journals.decisions.insert(decision, certified(vec![admission(1, "shop", ORGANISATION)]));
    assert_eq!(journals.reasons(), [Reason::OrganisationNeedsDecision]);
    let shop = journals.register().members[&member("shop")].clone();
    assert_eq!((shop.since(), shop.basis), (Some(day(5)), Basis::Decision(decision)));
}

#[test]
fn one_application_admits_once() {
    let mut journals = Journals::founded();
    journals.person(0, "anna");
    let admitting = journals.entries[0].1[1].digest;
    journals.add(0, day(10), end("anna", EndStatus::Withdrawn, day(10)));
    let again = |since| RollEntry { since, ..entry("anna", INDIVIDUAL, Basis::Application(admitting)) };
    journals.add(0, day(12), Body::RollEntry(again(day(12))));
    assert_eq!(journals.reasons(), [Reason::BasisUsed]);
    let second =
        journals.add(0, day(20), Body::Application(Application { name: "Anna".to_owned(), ..application("anna") }));
    journals.add(
        0,
        day(30),
        Body::RollEntry(RollEntry { since: day(30), basis: Basis::Application(second), ..again(day(30)) }),
    );
    let register = journals.register();
    let anna = &register.members[&member("anna")];
    assert!(matches!(anna.status(day(31)), Status::InForce(_)));
    assert_eq!(anna.status(day(25)), Status::Ended(EndStatus::Withdrawn));
    assert_eq!(anna.history.len(), 3);
}

#[test]
fn first_entry_with_an_id_wins() {
    let mut journals = Journals::founded();
    journals.person(2, "anna");
    journals.person(1, "anna");
    let roll = journals.roll();
    assert_eq!(roll.seat_of(&member("anna")).map(|seat| seat.sponsor.clone()), Some(node(1)));
    assert_eq!(journals.reasons(), [Reason::Taken(member("anna"))]);
}

#[test]
fn unknown_classes_levels_and_long_names_are_ignored() {
    let mut journals = Journals::new();
    let founding = || entry("coop0", PRODUCER, Basis::Founding);
    journals.add(0, day(0), Body::RollEntry(RollEntry { class: "guest".to_owned(), ..founding() }));
    journals.add(0, day(0), Body::RollEntry(RollEntry { level: "gold".to_owned(), ..founding() }));
    journals.add(0, day(0), Body::RollEntry(RollEntry { name: "n".repeat(201), ..founding() }));
    let mut reasons = journals.reasons();
    reasons.sort_by_key(ToString::to_string);
    let level = Reason::UnknownLevel { class: PRODUCER.to_owned(), level: "gold".to_owned() };
    assert_eq!(reasons, [Reason::UnknownClass("guest".to_owned()), level, Reason::NameTooLong]);
    journals.add(0, day(0), Body::RollEntry(RollEntry { level: String::new(), ..founding() }));
    assert_eq!(journals.on_the_roll(), ["coop0"], "founders need no level");
}
