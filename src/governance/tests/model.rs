//! Explores every behaviour of the closing's own state machine with four nodes, one of which lies, on a network that
//! loses, delays and reorders at will.
//!
//! The adversary decides what each honest node hears and when its time runs out. It can present any message of the
//! liar, and any message that an honest node has signed. Only quorums and proposals change what a node does, so
//! messages are presented as whole quorums: a schedule that delivers them one by one acts when the last one arrives.
//! Every value is found good by every node, which allows every vote that any verdicts allow; a proposal whose cut does
//! not give its value comes to no machine, as if its chair had sent nothing. Nodes are not shown
//! quorums of finals: all that these do is to silence a node.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use folkmoot_governance::certification::record::{Message, NodeIndex, Said};
use folkmoot_governance::certification::simplex::{Closing, Config, Input, Output, Timing, Verdict};
use folkmoot_governance::id::{Digest, Time};
use stateright::{Checker, HasDiscoveries, Model, Property};

const NODES: u16 = 4;
const QUORUM: usize = 3;
const NOW: Time = Time(0);
const VALUES: [Digest; 2] = [Digest([0xaa; 32]), Digest([0xbb; 32])];

/// Which rule the honest nodes of a run break.
#[derive(Clone, Copy, PartialEq)]
enum Rules {
    Kept,
    /// A node that sent its final in a round also skips that round.
    SkipAfterFinal,
    /// A node votes for what its chair proposes without asking for a justification.
    Unjustified,
}

struct Consortium {
    liar: NodeIndex,
    rounds: u32,
    rules: Rules,
}

type Proposal = (NodeIndex, u32, Digest, Vec<Said>);

#[derive(Debug, Clone, PartialEq)]
struct State {
    rounds: u32,
    honest: BTreeMap<NodeIndex, Arc<Node>>,
    /// Proposals of honest chairs, with what they enclosed.
    proposals: BTreeSet<Proposal>,
}

#[derive(Debug, Clone, PartialEq)]
enum Action {
    TimeOut(NodeIndex),
    Hear(NodeIndex, Vec<Said>),
    Propose(NodeIndex, Proposal),
    SkipAfterFinal(NodeIndex, u32),
    VoteUnjustified(NodeIndex, u32, Digest),
}

#[derive(Debug, Clone, PartialEq)]
struct Node {
    closing: Closing,
    essence: Essence,
}

/// What a node's future within the explored rounds depends on. Quorums and proposals that it has heard have had their effect at once, except
/// on a chair that has still to propose.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Essence {
    round: u32,
    signed: BTreeSet<Message>,
    heard: BTreeSet<Message>,
}

impl Essence {
    fn of(me: NodeIndex, closing: &Closing, rounds: u32) -> Self {
        let mut messages = closing.messages();
        messages.retain(|said| said.message.round() < rounds);
        let signed: BTreeSet<_> = messages.iter().filter(|said| said.by == me).map(|said| said.message).collect();
        let own = |round| signed.iter().any(|m| matches!(m, Message::Propose { round: r, .. } if *r == round));
        let chairs_later = (closing.round()..rounds).any(|round| closing.chair(round) == me && !own(round));
        let count = |message| messages.iter().filter(|said| said.message == message).count();
        let acts = |message: &Message| matches!(message, Message::Propose { .. }) || count(*message) >= QUORUM;
        let heard = messages.iter().map(|said| said.message).filter(|message| chairs_later && acts(message)).collect();
        Self { round: closing.round().min(rounds), signed, heard }
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for node in self.honest.values() {
            node.essence.hash(state);
        }
        for (by, round, value, enclosed) in &self.proposals {
            let enclosed: BTreeSet<_> = enclosed.iter().map(|said| said.message).collect();
            (by, round, value, enclosed).hash(state);
        }
    }
}

impl State {
    /// What the honest nodes have signed.
    fn signed(&self) -> Vec<Said> {
        let own = |(me, node): (&NodeIndex, &Arc<Node>)| {
            let by = *me;
            node.essence.signed.iter().map(move |message| Said { by, message: *message }).collect::<Vec<_>>()
        };
        self.honest.iter().flat_map(own).collect()
    }

    /// Feeds one input and everything that the node asks for because of it.
    fn step(&mut self, me: NodeIndex, input: Input) {
        let mut closing = self.honest[&me].closing.clone();
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in closing.step(NOW, input) {
                match output {
                    Output::Check { value } => inputs.push(Input::Checked { value, verdict: Verdict::Good }),
                    Output::Send { message: Message::Propose { round, value }, enclosed } if round < self.rounds => {
                        self.proposals.insert((me, round, value, enclosed));
                    }
                    _ => {}
                }
            }
        }
        let essence = Essence::of(me, &closing, self.rounds);
        self.honest.insert(me, Arc::new(Node { closing, essence }));
    }
}

impl Consortium {
    fn honest(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        (0..NODES).map(NodeIndex).filter(|node| *node != self.liar)
    }

    /// A quorum for this message, if one can be shown; the liar signs everything.
    fn quorum(&self, signed: &[Said], message: Message) -> Option<Vec<Said>> {
        let liar = Said { by: self.liar, message };
        let signers = signed.iter().copied().filter(|said| said.message == message);
        let quorum: Vec<_> = std::iter::once(liar).chain(signers).take(QUORUM).collect();
        (quorum.len() == QUORUM).then_some(quorum)
    }

