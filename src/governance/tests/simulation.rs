//! Runs whole closings on a simulated network, seeded: messages are lost, late and out of order until the network
//! calms down, nodes restart from what they stored, some are silent, some lie differently to everybody.

use std::collections::{BTreeMap, BTreeSet};

use folkmoot_governance::certification::record::{Message, NodeIndex, Said, grounds};
use folkmoot_governance::certification::simplex::{Closing, Config, Input, Lack, Output, Timing, Verdict};
use folkmoot_governance::id::{Digest, Time};
use proptest::prelude::*;

/// Longest delay of a message, and largest difference of clocks, once the network is calm.
const DELAY: i64 = 5;
const SNAPSHOT_AT: i64 = 100;
const WRONG: Digest = Digest([0xff; 32]);

/// splitmix64 (Steele, Lea, Flood 2014): enough to choose what happens.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below a usize")
    }

    fn seconds(&mut self, most: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(most + 1).expect("positive"))).expect("small")
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Silent,
    Lying,
}

/// What happens in a run.
#[derive(Debug, Clone, Copy)]
struct Weather {
    nodes: u16,
    faulty: u16,
    fault: Fault,
    /// When messages stop being lost and late.
    calm_at: i64,
    loss_percent: usize,
    /// Until it is calm the even and the odd nodes do not hear each other.
    partition: bool,
    restarts: bool,
    /// Whether nodes hold the cut of a proposal against its value before anything else.
    judging: bool,
    /// Whether nodes sometimes look at all that another has.
    pulling: bool,
    /// Whether nodes ask for proposals that they lack.
    asking: bool,
}

/// What is on its way to a node.
struct Mail {
    to: usize,
    input: Input,
    /// Whether it is a proposal whose cut does not give the value.
    worthless: bool,
}

struct Node {
    closing: Closing,
    /// How far its clock is ahead.
    ahead: i64,
    sent: Vec<Message>,
    certified: Option<Digest>,
}

struct Run {
    weather: Weather,
    chance: Chance,
    now: i64,
    /// None for those at fault.
    nodes: Vec<Option<Node>>,
    mail: BTreeMap<(i64, u64), Mail>,
    posted: u64,
    /// What the proposals enclosed.
    proposals: BTreeMap<Said, Vec<Said>>,
    /// The proposals of which there is none but with a worthless cut: no certificate can be made of them.
    worthless: BTreeSet<Said>,
    /// Everything that honest nodes signed: what liars can show.
    heard: BTreeSet<Said>,
}

fn value_of(node: usize) -> Digest {
    Digest([u8::try_from(node % 3).expect("small"); 32])
}

fn quorum(nodes: u16) -> usize {
    usize::from(nodes - (nodes - 1) / 3)
}

impl Run {
    fn new(weather: Weather, seed: u64) -> Self {
        let mut chance = Chance(seed);
        let mut order: Vec<_> = (0..weather.nodes).map(NodeIndex).collect();
        order.rotate_left(chance.below(usize::from(weather.nodes)));
        let at_fault: BTreeSet<_> = order.iter().take(usize::from(weather.faulty)).copied().collect();
        let propose_at = Time(SNAPSHOT_AT + DELAY);
        let timing =
            Timing { snapshot_at: Time(SNAPSHOT_AT), propose_at, round_seconds: 4 * DELAY, growth_seconds: DELAY };
        let node = |me, chance: &mut Chance| {
            let config = Config { me: Some(me), order: order.clone(), quorum: quorum(weather.nodes), timing };
            let (closing, ahead) = (Closing::new(config), chance.seconds(DELAY));
            (!at_fault.contains(&me)).then_some(Node { closing, ahead, sent: Vec::new(), certified: None })
        };
        let nodes = (0..weather.nodes).map(|index| node(NodeIndex(index), &mut chance)).collect();
        let (mail, proposals, worthless, heard) = Default::default();
        Self { weather, chance, now: 0, nodes, mail, posted: 0, proposals, worthless, heard }
    }

