//! Verifies a bundle step by step and stops at the first fault.

use serde::Deserialize;

use super::chain::{Chain, Ended, last_of};
use super::shelf::Opened;
use super::{Bundle, Check, FORMAT, Fault, MAX_BUNDLE_BYTES, Report, Shelf, Step};
use crate::ballot::{Cast, Settled as SettledBallots, check as check_ballot, settle};
use crate::certification::cut::Cut;
use crate::codec::SignedBallot;
use crate::epoch::Epoch;
use crate::extract::{CertifiedSize, Extract};
use crate::id::{NodeId, Time};
use crate::journal::SignedCheckpoint;
use crate::json;
use crate::key::Batch;
use crate::proposal::{Opening, OpeningContext, Vote, check_opening};
use crate::roll::{self, Roll};
use crate::tally;

/// Who decided what and everything that was checked, or the first fault. `randomness` fills a buffer with bytes that
/// the makers of the file could not foresee: ballots are verified in a batch.
pub fn verify(bytes: &[u8], randomness: &mut dyn FnMut(&mut [u8])) -> Result<Report, Fault> {
    let bundle = read(bytes)?;
    let mut checks = Checks(Vec::new());
    checks.held(Step::Format, format!("{FORMAT}, {} bytes of canonical JSON.", bytes.len()));
    let chain = prove_epochs(&bundle, &mut checks)?;

    let opened = chain.open(&bundle.decision.opening, Step::Opening)?;
    let opening = &opened.opening;
    let epoch = chain.epoch_of(opening);
    let mut journals = bundle.journals.iter().map(|shelf| Opened::read(shelf, epoch)).collect::<Result<Vec<_>, _>>()?;
    let latest = opening.voting.opens.plus(-epoch.charter.roll.minimum_age_seconds);
    let roll_cut = Cut::read(&opening.voting.cut, epoch, latest)
        .map_err(|error| Fault::new(Step::Roll, format!("The roll cut does not hold: {error}.")))?;
    let roll = replay(&bundle, &chain, opening, &journals, &roll_cut)?;
    checks.held(Step::Roll, format!("{} members could vote; electorate {}.", roll.seats.len(), roll.digest()));

    let announced = read_announced(&bundle.announced, opening, epoch)?;
    let context = OpeningContext {
        epoch,
        unratified: 0,
        roll: &roll,
        cut: roll_cut.sizes(),
        certified_at: Some(announced.certified_at),
    };
    check_opening(&opened.signed.statement, opening.digest, &context)
        .map_err(|refusal| Fault::new(Step::Opening, format!("The vote was not opened validly: {refusal}")))?;
    checks.held(
        Step::Opening,
        format!("{} opened by {}, proposal {}.", opening.question.name, opening.node, opening.digest),
    );

    let ended = chain.end(opening, &bundle.decision.sittings, Step::Certificate)?;
    if !ended.cut.covers(roll_cut.sizes()) {
        return Err(Fault::new(Step::Certificate, "The cut of the decision is behind the roll cut."));
    }
    let signers = signers(&ended, epoch);
    checks.held(Step::Certificate, format!("{} of {} parties signed.", signers.len(), epoch.n()));

    let ballots = read_ballots(&bundle.journals, &mut journals, opening, &roll, randomness)?;
    checks.held(Step::Ballots, format!("{ballots} ballots, each signed by a member's key."));
    check_journals(&journals, opening, [roll_cut.sizes(), ended.cut.sizes(), &[announced]])?;
    checks.held(Step::Journals, format!("The leaves of {} journals make the certified roots.", journals.len()));

    let outcome = last_of(&bundle.decision.sittings, Step::Certificate)?;
    let vote = Vote { opening, sitting: &ended.sitting, roll: &roll, epoch };
    let extracts: Vec<_> = journals.iter().map(|journal| journal.below(ended.cut.sizes())).collect();
    let number = outcome.outcome.number.unwrap_or(0);
    let counted = tally::count(&tally::Input { vote, extracts: &extracts, current: chain.last(), number });
    if counted != outcome.outcome {
        return Err(Fault::new(Step::Count, "The ballots here count to another outcome than the certified one."));
    }
    checks.held(Step::Count, format!("Counted again, with the same outcome {}.", counted.digest()));
    Ok(Report {
        consortium: epoch.consortium,
        name: epoch.charter.name.clone(),
        epoch: epoch.number,
        parties: epoch.parties.iter().map(|party| party.node.clone()).collect(),
        signers,
        question: opening.question.clone(),
        proposal: opening.digest,
        opens: opening.voting.opens,
        closes: ended.sitting.closes,
        outcome_digest: counted.digest(),
        cut: ended.cut.digest(),
        value: outcome.certificate.value,
        electorate: roll.digest(),
        checks: checks.0,
        ballots: counted_ballots(&vote, &extracts),
        charter: epoch.charter.clone(),
        outcome: counted,
    })
}

struct Checks(Vec<Check>);

impl Checks {
    fn held(&mut self, step: Step, detail: String) {
        self.0.push(Check { step, detail });
    }
}

/// Canonical JSON of the one format: what is written back must be what was read.
fn read(bytes: &[u8]) -> Result<Bundle, Fault> {
    let refuse = |text: String| Fault::new(Step::Format, text);
    let value =
        json::parse(bytes, MAX_BUNDLE_BYTES).map_err(|error| refuse(format!("The file cannot be read: {error}.")))?;
    let format = value.get("format").and_then(|format| format.as_str()).unwrap_or("none");
    if format != FORMAT {
        let format: String = format.chars().take(40).collect();
        return Err(refuse(format!("The format is {format}; {FORMAT} is understood.")));
    }
    let bundle = Bundle::deserialize(&value).map_err(|error| refuse(format!("The file is not a bundle: {error}.")))?;
    if json::canonical(&bundle) != bytes {
        return Err(refuse("The file is not in its canonical form.".to_owned()));
    }
    Ok(bundle)
}

