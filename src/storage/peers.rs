//! What this node knows of other nodes: their actor documents, and how it goes with them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{NodeId, Time};
use folkmoot_governance::key::PublicKey;

use super::schema::peers::dsl;
use super::{Conn, Result, deliveries, nat, parsed, time};

#[derive(Debug, Clone)]
pub struct PeerRow {
    pub node: NodeId,
    pub name: String,
    pub key: PublicKey,
    /// RSA public key as PEM, for HTTP signatures.
    pub rsa: String,
    pub inbox: String,
    pub seen_at: Option<Time>,
    pub failures: u64,
    pub last_error: Option<String>,
    pub fetched_at: Time,
}

type Columns = (String, String, String, String, String, Option<i64>, i64, Option<String>, i64);

fn row(columns: Columns) -> Result<PeerRow> {
    let (node, name, key, rsa, inbox, seen_at, failures, last_error, fetched_at) = columns;
    Ok(PeerRow {
        node: parsed(&node)?,
        name,
        key: parsed(&key)?,
        rsa,
        inbox,
        seen_at: time(seen_at),
        failures: nat(failures),
        last_error,
        fetched_at: Time(fetched_at),
    })
}

pub async fn find(conn: &mut Conn, node: &NodeId) -> Result<Option<PeerRow>> {
    let target = dsl::peers.filter(dsl::node.eq(node.as_str()));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

pub async fn all(conn: &mut Conn) -> Result<Vec<PeerRow>> {
    query!(conn, c => dsl::peers.order(dsl::node).load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Stores what a peer's actor document says now.
pub async fn put(conn: &mut Conn, peer: &PeerRow) -> Result<()> {
    let key = peer.key.to_string();
    let changes = (
        dsl::name.eq(&peer.name),
        dsl::key.eq(&key),
        dsl::rsa.eq(&peer.rsa),
        dsl::inbox.eq(&peer.inbox),
        dsl::fetched_at.eq(peer.fetched_at.0),
    );
    query!(conn, c => diesel::insert_into(dsl::peers)
        .values((dsl::node.eq(peer.node.as_str()), dsl::failures.eq(0), changes))
        .on_conflict(dsl::node)
        .do_update()
        .set(changes)
        .execute(c))?;
    Ok(())
}

/// It answered. If it was away, everything that waits for it is due now.
pub async fn answered(conn: &mut Conn, node: &NodeId, now: Time) -> Result<()> {
    let target = dsl::peers.filter(dsl::node.eq(node.as_str()));
    let failures = query!(conn, c => target.select(dsl::failures).load::<i64>(c))?.pop();
    let changes = (dsl::seen_at.eq(Some(now.0)), dsl::failures.eq(0), dsl::last_error.eq(None::<String>));
    query!(conn, c => diesel::update(target).set(changes).execute(c))?;
    if failures.is_some_and(|failures| failures > 0) {
        deliveries::retry_now(conn, node, now).await?;
    }
    Ok(())
}

/// It answered that it does not want what it was sent.
pub async fn refused(conn: &mut Conn, node: &NodeId, error: &str, now: Time) -> Result<()> {
    answered(conn, node, now).await?;
    let target = dsl::peers.filter(dsl::node.eq(node.as_str()));
    query!(conn, c => diesel::update(target).set(dsl::last_error.eq(Some(error))).execute(c))?;
    Ok(())
}

/// It did not answer.
pub async fn failed(conn: &mut Conn, node: &NodeId, error: &str) -> Result<()> {
    let target = dsl::peers.filter(dsl::node.eq(node.as_str()));
    let changes = (dsl::failures.eq(dsl::failures + 1), dsl::last_error.eq(Some(error)));
    query!(conn, c => diesel::update(target).set(changes).execute(c))?;
    Ok(())
}