    fn honest(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().flatten()
    }

    /// Runs until every honest node has the decision, or until `end`.
    fn until(&mut self, end: i64) {
        while self.now < end && self.honest().any(|node| node.certified.is_none()) {
            self.now += 1;
            while let Some(((at, _), _)) = self.mail.first_key_value()
                && *at <= self.now
            {
                let (_, mail) = self.mail.pop_first().expect("seen");
                self.arrive(mail);
            }
            for index in 0..self.nodes.len() {
                if self.nodes[index].is_some() {
                    self.live(index);
                } else if self.weather.fault == Fault::Lying && self.now >= SNAPSHOT_AT {
                    self.lie(NodeIndex(u16::try_from(index).expect("few")));
                }
            }
        }
    }

    /// One second of an honest node: its clock, sometimes a restart, sometimes a look at what another node has.
    fn live(&mut self, index: usize) {
        // Each node is ready when its clock says so; with the others' clocks that is not at once.
        if self.nodes[index].as_ref().is_some_and(|node| self.now + node.ahead == SNAPSHOT_AT + DELAY) {
            self.feed(index, Input::Ready { value: value_of(index) });
        }
        self.feed(index, Input::Tick);
        if self.weather.restarts && self.chance.percent(2) {
            let node = self.nodes[index].as_mut().expect("honest");
            let stored = serde_json::to_vec(&node.closing).expect("a stored closing");
            node.closing = serde_json::from_slice(&stored).expect("what was stored");
            self.mail.retain(|_, mail| mail.to != index || matches!(mail.input, Input::Ready { .. }));
        }
        if self.weather.asking {
            self.ask(index);
        }
        let peer = self.chance.below(self.nodes.len());
        if self.weather.pulling
            && self.chance.percent(20)
            && self.passes(peer, index)
            && let Some(peer) = &self.nodes[peer]
        {
            self.show(index, peer.closing.messages(), DELAY);
        }
    }

    /// Asks one of those who spoke for a proposal that is not here.
    fn ask(&mut self, index: usize) {
        let closing = |at: usize, run: &Self| run.nodes[at].as_ref().map(|node| node.closing.clone());
        let Some(own) = closing(index, self) else { return };
        for Lack { round, value, voters, finishers } in own.lacks() {
            let holders = [voters, finishers].concat();
            let holder = usize::from(holders[self.chance.below(holders.len())].0);
            let proposal = Said { by: own.chair(round), message: Message::Propose { round, value } };
            let has = closing(holder, self).is_some_and(|holder| holder.messages().contains(&proposal));
            if has && self.passes(holder, index) {
                self.show(index, vec![proposal], DELAY);
            }
        }
    }

    /// Delivers messages as they are pulled or relayed: proposals with their enclosures, the others together.
    fn show(&mut self, to: usize, messages: Vec<Said>, late: i64) {
        let (proposals, others): (Vec<_>, Vec<_>) =
            messages.into_iter().partition(|said| matches!(said.message, Message::Propose { .. }));
        let delay = self.chance.seconds(late);
        self.post(to, delay, Input::Received(others));
        for said in proposals {
            let Message::Propose { round, value } = said.message else { continue };
            let (enclosed, worthless) = (self.proposals[&said].clone(), self.worthless.contains(&said));
            self.post_mail(
                delay,
                Mail { to, input: Input::Proposed { by: said.by, round, value, enclosed }, worthless },
            );
        }
    }

    fn post(&mut self, to: usize, delay: i64, input: Input) {
        self.post_mail(delay, Mail { to, input, worthless: false });
    }

    fn post_mail(&mut self, delay: i64, mail: Mail) {
        self.posted += 1;
        self.mail.insert((self.now + delay, self.posted), mail);
    }

