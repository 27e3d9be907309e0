//! What the tests share: the charter that co-ops start with, a consortium under it, and a vote in it.

use std::sync::LazyLock;

use crate::charter::{Charter, ClassKind};
use crate::epoch::Epoch;
use crate::extract::{Entry, Extract};
use crate::id::{ConsortiumId, Digest, MemberId, NodeId, Time};
use crate::key::PublicKey;
use crate::proposal::{CONSENT, Opening, Sitting, Vote};
use crate::roll::{Register, Roll, Seat};
use crate::statement::{
    Ballot, BlockReason, Body, Custody, Effect, FoundingMember, Genesis, Method, Party, Question, Signer, Statement,
    Visibility, Voting,
};
use crate::tally::{Input, Outcome, count};

pub(crate) const DAY: i64 = 86_400;
/// When votes open in tests.
pub(crate) const OPENS: Time = Time(1_800_000_000);
pub(crate) const PRODUCER: &str = "producer";
pub(crate) const ORGANISATION: &str = "consumer-organisation";
pub(crate) const INDIVIDUAL: &str = "consumer-individual";

/// The preset.
pub(crate) fn ocm() -> Charter {
    static PRESET: LazyLock<Charter> =
        LazyLock::new(|| toml::from_str(include_str!("../charters/ocm.toml")).expect("the preset is a charter"));
    PRESET.clone()
}

/// A key that nobody has the secret of; good where no signature is looked at.
pub(crate) fn key(name: &str) -> PublicKey {
    PublicKey::from_bytes(Digest::of(name.as_bytes()).0)
}

pub(crate) fn node(number: usize) -> NodeId {
    format!("https://coop{number}.example/actor").parse().expect("a node address")
}

pub(crate) fn member(name: &str) -> MemberId {
    name.parse().expect("a member id")
}

pub(crate) fn party(number: usize) -> Party {
    Party { name: format!("Coop {number}"), node: node(number), key: key(&format!("node {number}")) }
}

/// Four parties; each is a founding producer of its own node.
pub(crate) fn genesis() -> Genesis {
    let founder = |number| FoundingMember {
        member: member(&format!("coop{number}")),
        name: format!("Coop {number}"),
        class: PRODUCER.to_owned(),
        sponsor: node(number),
    };
    Genesis { charter: ocm(), parties: (0..4).map(party).collect(), members: (0..4).map(founder).collect() }
}

pub(crate) fn epoch() -> Epoch {
    static EPOCH: LazyLock<Epoch> = LazyLock::new(|| Epoch::genesis(&genesis()).expect("the genesis is sound"));
    EPOCH.clone()
}

pub(crate) fn stated(epoch: &Epoch, signer: Signer, key: PublicKey, published: Time, body: Body) -> Statement {
    Statement { signer, key, published, consortium: epoch.consortium, epoch: epoch.number, body }
}

/// A statement of node `number` at a position of its journal.
pub(crate) fn node_entry(epoch: &Epoch, number: usize, position: u64, published: Time, body: Body) -> Entry {
    let digest = Digest::of(format!("{number} {position} {published} {body:?}").as_bytes());
    let signer = Signer::Node(node(number));
    Entry { position, digest, statement: stated(epoch, signer, key(&format!("node {number}")), published, body) }
}

/// A frozen roll with so many members of each class, sponsored by the parties in turn.
pub(crate) fn roll(epoch: &Epoch, sizes: [usize; 3]) -> Roll {
    let mut seats = Vec::new();
    for (class, size) in epoch.charter.classes.iter().zip(sizes) {
        for number in 0..size {
            let name = format!("{}-{number}", class.id);
            seats.push(Seat {
                index: u32::try_from(seats.len()).expect("few seats"),
                member: member(&name),
                class: class.id.clone(),
                sponsor: epoch.parties[number % epoch.n()].node.clone(),
                key: key(&name),
                custody: if class.kind == ClassKind::Person { Custody::Device } else { Custody::Node },
                mandates: Vec::new(),
            });
        }
    }
    Roll { opens: OPENS, seats, register: Register::default() }
}

pub(crate) fn question(decision_type: &str) -> Question {
    Question {
        id: "https://coop0.example/proposals/1".to_owned(),
        version: 1,
        name: "Rent a second server".to_owned(),
        source: "The first one is full.".to_owned(),
        proposer: member("producer-0"),
        decision_type: decision_type.to_owned(),
        method: Method::Consent,
        options: CONSENT.map(str::to_owned).to_vec(),
        reason: if decision_type == "urgent" { "It runs full on Friday.".to_owned() } else { String::new() },
        visibility: Visibility::Public,
        principles: vec![2, 7],
        supersedes: Vec::new(),
        review: None,
        effects: Vec::new(),
        voting: None,
    }
}

