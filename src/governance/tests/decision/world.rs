//! The consortium of these tests: its nodes' keys, journals, checkpoints and decisions.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use folkmoot_governance::bundle::{Decided, Leaves, Settled, Source, build};
use folkmoot_governance::certification::cut::Cut;
use folkmoot_governance::certification::message::Subject;
use folkmoot_governance::charter::Charter;
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::extract::{Entry, Extract};
use folkmoot_governance::id::{Digest, JournalId, MemberId, NodeId, Time};
use folkmoot_governance::journal::{self, Checkpoint, SignedCheckpoint, leaf_hash};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::proposal::{CONSENT, Opening, Sitting, Vote, settles_at};
use folkmoot_governance::roll::{self, Certified, Roll};
use folkmoot_governance::statement::{
    Application, Ballot, Basis, BlockReason, Body, Custody, Decision, Effect, FoundingMember, Genesis, Mandate, Method,
    Party, Question, RollEntry, Signer, Visibility, Voting,
};
use folkmoot_governance::tally::{self, Effects, Outcome};

use crate::closing::Closings;

pub const DAY: i64 = 86_400;
/// When the consortium is founded.
pub const FOUNDED: Time = Time(1_800_000_000);

pub fn node(number: usize) -> NodeId {
    format!("https://coop{number}.example/actor").parse().expect("a node address")
}

pub fn member(name: &str) -> MemberId {
    name.parse().expect("a member id")
}

/// The key of a node or member, from its name.
pub fn secret(name: &str) -> SecretKey {
    SecretKey::from_seed(Digest::of(name.as_bytes()).0)
}

pub fn party(number: usize) -> Party {
    let key = secret(&format!("node {number}")).public();
    Party { name: format!("Coop {number}"), node: node(number), key }
}

/// A vote that was opened.
#[derive(Clone)]
pub struct Opened {
    pub opening: Opening,
    pub signed: SignedStatement,
    pub announced: SignedCheckpoint,
    pub roll: Roll,
    pub sitting: Sitting,
    pub sittings: Vec<Settled>,
}

#[derive(Clone)]
pub struct World {
    pub genesis: Genesis,
    pub epochs: Vec<Epoch>,
    pub secrets: Vec<SecretKey>,
    pub acceptances: Vec<SignedStatement>,
    pub journals: BTreeMap<JournalId, Vec<SignedStatement>>,
    pub decisions: Vec<Decided>,
    pub certified: BTreeMap<Digest, Certified>,
}

impl World {
    /// Four co-ops, each a producer, with a consumer organisation that has a mandate, and three individuals.
    pub fn found() -> Self {
        let charter: Charter = toml::from_str(include_str!("../../../charters/ocm.toml")).expect("the preset");
        let founder = |number| FoundingMember {
            member: member(&format!("coop{number}")),
            name: format!("Coop {number}"),
            class: "producer".to_owned(),
            sponsor: node(number),
        };
        let genesis = Genesis { charter, parties: (0..4).map(party).collect(), members: (0..4).map(founder).collect() };
        let epoch = Epoch::genesis(&genesis).expect("a sound genesis");
        let secrets = (0..4).map(|number| secret(&format!("node {number}"))).collect();
        let (acceptances, journals, decisions, certified) = Default::default();
        let mut world = Self { genesis, epochs: vec![epoch], secrets, acceptances, journals, decisions, certified };
        let digest = world.epoch().charter_digest;
        for number in 0..4 {
            let acceptance = world.state(number, FOUNDED, Body::Charter { digest });
            world.acceptances.push(acceptance);
            let entry = entry(&format!("coop{number}"), "producer", "", Custody::Node, Basis::Founding);
            world.state(number, FOUNDED.plus(60), Body::RollEntry(entry));
        }
        for (number, name) in [(0, "ada"), (1, "bo"), (2, "cleo")] {
            world.join(number, name);
        }
        let mandate = Mandate {
            organisation: member("coop3"),
            holder: member("dora"),
            name: "Dora".to_owned(),
            key: Some(secret("dora").public()),
            since: FOUNDED,
        };
        world.state(3, FOUNDED.plus(120), Body::Mandate(mandate));
        world
    }