    /// Of a proposal whose cut does not give the value only the justification comes to the machine; one whose leaves
    /// are missing comes later.
    fn arrive(&mut self, mail: Mail) {
        let Mail { to, input, worthless } = mail;
        if let Input::Proposed { value, enclosed, .. } = &input {
            if self.weather.judging && (worthless || *value == WRONG) {
                return self.feed(to, Input::Received(enclosed.clone()));
            }
            if self.chance.percent(30) {
                let delay = 1 + self.chance.seconds(1);
                return self.post_mail(delay, Mail { to, input, worthless });
            }
        }
        self.feed(to, input);
    }

    /// Whether a message gets from one node to the other now.
    fn passes(&mut self, from: usize, to: usize) -> bool {
        let calm = self.now >= self.weather.calm_at;
        calm || !(self.chance.percent(self.weather.loss_percent) || self.weather.partition && from % 2 != to % 2)
    }

    fn send(&mut self, from: usize, messages: &[Said]) {
        for to in 0..self.nodes.len() {
            if to != from && self.passes(from, to) {
                let late = if self.now < self.weather.calm_at { 10 * DELAY } else { DELAY };
                self.show(to, messages.to_vec(), late);
            }
        }
    }

    fn feed(&mut self, index: usize, input: Input) {
        let now = self.now;
        let Some(node) = &mut self.nodes[index] else { return };
        let by = NodeIndex(u16::try_from(index).expect("few"));
        for output in node.closing.step(Time(now + node.ahead), input) {
            match output {
                Output::Send { message, enclosed } => {
                    let said = Said { by, message };
                    self.nodes[index].as_mut().expect("honest").say(message);
                    self.heard.insert(said);
                    if matches!(message, Message::Propose { .. }) {
                        self.proposals.insert(said, enclosed);
                    }
                    self.send(index, &[said]);
                }
                Output::Relay(messages) => self.send(index, &messages),
                Output::Check { value } => {
                    let delay = self.chance.seconds(1);
                    let verdict = if self.chance.percent(30) { Verdict::Missing } else { Verdict::Good };
                    self.post(index, delay, Input::Checked { value, verdict });
                }
                Output::Certified { round, value, .. } => {
                    let node = self.nodes[index].as_mut().expect("honest");
                    let proposal = Said { by: node.closing.chair(round), message: Message::Propose { round, value } };
                    node.certified = (!self.worthless.contains(&proposal)).then_some(value);
                }
                Output::Keep(_) | Output::Fault(_) => {}
            }
        }
    }

    /// A liar tells one node something that it may tell another differently.
    fn lie(&mut self, by: NodeIndex) {
        let reached = self.honest().map(|node| node.closing.round()).max().unwrap_or(0);
        let round = (reached + 1).saturating_sub(u32::try_from(self.chance.below(3)).expect("small"));
        let value = if self.chance.percent(10) { WRONG } else { value_of(self.chance.below(3)) };
        let to = self.chance.below(self.nodes.len());
        let message = match self.chance.below(4) {
            0 => Message::Vote { round, value },
            1 => Message::Skip { round },
            2 => Message::Final { round, value },
            _ => {
                let (enclosed, worthless) = (self.excuse(by, round, value), self.chance.percent(30));
                let input = Input::Proposed { by, round, value, enclosed: enclosed.clone() };
                self.post_mail(0, Mail { to, input, worthless });
                if grounds(round, value, &enclosed, quorum(self.weather.nodes)).is_some() {
                    self.proposals.insert(Said { by, message: Message::Propose { round, value } }, enclosed);
                }
                return;
            }
        };
        self.post(to, 0, Input::Received(vec![Said { by, message }]));
    }

