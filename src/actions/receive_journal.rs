//! Mirroring a peer's journal: leaves are stored, compared with the checkpoint, and cosigned in one transaction.

use folkmoot_governance::certification::fault;
use folkmoot_governance::id::{Digest, JournalId, NodeId, Time};
use folkmoot_governance::journal::{self, Entry, Fork, Frontier, SignedCheckpoint};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::statement::Body;

use super::error::{ActionError, Result};
use super::standing::Standing;
use super::{broken_receipt, journals, other_branch, project, report_fault, standing, witness};
use crate::app::App;
use crate::storage::{Conn, checkpoints, decisions, entries, journals as journal_rows};
use crate::words::Message;

/// How far ahead of this node's clock a statement may be dated, in seconds.
pub(super) const AHEAD_MOST: i64 = 3600;

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// All leaves are here and the checkpoint carries this node's cosignature.
    Cosigned { note: String },
    /// There was no checkpoint to cosign, or leaves below it are missing: the journal is here up to `from`.
    Behind { from: u64 },
}

/// Consecutive entries of a journal as somebody sent them, and the newest checkpoint that its node signed.
#[derive(Debug)]
pub struct Incoming {
    pub journal: JournalId,
    /// Position of the first entry.
    pub start: u64,
    pub entries: Vec<serde_json::Value>,
    /// Signed note; empty before the first checkpoint.
    pub note: String,
}

/// Takes a page of a journal, and of it what a checkpoint of the journal's own node covers. A mirror (`sender`) could put
/// a genuine statement into a place where it never stood; the journal's own node could tell one peer what it tells nobody
/// else, and no proof would follow. A page of any other mirror that proves nothing is refused.
pub async fn receive_journal(app: &App, sender: &NodeId, page: Incoming, now: Time) -> Result<Received> {
    let (standing, owner) = {
        let mut conn = app.db.read().await?;
        let standing = standing::load(&mut conn).await?;
        let owner = standing.owner_of(&page.journal);
        (standing, owner)
    };
    let (node, key) = owner.ok_or_else(|| ActionError::refused("unknown-journal", "refused-journal-of-nobody"))?;
    if standing.own_journal(app).as_ref() == Some(&page.journal) {
        return Err(ActionError::refused("own-journal", "refused-own-journal"));
    }
    let note = match page.note.as_str() {
        "" => None,
        text => Some(read_note(text, &page.journal, &key)?),
    };
    let start = page.start;
    let journal = page.journal.clone();
    let leaves = verify_entries(&standing, &node, &key, page, now.plus(AHEAD_MOST)).await?;
    let (app_in, by_owner) = (app.clone(), *sender == node);
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            // A cosignature states when it is made, not when it was asked for.
            let now = app_in.now().max(now);
            store(conn, &app_in, &standing, &node, &journal, start, leaves, note, by_owner, now).await
        })
        .await
}

pub(super) fn read_note(text: &str, journal: &JournalId, key: &PublicKey) -> Result<SignedCheckpoint> {
    let signed: SignedCheckpoint = text.parse().map_err(|error: journal::NoteError| {
        ActionError::refused("checkpoint", Message::new("refused-checkpoint").naming("detail", error))
    })?;
    if signed.checkpoint.journal != *journal {
        return Err(ActionError::refused("checkpoint", "refused-checkpoint-journal"));
    }
    if !signed.is_signed_by(key) {
        return Err(ActionError::refused("checkpoint", "refused-checkpoint-unsigned"));
    }
    Ok(signed)
}

/// Signatures are checked off the async threads; a page with one bad entry is refused whole. Everything further is a
/// question of rights, and decided where a statement is counted.
pub(super) async fn verify_entries(
    standing: &Standing,
    node: &NodeId,
    key: &PublicKey,
    page: Incoming,
    latest: Time,
) -> Result<Vec<Entry>> {
    let (id, node, key, start) = (standing.id, node.clone(), *key, page.start);
    let verify = move || {
        let read = |(value, position): (serde_json::Value, u64)| {
            let entry = Entry::from_value(&value).and_then(|entry| entry.check(id, &node, &key).map(|()| entry));
            let about = |key| Message::new(key).with("position", position);
            let unusable = |error| ActionError::refused("entry", about("refused-entry").naming("detail", error));
            let entry = entry.map_err(unusable)?;
            if matches!(entry, Entry::Hidden(_)) {
                // A witness answers for what it stores. Somebody else may have the whole statement.
                return Err(ActionError::refused("withheld", about("refused-entry-withheld")));
            }
            if let Entry::Statement(signed) = &entry
                && signed.statement.published > latest
            {
                let message = about("refused-entry-clock").naming("time", signed.statement.published);
                return Err(ActionError::refused("clock", message));
            }
            Ok(entry)
        };
        page.entries.into_iter().zip(start..).map(read).collect()
    };
    tokio::task::spawn_blocking(verify).await.map_err(ActionError::corrupt("page"))?
}

