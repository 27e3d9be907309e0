//! Ballots as their casters and everybody else see them: for whom somebody votes, what was cast last, and the reasons of
//! standing blocks. Reads only.

use std::collections::HashSet;

use folkmoot_governance::ballot::Cast;
use folkmoot_governance::id::{MemberId, Time};
use folkmoot_governance::roll::Seat;
use folkmoot_governance::statement::Body;
use folkmoot_governance::tally::Outcome;

use super::error::Result;
use super::{cast_ballot, count, journals};
use crate::storage::{Conn, ballots, members};

/// The last ballot of a seat.
#[derive(Debug, Clone)]
pub struct Last {
    pub cast: Cast,
    pub at: Time,
}

/// A standing block with its reason in full.
#[derive(Debug, Clone)]
pub struct BlockText {
    pub by: String,
    pub ground: String,
    pub text: String,
}

/// Seats of the frozen roll for which a person can vote: the own one, and those of organisations whose mandate it holds.
pub async fn seats<'v>(conn: &mut Conn, vote: &'v count::Vote, person: &MemberId) -> Result<Vec<&'v Seat>> {
    let held = members::represented_by(conn, person).await?;
    let mandated =
        |seat: &Seat| seat.mandates.iter().any(|mandate| mandate.holder == *person) && held.contains(&seat.member);
    let mut seats: Vec<&Seat> =
        vote.roll.seats.iter().filter(|seat| seat.member == *person || mandated(seat)).collect();
    seats.sort_by_key(|seat| seat.member != *person);
    Ok(seats)
}

/// What was cast last for a seat.
pub async fn last(conn: &mut Conn, vote: &count::Vote, index: u32) -> Result<Option<Last>> {
    let Some(cast) = cast_ballot::latest(conn, vote, index).await? else { return Ok(None) };
    let rows = ballots::by_digest(conn, cast.digest).await?;
    let at = rows.first().map_or(vote.opening.voting.opens, |row| row.published);
    Ok(Some(Last { cast, at }))
}

/// How many seats have a ballot here that one of their keys signed.
pub async fn cast(conn: &mut Conn, vote: &count::Vote) -> Result<u64> {
    let mut seats = HashSet::new();
    for (index, key) in ballots::signers(conn, vote.digest()).await? {
        if vote.roll.seat(index).is_some_and(|seat| seat.accepts_key(&key)) {
            seats.insert(index);
        }
    }
    Ok(seats.len() as u64)
}

/// Whether any of the seats has a ballot here that counts.
pub async fn have_voted(conn: &mut Conn, vote: &count::Vote, seats: &[&Seat]) -> Result<bool> {
    for seat in seats {
        if cast_ballot::latest(conn, vote, seat.index).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The standing blocks of an outcome, with the reasons that their casters gave.
pub async fn blocks(conn: &mut Conn, vote: &count::Vote, outcome: &Outcome) -> Result<Vec<BlockText>> {
    let standing = outcome.count.iter().flat_map(|count| &count.blocks);
    let mut texts = Vec::new();
    for block in standing {
        let member = vote.roll.seat(block.index).map(|seat| seat.member.clone());
        let name = match &member {
            Some(member) => members::find(conn, member).await?.map(|row| row.name).filter(|name| !name.is_empty()),
            None => None,
        };
        let by = name.or_else(|| member.map(|member| member.to_string())).unwrap_or_default();
        let reason = match journals::by_digest(conn, block.ballot).await?.statement.body {
            Body::Ballot(ballot) => ballot.block.map(|reason| reason.text),
            _ => None,
        };
        texts.push(BlockText { by, ground: block.ground.clone(), text: reason.unwrap_or_default() });
    }
    Ok(texts)
}
