//! The rules of a closing one by one, on a single node that is told what the others say.

use folkmoot_governance::certification::record::{Contradiction, MAX_ROUNDS, Message, NodeIndex, Said};
use folkmoot_governance::certification::simplex::{Closing, Config, Input, Lack, Output, Timing, Verdict};
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::FaultKind;

const A: Digest = Digest([1; 32]);
const B: Digest = Digest([2; 32]);
const C: Digest = Digest([3; 32]);
const TIMING: Timing = Timing { snapshot_at: Time(100), propose_at: Time(105), round_seconds: 20, growth_seconds: 5 };

/// Node `me` of four; node k chairs round k. The quorum is three.
fn node(me: Option<u16>) -> Closing {
    let order = (0..4).map(NodeIndex).collect();
    Closing::new(Config { me: me.map(NodeIndex), order, quorum: 3, timing: TIMING })
}

fn said(by: u16, message: Message) -> Said {
    Said { by: NodeIndex(by), message }
}

fn all(signers: &[u16], message: Message) -> Vec<Said> {
    signers.iter().map(|by| said(*by, message)).collect()
}

fn vote(round: u32, value: Digest) -> Message {
    Message::Vote { round, value }
}

fn skip(round: u32) -> Message {
    Message::Skip { round }
}

fn finish(round: u32, value: Digest) -> Message {
    Message::Final { round, value }
}

fn propose(round: u32, value: Digest, enclosed: Vec<Said>) -> Input {
    let by = NodeIndex(u16::try_from(round % 4).expect("small"));
    Input::Proposed { by, round, value, enclosed }
}

/// The messages that a step signs.
fn signs(closing: &mut Closing, now: i64, input: Input) -> Vec<Message> {
    let sent = |output| if let Output::Send { message, .. } = output { Some(message) } else { None };
    closing.step(Time(now), input).into_iter().filter_map(sent).collect()
}

fn good(value: Digest) -> Input {
    Input::Checked { value, verdict: Verdict::Good }
}

#[test]
fn the_first_chair_proposes_its_value_and_votes_for_it() {
    let mut chair = node(Some(0));
    assert_eq!(signs(&mut chair, 104, Input::Ready { value: A }), []);
    assert_eq!(chair.wake_at(Time(104)), Some(Time(105)));
    assert_eq!(signs(&mut chair, 105, Input::Tick), [Message::Propose { round: 0, value: A }, vote(0, A)]);
    assert_eq!(signs(&mut chair, 106, Input::Tick), []);
    // A second candidate changes nothing.
    assert_eq!(signs(&mut chair, 107, Input::Ready { value: B }), []);
}

#[test]
fn a_chair_that_is_ready_late_proposes_late() {
    let mut chair = node(Some(0));
    assert_eq!(signs(&mut chair, 110, Input::Tick), []);
    assert_eq!(chair.wake_at(Time(110)), Some(Time(111)));
    assert_eq!(signs(&mut chair, 111, Input::Ready { value: A }).len(), 2);
}

#[test]
fn nothing_is_signed_before_the_snapshot() {
    let mut closing = node(Some(3));
    closing.step(Time(90), propose(0, A, Vec::new()));
    assert_eq!(signs(&mut closing, 99, Input::Received(all(&[0, 1, 2], vote(0, A)))), []);
    assert_eq!(signs(&mut closing, 99, Input::Received(all(&[0, 1, 2], skip(0)))), []);
    assert_eq!(signs(&mut closing, 100, Input::Tick), [finish(0, A)]);
}

#[test]
fn a_vote_waits_for_the_recount_and_is_the_only_one() {
    let mut closing = node(Some(3));
    assert!(closing.step(Time(106), propose(0, A, Vec::new())).contains(&Output::Check { value: A }));
    assert_eq!(signs(&mut closing, 106, Input::Checked { value: A, verdict: Verdict::Missing }), []);
    assert_eq!(closing.wake_at(Time(106)), Some(Time(107)));
    // Asked again at the next tick, and whenever the leaves are there.
    assert!(closing.step(Time(107), Input::Tick).contains(&Output::Check { value: A }));
    closing.step(Time(107), propose(0, B, Vec::new()));
    assert_eq!(signs(&mut closing, 108, good(A)), [vote(0, A)]);
    assert_eq!(signs(&mut closing, 108, good(B)), []);
}

