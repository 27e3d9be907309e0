//! Proven faults.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::certification::message;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::{FaultKind, FaultReport, Statement};

use super::page::beyond;
use super::schema::{fault_votes, faults::dsl};
use super::{Conn, Error, Page, Result, Wanted, digest, limit, nat};

/// A report and when this node learned of it.
#[derive(Debug, Clone)]
pub struct FaultRow {
    pub digest: Digest,
    pub report: FaultReport,
    pub found_at: Time,
}

/// Keeps a proof. True if it was not known before.
pub async fn put(conn: &mut Conn, report: &FaultReport, now: Time) -> Result<bool> {
    let document = serde_json::to_vec(report).map_err(Error::unreadable)?;
    let fault = Digest::of(&document);
    let values = (
        dsl::digest.eq(fault.0.to_vec()),
        dsl::kind.eq(format!("{:?}", report.fault)),
        dsl::culprit.eq(&report.culprit),
        dsl::report.eq(&document),
        dsl::found_at.eq(now.0),
    );
    let added = query!(conn, c => diesel::insert_into(dsl::faults).values(values).on_conflict(dsl::digest).do_nothing().execute(c))?;
    put_votes(conn, fault, report).await?;
    Ok(added > 0)
}

/// Makes again what follows from the proofs.
pub async fn find_votes_again(conn: &mut Conn) -> Result<()> {
    let target = dsl::faults.select((dsl::digest, dsl::report, dsl::found_at));
    for known in query!(conn, c => target.load::<Columns>(c))? {
        let known = row(known)?;
        put_votes(conn, known.digest, &known.report).await?;
    }
    Ok(())
}

async fn put_votes(conn: &mut Conn, fault: Digest, report: &FaultReport) -> Result<()> {
    for vote in votes(report) {
        let values = (fault_votes::vote.eq(vote.0.to_vec()), fault_votes::fault.eq(fault.0.to_vec()));
        query!(conn, c => diesel::insert_into(fault_votes::table)
            .values(values)
            .on_conflict((fault_votes::vote, fault_votes::fault))
            .do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// The votes that the evidence names.
pub fn votes(report: &FaultReport) -> Vec<Digest> {
    let documents = report.evidence.iter().filter_map(|document| Statement::read_kept(document.as_bytes()).ok());
    documents.filter_map(|signed| message::vote_of(&signed.statement.body)).collect()
}

type Columns = (Vec<u8>, Vec<u8>, i64);

fn row((id, report, at): Columns) -> Result<FaultRow> {
    let report = serde_json::from_slice(&report).map_err(Error::unreadable)?;
    Ok(FaultRow { digest: digest(&id)?, report, found_at: Time(at) })
}

/// What was learned of last comes first.
pub async fn newest(conn: &mut Conn, wanted: &Wanted<i64, Digest>) -> Result<Page<FaultRow>> {
    let (at, id) = wanted.beside((i64::MAX, Digest([0; 32])));
    let (target, id) = (dsl::faults.select((dsl::digest, dsl::report, dsl::found_at)), id.0.as_slice());
    let rows = beyond!(conn, wanted, newest (dsl::found_at, at), (dsl::digest, id), target => Columns)?;
    let rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(wanted, rows, |row| (row.found_at.0, row.digest)))
}

/// Proofs that name a vote, what was learned of last first.
pub async fn of_vote(conn: &mut Conn, vote: Digest, most: usize) -> Result<Vec<FaultRow>> {
    let target = fault_votes::table
        .inner_join(dsl::faults.on(dsl::digest.eq(fault_votes::fault)))
        .filter(fault_votes::vote.eq(vote.0.as_slice()))
        .order((dsl::found_at.desc(), dsl::digest))
        .limit(limit(most))
        .select((dsl::digest, dsl::report, dsl::found_at));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// How many proofs name a vote.
pub async fn count_of_vote(conn: &mut Conn, vote: Digest) -> Result<u64> {
    let target = fault_votes::table.filter(fault_votes::vote.eq(vote.0.as_slice())).count();
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
}

/// Of whom among these something is proven.
pub async fn culprits(conn: &mut Conn, among: &[&str]) -> Result<Vec<String>> {
    let target = dsl::faults.filter(dsl::culprit.eq_any(among.iter().copied())).select(dsl::culprit).distinct();
    query!(conn, c => target.load::<String>(c))
}

/// What is proven of one kind about one culprit.
pub async fn of_culprit(conn: &mut Conn, fault: FaultKind, culprit: &str) -> Result<Vec<FaultRow>> {
    let target = dsl::faults
        .filter(dsl::kind.eq(format!("{fault:?}")))
        .filter(dsl::culprit.eq(culprit))
        .order((dsl::found_at, dsl::digest))
        .select((dsl::digest, dsl::report, dsl::found_at));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// How many faults are proven.
pub async fn count(conn: &mut Conn) -> Result<u64> {
    query!(conn, c => dsl::faults.count().get_result::<i64>(c)).map(nat)
}
