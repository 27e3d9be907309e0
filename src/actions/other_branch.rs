//! A journal whose node showed this node one branch, while q parties cosigned another: the certified branch is the
//! journal, because checkpoints that q parties cosigned contradict each other only where more than f lie. What was
//! stored beyond the common beginning goes, once per journal at most: from then on this node cosigns nothing of the
//! journal, for its cosignature stands under the other branch, and stores of it only what is certified. Its own journal
//! is never replaced.

use folkmoot_governance::id::{Digest, JournalId, NodeId, Time};
use folkmoot_governance::journal::{self, Entry, Frontier, SignedCheckpoint, certified_at};

use super::error::{ActionError, Result};
use super::receive_journal::{self, Incoming};
use super::standing::{self, Standing};
use super::{broken_receipt, decide, journals, rebuild, witness};
use crate::app::App;
use crate::storage::journals::{self as journal_rows, JournalRow};
use crate::storage::{Conn, checkpoints, decisions, entries};

/// Entries of a certified branch to ask a mirror for.
#[derive(Debug)]
pub struct Wanted {
    pub journal: JournalId,
    /// Position of the first: up to there the journal is certified here, so no branch differs before.
    pub start: u64,
    /// Where the branch ends.
    pub size: u64,
}

/// A branch as a mirror sent it, with the certified note that it leads to.
struct Branch {
    node: NodeId,
    journal: JournalId,
    start: u64,
    entries: Vec<Entry>,
    note: SignedCheckpoint,
}

/// Whether q parties of an epoch cosigned a note that its journal's node signed with the key of that epoch's journal.
pub fn is_certified(standing: &Standing, note: &SignedCheckpoint) -> bool {
    standing.epochs.iter().rev().any(|epoch| {
        let journals = epoch.journals();
        let known = journals.iter().find(|known| known.journal == note.checkpoint.journal);
        known.is_some_and(|known| note.is_signed_by(&known.key))
            && certified_at(note, &epoch.parties, epoch.quorum()).is_some()
    })
}

/// What to ask a mirror for that shows `note`, if it is certified and leads to another branch than the one that is
/// stored here, or beyond what is stored of a journal that was replaced. `refused` says that the mirror's entries do not
/// go on from those that are here.
pub async fn wanted(app: &App, note: &str, refused: bool) -> Result<Option<Wanted>> {
    let Ok(seen) = note.parse::<SignedCheckpoint>() else { return Ok(None) };
    let (journal, size) = (&seen.checkpoint.journal, seen.checkpoint.size);
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let Some(row) = journal_rows::find(&mut conn, journal).await? else { return Ok(None) };
    let is_another = match journal_rows::root_at(&mut conn, journal, size).await? {
        Some(root) => root != seen.checkpoint.root,
        None => refused || row.replaced,
    };
    if !is_another || is_own(app, &standing, &row) || !is_certified(&standing, &seen) {
        return Ok(None);
    }
    let start = match checkpoints::latest_certified(&mut conn, journal).await? {
        // Two certified checkpoints contradict each other: neither gives way.
        Some(certified) if certified.size >= size => return Ok(None),
        certified => certified.map_or(0, |certified| certified.size),
    };
    Ok(Some(Wanted { journal: journal.clone(), start, size }))
}

/// Takes the certified branch of a journal from whatever mirror sent it: all of it is verified, and either the whole
/// takes the place of what contradicts it, with all that followed from that, or nothing changes.
pub async fn take(app: &App, page: Incoming, now: Time) -> Result<()> {
    let (journal, start) = (page.journal.clone(), page.start);
    let (standing, row) = {
        let mut conn = app.db.read().await?;
        (standing::load(&mut conn).await?, journal_rows::find(&mut conn, &journal).await?)
    };
    let (Some((node, key)), Some(row)) = (standing.owner_of(&journal), row) else {
        return Err(ActionError::refused("unknown-journal", "refused-journal-of-nobody"));
    };
    if is_own(app, &standing, &row) {
        return Err(ActionError::refused("own-journal", "refused-own-journal"));
    }
    let note = receive_journal::read_note(&page.note, &journal, &key)?;
    if !is_certified(&standing, &note) {
        return Err(ActionError::refused("uncertified", "refused-branch-uncertified"));
    }
    let latest = now.plus(receive_journal::AHEAD_MOST);
    let entries = receive_journal::verify_entries(&standing, &node, &key, page, latest).await?;
    let branch = Branch { node, journal, start, entries, note };
    let app_in = app.clone();
    app.db
        .write_within(rebuild::REBUILD_MOST, async move |conn| {
            let standing = standing::lock(conn).await?;
            let now = app_in.now().max(now);
            store(conn, &app_in, &standing, branch, now).await
        })
        .await?;
    app.caches.votes.invalidate_all();
    standing::forget_chains();
    Ok(())
}