#[test]
fn a_round_whose_time_ends_while_a_message_arrives_is_skipped_at_once() {
    let mut closing = node(Some(3));
    closing.step(Time(104), Input::Ready { value: A });
    assert_eq!(closing.wake_at(Time(124)), Some(Time(125)));
    assert_eq!(signs(&mut closing, 125, Input::Received(all(&[1], skip(0)))), []);
    assert_eq!(closing.wake_at(Time(125)), Some(Time(125)));
    assert_eq!(signs(&mut closing, 125, Input::Tick), [skip(0)]);
    assert_eq!(closing.wake_at(Time(125)), None, "now the others have to answer");
}

#[test]
fn a_verdict_is_final_and_a_value_that_nobody_proposed_gets_none() {
    let mut closing = node(Some(3));
    closing.step(Time(106), good(B));
    closing.step(Time(106), propose(0, A, Vec::new()));
    closing.step(Time(106), Input::Checked { value: A, verdict: Verdict::Behind });
    assert_eq!(signs(&mut closing, 107, good(A)), []);
    assert_eq!(signs(&mut closing, 108, Input::Tick), []);
    assert!(closing.step(Time(109), propose(0, B, Vec::new())).contains(&Output::Check { value: B }));
}

#[test]
fn a_cut_behind_the_snapshot_gets_a_vote_only_if_a_quorum_had_voted_for_it() {
    let behind = Input::Checked { value: A, verdict: Verdict::Behind };
    let mut closing = node(Some(3));
    closing.step(Time(106), propose(0, A, Vec::new()));
    assert_eq!(signs(&mut closing, 106, behind.clone()), []);
    let mut closing = node(Some(3));
    closing.step(Time(106), propose(1, A, all(&[0, 1, 2], skip(0))));
    assert_eq!(signs(&mut closing, 106, behind.clone()), []);
    let mut closing = node(Some(3));
    assert_eq!(signs(&mut closing, 106, propose(1, A, all(&[0, 1, 2], vote(0, A)))), [finish(0, A)]);
    assert_eq!(signs(&mut closing, 106, behind), [vote(1, A)]);
}

#[test]
fn an_unjustified_proposal_or_one_by_another_than_the_chair_is_not_kept() {
    let mut closing = node(Some(3));
    let kept = |closing: &mut Closing, input| {
        let Input::Proposed { by, round, value, enclosed } = &input else { unreachable!("a proposal") };
        let foretold = closing.would_keep(*by, *round, *value, enclosed);
        let outputs = closing.step(Time(106), input);
        let proposed = |output: &Output| matches!(output, Output::Keep(Said { message: Message::Propose { .. }, .. }));
        let kept = outputs.iter().any(proposed);
        assert_eq!(kept, foretold);
        kept
    };
    assert!(!kept(&mut closing, Input::Proposed { by: NodeIndex(1), round: 0, value: A, enclosed: Vec::new() }));
    assert!(!kept(&mut closing, propose(1, A, Vec::new())));
    assert!(!kept(&mut closing, propose(1, A, all(&[0, 1], skip(0)))));
    assert!(!kept(&mut closing, propose(1, A, all(&[0, 1, 2], vote(0, B)))));
    assert!(!kept(&mut closing, propose(2, A, all(&[0, 1, 2], skip(1)))));
    assert!(!kept(&mut closing, propose(2, A, all(&[0, 1, 2], vote(0, A)))));
    assert!(!kept(&mut closing, propose(MAX_ROUNDS, A, Vec::new())));
    assert!(kept(&mut closing, propose(1, A, all(&[0, 1, 2], skip(0)))));
    assert!(!kept(&mut closing, propose(1, A, all(&[0, 1, 2], skip(0)))));
    assert!(kept(&mut closing, propose(1, B, all(&[0, 1, 2], skip(0)))));
    // A third one only with a quorum behind it.
    assert!(!kept(&mut closing, propose(1, C, all(&[0, 1, 2], skip(0)))));
    closing.step(Time(106), Input::Received(all(&[0, 1, 2], vote(1, C))));
    assert!(kept(&mut closing, propose(1, C, all(&[0, 1, 2], skip(0)))));
}

