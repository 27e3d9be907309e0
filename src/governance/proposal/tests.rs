//! Drafts and openings: what is accepted, and one test per reason to refuse.

use super::*;
use crate::charter::EmptyClass;
use crate::roll::{Details, Event, Member, Register, Standing};
use crate::statement::{Basis, Custody, EndStatus};
use crate::tally::Effects;
use crate::testdata::*;

/// A sound opening of node 0 for `producer-0`, and what it is checked against.
struct Case {
    statement: Statement,
    epoch: Epoch,
    roll: Roll,
    unratified: usize,
    cut: Vec<CertifiedSize>,
    certified_at: Option<Time>,
}

impl Case {
    fn new(decision_type: &str) -> Self {
        let scene = Scene::of_type(decision_type, [4, 2, 2]);
        let mut roll = scene.roll.clone();
        roll.register = register(&roll);
        let mut question = scene.opening.question.clone();
        question.voting = Some(scene.opening.voting.clone());
        let cut = scene.epoch.journals().into_iter().map(|journal| CertifiedSize {
            journal: journal.journal,
            size: 5,
            root: Digest::of(b"root"),
            certified_at: OPENS.plus(-DAY),
        });
        let cut = cut.collect();
        let body = Body::Question(Box::new(question));
        let statement = node_entry(&scene.epoch, 0, 0, OPENS.plus(-3600), body).statement;
        Self { statement, epoch: scene.epoch, roll, unratified: 0, cut, certified_at: Some(OPENS) }
    }

    fn question(&mut self) -> &mut Question {
        match &mut self.statement.body {
            Body::Question(question) => question,
            other => panic!("a question expected, found {other:?}"),
        }
    }

    fn voting(&mut self) -> &mut Voting {
        self.question().voting.as_mut().expect("an opening")
    }

    fn check(&self) -> Result<Opening, Refusal> {
        let Self { epoch, roll, unratified, cut, certified_at, .. } = self;
        let context = OpeningContext { epoch, unratified: *unratified, roll, cut, certified_at: *certified_at };
        check_opening(&self.statement, Digest::of(b"opening"), &context)
    }
}

/// Everybody with a seat as a member since long ago.
fn register(roll: &Roll) -> Register {
    let mut register = Register::default();
    for seat in &roll.seats {
        let details = Details { name: String::new(), level: String::new(), key: seat.key, custody: Custody::Node };
        let joined =
            Event { at: OPENS.plus(-9 * DAY), statement: Digest::of(b"entry"), change: Standing::InForce(details) };
        let record = Member {
            member: seat.member.clone(),
            class: seat.class.clone(),
            sponsor: seat.sponsor.clone(),
            basis: Basis::Founding,
            history: vec![joined],
            mandates: Vec::new(),
        };
        register.members.insert(seat.member.clone(), record);
    }
    register
}

fn refused(change: impl FnOnce(&mut Case)) -> Refusal {
    let mut case = Case::new("regular");
    change(&mut case);
    case.check().expect_err("it is refused")
}

fn draft(change: impl FnOnce(&mut Question)) -> Vec<Refusal> {
    let mut draft = question("regular");
    change(&mut draft);
    check_draft(&draft, &epoch())
}

#[test]
fn sound_openings_are_accepted() {
    for decision_type in ["urgent", "regular", "constitutional"] {
        let opening = Case::new(decision_type).check().expect(decision_type);
        assert_eq!((opening.node, opening.epoch, opening.question.voting), (node(0), 0, None));
    }
}

#[test]
fn sound_draft_has_no_refusals() {
    assert_eq!(draft(|_| ()), []);
    assert_eq!(check_draft(&question("urgent"), &epoch()), []);
}

#[test]
fn draft_is_refused_with_every_reason_at_once() {
    let refusals = draft(|draft| {
        draft.id.clear();
        draft.version = 0;
        draft.name = "two\nlines".to_owned();
        draft.source = "x".repeat(TEXT_BYTES_MOST + 1);
        draft.principles = vec![8];
        draft.supersedes = vec![Digest::of(b"a"), Digest::of(b"a")];
        draft.options.pop();
        draft.reason = "Haste.".to_owned();
    });
    let expected = [
        Refusal::Id,
        Refusal::Version,
        Refusal::Title,
        Refusal::Text,
        Refusal::Principles { count: 7 },
        Refusal::Supersedes,
        Refusal::ConsentOptions,
        Refusal::ReasonUncalledFor,
    ];
    assert_eq!(refusals, expected);
    assert_eq!(refusals.iter().filter_map(Refusal::field).count(), 6);
}