fn prove_epochs(bundle: &Bundle, checks: &mut Checks) -> Result<Chain, Fault> {
    let mut chain = Chain::found(&bundle.genesis, &bundle.acceptances)?;
    checks.held(Step::Genesis, format!("{}, {}.", chain.last().charter.name, chain.last().consortium));
    checks.held(Step::Ratification, format!("All {} founding parties accepted the charter.", chain.last().n()));
    for link in &bundle.decisions {
        chain.add(link)?;
    }
    let (links, last) = (bundle.decisions.len(), chain.last().number);
    checks.held(Step::Epochs, format!("{links} earlier decisions, each certified, lead to epoch {last}."));
    Ok(chain)
}

/// The electorate, which must be the one that the opening names.
fn replay(bundle: &Bundle, chain: &Chain, opening: &Opening, journals: &[Opened], cut: &Cut) -> Result<Roll, Fault> {
    let epoch = chain.epoch_of(opening);
    let epochs: Vec<Epoch> = chain.epochs.iter().take_while(|known| known.number <= epoch.number).cloned().collect();
    let extracts: Vec<Extract<'_>> = journals.iter().map(|journal| journal.below(cut.sizes())).collect();
    let register = roll::replay(&roll::Input {
        epochs: &epochs,
        founding: &bundle.genesis.members,
        extracts: &extracts,
        decisions: &chain.decisions,
        at: opening.voting.opens,
    });
    let unknown = register.unknown_decisions.first().copied();
    let roll = register.freeze(epoch, opening.voting.opens);
    if roll.digest() == opening.voting.electorate {
        return Ok(roll);
    }
    let why = unknown.map_or(String::new(), |digest| format!(" The decision {} is missing.", digest.short(16)));
    let detail = format!("The statements here make another electorate than the one that was certified.{why}");
    Err(Fault::new(Step::Roll, detail))
}

/// The checkpoint that covers the opening. Every signature on it must count, so that nothing in it can be altered.
fn read_announced(note: &str, opening: &Opening, epoch: &Epoch) -> Result<CertifiedSize, Fault> {
    let refuse = |text: String| Fault::new(Step::Opening, text);
    let signed: SignedCheckpoint =
        note.parse().map_err(|error| refuse(format!("The checkpoint of the opening cannot be read: {error}.")))?;
    let journals = epoch.journals();
    let own = journals.iter().find(|known| known.journal == signed.checkpoint.journal && *known.node == opening.node);
    let own = own.ok_or_else(|| refuse("The checkpoint of the opening is not of its node's journal.".to_owned()))?;
    if signed.pruned(&own.key, &epoch.parties).to_string() != note {
        return Err(refuse("The checkpoint of the opening carries a signature that is not valid.".to_owned()));
    }
    let cut = Cut::read(&[note.to_owned()], epoch, Time::MAX)
        .map_err(|error| refuse(format!("The checkpoint of the opening does not hold: {error}.")))?;
    Ok(cut.sizes()[0].clone())
}

fn signers(ended: &Ended, epoch: &Epoch) -> Vec<NodeId> {
    ended.certification.signers.iter().map(|index| epoch.parties[usize::from(index.0)].node.clone()).collect()
}

/// Rebuilds all ballots and verifies their signatures; returns how many there are.
fn read_ballots(
    shelves: &[Shelf],
    journals: &mut [Opened],
    opening: &Opening,
    roll: &Roll,
    randomness: &mut dyn FnMut(&mut [u8]),
) -> Result<usize, Fault> {
    let (mut batch, mut ballots) = (Batch::default(), Vec::new());
    for (shelf, journal) in shelves.iter().zip(journals) {
        ballots.extend(journal.add_ballots(&shelf.ballots, opening, roll, &mut batch)?);
    }
    if batch.verify(randomness) {
        return Ok(ballots.len());
    }
    let wrong = ballots.iter().find(|ballot| !SignedBallot::is_valid(ballot));
    let seat = wrong.and_then(|ballot| roll.seat(ballot.ballot.index));
    let whose = seat.map_or(String::new(), |seat| format!(" of {}", seat.member));
    Err(Fault::new(Step::Ballots, format!("A ballot{whose} is not what its signature says.")))
}

/// Every certified size has its journal here, the leaves make the roots, and the opening stands where it must.
fn check_journals(journals: &[Opened], opening: &Opening, sizes: [&[CertifiedSize]; 3]) -> Result<(), Fault> {
    let refuse = |text: String| Fault::new(Step::Journals, text);
    for certified in sizes.into_iter().flatten().filter(|certified| certified.size > 0) {
        let count = journals.iter().filter(|journal| journal.journal == certified.journal).count();
        if count != 1 {
            return Err(refuse(format!("{} is here {count} times.", certified.journal)));
        }
    }
    for journal in journals {
        journal.check_roots(sizes.into_iter().flatten())?;
    }
    let announced = &sizes[2][0];
    let own = journals.iter().find(|journal| journal.journal == announced.journal);
    let position = own.and_then(|journal| journal.position_of(opening.digest));
    if position.is_some_and(|position| position < announced.size) {
        return Ok(());
    }
    Err(refuse("The opening is not below its checkpoint.".to_owned()))
}

fn counted_ballots(vote: &Vote<'_>, extracts: &[Extract<'_>]) -> Vec<Cast> {
    let entries = extracts.iter().flat_map(|extract| extract.entries);
    let casts = entries.filter_map(|entry| check_ballot(vote, &entry.statement, entry.digest).ok());
    let SettledBallots { counted, .. } = settle(casts);
    counted.into_values().collect()
}
