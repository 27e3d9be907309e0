//! Sending what waits for peers: one queue in the database, tried again with growing pauses.

use folkmoot_governance::id::{JournalId, NodeId};
use serde_json::Value;
use tokio::sync::watch;
use url::Url;

use super::journal_page::{JournalPage, PAGE_BYTES, PAGE_ENTRIES};
use crate::actions::error::{ActionError, Result};
use crate::actions::receive_journal::{self, Answer};
use crate::actions::visible::{self, Strangers};
use crate::actions::{peers as peer_action, standing, witness};
use crate::app::App;
use crate::storage::deliveries::{self, DeliveryRow};
use crate::storage::{Conn, checkpoints, entries, journals, peers};

/// How many deliveries to one peer are claimed at a time.
const AT_ONCE: i64 = 16;
/// How long a process may hold a delivery before others try it.
const CLAIM_SECONDS: i64 = 60;
/// Longest pause between two tries.
const PAUSE_MOST: i64 = 3600;

/// The peers for which something waits to be sent.
pub async fn peers_due(app: &App) -> Result<Vec<NodeId>> {
    let mut conn = app.db.read().await?;
    Ok(deliveries::peers_due(&mut conn, app.now()).await?)
}

/// Sends what is due for one peer until nothing is, the peer does not answer, or `stop` turns true. Whether there was
/// anything: another process may have taken it.
pub async fn deliver_to(app: &App, peer: &NodeId, stop: &watch::Receiver<bool>) -> Result<bool> {
    let mut tried = false;
    while !*stop.borrow() {
        let (now, to) = (app.now(), peer.clone());
        let claim =
            async move |conn: &mut Conn| deliveries::claim(conn, &to, now, now.plus(CLAIM_SECONDS), AT_ONCE).await;
        let mut claimed = app.db.write(claim).await?.into_iter();
        let Some(first) = claimed.next() else { break };
        tried = true;
        // The first one alone: a peer that hangs gets no more than that.
        let sent = send(app, &first).await;
        if !record(app, first, sent).await? {
            break;
        }
        let rest = claimed.map(async |row| (send(app, &row).await, row));
        let (unheard, heard): (Vec<_>, Vec<_>) = futures_util::future::join_all(rest)
            .await
            .into_iter()
            .partition(|(sent, _)| matches!(sent, Err(Failed::Away(_))));
        for (sent, row) in heard {
            record(app, row, sent).await?;
        }
        if let Some((sent, row)) = unheard.into_iter().next() {
            record(app, row, sent).await?;
            break;
        }
    }
    Ok(tried)
}

async fn send(app: &App, row: &DeliveryRow) -> Result<(), Failed> {
    match row.kind.as_str() {
        "journal" => push_journal(app, &row.peer).await,
        _ => post(app, &row.peer, row.body.clone()).await.map(|_| ()),
    }
}

/// Records what came of a delivery; false if the peer is away.
async fn record(app: &App, row: DeliveryRow, sent: Result<(), Failed>) -> Result<bool> {
    let (now, chance) = (app.now(), rand::random());
    let record = async move |conn: &mut Conn| match sent {
        Ok(()) => {
            peers::answered(conn, &row.peer, now).await?;
            deliveries::done(conn, &row, now).await?;
            Ok(true)
        }
        Err(Failed::Refused(error)) => {
            tracing::warn!(peer = %row.peer, kind = row.kind, error, "a peer refused a delivery");
            peers::refused(conn, &row.peer, &error, now).await?;
            deliveries::done(conn, &row, now).await?;
            Ok(true)
        }
        Err(Failed::Away(error)) => {
            tracing::debug!(peer = %row.peer, kind = row.kind, error, "a peer is away");
            peers::failed(conn, &row.peer, &error).await?;
            deliveries::failed(conn, &row, now.plus(pause(row.attempts, chance)), &error).await?;
            Ok(false)
        }
    };
    app.db.write(record).await
}

/// Why something was not delivered.
enum Failed {
    /// The peer understood and does not want it: trying again changes nothing.
    Refused(String),
    /// Try again later.
    Away(String),
}

impl From<ActionError> for Failed {
    fn from(error: ActionError) -> Self {
        Self::Away(error.to_string())
    }
}

/// 1, 2, 4 … seconds up to an hour, a quarter more or less, so that nodes do not try in step.
fn pause(attempts: u32, chance: u8) -> i64 {
    let whole = (1_i64 << attempts.min(12)).min(PAUSE_MOST);
    whole + whole * (i64::from(chance) - 128) / 512
}

