//! Entries that could not take effect yet, because what they rest on has not arrived. Of each journal the earliest are
//! kept; whatever comes after those stands in the journal anyway, and takes the place of one that waits no longer.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, JournalId};

use super::schema::{entries, pending::dsl};
use super::{Conn, Result, digest, int, limit, nat, parsed};

/// Most entries of one journal that wait at a time.
pub const OF_A_JOURNAL_MOST: usize = 200;
/// What can come before what it rests on.
const KINDS: [&str; 2] = ["Article", "Fault"];

/// Where an entry stands.
pub type Place = (JournalId, u64);

/// An entry that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub statement: Digest,
    pub place: Place,
}

/// Lets an entry wait, unless enough earlier ones of its journal do.
pub async fn put(conn: &mut Conn, statement: Digest, journal: &JournalId, position: u64) -> Result<()> {
    if last_kept(conn, journal).await?.is_some_and(|last| position > last) {
        return Ok(());
    }
    insert(conn, statement, journal, position).await?;
    if let Some(last) = last_kept(conn, journal).await? {
        let later = dsl::pending.filter(dsl::journal.eq(journal.as_str())).filter(dsl::position.gt(int(last)));
        query!(conn, c => diesel::delete(later).execute(c))?;
    }
    Ok(())
}

async fn insert(conn: &mut Conn, statement: Digest, journal: &JournalId, position: u64) -> Result<()> {
    let values =
        (dsl::statement.eq(statement.0.as_slice()), dsl::journal.eq(journal.as_str()), dsl::position.eq(int(position)));
    query!(conn, c => diesel::insert_into(dsl::pending)
        .values(values)
        .on_conflict(dsl::statement)
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// Up to where entries of a journal wait here, if as many do as are kept: later ones are only in the journal.
async fn last_kept(conn: &mut Conn, journal: &JournalId) -> Result<Option<u64>> {
    let target = dsl::pending
        .filter(dsl::journal.eq(journal.as_str()))
        .order(dsl::position)
        .offset(limit(OF_A_JOURNAL_MOST - 1))
        .limit(1)
        .select(dsl::position);
    Ok(query!(conn, c => target.load::<i64>(c))?.pop().map(nat))
}

/// The first `most` behind a place, or from the beginning, by journal and position.
pub async fn after(conn: &mut Conn, place: Option<&Place>, most: usize) -> Result<Vec<Waiting>> {
    let (journal, position) = place.map_or(("", 0), |(journal, position)| (journal.as_str(), int(*position)));
    let behind = dsl::journal.gt(journal).or(dsl::journal.eq(journal).and(dsl::position.gt(position)));
    let target = dsl::pending.filter(behind).order((dsl::journal, dsl::position)).limit(limit(most)).select((
        dsl::statement,
        dsl::journal,
        dsl::position,
    ));
    let rows = query!(conn, c => target.load::<(Vec<u8>, String, i64)>(c))?;
    rows.into_iter()
        .map(|(statement, journal, position)| {
            Ok(Waiting { statement: digest(&statement)?, place: (parsed(&journal)?, nat(position)) })
        })
        .collect()
}

/// It waits no longer. Where more of its journal should wait than were kept, the next of them does now.
pub async fn remove(conn: &mut Conn, waiting: &Waiting) -> Result<()> {
    let (journal, _) = &waiting.place;
    let last = last_kept(conn, journal).await?;
    let target = dsl::pending.filter(dsl::statement.eq(waiting.statement.0.to_vec()));
    query!(conn, c => diesel::delete(target).execute(c))?;
    let Some(last) = last else { return Ok(()) };
    let next = entries::table
        .filter(entries::journal.eq(journal.as_str()))
        .filter(entries::kind.eq_any(KINDS))
        .filter(entries::position.gt(int(last)))
        .order(entries::position)
        .limit(1)
        .select((entries::digest, entries::position));
    match query!(conn, c => next.load::<(Vec<u8>, i64)>(c))?.pop() {
        Some((statement, position)) => insert(conn, digest(&statement)?, journal, nat(position)).await,
        None => Ok(()),
    }
}
