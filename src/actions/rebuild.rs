//! Making every governance table again from the journals: the tables are a convenience, the journals are the record.

use folkmoot_governance::statement::Body;

use super::error::Result;
use super::{journals, project, standing};
use crate::app::App;
use crate::storage::{Conn, entries, journals as rows, rebuild};

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
    app.db.write(async move |conn| again(conn, &app_in).await).await
}

async fn again(conn: &mut Conn, app: &App) -> Result<Vec<Difference>> {
    let now = app.now();
    project::refresh_members(conn, now).await?;
    let before = rebuild::dump(conn).await?;
    rebuild::clear(conn).await?;
    // Decisions rest on openings, so they come last; those ahead of their epoch wait as they did the first time.
    for decisions in [false, true] {
        for journal in rows::all(conn).await? {
            for row in entries::page(conn, &journal.id, 0, usize::MAX).await? {
                let Some(bytes) = &row.bytes else { continue };
                let signed = journals::read_bytes(bytes)?;
                if matches!(signed.statement.body, Body::Article(_)) != decisions {
                    continue;
                }
                let standing = standing::lock(conn).await?;
                project::apply(conn, app, &standing, &journal.id, row.position, &signed, now).await?;
            }
        }
        if decisions {
            while project::apply_pending(conn, app, now).await? {}
        }
        project::refresh_members(conn, now).await?;
        project::settle_openings(conn, now).await?;
    }
    let after = rebuild::dump(conn).await?;
    Ok(before.into_iter().zip(after).filter_map(|((table, old), (_, new))| difference(table, old, new)).collect())
}

fn difference(table: &'static str, old: Vec<String>, new: Vec<String>) -> Option<Difference> {
    if old == new {
        return None;
    }
    let lost = old.iter().filter(|row| !new.contains(row)).cloned().collect();
    let new = new.into_iter().filter(|row| !old.contains(row)).collect();
    Some(Difference { table, lost, new })
}
