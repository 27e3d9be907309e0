//! Reading statements back from the journals, and appending this node's own.

use folkmoot_governance::certification::message;
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::extract::{CertifiedSize, Entry, Extract};
use folkmoot_governance::id::{Digest, JournalId, Time};
use folkmoot_governance::statement::{Body, Signer, Statement, Visibility};

use super::error::{ActionError, Result};
use super::standing::Standing;
use crate::app::App;
use crate::storage::{Conn, entries};
use crate::words::Message;

/// The most bytes one statement may have.
pub const STATEMENT_BYTES: usize = 1 << 20;

/// A statement where it stands.
#[derive(Debug, Clone)]
pub struct Stored {
    pub journal: JournalId,
    pub entry: Entry,
}

/// Statements of one journal below a cut, owned; lend them to the rules with [`Owned::lend`].
#[derive(Debug)]
pub struct Owned {
    pub journal: JournalId,
    pub entries: Vec<Entry>,
}

impl Owned {
    pub fn lend(&self) -> Extract<'_> {
        Extract { journal: self.journal.clone(), entries: &self.entries }
    }
}

/// Kinds of statements that a roll is replayed from, besides the records of decisions.
const ROLL_KINDS: [&str; 6] = ["RollEntry", "RollEnd", "Application", "Objection", "Mandate", "MandateEnd"];

/// Every readable statement of a kind, in all journals, by journal and position.
pub async fn statements_of_kind(conn: &mut Conn, kind: &str) -> Result<Vec<Stored>> {
    entries::of_kinds(conn, &[kind]).await?.into_iter().filter_map(|row| read(row).transpose()).collect()
}

/// Statements of a kind about `subject`, by position: at most `most` of each journal.
pub async fn of_kind_about(conn: &mut Conn, kind: &str, subject: Digest, most: usize) -> Result<Vec<Stored>> {
    let rows = entries::of_kind_about(conn, kind, subject, most).await?;
    rows.into_iter().filter_map(|row| read(row).transpose()).collect()
}

/// Statements of `kinds` in the epoch's journals, each below its size in `cut`; a journal that is absent counts as empty.
pub async fn below(conn: &mut Conn, kinds: &[&str], cut: &[CertifiedSize]) -> Result<Vec<Owned>> {
    sorted_into(cut, entries::of_kinds(conn, kinds).await?)
}

/// As [`below`], what a roll is replayed from. Records carry whole certificates and most of them change nobody's
/// membership: only those of the decisions that are `wanted` are read.
pub async fn roll_below(conn: &mut Conn, cut: &[CertifiedSize], wanted: impl Fn(Digest) -> bool) -> Result<Vec<Owned>> {
    let mut rows = entries::of_kinds(conn, &ROLL_KINDS).await?;
    let mut recorded = entries::subjects(conn, "Article").await?;
    recorded.retain(|(journal, position, decision)| wanted(*decision) && covers(cut, journal, *position));
    for (journal, position, _) in recorded {
        rows.extend(entries::page(conn, &journal, position, 1).await?);
    }
    rows.sort_by_key(|row| row.position);
    sorted_into(cut, rows)
}

fn covers(cut: &[CertifiedSize], journal: &JournalId, position: u64) -> bool {
    cut.iter().any(|point| point.journal == *journal && position < point.size)
}

/// The rows of each journal of a cut below its size, in the order of `rows`.
fn sorted_into(cut: &[CertifiedSize], rows: Vec<entries::EntryRow>) -> Result<Vec<Owned>> {
    let empty = |point: &CertifiedSize| Owned { journal: point.journal.clone(), entries: Vec::new() };
    let mut all: Vec<Owned> = cut.iter().map(empty).collect();
    for row in rows {
        let place = cut.iter().position(|point| point.journal == row.journal && row.position < point.size);
        if let Some(place) = place
            && let Some(stored) = read(row)?
        {
            all[place].entries.push(stored.entry);
        }
    }
    Ok(all)
}

/// Statements about `subject` (a proposal's digest) in journals below `cut`.
pub async fn about(conn: &mut Conn, subject: Digest, cut: &[CertifiedSize]) -> Result<Vec<Owned>> {
    let mut all = Vec::with_capacity(cut.len());
    for point in cut {
        let rows = entries::about(conn, &point.journal, subject, point.size).await?;
        let stored = rows.into_iter().filter_map(|row| read(row).transpose()).collect::<Result<Vec<_>>>()?;
        all.push(Owned { journal: point.journal.clone(), entries: stored.into_iter().map(|s| s.entry).collect() });
    }
    Ok(all)
}

/// The statement of a row, where it is known.
pub fn read(row: entries::EntryRow) -> Result<Option<Stored>> {
    let Some(bytes) = &row.bytes else { return Ok(None) };
    // Verified when it was stored; reading it back needs no second look at the signature.
    let signed = read_bytes(bytes)?;
    let entry = Entry { position: row.position, digest: signed.digest, statement: signed.statement };
    Ok(Some(Stored { journal: row.journal, entry }))
}

