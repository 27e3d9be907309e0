//! Certified outcomes, one per sitting, and which nodes hold them.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, NodeId, Time};
use folkmoot_governance::statement::Visibility;

use super::page::{Sieve, beyond};
use super::proposals::{self as stored, ProposalRow};
use super::schema::{agreements, decisions::dsl, proposals, replacements};
use super::{Conn, Page, Result, Wanted, digest, int, limit, nat, parsed, shown_to};

/// What was decided. The certificate, which proves it and is many times as long, is read by itself: see [`certificate`].
#[derive(Debug, Clone)]
pub struct DecisionRow {
    pub proposal: Digest,
    pub sitting: u32,
    /// Absent where the vote was extended or withdrawn.
    pub number: Option<u64>,
    /// JSON of the outcome.
    pub outcome: Vec<u8>,
    pub value: Digest,
    pub closed_at: Time,
    /// The earliest time at which a node says that it held the certificate.
    pub certified_at: Time,
}

type Columns = (Vec<u8>, i64, Option<i64>, Vec<u8>, Vec<u8>, i64, i64);

/// All of a decision but its certificate.
const COLUMNS: (dsl::proposal, dsl::sitting, dsl::number, dsl::outcome, dsl::value, dsl::closed_at, dsl::certified_at) =
    (dsl::proposal, dsl::sitting, dsl::number, dsl::outcome, dsl::value, dsl::closed_at, dsl::certified_at);

fn row(columns: Columns) -> Result<DecisionRow> {
    let (proposal, sitting, number, outcome, value, closed_at, certified_at) = columns;
    Ok(DecisionRow {
        proposal: digest(&proposal)?,
        sitting: u32::try_from(sitting).unwrap_or(0),
        number: number.map(nat),
        outcome,
        value: digest(&value)?,
        closed_at: Time(closed_at),
        certified_at: Time(certified_at),
    })
}

/// `certificate` as JSON.
pub async fn put(conn: &mut Conn, row: &DecisionRow, certificate: &[u8]) -> Result<()> {
    let values = (
        dsl::proposal.eq(row.proposal.0.as_slice()),
        dsl::sitting.eq(i64::from(row.sitting)),
        dsl::number.eq(row.number.map(int)),
        dsl::outcome.eq(&row.outcome),
        dsl::certificate.eq(certificate),
        dsl::value.eq(row.value.0.as_slice()),
        dsl::closed_at.eq(row.closed_at.0),
        dsl::certified_at.eq(row.certified_at.0),
    );
    query!(conn, c => diesel::insert_into(dsl::decisions)
        .values(values)
        .on_conflict((dsl::proposal, dsl::sitting))
        .do_nothing()
        .execute(c))?;
    Ok(())
}

macro_rules! of_sitting {
    ($proposal:expr, $sitting:expr) => {
        dsl::decisions.filter(dsl::proposal.eq($proposal.0.as_slice())).filter(dsl::sitting.eq(i64::from($sitting)))
    };
}

/// An earlier time for a known decision.
pub async fn certified_at(conn: &mut Conn, proposal: Digest, sitting: u32, at: Time) -> Result<()> {
    let target = of_sitting!(proposal, sitting);
    query!(conn, c => diesel::update(target).set(dsl::certified_at.eq(at.0)).execute(c))?;
    Ok(())
}

