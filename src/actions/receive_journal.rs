//! Mirroring a peer's journal: leaves are stored, compared with the checkpoint, and cosigned in one transaction.

use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{Digest, JournalId, NodeId, Time};
use folkmoot_governance::journal::{self, Frontier, SignedCheckpoint};
use folkmoot_governance::statement::{Body, Signer, Visibility};

use super::error::{ActionError, Result};
use super::standing::Standing;
use super::{journals, project, standing, witness};
use crate::app::App;
use crate::federation::journal_page::{JournalPage, PageEntry};
use crate::storage::{Conn, entries, faults, journals as journal_rows};

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// All leaves are here and the checkpoint carries this node's cosignature.
    Cosigned { note: String },
    /// Stored, but leaves are missing between what is here and the checkpoint: pull from `from`.
    Behind { from: u64 },
    /// Stored; there was no checkpoint to cosign.
    Stored,
}

/// An entry that was verified on its own, before any lock is taken.
struct Leaf {
    hash: Digest,
    statement: Option<SignedStatement>,
}

/// Takes a page of `journal`, from whoever mirrors it: entries and checkpoint prove themselves.
pub async fn receive_journal(app: &App, page: JournalPage, now: Time) -> Result<Received> {
    let (standing, owner) = {
        let mut conn = app.db.read().await?;
        let standing = standing::load(&mut conn).await?;
        let owner = standing.owner_of(&page.journal);
        (standing, owner)
    };
    let (node, key) = owner.ok_or_else(|| {
        ActionError::refused("unknown-journal", "This journal belongs to no party of the consortium.")
    })?;
    if node == app.node && standing.journal_of(&app.node).as_ref() == Some(&page.journal) {
        return Err(ActionError::refused("own-journal", "This node writes its own journal itself."));
    }
    let note = match page.note.as_str() {
        "" => None,
        text => Some(read_note(text, &page.journal, &key)?),
    };
    let start = page.start;
    let journal = page.journal.clone();
    let leaves = verify_entries(&standing, &node, page).await?;
    let app_in = app.clone();
    let received = app
        .db
        .write(async move |conn| store(conn, &app_in, &standing, &node, &journal, start, leaves, note, now).await)
        .await?;
    app.wake.notify_waiters();
    Ok(received)
}

fn read_note(
    text: &str,
    journal: &JournalId,
    key: &folkmoot_governance::key::PublicKey,
) -> Result<SignedCheckpoint> {
    let refuse = |why: &str| ActionError::refused("checkpoint", format!("The checkpoint cannot be used: {why}."));
    let signed = SignedCheckpoint::parse(text).map_err(|error| refuse(&error.to_string()))?;
    if signed.checkpoint.journal != *journal {
        return Err(refuse("it is of another journal"));
    }
    if !signed.signed_by(key) {
        return Err(refuse("its node did not sign it"));
    }
    Ok(signed)
}

/// Signatures are checked off the async threads; a page with one bad entry is refused whole.
async fn verify_entries(standing: &Standing, node: &NodeId, page: JournalPage) -> Result<Vec<Leaf>> {
    let (id, node, start) = (standing.id, node.clone(), page.start);
    let verify = move || {
        page.entries
            .into_iter()
            .zip(start..)
            .map(|(entry, position)| match entry {
                PageEntry::Hidden(hash) => Ok(Leaf { hash, statement: None }),
                PageEntry::Statement(value) => {
                    let signed = SignedStatement::from_value(&value).map_err(|error| {
                        ActionError::refused("entry", format!("Entry {position} cannot be used: {error}"))
                    })?;
                    check_entry(&signed, id, &node, position)?;
                    Ok(Leaf { hash: journal::leaf_hash(&signed.bytes), statement: Some(signed) })
                }
            })
            .collect()
    };
    tokio::task::spawn_blocking(verify).await.map_err(ActionError::corrupt("page"))?
}

/// What may stand in a journal at all: statements of its node and members' ballots, for this consortium.
/// Everything further is a question of rights and decided where the statement is counted.
fn check_entry(
    signed: &SignedStatement,
    id: folkmoot_governance::id::ConsortiumId,
    node: &NodeId,
    position: u64,
) -> Result<()> {
    let refuse = |why: &str| Err(ActionError::refused("entry", format!("Entry {position} cannot be used: {why}.")));
    if signed.statement.consortium != id {
        return refuse("it belongs to another consortium");
    }
    match (&signed.statement.signer, &signed.statement.body) {
        (Signer::Member(_), Body::Ballot(_)) => Ok(()),
        (Signer::Node(by), body) if by == node && !body.is_message() => Ok(()),
        _ => refuse("its signer cannot state this in this journal"),
    }
}

