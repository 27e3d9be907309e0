//! The closing of one sitting as a state machine: messages and time in, messages to sign and questions out.
//! It verifies no signatures and sends nothing. Whoever drives it gives it verified messages only, and of the proposals
//! only those whose cut gives the value by the node's own count: a value can come with any cut, and the one on record
//! becomes the certificate's. The driver stores the new state together with the messages to sign BEFORE sending any of
//! them: a node that forgets what it signed lies.
//! Rules: one-shot Simplex, <https://eprint.iacr.org/2023/463>, with a free choice of chair order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::certification::record::{Contradiction, Grounds, MAX_ROUNDS, Message, NodeIndex, Record, Said, grounds};
use crate::charter::ClosingRules;
use crate::id::{Digest, Time};

/// What a closing runs by; equal on all nodes but for `me`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Config {
    /// This node; none for somebody who only watches.
    pub me: Option<NodeIndex>,
    /// All parties in chairing order, see [`crate::certification::chair::order`].
    pub order: Vec<NodeIndex>,
    pub quorum: usize,
    pub timing: Timing,
}

/// When things happen, on each node's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timing {
    /// When the snapshot is frozen: nothing is signed before (T2).
    pub snapshot_at: Time,
    /// When the first chair proposes and the first round's time starts to run.
    pub propose_at: Time,
    /// How long round 0 lasts before it is skipped.
    pub round_seconds: i64,
    /// How much longer each round lasts than the one before.
    pub growth_seconds: i64,
}

impl Timing {
    /// T2 = closes + W + 2Δ; proposals from T2 + Δ. A round needs 3Δ once clocks differ by at most Δ: one for the
    /// skew, one for the proposal, one for the votes; the fourth is for recounting.
    pub fn new(closes: Time, rules: &ClosingRules) -> Self {
        let delay = rules.delay_seconds.max(1);
        let snapshot_at = closes.plus(rules.settle_seconds).plus(rules.delay_seconds.saturating_mul(2));
        Self {
            snapshot_at,
            propose_at: snapshot_at.plus(rules.delay_seconds),
            round_seconds: delay.saturating_mul(4),
            growth_seconds: delay,
        }
    }

    /// How long to wait before asking again for what is not here yet: often within a round, never in a hot loop.
    pub fn repeat_seconds(&self) -> i64 {
        (self.round_seconds / 20).max(1)
    }

    fn round_lasts(&self, round: u32) -> i64 {
        self.round_seconds.saturating_add(self.growth_seconds.saturating_mul(round.into()))
    }
}

/// Whether this node may vote for a value on record. Its cut gives it: that was so before it came on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Something must be known first; asked again at every tick. Earlier releases held a worthless cut, by whomever,
    /// against its value for good: such a verdict is asked for again too.
    #[serde(alias = "wrong")]
    Missing,
    /// The cut is behind this node's snapshot somewhere. Final.
    Behind,
    /// The cut covers the snapshot. Final.
    Good,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Input {
    /// Time passes; also the first input after a restart.
    Tick,
    /// This node's own value, from its frozen snapshot. The first one stays.
    Ready { value: Digest },
    /// The answer to [`Output::Check`].
    Checked { value: Digest, verdict: Verdict },
    /// Verified votes, skips and finals. What arrives together is given together.
    Received(Vec<Said>),
    /// A verified proposal, whose cut gives the value, with the verified messages of its justification.
    Proposed { by: NodeIndex, round: u32, value: Digest, enclosed: Vec<Said> },
}

/// A proposal to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    pub round: u32,
    pub value: Digest,
    /// Whoever voted for it has it.
    pub voters: Vec<NodeIndex>,
    /// Whoever signed its final has seen q votes for it.
    pub finishers: Vec<NodeIndex>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Output {
    /// Sign, store, then send to every party. A proposal encloses the signed statements of these messages.
    Send { message: Message, enclosed: Vec<Said> },
    /// New on record: store the signed statement under this name. What is not named here may be forgotten.
    Keep(Said),
    /// Pass these stored statements on to every party: they moved this node into a later round, or decided. Proposals are
    /// not among them: a proposal is long, and comes from its chair, or from whoever is asked for it.
    Relay(Vec<Said>),
    /// Hold the cut of this value (it is in the stored proposal) against the snapshot; answer with [`Input::Checked`].
    Check { value: Digest },
    /// Decided. `finals` and the stored proposal for this round and value make the certificate.
    Certified { round: u32, value: Digest, finals: Vec<Said> },
    /// Somebody broke the protocol, and these two messages prove it.
    Fault(Contradiction),
}

