//! From the genesis to the epoch at hand: each link is a decision that a quorum of an earlier epoch certified.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Fault, Link, Settled, Step};
use crate::certification::certificate::Certified as Certification;
use crate::certification::cut::Cut;
use crate::codec::SignedStatement;
use crate::epoch::Epoch;
use crate::id::{Digest, NodeId};
use crate::proposal::{Opening, Sitting, settles_at};
use crate::roll::Certified;
use crate::statement::{Body, Genesis, Signer, Statement};
use crate::tally::{self, Effects, Outcome, Verdict};

/// What is proven so far.
pub(super) struct Chain {
    /// Epochs 0, 1, …
    pub epochs: Vec<Epoch>,
    /// By the digest of the opening.
    pub decisions: BTreeMap<Digest, Certified>,
}

/// The opening of a vote, signed by a party of the epoch that it names.
pub(super) struct Opened {
    pub opening: Opening,
    pub signed: SignedStatement,
}

/// How a vote ended.
pub(super) struct Ended {
    /// The last sitting.
    pub sitting: Sitting,
    pub cut: Cut,
    pub certification: Certification,
}

impl Chain {
    /// Epoch 0, once every founding party has accepted its charter.
    pub fn found(genesis: &Genesis, acceptances: &[Value]) -> Result<Self, Fault> {
        let epoch = Epoch::genesis(genesis).map_err(|problems| {
            let first = problems.first().map_or_else(String::new, |problem| problem.flaw.to_string());
            Fault::new(Step::Genesis, format!("The genesis document founds nothing: {first}"))
        })?;
        let refuse = |text: String| Fault::new(Step::Ratification, text);
        let mut accepted: Vec<(NodeId, Digest)> = Vec::new();
        for value in acceptances {
            let signed = Statement::from_value(value)
                .map_err(|error| refuse(format!("An acceptance of the charter cannot be read: {error}.")))?;
            let node = node_of(&signed.statement, &epoch)
                .ok_or_else(|| refuse("An acceptance of the charter is not by a founding party.".to_owned()))?;
            let Body::Charter { digest } = signed.statement.body else {
                return Err(refuse("A statement among the acceptances is none.".to_owned()));
            };
            accepted.push((node.clone(), digest));
        }
        match epoch.ratification(&accepted).missing.first() {
            None => Ok(Self { epochs: vec![epoch], decisions: BTreeMap::new() }),
            Some(missing) => Err(refuse(format!("{missing} has not accepted the charter."))),
        }
    }

    /// The latest epoch proven.
    pub fn last(&self) -> &Epoch {
        self.epochs.last().expect("epoch 0 at least")
    }

    /// Adds a decision, and the epoch that it begins.
    pub fn add(&mut self, link: &Link) -> Result<(), Fault> {
        let opened = self.open(&link.opening, Step::Epochs)?;
        let ended = self.end(&opened.opening, &link.sittings, Step::Epochs)?;
        let outcome = &last_of(&link.sittings, Step::Epochs)?.outcome;
        let taken = outcome.effects == Effects::Taken && outcome.passed();
        let effects = if taken { opened.opening.question.effects } else { Vec::new() };
        if let Some(number) = outcome.becomes_epoch.filter(|_| taken) {
            self.begin(number, &effects, &ended.cut)?;
        }
        self.decisions.insert(opened.opening.digest, Certified { at: ended.sitting.closes, effects });
        Ok(())
    }

    fn begin(&mut self, number: u64, effects: &[crate::statement::Effect], cut: &Cut) -> Result<(), Fault> {
        let last = self.last();
        let refuse = |text: String| Err(Fault::new(Step::Epochs, text));
        if number != last.number + 1 {
            return refuse(format!("Epoch {number} does not follow epoch {}: one is missing.", last.number));
        }
        match last.apply(effects, &cut.frozen_sizes()) {
            Ok(next) if next.number == number => self.epochs.push(next),
            Ok(_) => return refuse(format!("The decision that is to begin epoch {number} begins none.")),
            Err(problem) => return refuse(format!("Epoch {number} cannot begin: {}", problem.flaw)),
        }
        Ok(())
    }

    /// The epoch that an opening names.
    pub fn epoch_of(&self, opening: &Opening) -> &Epoch {
        usize::try_from(opening.epoch).ok().and_then(|number| self.epochs.get(number)).expect("checked when opened")
    }

