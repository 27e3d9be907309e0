//! Proposals as pages show them, rebuilt from the journals. The vote itself is read from its opening statement.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use folkmoot_governance::id::{Digest, MemberId, NodeId, Time};
use folkmoot_governance::statement::{Body, Question, Statement, Visibility};

use super::page::{Sieve, beyond};
use super::schema::{proposal_versions, proposals::dsl, replacements};
use super::{Conn, Error, Page, Place, Result, Wanted, digest, int, limit, nat, parsed, shown_to, time, visible};

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
    pub visibility: Visibility,
    /// When its decision is to be looked at again.
    pub review: Option<Time>,
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
pub(super) struct Columns {
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
    visibility: String,
    review: Option<i64>,
}

pub(super) fn row(columns: Columns) -> Result<ProposalRow> {
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
        visibility: if columns.visibility == "public" { Visibility::Public } else { Visibility::Consortium },
        review: time(columns.review),
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
        dsl::visibility.eq(visible(question.visibility)),
        dsl::review.eq(question.review.map(|at| at.0)),
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
    put_replacements(conn, version).await
}

/// Keeps which openings the latest version would replace.
async fn put_replacements(conn: &mut Conn, version: &Version<'_>) -> Result<()> {
    let before = replacements::table.filter(replacements::proposal.eq(version.id));
    query!(conn, c => diesel::delete(before).execute(c))?;
    for replaced in &version.question.supersedes {
        let values = (replacements::proposal.eq(version.id), replacements::replaced.eq(replaced.0.as_slice()));
        query!(conn, c => diesel::insert_into(replacements::table)
            .values(values)
            .on_conflict((replacements::proposal, replacements::replaced))
            .do_nothing()
            .execute(c))?;
    }
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

/// The state of the vote that an opening announced. Less to read than the whole row, which holds the statement.
pub async fn state_of(conn: &mut Conn, opening: Digest) -> Result<Option<String>> {
    let target = dsl::proposals.filter(dsl::digest.eq(opening.0.as_slice())).select(dsl::state);
    Ok(query!(conn, c => target.load::<String>(c))?.pop())
}

/// Nothing that passed, and that the reader may know of, would replace the proposal.
fn not_replaced(reader: Visibility) -> String {
    let shown: Vec<String> = shown_to(reader).iter().map(|visible| format!("'{visible}'")).collect();
    format!(
        "NOT EXISTS (SELECT 1 FROM replacements WHERE replacements.replaced = proposals.digest AND EXISTS (SELECT 1 \
         FROM proposals AS later WHERE later.id = replacements.proposal AND later.state = 'passed' AND \
         later.visibility IN ({})))",
        shown.join(", ")
    )
}

/// Proposals in a state that the reader may know of.
macro_rules! listed {
    ($reader:expr, $state:expr) => {
        dsl::proposals.filter(dsl::visibility.eq_any(shown_to($reader).iter().copied())).filter(dsl::state.eq($state))
    };
}

/// Proposals in these states that the reader may know of and that `fits` says yes to, the latest change first. A draft
/// that is changed moves to the front, as if it were new.
pub async fn newest(
    conn: &mut Conn,
    reader: Visibility,
    states: &[&str],
    wanted: &Wanted<i64, String>,
    fits: impl Fn(&ProposalRow) -> bool,
) -> Result<Page<ProposalRow>> {
    let key = |row: &ProposalRow| (row.updated_at.0, row.key.clone());
    let mut sieve = Sieve::new(wanted);
    while let Some(wanted) = sieve.wants() {
        let (at, id) = wanted.beside((i64::MAX, String::new()));
        let mut rows = Vec::new();
        // State by state, so that an index has each in order.
        for state in states {
            let (target, id) = (listed!(reader, *state), id.as_str());
            rows.extend(beyond!(conn, wanted, newest (dsl::updated_at, at), (dsl::key, id), target => Columns)?);
        }
        let mut rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
        rows.sort_by_key(key);
        if !matches!(wanted.place, Place::Before(..)) {
            rows.reverse();
        }
        sieve.take(rows, key, |row| Ok::<_, Error>(fits(row)))?;
    }
    Ok(sieve.page(key))
}

/// Announced and open votes that the reader may know of and that `fits` says yes to, the one that closes first first.
pub async fn closing_first(
    conn: &mut Conn,
    reader: Visibility,
    wanted: &Wanted<i64, String>,
    fits: impl Fn(&ProposalRow) -> bool,
) -> Result<Page<ProposalRow>> {
    let key = |row: &ProposalRow| (row.closes.map_or(0, |at| at.0), row.key.clone());
    let closes = dsl::closes.assume_not_null();
    let mut sieve = Sieve::new(wanted);
    while let Some(wanted) = sieve.wants() {
        let (at, id) = wanted.beside((i64::MIN, String::new()));
        let mut rows = Vec::new();
        for state in ["announced", "open"] {
            let (target, id) = (listed!(reader, state), id.as_str());
            rows.extend(beyond!(conn, wanted, first (closes, at), (dsl::key, id), target => Columns)?);
        }
        let mut rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
        rows.sort_by_key(key);
        if matches!(wanted.place, Place::Before(..)) {
            rows.reverse();
        }
        sieve.take(rows, key, |row| Ok::<_, Error>(fits(row)))?;
    }
    Ok(sieve.page(key))
}

/// The latest drafts of these members.
pub async fn drafts_of(conn: &mut Conn, proposers: &[MemberId], most: usize) -> Result<Vec<ProposalRow>> {
    let target = dsl::proposals
        .filter(dsl::proposer.eq_any(proposers.iter().map(MemberId::as_str)))
        .filter(dsl::state.eq("draft"))
        .order((dsl::updated_at.desc(), dsl::key))
        .limit(limit(most));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// Decisions in force that are to be looked at again after `from` and until `until`, the first one first.
pub async fn to_review(
    conn: &mut Conn,
    reader: Visibility,
    from: Time,
    until: Time,
    most: usize,
) -> Result<Vec<ProposalRow>> {
    let target = listed!(reader, "passed")
        .filter(dsl::review.gt(Some(from.0)))
        .filter(dsl::review.le(Some(until.0)))
        .filter(sql::<Bool>(&not_replaced(reader)))
        .order((dsl::review, dsl::key))
        .limit(limit(most));
    query!(conn, c => target.load::<Columns>(c))?.into_iter().map(row).collect()
}

/// How many proposals a node brought in, and strangers may know of.
pub async fn count_of(conn: &mut Conn, node: &NodeId) -> Result<u64> {
    let target = dsl::proposals.filter(dsl::node.eq(node.as_str())).filter(dsl::visibility.eq("public")).count();
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
}

pub async fn count_in_state(conn: &mut Conn, state: &str) -> Result<u64> {
    let target = dsl::proposals.filter(dsl::state.eq(state)).count();
    query!(conn, c => target.get_result::<i64>(c)).map(nat)
}

/// The openings of votes that have not opened yet.
pub async fn announced(conn: &mut Conn) -> Result<Vec<Digest>> {
    let target = dsl::proposals.filter(dsl::state.eq("announced")).order(dsl::id).select(dsl::digest);
    let rows = query!(conn, c => target.load::<Option<Vec<u8>>>(c))?;
    rows.into_iter().flatten().map(|bytes| digest(&bytes)).collect()
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

/// The latest versions of a proposal, the newest first: (version, statement, published).
pub async fn versions(conn: &mut Conn, id: &str, most: usize) -> Result<Vec<(u32, Vec<u8>, Time)>> {
    let target = proposal_versions::table
        .filter(proposal_versions::proposal.eq(id))
        .order((
            proposal_versions::version.desc(),
            proposal_versions::published.desc(),
            proposal_versions::digest.desc(),
        ))
        .limit(limit(most))
        .select((proposal_versions::version, proposal_versions::statement, proposal_versions::published));
    let rows = query!(conn, c => target.load::<(i64, Vec<u8>, i64)>(c))?;
    Ok(rows.into_iter().map(|(v, statement, at)| (u32::try_from(v).unwrap_or(0), statement, Time(at))).collect())
}

/// When the first version was published.
pub async fn drafted(conn: &mut Conn, id: &str) -> Result<Option<Time>> {
    let target = proposal_versions::table
        .filter(proposal_versions::proposal.eq(id))
        .order((proposal_versions::version, proposal_versions::published))
        .select(proposal_versions::published)
        .limit(1);
    Ok(query!(conn, c => target.load::<i64>(c))?.pop().map(Time))
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
