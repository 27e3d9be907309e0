//! Entries of all journals, this node's and its peers': the ground state of everything.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, JournalId, Time};
use folkmoot_governance::journal::Frontier;
use folkmoot_governance::statement::Visibility;

use super::page::beyond;
use super::schema::entries::dsl;
use super::{Conn, Error, Page, Result, Wanted, digest, int, journals, limit, nat, parsed};

#[derive(Debug, Clone)]
pub struct EntryRow {
    pub journal: JournalId,
    pub position: u64,
    pub digest: Digest,
    pub leaf: Digest,
    pub kind: String,
    /// The statement's canonical bytes; absent where only the leaf is known.
    pub bytes: Option<Vec<u8>>,
    pub visibility: Visibility,
    pub published: Time,
}

#[derive(Debug, Clone)]
pub struct NewEntry {
    pub journal: JournalId,
    pub digest: Digest,
    pub leaf: Digest,
    pub kind: &'static str,
    pub subject: Option<Digest>,
    pub bytes: Option<Vec<u8>>,
    pub visibility: Visibility,
    pub published: Time,
    pub stored_at: Time,
}

type Columns = (String, i64, Vec<u8>, Vec<u8>, String, Option<Vec<u8>>, Option<Vec<u8>>, String, i64, i64);

fn row(columns: Columns) -> Result<EntryRow> {
    let (journal, position, entry, leaf, kind, _, bytes, visibility, published, _) = columns;
    Ok(EntryRow {
        journal: parsed(&journal)?,
        position: nat(position),
        digest: digest(&entry)?,
        leaf: digest(&leaf)?,
        kind,
        bytes,
        visibility: if visibility == "public" { Visibility::Public } else { Visibility::Consortium },
        published: Time(published),
    })
}

/// Appends at the end of the journal, which is locked for it; the position is its number.
pub async fn append(conn: &mut Conn, entry: &NewEntry) -> Result<u64> {
    let journal = journals::lock(conn, &entry.journal).await?;
    let journal = journal.ok_or_else(|| Error::Other(format!("there is no journal {}", entry.journal)))?;
    let mut frontier =
        Frontier::from_bytes(&journal.frontier).ok_or_else(|| Error::unreadable("the tree of a journal"))?;
    frontier.append(entry.leaf);
    let values = (
        dsl::journal.eq(entry.journal.as_str()),
        dsl::position.eq(int(journal.size)),
        dsl::digest.eq(entry.digest.0.as_slice()),
        dsl::leaf.eq(entry.leaf.0.as_slice()),
        dsl::kind.eq(entry.kind),
        dsl::subject.eq(entry.subject.as_ref().map(|subject| subject.0.as_slice())),
        dsl::bytes.eq(entry.bytes.as_deref()),
        dsl::visibility.eq(if entry.visibility == Visibility::Public { "public" } else { "consortium" }),
        dsl::published.eq(entry.published.0),
        dsl::stored_at.eq(entry.stored_at.0),
    );
    query!(conn, c => diesel::insert_into(dsl::entries).values(values).execute(c))?;
    journals::grow(conn, &entry.journal, journal.size + 1, frontier.to_bytes()).await?;
    Ok(journal.size)
}

/// Appends a leaf whose statement was not shown or was erased.
pub async fn append_hidden(conn: &mut Conn, journal: &JournalId, leaf: Digest, now: Time) -> Result<u64> {
    let entry = NewEntry {
        journal: journal.clone(),
        digest: leaf,
        leaf,
        kind: "hidden",
        subject: None,
        bytes: None,
        visibility: Visibility::Consortium,
        published: now,
        stored_at: now,
    };
    append(conn, &entry).await
}

