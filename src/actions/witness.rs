//! Checkpoints and cosignatures: this node signs its own journal's and witnesses every other.
//! Order of writes: leaves, then root, then the cosignature, all committed before anything is answered.

use folkmoot_governance::id::{JournalId, Time};
use folkmoot_governance::journal::{Checkpoint, Frontier, SignedCheckpoint, certified_at};
use folkmoot_governance::statement::Party;

use super::error::{ActionError, Result};
use super::standing::Standing;
use crate::app::App;
use crate::storage::{Conn, checkpoints, deliveries, journals};

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
    signed.add(line, &parties(standing));
    keep(conn, standing, &signed).await?;
    tell_peers(conn, app, standing, now).await?;
    Ok(true)
}

/// Cosigns a checkpoint of a peer's journal whose leaves are all stored here. Returns the note with this node's line.
///
/// Refuses nothing silently: `Ok(None)` means that a larger checkpoint was cosigned before, or leaves are missing.
pub async fn cosign(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    signed: &SignedCheckpoint,
    now: Time,
) -> Result<Option<SignedCheckpoint>> {
    let journal = &signed.checkpoint.journal;
    let size = signed.checkpoint.size;
    let known = checkpoints::at(conn, journal, size).await?;
    if let Some(row) = &known
        && let Ok(stored) = row.note.parse::<SignedCheckpoint>()
        && stored.checkpoint == signed.checkpoint
        && stored.cosigned_at(&app.node, &app.keys.statement.public()).is_some()
    {
        // Asked again, perhaps because the answer was lost: the first cosignature stays the only one.
        let mut merged = stored;
        merged.merge(signed, &parties(standing));
        keep(conn, standing, &merged).await?;
        return Ok(Some(merged));
    }
    let Some(row) = journals::lock(conn, journal).await? else { return Ok(None) };
    let newest_cosigned = checkpoints::newest_cosigned(conn, journal, app.node.as_str()).await?;
    if row.size < size || newest_cosigned.is_some_and(|newest| newest > size) {
        return Ok(None);
    }
    let mut merged = signed.clone();
    if let Some(Ok(stored)) = known.map(|row| row.note.parse::<SignedCheckpoint>()) {
        merged.merge(&stored, &parties(standing));
    }
    let line = merged.checkpoint.cosign(&app.node, &app.keys.statement, now);
    merged.add(line, &parties(standing));
    keep(conn, standing, &merged).await?;
    Ok(Some(merged))
}

/// Stores a note with its cosignatures, merged with what is known of the same checkpoint.
pub async fn keep(conn: &mut Conn, standing: &Standing, signed: &SignedCheckpoint) -> Result<SignedCheckpoint> {
    let (journal, size) = (&signed.checkpoint.journal, signed.checkpoint.size);
    let mut merged = signed.clone();
    if let Some(row) = checkpoints::at(conn, journal, size).await?
        && let Ok(stored) = row.note.parse::<SignedCheckpoint>()
        && stored.checkpoint == signed.checkpoint
    {
        merged.merge(&stored, &parties(standing));
    }
    let epoch = standing.epoch();
    let certified_at = certified_at(&merged, &epoch.parties, epoch.quorum());
    checkpoints::put(
        conn,
        &checkpoints::CheckpointRow {
            journal: journal.clone(),
            size,
            root: merged.checkpoint.root,
            note: merged.to_string(),
            certified_at,
        },
    )
    .await?;
    for (witness, _) in merged.cosigners(&parties(standing)) {
        checkpoints::put_cosigned(conn, journal, witness.as_str(), size).await?;
    }
    Ok(merged)
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
    for peer in standing.peers(&app.node) {
        deliveries::enqueue(conn, &peer, "journal", Some("journal"), b"", now).await?;
    }
    Ok(())
}
