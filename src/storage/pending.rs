//! Entries that could not take effect yet, because what they rest on has not arrived.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, JournalId};

use super::schema::pending::dsl;
use super::{Conn, Result, digest, int};

pub async fn put(conn: &mut Conn, statement: Digest, journal: &JournalId, position: u64) -> Result<()> {
    let values =
        (dsl::statement.eq(statement.0.as_slice()), dsl::journal.eq(journal.as_str()), dsl::position.eq(int(position)));
    query!(conn, c => diesel::insert_into(dsl::pending)
        .values(values)
        .on_conflict(dsl::statement)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

pub async fn all(conn: &mut Conn) -> Result<Vec<Digest>> {
    let target = dsl::pending.order((dsl::journal, dsl::position)).select(dsl::statement);
    query!(conn, c => target.load::<Vec<u8>>(c))?.iter().map(|statement| digest(statement)).collect()
}

pub async fn remove(conn: &mut Conn, statement: Digest) -> Result<()> {
    let target = dsl::pending.filter(dsl::statement.eq(statement.0.to_vec()));
    query!(conn, c => diesel::delete(target).execute(c))?;
    Ok(())
}