async fn post(app: &App, peer: &NodeId, body: Vec<u8>) -> Result<Option<(u16, Vec<u8>)>, Failed> {
    let inbox = peer_action::inbox(app, peer).await?;
    let inbox = Url::parse(&inbox).map_err(|error| Failed::Away(error.to_string()))?;
    let answer = app.client.post(&inbox, body).await.map_err(|error| Failed::Away(error.to_string()))?;
    let status = answer.status;
    if answer.is_success() {
        return Ok(Some((status, answer.body)));
    }
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let detail = format!("{status} {}", problem["detail"].as_str().unwrap_or_default());
    // A founding party that has not accepted yet will want all of it once it has; one that has no room for an invitation
    // may have some later.
    if matches!(problem["code"].as_str(), Some("no-consortium" | "full")) {
        return Err(Failed::Away(detail));
    }
    // 401 may be a key that it has not fetched yet, 429 and 5xx pass; other refusals stay.
    match status {
        401 | 408 | 425 | 429 | 500.. => Err(Failed::Away(detail)),
        _ => Err(Failed::Refused(detail)),
    }
}

/// Pushes what a peer has not cosigned of this node's journal, page by page, and keeps its cosignatures.
async fn push_journal(app: &App, peer: &NodeId) -> Result<(), Failed> {
    // What waited for a party that has left is not for it any more.
    if !reads_all(app, peer).await? {
        return Ok(());
    }
    // A peer that is behind answers where it stands; more rounds than this are left to its own pulling.
    for _ in 0..50 {
        let Some((page, size)) = next_page(app, peer).await? else { return Ok(()) };
        let (start, covered) = (page.start, note_size(&page.note));
        let (body, journal) = (page.to_activity(&app.node), page.journal);
        let Some((status, answer)) = post(app, peer, body).await? else { return Ok(()) };
        let (reached, note) = if status == 200 {
            (covered, Some(String::from_utf8_lossy(&answer).into_owned()))
        } else {
            let told: Value = serde_json::from_slice(&answer).unwrap_or_default();
            (told["from"].as_u64().unwrap_or(start), None)
        };
        receive_journal::receive_answer(app, Answer { peer: peer.clone(), journal, reached, note }, app.now()).await?;
        if reached == start || reached >= size {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether a peer may read all that this node keeps within the consortium.
async fn reads_all(app: &App, peer: &NodeId) -> Result<bool> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let Some(journal) = standing.own_journal(app) else { return Ok(false) };
    Ok(visible::read_by_node(&mut conn, &standing, peer, &journal, app.now()).await? == u64::MAX)
}

/// The size that a note speaks of; 0 for none.
pub fn note_size(note: &str) -> u64 {
    note.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0)
}

/// What the peer needs next, and how far the newest checkpoint goes.
async fn next_page(app: &App, peer: &NodeId) -> Result<Option<(JournalPage<Vec<u8>>, u64)>, Failed> {
    let mut conn = app.db.read().await.map_err(ActionError::from)?;
    let standing = standing::load(&mut conn).await?;
    let Some(journal) = standing.own_journal(app) else { return Ok(None) };
    let progress = journals::progress(&mut conn, &journal).await.map_err(ActionError::from)?;
    let start = progress.iter().find(|(name, _)| name == peer.as_str()).map_or(0, |(_, size)| *size);
    let note = witness::latest_note(&mut conn, &journal).await?;
    let size = note_size(&note);
    Ok(Some((page_under(&mut conn, &journal, start, note, true).await?, size)))
}

/// A page of a stored journal from `start` under its newest checkpoint; `trusted` readers see what is kept within the
/// consortium. See `page_under`.
pub async fn page(conn: &mut Conn, journal: &JournalId, start: u64, trusted: bool) -> Result<JournalPage<Vec<u8>>> {
    let note = witness::latest_note(conn, journal).await?;
    page_under(conn, journal, start, note, trusted).await
}

/// Cut at a checkpoint wherever one ends on the page: whoever gets it can hold it against what the journal's own node
/// signed, without asking for more and without believing the node that passes it on.
async fn page_under(
    conn: &mut Conn,
    journal: &JournalId,
    start: u64,
    note: String,
    trusted: bool,
) -> Result<JournalPage<Vec<u8>>> {
    let mut page = JournalPage { journal: journal.clone(), start, entries: Vec::new(), note };
    let mut bytes = page.note.len();
    let mut strangers = Strangers::default();
    for row in entries::page(conn, journal, start, PAGE_ENTRIES).await? {
        let may_read = trusted || strangers.may_read(conn, &row).await?;
        let hidden = || serde_json::json!({"leaf": row.leaf}).to_string().into_bytes();
        let entry = row.bytes.filter(|_| may_read).unwrap_or_else(hidden);
        if bytes + entry.len() > PAGE_BYTES && !page.entries.is_empty() {
            break;
        }
        bytes += entry.len();
        page.entries.push(entry);
    }
    let end = start + page.entries.len() as u64;
    if note_size(&page.note) > end
        && let Some(row) = checkpoints::newest_in(conn, journal, start, end).await?
    {
        page.entries.truncate(usize::try_from(row.size - start).unwrap_or(usize::MAX));
        page.note = row.note;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_and_differ() {
        assert_eq!((pause(0, 128), pause(3, 128), pause(40, 128)), (1, 8, 3600));
        assert!(pause(10, 0) < pause(10, 255));
        assert!((0..60).all(|attempts| (0..=5000).contains(&pause(attempts, 255))));
    }
}