    pub fn epoch(&self) -> &Epoch {
        self.epochs.last().expect("epoch 0 at least")
    }

    /// A person joins by an application to which nobody objects.
    fn join(&mut self, number: usize, name: &str) {
        let application = Application {
            member: member(name),
            name: name.to_owned(),
            class: "consumer-individual".to_owned(),
            level: "standard".to_owned(),
            terms: self.epoch().charter.terms_digest(),
            request: "I should like to join.".to_owned(),
            commitment: "20 hours".to_owned(),
        };
        let application = self.state(number, FOUNDED.plus(60), Body::Application(application)).digest;
        let basis = Basis::Application(application);
        let entry = entry(name, "consumer-individual", "standard", Custody::Device, basis);
        self.state(number, FOUNDED.plus(8 * DAY), Body::RollEntry(entry));
    }

    /// A statement of a node under the latest epoch, in its journal.
    pub fn state(&mut self, number: usize, published: Time, body: Body) -> SignedStatement {
        let epoch = self.epoch().number;
        self.state_in(epoch, number, published, body)
    }

    fn state_in(&mut self, epoch: u64, number: usize, published: Time, body: Body) -> SignedStatement {
        let consortium = self.epoch().consortium;
        let signer = Signer::Node(node(number));
        let unsigned = Unsigned { signer, published, consortium, epoch, body };
        let signed = unsigned.sign(&self.secrets[number]).expect("a statement");
        self.append(number, signed.clone());
        signed
    }

    pub fn append(&mut self, number: usize, signed: SignedStatement) {
        self.journals.entry(self.journal_of(number)).or_default().push(signed);
    }

    pub fn journal_of(&self, number: usize) -> JournalId {
        let key = self.secrets[number].public();
        JournalId::new(self.epoch().consortium, &node(number), key.as_bytes())
    }

    /// A journal's checkpoint as it is now, cosigned by all parties of the latest epoch at `at`.
    pub fn checkpoint(&self, number: usize, at: Time) -> SignedCheckpoint {
        let journal = self.journal_of(number);
        let leaves = self.leaves(&journal);
        let checkpoint = Checkpoint { journal, size: leaves.len() as u64, root: journal::root(&leaves) };
        let mut note = checkpoint.sign(&self.secrets[number]);
        for (party, secret) in self.epoch().parties.iter().zip(&self.secrets) {
            let line = note.checkpoint.cosign(&party.node, secret, at);
            note.signatures.push(line);
        }
        note
    }

    pub fn leaves(&self, journal: &JournalId) -> Vec<Digest> {
        self.journals.get(journal).into_iter().flatten().map(|signed| leaf_hash(&signed.bytes)).collect()
    }

    pub fn cut(&self, at: Time) -> Cut {
        let held: Vec<_> = (0..self.epoch().n()).map(|number| self.checkpoint(number, at)).collect();
        Cut::build(&held, self.epoch(), at)
    }

    fn entries(&self) -> Vec<(JournalId, Vec<Entry>)> {
        let entry = |(position, signed): (u64, &SignedStatement)| Entry {
            position,
            digest: signed.digest,
            statement: signed.statement.clone(),
        };
        let journals = self.journals.iter();
        journals.map(|(journal, signed)| (journal.clone(), (0..).zip(signed).map(entry).collect())).collect()
    }

    fn replay(&self, opens: Time) -> Roll {
        let owned = self.entries();
        let extracts: Vec<_> =
            owned.iter().map(|(journal, entries)| Extract { journal: journal.clone(), entries }).collect();
        let register = roll::replay(&roll::Input {
            epochs: &self.epochs,
            founding: &self.genesis.members,
            extracts: &extracts,
            decisions: &self.certified,
            at: opens,
        });
        register.freeze(self.epoch(), opens)
    }

