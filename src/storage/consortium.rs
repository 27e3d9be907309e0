//! The consortium that the node belongs to, and invitations to others.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{ConsortiumId, NodeId, Time};

use super::schema::consortium::dsl;
use super::{Conn, Result, parsed};

/// `state` is `invited`, `proposed` or `ratified`.
#[derive(Debug, Clone)]
pub struct ConsortiumRow {
    pub id: ConsortiumId,
    pub genesis: Vec<u8>,
    pub name: String,
    pub state: String,
    pub invited_by: Option<String>,
}

type Columns = (String, Vec<u8>, String, String, Option<String>, i64);

fn row(columns: Columns) -> Result<ConsortiumRow> {
    let (id, genesis, name, state, invited_by, _) = columns;
    Ok(ConsortiumRow { id: parsed(&id)?, genesis, name, state, invited_by })
}

/// Which one this node has accepted, and its state.
pub async fn accepted(conn: &mut Conn) -> Result<Option<(ConsortiumId, String)>> {
    let target = dsl::consortium.filter(dsl::state.ne("invited")).select((dsl::id, dsl::state)).limit(1);
    let found = query!(conn, c => target.load::<(String, String)>(c))?.pop();
    found.map(|(id, state)| Ok((parsed(&id)?, state))).transpose()
}

/// The one that this node has accepted.
pub async fn current(conn: &mut Conn) -> Result<Option<ConsortiumRow>> {
    let found = query!(conn, c => dsl::consortium.filter(dsl::state.ne("invited")).limit(1).load::<Columns>(c))?.pop();
    found.map(row).transpose()
}

/// Keeps other transactions that ask for the same away until the end of this one. SQLite has one writer anyway.
pub async fn lock(conn: &mut Conn) -> Result<()> {
    let Conn::Postgres(object) = conn else { return Ok(()) };
    let target = dsl::consortium.filter(dsl::state.ne("invited")).select(dsl::id).for_update();
    target.load::<String>(&mut ***object).await?;
    Ok(())
}

/// Keeps others from accepting and inviting until the end of this transaction: before a consortium is accepted there is no
/// row for which they would wait.
pub async fn lock_table(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(_) => conn.batch("LOCK TABLE consortium IN SHARE ROW EXCLUSIVE MODE").await,
    }
}

/// Invitations that nobody has answered.
pub async fn invitations(conn: &mut Conn) -> Result<Vec<ConsortiumRow>> {
    let found = query!(conn, c => dsl::consortium.filter(dsl::state.eq("invited")).order(dsl::at).load::<Columns>(c))?;
    found.into_iter().map(row).collect()
}

/// An invitation that nobody has answered.
pub async fn invitation(conn: &mut Conn, id: ConsortiumId) -> Result<Option<ConsortiumRow>> {
    let target = dsl::consortium.filter(dsl::state.eq("invited")).filter(dsl::id.eq(id.to_string()));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// Which those are and who sent them, the latest first.
pub async fn inviters(conn: &mut Conn) -> Result<Vec<(ConsortiumId, Option<NodeId>)>> {
    let target = dsl::consortium
        .filter(dsl::state.eq("invited"))
        .order((dsl::at.desc(), dsl::id))
        .select((dsl::id, dsl::invited_by));
    let rows = query!(conn, c => target.load::<(String, Option<String>)>(c))?;
    rows.into_iter().map(|(id, from)| Ok((parsed(&id)?, from.as_deref().map(parsed).transpose()?))).collect()
}

/// Forgets an invitation; false if there is none.
pub async fn remove_invitation(conn: &mut Conn, id: ConsortiumId) -> Result<bool> {
    let target = dsl::consortium.filter(dsl::state.eq("invited")).filter(dsl::id.eq(id.to_string()));
    Ok(query!(conn, c => diesel::delete(target).execute(c))? > 0)
}

pub async fn invite(
    conn: &mut Conn,
    id: ConsortiumId,
    name: &str,
    genesis: &[u8],
    from: &NodeId,
    at: Time,
) -> Result<()> {
    let values = (
        dsl::id.eq(id.to_string()),
        dsl::genesis.eq(genesis),
        dsl::name.eq(name),
        dsl::state.eq("invited"),
        dsl::invited_by.eq(Some(from.as_str())),
        dsl::at.eq(at.0),
    );
    query!(conn, c => diesel::insert_into(dsl::consortium).values(values).on_conflict(dsl::id).do_nothing().execute(c))?;
    Ok(())
}

/// Makes it the node's own: invited before, or founded here. False if the node belongs to one already; nobody accepts
/// another one between this look and the end of the transaction.
pub async fn accept(conn: &mut Conn, id: ConsortiumId, name: &str, genesis: &[u8], at: Time) -> Result<bool> {
    lock_table(conn).await?;
    if current(conn).await?.is_some() {
        return Ok(false);
    }
    let values = (
        dsl::id.eq(id.to_string()),
        dsl::genesis.eq(genesis),
        dsl::name.eq(name),
        dsl::state.eq("proposed"),
        dsl::at.eq(at.0),
    );
    query!(conn, c => diesel::insert_into(dsl::consortium)
        .values(values)
        .on_conflict(dsl::id)
        .do_update()
        .set(dsl::state.eq("proposed"))
        .execute(c))?;
    Ok(true)
}

pub async fn set_state(conn: &mut Conn, id: ConsortiumId, state: &str) -> Result<()> {
    let target = dsl::consortium.filter(dsl::id.eq(id.to_string()));
    query!(conn, c => diesel::update(target).set(dsl::state.eq(state)).execute(c))?;
    Ok(())
}