    /// All ways in which the liar can justify a value in a round that it chairs.
    fn lies(&self, signed: &[Said], round: u32, value: Digest) -> Vec<Proposal> {
        let (mut found, mut enclosed) = (Vec::new(), Vec::new());
        for earlier in (0..round).rev() {
            if let Some(votes) = self.quorum(signed, Message::Vote { round: earlier, value }) {
                found.push((self.liar, round, value, [enclosed.clone(), votes].concat()));
            }
            match self.quorum(signed, Message::Skip { round: earlier }) {
                Some(skips) => enclosed.extend(skips),
                None => return found,
            }
        }
        found.push((self.liar, round, value, enclosed));
        found
    }

    fn proposals(&self, state: &State, signed: &[Said]) -> Vec<Proposal> {
        let mut proposals: Vec<_> = state.proposals.iter().cloned().collect();
        for round in (0..self.rounds).filter(|round| *round == u32::from(self.liar.0)) {
            proposals.extend(VALUES.into_iter().flat_map(|value| self.lies(signed, round, value)));
        }
        proposals
    }

    /// The values for which a quorum of finals exists somewhere.
    fn decided(&self, state: &State) -> BTreeSet<Digest> {
        let signed = state.signed();
        let decided = |round, value| self.quorum(&signed, Message::Final { round, value }).map(|_| value);
        let each = (0..self.rounds).flat_map(|round| VALUES.into_iter().map(move |value| (round, value)));
        each.filter_map(|(round, value)| decided(round, value)).collect()
    }

    /// What a double does against the rules.
    fn broken(&self, me: NodeIndex, node: &Node, actions: &mut Vec<Action>) {
        for round in 0..self.rounds {
            let signed = |message: fn(u32, Digest) -> Message| {
                VALUES.into_iter().any(|value| node.essence.signed.contains(&message(round, value)))
            };
            if self.rules == Rules::SkipAfterFinal && signed(|round, value| Message::Final { round, value }) {
                actions.push(Action::SkipAfterFinal(me, round));
            }
            let may_vote = round == u32::from(self.liar.0) && node.closing.round() <= round;
            if self.rules == Rules::Unjustified && may_vote && !signed(|round, value| Message::Vote { round, value }) {
                actions.extend(VALUES.map(|value| Action::VoteUnjustified(me, round, value)));
            }
        }
    }
}

impl Model for Consortium {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let order: Vec<_> = (0..NODES).map(NodeIndex).collect();
        let timing = Timing { snapshot_at: NOW, propose_at: NOW, round_seconds: 0, growth_seconds: 0 };
        let closing = |me| Config { me: Some(me), order: order.clone(), quorum: QUORUM, timing };
        let node = |me| {
            let closing = Closing::new(closing(me));
            Arc::new(Node { essence: Essence::of(me, &closing, self.rounds), closing })
        };
        let honest = self.honest().map(|me| (me, node(me))).collect();
        let mut state = State { rounds: self.rounds, honest, proposals: BTreeSet::new() };
        for me in self.honest() {
            state.step(me, Input::Ready { value: VALUES[usize::from(me.0 % 2)] });
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let signed = state.signed();
        let messages = (0..self.rounds).flat_map(|round| {
            let votes = VALUES.into_iter().map(move |value| Message::Vote { round, value });
            votes.chain([Message::Skip { round }])
        });
        let quorums: Vec<_> = messages.filter_map(|message| self.quorum(&signed, message)).collect();
        let proposals = self.proposals(state, &signed);
        for (&me, node) in &state.honest {
            actions.extend(quorums.iter().map(|quorum| Action::Hear(me, quorum.clone())));
            actions.extend(proposals.iter().map(|proposal| Action::Propose(me, proposal.clone())));
            if node.closing.round() < self.rounds {
                actions.push(Action::TimeOut(me));
            }
            self.broken(me, node, actions);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        // What a node hears itself say counts as said: that is how the doubles break a rule.
        let (me, input) = match action {
            Action::TimeOut(me) => (me, Input::Tick),
            Action::Hear(me, quorum) => (me, Input::Received(quorum)),
            Action::Propose(me, (by, round, value, enclosed)) => (me, Input::Proposed { by, round, value, enclosed }),
            Action::SkipAfterFinal(me, round) => {
                (me, Input::Received(vec![Said { by: me, message: Message::Skip { round } }]))
            }
            Action::VoteUnjustified(me, round, value) => {
                (me, Input::Received(vec![Said { by: me, message: Message::Vote { round, value } }]))
            }
        };
        state.step(me, input);
        (state.honest[&me].essence != last.honest[&me].essence).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("agreement", |model: &Self, state| model.decided(state).len() <= 1),
            Property::sometimes("certificate", |model: &Self, state| !model.decided(state).is_empty()),
        ]
    }
}

/// Explores everything, or up to the first disagreement.
fn explore(liar: u16, rounds: u32, rules: Rules) -> impl Checker<Consortium> {
    let model = Consortium { liar: NodeIndex(liar), rounds, rules };
    let finish = if rules == Rules::Kept { HasDiscoveries::All } else { HasDiscoveries::AnyFailures };
    model.checker().threads(2).finish_when(finish).spawn_dfs().join()
}

#[test]
fn no_two_values_are_certified_whoever_lies() {
    // The liar chairs the first round, the second, or none.
    for liar in 0..3 {
        let checker = explore(liar, 2, Rules::Kept);
        println!("liar {liar}: {} states", checker.unique_state_count());
        checker.assert_properties();
    }
}

#[test]
fn without_the_exclusion_of_skip_and_final_two_values_are_certified() {
    explore(1, 2, Rules::SkipAfterFinal).assert_any_discovery("agreement");
}

#[test]
fn without_the_justification_two_values_are_certified() {
    explore(1, 2, Rules::Unjustified).assert_any_discovery("agreement");
}
