//! One row per mirrored journal: its size and the frontier of its tree. Locking it orders the appends.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, JournalId, NodeId};
use folkmoot_governance::journal::Frontier;

use super::schema::{checkpoints, entries, journals::dsl, progress};
use super::{Conn, Error, Result, digest, int, nat, parsed};

#[derive(Debug, Clone)]
pub struct JournalRow {
    pub id: JournalId,
    pub node: NodeId,
    pub size: u64,
    pub frontier: Vec<u8>,
    pub own: bool,
    /// The certified branch took the place of the one that was stored and cosigned here: no cosignature ever again.
    pub replaced: bool,
}

type Columns = (String, String, i64, Vec<u8>, i64, i64);

fn row((id, node, size, frontier, own, replaced): Columns) -> Result<JournalRow> {
    let (id, node) = (parsed(&id)?, parsed(&node)?);
    Ok(JournalRow { id, node, size: nat(size), frontier, own: own != 0, replaced: replaced != 0 })
}

pub async fn all(conn: &mut Conn) -> Result<Vec<JournalRow>> {
    query!(conn, c => dsl::journals.order(dsl::id).load::<Columns>(c))?.into_iter().map(row).collect()
}

pub async fn find(conn: &mut Conn, id: &JournalId) -> Result<Option<JournalRow>> {
    let target = dsl::journals.filter(dsl::id.eq(id.as_str()));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// The journal, locked until the end of the transaction.
pub async fn lock(conn: &mut Conn, id: &JournalId) -> Result<Option<JournalRow>> {
    let target = dsl::journals.filter(dsl::id.eq(id.as_str()));
    let rows = match conn {
        Conn::Sqlite(object) => target.load::<Columns>(&mut **object).await?,
        Conn::Postgres(object) => target.for_update().load::<Columns>(&mut ***object).await?,
    };
    rows.into_iter().next().map(row).transpose()
}

pub async fn lock_or_create(conn: &mut Conn, id: &JournalId, node: &NodeId, own: bool) -> Result<JournalRow> {
    let values = (
        dsl::id.eq(id.as_str()),
        dsl::node.eq(node.as_str()),
        dsl::size.eq(0),
        dsl::frontier.eq(Frontier::default().to_bytes()),
        dsl::own.eq(i64::from(own)),
    );
    query!(conn, c => diesel::insert_into(dsl::journals).values(values).on_conflict(dsl::id).do_nothing().execute(c))?;
    lock(conn, id).await?.ok_or_else(|| Error::Other("a journal that was just made is gone".into()))
}

pub async fn grow(conn: &mut Conn, id: &JournalId, size: u64, frontier: Vec<u8>) -> Result<()> {
    let target = dsl::journals.filter(dsl::id.eq(id.as_str()));
    query!(conn, c => diesel::update(target)
        .set((dsl::size.eq(int(size)), dsl::frontier.eq(&frontier)))
        .execute(c))?;
    Ok(())
}

/// Cuts the journal back to its first `size` entries, whose tree is `frontier`, and remembers it for ever. Checkpoints
/// and entries beyond them go.
pub async fn cut_back(conn: &mut Conn, id: &JournalId, size: u64, frontier: &Frontier) -> Result<()> {
    let displaced = entries::table.filter(entries::journal.eq(id.as_str())).filter(entries::position.ge(int(size)));
    query!(conn, c => diesel::delete(displaced).execute(c))?;
    let displaced = checkpoints::table.filter(checkpoints::journal.eq(id.as_str()));
    let displaced = displaced.filter(checkpoints::size.gt(int(size)));
    query!(conn, c => diesel::delete(displaced).execute(c))?;
    grow(conn, id, size, frontier.to_bytes()).await?;
    let target = dsl::journals.filter(dsl::id.eq(id.as_str()));
    query!(conn, c => diesel::update(target).set(dsl::replaced.eq(1)).execute(c))?;
    Ok(())
}

/// The root of the first `size` leaves as they are stored here; `None` while leaves are missing.
pub async fn root_at(conn: &mut Conn, id: &JournalId, size: u64) -> Result<Option<Digest>> {
    let Some(journal) = find(conn, id).await? else { return Ok(None) };
    if journal.size < size {
        return Ok(None);
    }
    let known = checkpoints::table
        .filter(checkpoints::journal.eq(id.as_str()))
        .filter(checkpoints::size.eq(int(size)))
        .select(checkpoints::root);
    // Checkpoints are stored after their root was compared with the leaves.
    if let Some(root) = query!(conn, c => known.load::<Vec<u8>>(c))?.pop() {
        return digest(&root).map(Some);
    }
    let leaves = super::entries::leaves(conn, id, 0, size).await?;
    Ok(Some(folkmoot_governance::journal::root(&leaves)))
}

/// Up to where a peer has cosigned a journal of ours; what is beyond is still to be pushed.
pub async fn progress(conn: &mut Conn, id: &JournalId) -> Result<Vec<(String, u64)>> {
    let rows = progress::table.filter(progress::journal.eq(id.as_str())).select((progress::peer, progress::size));
    let rows = query!(conn, c => rows.load::<(String, i64)>(c))?;
    Ok(rows.into_iter().map(|(peer, size)| (peer, nat(size))).collect())
}

/// Remembers how far a peer has got.
pub async fn put_progress(conn: &mut Conn, id: &JournalId, peer: &NodeId, size: u64) -> Result<()> {
    let values = (progress::journal.eq(id.as_str()), progress::peer.eq(peer.as_str()), progress::size.eq(int(size)));
    query!(conn, c => diesel::insert_into(progress::table)
        .values(values)
        .on_conflict((progress::journal, progress::peer))
        .do_update()
        .set(progress::size.eq(int(size)))
        .execute(c))?;
    Ok(())
}
