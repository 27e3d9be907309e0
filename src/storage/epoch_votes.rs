//! For which decision this node has put its name to an epoch number: one each, for ever.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::Digest;

use super::schema::epoch_votes::dsl;
use super::{Conn, Result, int};

/// Claims the number for a decision; false where another one has it.
pub async fn claim(conn: &mut Conn, number: u64, proposal: Digest) -> Result<bool> {
    let values = (dsl::number.eq(int(number)), dsl::proposal.eq(proposal.0.to_vec()));
    query!(conn, c => diesel::insert_into(dsl::epoch_votes)
        .values(values)
        .on_conflict(dsl::number)
        .do_nothing()
        .execute(c))?;
    let target = dsl::epoch_votes.filter(dsl::number.eq(int(number))).select(dsl::proposal);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop().is_some_and(|holder| holder == proposal.0))
}