#[test]
fn a_round_is_skipped_when_its_time_is_over_and_each_lasts_longer() {
    let mut closing = node(Some(3));
    assert_eq!(signs(&mut closing, 124, Input::Tick), []);
    assert_eq!(signs(&mut closing, 125, Input::Tick), [skip(0)]);
    assert_eq!(signs(&mut closing, 126, Input::Tick), []);
    assert_eq!(signs(&mut closing, 130, Input::Received(all(&[0, 1], skip(0)))), []);
    assert_eq!(closing.round(), 1);
    assert_eq!(signs(&mut closing, 154, Input::Tick), []);
    assert_eq!(signs(&mut closing, 155, Input::Tick), [skip(1)]);
}

#[test]
fn skip_and_final_exclude_each_other() {
    let mut closing = node(Some(3));
    assert_eq!(signs(&mut closing, 125, Input::Tick), [skip(0)]);
    assert_eq!(signs(&mut closing, 126, Input::Received(all(&[0, 1, 2], vote(0, A)))), []);
    assert_eq!(closing.round(), 1);
    assert_eq!(signs(&mut closing, 127, Input::Received(all(&[0, 1, 2], vote(1, A)))), [finish(1, A)]);
    assert_eq!(signs(&mut closing, 500, Input::Received(all(&[0, 1, 2], skip(1)))), []);
    assert_eq!(signs(&mut closing, 500, Input::Tick), [skip(2)]);
}

#[test]
fn a_chair_repeats_the_value_that_a_quorum_voted_for() {
    let mut chair = node(Some(1));
    chair.step(Time(100), Input::Ready { value: B });
    chair.step(Time(106), propose(0, A, Vec::new()));
    let outputs = chair.step(Time(107), Input::Received(all(&[0, 2, 3], vote(0, A))));
    let proposed = outputs.into_iter().find_map(|output| match output {
        Output::Send { message: Message::Propose { round, value }, enclosed } => Some((round, value, enclosed)),
        _ => None,
    });
    assert_eq!(proposed, Some((1, A, all(&[0, 2, 3], vote(0, A)))));
}

#[test]
fn a_chair_that_does_not_know_the_cut_of_that_value_waits_for_it() {
    let mut chair = node(Some(1));
    chair.step(Time(100), Input::Ready { value: B });
    assert_eq!(signs(&mut chair, 107, Input::Received(all(&[0, 2, 3], vote(0, A)))), [finish(0, A)]);
    assert_eq!(signs(&mut chair, 108, propose(0, A, Vec::new())), [Message::Propose { round: 1, value: A }]);
}

#[test]
fn a_chair_repeats_its_own_value_though_it_does_not_know_the_proposal_that_a_quorum_voted_for() {
    let mut chair = node(Some(1));
    chair.step(Time(100), Input::Ready { value: A });
    let signed = signs(&mut chair, 107, Input::Received(all(&[0, 2, 3], vote(0, A))));
    assert_eq!(signed, [finish(0, A), Message::Propose { round: 1, value: A }, vote(1, A)]);
}

#[test]
fn a_quorum_of_finals_in_any_round_decides_once_its_proposal_is_here() {
    let mut closing = node(Some(3));
    assert_eq!(signs(&mut closing, 106, Input::Received(all(&[0, 1, 2], skip(0)))), []);
    closing.step(Time(106), Input::Received(all(&[0, 1, 2], finish(0, A))));
    assert_eq!(closing.certified(), None);
    let outputs = closing.step(Time(107), propose(0, A, Vec::new()));
    let finals = all(&[0, 1, 2], finish(0, A));
    assert!(outputs.contains(&Output::Certified { round: 0, value: A, finals }));
    assert_eq!((closing.certified(), closing.wake_at(Time(107))), (Some((0, A)), None));
    assert_eq!(signs(&mut closing, 900, Input::Tick), []);
}