    /// Reads an opening and finds its epoch.
    pub fn open(&self, value: &Value, step: Step) -> Result<Opened, Fault> {
        let refuse = |text: String| Fault::new(step, text);
        let signed =
            Statement::from_value(value).map_err(|error| refuse(format!("An opening cannot be read: {error}.")))?;
        let opening = Opening::read(&signed.statement, signed.digest)
            .ok_or_else(|| refuse("A statement in place of an opening opens no vote.".to_owned()))?;
        if opening.consortium != self.last().consortium {
            return Err(refuse("An opening belongs to another consortium.".to_owned()));
        }
        let epoch =
            usize::try_from(opening.epoch).ok().and_then(|number| self.epochs.get(number)).ok_or_else(|| {
                let (named, last) = (opening.epoch, self.last().number);
                Fault::new(
                    Step::Epochs,
                    format!("A vote was opened in epoch {named}, but the decisions here lead to epoch {last} only."),
                )
            })?;
        if node_of(&signed.statement, epoch) != Some(&opening.node) {
            return Err(refuse("An opening is not signed by a party with its key of that epoch.".to_owned()));
        }
        Ok(Opened { opening, signed })
    }

    /// Verifies the certificates of all sittings.
    pub fn end(&self, opening: &Opening, sittings: &[Settled], step: Step) -> Result<Ended, Fault> {
        let epoch = self.epoch_of(opening);
        let (last, earlier) = sittings.split_last().ok_or_else(|| without_sitting(step))?;
        let mut sitting = Sitting::first(opening);
        for settled in earlier {
            check_sitting(settled, opening, &sitting, epoch, step)?;
            sitting = sitting
                .after(&settled.outcome, &epoch.charter)
                .ok_or_else(|| Fault::new(step, "A sitting before the last one did not extend the vote."))?;
        }
        if matches!(last.outcome.verdict, Verdict::Extended { .. }) {
            return Err(Fault::new(step, "The vote was extended and its result is not here."));
        }
        let (cut, certification) = check_sitting(last, opening, &sitting, epoch, step)?;
        Ok(Ended { sitting, cut, certification })
    }
}

pub(super) fn last_of(sittings: &[Settled], step: Step) -> Result<&Settled, Fault> {
    sittings.last().ok_or_else(|| without_sitting(step))
}

fn without_sitting(step: Step) -> Fault {
    Fault::new(step, "A vote is here without its result.")
}

/// Whether a quorum certified this outcome of this sitting, over a cut that was certified in time.
fn check_sitting(
    settled: &Settled,
    opening: &Opening,
    sitting: &Sitting,
    epoch: &Epoch,
    step: Step,
) -> Result<(Cut, Certification), Fault> {
    let Settled { outcome, certificate } = settled;
    let name = format!("sitting {} of the vote {}", sitting.number, opening.digest.short(16));
    let refuse = |text: String| Fault::new(step, text);
    if (certificate.proposal, certificate.sitting) != (opening.digest, sitting.number) {
        return Err(refuse(format!("The certificate in place of that of {name} is for another vote.")));
    }
    let certification = certificate
        .verify(epoch)
        .map_err(|error| refuse(format!("The certificate of {name} does not hold: {error}.")))?;
    let cut = Cut::read(&certificate.cut, epoch, settles_at(sitting, &epoch.charter))
        .map_err(|error| refuse(format!("The cut of {name} does not hold: {error}.")))?;
    let certified = tally::value(opening.digest, sitting.number, cut.digest(), outcome.digest()) == certificate.value;
    if certified && is_of(outcome, opening, sitting) {
        return Ok((cut, certification));
    }
    Err(refuse(format!("The outcome of {name} is not the one that was certified.")))
}

fn is_of(outcome: &Outcome, opening: &Opening, sitting: &Sitting) -> bool {
    (outcome.proposal, outcome.sitting) == (opening.digest, sitting.number)
}

/// The party that signed a statement of this epoch.
fn node_of<'a>(statement: &Statement, epoch: &'a Epoch) -> Option<&'a NodeId> {
    let Signer::Node(node) = &statement.signer else { return None };
    let party = &epoch.parties[epoch.party_of_node(node)?];
    let in_place = (statement.consortium, statement.epoch) == (epoch.consortium, epoch.number);
    (in_place && party.key == statement.key).then_some(&party.node)
}