#[test]
fn principles_are_cited_once_and_in_order() {
    for principles in [vec![0], vec![3, 2], vec![2, 2]] {
        assert_eq!(draft(|draft| draft.principles = principles), [Refusal::Principles { count: 7 }]);
    }
    assert_eq!(draft(|draft| draft.principles.clear()), []);
}

#[test]
fn options_of_a_choice_are_two_to_fifty_different_lines() {
    let choice = |options: Vec<String>| {
        draft(|draft| {
            draft.method = Method::SingleChoice;
            draft.options = options;
        })
    };
    let lines = |count: usize| (0..count).map(|number| format!("Option {number}")).collect::<Vec<_>>();
    assert_eq!(choice(lines(2)), []);
    assert_eq!(choice(lines(50)), []);
    for wrong in [
        lines(1),
        lines(51),
        vec!["a".into(), "a".into()],
        vec!["a".into(), " ".into()],
        vec!["a".into(), "b".repeat(201)],
    ] {
        assert_eq!(choice(wrong), [Refusal::Options]);
    }
}

#[test]
fn urgent_call_needs_its_reason() {
    for reason in [String::new(), " ".to_owned(), "x".repeat(REASON_CHARS_MOST + 1)] {
        let urgent = Question { reason, ..question("urgent") };
        let missing = Refusal::ReasonMissing { decision_type: "urgent".to_owned() };
        assert_eq!(check_draft(&urgent, &epoch()), [missing]);
    }
}

#[test]
fn unknown_type_is_refused() {
    let unknown = Refusal::UnknownType { decision_type: "whim".to_owned() };
    assert_eq!(draft(|draft| draft.decision_type = "whim".to_owned()), [unknown]);
}

#[test]
fn nothing_is_public_where_the_charter_keeps_it_within() {
    let mut epoch = epoch();
    epoch.charter.visibility = Visibility::Consortium;
    assert_eq!(check_draft(&question("regular"), &epoch), [Refusal::Visibility]);
    assert_eq!(draft(|draft| draft.visibility = Visibility::Consortium), []);
}

#[test]
fn effects_are_those_that_the_type_may_have() {
    let amend = Effect::AmendCharter {
        base: ocm().digest(),
        charter: Box::new(Charter { version: 2, empty_class: EmptyClass::Lapse, ..ocm() }),
    };
    let not_allowed = Refusal::EffectNotAllowed { decision_type: "regular".to_owned() };
    assert_eq!(draft(|draft| draft.effects = vec![amend.clone()]), [not_allowed]);
    let constitutional = |effects| check_draft(&Question { effects, ..question("constitutional") }, &epoch());
    assert_eq!(constitutional(vec![amend.clone()]), []);
    let twice = constitutional(vec![amend.clone(), amend]);
    assert!(matches!(twice[..], [Refusal::Effect { .. }]), "{twice:?}");
    let remove = Effect::RemoveParty { node: node(9) };
    assert!(matches!(constitutional(vec![remove.clone()])[..], [Refusal::Effect { .. }]));
    assert_eq!(constitutional(vec![remove; 51]), [Refusal::TooManyEffects]);
}

#[test]
fn effects_on_members_name_sponsor_class_and_level() {
    let admit = |sponsor, class: &str, level: &str| Effect::AdmitMember {
        sponsor: node(sponsor),
        member: member("shop"),
        name: "Shop".to_owned(),
        class: class.to_owned(),
        level: level.to_owned(),
    };
    assert_eq!(draft(|draft| draft.effects = vec![admit(1, ORGANISATION, "standard")]), []);
    for wrong in [admit(9, ORGANISATION, "standard"), admit(1, "guest", "standard"), admit(1, ORGANISATION, "gold")] {
        let refusals = draft(|draft| draft.effects = vec![wrong]);
        assert!(matches!(refusals[..], [Refusal::Effect { .. }]), "{refusals:?}");
        assert_eq!(refusals[0].field(), Some("effects"));
    }
    let end = Effect::EndMember { sponsor: node(9), member: member("shop"), status: EndStatus::Lapsed };
    assert!(!draft(|draft| draft.effects = vec![end]).is_empty());
}