#[test]
fn a_proposal_is_lacking_while_a_quorum_speaks_for_one_that_is_not_here() {
    let lacking = |voters: &[u16], finishers: &[u16]| {
        let places = |places: &[u16]| places.iter().copied().map(NodeIndex).collect();
        vec![Lack { round: 0, value: A, voters: places(voters), finishers: places(finishers) }]
    };
    let mut closing = node(Some(3));
    closing.step(Time(106), propose(0, B, Vec::new()));
    closing.step(Time(106), Input::Received(all(&[0, 1], vote(0, A))));
    assert_eq!(closing.lacks(), [], "two are no quorum");
    closing.step(Time(106), Input::Received(all(&[2], vote(0, A))));
    // Its own final is there too: that needs the votes only.
    assert_eq!(closing.lacks(), lacking(&[0, 1, 2], &[3]));
    closing.step(Time(107), Input::Received(all(&[0, 2], finish(0, A))));
    assert_eq!((closing.lacks(), closing.certified()), (lacking(&[0, 1, 2], &[0, 2, 3]), None));
    closing.step(Time(107), propose(0, A, Vec::new()));
    assert_eq!((closing.lacks(), closing.certified()), (Vec::new(), Some((0, A))));

    let mut finals = node(Some(3));
    finals.step(Time(106), Input::Received(all(&[0, 1, 2], finish(0, A))));
    assert_eq!(finals.lacks(), lacking(&[], &[0, 1, 2]), "finals alone are enough");
}

#[test]
fn what_ends_a_round_or_decides_is_passed_on_without_the_proposal() {
    let passed_on = |closing: &mut Closing, input| {
        let relayed = |output| if let Output::Relay(said) = output { Some(said) } else { None };
        closing.step(Time(107), input).into_iter().filter_map(relayed).collect::<Vec<_>>()
    };
    let mut closing = node(Some(3));
    assert_eq!(passed_on(&mut closing, propose(0, A, Vec::new())), Vec::<Vec<Said>>::new());
    let votes = all(&[0, 1, 2], vote(0, A));
    assert_eq!(passed_on(&mut closing, Input::Received(votes.clone())), [votes]);
    let mut finals = all(&[0, 1], finish(0, A));
    let decided = passed_on(&mut closing, Input::Received(finals.clone()));
    finals.push(said(3, finish(0, A)));
    assert_eq!(decided, [finals]);
}

#[test]
fn somebody_who_only_watches_signs_nothing_and_sees_the_decision() {
    let mut watcher = node(None);
    let mut signed = signs(&mut watcher, 106, propose(0, A, Vec::new()));
    signed.extend(signs(&mut watcher, 106, good(A)));
    signed.extend(signs(&mut watcher, 106, Input::Received(all(&[0, 1, 2], vote(0, A)))));
    signed.extend(signs(&mut watcher, 900, Input::Tick));
    signed.extend(signs(&mut watcher, 901, Input::Received(all(&[0, 1, 2], finish(0, A)))));
    assert_eq!((signed, watcher.certified()), (Vec::new(), Some((0, A))));
}

#[test]
fn what_the_others_heard_from_this_node_binds_it() {
    // As after a restart from an old copy: its own vote comes back from the others.
    let mut closing = node(Some(3));
    closing.step(Time(106), Input::Received(vec![said(3, vote(0, B)), said(3, finish(0, B))]));
    closing.step(Time(106), propose(0, A, Vec::new()));
    assert_eq!(signs(&mut closing, 106, good(A)), []);
    assert_eq!(signs(&mut closing, 200, Input::Tick), []);
}

