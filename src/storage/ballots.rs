//! Which ballots are where; what they say is read from the journals. They stand here whoever signed them: any node can put a
//! ballot for any seat into its journal. Whoever asks what a seat said asks for the keys of that seat.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, JournalId, Time};
use folkmoot_governance::key::PublicKey;

use super::schema::ballots::dsl;
use super::{Conn, Result, digest, int, limit, nat, parsed};

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
    /// The key that signed it, whether or not it is the seat's.
    pub key: PublicKey,
}

type Columns = (Vec<u8>, Vec<u8>, i64, i64, String, String, i64, i64, String);

fn row(columns: Columns) -> Result<BallotRow> {
    let (ballot, proposal, seat, sequence, choices, journal, position, published, key) = columns;
    Ok(BallotRow {
        digest: digest(&ballot)?,
        proposal: digest(&proposal)?,
        index: index(seat),
        sequence: nat(sequence),
        choices: choices.split(' ').filter_map(|choice| choice.parse().ok()).collect(),
        journal: parsed(&journal)?,
        position: nat(position),
        published: Time(published),
        key: parsed(&key)?,
    })
}

fn index(seat: i64) -> u32 {
    u32::try_from(seat).unwrap_or(u32::MAX)
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
        dsl::key.eq(row.key.to_string()),
    );
    query!(conn, c => diesel::insert_into(dsl::ballots)
        .values(values)
        .on_conflict((dsl::digest, dsl::journal))
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// Ballots that one key signed for one seat.
macro_rules! signed_for {
    ($proposal:expr, $index:expr, $key:expr) => {
        dsl::ballots
            .filter(dsl::proposal.eq($proposal.0.as_slice()))
            .filter(dsl::seat.eq(i64::from($index)))
            .filter(dsl::key.eq($key.to_string()))
    };
}

/// What one key signed for one seat, in whatever journals, as it counts: the highest sequence first, of equal ones the
/// smaller digest; at most `most`.
pub async fn highest(
    conn: &mut Conn,
    proposal: Digest,
    index: u32,
    key: &PublicKey,
    most: usize,
) -> Result<Vec<Digest>> {
    let target = signed_for!(proposal, index, key)
        .select((dsl::sequence, dsl::digest))
        .distinct()
        .order((dsl::sequence.desc(), dsl::digest))
        .limit(limit(most));
    query!(conn, c => target.load::<(i64, Vec<u8>)>(c))?.iter().map(|(_, ballot)| digest(ballot)).collect()
}

/// How many of those stand in one journal.
pub async fn count_in(
    conn: &mut Conn,
    journal: &JournalId,
    proposal: Digest,
    index: u32,
    key: &PublicKey,
) -> Result<usize> {
    let target = signed_for!(proposal, index, key).filter(dsl::journal.eq(journal.as_str())).count();
    let count = query!(conn, c => target.get_result::<i64>(c))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Those with one sequence, by digest; at most `most`.
pub async fn with_sequence(
    conn: &mut Conn,
    proposal: Digest,
    index: u32,
    key: &PublicKey,
    sequence: u64,
    most: usize,
) -> Result<Vec<Digest>> {
    let target = signed_for!(proposal, index, key)
        .filter(dsl::sequence.eq(int(sequence)))
        .select(dsl::digest)
        .distinct()
        .order(dsl::digest)
        .limit(limit(most));
    query!(conn, c => target.load::<Vec<u8>>(c))?.iter().map(|ballot| digest(ballot)).collect()
}

/// Where a vote has several ballots with one sequence by one key for one seat: (seat, key, sequence).
pub async fn contradictions(conn: &mut Conn, proposal: Digest) -> Result<Vec<(u32, PublicKey, u64)>> {
    let target = dsl::ballots
        .filter(dsl::proposal.eq(proposal.0.as_slice()))
        .group_by((dsl::seat, dsl::key, dsl::sequence))
        .having(diesel::dsl::count(dsl::digest).aggregate_distinct().gt(1))
        .select((dsl::seat, dsl::key, dsl::sequence));
    let rows = query!(conn, c => target.load::<(i64, String, i64)>(c))?;
    rows.into_iter().map(|(seat, key, sequence)| Ok((index(seat), parsed(&key)?, nat(sequence)))).collect()
}

/// Which keys have signed ballots for which seats of a vote.
pub async fn signers(conn: &mut Conn, proposal: Digest) -> Result<Vec<(u32, PublicKey)>> {
    let target = dsl::ballots.filter(dsl::proposal.eq(proposal.0.as_slice())).select((dsl::seat, dsl::key)).distinct();
    let rows = query!(conn, c => target.load::<(i64, String)>(c))?;
    rows.into_iter().map(|(seat, key)| Ok((index(seat), parsed(&key)?))).collect()
}

/// Where a ballot stands, in every journal that has it.
pub async fn by_digest(conn: &mut Conn, ballot: Digest) -> Result<Vec<BallotRow>> {
    let target = dsl::ballots.filter(dsl::digest.eq(ballot.0.as_slice())).order(dsl::journal);
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}
