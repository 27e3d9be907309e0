//! Work that one process does at a time, whichever of several on one database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::Time;

use super::schema::leases::dsl;
use super::{Conn, Result};

/// Takes or renews a lease; false while another holder has it.
pub async fn take(conn: &mut Conn, name: &str, holder: &str, now: Time, until: Time) -> Result<bool> {
    let values = (dsl::name.eq(name), dsl::holder.eq(holder), dsl::until.eq(until.0));
    query!(conn, c => diesel::insert_into(dsl::leases).values(values).on_conflict(dsl::name).do_nothing().execute(c))?;
    let free = dsl::leases.filter(dsl::name.eq(name)).filter(dsl::holder.eq(holder).or(dsl::until.lt(now.0)));
    let changes = (dsl::holder.eq(holder), dsl::until.eq(until.0));
    Ok(query!(conn, c => diesel::update(free).set(changes).execute(c))? > 0)
}