/// One sitting's closing as this node sees it. Stored whole after each step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    config: Config,
    round: u32,
    entered: Time,
    candidate: Option<Digest>,
    /// Values that were asked about; none while there is no answer.
    verdicts: BTreeMap<Digest, Option<Verdict>>,
    record: Record,
    certified: Option<(u32, Digest)>,
    /// Whether the cut of every proposal on record is known to give its value. Earlier releases took any.
    #[serde(default)]
    judged: bool,
}

impl Closing {
    pub fn new(config: Config) -> Self {
        Self {
            round: 0,
            entered: config.timing.propose_at,
            candidate: None,
            verdicts: BTreeMap::new(),
            record: Record::default(),
            certified: None,
            judged: true,
            config,
        }
    }

    /// Takes one input and returns what is to be done, in this order.
    pub fn step(&mut self, now: Time, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Tick => self.tick(now, &mut out),
            Input::Ready { value } => self.prepare(value),
            Input::Checked { value, verdict } => self.learn(value, verdict),
            Input::Received(messages) => self.keep(&messages, &mut out),
            Input::Proposed { by, round, value, enclosed } => {
                self.keep(&enclosed, &mut out);
                self.keep_proposal(by, round, value, &enclosed, &mut out);
            }
        }
        // Each pass signs a message or enters a later round, and both are bounded.
        while self.certified.is_none()
            && (self.certify(&mut out)
                || self.finish(now, &mut out)
                || self.enter(now, &mut out)
                || self.propose(now, &mut out)
                || self.vote(now, &mut out))
        {}
        out
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn round(&self) -> u32 {
        self.round
    }

    /// Who chairs a round.
    pub fn chair(&self, round: u32) -> NodeIndex {
        self.config.order[round as usize % self.config.order.len()]
    }

    /// This node's own value.
    pub fn candidate(&self) -> Option<Digest> {
        self.candidate
    }

    /// Whether this proposal would be taken on record now. Asked before its cut is judged, which costs a count.
    pub fn would_keep(&self, by: NodeIndex, round: u32, value: Digest, enclosed: &[Said]) -> bool {
        let quorum = self.config.quorum;
        by == self.chair(round)
            && grounds(round, value, enclosed, quorum).is_some()
            && self.record.has_room(round, value, quorum)
    }

    /// Whether all proposals on record are known to give their value; not so in a closing that an earlier release
    /// stored, until [`Self::forget`] was told which of them do not.
    pub fn is_judged(&self) -> bool {
        self.judged
    }

    /// The proposals on record.
    pub fn proposals(&self) -> Vec<Said> {
        let mut proposals = self.messages();
        proposals.retain(|said| matches!(said.message, Message::Propose { .. }));
        proposals
    }

    /// Takes those proposals off the record whose cut does not give their value. The others are known to from now on.
    pub fn forget(&mut self, worthless: &[Said]) {
        for said in worthless {
            if let Message::Propose { round, value } = said.message {
                self.record.forget_proposal(round, value);
            }
        }
        self.judged = true;
    }

    /// Round and value of the decision.
    pub fn certified(&self) -> Option<(u32, Digest)> {
        self.certified
    }

    /// The proposals that are not on record, though q parties voted for them or signed their final. Nobody passes them on:
    /// whoever lacks one asks.
    pub fn lacks(&self) -> Vec<Lack> {
        if self.certified.is_some() {
            return Vec::new();
        }
        let quorum = self.config.quorum;
        let lacking = |round| {
            let finals = self.record.final_certificate(round, quorum);
            let (value, _) = finals.or_else(|| self.record.vote_certificate(round, quorum))?;
            let known = self.record.proposals(round).any(|(known, _)| known == value);
            let signers = |message| self.record.signers(message).collect();
            let (votes, finals) = (Message::Vote { round, value }, Message::Final { round, value });
            (!known).then(|| Lack { round, value, voters: signers(votes), finishers: signers(finals) })
        };
        self.record.rounds_down_to(0).filter_map(lacking).collect()
    }

