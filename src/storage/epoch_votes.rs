//! For which decision this node has put its name to an epoch number: one at a time.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::Digest;

use super::schema::epoch_votes::dsl;
use super::{Conn, Result, digest, int};

/// The vote, and its sitting, that a number is claimed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub proposal: Digest,
    pub sitting: u32,
}

/// Who holds the number.
pub async fn holder(conn: &mut Conn, number: u64) -> Result<Option<Claim>> {
    let target = dsl::epoch_votes.filter(dsl::number.eq(int(number))).select((dsl::proposal, dsl::sitting));
    let row = query!(conn, c => target.load::<(Vec<u8>, i64)>(c))?.pop();
    row.map(|(proposal, sitting)| {
        Ok(Claim { proposal: digest(&proposal)?, sitting: u32::try_from(sitting).unwrap_or(0) })
    })
    .transpose()
}

/// Gives the number to a claim; whether the one before has ended is for the caller to know.
pub async fn put(conn: &mut Conn, number: u64, claim: Claim) -> Result<()> {
    let (proposal, sitting) = (dsl::proposal.eq(claim.proposal.0.to_vec()), dsl::sitting.eq(i64::from(claim.sitting)));
    query!(conn, c => diesel::insert_into(dsl::epoch_votes)
        .values((dsl::number.eq(int(number)), proposal.clone(), sitting))
        .on_conflict(dsl::number)
        .do_update()
        .set((proposal, sitting))
        .execute(c))?;
    Ok(())
}
