//! Where the statements about a member's place on the roll are. Whether they count is for the rules to say.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, JournalId, MemberId};
use folkmoot_governance::statement::RollEntry;

use super::schema::roll_entries::dsl;
use super::{Conn, Result, digest, int};

pub async fn put(
    conn: &mut Conn,
    entry: &RollEntry,
    statement: Digest,
    journal: &JournalId,
    position: u64,
) -> Result<()> {
    let values = (
        dsl::member.eq(entry.member.as_str()),
        dsl::journal.eq(journal.as_str()),
        dsl::position.eq(int(position)),
        dsl::statement.eq(statement.0.as_slice()),
        dsl::change.eq(i64::from(entry.change)),
    );
    query!(conn, c => diesel::insert_into(dsl::roll_entries)
        .values(values)
        .on_conflict((dsl::member, dsl::journal, dsl::position))
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// The latest one.
pub async fn latest(conn: &mut Conn, member: &MemberId) -> Result<Option<Digest>> {
    let target = dsl::roll_entries
        .filter(dsl::member.eq(member.as_str()))
        .order((dsl::journal.desc(), dsl::position.desc()))
        .select(dsl::statement)
        .limit(1);
    query!(conn, c => target.load::<Vec<u8>>(c))?.pop().map(|statement| digest(&statement)).transpose()
}

/// The one by which the member joined first.
pub async fn joining(conn: &mut Conn, member: &MemberId) -> Result<Option<Digest>> {
    let target = dsl::roll_entries
        .filter(dsl::member.eq(member.as_str()))
        .filter(dsl::change.eq(0))
        .order((dsl::journal, dsl::position))
        .select(dsl::statement)
        .limit(1);
    query!(conn, c => target.load::<Vec<u8>>(c))?.pop().map(|statement| digest(&statement)).transpose()
}