    /// Node 0 opens a vote; everything stated so far is below the roll cut.
    pub fn open(&mut self, decision_type: &str, opens: Time, effects: Vec<Effect>) -> Opened {
        let roll = self.replay(opens);
        let epoch = self.epoch().clone();
        let decided = epoch.charter.decision_type(decision_type).expect("a type of the charter");
        let latest = opens.plus(-epoch.charter.roll.minimum_age_seconds);
        let voting = Voting {
            opens,
            closes: opens.plus(decided.minimum_seconds),
            rules: epoch.charter.rules_for(decision_type).expect("a type of the charter"),
            cut: self.cut(latest).to_notes(),
            electorate: roll.digest(),
        };
        let question = Question {
            id: format!("https://coop0.example/proposals/{opens}"),
            version: 1,
            name: "Rent a second server".to_owned(),
            source: "The first one is full.".to_owned(),
            proposer: member("coop0"),
            decision_type: decision_type.to_owned(),
            method: Method::Consent,
            options: CONSENT.map(str::to_owned).to_vec(),
            reason: String::new(),
            visibility: Visibility::Public,
            principles: vec![2],
            supersedes: Vec::new(),
            review: None,
            effects,
            voting: Some(voting),
        };
        let signed = self.state(0, opens.plus(-3600), Body::Question(Box::new(question)));
        let opening = Opening::read(&signed.statement, signed.digest).expect("an opening");
        let announced = self.checkpoint(0, opens.plus(-1800));
        let sitting = Sitting::first(&opening);
        Opened { opening, signed, announced, roll, sitting, sittings: Vec::new() }
    }

    /// The ballot of a member, signed with the named key.
    pub fn ballot(vote: &Opened, name: &str, key: &str, sequence: u64, choice: u32) -> SignedStatement {
        let seat = vote.roll.seat_of(&member(name)).expect("a voting member");
        let reason = || BlockReason {
            ground: "The procedure was not kept".to_owned(),
            text: "It leaves somebody behind.".to_owned(),
        };
        let ballot = Ballot {
            proposal: vote.opening.digest,
            index: seat.index,
            sequence,
            choices: vec![choice],
            block: (choice == 3).then(reason),
        };
        let secret = secret(key);
        let unsigned = Unsigned {
            signer: Signer::Member(secret.public()),
            published: vote.opening.voting.opens.plus(60),
            consortium: vote.opening.consortium,
            epoch: vote.opening.epoch,
            body: Body::Ballot(ballot),
        };
        unsigned.sign(&secret).expect("a ballot")
    }

    pub fn cast(&mut self, number: usize, vote: &Opened, name: &str, choice: u32) {
        self.append(number, Self::ballot(vote, name, name, 0, choice));
    }

    /// Counts what is in the journals.
    pub fn count(&self, vote: &Opened, number: u64) -> Outcome {
        let owned = self.entries();
        let extracts: Vec<_> =
            owned.iter().map(|(journal, entries)| Extract { journal: journal.clone(), entries }).collect();
        let epoch = &self.epochs[usize::try_from(vote.opening.epoch).expect("small")];
        let counted = Vote { opening: &vote.opening, sitting: &vote.sitting, roll: &vote.roll, epoch };
        tally::count(&tally::Input { vote: counted, extracts: &extracts, current: self.epoch(), number })
    }

    /// Closes a sitting. Returns true where it ended the vote.
    pub fn close(&mut self, vote: &mut Opened) -> bool {
        let settled = settles_at(&vote.sitting, &self.epoch().charter);
        let cut = self.cut(settled);
        let outcome = self.count(vote, self.decisions.len() as u64 + 1);
        let subject = Subject { proposal: vote.opening.digest, sitting: vote.sitting.number };
        let value = tally::value(subject.proposal, subject.sitting, cut.digest(), outcome.digest());
        let closings = Closings::new(self.epoch(), &self.secrets, subject, value, cut.to_notes());
        let certificate = closings.certify(&[]).expect("a certificate");
        vote.sittings.push(Settled { outcome: outcome.clone(), certificate: certificate.clone() });
        if let Some(next) = vote.sitting.after(&outcome, &self.epoch().charter) {
            vote.sitting = next;
            return false;
        }
        let taken = outcome.effects == Effects::Taken;
        let effects = if taken { vote.opening.question.effects.clone() } else { Vec::new() };
        if outcome.becomes_epoch.is_some() {
            let next = self.epoch().apply(&effects, &cut.frozen_sizes()).expect("applicable");
            self.epochs.push(next);
        }
        let at = vote.sitting.closes;
        self.certified.insert(vote.opening.digest, Certified { at, effects });
        self.decisions.push(Decided { opening: vote.signed.clone(), sittings: vote.sittings.clone() });
        let outcome = serde_json::to_value(&outcome).expect("an outcome");
        let decision = Decision { proposal: vote.opening.digest, outcome, certificate };
        self.state(0, at.plus(3600), Body::Article(Box::new(decision)));
        true
    }

