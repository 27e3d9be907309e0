//! Closes a vote the way a server does, without a network: every message is signed, stored and heard by all at once.

use std::collections::{BTreeMap, VecDeque};

use folkmoot_governance::certification::Certificate;
use folkmoot_governance::certification::certificate::chairs;
use folkmoot_governance::certification::message::{Subject, body, proposal_body, read};
use folkmoot_governance::certification::record::{Message, NodeIndex, Said};
use folkmoot_governance::certification::simplex::{Closing, Config, Input, Output, Timing, Verdict};
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Body, Signer};

/// The nodes of an epoch while they close one sitting.
pub struct Closings<'a> {
    pub epoch: &'a Epoch,
    pub secrets: &'a [SecretKey],
    pub subject: Subject,
    pub value: Digest,
    pub cut: Vec<String>,
    pub timing: Timing,
    stored: BTreeMap<Said, SignedStatement>,
    mail: VecDeque<(NodeIndex, SignedStatement)>,
    certificate: Option<Certificate>,
}

impl<'a> Closings<'a> {
    pub fn new(epoch: &'a Epoch, secrets: &'a [SecretKey], subject: Subject, value: Digest, cut: Vec<String>) -> Self {
        let timing = Timing::new(Time(1_000), &epoch.charter.closing);
        let (stored, mail) = Default::default();
        Self { epoch, secrets, subject, value, cut, timing, stored, mail, certificate: None }
    }

    /// A message as node `by` signs it.
    pub fn sign(&self, by: NodeIndex, body: Body) -> SignedStatement {
        let index = usize::from(by.0);
        let statement = Unsigned {
            signer: Signer::Node(self.epoch.parties[index].node.clone()),
            published: self.timing.snapshot_at,
            consortium: self.epoch.consortium,
            epoch: self.epoch.number,
            body,
        };
        statement.sign(&self.secrets[index]).expect("a closing message")
    }

    /// Runs all nodes but the silent ones until one of them holds the certificate.
    pub fn certify(mut self, silent: &[NodeIndex]) -> Option<Certificate> {
        let order = chairs(self.subject, self.epoch);
        let (quorum, timing) = (self.epoch.quorum(), self.timing);
        let closing = |me: &NodeIndex| {
            let config = Config { me: Some(*me), order: order.clone(), quorum, timing };
            (*me, Closing::new(config))
        };
        let mut nodes: BTreeMap<_, _> = order.iter().filter(|me| !silent.contains(me)).map(closing).collect();
        let mut now = self.timing.propose_at;
        for me in nodes.keys().copied().collect::<Vec<_>>() {
            self.step(me, &mut nodes, now, Input::Ready { value: self.value });
        }
        for _ in 0..2 * order.len() {
            while let Some((from, signed)) = self.mail.pop_front() {
                let letter = read(signed, self.epoch).expect("an honest message");
                for me in nodes.keys().copied().filter(|me| *me != from).collect::<Vec<_>>() {
                    let enclosed = letter.enclosed.iter().map(|(said, _)| *said).collect();
                    let input = match letter.said.message {
                        Message::Propose { round, value } => Input::Proposed { by: from, round, value, enclosed },
                        _ => Input::Received(vec![letter.said]),
                    };
                    self.step(me, &mut nodes, now, input);
                }
            }
            if self.certificate.is_some() {
                return self.certificate;
            }
            now = nodes.values().filter_map(|closing| closing.wake_at(now)).min()?;
            for me in nodes.keys().copied().collect::<Vec<_>>() {
                self.step(me, &mut nodes, now, Input::Tick);
            }
        }
        None
    }

    fn step(&mut self, me: NodeIndex, nodes: &mut BTreeMap<NodeIndex, Closing>, now: Time, input: Input) {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in nodes.get_mut(&me).expect("a node that is up").step(now, input) {
                match output {
                    Output::Send { message, enclosed } => {
                        let enclosed: Vec<_> = enclosed.iter().map(|said| self.stored[said].clone()).collect();
                        let body = body(self.subject, message).unwrap_or_else(|| {
                            proposal_body(self.subject, message.round(), self.value, self.cut.clone(), &enclosed)
                        });
                        let signed = self.sign(me, body);
                        self.stored.insert(Said { by: me, message }, signed.clone());
                        self.mail.push_back((me, signed));
                    }
                    Output::Check { value } => {
                        inputs.push(Input::Checked { value, verdict: Verdict::Good });
                    }
                    Output::Certified { round, value, finals } => {
                        let by = nodes[&me].chair(round);
                        let proposed = &self.stored[&Said { by, message: Message::Propose { round, value } }];
                        let finals: Vec<_> = finals.iter().map(|said| self.stored[said].clone()).collect();
                        self.certificate = Certificate::assemble(proposed, &finals);
                    }
                    Output::Keep(_) | Output::Relay(_) | Output::Fault(_) => {}
                }
            }
        }
    }
}
