//! How fast ballots are verified, a vote of 100,000 is counted, and a whole decision is checked again from its file.
//!
//! `cargo bench --bench governance`

use std::hint::black_box;
use std::time::Instant;

use folkmoot_governance::bundle;
use folkmoot_governance::codec::{SignedBallot, Unsigned};
use folkmoot_governance::extract::{Entry, Extract};
use folkmoot_governance::id::Digest;
use folkmoot_governance::key::{Batch, PublicKey, SecretKey};
use folkmoot_governance::proposal::Vote;
use folkmoot_governance::statement::{Application, Ballot, Basis, Body, Custody, Signer, Statement};
use folkmoot_governance::tally;
use rand::RngCore as _;
use world::{DAY, FOUNDED, Opened, World, secret};

#[path = "../src/governance/tests/decision/closing.rs"]
mod closing;
#[path = "../src/governance/tests/decision/world.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod world;

const BALLOTS: usize = 20_000;
const SEATS: u32 = 100_000;
const MEMBERS: usize = 2_000;

fn main() {
    let mut world = World::found();
    let vote = world.open("regular", FOUNDED.plus(20 * DAY), Vec::new());
    signatures(&vote);
    count(&world, vote);
    whole_bundle();
}

fn told(what: &str, count: usize, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!("{what:58} {:9.0} a second {seconds:7.2} s", count as f64 / seconds);
}

fn randomness(buffer: &mut [u8]) {
    rand::thread_rng().fill_bytes(buffer);
}

fn signatures(vote: &Opened) {
    let keys: Vec<SecretKey> = (0..BALLOTS).map(|number| secret(&format!("member {number}"))).collect();
    let ballots: Vec<SignedBallot> = keys.iter().map(|key| ballot(vote, key)).collect();
    let signed: Vec<(PublicKey, [u8; 64], [u8; 64])> =
        ballots.iter().map(|ballot| (ballot.key, ballot.message(), ballot.signature)).collect();

    let started = Instant::now();
    assert!(signed.iter().take(5_000).all(|(key, message, signature)| key.verifies(message, signature)));
    told("signatures one by one, one core", 5_000, started);
    let started = Instant::now();
    assert!(in_batch(&signed));
    told("signatures in one batch, one core", BALLOTS, started);
    let started = Instant::now();
    let (first, second) = signed.split_at(BALLOTS / 2);
    std::thread::scope(|scope| {
        let halves = [scope.spawn(|| in_batch(first)), scope.spawn(|| in_batch(second))];
        assert!(halves.into_iter().all(|half| half.join().expect("it ends")));
    });
    told("signatures in two batches, two cores", BALLOTS, started);
    let started = Instant::now();
    let mut batch = Batch::default();
    for ballot in &ballots {
        ballot.add_to(&mut batch);
    }
    assert!(batch.verify(&mut randomness));
    told("ballots made again from their fields and verified, one core", BALLOTS, started);
}

fn in_batch(signed: &[(PublicKey, [u8; 64], [u8; 64])]) -> bool {
    let mut batch = Batch::default();
    for (key, message, signature) in signed {
        batch.add(key, message, signature);
    }
    batch.verify(&mut randomness)
}

fn ballot(vote: &Opened, key: &SecretKey) -> SignedBallot {
    let Opened { opening, .. } = vote;
    let ballot = Ballot { proposal: opening.digest, index: 0, sequence: 0, choices: vec![0], block: None };
    let unsigned = Unsigned {
        signer: Signer::Member(key.public()),
        published: opening.voting.opens.plus(60),
        consortium: opening.consortium,
        epoch: opening.epoch,
        body: Body::Ballot(ballot),
    };
    SignedBallot::from_statement(&unsigned.sign(key).expect("a ballot")).expect("it is one")
}

/// Signatures are verified when ballots arrive; a count reads the statements.
fn count(world: &World, mut vote: Opened) {
    let template = vote.roll.seat_of(&world::member("ada")).expect("a seat").clone();
    vote.roll.seats = (0..SEATS)
        .map(|index| {
            let member = world::member(&format!("member{index}"));
            folkmoot_governance::roll::Seat { index, member, ..template.clone() }
        })
        .collect();
    let epoch = world.epoch();
    let published = vote.opening.voting.opens.plus(60);
    let statement = |index| Statement {
        signer: Signer::Member(template.key),
        key: template.key,
        published,
        consortium: vote.opening.consortium,
        epoch: vote.opening.epoch,
        body: Body::Ballot(Ballot {
            proposal: vote.opening.digest,
            index,
            sequence: 0,
            choices: vec![index % 3],
            block: None,
        }),
    };
    let entry = |index: u32| Entry {
        position: u64::from(index),
        digest: Digest::of(&index.to_be_bytes()),
        statement: statement(index),
    };
    let entries: Vec<Entry> = (0..SEATS).map(entry).collect();
    let extracts = [Extract { journal: world.journal_of(0), entries: &entries }];
    let counted = Vote { opening: &vote.opening, sitting: &vote.sitting, roll: &vote.roll, epoch };
    let started = Instant::now();
    let outcome = tally::count(&tally::Input { vote: counted, extracts: &extracts, current: epoch, number: 1 });
    told("ballots of one vote counted, one core", entries.len(), started);
    let cast: u64 = outcome.count.expect("a count").classes.iter().map(|class| class.cast).sum();
    assert_eq!(cast, u64::from(SEATS));
}

fn whole_bundle() {
    let mut world = World::found();
    admit(&mut world);
    let mut vote = world.open("regular", FOUNDED.plus(40 * DAY), Vec::new());
    for number in 0..MEMBERS {
        world.cast(number % 4, &vote, &format!("member{number}"), 0);
    }
    assert!(world.close(&mut vote), "the vote is over");
    let bytes = world.bundle(&vote);
    let started = Instant::now();
    let report = bundle::verify(&bytes, &mut randomness).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(black_box(report).ballots.len(), MEMBERS);
    let what = format!("members in a bundle of {:.1} MB, verified with their ballots", bytes.len() as f64 / 1e6);
    told(&what, MEMBERS, started);
}

/// All apply first: whatever stands behind an entry in a journal counts as later than it.
fn admit(world: &mut World) {
    let name = |number| format!("member{number}");
    let mut applications = Vec::new();
    for number in 0..MEMBERS {
        let application = Application {
            member: world::member(&name(number)),
            name: name(number),
            class: "consumer-individual".to_owned(),
            level: "standard".to_owned(),
            terms: world.epoch().charter.terms_digest(),
            request: "I should like to join.".to_owned(),
            commitment: "20 hours".to_owned(),
        };
        let body = Body::Application(application);
        applications.push(world.state(number % 4, FOUNDED.plus(9 * DAY), body).digest);
    }
    for (number, application) in applications.into_iter().enumerate() {
        let basis = Basis::Application(application);
        let entry = world::entry(&name(number), "consumer-individual", "standard", Custody::Device, basis);
        world.state(number % 4, FOUNDED.plus(20 * DAY), Body::RollEntry(entry));
    }
}