/// The earliest stored entry with this statement.
pub async fn by_digest(conn: &mut Conn, statement: Digest) -> Result<Option<EntryRow>> {
    let target = dsl::entries.filter(dsl::digest.eq(statement.0.as_slice())).order(dsl::stored_at).limit(1);
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// Where a statement stands in one journal.
pub async fn position_in(conn: &mut Conn, journal: &JournalId, statement: Digest) -> Result<Option<u64>> {
    let target = dsl::entries
        .filter(dsl::digest.eq(statement.0.as_slice()))
        .filter(dsl::journal.eq(journal.as_str()))
        .select(dsl::position)
        .limit(1);
    Ok(query!(conn, c => target.load::<i64>(c))?.pop().map(nat))
}

/// Entries of these kinds in one journal below `size`, in order.
pub async fn below(conn: &mut Conn, journal: &JournalId, kinds: &[&str], size: u64) -> Result<Vec<EntryRow>> {
    let target = dsl::entries
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::kind.eq_any(kinds.iter().copied()))
        .filter(dsl::position.lt(int(size)))
        .order(dsl::position);
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Entries about `subject` in one journal below `size`, in order.
pub async fn about(conn: &mut Conn, journal: &JournalId, subject: Digest, size: u64) -> Result<Vec<EntryRow>> {
    let target = dsl::entries
        .filter(dsl::subject.eq(subject.0.as_slice()))
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::position.lt(int(size)))
        .order(dsl::position);
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Whether any journal has an entry of this kind about `subject`.
pub async fn has_about(conn: &mut Conn, kind: &str, subject: Digest) -> Result<bool> {
    let target = dsl::entries
        .filter(dsl::kind.eq(kind))
        .filter(dsl::subject.eq(subject.0.as_slice()))
        .select(dsl::position)
        .limit(1);
    Ok(!query!(conn, c => target.load::<i64>(c))?.is_empty())
}

/// Statements of a kind about `subject`, by position: the first `most` of each journal, so that one that says it over
/// and over hides nobody else's.
pub async fn of_kind_about(conn: &mut Conn, kind: &str, subject: Digest, most: usize) -> Result<Vec<EntryRow>> {
    let about = dsl::entries.filter(dsl::kind.eq(kind)).filter(dsl::subject.eq(subject.0.as_slice()));
    let target = about.select(dsl::journal).distinct();
    let journals = query!(conn, c => target.load::<String>(c))?;
    let mut rows = Vec::new();
    for journal in journals {
        let target = about.filter(dsl::journal.eq(journal)).order(dsl::position).limit(limit(most));
        let of_journal = query!(conn, c => target.load::<Columns>(c))?;
        rows.extend(of_journal.into_iter().map(row).collect::<Result<Vec<_>>>()?);
    }
    rows.sort_by(|one, other| (one.position, &one.journal).cmp(&(other.position, &other.journal)));
    Ok(rows)
}

/// Readable statements of a kind that were published after `since`, the earliest first.
pub async fn published_since(
    conn: &mut Conn,
    kind: &str,
    since: Time,
    wanted: &Wanted<i64, Digest>,
) -> Result<Page<EntryRow>> {
    let (at, id) = wanted.beside((i64::MIN, Digest([0; 32])));
    let target =
        dsl::entries.filter(dsl::kind.eq(kind)).filter(dsl::published.gt(since.0)).filter(dsl::bytes.is_not_null());
    let id = id.0.as_slice();
    let rows = beyond!(conn, wanted, first (dsl::published, at), (dsl::digest, id), target => Columns)?;
    let rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(wanted, rows, |row| (row.published.0, row.digest)))
}

/// How many those are.
pub async fn count_published_since(conn: &mut Conn, kind: &str, since: Time) -> Result<u64> {
    let target = dsl::entries
        .filter(dsl::kind.eq(kind))
        .filter(dsl::published.gt(since.0))
        .filter(dsl::bytes.is_not_null())
        .count();
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
}

/// Entries of these kinds in all journals, by journal and position.
pub async fn of_kinds(conn: &mut Conn, kinds: &[&str]) -> Result<Vec<EntryRow>> {
    let target = dsl::entries.filter(dsl::kind.eq_any(kinds.iter().copied())).order((dsl::journal, dsl::position));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Where entries of a kind stand, and what they are about.
pub async fn subjects(conn: &mut Conn, kind: &str) -> Result<Vec<(JournalId, u64, Digest)>> {
    let target = dsl::entries.filter(dsl::kind.eq(kind)).filter(dsl::subject.is_not_null()).select((
        dsl::journal,
        dsl::position,
        dsl::subject.assume_not_null(),
    ));
    let rows = query!(conn, c => target.load::<(String, i64, Vec<u8>)>(c))?;
    rows.into_iter()
        .map(|(journal, position, subject)| Ok((parsed(&journal)?, nat(position), digest(&subject)?)))
        .collect()
}

/// Consecutive entries from `start`, at most `most`.
pub async fn page(conn: &mut Conn, journal: &JournalId, start: u64, most: usize) -> Result<Vec<EntryRow>> {
    let target = dsl::entries
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::position.ge(int(start)))
        .order(dsl::position)
        .limit(i64::try_from(most).unwrap_or(i64::MAX));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

pub async fn leaf_at(conn: &mut Conn, journal: &JournalId, position: u64) -> Result<Option<Digest>> {
    let target = dsl::entries
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::position.eq(int(position)))
        .select(dsl::leaf);
    query!(conn, c => target.load::<Vec<u8>>(c))?.pop().map(|leaf| digest(&leaf)).transpose()
}

/// Leaf hashes from `start` (included) to `end` (excluded).
pub async fn leaves(conn: &mut Conn, journal: &JournalId, start: u64, end: u64) -> Result<Vec<Digest>> {
    let target = dsl::entries
        .filter(dsl::journal.eq(journal.as_str()))
        .filter(dsl::position.ge(int(start)))
        .filter(dsl::position.lt(int(end)))
        .order(dsl::position)
        .select(dsl::leaf);
    query!(conn, c => target.load::<Vec<u8>>(c))?.iter().map(|leaf| digest(leaf)).collect()
}
