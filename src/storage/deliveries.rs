//! The durable queue of what is still to be sent to peers. Claimed by one process at a time; survives restarts.

use std::collections::{BTreeSet, HashMap};

use diesel::alias;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{NodeId, Time};

use super::schema::{counters, deliveries::dsl};
use super::{Conn, Error, Result, int, nat, parsed};

/// The kind that a peer can pull as well: it asks for the messages of every closing that it has not certified. The
/// journal is a single row for each peer, and an invitation reaches its party in no other way; neither is dropped.
const PULLABLE: &str = "closing";
/// Most deliveries of that kind kept for one peer; beyond it the oldest make room.
pub(super) const QUEUE_MOST: i64 = 1_000;

/// Something to send. `kind` is `journal` (the body is made when it is sent) or names a message.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    pub id: u64,
    pub peer: NodeId,
    pub kind: String,
    pub dedupe: Option<String>,
    pub body: Vec<u8>,
    pub attempts: u32,
}

/// The last of the next `many` numbers of a counter. It grows in the transaction that uses it: a serial column would show
/// gaps before they are filled.
pub(super) async fn last_number(conn: &mut Conn, name: &str, many: usize) -> Result<u64> {
    let many = int(many as u64);
    let values = (counters::name.eq(name), counters::value.eq(many));
    query!(conn, c => diesel::insert_into(counters::table)
        .values(values)
        .on_conflict(counters::name)
        .do_update()
        .set(counters::value.eq(counters::value + many))
        .execute(c))?;
    let target = counters::table.filter(counters::name.eq(name)).select(counters::value);
    let last = query!(conn, c => target.load::<i64>(c))?.pop();
    last.map(nat).ok_or_else(|| Error::Other("a counter that was just written is gone".into()))
}

/// Queues something for a peer. With a `dedupe` name, one waits at a time; it is then due at once.
pub async fn enqueue(
    conn: &mut Conn,
    peer: &NodeId,
    kind: &str,
    dedupe: Option<&str>,
    body: &[u8],
    now: Time,
) -> Result<()> {
    enqueue_for_all(conn, &[peer], kind, dedupe, body, now).await
}

/// Queues the same for several peers.
pub async fn enqueue_for_all(
    conn: &mut Conn,
    peers: &[&NodeId],
    kind: &str,
    dedupe: Option<&str>,
    body: &[u8],
    now: Time,
) -> Result<()> {
    if peers.is_empty() {
        return Ok(());
    }
    let last = last_number(conn, "deliveries", peers.len()).await?;
    for (peer, back) in peers.iter().zip((0..peers.len() as u64).rev()) {
        put(conn, last - back, peer, kind, dedupe, body, now).await?;
    }
    Ok(())
}

async fn put(
    conn: &mut Conn,
    id: u64,
    peer: &NodeId,
    kind: &str,
    dedupe: Option<&str>,
    body: &[u8],
    now: Time,
) -> Result<()> {
    let values = (
        dsl::id.eq(int(id)),
        dsl::peer.eq(peer.as_str()),
        dsl::kind.eq(kind),
        dsl::dedupe.eq(dedupe),
        dsl::body.eq(body),
        dsl::attempts.eq(0),
        dsl::next_attempt_at.eq(now.0),
        dsl::claimed_until.eq(0),
        dsl::created_at.eq(now.0),
    );
    query!(conn, c => diesel::insert_into(dsl::deliveries)
        .values(values)
        .on_conflict((dsl::peer, dsl::dedupe))
        .do_update()
        // A new number: whoever is delivering the old one does not remove this one.
        .set(dsl::id.eq(int(id)))
        .execute(c))?;
    if kind == PULLABLE { make_room(conn, peer).await } else { Ok(()) }
}

/// Drops the oldest of what one peer can pull, beyond the most that is kept for it.
async fn make_room(conn: &mut Conn, peer: &NodeId) -> Result<()> {
    let queued = dsl::peer.eq(peer.as_str()).and(dsl::kind.eq(PULLABLE));
    let beyond = dsl::deliveries.filter(queued).order(dsl::id.desc()).select(dsl::id).offset(QUEUE_MOST).limit(1);
    if let Some(newest) = query!(conn, c => beyond.load::<i64>(c))?.pop() {
        query!(conn, c => diesel::delete(dsl::deliveries.filter(queued).filter(dsl::id.le(newest))).execute(c))?;
    }
    Ok(())
}

type Columns = (i64, String, String, Option<String>, Vec<u8>, i64);

