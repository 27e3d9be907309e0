//! Recording what the nodes agreed on: the decision, its number, and what it does.

use folkmoot_governance::certification::Certificate;
use folkmoot_governance::certification::cut::Cut;
use folkmoot_governance::certification::message::Subject;
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::extract::{CertifiedSize, cut_digest};
use folkmoot_governance::id::{Digest, JournalId, Time};
use folkmoot_governance::proposal::{Opening, settles_at};
use folkmoot_governance::roll::Certified;
use folkmoot_governance::statement::{Body, Decision, Effect};
use folkmoot_governance::tally::{Effects, Outcome, Verdict};

use super::count::{self, Vote};
use super::error::{ActionError, Result};
use super::standing::{EpochChange, Standing};
use super::{electorate, journals, report_fault};
use crate::app::App;
use crate::storage::epoch_votes::{self, Claim};
use crate::storage::{Conn, closings, decisions, entries, epochs, proposals};
use crate::words::Message;

/// Stores a certificate that this node assembled itself, publishes it, and lets it take effect.
pub async fn certify(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    vote: &Vote,
    certificate: Certificate,
    now: Time,
) -> Result<()> {
    let cut = cut_of(&vote.epoch, &certificate);
    let outcome = count::count(conn, standing, vote, &cut).await?;
    let value =
        folkmoot_governance::tally::value(vote.digest(), vote.sitting.number, cut_digest(&cut), outcome.digest());
    if value != certificate.value {
        return Err(ActionError::corrupt("certificate")("its value is not this node's count"));
    }
    record(conn, standing, vote, &certificate, &outcome, &cut, now).await?;
    super::project::refresh_members(conn, now).await?;
    let outcome = serde_json::to_value(&outcome).map_err(ActionError::corrupt("outcome"))?;
    let decision = Decision { proposal: vote.digest(), outcome, certificate };
    journals::publish(conn, app, standing, Body::Article(Box::new(decision)), now).await.map(|_| ())
}