#[expect(clippy::too_many_arguments, reason = "one transaction, and all that it needs")]
pub(super) async fn store(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    node: &NodeId,
    journal: &JournalId,
    start: u64,
    leaves: Vec<Entry>,
    note: Option<SignedCheckpoint>,
    by_owner: bool,
    now: Time,
) -> Result<Received> {
    let row = journal_rows::lock_or_create(conn, journal, node, false).await?;
    if start > row.size {
        return Ok(Received::Behind { from: row.size });
    }
    let note = note.filter(|note| !row.replaced || other_branch::is_certified(standing, note));
    let known = usize::try_from(row.size - start).unwrap_or(usize::MAX);
    for (leaf, position) in leaves.iter().zip(start..).take(known) {
        let stored = entries::leaf_at(conn, journal, position).await?;
        if stored != Some(leaf.leaf()) {
            let message = Message::new("refused-entry-rewritten").with("position", position);
            return Err(ActionError::refused("rewritten", message));
        }
    }
    let mut frontier =
        Frontier::from_bytes(&row.frontier).ok_or_else(|| ActionError::corrupt("journal tree")("not a frontier"))?;
    let mut fresh: Vec<Entry> = leaves.into_iter().skip(known).collect();
    if !fresh.is_empty() {
        let covered = note.as_ref().map_or(0, |note| note.checkpoint.size).saturating_sub(frontier.size());
        let proven = usize::try_from(covered).ok().filter(|proven| (1..=fresh.len()).contains(proven));
        if !by_owner && proven.is_none() {
            return Err(ActionError::refused("unproven", "refused-entries-unproven"));
        }
        fresh.truncate(proven.unwrap_or(0));
    }
    // The whole page must be what the node signed, before any of it counts.
    if let Some(note) = &note {
        check_root(conn, journal, &frontier, &fresh, note).await?;
    }
    let mut roll_changed = false;
    let before = if fresh.iter().any(records_a_decision) { Some(decisions::sittings(conn).await?) } else { None };
    for leaf in fresh {
        frontier.append(leaf.leaf());
        roll_changed |= append_leaf(conn, app, standing, journal, leaf, now).await?;
    }
    if let Some(before) = before {
        broken_receipt::notice_since(conn, app, &before, now).await?;
    }
    if roll_changed {
        project::refresh_members(conn, now).await?;
    }
    let behind = Received::Behind { from: frontier.size() };
    let Some(note) = note.filter(|note| note.checkpoint.size <= frontier.size()) else { return Ok(behind) };
    let cosigned = witness::cosign(conn, app, standing, &note, now).await?;
    Ok(cosigned.map_or(behind, |row| Received::Cosigned { note: row.note }))
}

/// Compares the root that the node signed with the one that its leaves make.
async fn check_root(
    conn: &mut Conn,
    journal: &JournalId,
    frontier: &Frontier,
    fresh: &[Entry],
    note: &SignedCheckpoint,
) -> Result<()> {
    let size = note.checkpoint.size;
    let root = if size >= frontier.size() {
        let missing = usize::try_from(size - frontier.size()).unwrap_or(usize::MAX);
        if missing > fresh.len() {
            return Ok(());
        }
        let mut tree = frontier.clone();
        fresh.iter().take(missing).for_each(|leaf| tree.append(leaf.leaf()));
        tree.root()
    } else {
        let root = journal_rows::root_at(conn, journal, size).await?;
        root.ok_or_else(|| ActionError::corrupt("journal tree")("leaves are missing"))?
    };
    if root == note.checkpoint.root {
        return Ok(());
    }
    Err(ActionError::refused("root", "refused-two-faces"))
}

fn records_a_decision(entry: &Entry) -> bool {
    matches!(entry, Entry::Statement(signed) if matches!(signed.statement.body, Body::Article(_)))
}

async fn append_leaf(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    journal: &JournalId,
    leaf: Entry,
    now: Time,
) -> Result<bool> {
    match leaf {
        Entry::Statement(signed) => {
            let visibility = journals::visibility(standing, &signed);
            let entry = journals::new_entry(journal, &signed, visibility, now);
            let position = entries::append(conn, &entry).await?;
            project::apply(conn, app, standing, journal, position, &signed, now).await
        }
        Entry::Hidden(hash) => {
            entries::append_hidden(conn, journal, hash, now).await?;
            Ok(false)
        }
    }
}

/// What a note of somebody else's mirror tells: new cosignatures, or that the journal shows two faces. Whether all that
/// it says was known.
pub async fn receive_note(app: &App, text: &str, now: Time) -> Result<bool> {
    let Ok(seen) = text.parse::<SignedCheckpoint>() else { return Ok(false) };
    if says_nothing_new(app, &seen).await? {
        return Ok(true);
    }
    let app_in = app.clone();
    let read = app
        .db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let journal = &seen.checkpoint.journal;
            let Some((_, key)) = standing.owner_of(journal) else { return Ok(()) };
            let root = journal_rows::root_at(conn, journal, seen.checkpoint.size).await?;
            match root {
                None => Ok(()),
                Some(_) if !seen.is_signed_by(&key) => Ok(()),
                Some(root) if root == seen.checkpoint.root => {
                    witness::keep(conn, &standing, &seen).await?;
                    Ok(())
                }
                Some(_) => {
                    let Some(mine) = checkpoints::latest(conn, journal).await? else { return Ok(()) };
                    let leaves = entries::leaves(conn, journal, 0, mine.size).await?;
                    let Ok(mine) = mine.note.parse::<SignedCheckpoint>() else { return Ok(()) };
                    report_fork(conn, &app_in, &standing, &seen, &mine, &leaves, now).await
                }
            }
        })
        .await;
    read.map(|()| false)
}