    /// Every message on record, for those who pull them.
    pub fn messages(&self) -> Vec<Said> {
        self.record.all(|round| self.chair(round))
    }

    /// When to tick next: `now` if this node still has to skip a round whose time is over, later when something is due,
    /// or soon while it waits for its own value or for leaves.
    pub fn wake_at(&self, now: Time) -> Option<Time> {
        if self.skips(now).is_some() {
            return Some(now);
        }
        let timing = self.config.timing;
        let due = [timing.snapshot_at, timing.propose_at, self.deadline()].into_iter().filter(|time| *time > now);
        let again = self.is_waiting(now).then(|| now.plus(timing.repeat_seconds()));
        due.chain(again).min().filter(|_| self.certified.is_none())
    }

    fn is_waiting(&self, now: Time) -> bool {
        let Some(me) = self.signer(now) else { return false };
        let open = |value: &Digest| {
            self.verdicts.get(value).is_none_or(|verdict| verdict.is_none_or(|verdict| verdict == Verdict::Missing))
        };
        let asking =
            !self.record.voted(self.round, me) && self.record.proposals(self.round).any(|(value, _)| open(&value));
        self.candidate.is_none() || asking
    }

    fn deadline(&self) -> Time {
        self.entered.max(self.config.timing.propose_at).plus(self.config.timing.round_lasts(self.round))
    }

    /// This node, if it may sign now.
    fn signer(&self, now: Time) -> Option<NodeIndex> {
        self.config.me.filter(|_| now >= self.config.timing.snapshot_at && self.certified.is_none())
    }

    /// Skips the round when its time is over, unless this node sent a final in it; repeats open questions.
    fn tick(&mut self, now: Time, out: &mut Vec<Output>) {
        self.verdicts.retain(|_, verdict| verdict.is_some_and(|verdict| verdict != Verdict::Missing));
        if let Some(me) = self.skips(now) {
            self.send(me, Message::Skip { round: self.round }, out);
        }
    }

    /// This node, if it has to skip the round at hand.
    fn skips(&self, now: Time) -> Option<NodeIndex> {
        let over = now >= self.deadline() && self.round < MAX_ROUNDS;
        let free = |me: &NodeIndex| !self.record.skipped(self.round, *me) && !self.record.finished(self.round, *me);
        self.signer(now).filter(|me| over && free(me))
    }

    fn prepare(&mut self, value: Digest) {
        if self.candidate.is_none() {
            self.candidate = Some(value);
            self.verdicts.insert(value, Some(Verdict::Good));
        }
    }

    /// Answers about values that nobody proposed, and second thoughts about final verdicts, are ignored.
    fn learn(&mut self, value: Digest, verdict: Verdict) {
        let settled = self.verdicts.get(&value).is_some_and(|known| known.is_some_and(|v| v != Verdict::Missing));
        if !settled && self.record.proposed(value).is_some() {
            self.verdicts.insert(value, Some(verdict));
        }
    }

    fn keep(&mut self, messages: &[Said], out: &mut Vec<Output>) {
        let known = self.config.order.len();
        let messages: Vec<Said> = messages.iter().filter(|said| usize::from(said.by.0) < known).copied().collect();
        let (kept, contradictions) = self.record.keep(&messages, self.config.quorum);
        out.extend(kept.into_iter().map(Output::Keep));
        out.extend(contradictions.into_iter().map(Output::Fault));
    }

    /// Only the chair's proposals whose own enclosures justify them are kept: they are what a certificate shows.
    fn keep_proposal(&mut self, by: NodeIndex, round: u32, value: Digest, enclosed: &[Said], out: &mut Vec<Output>) {
        if by != self.chair(round) {
            return;
        }
        let Some(grounds) = grounds(round, value, enclosed, self.config.quorum) else { return };
        if self.record.keep_proposal(round, value, grounds, self.config.quorum) {
            out.push(Output::Keep(Said { by, message: Message::Propose { round, value } }));
        }
    }

    /// Puts an own message on record and out.
    fn send(&mut self, me: NodeIndex, message: Message, out: &mut Vec<Output>) {
        out.push(Output::Send { message, enclosed: Vec::new() });
        let (_, contradictions) = self.record.keep(&[Said { by: me, message }], self.config.quorum);
        out.extend(contradictions.into_iter().map(Output::Fault));
    }