pub async fn find(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<Option<DecisionRow>> {
    let target = of_sitting!(proposal, sitting);
    query!(conn, c => target.select(COLUMNS).load::<Columns>(c))?.pop().map(row).transpose()
}

/// JSON of the certificate of a sitting; absent where none was certified.
pub async fn certificate(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<Option<Vec<u8>>> {
    let target = of_sitting!(proposal, sitting).select(dsl::certificate);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop())
}

/// All sittings of a vote that were certified, in order.
pub async fn of_proposal(conn: &mut Conn, proposal: Digest) -> Result<Vec<DecisionRow>> {
    let target = dsl::decisions.filter(dsl::proposal.eq(proposal.0.as_slice())).order(dsl::sitting);
    query!(conn, c => target.select(COLUMNS).load::<Columns>(c))?.into_iter().map(row).collect()
}

/// The votes and sittings that have a certified outcome.
pub async fn sittings(conn: &mut Conn) -> Result<BTreeSet<(Digest, u32)>> {
    let rows = query!(conn, c => dsl::decisions.select((dsl::proposal, dsl::sitting)).load::<(Vec<u8>, i64)>(c))?;
    rows.iter().map(|(vote, sitting)| Ok((digest(vote)?, u32::try_from(*sitting).unwrap_or(0)))).collect()
}

/// Every certified outcome, for rules that rest on all of them.
pub async fn all(conn: &mut Conn) -> Result<Vec<DecisionRow>> {
    let target = dsl::decisions.order((dsl::closed_at, dsl::proposal, dsl::sitting));
    query!(conn, c => target.select(COLUMNS).load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Numbered decisions with their proposals.
macro_rules! numbered {
    ($reader:expr) => {
        dsl::decisions
            .inner_join(proposals::table.on(proposals::digest.eq(dsl::proposal.nullable())))
            .filter(dsl::number.is_not_null())
            .filter(proposals::visibility.eq_any(shown_to($reader).iter().copied()))
            .select((COLUMNS, proposals::all_columns))
    };
}

type Numbered = (Columns, stored::Columns);

fn both((decision, proposal): Numbered) -> Result<(DecisionRow, ProposalRow)> {
    Ok((row(decision)?, stored::row(proposal)?))
}

/// The register: numbered decisions that the reader may know of and that `fits` says yes to, the newest first.
pub async fn register(
    conn: &mut Conn,
    reader: Visibility,
    wanted: &Wanted<i64, Digest>,
    fits: impl Fn(&ProposalRow) -> Result<bool>,
) -> Result<Page<(DecisionRow, ProposalRow)>> {
    let key = |(row, _): &(DecisionRow, ProposalRow)| (row.closed_at.0, row.proposal);
    let mut sieve = Sieve::new(wanted);
    while let Some(wanted) = sieve.wants() {
        let (at, id) = wanted.beside((i64::MAX, Digest([0; 32])));
        let (target, id) = (numbered!(reader), id.0.as_slice());
        let rows = beyond!(conn, wanted, newest (dsl::closed_at, at), (dsl::proposal, id), target => Numbered)?;
        let rows = rows.into_iter().map(both).collect::<Result<_>>()?;
        sieve.take(rows, key, |(_, proposal)| fits(proposal))?;
    }
    Ok(sieve.page(key))
}

/// The latest decisions that passed.
pub async fn latest_passed(conn: &mut Conn, most: usize) -> Result<Vec<(DecisionRow, ProposalRow)>> {
    // What is numbered passed or did not.
    let target = numbered!(Visibility::Consortium)
        .filter(proposals::state.ne("not-passed"))
        .order((dsl::closed_at.desc(), dsl::proposal.desc()))
        .limit(limit(most));
    query!(conn, c => target.load::<Numbered>(c))?.into_iter().map(both).collect()
}

/// The decisions that these openings became, as far as the reader may know of them.
pub async fn of_openings(
    conn: &mut Conn,
    reader: Visibility,
    openings: &[Digest],
) -> Result<Vec<(DecisionRow, ProposalRow)>> {
    let target = numbered!(reader)
        .filter(dsl::proposal.eq_any(openings.iter().map(|opening| opening.0.as_slice())))
        .order((dsl::closed_at.desc(), dsl::proposal.desc()));
    query!(conn, c => target.load::<Numbered>(c))?.into_iter().map(both).collect()
}

/// The first decision that passed and replaced what this opening became, if the reader may know of it.
pub async fn replacing(
    conn: &mut Conn,
    reader: Visibility,
    opening: Digest,
) -> Result<Option<(DecisionRow, ProposalRow)>> {
    let later =
        replacements::table.filter(replacements::replaced.eq(opening.0.as_slice())).select(replacements::proposal);
    let target = numbered!(reader)
        .filter(proposals::id.eq_any(later))
        .filter(proposals::state.ne("not-passed"))
        .order((dsl::closed_at, dsl::proposal))
        .limit(1);
    query!(conn, c => target.load::<Numbered>(c))?.pop().map(both).transpose()
}

/// The decisions with this number in the register. Two can share a number where an opening that never became valid was
/// certified late: the rank that numbers are is one among the openings that a cut shows.
pub async fn by_number(conn: &mut Conn, number: u64) -> Result<Vec<DecisionRow>> {
    let target = dsl::decisions.filter(dsl::number.eq(Some(int(number)))).order((dsl::closed_at, dsl::proposal));
    query!(conn, c => target.select(COLUMNS).load::<Columns>(c))?.into_iter().map(row).collect()
}

/// A node has published that it holds this value for a sitting.
pub async fn agree(
    conn: &mut Conn,
    proposal: Digest,
    sitting: u32,
    node: &NodeId,
    value: Digest,
    at: Time,
) -> Result<()> {
    let values = (
        agreements::proposal.eq(proposal.0.as_slice()),
        agreements::sitting.eq(i64::from(sitting)),
        agreements::node.eq(node.as_str()),
        agreements::value.eq(value.0.as_slice()),
        agreements::at.eq(at.0),
    );
    query!(conn, c => diesel::insert_into(agreements::table)
        .values(values)
        .on_conflict((agreements::proposal, agreements::sitting, agreements::node))
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// The first decision of these epochs of which a node has not published that it holds it.
pub async fn not_said_by(conn: &mut Conn, node: &NodeId, epochs: &[u64]) -> Result<Option<DecisionRow>> {
    let epochs: Vec<i64> = epochs.iter().map(|number| int(*number)).collect();
    let of_epochs =
        proposals::table.filter(proposals::digest.eq(dsl::proposal.nullable())).filter(proposals::epoch.eq_any(epochs));
    let said = agreements::table
        .filter(agreements::proposal.eq(dsl::proposal))
        .filter(agreements::sitting.eq(dsl::sitting))
        .filter(agreements::node.eq(node.as_str()));
    let target = dsl::decisions
        .filter(diesel::dsl::exists(of_epochs))
        .filter(diesel::dsl::not(diesel::dsl::exists(said)))
        .order((dsl::closed_at, dsl::proposal, dsl::sitting))
        .limit(1);
    query!(conn, c => target.select(COLUMNS).load::<Columns>(c))?.pop().map(row).transpose()
}

/// Which nodes have published which value for a sitting.
pub async fn agreements(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<Vec<(NodeId, Digest, Time)>> {
    let target = agreements::table
        .filter(agreements::proposal.eq(proposal.0.as_slice()))
        .filter(agreements::sitting.eq(i64::from(sitting)))
        .order(agreements::node)
        .select((agreements::node, agreements::value, agreements::at));
    let rows = query!(conn, c => target.load::<(String, Vec<u8>, i64)>(c))?;
    rows.into_iter().map(|(node, value, at)| Ok((parsed(&node)?, digest(&value)?, Time(at)))).collect()
}

/// How many certified outcomes there are.
pub async fn count(conn: &mut Conn) -> Result<u64> {
    query!(conn, c => dsl::decisions.count().get_result::<i64>(c)).map(nat)
}
