//! Proposals as pages show them, rebuilt from the journals. The vote itself is read from its opening statement.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, MemberId, NodeId, Time};
use folkmoot_governance::statement::{Body, Question, Statement};

use super::schema::{proposal_versions, proposals::dsl};
use super::{Conn, Error, Result, digest, int, nat, parsed, time};

/// `state`: `draft`, `announced`, `open`, `passed`, `not-passed`, `withdrawn`, `void`.
/// Whether an open vote is already being counted is a question of time, not of this table.
#[derive(Debug, Clone)]
pub struct ProposalRow {
    pub id: String,
    pub key: String,
    pub node: NodeId,
    pub proposer: MemberId,
    pub version: u32,
    pub title: String,
    pub state: String,
    /// Digest of the opening, once there is one.
    pub digest: Option<Digest>,
    pub epoch: u64,
    pub opens: Option<Time>,
    pub closes: Option<Time>,
    pub sitting: u32,
    pub number: Option<u64>,
    /// The latest version's statement.
    pub statement: Vec<u8>,
    /// The certified checkpoint that proves that the vote was announced in time.
    pub certified_note: Option<String>,
    pub updated_at: Time,
}

impl ProposalRow {
    /// The latest version, the frozen one once the vote was opened.
    pub fn question(&self) -> Result<Question> {
        let signed = Statement::read_kept(&self.statement).map_err(Error::unreadable)?;
        match signed.statement.body {
            Body::Question(question) => Ok(*question),
            _ => Err(Error::unreadable("a proposal is not a question")),
        }
    }
}

/// A version of a proposal as it arrives in a journal.
pub struct Version<'a> {
    pub id: &'a str,
    pub key: &'a str,
    pub node: &'a NodeId,
    pub question: &'a Question,
    pub statement: &'a [u8],
    pub digest: Digest,
    pub epoch: u64,
    pub opens: Option<Time>,
    pub closes: Option<Time>,
    pub published: Time,
}

#[derive(Queryable)]
struct Columns {
    id: String,
    key: String,
    node: String,
    proposer: String,
    version: i64,
    title: String,
    state: String,
    digest: Option<Vec<u8>>,
    epoch: i64,
    opens: Option<i64>,
    closes: Option<i64>,
    sitting: i64,
    number: Option<i64>,
    statement: Vec<u8>,
    certified_note: Option<String>,
    updated_at: i64,
}

fn row(columns: Columns) -> Result<ProposalRow> {
    Ok(ProposalRow {
        id: columns.id,
        key: columns.key,
        node: parsed(&columns.node)?,
        proposer: parsed(&columns.proposer)?,
        version: u32::try_from(columns.version).unwrap_or(0),
        title: columns.title,
        state: columns.state,
        digest: columns.digest.map(|bytes| digest(&bytes)).transpose()?,
        epoch: nat(columns.epoch),
        opens: time(columns.opens),
        closes: time(columns.closes),
        sitting: u32::try_from(columns.sitting).unwrap_or(0),
        number: columns.number.map(nat),
        statement: columns.statement,
        certified_note: columns.certified_note,
        updated_at: Time(columns.updated_at),
    })
}

/// Stores a version. Later versions replace what pages show; an opening freezes it, and a second opening of a vote
/// that is not void changes nothing.
pub async fn put_version(conn: &mut Conn, version: &Version<'_>) -> Result<()> {
    let Version { question, .. } = version;
    let values = (
        proposal_versions::proposal.eq(version.id),
        proposal_versions::version.eq(i64::from(question.version)),
        proposal_versions::digest.eq(version.digest.0.as_slice()),
        proposal_versions::statement.eq(version.statement),
        proposal_versions::published.eq(version.published.0),
    );
    query!(conn, c => diesel::insert_into(proposal_versions::table)
        .values(values)
        .on_conflict((proposal_versions::proposal, proposal_versions::digest))
        .do_nothing()
        .execute(c))?;
    if let Some(known) = by_id(conn, version.id).await? {
        let frozen = !matches!(known.state.as_str(), "draft" | "void");
        if frozen || known.node != *version.node || known.version > question.version {
            return Ok(());
        }
    }
    let opening = version.opens.is_some();
    let changes = (
        dsl::version.eq(i64::from(question.version)),
        dsl::title.eq(&question.name),
        dsl::state.eq(if opening { "announced" } else { "draft" }),
        dsl::digest.eq(opening.then_some(version.digest.0.as_slice())),
        dsl::epoch.eq(int(version.epoch)),
        dsl::opens.eq(version.opens.map(|at| at.0)),
        dsl::closes.eq(version.closes.map(|at| at.0)),
        dsl::statement.eq(version.statement),
        dsl::updated_at.eq(version.published.0),
    );
    let fixed = (
        dsl::id.eq(version.id),
        dsl::key.eq(version.key),
        dsl::node.eq(version.node.as_str()),
        dsl::proposer.eq(question.proposer.as_str()),
        dsl::sitting.eq(0),
    );
    query!(conn, c => diesel::insert_into(dsl::proposals)
        .values((fixed, changes))
        .on_conflict(dsl::id)
        .do_update()
        .set(changes)
        .execute(c))?;
    Ok(())
}