#[expect(clippy::too_many_arguments, reason = "one transaction, called from one place")]
async fn store(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    node: &NodeId,
    journal: &JournalId,
    start: u64,
    leaves: Vec<Leaf>,
    note: Option<SignedCheckpoint>,
    now: Time,
) -> Result<Received> {
    let row = journal_rows::lock_or_create(conn, journal, node, false).await?;
    if start > row.size {
        return Ok(Received::Behind { from: row.size });
    }
    let known = usize::try_from(row.size - start).unwrap_or(usize::MAX);
    for (leaf, position) in leaves.iter().zip(start..).take(known) {
        let stored = entries::leaf_at(conn, journal, position).await?;
        if stored != Some(leaf.hash) {
            return Err(ActionError::refused(
                "rewritten",
                format!("Entry {position} differs from the one stored here: a journal is never rewritten."),
            ));
        }
    }
    let mut frontier = Frontier::from_bytes(&row.frontier).map_err(ActionError::corrupt("journal tree"))?;
    let fresh: Vec<Leaf> = leaves.into_iter().skip(known).collect();
    // The whole page must be what the node signed, before any of it counts.
    if let Some(note) = &note {
        check_root(conn, journal, &frontier, &fresh, note).await?;
    }
    for leaf in fresh {
        frontier.append(leaf.hash);
        append_leaf(conn, app, standing, journal, leaf, now).await?;
    }
    let Some(note) = note else { return Ok(Received::Stored) };
    if note.checkpoint.size > frontier.size() {
        return Ok(Received::Behind { from: frontier.size() });
    }
    match witness::cosign(conn, app, standing, &note, now).await? {
        Some(signed) => Ok(Received::Cosigned { note: signed.to_note() }),
        None => {
            witness::keep(conn, standing, &note).await?;
            Ok(Received::Stored)
        }
    }
}

/// Compares the root that the node signed with the one that its leaves make.
async fn check_root(
    conn: &mut Conn,
    journal: &JournalId,
    frontier: &Frontier,
    fresh: &[Leaf],
    note: &SignedCheckpoint,
) -> Result<()> {
    let size = note.checkpoint.size;
    let root = if size >= frontier.size() {
        let missing = usize::try_from(size - frontier.size()).unwrap_or(usize::MAX);
        if missing > fresh.len() {
            return Ok(());
        }
        let mut tree = frontier.clone();
        fresh.iter().take(missing).for_each(|leaf| tree.append(leaf.hash));
        tree.root()
    } else {
        journal::root(&entries::leaves(conn, journal, 0, size).await?)
    };
    if root == note.checkpoint.root {
        return Ok(());
    }
    Err(ActionError::refused("root", "The checkpoint's root is not that of the leaves: the journal shows two faces."))
}

async fn append_leaf(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    journal: &JournalId,
    leaf: Leaf,
    now: Time,
) -> Result<()> {
    match leaf.statement {
        Some(signed) => {
            let visibility = journals::visibility(standing, &signed);
            let entry = journals::new_entry(journal, &signed, visibility, now);
            let position = entries::append(conn, &entry).await?;
            project::apply(conn, app, standing, journal, position, &signed, now).await
        }
        None => {
            entries::append_hidden(conn, journal, leaf.hash, Visibility::Consortium, now).await?;
            Ok(())
        }
    }
}

/// Keeps the proof that a journal's node signed two trees, where a note contradicts one that is stored here.
pub async fn note_fork(conn: &mut Conn, standing: &Standing, seen: &SignedCheckpoint, now: Time) -> Result<bool> {
    use crate::storage::checkpoints;
    let Some(row) = checkpoints::at(conn, &seen.checkpoint.journal, seen.checkpoint.size).await? else {
        return Ok(false);
    };
    if row.root == seen.checkpoint.root {
        return Ok(false);
    }
    let Some((node, _)) = standing.owner_of(&seen.checkpoint.journal) else { return Ok(false) };
    let report = folkmoot_governance::certification::fault::fork(&node, &row.note, &seen.to_note());
    Ok(faults::put(conn, &report, now).await?)
}
