//! Receipts that were not honoured: somebody presents one, or this node looks through its own once a vote is decided.
//! What the journal itself proves is published for everybody; what a certified cut left out is kept and shown here.

use std::collections::BTreeSet;

use folkmoot_governance::ballot;
use folkmoot_governance::certification::{Certificate, fault};
use folkmoot_governance::codec::{SignedStatement, StatementError};
use folkmoot_governance::id::{Digest, JournalId, Time};
use folkmoot_governance::journal::{SignedCheckpoint, leaf_hash};
use folkmoot_governance::json;
use folkmoot_governance::statement::{Body, FaultKind, FaultReport, Signer, Statement};
use serde_json::Value;

use super::count::{self, Vote};
use super::error::{ActionError, Result};
use super::standing::{self, Standing};
use super::{decide, journals, report_fault, view_proposal};
use crate::app::App;
use crate::storage::{Conn, checkpoints, decisions, entries, receipts};
use crate::words::Message;

/// What became of a receipt's promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// The ballot stands where it was promised.
    Kept,
    /// The journal is not here as far as the promised place.
    Awaited,
    /// Something else stands there, or the vote was decided without the ballot: the fault is on record now.
    Broken,
}

/// Takes a receipt and its ballot from whoever presents them: both prove themselves.
pub async fn present(app: &App, receipt: Value, ballot: Value, now: Time) -> Result<Promise> {
    let read = move || (Statement::from_value(&receipt), Statement::from_value(&ballot));
    let (receipt, ballot) = tokio::task::spawn_blocking(read).await.map_err(ActionError::corrupt("receipt"))?;
    let refuse =
        |key, error: StatementError| ActionError::refused("receipt", Message::new(key).naming("detail", error));
    let receipt = receipt.map_err(|error| refuse("refused-receipt-unusable", error))?;
    let ballot = ballot.map_err(|error| refuse("refused-ballot-unusable", error))?;
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let Promised { proposal, .. } = check(&standing, &receipt, &ballot)?;
            let decided = decided(conn, &app_in, &standing, proposal).await?;
            judge(conn, &app_in, &standing, &receipt, &ballot, decided.as_ref(), now).await
        })
        .await
}

/// As [`notice`], for every vote with a sitting that has a certified outcome now, and had none `before`. Every party
/// publishes a decision; what the first of them tells of this node's receipts, the others tell too.
pub async fn notice_since(conn: &mut Conn, app: &App, before: &BTreeSet<(Digest, u32)>, now: Time) -> Result<()> {
    for (vote, _) in decisions::sittings(conn).await?.difference(before) {
        notice(conn, app, *vote, now).await?;
    }
    Ok(())
}

/// Looks whether this node's own receipts for a vote were honoured, once it is decided.
pub async fn notice(conn: &mut Conn, app: &App, proposal: Digest, now: Time) -> Result<()> {
    let given = receipts::of_proposal(conn, proposal).await?;
    if given.is_empty() {
        return Ok(());
    }
    let standing = standing::load(conn).await?;
    let Some(decided) = decided(conn, app, &standing, proposal).await? else { return Ok(()) };
    for (ballot, receipt) in given {
        if decided.ballots.contains(&ballot) {
            continue;
        }
        let Some(bytes) = entries::by_digest(conn, ballot).await?.and_then(|row| row.bytes) else {
            tracing::error!(%ballot, "a ballot that this node gave a receipt for is in no journal here");
            continue;
        };
        let (receipt, ballot) = (journals::read_bytes(&receipt)?, journals::read_bytes(&bytes)?);
        // One proof for a vote is enough.
        if judge(conn, app, &standing, &receipt, &ballot, Some(&decided), now).await? == Promise::Broken {
            return Ok(());
        }
    }
    Ok(())
}

/// What a receipt promises.
struct Promised {
    proposal: Digest,
    journal: JournalId,
    position: u64,
}

