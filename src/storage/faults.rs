//! Proven faults.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::{FaultKind, FaultReport};

use super::schema::faults::dsl;
use super::{Conn, Error, Result, digest, nat};

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
    let values = (
        dsl::digest.eq(Digest::of(&document).0.to_vec()),
        dsl::kind.eq(format!("{:?}", report.fault)),
        dsl::culprit.eq(&report.culprit),
        dsl::report.eq(&document),
        dsl::found_at.eq(now.0),
    );
    let added = query!(conn, c => diesel::insert_into(dsl::faults).values(values).on_conflict(dsl::digest).do_nothing().execute(c))?;
    Ok(added > 0)
}

type Columns = (Vec<u8>, Vec<u8>, i64);

fn row((id, report, at): Columns) -> Result<FaultRow> {
    let report = serde_json::from_slice(&report).map_err(Error::unreadable)?;
    Ok(FaultRow { digest: digest(&id)?, report, found_at: Time(at) })
}

pub async fn all(conn: &mut Conn) -> Result<Vec<FaultRow>> {
    let target = dsl::faults.order((dsl::found_at, dsl::digest)).select((dsl::digest, dsl::report, dsl::found_at));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
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