    /// The bundle of the decision on `vote`, which was the last one.
    pub fn bundle(&self, vote: &Opened) -> Vec<u8> {
        let journals: Vec<_> = self
            .journals
            .iter()
            .map(|(journal, signed)| Leaves {
                journal: journal.clone(),
                entries: signed.iter().map(|signed| journal::Entry::Statement(Box::new(signed.clone()))).collect(),
            })
            .collect();
        let (decision, earlier) = self.decisions.split_last().expect("a decision");
        build(&Source {
            genesis: &self.genesis,
            acceptances: &self.acceptances,
            decisions: earlier,
            decision,
            announced: &vote.announced,
            journals: &journals,
        })
        .expect("a bundle")
    }
}

pub fn entry(name: &str, class: &str, level: &str, custody: Custody, basis: Basis) -> RollEntry {
    RollEntry {
        change: false,
        member: member(name),
        name: name.to_owned(),
        class: class.to_owned(),
        level: level.to_owned(),
        key: secret(name).public(),
        custody,
        since: FOUNDED,
        basis,
    }
}

/// A history with everything that a bundle can hold: a fifth party was admitted, then a consumer organisation, an
/// individual was asked to leave; the last vote was extended once and decided with all kinds of ballots.
pub fn history() -> &'static (World, Opened) {
    static HISTORY: LazyLock<(World, Opened)> = LazyLock::new(|| {
        let mut world = World::found();
        let first = FOUNDED.plus(20 * DAY);
        decide(&mut world, "constitutional", first, vec![Effect::AdmitParty { party: party(4) }]);
        world.secrets.push(secret("node 4"));

        let bakery = Effect::AdmitMember {
            sponsor: node(2),
            member: member("bakery"),
            name: "Bakery".to_owned(),
            class: "consumer-organisation".to_owned(),
            level: "standard".to_owned(),
        };
        let admitted = decide(&mut world, "regular", first.plus(30 * DAY), vec![bakery]);
        let basis = Basis::Decision(admitted.opening.digest);
        let roll_entry = entry("bakery", "consumer-organisation", "standard", Custody::Node, basis);
        world.state(2, first.plus(40 * DAY), Body::RollEntry(roll_entry));

        let status = folkmoot_governance::statement::EndStatus::Lapsed;
        let ended = Effect::EndMember { sponsor: node(2), member: member("cleo"), status };
        decide(&mut world, "regular", first.plus(60 * DAY), vec![ended]);

        let mut vote = world.open("regular", first.plus(90 * DAY), Vec::new());
        world.cast(0, &vote, "coop0", 0);
        world.cast(1, &vote, "coop1", 2);
        world.append(4, World::ballot(&vote, "coop3", "dora", 0, 3));
        let proposal = vote.opening.digest;
        let closes = vote.sitting.closes.plus(2 * DAY);
        let reason = "Holidays.".to_owned();
        world.state(0, vote.sitting.closes.plus(-60), Body::Extension { proposal, closes, reason });
        assert!(!world.close(&mut vote), "the vote goes on");
        world.append(3, World::ballot(&vote, "coop1", "coop1", 1, 0));
        world.append(2, World::ballot(&vote, "bakery", "bakery", 0, 1));
        world.append(2, World::ballot(&vote, "ada", "ada", 7, 0));
        world.append(1, World::ballot(&vote, "ada", "ada", 7, 2));
        world.cast(1, &vote, "bo", 0);
        assert!(world.close(&mut vote), "the vote is over");
        (world, vote)
    });
    &HISTORY
}

/// A vote on which all producers agree.
fn decide(world: &mut World, decision_type: &str, opens: Time, effects: Vec<Effect>) -> Opened {
    let mut vote = world.open(decision_type, opens, effects);
    for number in 0..4 {
        world.cast(number, &vote, &format!("coop{number}"), 0);
    }
    assert!(world.close(&mut vote), "the vote is over");
    vote
}
