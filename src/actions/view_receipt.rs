//! Following one ballot: where it stands, whether that is certified, and whether it is counted. Reads only.

use std::sync::Arc;

use folkmoot_governance::id::{Digest, JournalId};
use folkmoot_governance::journal::{inclusion_ranges, prove};
use folkmoot_governance::tally;

use super::error::{ActionError, Result};
use super::standing::Standing;
use super::{count, decide, journals, view_proposal};
use crate::app::App;
use crate::storage::{Conn, ballots, checkpoints, entries, receipts};

/// One ballot, without what it chooses.
pub struct View {
    pub ballot: Digest,
    pub proposal: Digest,
    pub sequence: u64,
    /// In every journal that has it.
    pub places: Vec<Place>,
    /// Whether it is the one that counts for its member, by the certified cut or else by all that is stored here.
    pub counted: bool,
    /// Whether that was certified, and so cannot change any more.
    pub decided: bool,
    /// The signed promise, where this node gave one.
    pub receipt: Option<Vec<u8>>,
}

/// A ballot's position in a journal, with the proof that a certified checkpoint covers it.
pub struct Place {
    pub journal: JournalId,
    pub position: u64,
    pub inclusion: Option<Inclusion>,
}

/// RFC 6962: the audit path from the leaf to the root of the checkpoint in `note`.
pub struct Inclusion {
    pub size: u64,
    pub root: Digest,
    pub path: Vec<Digest>,
    pub note: String,
}

/// Follows the ballot with this digest.
pub async fn load(conn: &mut Conn, app: &App, standing: &Standing, ballot: Digest) -> Result<View> {
    let rows = ballots::by_digest(conn, ballot).await?;
    let first = rows.first().ok_or(ActionError::NotFound("missing-ballot"))?;
    let (proposal, sequence) = (first.proposal, first.sequence);
    let mut places = Vec::with_capacity(rows.len());
    for row in &rows {
        let inclusion = inclusion(conn, app, &row.journal, row.position).await?;
        places.push(Place { journal: row.journal.clone(), position: row.position, inclusion });
    }
    let (counted, decided) = counted(conn, app, standing, proposal, ballot).await?;
    let receipt = receipts::find(conn, ballot).await?;
    Ok(View { ballot, proposal, sequence, places, counted, decided, receipt })
}

async fn inclusion(conn: &mut Conn, app: &App, journal: &JournalId, position: u64) -> Result<Option<Inclusion>> {
    let Some(certified) = checkpoints::latest_certified(conn, journal).await? else { return Ok(None) };
    let Some(ranges) = inclusion_ranges(position, certified.size) else { return Ok(None) };
    let leaves = leaves(conn, app, journal, certified.size).await?;
    let path = prove(&leaves, &ranges);
    Ok(Some(Inclusion { size: certified.size, root: certified.root, path, note: certified.note }))
}

/// Leaves below a certified size, which never change.
async fn leaves(conn: &mut Conn, app: &App, journal: &JournalId, size: u64) -> Result<Arc<Vec<Digest>>> {
    let name = (journal.clone(), size);
    if let Some(known) = app.caches.leaves.get(&name).await {
        return Ok(known);
    }
    let leaves = Arc::new(entries::leaves(conn, journal, 0, size).await?);
    app.caches.leaves.insert(name, leaves.clone()).await;
    Ok(leaves)
}

/// Whether the ballot counts, and whether that is certified.
async fn counted(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    proposal: Digest,
    ballot: Digest,
) -> Result<(bool, bool)> {
    let vote = match count::load_vote(conn, app, standing, proposal).await {
        Ok(vote) => vote,
        Err(ActionError::NotFound(_)) => return Ok((false, false)),
        Err(error) => return Err(error),
    };
    let decided = view_proposal::decided(conn, proposal).await?;
    let cut = match &decided {
        Some(row) => decide::cut_of(&vote.epoch, &decide::certificate(conn, row).await?),
        None => count::everything(&vote.epoch),
    };
    let owned = journals::about(conn, proposal, &cut).await?;
    let extracts: Vec<_> = owned.iter().map(journals::Owned::lend).collect();
    let settled = tally::ballots(&vote.lend(), &extracts);
    Ok((settled.counted.values().any(|cast| cast.digest == ballot), decided.is_some()))
}