/// Takes over a decision that another node published at `published`, after checking its certificate and its outcome.
/// A node that was away catches up by this alone.
pub async fn adopt(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    decision: &Decision,
    published: Time,
    now: Time,
) -> Result<bool> {
    let sitting = decision.certificate.sitting;
    if let Some(known) = decisions::find(conn, decision.proposal, sitting).await? {
        compare(conn, standing, &known, decision, published, now).await?;
        return Ok(true);
    }
    let vote = match count::load_vote(conn, app, standing, decision.proposal).await {
        Ok(vote) if vote.sitting.number == sitting => vote,
        // The opening, the epoch or an earlier sitting is not here yet; the entry is looked at again later.
        Ok(_) | Err(ActionError::NotFound(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    if let Err(error) = decision.certificate.verify(&vote.epoch) {
        tracing::warn!(%error, "a published certificate is not valid");
        return Ok(true);
    }
    let settled = settles_at(&vote.sitting, &vote.epoch.charter);
    let cut = match Cut::read(&decision.certificate.cut, &vote.epoch, settled) {
        Ok(cut) if cut.covers(&vote.roll_cut) => cut.sizes().to_vec(),
        _ => {
            tracing::warn!("the cut of a published certificate is not valid");
            return Ok(true);
        }
    };
    let Ok(outcome) = serde_json::from_value::<Outcome>(decision.outcome.clone()) else {
        // Another node's words, not this one's: a fault of theirs must stop nothing here.
        tracing::warn!("a published outcome cannot be read");
        return Ok(true);
    };
    let value = folkmoot_governance::tally::value(vote.digest(), sitting, cut_digest(&cut), outcome.digest());
    if value != decision.certificate.value {
        tracing::warn!("a published outcome is not the certified one");
        return Ok(true);
    }
    if let Some(number) = outcome.becomes_epoch
        && number != standing.epoch().number + 1
    {
        return Ok(false);
    }
    let at = published.max(vote.sitting.closes);
    record(conn, standing, &vote, &decision.certificate, &outcome, &cut, at).await?;
    super::project::refresh_members(conn, now).await?;
    Ok(true)
}

/// What another node's certificate says about a decision that is known here: that it was made earlier, or, where it is
/// for another value, who made both possible.
async fn compare(
    conn: &mut Conn,
    standing: &Standing,
    known: &decisions::DecisionRow,
    decision: &Decision,
    published: Time,
    now: Time,
) -> Result<()> {
    if decision.certificate.subject() != (Subject { proposal: known.proposal, sitting: known.sitting }) {
        tracing::warn!("a published decision brings the certificate of another vote");
        return Ok(());
    }
    let (at, same) = (published.max(known.closed_at), known.value == decision.certificate.value);
    if same && at >= known.certified_at {
        return Ok(());
    }
    let epoch = opening(conn, known.proposal).await?.epoch;
    let epoch = standing.epoch_number(epoch).ok_or(ActionError::NotFound("missing-epoch-of-vote"))?;
    if let Err(error) = decision.certificate.verify(epoch) {
        tracing::warn!(%error, "a published certificate is not valid");
        return Ok(());
    }
    if same {
        return decisions::certified_at(conn, known.proposal, known.sitting, at).await.map_err(Into::into);
    }
    let ours = certificate(conn, known).await?;
    report_fault::two_certificates(conn, epoch, known, [&ours, &decision.certificate], now).await
}

/// A decision that this node took over from others, of an epoch in which it is a party with the key that it has, and
/// has not yet said that it holds.
pub async fn unsaid(conn: &mut Conn, app: &App, standing: &Standing) -> Result<Option<decisions::DecisionRow>> {
    if standing.own_journal(app).is_none() {
        return Ok(None);
    }
    let own = |epoch: &&Epoch| super::standing::own_place(epoch, app).is_some();
    let epochs: Vec<u64> = standing.epochs.iter().filter(own).map(|epoch| epoch.number).collect();
    decisions::not_said_by(conn, &app.node, &epochs).await.map_err(Into::into)
}

/// Publishes that this node holds such a decision: whoever was away while a vote was closed would be shown as silent for
/// ever.
pub async fn say_what_is_held(conn: &mut Conn, app: &App, now: Time) -> Result<()> {
    let standing = super::standing::lock(conn).await?;
    let Some(row) = unsaid(conn, app, &standing).await? else { return Ok(()) };
    let certificate = certificate(conn, &row).await?;
    let outcome = serde_json::from_slice(&row.outcome).map_err(ActionError::corrupt("outcome"))?;
    let decision = Decision { proposal: row.proposal, outcome, certificate };
    journals::publish(conn, app, &standing, Body::Article(Box::new(decision)), now).await.map(|_| ())
}

async fn record(
    conn: &mut Conn,
    standing: &Standing,
    vote: &Vote,
    certificate: &Certificate,
    outcome: &Outcome,
    cut: &[CertifiedSize],
    certified_at: Time,
) -> Result<()> {
    let row = decisions::DecisionRow {
        proposal: vote.digest(),
        sitting: vote.sitting.number,
        number: outcome.number,
        outcome: serde_json::to_vec(outcome).map_err(ActionError::corrupt("outcome"))?,
        value: certificate.value,
        closed_at: vote.sitting.closes,
        certified_at,
    };
    let certificate = serde_json::to_vec(certificate).map_err(ActionError::corrupt("certificate"))?;
    decisions::put(conn, &row, &certificate).await?;
    closings::finish(conn, vote.digest(), vote.sitting.number).await?;
    let state = match &outcome.verdict {
        Verdict::Decided { passed: true, .. } => "passed",
        Verdict::Decided { .. } => "not-passed",
        Verdict::Withdrawn => "withdrawn",
        Verdict::Extended { .. } => "open",
    };
    let closes = match &outcome.verdict {
        Verdict::Extended { closes, .. } => *closes,
        _ => vote.sitting.closes,
    };
    let sitting = vote.sitting.number + u32::from(matches!(outcome.verdict, Verdict::Extended { .. }));
    proposals::decided(conn, vote.digest(), state, closes, sitting, outcome.number).await?;
    if let (Some(number), Effects::Taken) = (outcome.becomes_epoch, outcome.effects) {
        let sizes: Vec<(JournalId, u64)> = cut.iter().map(|point| (point.journal.clone(), point.size)).collect();
        begin_epoch(conn, standing, number, vote, sizes, certified_at).await?;
    }
    Ok(())
}

async fn begin_epoch(
    conn: &mut Conn,
    standing: &Standing,
    number: u64,
    vote: &Vote,
    cut: Vec<(JournalId, u64)>,
    since: Time,
) -> Result<()> {
    if number != standing.epoch().number + 1 {
        return Err(ActionError::corrupt("epoch")("a certified epoch does not follow the one in force"));
    }
    let change = EpochChange { effects: vote.opening.question.effects.clone(), cut };
    let document = serde_json::to_vec(&change).map_err(ActionError::corrupt("epoch"))?;
    epochs::insert(conn, &epochs::EpochRow { number, document, decided_by: vote.digest(), since }).await?;
    for journal in super::standing::load(conn).await?.epoch().journals() {
        crate::storage::journals::lock_or_create(conn, &journal.journal, journal.node, false).await?;
    }
    tracing::info!(epoch = number, "a new epoch begins");
    Ok(())
}

/// The outcomes of the earlier sittings of a vote, in order: each extended it.
pub async fn earlier_outcomes(conn: &mut Conn, proposal: Digest) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for row in decisions::of_proposal(conn, proposal).await? {
        let outcome = outcome_of(&row)?;
        if matches!(outcome.verdict, Verdict::Extended { .. }) {
            outcomes.push(outcome);
        }
    }
    Ok(outcomes)
}

/// Whether the roll has to be replayed when a node records this decision.
pub async fn ends_members(conn: &mut Conn, proposal: Digest) -> Result<bool> {
    for row in decisions::of_proposal(conn, proposal).await? {
        if electorate::ends_members(&certified(conn, &row).await?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A stored decision as the roll needs it.
pub async fn certified(conn: &mut Conn, row: &decisions::DecisionRow) -> Result<Certified> {
    let effects = match outcome_of(row)?.effects {
        Effects::Taken => opening(conn, row.proposal).await?.question.effects,
        _ => Vec::new(),
    };
    Ok(Certified { at: row.closed_at, effects })
}

/// The opening statement of a vote.
pub async fn opening(conn: &mut Conn, digest: Digest) -> Result<Opening> {
    let row = entries::by_digest(conn, digest).await?.and_then(|row| row.bytes);
    let bytes = row.ok_or(ActionError::NotFound("missing-opening"))?;
    let signed = journals::read_bytes(&bytes)?;
    Opening::read(&signed.statement, digest).ok_or(ActionError::NotFound("missing-opening"))
}

/// The number of the decision in the register: its rank among all openings that the cut shows, by (opens, digest).
/// A function of the cut alone, so that all nodes agree; an opening that never became valid leaves a gap.
pub async fn number(conn: &mut Conn, vote: &Vote, cut: &[CertifiedSize]) -> Result<u64> {
    let mine = (vote.opening.voting.opens, vote.digest());
    let mut rank = 1;
    for opening in openings_below(conn, cut).await? {
        rank += u64::from((opening.voting.opens, opening.digest) < mine);
    }
    Ok(rank)
}

/// Whether every vote on parties or charter that closes before this one is settled here: only then can this node say
/// which epoch this one begins. A vote that found no certificate for so long that the assembly settles it is no longer
/// waited for; should it be certified after all, the claim on the epoch's number keeps the two apart.
pub async fn earlier_are_settled(conn: &mut Conn, vote: &Vote, cut: &[CertifiedSize], now: Time) -> Result<bool> {
    if !begins_epoch(&vote.opening) {
        return Ok(true);
    }
    let mine = (vote.sitting.closes, vote.digest());
    let patience = vote.epoch.charter.closing.abandon_seconds;
    for opening in openings_below(conn, cut).await? {
        if opening.digest == vote.digest() || !begins_epoch(&opening) {
            continue;
        }
        let void = proposals::state_of(conn, opening.digest).await?.is_none_or(|state| state == "void");
        // An extended vote closes when its last sitting does, otherwise two votes could wait for each other.
        let Some(closes) = unsettled_until(conn, &opening).await? else { continue };
        if !void && (closes, opening.digest) < mine && now < closes.plus(patience) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the vote can begin an epoch.
pub fn begins_epoch(opening: &Opening) -> bool {
    opening.question.effects.iter().any(Effect::begins_epoch)
}

/// When the sitting at hand of a vote closes; `None` once a certificate has ended the vote.
async fn unsettled_until(conn: &mut Conn, opening: &Opening) -> Result<Option<Time>> {
    let mut until = opening.voting.closes;
    for row in decisions::of_proposal(conn, opening.digest).await? {
        match outcome_of(&row)?.verdict {
            Verdict::Extended { closes, .. } => until = closes,
            _ => return Ok(None),
        }
    }
    Ok(Some(until))
}

/// Puts this node's name to the vote as the one that begins epoch `number`; false while another holds the number.
/// A claim ends when its sitting is certified as something else: no other outcome of that sitting can follow.
pub async fn claim_epoch(conn: &mut Conn, number: u64, vote: &Vote) -> Result<bool> {
    let claim = Claim { proposal: vote.digest(), sitting: vote.sitting.number };
    if let Some(holder) = epoch_votes::holder(conn, number).await?
        && holder.proposal != claim.proposal
    {
        let settled = decisions::find(conn, holder.proposal, holder.sitting).await?;
        let ended = settled.map(|row| outcome_of(&row)).transpose()?;
        if ended.is_none_or(|outcome| outcome.becomes_epoch == Some(number)) {
            return Ok(false);
        }
    }
    epoch_votes::put(conn, number, claim).await?;
    Ok(true)
}

fn outcome_of(row: &decisions::DecisionRow) -> Result<Outcome> {
    serde_json::from_slice(&row.outcome).map_err(ActionError::corrupt("outcome"))
}

/// The openings that stand below a cut.
async fn openings_below(conn: &mut Conn, cut: &[CertifiedSize]) -> Result<Vec<Opening>> {
    let owned = journals::below(conn, &["Question"], cut).await?;
    let entries = owned.iter().flat_map(|journal| &journal.entries);
    Ok(entries.filter_map(|entry| Opening::read(&entry.statement, entry.digest)).collect())
}

/// The decision that people name by its number in the register, or by the key of its proposal, which no two share.
pub async fn named(conn: &mut Conn, name: &str) -> Result<decisions::DecisionRow> {
    const UNKNOWN: ActionError = ActionError::NotFound("missing-decision");
    if let Some(proposal) = proposals::by_key(conn, name).await? {
        let sittings = decisions::of_proposal(conn, proposal.digest.ok_or(UNKNOWN)?).await?;
        return sittings.into_iter().find(|row| row.number.is_some()).ok_or(UNKNOWN);
    }
    let mut found = decisions::by_number(conn, name.parse().map_err(|_| UNKNOWN)?).await?;
    if found.len() > 1 {
        let mut keys = Vec::new();
        for row in &found {
            keys.extend(proposals::by_digest(conn, row.proposal).await?.map(|proposal| proposal.key));
        }
        let message = Message::new("refused-ambiguous").naming("number", name).with("keys", keys.join(", "));
        return Err(ActionError::refused("ambiguous", message));
    }
    found.pop().ok_or(UNKNOWN)
}

/// What a stored decision was certified with.
pub async fn certificate(conn: &mut Conn, row: &decisions::DecisionRow) -> Result<Certificate> {
    let stored = decisions::certificate(conn, row.proposal, row.sitting).await?;
    let stored = stored.ok_or(ActionError::NotFound("missing-decision"))?;
    serde_json::from_slice(&stored).map_err(ActionError::corrupt("certificate"))
}

/// The cut of a decision that this node has stored, or has made of a proposal on record.
pub fn cut_of(epoch: &Epoch, certificate: &Certificate) -> Vec<CertifiedSize> {
    Cut::stored(&certificate.cut, epoch).sizes().to_vec()
}
