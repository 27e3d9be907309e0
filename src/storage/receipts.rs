//! Receipts that this node gave for ballots.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, MemberId, Time};

use super::schema::receipts::dsl;
use super::{Conn, Result, digest};

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

/// Every receipt for ballots of a vote: (ballot, signed receipt), the oldest first.
pub async fn of_proposal(conn: &mut Conn, proposal: Digest) -> Result<Vec<(Digest, Vec<u8>)>> {
    let target = dsl::receipts
        .filter(dsl::proposal.eq(proposal.0.to_vec()))
        .order((dsl::at, dsl::ballot))
        .select((dsl::ballot, dsl::statement));
    let rows = query!(conn, c => target.load::<(Vec<u8>, Vec<u8>)>(c))?;
    rows.into_iter().map(|(ballot, statement)| Ok((digest(&ballot)?, statement))).collect()
}

/// The signed receipt.
pub async fn find(conn: &mut Conn, ballot: Digest) -> Result<Option<Vec<u8>>> {
    let target = dsl::receipts.filter(dsl::ballot.eq(ballot.0.to_vec())).select(dsl::statement);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop())
}