/// A journal that this database began as its own, or that its key writes, whether or not the epoch names the key.
fn is_own(app: &App, standing: &Standing, row: &JournalRow) -> bool {
    row.own || row.id == JournalId::new(standing.id, &app.node, app.keys.statement.public().as_bytes())
}

async fn store(conn: &mut Conn, app: &App, standing: &Standing, mut branch: Branch, now: Time) -> Result<()> {
    let Some(row) = journal_rows::lock(conn, &branch.journal).await? else { return Ok(()) };
    let stored = entries::leaves(conn, &branch.journal, 0, row.size).await?;
    let Some(common) = usize::try_from(branch.start).ok().and_then(|start| stored.get(..start)) else {
        return Ok(());
    };
    let size = branch.note.checkpoint.size;
    branch.entries.truncate(usize::try_from(size.saturating_sub(branch.start)).unwrap_or(usize::MAX));
    let leaves: Vec<Digest> = common.iter().copied().chain(branch.entries.iter().map(Entry::leaf)).collect();
    if leaves.len() as u64 != size || journal::root(&leaves) != branch.note.checkpoint.root {
        return Err(ActionError::refused("root", "refused-two-faces"));
    }
    let fork = stored.iter().zip(&leaves).take_while(|(stored, leaf)| stored == leaf).count();
    if fork == stored.len() || fork == leaves.len() {
        // Nothing contradicts it after all.
        let Branch { node, journal, start, entries, note } = branch;
        let stored =
            receive_journal::store(conn, app, standing, &node, &journal, start, entries, Some(note), false, now);
        return stored.await.map(|_| ());
    }
    prove(conn, app, standing, &branch.note, &stored, &leaves, now).await?;
    if is_certified_beyond(conn, standing, &branch.journal, fork as u64).await? {
        tracing::error!(journal = %branch.journal, "TWO CERTIFIED BRANCHES: more nodes lie than the protocol withstands");
        return Ok(());
    }
    replace(conn, app, standing, branch, &leaves[..fork], now).await
}

/// Keeps and publishes the proof that the journal's node signed both branches: what it rests on is about to go.
async fn prove(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    note: &SignedCheckpoint,
    stored: &[Digest],
    leaves: &[Digest],
    now: Time,
) -> Result<()> {
    let Some(mine) = checkpoints::latest(conn, &note.checkpoint.journal).await? else { return Ok(()) };
    let mine: SignedCheckpoint = mine.note.parse().map_err(ActionError::corrupt("checkpoint"))?;
    if mine.checkpoint.size <= note.checkpoint.size {
        return receive_journal::report_fork(conn, app, standing, &mine, note, leaves, now).await;
    }
    receive_journal::report_fork(conn, app, standing, note, &mine, stored, now).await
}

/// Whether anything beyond the first `size` entries, as they are stored here, is certified.
async fn is_certified_beyond(conn: &mut Conn, standing: &Standing, journal: &JournalId, size: u64) -> Result<bool> {
    for row in checkpoints::beyond(conn, journal, size).await? {
        let note: SignedCheckpoint = row.note.parse().map_err(ActionError::corrupt("checkpoint"))?;
        if row.certified_at.is_some() || is_certified(standing, &note) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts the branch in the place of what is stored beyond `common`, and makes every view again, in the running
/// transaction: nobody ever sees the one without the other.
async fn replace(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    branch: Branch,
    common: &[Digest],
    now: Time,
) -> Result<()> {
    let (journal, fork) = (&branch.journal, common.len() as u64);
    tracing::warn!(%journal, fork, "the certified branch of a journal takes the place of the one that was stored");
    // What was decided is decided, even if it was heard of through the entries that go.
    while decide::unsaid(conn, app, standing).await?.is_some() {
        decide::say_what_is_held(conn, app, now).await?;
    }
    let frontier: Frontier = common.iter().copied().collect();
    journal_rows::cut_back(conn, journal, fork, &frontier).await?;
    let known = usize::try_from(fork - branch.start).unwrap_or(usize::MAX);
    for entry in branch.entries.iter().skip(known) {
        match entry {
            Entry::Statement(signed) => {
                let visibility = journals::visibility(standing, signed);
                entries::append(conn, &journals::new_entry(journal, signed, visibility, now)).await?;
            }
            Entry::Hidden(leaf) => {
                entries::append_hidden(conn, journal, *leaf, now).await?;
            }
        }
    }
    witness::keep(conn, standing, &branch.note).await?;
    let before = decisions::sittings(conn).await?;
    rebuild::make_again(conn, app, now).await?;
    broken_receipt::notice_since(conn, app, &before, now).await
}
