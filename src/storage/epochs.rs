//! How each epoch followed from the one before.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, Time};

use super::schema::epochs::dsl;
use super::{Conn, Result, digest, int, nat};

#[derive(Debug, Clone)]
pub struct EpochRow {
    pub number: u64,
    /// Effects and cut, as JSON.
    pub document: Vec<u8>,
    /// Digest of the opening of the deciding vote.
    pub decided_by: Digest,
    pub since: Time,
}

/// Epochs from 1 on, in order.
pub async fn all(conn: &mut Conn) -> Result<Vec<EpochRow>> {
    type Columns = (i64, Vec<u8>, Vec<u8>, i64);
    let rows = query!(conn, c => dsl::epochs.order(dsl::number).load::<Columns>(c))?;
    rows.into_iter()
        .map(|(number, document, decided_by, since)| {
            Ok(EpochRow { number: nat(number), document, decided_by: digest(&decided_by)?, since: Time(since) })
        })
        .collect()
}

/// The votes that decided them, in order.
pub async fn decided_by(conn: &mut Conn) -> Result<Vec<Digest>> {
    let target = dsl::epochs.order(dsl::number).select(dsl::decided_by);
    query!(conn, c => target.load::<Vec<u8>>(c))?.iter().map(|bytes| digest(bytes)).collect()
}

pub async fn insert(conn: &mut Conn, row: &EpochRow) -> Result<()> {
    let values = (
        dsl::number.eq(int(row.number)),
        dsl::document.eq(&row.document),
        dsl::decided_by.eq(row.decided_by.0.as_slice()),
        dsl::since.eq(row.since.0),
    );
    query!(conn, c => diesel::insert_into(dsl::epochs).values(values).execute(c))?;
    Ok(())
}
