//! Closings in progress: the state machine, and every message that was signed or taken on record.

use std::collections::BTreeMap;

use diesel::dsl::min;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::certification::record::{Message, Said};
use folkmoot_governance::id::{Digest, Time};

use super::schema::{closing_messages, closings::dsl, proposals, snapshots};
use super::{Conn, Error, Result, digest};

/// `state`: `running` or `certified`.
#[derive(Debug, Clone)]
pub struct ClosingRow {
    pub state: String,
    pub machine: Option<Vec<u8>>,
    /// Whether the machine was given this node's own value.
    pub ready: bool,
    /// When it is to be worked on next.
    pub wake_at: Option<Time>,
}

type Columns = (String, Option<Vec<u8>>, i64, Option<i64>);

fn row((state, machine, ready, wake_at): Columns) -> ClosingRow {
    ClosingRow { state, machine, ready: ready != 0, wake_at: wake_at.map(Time) }
}

/// A signed message under its name.
#[derive(Debug, Clone)]
pub struct MessageRow {
    pub proposal: Digest,
    pub sitting: u32,
    pub said: Said,
    pub digest: Digest,
    pub bytes: Vec<u8>,
    pub own: bool,
}

/// Votes that are over and not certified.
pub async fn unsettled(conn: &mut Conn, now: Time) -> Result<Vec<Digest>> {
    let rows = query!(conn, c => over(now).load::<Option<Vec<u8>>>(c))?;
    rows.into_iter().flatten().map(|bytes| digest(&bytes)).collect()
}

/// Of those, the ones whose closing has something to do at `now`: it was not begun, or asked to be woken.
pub async fn due(conn: &mut Conn, now: Time) -> Result<Vec<Digest>> {
    let sleeping = dsl::closings
        .filter(dsl::state.eq("certified").or(dsl::wake_at.gt(Some(now.0))))
        .filter(dsl::proposal.nullable().eq(proposals::digest))
        .filter(dsl::sitting.eq(proposals::sitting));
    let target = over(now).filter(diesel::dsl::not(diesel::dsl::exists(sleeping)));
    let rows = query!(conn, c => target.load::<Option<Vec<u8>>>(c))?;
    rows.into_iter().flatten().map(|bytes| digest(&bytes)).collect()
}

/// The openings of votes whose time is over, the earliest first.
#[diesel::dsl::auto_type]
fn over(now: Time) -> _ {
    let seconds: i64 = now.0;
    proposals::table
        .filter(proposals::state.eq("open"))
        .filter(proposals::closes.le(seconds))
        .order(proposals::closes)
        .select(proposals::digest)
}