#[test]
fn choice_between_options_has_no_effects() {
    let refusals = draft(|draft| {
        draft.method = Method::Approval;
        draft.options = vec!["a".to_owned(), "b".to_owned()];
        draft.effects = vec![Effect::ChangeKey { node: node(1), key: key("new") }];
    });
    assert_eq!(refusals, [Refusal::EffectsOfChoice]);
}

#[test]
fn opening_belongs_to_the_epoch_and_its_parties() {
    assert_eq!(refused(|case| case.statement.consortium = consortium("other")), Refusal::OtherConsortium);
    assert_eq!(refused(|case| case.statement.epoch = 2), Refusal::OtherEpoch { named: 2, current: 0 });
    assert_eq!(refused(|case| case.unratified = 3), Refusal::NotRatified { missing: 3 });
    assert_eq!(refused(|case| case.statement.signer = Signer::Node(node(9))), Refusal::NotAParty);
    assert_eq!(refused(|case| case.statement.signer = Signer::Member(key("a"))), Refusal::NotAnOpening);
    assert_eq!(refused(|case| case.question().voting = None), Refusal::NotAnOpening);
    assert_eq!(refused(|case| case.question().name.clear()), Refusal::Title);
}

#[test]
fn proposer_is_a_member_of_the_opening_node_who_may_call_it() {
    let unknown = Refusal::ProposerUnknown { member: member("nobody") };
    assert_eq!(refused(|case| case.question().proposer = member("nobody")), unknown);
    let elsewhere = Refusal::ProposerElsewhere { member: member("producer-1") };
    assert_eq!(refused(|case| case.question().proposer = member("producer-1")), elsewhere);
    let mut urgent = Case::new("urgent");
    urgent.question().proposer = member("consumer-individual-0");
    let may_not = Refusal::MayNotCall { class: INDIVIDUAL.to_owned(), decision_type: "urgent".to_owned() };
    assert_eq!(urgent.check(), Err(may_not));
    let mut regular = Case::new("regular");
    regular.question().proposer = member("consumer-individual-0");
    assert!(regular.check().is_ok());
    let refusal = refused(|case| {
        let record = case.roll.register.members.get_mut(&member("producer-0")).expect("on the roll");
        let change = Standing::Ended { status: EndStatus::Suspended, reason: String::new() };
        record.history.push(Event { at: OPENS, statement: Digest::of(b"end"), change });
    });
    assert_eq!(refusal, Refusal::ProposerUnknown { member: member("producer-0") });
}

#[test]
fn nobody_shortens_a_vote_or_changes_its_rules() {
    let short = refused(|case| case.voting().closes = OPENS.plus(7 * DAY - 1));
    let least = 7 * DAY;
    assert_eq!(short, Refusal::TooShort { decision_type: "regular".to_owned(), least, seconds: least - 1 });
    assert_eq!(refused(|case| case.voting().closes = OPENS.plus(VOTE_SECONDS_MOST + 1)), Refusal::TooLong);
    assert_eq!(refused(|case| case.voting().rules.threshold.strict = false), Refusal::OtherRules);
    assert_eq!(refused(|case| case.question().review = Some(OPENS)), Refusal::Review);
    let mut longer = Case::new("regular");
    longer.voting().closes = OPENS.plus(30 * DAY);
    longer.question().review = Some(OPENS.plus(365 * DAY));
    assert!(longer.check().is_ok());
}

#[test]
fn electorate_is_what_the_cut_yields() {
    assert_eq!(refused(|case| case.voting().electorate = Digest::of(b"other")), Refusal::OtherElectorate);
    assert_eq!(refused(|case| case.roll.opens = OPENS.plus(1)), Refusal::OtherElectorate);
    let nobody = refused(|case| {
        case.roll.seats.clear();
        case.voting().electorate = case.roll.digest();
    });
    assert_eq!(nobody, Refusal::NoElectorate);
}

impl Case {
    fn journal(&self, number: usize) -> JournalId {
        self.cut[number].journal.clone()
    }
}