/// A vote with everything that a count reads.
#[derive(Clone)]
pub(crate) struct Scene {
    pub epoch: Epoch,
    pub opening: Opening,
    pub sitting: Sitting,
    pub roll: Roll,
    /// By party; ballots go to the journal of party 0 unless a test moves them.
    pub entries: Vec<Vec<Entry>>,
}

impl Scene {
    /// A regular consent vote with so many members of each class.
    pub fn new(sizes: [usize; 3]) -> Self {
        Self::of_type("regular", sizes)
    }

    pub fn of_type(decision_type: &str, sizes: [usize; 3]) -> Self {
        Self::with(epoch(), question(decision_type), sizes)
    }

    pub fn with(epoch: Epoch, question: Question, sizes: [usize; 3]) -> Self {
        let roll = roll(&epoch, sizes);
        let decision_type = epoch.charter.decision_type(&question.decision_type).expect("a type of the charter");
        let voting = Voting {
            opens: OPENS,
            closes: OPENS.plus(decision_type.minimum_seconds),
            rules: epoch.charter.rules_for(&decision_type.id).expect("a type of the charter"),
            cut: Vec::new(),
            electorate: roll.digest(),
        };
        let opening = Opening {
            digest: Digest::of(b"opening"),
            consortium: epoch.consortium,
            epoch: epoch.number,
            node: node(0),
            published: OPENS.plus(-3600),
            question,
            voting,
        };
        let entries = vec![Vec::new(); epoch.n()];
        Self { sitting: Sitting::first(&opening), epoch, opening, roll, entries }
    }

    /// A choice between three options.
    pub fn choosing(method: Method, sizes: [usize; 3]) -> Self {
        let options = ["red", "green", "blue"].map(str::to_owned).to_vec();
        Self::with(epoch(), Question { method, options, ..question("regular") }, sizes)
    }

    pub fn with_effects(decision_type: &str, effects: Vec<Effect>) -> Self {
        Self::with(epoch(), Question { effects, ..question(decision_type) }, [4, 1, 1])
    }

    pub fn vote(&self) -> Vote<'_> {
        Vote { opening: &self.opening, sitting: &self.sitting, roll: &self.roll, epoch: &self.epoch }
    }

    /// The ballot of one seat, not yet in a journal.
    pub fn ballot(&self, index: u32, sequence: u64, choices: &[u32]) -> Entry {
        let block = (self.opening.question.method == Method::Consent && choices == [3]).then(|| BlockReason {
            ground: self.epoch.charter.blocks.grounds[0].clone(),
            text: "It leaves somebody behind.".to_owned(),
        });
        let ballot = Ballot { proposal: self.opening.digest, index, sequence, choices: choices.to_vec(), block };
        let digest = Digest::of(format!("{ballot:?}").as_bytes());
        let key = self.roll.seat(index).map_or_else(|| key("nobody"), |seat| seat.key);
        let statement = stated(&self.epoch, Signer::Member(key), key, OPENS.plus(60), Body::Ballot(ballot));
        Entry { position: 0, digest, statement }
    }

    pub fn append(&mut self, party: usize, mut entry: Entry) {
        entry.position = u64::try_from(self.entries[party].len()).expect("few entries");
        self.entries[party].push(entry);
    }

    pub fn cast(&mut self, index: u32, sequence: u64, choices: &[u32]) {
        let ballot = self.ballot(index, sequence, choices);
        self.append(0, ballot);
    }

    /// Ballots of one class: how many of its first members choose each option, in ballot order.
    pub fn cast_class(&mut self, class: &str, votes: &[usize]) {
        let seats: Vec<u32> =
            self.roll.seats.iter().filter(|seat| seat.class == class).map(|seat| seat.index).collect();
        let choices = (0u32..).zip(votes).flat_map(|(choice, count)| std::iter::repeat_n(choice, *count));
        for (index, choice) in seats.into_iter().zip(choices) {
            self.cast(index, 0, &[choice]);
        }
    }

    /// A statement of a party's node about the vote.
    pub fn state(&mut self, party: usize, published: Time, body: Body) {
        let entry = node_entry(&self.epoch, party, 0, published, body);
        self.append(party, entry);
    }

    pub fn count(&self) -> Outcome {
        let journals = self.epoch.journals();
        let extract = |(number, entries): (usize, &'_ Vec<Entry>)| (journals[number].journal.clone(), entries.clone());
        let owned: Vec<_> = self.entries.iter().enumerate().map(extract).collect();
        let extracts: Vec<_> =
            owned.iter().map(|(journal, entries)| Extract { journal: journal.clone(), entries }).collect();
        count(&Input { vote: self.vote(), extracts: &extracts, current: &self.epoch, number: 7 })
    }
}

pub(crate) fn consortium(name: &str) -> ConsortiumId {
    ConsortiumId(Digest::of(name.as_bytes()))
}