/// The closing, made if it is new, and locked until the end of the transaction.
pub async fn lock_or_create(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<ClosingRow> {
    let values = (
        dsl::proposal.eq(proposal.0.to_vec()),
        dsl::sitting.eq(i64::from(sitting)),
        dsl::state.eq("running"),
        dsl::ready.eq(0),
    );
    query!(conn, c => diesel::insert_into(dsl::closings)
        .values(values)
        .on_conflict((dsl::proposal, dsl::sitting))
        .do_nothing()
        .execute(c))?;
    let target = dsl::closings
        .filter(dsl::proposal.eq(proposal.0.to_vec()))
        .filter(dsl::sitting.eq(i64::from(sitting)))
        .select((dsl::state, dsl::machine, dsl::ready, dsl::wake_at));
    let rows = match conn {
        Conn::Sqlite(object) => target.load::<Columns>(&mut **object).await?,
        Conn::Postgres(object) => target.for_update().load::<Columns>(&mut ***object).await?,
    };
    rows.into_iter().next().map(row).ok_or_else(|| Error::Other("a closing that was just made is gone".into()))
}

/// The closing as it stands, to look at.
pub async fn find(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<Option<ClosingRow>> {
    let target = dsl::closings
        .filter(dsl::proposal.eq(proposal.0.to_vec()))
        .filter(dsl::sitting.eq(i64::from(sitting)))
        .select((dsl::state, dsl::machine, dsl::ready, dsl::wake_at));
    Ok(query!(conn, c => target.load::<Columns>(c))?.pop().map(row))
}

/// Keeps the notes of this node's own cut, as JSON.
pub async fn put_snapshot(conn: &mut Conn, proposal: Digest, sitting: u32, notes: &[u8]) -> Result<()> {
    let values = (
        snapshots::proposal.eq(proposal.0.to_vec()),
        snapshots::sitting.eq(i64::from(sitting)),
        snapshots::notes.eq(notes),
    );
    query!(conn, c => diesel::insert_into(snapshots::table)
        .values(values)
        .on_conflict((snapshots::proposal, snapshots::sitting))
        .do_update()
        .set(snapshots::notes.eq(notes))
        .execute(c))?;
    Ok(())
}

/// The notes of this node's own cut, once it was frozen.
pub async fn snapshot(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<Option<Vec<u8>>> {
    let target = snapshots::table
        .filter(snapshots::proposal.eq(proposal.0.to_vec()))
        .filter(snapshots::sitting.eq(i64::from(sitting)))
        .select(snapshots::notes);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop())
}

pub async fn put_machine(
    conn: &mut Conn,
    proposal: Digest,
    sitting: u32,
    machine: &[u8],
    ready: bool,
    wake_at: Time,
) -> Result<()> {
    let target =
        dsl::closings.filter(dsl::proposal.eq(proposal.0.to_vec())).filter(dsl::sitting.eq(i64::from(sitting)));
    let changes = (dsl::machine.eq(Some(machine)), dsl::ready.eq(i64::from(ready)), dsl::wake_at.eq(Some(wake_at.0)));
    query!(conn, c => diesel::update(target).set(changes).execute(c))?;
    Ok(())
}

pub async fn finish(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<()> {
    let target =
        dsl::closings.filter(dsl::proposal.eq(proposal.0.to_vec())).filter(dsl::sitting.eq(i64::from(sitting)));
    query!(conn, c => diesel::update(target).set(dsl::state.eq("certified")).execute(c))?;
    Ok(())
}

/// The kind of a proposal that is not on record: it is looked at again. At most one for each round.
const HELD: &str = "held";

/// Kind, round and value under which a message is kept; a skip has the value of no bytes.
fn name(message: Message) -> (&'static str, i64, Vec<u8>) {
    let kind = match message {
        Message::Propose { .. } => "propose",
        Message::Vote { .. } => "vote",
        Message::Skip { .. } => "skip",
        Message::Final { .. } => "final",
    };
    (kind, i64::from(message.round()), message.value().map(|value| value.0.to_vec()).unwrap_or_default())
}

/// Stores a message under its name; the first one under a name stays.
pub async fn put_message(conn: &mut Conn, row: &MessageRow) -> Result<()> {
    let (kind, _, _) = name(row.said.message);
    insert(conn, row, kind).await
}

async fn insert(conn: &mut Conn, row: &MessageRow, kind: &str) -> Result<()> {
    let (_, round, value) = name(row.said.message);
    let values = (
        closing_messages::proposal.eq(row.proposal.0.to_vec()),
        closing_messages::sitting.eq(i64::from(row.sitting)),
        closing_messages::kind.eq(kind),
        closing_messages::round.eq(round),
        closing_messages::signer.eq(i64::from(row.said.by.0)),
        closing_messages::value.eq(value),
        closing_messages::digest.eq(row.digest.0.to_vec()),
        closing_messages::bytes.eq(&row.bytes),
        closing_messages::own.eq(i64::from(row.own)),
    );
    query!(conn, c => diesel::insert_into(closing_messages::table)
        .values(values)
        .on_conflict((
            closing_messages::proposal,
            closing_messages::sitting,
            closing_messages::kind,
            closing_messages::round,
            closing_messages::signer,
            closing_messages::value,
        ))
        .do_nothing()
        .execute(c))?;
    Ok(())
}

/// Holds a proposal, in place of what was held of its round.
pub async fn hold(conn: &mut Conn, row: &MessageRow) -> Result<()> {
    release(conn, row.proposal, row.sitting, row.said.message.round()).await?;
    insert(conn, row, HELD).await
}

/// Holds nothing of a round any longer.
pub async fn release(conn: &mut Conn, proposal: Digest, sitting: u32, round: u32) -> Result<()> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::sitting.eq(i64::from(sitting)))
        .filter(closing_messages::kind.eq(HELD))
        .filter(closing_messages::round.eq(i64::from(round)));
    query!(conn, c => diesel::delete(target).execute(c))?;
    Ok(())
}

/// The proposal that is held of a round.
pub async fn held(conn: &mut Conn, proposal: Digest, sitting: u32, round: u32) -> Result<Option<Vec<u8>>> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::sitting.eq(i64::from(sitting)))
        .filter(closing_messages::kind.eq(HELD))
        .filter(closing_messages::round.eq(i64::from(round)))
        .select(closing_messages::bytes);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop())
}

/// The values of the proposals that are held, by round.
pub async fn held_values(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<BTreeMap<u32, Digest>> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::sitting.eq(i64::from(sitting)))
        .filter(closing_messages::kind.eq(HELD))
        .select((closing_messages::round, closing_messages::value));
    let rows = query!(conn, c => target.load::<(i64, Vec<u8>)>(c))?;
    rows.iter().map(|(round, value)| Ok((u32::try_from(*round).unwrap_or(u32::MAX), digest(value)?))).collect()
}