#[test]
fn cut_is_old_enough_and_of_this_epoch() {
    let case = Case::new("regular");
    let young = refused(|case| case.cut[1].certified_at = OPENS.plus(-DAY + 1));
    assert_eq!(young, Refusal::CutTooYoung { journal: case.journal(1), latest: OPENS.plus(-DAY) });
    assert_eq!(refused(|case| case.cut.swap(0, 1)), Refusal::ForeignJournal { journal: case.journal(0) });
    let twice = refused(|case| case.cut[1] = case.cut[0].clone());
    assert_eq!(twice, Refusal::ForeignJournal { journal: case.journal(0) });
    let foreign = JournalId::new(consortium("other"), &node(0), &[0; 32]);
    let other = refused(|case| case.cut[3].journal = foreign.clone());
    assert_eq!(other, Refusal::ForeignJournal { journal: foreign });
    let mut absent = Case::new("regular");
    absent.cut.remove(2);
    assert!(absent.check().is_ok(), "a journal that is absent counts as empty");
}

#[test]
fn cut_takes_in_what_is_known_to_have_been_certified_in_time() {
    let case = Case::new("regular");
    assert_eq!(check_cut_is_recent(&case.cut, &case.cut), Ok(()));
    let mut behind = case.cut.clone();
    behind[2].size -= 1;
    assert_eq!(check_cut_is_recent(&case.cut, &behind), Ok(()), "more than is known here");
    let stale = Err(Refusal::CutStale { journal: case.journal(2) });
    assert_eq!(check_cut_is_recent(&behind, &case.cut), stale);
    behind.remove(2);
    assert_eq!(check_cut_is_recent(&behind, &case.cut), stale, "left out altogether");
}

#[test]
fn what_belongs_into_a_cut_is_older_than_the_minimum_age_and_the_announcement() {
    let mut charter = Case::new("regular").epoch.charter;
    let slack = charter.closing.settle_seconds + 2 * charter.closing.delay_seconds;
    assert_eq!(roll_known_by(OPENS, &charter), OPENS.plus(-DAY - slack));
    charter.roll.minimum_age_seconds = 0;
    assert_eq!(roll_known_by(OPENS, &charter), OPENS.plus(-charter.closing.opening_seconds - slack));
}

#[test]
fn retired_journal_is_not_cut_beyond_its_end() {
    let mut case = Case::new("regular");
    let old = case.journal(0);
    let effect = Effect::ChangeKey { node: node(0), key: key("new") };
    case.epoch = case.epoch.apply(&[effect], &[(old.clone(), 4)]).expect("it fits");
    case.statement.epoch = 1;
    assert_eq!(case.check(), Err(Refusal::CutBeyondEnd { journal: old, frozen_at: 4 }));
    case.cut[0].size = 4;
    assert!(case.check().is_ok());
}

#[test]
fn opening_must_be_certified_before_it_opens() {
    let late = Refusal::CertifiedLate { opens: OPENS };
    assert_eq!(refused(|case| case.certified_at = None), late);
    assert_eq!(refused(|case| case.certified_at = Some(OPENS.plus(1))), late);
}

#[test]
fn phases_follow_the_clock_and_the_certificate() {
    let mut scene = Scene::new([3, 1, 1]);
    let closes = scene.sitting.closes;
    let abandoned = closes.plus(scene.epoch.charter.closing.abandon_seconds);
    let at = |scene: &Scene, outcome: Option<&Outcome>, now| {
        phase(&scene.opening, &scene.sitting, &scene.epoch.charter, outcome, now)
    };
    for (now, expected) in [
        (OPENS.plus(-1), Phase::Announced),
        (OPENS, Phase::Open),
        (closes.plus(-1), Phase::Open),
        (closes, Phase::Counting),
        (abandoned.plus(-1), Phase::Counting),
        (abandoned, Phase::Uncertified),
    ] {
        assert_eq!(at(&scene, None, now), expected, "{now}");
    }
    assert_eq!(at(&scene, Some(&scene.count()), abandoned), Phase::NotPassed);
    scene.cast_class(PRODUCER, &[3]);
    assert_eq!(at(&scene, Some(&scene.count()), closes), Phase::Passed);
    let withdrawn = Outcome { verdict: Verdict::Withdrawn, effects: Effects::None, ..scene.count() };
    assert_eq!(at(&scene, Some(&withdrawn), closes), Phase::Withdrawn);
}

#[test]
fn closing_times_follow_the_charter() {
    let scene = Scene::new([3, 1, 1]);
    let closes = scene.sitting.closes;
    assert_eq!(settles_at(&scene.sitting, &scene.epoch.charter), closes.plus(600));
    assert_eq!(freezes_at(&scene.sitting, &scene.epoch.charter), closes.plus(1200));
}
