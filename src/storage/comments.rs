//! Contributions to the threads of proposals.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{JournalId, Time};
use folkmoot_governance::statement::Comment;

use super::page::beyond;
use super::schema::comments::dsl;
use super::{Conn, Page, Result, Wanted, int, nat};

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

type Columns = (String, String, String, String, String, i64);

fn row((id, in_reply_to, author, author_name, source, at): Columns) -> CommentRow {
    CommentRow { id, in_reply_to, author, author_name, source, published: Time(at) }
}

/// The thread of a proposal, the newest first.
pub async fn of_proposal(conn: &mut Conn, proposal: &str, wanted: &Wanted<i64, String>) -> Result<Page<CommentRow>> {
    let (at, id) = wanted.beside((i64::MAX, String::new()));
    let target = dsl::comments.filter(dsl::proposal.eq(proposal)).select((
        dsl::id,
        dsl::in_reply_to,
        dsl::author,
        dsl::author_name,
        dsl::source,
        dsl::published,
    ));
    let rows = beyond!(conn, wanted, newest (dsl::published, at), (dsl::id, id.as_str()), target => Columns)?;
    Ok(Page::of(wanted, rows.into_iter().map(row).collect(), |row| (row.published.0, row.id.clone())))
}

/// How many contributions the thread of a proposal has.
pub async fn count(conn: &mut Conn, proposal: &str) -> Result<u64> {
    let target = dsl::comments.filter(dsl::proposal.eq(proposal)).count();
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
}

/// Who wrote these contributions: (id, author, author's name).
pub async fn authors(conn: &mut Conn, ids: &[&str]) -> Result<Vec<(String, String, String)>> {
    let target =
        dsl::comments.filter(dsl::id.eq_any(ids.iter().copied())).select((dsl::id, dsl::author, dsl::author_name));
    query!(conn, c => target.load(c))
}