/// The message of a name.
macro_rules! named {
    ($proposal:expr, $sitting:expr, $said:expr) => {{
        let (kind, round, value) = name($said.message);
        closing_messages::table
            .filter(closing_messages::proposal.eq($proposal.0.to_vec()))
            .filter(closing_messages::sitting.eq(i64::from($sitting)))
            .filter(closing_messages::kind.eq(kind))
            .filter(closing_messages::round.eq(round))
            .filter(closing_messages::signer.eq(i64::from($said.by.0)))
            .filter(closing_messages::value.eq(value))
    }};
}

/// Takes a message off the record.
pub async fn forget(conn: &mut Conn, proposal: Digest, sitting: u32, said: Said) -> Result<()> {
    let target = named!(proposal, sitting, said);
    query!(conn, c => diesel::delete(target).execute(c))?;
    Ok(())
}

/// The signed bytes of a message.
pub async fn message(conn: &mut Conn, proposal: Digest, sitting: u32, said: Said) -> Result<Option<Vec<u8>>> {
    let target = named!(proposal, sitting, said).select(closing_messages::bytes);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop())
}

/// Whether a message is on record.
pub async fn has_message(conn: &mut Conn, proposal: Digest, sitting: u32, said: Said) -> Result<bool> {
    let target = named!(proposal, sitting, said).select(closing_messages::round);
    Ok(!query!(conn, c => target.load::<i64>(c))?.is_empty())
}

/// What the signer of a message said in its round besides. Not its proposals: they contradict nothing, and are long.
pub async fn said_besides(
    conn: &mut Conn,
    proposal: Digest,
    sitting: u32,
    said: Said,
    digest: Digest,
) -> Result<Vec<Vec<u8>>> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::sitting.eq(i64::from(sitting)))
        .filter(closing_messages::kind.eq_any(["vote", "skip", "final"]))
        .filter(closing_messages::round.eq(i64::from(said.message.round())))
        .filter(closing_messages::signer.eq(i64::from(said.by.0)))
        .filter(closing_messages::digest.ne(digest.0.to_vec()))
        .order((closing_messages::kind, closing_messages::value))
        .select(closing_messages::bytes);
    query!(conn, c => target.load::<Vec<u8>>(c))
}

/// The earliest proposal of a value: it carries the cut.
pub async fn proposal_of_value(
    conn: &mut Conn,
    proposal: Digest,
    sitting: u32,
    value: Digest,
) -> Result<Option<Vec<u8>>> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::sitting.eq(i64::from(sitting)))
        .filter(closing_messages::kind.eq("propose"))
        .filter(closing_messages::value.eq(value.0.to_vec()))
        .order(closing_messages::round)
        .limit(1)
        .select(closing_messages::bytes);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop())
}

/// The proposal of a value in a round. A value is of one sitting only.
pub async fn proposed(conn: &mut Conn, proposal: Digest, round: u32, value: Digest) -> Result<Option<Vec<u8>>> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::kind.eq("propose"))
        .filter(closing_messages::round.eq(i64::from(round)))
        .filter(closing_messages::value.eq(value.0.to_vec()))
        .select(closing_messages::bytes);
    Ok(query!(conn, c => target.load::<Vec<u8>>(c))?.pop())
}

/// Every message of a sitting, by round.
pub async fn messages(conn: &mut Conn, proposal: Digest, sitting: u32) -> Result<Vec<Vec<u8>>> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::sitting.eq(i64::from(sitting)))
        .filter(closing_messages::kind.ne(HELD))
        .order((closing_messages::round, closing_messages::kind, closing_messages::signer, closing_messages::value))
        .select(closing_messages::bytes);
    query!(conn, c => target.load::<Vec<u8>>(c))
}

/// The first round from `from` on in which anybody said anything.
pub async fn next_round(conn: &mut Conn, proposal: Digest, sitting: u32, from: u32) -> Result<Option<u32>> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::sitting.eq(i64::from(sitting)))
        .filter(closing_messages::round.ge(i64::from(from)))
        .filter(closing_messages::kind.ne(HELD))
        .select(min(closing_messages::round));
    let round = query!(conn, c => target.first::<Option<i64>>(c))?;
    Ok(round.and_then(|round| u32::try_from(round).ok()))
}

/// The messages of one round.
pub async fn messages_of_round(conn: &mut Conn, proposal: Digest, sitting: u32, round: u32) -> Result<Vec<Vec<u8>>> {
    let target = closing_messages::table
        .filter(closing_messages::proposal.eq(proposal.0.to_vec()))
        .filter(closing_messages::sitting.eq(i64::from(sitting)))
        .filter(closing_messages::round.eq(i64::from(round)))
        .filter(closing_messages::kind.ne(HELD))
        .order((closing_messages::kind, closing_messages::signer, closing_messages::value))
        .select(closing_messages::bytes);
    query!(conn, c => target.load::<Vec<u8>>(c))
}