/// A mirror holds another history of a journal than this node: its leaves and its note, with this node's own note,
/// prove what the journal's node signed.
pub async fn receive_other_history(
    app: &App,
    journal: JournalId,
    note: &str,
    leaves: Vec<Digest>,
    now: Time,
) -> Result<()> {
    let Ok(seen) = note.parse::<SignedCheckpoint>() else { return Ok(()) };
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let Some((_, key)) = standing.owner_of(&journal) else { return Ok(()) };
            let Some(mine) = checkpoints::latest(conn, &journal).await? else { return Ok(()) };
            let Ok(mine) = mine.note.parse::<SignedCheckpoint>() else { return Ok(()) };
            if !seen.is_signed_by(&key) || seen.checkpoint.journal != journal {
                return Ok(());
            }
            report_fork(conn, &app_in, &standing, &mine, &seen, &leaves, now).await
        })
        .await
}

pub(super) async fn report_fork(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    older: &SignedCheckpoint,
    newer: &SignedCheckpoint,
    leaves: &[Digest],
    now: Time,
) -> Result<()> {
    let Some(fork) = Fork::find(older, newer, leaves) else { return Ok(()) };
    for report in standing.epochs.iter().flat_map(|epoch| fault::find_in_fork(&fork, epoch)) {
        report_fault::tell(conn, app, standing, report, None, now).await?;
    }
    Ok(())
}

/// What a peer answered to a page of this node's journal: how far it has got with it, and the checkpoint with its
/// cosignature, if it has one.
#[derive(Debug)]
pub struct Answer {
    pub peer: NodeId,
    pub journal: JournalId,
    pub reached: u64,
    pub note: Option<String>,
}

/// Keeps what a peer answered.
pub async fn receive_answer(app: &App, answer: Answer, now: Time) -> Result<()> {
    let note = match &answer.note {
        Some(text) => own_news(app, text).await?,
        None => None,
    };
    let app_in = app.clone();
    let told = app
        .db
        .write(async move |conn| {
            let told = match &note {
                Some(seen) => keep_own_note(conn, &app_in, seen, now).await?,
                None => false,
            };
            journal_rows::put_progress(conn, &answer.journal, &answer.peer, answer.reached).await?;
            Ok::<_, ActionError>(told)
        })
        .await?;
    if told {
        app.wake.notify_one();
    }
    Ok(())
}

/// Whether every signature of a note is stored here. Peers are asked for all their notes again and again: of fifty
/// parties each has fifty, with up to fifty signatures.
async fn says_nothing_new(app: &App, seen: &SignedCheckpoint) -> Result<bool> {
    let mut conn = app.db.read().await?;
    let known = checkpoints::at(&mut conn, &seen.checkpoint.journal, seen.checkpoint.size).await?;
    let Some(Ok(known)) = known.map(|row| row.note.parse::<SignedCheckpoint>()) else { return Ok(false) };
    let is_known = |line| known.signatures.contains(line);
    Ok(known.checkpoint == seen.checkpoint && seen.signatures.iter().all(is_known))
}

/// Cosignatures of peers on this node's own checkpoints. Once q are together, everybody is told.
pub async fn receive_own_note(app: &App, text: &str, now: Time) -> Result<()> {
    let Some(seen) = own_news(app, text).await? else { return Ok(()) };
    let app_in = app.clone();
    if app.db.write(async move |conn| keep_own_note(conn, &app_in, &seen, now).await).await? {
        app.wake.notify_one();
    }
    Ok(())
}

/// A note that says something new.
async fn own_news(app: &App, text: &str) -> Result<Option<SignedCheckpoint>> {
    let Ok(seen) = text.parse::<SignedCheckpoint>() else { return Ok(None) };
    Ok((!says_nothing_new(app, &seen).await?).then_some(seen))
}

/// True once it made the checkpoint a certified one, and the peers are to be told.
async fn keep_own_note(conn: &mut Conn, app: &App, seen: &SignedCheckpoint, now: Time) -> Result<bool> {
    let standing = standing::lock(conn).await?;
    if standing.own_journal(app).as_ref() != Some(&seen.checkpoint.journal) {
        return Ok(false);
    }
    let known = checkpoints::at(conn, &seen.checkpoint.journal, seen.checkpoint.size).await?;
    let Some(known) = known.filter(|row| row.root == seen.checkpoint.root) else { return Ok(false) };
    let kept = witness::keep(conn, &standing, seen).await?;
    let is_certified = known.certified_at.is_none() && kept.certified_at.is_some();
    if is_certified {
        witness::tell_peers(conn, app, &standing, now).await?;
    }
    Ok(is_certified)
}