/// Takes up to `most` deliveries that are due for a peer, in the order in which they were queued, and keeps other
/// processes off them until `until`.
pub async fn claim(conn: &mut Conn, peer: &NodeId, now: Time, until: Time, most: i64) -> Result<Vec<DeliveryRow>> {
    let columns = (dsl::id, dsl::peer, dsl::kind, dsl::dedupe, dsl::body, dsl::attempts);
    let due = dsl::deliveries
        .filter(dsl::peer.eq(peer.as_str()))
        .filter(dsl::next_attempt_at.le(now.0))
        .filter(dsl::claimed_until.le(now.0))
        .order(dsl::id)
        .limit(most)
        .select(columns);
    let rows = match conn {
        Conn::Sqlite(object) => due.load::<Columns>(&mut **object).await?,
        Conn::Postgres(object) => due.for_update().skip_locked().load::<Columns>(&mut ***object).await?,
    };
    let ids: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let target = dsl::deliveries.filter(dsl::id.eq_any(ids));
    query!(conn, c => diesel::update(target).set(dsl::claimed_until.eq(until.0)).execute(c))?;
    rows.into_iter()
        .map(|(id, peer, kind, dedupe, body, attempts)| {
            let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
            Ok(DeliveryRow { id: nat(id), peer: parsed(&peer)?, kind, dedupe, body, attempts })
        })
        .collect()
}

/// The peers for which something waits to be sent now.
pub async fn peers_due(conn: &mut Conn, now: Time) -> Result<Vec<NodeId>> {
    let due =
        dsl::deliveries.filter(dsl::next_attempt_at.le(now.0)).filter(dsl::claimed_until.le(now.0)).select(dsl::peer);
    // Not DISTINCT: SQLite would then read the whole table in the order of its peers.
    let peers: BTreeSet<String> = query!(conn, c => due.load::<String>(c))?.into_iter().collect();
    peers.iter().map(|peer| parsed(peer)).collect()
}

/// Delivered, or never to be. What was queued again meanwhile is due at once.
pub async fn done(conn: &mut Conn, row: &DeliveryRow, now: Time) -> Result<()> {
    query!(conn, c => diesel::delete(dsl::deliveries.filter(dsl::id.eq(int(row.id)))).execute(c))?;
    if let Some(dedupe) = &row.dedupe {
        let again = dsl::deliveries.filter(dsl::peer.eq(row.peer.as_str())).filter(dsl::dedupe.eq(Some(dedupe)));
        let changes = (dsl::claimed_until.eq(0), dsl::attempts.eq(0), dsl::next_attempt_at.eq(now.0));
        query!(conn, c => diesel::update(again).set(changes).execute(c))?;
    }
    Ok(())
}

/// Not delivered, since the peer is away: nothing more is sent to it before `next`.
pub async fn failed(conn: &mut Conn, row: &DeliveryRow, next: Time, error: &str) -> Result<()> {
    let same =
        dsl::peer.eq(row.peer.as_str()).and(dsl::dedupe.is_not_null()).and(dsl::dedupe.eq(row.dedupe.as_deref()));
    let tried = dsl::deliveries.filter(dsl::id.eq(int(row.id)).or(same.assume_not_null()));
    query!(conn, c => diesel::update(tried).set(dsl::last_error.eq(Some(error))).execute(c))?;
    let all = dsl::deliveries.filter(dsl::peer.eq(row.peer.as_str()));
    let later = (dsl::attempts.eq(dsl::attempts + 1), dsl::next_attempt_at.eq(next.0), dsl::claimed_until.eq(0));
    query!(conn, c => diesel::update(all).set(later).execute(c))?;
    Ok(())
}

/// Everything for a peer that came back is due now.
pub async fn retry_now(conn: &mut Conn, peer: &NodeId, now: Time) -> Result<()> {
    let target = dsl::deliveries.filter(dsl::peer.eq(peer.as_str())).filter(dsl::next_attempt_at.gt(now.0));
    let changes = (dsl::next_attempt_at.eq(now.0), dsl::attempts.eq(0));
    query!(conn, c => diesel::update(target).set(changes).execute(c))?;
    Ok(())
}

/// Per peer: how many wait, and the last failure among them.
pub async fn waiting(conn: &mut Conn) -> Result<Vec<(NodeId, usize, Option<String>)>> {
    let counted = dsl::deliveries.group_by(dsl::peer).order(dsl::peer).select((dsl::peer, count_star()));
    let counted = query!(conn, c => counted.load::<(String, i64)>(c))?;
    let failed = alias!(super::schema::deliveries as failed);
    let latest = failed
        .filter(failed.field(dsl::last_error).is_not_null())
        .group_by(failed.field(dsl::peer))
        .select(max(failed.field(dsl::id)).assume_not_null());
    let errors = dsl::deliveries.filter(dsl::id.eq_any(latest)).select((dsl::peer, dsl::last_error));
    let errors: HashMap<String, Option<String>> =
        query!(conn, c => errors.load::<(String, Option<String>)>(c))?.into_iter().collect();
    let row = |(peer, count): (String, i64)| {
        let error = errors.get(&peer).cloned().flatten();
        Ok((parsed(&peer)?, usize::try_from(count).unwrap_or(0), error))
    };
    counted.into_iter().map(row).collect()
}
