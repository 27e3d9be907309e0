//! Notices to all parties, such as force majeure.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, NodeId, Time};

use super::page::beyond;
use super::schema::notices::dsl;
use super::{Conn, Page, Result, Wanted, digest, parsed};

#[derive(Debug, Clone)]
pub struct NoticeRow {
    pub digest: Digest,
    pub node: NodeId,
    pub subject: String,
    pub source: String,
    pub published: Time,
}

pub async fn put(
    conn: &mut Conn,
    statement: Digest,
    node: &NodeId,
    subject: &str,
    source: &str,
    at: Time,
) -> Result<()> {
    let values = (
        dsl::digest.eq(statement.0.to_vec()),
        dsl::node.eq(node.as_str()),
        dsl::subject.eq(subject),
        dsl::source.eq(source),
        dsl::published.eq(at.0),
    );
    query!(conn, c => diesel::insert_into(dsl::notices).values(values).on_conflict(dsl::digest).do_nothing().execute(c))?;
    Ok(())
}

type Columns = (Vec<u8>, String, String, String, i64);

fn row((id, node, subject, source, at): Columns) -> Result<NoticeRow> {
    Ok(NoticeRow { digest: digest(&id)?, node: parsed(&node)?, subject, source, published: Time(at) })
}

/// The newest first.
pub async fn newest(conn: &mut Conn, wanted: &Wanted<i64, Digest>) -> Result<Page<NoticeRow>> {
    let (at, id) = wanted.beside((i64::MAX, Digest([0; 32])));
    let id = id.0.as_slice();
    let rows = beyond!(conn, wanted, newest (dsl::published, at), (dsl::digest, id), dsl::notices => Columns)?;
    let rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(wanted, rows, |row| (row.published.0, row.digest)))
}