/// A statement that this node verified when it stored it.
pub fn read_bytes(bytes: &[u8]) -> Result<SignedStatement> {
    Statement::read_kept(bytes).map_err(ActionError::corrupt("statement"))
}

/// A stored statement by its digest.
pub async fn by_digest(conn: &mut Conn, digest: Digest) -> Result<SignedStatement> {
    let row = entries::by_digest(conn, digest).await?.and_then(|row| row.bytes);
    read_bytes(&row.ok_or(ActionError::NotFound("missing-statement"))?)
}

/// Signs `body` as this node in the current epoch. Nothing is stored.
pub fn sign(app: &App, standing: &Standing, body: Body, now: Time) -> Result<SignedStatement> {
    sign_in_epoch(app, standing, standing.epoch().number, body, now)
}

/// Signs `body` as this node in the epoch of the vote that it is about.
pub fn sign_in_epoch(app: &App, standing: &Standing, epoch: u64, body: Body, now: Time) -> Result<SignedStatement> {
    let signer = Signer::Node(app.node.clone());
    let unsigned = Unsigned { signer, published: now, consortium: standing.id, epoch, body };
    let unusable = |error| ActionError::refused("statement", Message::new("refused-statement").naming("detail", error));
    unsigned.sign(&app.keys.statement).map_err(unusable)
}

/// Where a statement landed in this node's journal.
#[derive(Debug, Clone)]
pub struct Appended {
    pub statement: SignedStatement,
    pub journal: JournalId,
    pub position: u64,
}

/// Signs `body`, appends it to this node's journal and shows its effect, all in the running transaction.
pub async fn publish(conn: &mut Conn, app: &App, standing: &Standing, body: Body, now: Time) -> Result<Appended> {
    let statement = sign(app, standing, body, now)?;
    append(conn, app, standing, statement, now).await
}

/// Appends a signed statement (this node's or a member's ballot) to this node's journal.
pub async fn append(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    statement: SignedStatement,
    now: Time,
) -> Result<Appended> {
    let journal = standing.own_journal(app);
    let journal = journal.ok_or_else(|| ActionError::refused("not-a-party", "refused-not-a-party"))?;
    let entry = new_entry(&journal, &statement, visibility(standing, &statement), now);
    let position = entries::append(conn, &entry).await?;
    if super::project::apply(conn, app, standing, &journal, position, &statement, now).await? {
        super::project::refresh_members(conn, now).await?;
    }
    Ok(Appended { statement, journal, position })
}

/// The row of a statement in a journal.
pub fn new_entry(
    journal: &JournalId,
    statement: &SignedStatement,
    visibility: Visibility,
    now: Time,
) -> entries::NewEntry {
    entries::NewEntry {
        journal: journal.clone(),
        digest: statement.digest,
        leaf: folkmoot_governance::journal::leaf_hash(&statement.bytes),
        kind: kind(&statement.statement.body),
        subject: subject(&statement.statement.body),
        bytes: Some(statement.bytes.clone()),
        visibility,
        published: statement.statement.published,
        stored_at: now,
    }
}

/// The `type` of the statement's object.
fn kind(body: &Body) -> &'static str {
    match body {
        Body::Charter { .. } => "Charter",
        Body::RollEntry(_) => "RollEntry",
        Body::RollEnd(_) => "RollEnd",
        Body::Application(_) => "Application",
        Body::Objection { .. } => "Objection",
        Body::Mandate(_) => "Mandate",
        Body::MandateEnd { .. } => "MandateEnd",
        Body::Question(_) => "Question",
        Body::Ballot(_) => "Ballot",
        Body::Extension { .. } => "Extension",
        Body::Challenge { .. } => "Challenge",
        Body::Withdrawal { .. } => "Withdrawal",
        Body::Note(_) => "Note",
        Body::Notice { .. } => "Notice",
        Body::Article(_) => "Article",
        Body::Fault(_) => "Fault",
        Body::Receipt { .. } => "Receipt",
        Body::CutProposal(_) => "CutProposal",
        Body::CutVote { .. } => "CutVote",
        Body::CutSkip { .. } => "CutSkip",
        Body::CutFinal { .. } => "CutFinal",
    }
}

/// What the statement is about, for finding it again: the proposal's digest, or the application's.
fn subject(body: &Body) -> Option<Digest> {
    match body {
        Body::Objection { application, .. } => Some(*application),
        body => message::vote_of(body),
    }
}

/// Who may read the statement: its own word, or else the charter's.
pub fn visibility(standing: &Standing, statement: &SignedStatement) -> Visibility {
    match &statement.statement.body {
        Body::Question(question) => question.visibility,
        Body::Charter { .. } | Body::Fault(_) => Visibility::Public,
        _ => standing.epoch().charter.visibility,
    }
}

/// Every readable statement of a kind with its signature, by journal and position.
pub async fn signed_of_kind(conn: &mut Conn, kind: &str) -> Result<Vec<SignedStatement>> {
    let rows = entries::of_kinds(conn, &[kind]).await?;
    rows.iter().filter_map(|row| row.bytes.as_deref()).map(read_bytes).collect()
}