    /// Everything that could justify a liar's proposal: what was signed, and what the liars sign for it.
    fn excuse(&self, by: NodeIndex, round: u32, value: Digest) -> Vec<Said> {
        let earlier = (0..round).flat_map(|round| [Message::Skip { round }, Message::Vote { round, value }]);
        let liars: Vec<_> =
            (0..).zip(&self.nodes).filter(|(_, node)| node.is_none()).map(|(at, _)| NodeIndex(at)).collect();
        let lies = earlier.flat_map(|message| liars.iter().map(move |liar| Said { by: *liar, message }));
        let heard = self.heard.iter().filter(|said| said.message.round() < round && said.by != by).copied();
        heard.chain(lies).collect()
    }

    fn assert_agreement(&self) {
        let decided: BTreeSet<_> = self.honest().filter_map(|node| node.certified).collect();
        assert!(decided.len() <= 1, "different values were certified: {decided:?}");
        assert!(!decided.contains(&WRONG), "a value was certified that nobody recounted");
        let liars = usize::from(self.weather.faulty);
        let mut finals: BTreeMap<Message, usize> = BTreeMap::new();
        let signed = self.heard.iter().filter(|said| matches!(said.message, Message::Final { .. }));
        signed.for_each(|said| *finals.entry(said.message).or_default() += 1);
        let possible = finals.iter().filter(|(_, count)| **count + liars >= quorum(self.weather.nodes));
        let possible: BTreeSet<_> = possible.filter_map(|(message, _)| message.value()).collect();
        assert!(possible.len() <= 1, "different values could be certified: {possible:?}");
    }

    fn assert_decided(&self) {
        for (index, node) in self.nodes.iter().enumerate() {
            if let Some(node) = node {
                assert!(node.certified.is_some(), "node {index} has no decision at {} in {:?}", self.now, node.closing);
            }
        }
    }
}

impl Node {
    /// Records what was signed, and fails if it contradicts what was signed before.
    fn say(&mut self, message: Message) {
        let contradicts = |said: &Message| match (said, &message) {
            (Message::Propose { round: a, .. }, Message::Propose { round: b, .. })
            | (Message::Vote { round: a, .. }, Message::Vote { round: b, .. })
            | (Message::Final { round: a, .. }, Message::Final { round: b, .. })
            | (Message::Skip { round: a }, Message::Skip { round: b } | Message::Final { round: b, .. })
            | (Message::Final { round: a, .. }, Message::Skip { round: b }) => a == b,
            _ => false,
        };
        assert!(!self.sent.iter().any(contradicts), "{message:?} after {:?}", self.sent);
        self.sent.push(message);
    }
}