/// Whether the receipt is one: by a party, for its own journal, about this ballot.
fn check(standing: &Standing, receipt: &SignedStatement, ballot: &SignedStatement) -> Result<Promised> {
    let refuse = |key: &'static str| ActionError::refused("receipt", key);
    let Body::Receipt { ballot: promised, journal, position } = &receipt.statement.body else {
        return Err(refuse("refused-not-a-receipt"));
    };
    let Body::Ballot(cast) = &ballot.statement.body else { return Err(refuse("refused-not-a-ballot")) };
    if *promised != ballot.digest {
        return Err(refuse("refused-receipt-other-ballot"));
    }
    let Statement { signer, key, consortium, epoch, .. } = &receipt.statement;
    if *consortium != standing.id || ballot.statement.consortium != standing.id {
        return Err(refuse("refused-receipt-other-consortium"));
    }
    let Signer::Node(node) = signer else { return Err(refuse("refused-receipt-not-by-a-node")) };
    let parties = standing.epoch_number(*epoch).map_or(&[][..], |epoch| &epoch.parties);
    if !parties.iter().any(|party| party.node == *node && party.key == *key) {
        return Err(refuse("refused-receipt-not-by-a-party"));
    }
    if *journal != JournalId::new(standing.id, node, key.as_bytes()) {
        return Err(refuse("refused-receipt-foreign-journal"));
    }
    Ok(Promised { proposal: cast.proposal, journal: journal.clone(), position: *position })
}

/// A decided vote and the ballots that its cut holds, counted or not.
struct Decided {
    vote: Vote,
    certificate: Certificate,
    ballots: BTreeSet<Digest>,
}

async fn decided(conn: &mut Conn, app: &App, standing: &Standing, proposal: Digest) -> Result<Option<Decided>> {
    let Some(row) = view_proposal::decided(conn, proposal).await? else { return Ok(None) };
    let vote = count::load_vote(conn, app, standing, proposal).await?;
    let certificate = decide::certificate(conn, &row).await?;
    let cut = decide::cut_of(&vote.epoch, &certificate);
    let owned = journals::about(conn, proposal, &cut).await?;
    let ballots = owned.iter().flat_map(|journal| &journal.entries).map(|entry| entry.digest).collect();
    Ok(Some(Decided { vote, certificate, ballots }))
}

async fn judge(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    receipt: &SignedStatement,
    ballot: &SignedStatement,
    decided: Option<&Decided>,
    now: Time,
) -> Result<Promise> {
    let Promised { proposal, journal, position } = check(standing, receipt, ballot)?;
    let leaf = entries::leaf_at(conn, &journal, position).await?;
    let in_place = leaf == Some(leaf_hash(&ballot.bytes));
    if !in_place && let Some(report) = other_leaf(conn, &journal, receipt, ballot, position).await? {
        report_fault::tell(conn, app, standing, report, Some(proposal), now).await?;
        return Ok(Promise::Broken);
    }
    if let Some(report) = decided.and_then(|decided| left_out(decided, receipt, ballot)) {
        report_fault::keep(conn, &report, proposal, now).await?;
        return Ok(Promise::Broken);
    }
    Ok(if in_place { Promise::Kept } else { Promise::Awaited })
}

/// The proof that something else stands in the promised place, if a signed checkpoint reaches that far.
async fn other_leaf(
    conn: &mut Conn,
    journal: &JournalId,
    receipt: &SignedStatement,
    ballot: &SignedStatement,
    position: u64,
) -> Result<Option<FaultReport>> {
    let Some(row) = checkpoints::latest(conn, journal).await?.filter(|row| row.size > position) else {
        return Ok(None);
    };
    let note: SignedCheckpoint = row.note.parse().map_err(ActionError::corrupt("checkpoint"))?;
    let leaves = entries::leaves(conn, journal, 0, row.size).await?;
    Ok(fault::find_broken_receipt(receipt, ballot, &note, &leaves))
}

/// A ballot that fits the vote, had its receipt while voting went on, and is in no journal of the certified cut.
fn left_out(decided: &Decided, receipt: &SignedStatement, ballot: &SignedStatement) -> Option<FaultReport> {
    let fits = ballot::check(&decided.vote.lend(), &ballot.statement, ballot.digest).is_ok();
    let in_time = receipt.statement.published < decided.vote.sitting.closes;
    let Signer::Node(node) = &receipt.statement.signer else { return None };
    if !fits || !in_time || decided.ballots.contains(&ballot.digest) {
        return None;
    }
    let certificate = json::canonical(&decided.certificate);
    let documents = [receipt.bytes.clone(), ballot.bytes.clone(), certificate];
    let evidence = documents.into_iter().map(|bytes| String::from_utf8(bytes).expect("canonical JSON is UTF-8"));
    Some(FaultReport { fault: FaultKind::BrokenReceipt, culprit: node.to_string(), evidence: evidence.collect() })
}
