//! Checkpoints of all journals with the cosignatures known here, and how far each witness has got.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, JournalId, Time};

use super::schema::{checkpoints::dsl, cosigned};
use super::{Conn, Result, digest, int, nat, parsed, time};

#[derive(Debug, Clone)]
pub struct CheckpointRow {
    pub journal: JournalId,
    pub size: u64,
    pub root: Digest,
    /// The signed note with every cosignature known here.
    pub note: String,
    /// When q parties of the epoch in force had cosigned it; absent while they have not.
    pub certified_at: Option<Time>,
}

type Columns = (String, i64, Vec<u8>, String, Option<i64>);

fn row((journal, size, root, note, certified_at): Columns) -> Result<CheckpointRow> {
    Ok(CheckpointRow {
        journal: parsed(&journal)?,
        size: nat(size),
        root: digest(&root)?,
        note,
        certified_at: time(certified_at),
    })
}

/// Up to `most` of a journal that are smaller than `size`, largest first.
pub async fn below(conn: &mut Conn, journal: &JournalId, size: u64, most: i64) -> Result<Vec<CheckpointRow>> {
    let target = dsl::checkpoints
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::size.lt(int(size)))
        .order(dsl::size.desc())
        .limit(most);
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

pub async fn latest(conn: &mut Conn, journal: &JournalId) -> Result<Option<CheckpointRow>> {
    let target = dsl::checkpoints.filter(dsl::journal.eq(journal.as_str())).order(dsl::size.desc()).limit(1);
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// The largest one that q parties have cosigned.
pub async fn latest_certified(conn: &mut Conn, journal: &JournalId) -> Result<Option<CheckpointRow>> {
    let target = dsl::checkpoints
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::certified_at.is_not_null())
        .order(dsl::size.desc())
        .limit(1);
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// Those that are larger than `size`, largest first.
pub async fn beyond(conn: &mut Conn, journal: &JournalId, size: u64) -> Result<Vec<CheckpointRow>> {
    let target = dsl::checkpoints
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::size.gt(int(size)))
        .order(dsl::size.desc());
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// The largest one above `least` and up to `most`.
pub async fn newest_in(conn: &mut Conn, journal: &JournalId, least: u64, most: u64) -> Result<Option<CheckpointRow>> {
    let target = dsl::checkpoints
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::size.gt(int(least)))
        .filter(dsl::size.le(int(most)))
        .order(dsl::size.desc())
        .limit(1);
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

pub async fn at(conn: &mut Conn, journal: &JournalId, size: u64) -> Result<Option<CheckpointRow>> {
    let target = dsl::checkpoints.filter(dsl::journal.eq(journal.as_str())).filter(dsl::size.eq(int(size))).limit(1);
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// Stores a note in place of what is known of the same size; the caller merged the cosignatures.
pub async fn put(conn: &mut Conn, row: &CheckpointRow) -> Result<()> {
    let values = (
        dsl::journal.eq(row.journal.as_str()),
        dsl::size.eq(int(row.size)),
        dsl::root.eq(row.root.0.as_slice()),
        dsl::note.eq(&row.note),
        dsl::certified_at.eq(row.certified_at.map(|at| at.0)),
    );
    let change = (dsl::note.eq(&row.note), dsl::certified_at.eq(row.certified_at.map(|at| at.0)));
    query!(conn, c => diesel::insert_into(dsl::checkpoints)
        .values(values)
        .on_conflict((dsl::journal, dsl::size))
        .do_update()
        .set(change)
        .execute(c))?;
    Ok(())
}

/// The largest size of a journal that this witness has cosigned.
pub async fn newest_cosigned(conn: &mut Conn, journal: &JournalId, witness: &str) -> Result<Option<u64>> {
    let target = cosigned::table
        .filter(cosigned::journal.eq(journal.as_str()))
        .filter(cosigned::witness.eq(witness))
        .select(cosigned::size);
    Ok(query!(conn, c => target.load::<i64>(c))?.pop().map(nat))
}

/// Remembers that a witness has cosigned this size.
pub async fn put_cosigned(conn: &mut Conn, journal: &JournalId, witness: &str, size: u64) -> Result<()> {
    let known = newest_cosigned(conn, journal, witness).await?;
    if known.is_some_and(|known| known >= size) {
        return Ok(());
    }
    let values = (cosigned::journal.eq(journal.as_str()), cosigned::witness.eq(witness), cosigned::size.eq(int(size)));
    query!(conn, c => diesel::insert_into(cosigned::table)
        .values(values)
        .on_conflict((cosigned::journal, cosigned::witness))
        .do_update()
        .set(cosigned::size.eq(int(size)))
        .execute(c))?;
    Ok(())
}