    /// q finals in any round decide, once the proposal that they are about is here.
    fn certify(&mut self, out: &mut Vec<Output>) -> bool {
        let decided = self.record.rounds_down_to(0).find_map(|round| {
            let (value, finals) = self.record.final_certificate(round, self.config.quorum)?;
            self.record.proposals(round).any(|(proposed, _)| proposed == value).then_some((round, value, finals))
        });
        let Some((round, value, finals)) = decided else { return false };
        self.certified = Some((round, value));
        out.push(Output::Relay(finals.clone()));
        out.push(Output::Certified { round, value, finals });
        true
    }

    /// Signs the final of every round with q votes, unless this node skipped it.
    fn finish(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        let Some(me) = self.signer(now) else { return false };
        let open = self.record.rounds_down_to(0).find_map(|round| {
            let (value, _) = self.record.vote_certificate(round, self.config.quorum)?;
            let silent = !self.record.skipped(round, me) && !self.record.finished(round, me);
            silent.then_some(Message::Final { round, value })
        });
        let Some(message) = open else { return false };
        self.send(me, message, out);
        true
    }

    /// Enters the round after the latest one in which q nodes voted for one value or skipped. A node that was away
    /// thereby goes straight to where the others are.
    fn enter(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        let quorum = self.config.quorum;
        let ended = self.record.rounds_down_to(self.round).find_map(|round| {
            let votes = self.record.vote_certificate(round, quorum).map(|(_, votes)| votes);
            votes.or_else(|| self.record.skip_certificate(round, quorum)).map(|why| (round, why))
        });
        let Some((round, why)) = ended else { return false };
        self.round = round + 1;
        self.entered = now;
        out.push(Output::Relay(why));
        true
    }

    /// As chair: proposes once, as soon as there is something that it can justify.
    fn propose(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        let round = self.round;
        let due = now >= self.config.timing.propose_at && round < MAX_ROUNDS;
        let chairing = self.signer(now).is_some_and(|me| me == self.chair(round));
        if !due || !chairing || self.record.proposals(round).next().is_some() {
            return false;
        }
        let Some((value, grounds, enclosed)) = self.justify(round) else { return false };
        self.record.keep_proposal(round, value, grounds, self.config.quorum);
        out.push(Output::Send { message: Message::Propose { round, value }, enclosed });
        true
    }

    /// The value to propose in a round and the messages that justify it. A value that a quorum voted for goes before
    /// this node's own, if a cut of it is known here, from a proposal or as the own one.
    fn justify(&self, round: u32) -> Option<(Digest, Grounds, Vec<Said>)> {
        let mut enclosed = Vec::new();
        for earlier in (0..round).rev() {
            let votes = self.record.vote_certificate(earlier, self.config.quorum);
            let known = |value| self.candidate == Some(value) || self.record.proposed(value).is_some();
            if let Some((value, votes)) = votes.filter(|(value, _)| known(*value)) {
                enclosed.extend(votes);
                return Some((value, Grounds::Locked, enclosed));
            }
            enclosed.extend(self.record.skip_certificate(earlier, self.config.quorum)?);
        }
        self.candidate.map(|value| (value, Grounds::Free, enclosed))
    }

    /// Votes at most once in the round, for a proposal on record; the cut of a free value must also cover the snapshot.
    /// Asks about that where there is no verdict yet.
    fn vote(&mut self, now: Time, out: &mut Vec<Output>) -> bool {
        let round = self.round;
        let Some(me) = self.signer(now).filter(|me| !self.record.voted(round, *me)) else { return false };
        let proposals: Vec<_> = self.record.proposals(round).collect();
        for (value, grounds) in proposals {
            match (self.verdicts.get(&value), grounds) {
                (None, _) => {
                    self.verdicts.insert(value, None);
                    out.push(Output::Check { value });
                }
                (Some(Some(Verdict::Good)), _) | (Some(Some(Verdict::Behind)), Grounds::Locked) => {
                    self.send(me, Message::Vote { round, value }, out);
                    return true;
                }
                _ => {}
            }
        }
        false
    }
}
