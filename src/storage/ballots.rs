//! Which ballots are where; what they say is read from the journals.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, JournalId, Time};

use super::schema::ballots::dsl;
use super::{Conn, Result, digest, int, nat, parsed};

#[derive(Debug, Clone)]
pub struct BallotRow {
    pub digest: Digest,
    pub proposal: Digest,
    pub index: u32,
    pub sequence: u64,
    pub choices: Vec<u32>,
    pub journal: JournalId,
    pub position: u64,
    pub published: Time,
}

type Columns = (Vec<u8>, Vec<u8>, i64, i64, String, String, i64, i64);

fn row(columns: Columns) -> Result<BallotRow> {
    let (ballot, proposal, seat, sequence, choices, journal, position, published) = columns;
    Ok(BallotRow {
        digest: digest(&ballot)?,
        proposal: digest(&proposal)?,
        index: u32::try_from(seat).unwrap_or(u32::MAX),
        sequence: nat(sequence),
        choices: choices.split(' ').filter_map(|choice| choice.parse().ok()).collect(),
        journal: parsed(&journal)?,
        position: nat(position),
        published: Time(published),
    })
}

pub async fn put(conn: &mut Conn, row: &BallotRow) -> Result<()> {
    let choices: Vec<String> = row.choices.iter().map(u32::to_string).collect();
    let values = (
        dsl::digest.eq(row.digest.0.as_slice()),
        dsl::proposal.eq(row.proposal.0.as_slice()),
        dsl::seat.eq(i64::from(row.index)),
        dsl::sequence.eq(int(row.sequence)),
        dsl::choices.eq(choices.join(" ")),
        dsl::journal.eq(row.journal.as_str()),
        dsl::position.eq(int(row.position)),
        dsl::published.eq(row.published.0),
    );
    query!(conn, c => diesel::insert_into(dsl::ballots)
        .values(values)
        .on_conflict((dsl::digest, dsl::journal))
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// Ballots of one seat of the frozen roll, from all journals.
pub async fn of_seat(conn: &mut Conn, proposal: Digest, index: u32) -> Result<Vec<BallotRow>> {
    let target = dsl::ballots
        .filter(dsl::proposal.eq(proposal.0.as_slice()))
        .filter(dsl::seat.eq(i64::from(index)))
        .order((dsl::sequence, dsl::digest));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// How many seats of the frozen roll have a ballot here.
pub async fn seats(conn: &mut Conn, proposal: Digest) -> Result<u64> {
    let seats = diesel::dsl::count(dsl::seat).aggregate_distinct();
    let target = dsl::ballots.filter(dsl::proposal.eq(proposal.0.as_slice())).select(seats);
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
}

/// Where a ballot stands, in every journal that has it.
pub async fn by_digest(conn: &mut Conn, ballot: Digest) -> Result<Vec<BallotRow>> {
    let target = dsl::ballots.filter(dsl::digest.eq(ballot.0.as_slice())).order(dsl::journal);
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}
