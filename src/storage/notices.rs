//! Notices to all parties, such as force majeure.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, NodeId, Time};

use super::schema::notices::dsl;
use super::{Conn, Result, digest, parsed};

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

/// Newest first.
pub async fn all(conn: &mut Conn) -> Result<Vec<NoticeRow>> {
    let target = dsl::notices.order((dsl::published.desc(), dsl::digest));
    let rows = query!(conn, c => target.load::<(Vec<u8>, String, String, String, i64)>(c))?;
    rows.into_iter()
        .map(|(id, node, subject, source, at)| {
            Ok(NoticeRow { digest: digest(&id)?, node: parsed(&node)?, subject, source, published: Time(at) })
        })
        .collect()
}
