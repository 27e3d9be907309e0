//! Receipts that this node gave for ballots.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, MemberId, Time};

use super::schema::receipts::dsl;
use super::{Conn, Result};

pub async fn put(
    conn: &mut Conn,
    ballot: Digest,
    proposal: Digest,
    member: &MemberId,
    statement: &[u8],
    now: Time,
) -> Result<()> {
    let values = (
        dsl::ballot.eq(ballot.0.to_vec()),
        dsl::proposal.eq(proposal.0.to_vec()),
        dsl::member.eq(member.as_str()),
        dsl::statement.eq(statement),
        dsl::at.eq(now.0),
    );
    query!(conn, c => diesel::insert_into(dsl::receipts).values(values).on_conflict(dsl::ballot).do_nothing().execute(c))?;
    Ok(())
}

/// The signed receipt.
pub async fn find(conn: &mut Conn, ballot: Digest) -> Result<Option<Vec<u8>>> {
    let target = dsl::receipts.filter(dsl::ballot.eq(ballot.0.to_vec())).select(dsl::statement);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop())
}