#[test]
fn contradictions_are_reported_once() {
    let mut closing = node(Some(3));
    let mut faults = |messages: Vec<Said>| -> Vec<Contradiction> {
        let outputs = closing.step(Time(106), Input::Received(messages)).into_iter();
        outputs.filter_map(|output| if let Output::Fault(found) = output { Some(found) } else { None }).collect()
    };
    let found = |kind, first, second| Contradiction { kind, first: said(1, first), second: said(1, second) };
    assert_eq!(faults(vec![said(1, vote(0, A)), said(1, skip(0))]), []);
    assert_eq!(faults(vec![said(1, vote(0, B))]), [found(FaultKind::TwoVotes, vote(0, A), vote(0, B))]);
    assert_eq!(faults(vec![said(1, vote(0, B))]), []);
    assert_eq!(faults(vec![said(1, finish(0, A))]), [found(FaultKind::SkipAndFinal, skip(0), finish(0, A))]);
    assert_eq!(faults(vec![said(1, finish(0, B))]), [found(FaultKind::TwoFinals, finish(0, A), finish(0, B))]);
}

#[test]
fn one_signer_fills_no_memory_and_hides_no_quorum() {
    let mut closing = node(Some(3));
    for number in 0..200 {
        let value = Digest([number; 32]);
        closing.step(Time(106), Input::Received(vec![said(1, vote(0, value)), said(1, vote(MAX_ROUNDS, value))]));
    }
    assert_eq!(closing.messages().len(), 2);
    closing.step(Time(106), Input::Received(vec![said(1, vote(0, C))]));
    assert_eq!(closing.messages().len(), 2);
    // Shown whole, a quorum counts although its signer had said too much already.
    assert_eq!(signs(&mut closing, 106, Input::Received(all(&[0, 1, 2], vote(0, C)))), [finish(0, C)]);
    // Nobody outside the epoch is heard.
    let before = closing.messages();
    closing.step(Time(106), Input::Received(vec![said(4, vote(0, A))]));
    assert_eq!(closing.messages(), before);
}

/// A closing under way that the first release stored. Whatever becomes of the machine, it has to go on from here: a node
/// that is brought up to date in the middle of a closing must still know what it has signed.
const STORED: &str = include_str!("closing_stored.json");

#[test]
fn a_closing_that_an_earlier_release_stored_goes_on() {
    let mut closing = node(Some(3));
    closing.step(Time(104), Input::Ready { value: B });
    closing.step(Time(106), propose(0, A, Vec::new()));
    closing.step(Time(106), good(A));
    closing.step(Time(107), Input::Received(vec![said(0, vote(0, A)), said(1, skip(0)), said(2, finish(0, A))]));
    let mut stored: Closing = serde_json::from_str(STORED).expect("it is read");
    assert!(closing.is_judged() && !stored.is_judged());
    stored.forget(&[]);
    assert_eq!(stored, closing);
    assert_eq!(signs(&mut stored, 108, Input::Received(all(&[1], vote(0, A)))), [finish(0, A)]);
}

#[test]
fn a_worthless_proposal_that_an_earlier_release_kept_is_forgotten_and_its_value_is_not_to_blame() {
    let stored = STORED.replace(r#"01":"good""#, r#"01":"wrong""#);
    assert_ne!(stored, STORED);
    let mut closing: Closing = serde_json::from_str(&stored).expect("it is read");
    let worthless = [said(0, Message::Propose { round: 0, value: A })];
    assert_eq!(closing.proposals(), worthless);
    closing.forget(&worthless);
    assert_eq!((closing.proposals(), closing.is_judged()), (Vec::new(), true));
    closing.step(Time(108), Input::Received(all(&[0, 1, 2], finish(0, A))));
    assert_eq!(closing.certified(), None, "no certificate can be made of it");
    closing.step(Time(109), propose(1, A, all(&[0, 1, 3], vote(0, A))));
    assert!(closing.step(Time(110), Input::Tick).contains(&Output::Check { value: A }));
    assert_eq!(signs(&mut closing, 110, good(A)), [vote(1, A)]);
}
