//! Contributions to the threads of proposals.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{JournalId, Time};
use folkmoot_governance::statement::Comment;

use super::schema::comments::dsl;
use super::{Conn, Result, int};

/// A contribution as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentRow {
    pub id: String,
    pub in_reply_to: String,
    pub author: String,
    pub author_name: String,
    pub source: String,
    pub published: Time,
}

pub async fn put(
    conn: &mut Conn,
    comment: &Comment,
    published: Time,
    journal: &JournalId,
    position: u64,
) -> Result<()> {
    let values = (
        dsl::id.eq(&comment.id),
        dsl::proposal.eq(&comment.proposal),
        dsl::in_reply_to.eq(&comment.in_reply_to),
        dsl::author.eq(&comment.author),
        dsl::author_name.eq(&comment.author_name),
        dsl::source.eq(&comment.source),
        dsl::published.eq(published.0),
        dsl::journal.eq(journal.as_str()),
        dsl::position.eq(int(position)),
    );
    query!(conn, c => diesel::insert_into(dsl::comments).values(values).on_conflict(dsl::id).do_nothing().execute(c))?;
    Ok(())
}

/// Whether this is the proposal itself or a contribution to its thread.
pub async fn exists(conn: &mut Conn, proposal: &str, id: &str) -> Result<bool> {
    let target = dsl::comments.filter(dsl::id.eq(id)).filter(dsl::proposal.eq(proposal)).select(dsl::position);
    Ok(id == proposal || !query!(conn, c => target.load::<i64>(c))?.is_empty())
}

/// Oldest first.
pub async fn of_proposal(conn: &mut Conn, proposal: &str) -> Result<Vec<CommentRow>> {
    let target = dsl::comments.filter(dsl::proposal.eq(proposal)).order((dsl::published, dsl::id)).select((
        dsl::id,
        dsl::in_reply_to,
        dsl::author,
        dsl::author_name,
        dsl::source,
        dsl::published,
    ));
    let rows = query!(conn, c => target.load::<(String, String, String, String, String, i64)>(c))?;
    let row = |(id, in_reply_to, author, author_name, source, at)| CommentRow {
        id,
        in_reply_to,
        author,
        author_name,
        source,
        published: Time(at),
    };
    Ok(rows.into_iter().map(row).collect())
}
