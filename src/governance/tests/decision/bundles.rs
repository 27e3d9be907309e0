//! A bundle holds, and every kind of tampering is found and named.

use folkmoot_governance::bundle::{Fault, Report, Step, verify};
use folkmoot_governance::json::canonical;
use folkmoot_governance::tally::Verdict;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{World, history, node, secret};

/// Fixed bytes: nobody in these tests foresees them.
fn check(bytes: &[u8]) -> Result<Report, Fault> {
    verify(bytes, &mut |buffer| buffer.fill(0x5a))
}

fn bundle() -> Vec<u8> {
    let (world, vote) = history();
    world.bundle(vote)
}

/// The step at which a bundle fails after `tamper` has been at it, and the sentence.
fn fault(tamper: impl FnOnce(&mut Value)) -> Fault {
    let mut value: Value = serde_json::from_slice(&bundle()).expect("JSON");
    tamper(&mut value);
    check(&canonical(&value)).expect_err("tampering must be found")
}

/// The journal of a node.
fn journal(bundle: &mut Value, number: usize) -> &mut Value {
    let id = history().0.journal_of(number);
    let journals = bundle["journals"].as_array_mut().expect("journals");
    journals.iter_mut().find(|journal| journal["journal"] == id.as_str()).expect("the journal")
}

fn list(value: &mut Value) -> &mut Vec<Value> {
    value.as_array_mut().expect("a list")
}

/// Puts the right hash where a statement or ballot stood.
fn hide(bundle: &mut Value, number: usize, position: u64) {
    let (world, _) = history();
    let known = journal(bundle, number).clone();
    let is_shown = |at: u64| {
        let statements = known["statements"].as_array().expect("statements").iter().map(|placed| &placed["position"]);
        let ballots = known["ballots"].as_array().expect("ballots").iter().map(|row| &row[0]);
        statements.chain(ballots).any(|shown| *shown == at)
    };
    let leaves = world.leaves(&world.journal_of(number));
    let shown = (0..).zip(&leaves).take(total(&known)).filter(|(at, _)| *at == position || !is_shown(*at));
    let hidden: Vec<u8> = shown.flat_map(|(_, leaf)| leaf.0).collect();
    let journal = journal(bundle, number);
    journal["hashes"] = json!(base64(&hidden));
    list(&mut journal["statements"]).retain(|placed| placed["position"] != position);
    list(&mut journal["ballots"]).retain(|row| row[0] != position);
}

