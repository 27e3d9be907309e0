//! Making every governance table again from the journals: the tables are a convenience, the journals are the record.

use std::collections::HashSet;
use std::time::Duration;

use folkmoot_governance::id::Time;
use folkmoot_governance::statement::Body;

use super::error::Result;
use super::project::Looked;
use super::{journals, project, standing};
use crate::app::App;
use crate::storage::{Conn, entries, faults, journals as rows, rebuild};

/// The whole record is read again in one transaction, which takes longer than any other action may.
pub const REBUILD_MOST: Duration = Duration::from_secs(3600);
/// How many entries are read at a time.
const PAGE_ENTRIES: usize = 500;

/// A table whose rebuilt rows differ from what was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub table: &'static str,
    /// Rows that were there and did not come back.
    pub lost: Vec<String>,
    /// Rows that came and were not there.
    pub new: Vec<String>,
}

/// Empties the tables, applies every stored entry again, and compares. Everything happens in one transaction.
pub async fn rebuild(app: &App) -> Result<Vec<Difference>> {
    let app_in = app.clone();
    app.caches.votes.invalidate_all();
    app.db.write_within(REBUILD_MOST, async move |conn| again(conn, &app_in).await).await
}

async fn again(conn: &mut Conn, app: &App) -> Result<Vec<Difference>> {
    let now = app.now();
    project::refresh_members(conn, now).await?;
    let before = rebuild::dump(conn).await?;
    make_again(conn, app, now).await?;
    let after = rebuild::dump(conn).await?;
    Ok(before.into_iter().zip(after).filter_map(|((table, old), (_, new))| difference(table, old, new)).collect())
}

/// Empties the tables and applies every stored entry again, in the running transaction.
pub async fn make_again(conn: &mut Conn, app: &App, now: Time) -> Result<()> {
    let proofs = rebuild::proofs(conn).await?;
    rebuild::clear(conn).await?;
    faults::find_votes_again(conn).await?;
    // Decisions rest on openings, so they come last; those ahead of their epoch wait as they did the first time.
    for decisions in [false, true] {
        for journal in rows::all(conn).await? {
            let mut start = 0;
            while let page = entries::page(conn, &journal.id, start, PAGE_ENTRIES).await?
                && let Some(last) = page.last()
            {
                start = last.position + 1;
                for row in page {
                    apply(conn, app, &row, decisions, now).await?;
                }
            }
        }
        if decisions {
            while apply_pending(conn, app, now).await? {}
        }
        project::refresh_members(conn, now).await?;
        project::settle_openings(conn, now).await?;
    }
    // A decision keeps the digests and the bundle that people may have quoted and saved.
    rebuild::put_proofs(conn, &proofs).await.map_err(Into::into)
}

/// Applies one entry if it is a decision, or if it is none.
async fn apply(conn: &mut Conn, app: &App, row: &entries::EntryRow, decisions: bool, now: Time) -> Result<()> {
    let Some(bytes) = &row.bytes else { return Ok(()) };
    let signed = journals::read_bytes(bytes)?;
    if matches!(signed.statement.body, Body::Article(_)) == decisions {
        let standing = standing::lock(conn).await?;
        project::apply(conn, app, &standing, &row.journal, row.position, &signed, now).await?;
    }
    Ok(())
}

/// Looks once at all that waits. True if one of them waits no longer.
async fn apply_pending(conn: &mut Conn, app: &App, now: Time) -> Result<bool> {
    let mut all = Looked::default();
    loop {
        let looked = project::apply_pending(conn, app, all.rest.as_ref(), now).await?;
        all = Looked { applied: all.applied || looked.applied, rest: looked.rest };
        if all.rest.is_none() {
            return Ok(all.applied);
        }
    }
}

fn difference(table: &'static str, old: Vec<String>, new: Vec<String>) -> Option<Difference> {
    if old == new {
        return None;
    }
    let (before, after): (HashSet<_>, HashSet<_>) = (old.iter().collect(), new.iter().collect());
    let lost = old.iter().filter(|row| !after.contains(row)).cloned().collect();
    let new = new.iter().filter(|row| !before.contains(row)).cloned().collect();
    Some(Difference { table, lost, new })
}
