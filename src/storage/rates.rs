//! How often something was tried in the current window, shared by all processes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::Time;

use super::schema::rates::dsl;
use super::{Conn, Result, nat};

/// Counts one more try in `bucket`; the answer is how many there were in this window, this one included.
pub async fn count(conn: &mut Conn, bucket: &str, window_seconds: i64, now: Time) -> Result<u64> {
    let start = start(window_seconds, now);
    query!(conn, c => diesel::delete(dsl::rates.filter(dsl::window_start.lt(now.0 - 2 * 86_400))).execute(c))?;
    let reset = dsl::rates.filter(dsl::bucket.eq(bucket)).filter(dsl::window_start.ne(start));
    query!(conn, c => diesel::update(reset).set((dsl::window_start.eq(start), dsl::count.eq(0))).execute(c))?;
    let values = (dsl::bucket.eq(bucket), dsl::window_start.eq(start), dsl::count.eq(1));
    query!(conn, c => diesel::insert_into(dsl::rates)
        .values(values)
        .on_conflict(dsl::bucket)
        .do_update()
        .set(dsl::count.eq(dsl::count + 1))
        .execute(c))?;
    let target = dsl::rates.filter(dsl::bucket.eq(bucket)).select(dsl::count);
    Ok(query!(conn, c => target.load::<i64>(c))?.pop().map_or(1, nat))
}

/// How many tries were counted in `bucket` in this window. Nothing is written.
pub async fn so_far(conn: &mut Conn, bucket: &str, window_seconds: i64, now: Time) -> Result<u64> {
    let target = dsl::rates
        .filter(dsl::bucket.eq(bucket))
        .filter(dsl::window_start.eq(start(window_seconds, now)))
        .select(dsl::count);
    Ok(query!(conn, c => target.load::<i64>(c))?.pop().map_or(0, nat))
}

/// When the window began that lasts now.
fn start(window_seconds: i64, now: Time) -> i64 {
    now.0 - now.0.rem_euclid(window_seconds.max(1))
}
