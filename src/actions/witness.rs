//! Checkpoints and cosignatures: this node signs its own journal's and witnesses every other.
//! Order of writes: leaves, then root, then the cosignature, all committed before anything is answered.

use folkmoot_governance::id::{JournalId, Time};
use folkmoot_governance::journal::{Checkpoint, Frontier, SignedCheckpoint, Witnessed};
use folkmoot_governance::statement::Party;

use super::error::{ActionError, Result};
use super::standing::Standing;
use crate::app::App;
use crate::storage::checkpoints::{self, CheckpointRow};
use crate::storage::{Conn, deliveries, journals};

/// Signs a checkpoint of this node's own journal, if it grew since the last one. True if there is a new one.
pub async fn checkpoint_own(conn: &mut Conn, app: &App, standing: &Standing, now: Time) -> Result<bool> {
    let Some(journal) = standing.own_journal(app) else { return Ok(false) };
    let Some(row) = journals::lock(conn, &journal).await? else { return Ok(false) };
    let last = checkpoints::latest(conn, &journal).await?;
    if row.size == 0 || last.is_some_and(|last| last.size >= row.size) {
        return Ok(false);
    }
    let frontier =
        Frontier::from_bytes(&row.frontier).ok_or_else(|| ActionError::corrupt("journal tree")("not a frontier"))?;
    let checkpoint = Checkpoint { journal: journal.clone(), size: row.size, root: frontier.root() };
    let line = checkpoint.cosign(&app.node, &app.keys.statement, now);
    let mut signed = checkpoint.sign(&app.keys.statement);
    signed.signatures.push(line);
    keep(conn, standing, &signed).await?;
    tell_peers(conn, app, standing, now).await?;
    Ok(true)
}

/// Keeps a checkpoint of a peer's journal whose leaves are all stored here, and cosigns it.
///
/// Refuses nothing silently: `Ok(None)` means that a larger checkpoint was cosigned before, that another branch was, or that
/// leaves are missing.
pub async fn cosign(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    signed: &SignedCheckpoint,
    now: Time,
) -> Result<Option<CheckpointRow>> {
    let Checkpoint { journal, size, .. } = &signed.checkpoint;
    let known = checkpoints::at(conn, journal, *size).await?.and_then(|row| Witnessed::stored(&row.note).ok());
    // Asked again, perhaps because the answer was lost: the first cosignature stays the only one.
    if known.is_some_and(|known| known.cosigned_at(&app.node, &app.keys.statement.public()).is_some()) {
        return keep(conn, standing, signed).await.map(Some);
    }
    let Some(row) = journals::lock(conn, journal).await? else { return Ok(None) };
    let newest_cosigned = checkpoints::newest_cosigned(conn, journal, app.node.as_str()).await?;
    let is_beyond = newest_cosigned.is_some_and(|newest| newest > *size);
    // Of a journal that was replaced, this node has cosigned what contradicts all that follows.
    if row.replaced || row.size < *size || is_beyond {
        keep(conn, standing, signed).await?;
        return Ok(None);
    }
    let mut signed = signed.clone();
    signed.signatures.push(signed.checkpoint.cosign(&app.node, &app.keys.statement, now));
    keep(conn, standing, &signed).await.map(Some)
}

/// Stores what is valid of a note, together with what is known of the same checkpoint.
pub async fn keep(conn: &mut Conn, standing: &Standing, seen: &SignedCheckpoint) -> Result<CheckpointRow> {
    let Checkpoint { journal, size, .. } = &seen.checkpoint;
    let known = checkpoints::at(conn, journal, *size).await?;
    let mut kept = match &known {
        Some(row) => Witnessed::stored(&row.note).map_err(ActionError::corrupt("checkpoint"))?,
        None => standing
            .owner_of(journal)
            .and_then(|(_, key)| Witnessed::new(seen, &key))
            .ok_or_else(|| ActionError::refused("checkpoint", "refused-checkpoint-unsigned"))?,
    };
    let parties = parties(standing);
    let new = kept.take(seen, &parties);
    let epoch = standing.epoch();
    let certified_at = kept.certified_at(&epoch.parties, epoch.quorum());
    if let Some(row) = known
        && new.is_empty()
        && row.certified_at == certified_at
    {
        return Ok(row);
    }
    let row = CheckpointRow {
        journal: journal.clone(),
        size: *size,
        root: kept.note().checkpoint.root,
        note: kept.to_string(),
        certified_at,
    };
    checkpoints::put(conn, &row).await?;
    for witness in new {
        checkpoints::put_cosigned(conn, journal, witness.as_str(), *size).await?;
    }
    Ok(row)
}

/// Parties of every epoch: a vote that was opened in an earlier one needs their cosignatures.
fn parties(standing: &Standing) -> Vec<Party> {
    let mut all: Vec<Party> = Vec::new();
    for party in standing.epochs.iter().rev().flat_map(|epoch| &epoch.parties) {
        if !all.contains(party) {
            all.push(party.clone());
        }
    }
    all
}

/// The newest checkpoint of a journal as a note; empty before the first.
pub async fn latest_note(conn: &mut Conn, journal: &JournalId) -> Result<String> {
    Ok(checkpoints::latest(conn, journal).await?.map(|row| row.note).unwrap_or_default())
}

/// Queues the newest checkpoint for every other party.
pub async fn tell_peers(conn: &mut Conn, app: &App, standing: &Standing, now: Time) -> Result<()> {
    let peers = standing.peers(&app.node);
    let peers: Vec<_> = peers.iter().collect();
    deliveries::enqueue_for_all(conn, &peers, "journal", Some("journal"), b"", now).await?;
    Ok(())
}