fn weather() -> impl Strategy<Value = Weather> {
    let nodes = prop_oneof![Just(4u16), Just(5), Just(7), Just(12)];
    let fault = prop_oneof![Just(Fault::Silent), Just(Fault::Lying)];
    let ways = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.8), any::<bool>());
    (nodes, fault, 0i64..600, 0usize..80, ways).prop_map(
        |(nodes, fault, calm_at, loss_percent, (partition, restarts, pulling, asking))| {
            let calm = calm_weather(nodes, (nodes - 1) / 3, fault);
            Weather { calm_at, loss_percent, partition, restarts, pulling, asking, ..calm }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 240, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nodes_agree_in_any_weather_and_decide_once_it_is_calm(weather in weather(), seed: u64) {
        let mut run = Run::new(weather, seed);
        run.until(6_000);
        run.assert_agreement();
        // What was lost comes with the next pull only.
        if run.weather.pulling {
            run.assert_decided();
        }
    }

    #[test]
    fn fewer_than_a_quorum_never_decide(seed: u64, nodes in prop_oneof![Just(4u16), Just(7), Just(12)]) {
        let faulty = (nodes - 1) / 3 + 1;
        let mut run = Run::new(calm_weather(nodes, faulty, Fault::Silent), seed);
        run.until(600);
        prop_assert!(run.honest().all(|node| node.certified.is_none()));
    }
}

fn calm_weather(nodes: u16, faulty: u16, fault: Fault) -> Weather {
    let (calm_at, loss_percent, partition, restarts) = Default::default();
    let (judging, pulling, asking) = (true, true, true);
    Weather { nodes, faulty, fault, calm_at, loss_percent, partition, restarts, judging, pulling, asking }
}

fn calm(nodes: u16, faulty: u16, fault: Fault) -> Run {
    Run::new(calm_weather(nodes, faulty, fault), 7)
}

/// The first chair shows everybody a value with a cut that does not give it, and is silent from then on.
fn first_cut_is_worthless(judging: bool) -> Run {
    let mut run = calm(4, 1, Fault::Silent);
    run.weather.judging = judging;
    let by = run.honest().next().expect("an honest node").closing.chair(0);
    let (round, value) = (0, value_of(0));
    let proposal = Said { by, message: Message::Propose { round, value } };
    run.proposals.insert(proposal, Vec::new());
    run.worthless.insert(proposal);
    for to in 0..run.nodes.len() {
        let input = Input::Proposed { by, round, value, enclosed: Vec::new() };
        run.post_mail(SNAPSHOT_AT + DELAY, Mail { to, input, worthless: true });
    }
    run.until(1_000);
    run
}

#[test]
fn in_calm_weather_the_first_chair_decides_at_once() {
    let mut run = calm(12, 0, Fault::Silent);
    run.until(1_000);
    run.assert_decided();
    assert!(run.now <= SNAPSHOT_AT + 8 * DELAY, "decided at {}", run.now);
    assert!(run.honest().all(|node| node.closing.certified().is_some_and(|(round, _)| round == 0)));
}

#[test]
fn silent_chairs_are_passed_over() {
    let mut run = calm(12, 3, Fault::Silent);
    run.until(1_000);
    run.assert_decided();
    assert!(run.honest().all(|node| node.closing.certified().is_some_and(|(round, _)| round == 3)));
}

#[test]
fn lying_chairs_are_outlived() {
    let mut run = calm(7, 2, Fault::Lying);
    run.until(2_000);
    run.assert_agreement();
    run.assert_decided();
}

#[test]
fn a_chair_that_proposes_a_worthless_cut_is_passed_over() {
    let run = first_cut_is_worthless(true);
    run.assert_agreement();
    run.assert_decided();
    assert!(run.honest().all(|node| node.closing.certified().is_some_and(|(round, _)| round == 1)));
}

#[test]
fn without_the_judgement_a_worthless_cut_ends_the_closing_with_nothing() {
    assert!(first_cut_is_worthless(false).honest().all(|node| node.certified.is_none()));
}

/// The first chair shows its proposal, and its vote for it, to two of three honest nodes, and is silent from then on.
fn proposal_is_kept_from_one(asking: bool) -> Run {
    let mut run = calm(4, 1, Fault::Silent);
    (run.weather.pulling, run.weather.asking) = (false, asking);
    let by = run.honest().next().expect("an honest node").closing.chair(0);
    let (round, value) = (0, value_of(0));
    run.proposals.insert(Said { by, message: Message::Propose { round, value } }, Vec::new());
    let honest: Vec<usize> = (0..run.nodes.len()).filter(|at| run.nodes[*at].is_some()).collect();
    for to in &honest[..2] {
        run.post(*to, SNAPSHOT_AT + DELAY, Input::Proposed { by, round, value, enclosed: Vec::new() });
        run.post(*to, SNAPSHOT_AT + DELAY, Input::Received(vec![Said { by, message: Message::Vote { round, value } }]));
    }
    run.until(1_000);
    run
}

#[test]
fn who_never_heard_a_proposal_asks_for_it() {
    let run = proposal_is_kept_from_one(true);
    run.assert_decided();
    assert!(run.honest().all(|node| node.closing.certified().is_some_and(|(round, _)| round == 0)));
}

#[test]
fn who_does_not_ask_for_a_proposal_that_it_never_heard_has_no_certificate() {
    let run = proposal_is_kept_from_one(false);
    assert_eq!(run.honest().filter(|node| node.certified.is_none()).count(), 1);
}