fn total(journal: &Value) -> usize {
    let hashes = journal["hashes"].as_str().expect("text").trim_end_matches('=').len() * 3 / 4 / 32;
    hashes + ["statements", "ballots"].map(|name| journal[name].as_array().expect("a list").len()).iter().sum::<usize>()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_bundle_shows_who_decided_what() {
    let (world, vote) = history();
    let report = check(&bundle()).expect("a sound bundle");
    assert_eq!(report.name, "The Online Meeting Cooperative");
    assert_eq!(report.epoch, 1);
    assert_eq!((report.parties.len(), report.signers.len()), (5, 4));
    assert_eq!(report.question.name, "Rent a second server");
    assert_eq!(report.proposal, vote.opening.digest);
    assert_eq!(report.closes, vote.sitting.closes);
    assert_eq!(report.outcome, world.decisions[3].sittings[1].outcome);
    // coop1 changed its vote, ada voted twice at once, coop3 blocked by its mandate; cleo is gone and coop2 silent.
    let classes = report.outcome.count.expect("a count").classes;
    let votes: Vec<_> = classes.iter().map(|class| (class.eligible, class.votes.clone())).collect();
    let ada = votes[2].1.clone();
    assert_eq!(votes[..2], [(4, vec![2, 0, 0, 1]), (1, vec![0, 1, 0, 0])]);
    assert!(ada == [2, 0, 0, 0] || ada == [1, 0, 1, 0], "{ada:?}");
    assert_eq!(report.ballots.len(), 6);
    let steps: Vec<_> = report.checks.iter().map(|check| check.step.to_string()).collect();
    let expected = "format genesis ratification epochs roll opening certificate ballots journals count";
    assert_eq!(steps.join(" "), expected);
}

#[test]
fn an_extension_is_certified_before_the_result() {
    let (world, _) = history();
    let sittings = &world.decisions[3].sittings;
    assert!(matches!(sittings[0].outcome.verdict, Verdict::Extended { .. }));
    let found = fault(|bundle| {
        list(&mut bundle["decision"]["sittings"]).remove(0);
    });
    assert_eq!(found.step, Step::Certificate);
    let found = fault(|bundle| {
        list(&mut bundle["decision"]["sittings"]).remove(1);
    });
    assert_eq!((found.step, found.detail.contains("was extended")), (Step::Certificate, true));
}

#[test]
fn a_changed_ballot_is_found() {
    let found = fault(|bundle| journal(bundle, 0)["ballots"][0][3] = json!([2]));
    assert_eq!(
        (found.step, found.detail.as_str()),
        (Step::Ballots, "A ballot of coop0 is not what its signature says.")
    );
    // The seat of somebody else, its sequence, its time, its key.
    assert_eq!(fault(|bundle| journal(bundle, 0)["ballots"][0][1] = json!(1)).step, Step::Ballots);
    assert_eq!(fault(|bundle| journal(bundle, 0)["ballots"][0][2] = json!(1)).step, Step::Ballots);
    assert_eq!(fault(|bundle| journal(bundle, 4)["ballots"][0][5] = json!(0)).step, Step::Ballots);
    assert_eq!(fault(|bundle| journal(bundle, 4)["ballots"][0][5] = json!(9)).step, Step::Ballots);
    assert_eq!(fault(|bundle| journal(bundle, 4)["ballots"][0][7]["text"] = json!("Other.")).step, Step::Ballots);
}

#[test]
fn an_added_ballot_is_found() {
    let (_, vote) = history();
    let added = World::ballot(vote, "coop2", "coop2", 0, 0);
    let row = |position: u64, signature: &[u8; 64]| {
        let seat = vote.roll.seat_of(&crate::world::member("coop2")).expect("a seat");
        let published = vote.opening.voting.opens.plus(60);
        let signature = folkmoot_governance::proof::encode_signature(signature);
        json!([position, seat.index, 0, [0], published, 0, signature, null])
    };
    // At the end, in place of a hash, on top of another, and far outside.
    let end = |bundle: &mut Value| total(journal(bundle, 1)) as u64;
    let found = fault(|bundle| {
        let row = row(end(bundle), &added.signature);
        list(&mut journal(bundle, 1)["ballots"]).push(row);
    });
    assert_eq!(found.step, Step::Journals);
    let found = fault(|bundle| list(&mut journal(bundle, 1)["ballots"]).push(row(0, &added.signature)));
    assert_eq!(found.step, Step::Journals);
    let found = fault(|bundle| list(&mut journal(bundle, 1)["ballots"]).push(row(1 << 50, &added.signature)));
    assert_eq!(found.step, Step::Journals);
    // Without the member's key there is no ballot at all.
    let forged = secret("somebody").sign(b"ballot");
    let found = fault(|bundle| list(&mut journal(bundle, 1)["ballots"]).push(row(0, &forged)));
    assert_eq!(found.step, Step::Ballots);
}

#[test]
fn a_removed_ballot_is_found() {
    let found = fault(|bundle| {
        list(&mut journal(bundle, 0)["ballots"]).remove(0);
    });
    assert_eq!(found.step, Step::Journals);
    // With its hash in place the journal is whole again, but the count is another.
    let found = fault(|bundle| {
        let position = journal(bundle, 0)["ballots"][0][0].as_u64().expect("a position");
        hide(bundle, 0, position);
    });
    assert_eq!(found.step, Step::Count);
}

#[test]
fn a_wrong_roll_is_found() {
    let found = fault(|bundle| hide(bundle, 1, 1));
    assert_eq!(found.step, Step::Roll);
    let found = fault(|bundle| {
        list(&mut journal(bundle, 1)["statements"]).remove(0);
    });
    assert_eq!(found.step, Step::Roll);
    let found = fault(|bundle| journal(bundle, 0)["statements"][0]["statement"]["object"]["class"] = json!("x"));
    assert_eq!(found.step, Step::Journals);
    let found =
        fault(|bundle| bundle["decision"]["opening"]["object"]["voting"]["electorate"] = json!("00".repeat(32)));
    assert_eq!(found.step, Step::Opening);
}

#[test]
fn a_roll_that_rests_on_a_missing_decision_is_found() {
    let found = fault(|bundle| {
        list(&mut bundle["decisions"]).remove(1);
    });
    assert_eq!((found.step, found.detail.contains("is missing")), (Step::Roll, true));
    let found = fault(|bundle| {
        list(&mut bundle["decisions"]).remove(2);
    });
    assert_eq!((found.step, found.detail.contains("is missing")), (Step::Roll, true));
}

#[test]
fn a_missing_epoch_is_found() {
    let found = fault(|bundle| {
        list(&mut bundle["decisions"]).remove(0);
    });
    assert_eq!((found.step, found.detail.contains("epoch 0 only")), (Step::Epochs, true));
    let found = fault(|bundle| bundle["decisions"] = json!([]));
    assert_eq!(found.step, Step::Epochs);
    let found = fault(|bundle| list(&mut bundle["decisions"]).swap(0, 1));
    assert_eq!(found.step, Step::Epochs);
    let found = fault(|bundle| {
        let first = bundle["decisions"][0].clone();
        list(&mut bundle["decisions"]).push(first);
    });
    assert_eq!(found.step, Step::Epochs);
}

#[test]
fn a_forged_certificate_is_found() {
    let at = |bundle: &Value| bundle["decision"]["sittings"][1]["certificate"].clone();
    let put = |bundle: &mut Value, certificate: Value| bundle["decision"]["sittings"][1]["certificate"] = certificate;
    // One signature too few, one twice, one altered, and one of another vote.
    let found = fault(|bundle| {
        let mut certificate = at(bundle);
        list(&mut certificate["finals"]).pop();
        put(bundle, certificate);
    });
    assert_eq!((found.step, found.detail.contains("3 different parties")), (Step::Certificate, true), "{found}");
    let found = fault(|bundle| {
        let mut certificate = at(bundle);
        certificate["finals"][1] = certificate["finals"][0].clone();
        put(bundle, certificate);
    });
    assert_eq!((found.step, found.detail.contains("3 different parties")), (Step::Certificate, true), "{found}");
    let found =
        fault(|bundle| bundle["decision"]["sittings"][1]["certificate"]["finals"][2]["object"]["round"] = json!(1));
    assert_eq!(found.step, Step::Certificate);
    let found = fault(|bundle| {
        let earlier = bundle["decision"]["sittings"][0]["certificate"].clone();
        put(bundle, earlier);
    });
    assert_eq!(found.step, Step::Certificate);
    let found = fault(|bundle| bundle["decisions"][0]["sittings"][0]["certificate"]["finals"] = json!([]));
    assert_eq!(found.step, Step::Epochs);
}

#[test]
fn another_outcome_than_the_certified_one_is_found() {
    // Which of two contradicting ballots counts depends on their digests, and with it whether the proposal passes.
    let found = fault(|bundle| {
        let passed = &mut bundle["decision"]["sittings"][1]["outcome"]["verdict"]["passed"];
        *passed = json!(passed != &json!(true));
    });
    assert_eq!(found.step, Step::Certificate);
    let found = fault(|bundle| bundle["decision"]["sittings"][1]["outcome"]["number"] = json!(9));
    assert_eq!(found.step, Step::Certificate);
    let found = fault(|bundle| bundle["decisions"][0]["sittings"][0]["outcome"]["becomesEpoch"] = json!(2));
    assert_eq!(found.step, Step::Epochs);
}

#[test]
fn a_charter_that_was_not_accepted_by_all_is_found() {
    let found = fault(|bundle| {
        list(&mut bundle["acceptances"]).remove(2);
    });
    assert_eq!((found.step, found.detail), (Step::Ratification, format!("{} has not accepted the charter.", node(2))));
    let found = fault(|bundle| bundle["genesis"]["charter"]["name"] = json!("Another"));
    assert_eq!(found.step, Step::Ratification);
    let found = fault(|bundle| bundle["genesis"]["charter"]["version"] = json!(0));
    assert_eq!(found.step, Step::Genesis);
}

#[test]
fn an_opening_without_its_checkpoint_is_found() {
    let (_, vote) = history();
    let found = fault(|bundle| bundle["announced"] = json!(vote.opening.voting.cut[0]));
    assert_eq!(found.step, Step::Journals);
    let found = fault(|bundle| {
        let note = bundle["announced"].as_str().expect("a note");
        let lines: Vec<&str> = note.lines().take(6).collect();
        bundle["announced"] = json!(format!("{}\n", lines.join("\n")));
    });
    assert_eq!((found.step, found.detail.contains("quorum")), (Step::Opening, true), "{found}");
}

#[test]
fn a_journal_that_is_left_out_or_twice_there_is_found() {
    let found = fault(|bundle| {
        list(&mut bundle["journals"]).pop();
    });
    assert_eq!(found.step, Step::Journals);
    let found = fault(|bundle| {
        let last = list(&mut bundle["journals"]).last().expect("a journal").clone();
        list(&mut bundle["journals"]).push(last);
    });
    assert_eq!(found.step, Step::Journals);
}

#[test]
fn only_the_one_form_is_read() {
    let text = String::from_utf8(bundle()).expect("text");
    for altered in [
        format!("{text}\n"),
        text.replacen(':', ": ", 1),
        text.replacen("folkmoot-bundle/1", "folkmoot-bundle/2", 1),
        text.replacen("\"format\"", "\"form\"", 1),
        text.replacen('{', "{\"more\":1,", 1),
        String::new(),
        "[]".to_owned(),
    ] {
        assert_eq!(check(altered.as_bytes()).expect_err("must be found").step, Step::Format);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_altered_byte_is_found(at: prop::sample::Index, flip in 1u8..=255) {
        static BUNDLE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(bundle);
        let mut bytes = BUNDLE.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(check(&bytes).is_err(), "byte {at}");
    }
}