pub async fn by_id(conn: &mut Conn, id: &str) -> Result<Option<ProposalRow>> {
    let target = dsl::proposals.filter(dsl::id.eq(id));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

pub async fn by_key(conn: &mut Conn, key: &str) -> Result<Option<ProposalRow>> {
    let target = dsl::proposals.filter(dsl::key.eq(key));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

pub async fn by_digest(conn: &mut Conn, opening: Digest) -> Result<Option<ProposalRow>> {
    let target = dsl::proposals.filter(dsl::digest.eq(opening.0.as_slice()));
    query!(conn, c => target.load::<Columns>(c))?.pop().map(row).transpose()
}

/// Newest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<ProposalRow>> {
    let target = dsl::proposals.order((dsl::updated_at.desc(), dsl::id));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

pub async fn in_state(conn: &mut Conn, state: &str) -> Result<Vec<ProposalRow>> {
    let target = dsl::proposals.filter(dsl::state.eq(state)).order(dsl::id);
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Openings that nobody here has seen certified in time though their vote should be open at `now`; newest first.
pub async fn unopened(conn: &mut Conn, now: Time, most: i64) -> Result<Vec<Digest>> {
    let target = dsl::proposals
        .filter(dsl::state.eq_any(["announced", "void"]))
        .filter(dsl::opens.le(Some(now.0)))
        .filter(dsl::closes.gt(Some(now.0)))
        .order(dsl::opens.desc())
        .limit(most)
        .select(dsl::digest);
    let rows = query!(conn, c => target.load::<Option<Vec<u8>>>(c))?;
    rows.into_iter().flatten().map(|bytes: Vec<u8>| digest(&bytes)).collect()
}

/// Openings whose vote is decided, while nobody here has seen them certified in time; newest first.
pub async fn unproven(conn: &mut Conn, most: i64) -> Result<Vec<Digest>> {
    let target = dsl::proposals
        .filter(dsl::number.is_not_null())
        .filter(dsl::certified_note.is_null())
        .order(dsl::opens.desc())
        .limit(most)
        .select(dsl::digest);
    let rows = query!(conn, c => target.load::<Option<Vec<u8>>>(c))?;
    rows.into_iter().flatten().map(|bytes: Vec<u8>| digest(&bytes)).collect()
}

/// Keeps the checkpoint that proves an opening; what becomes of the vote does not change.
pub async fn put_opening_note(conn: &mut Conn, opening: Digest, note: &str) -> Result<()> {
    let target = dsl::proposals.filter(dsl::digest.eq(opening.0.as_slice()));
    query!(conn, c => diesel::update(target).set(dsl::certified_note.eq(Some(note))).execute(c))?;
    Ok(())
}

/// All versions of a proposal, oldest first: (version, statement, published).
pub async fn versions(conn: &mut Conn, id: &str) -> Result<Vec<(u32, Vec<u8>, Time)>> {
    let target = proposal_versions::table
        .filter(proposal_versions::proposal.eq(id))
        .order((proposal_versions::version, proposal_versions::published))
        .select((proposal_versions::version, proposal_versions::statement, proposal_versions::published));
    let rows = query!(conn, c => target.load::<(i64, Vec<u8>, i64)>(c))?;
    Ok(rows.into_iter().map(|(v, statement, at)| (u32::try_from(v).unwrap_or(0), statement, Time(at))).collect())
}

/// The vote is open: its opening stands in a checkpoint that was certified in time.
pub async fn open(conn: &mut Conn, opening: Digest, note: &str) -> Result<()> {
    let target = dsl::proposals.filter(dsl::digest.eq(opening.0.as_slice()));
    query!(conn, c => diesel::update(target)
        .set((dsl::state.eq("open"), dsl::certified_note.eq(Some(note))))
        .execute(c))?;
    Ok(())
}

pub async fn set_state(conn: &mut Conn, opening: Digest, state: &str) -> Result<()> {
    let target = dsl::proposals.filter(dsl::digest.eq(opening.0.as_slice()));
    query!(conn, c => diesel::update(target).set(dsl::state.eq(state)).execute(c))?;
    Ok(())
}

/// What a certified outcome made of the vote.
pub async fn decided(
    conn: &mut Conn,
    opening: Digest,
    state: &str,
    closes: Time,
    sitting: u32,
    number: Option<u64>,
) -> Result<()> {
    let target = dsl::proposals.filter(dsl::digest.eq(opening.0.as_slice()));
    let changes = (
        dsl::state.eq(state),
        dsl::closes.eq(Some(closes.0)),
        dsl::sitting.eq(i64::from(sitting)),
        dsl::number.eq(number.map(int)),
    );
    query!(conn, c => diesel::update(target).set(changes).execute(c))?;
    Ok(())
}
