//! Everything about one proposal, and the list of all, as pages and the API show them. Reads only; decides nothing.

use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::proposal::{self, Phase};
use folkmoot_governance::statement::{Body, Question, Visibility};
use folkmoot_governance::tally::Outcome;

use super::error::{ActionError, Result};
use super::standing::Standing;
use super::view_agreement::{self, Closing, Stand};
use super::{count, journals, view_ballots};
use crate::app::App;
use crate::storage::proposals::{self, ProposalRow};
use crate::storage::{Conn, Page, Wanted, decisions};

/// The states that are stored; further ones are a question of time.
const STORED_STATES: [&str; 7] = ["draft", "announced", "open", "passed", "not-passed", "withdrawn", "void"];

/// The most versions of a proposal that are shown; journals have all.
pub const VERSIONS_MOST: usize = 20;

/// One proposal in a list.
#[derive(Debug, Clone)]
pub struct Line {
    pub row: ProposalRow,
    pub question: Question,
    pub state: &'static str,
}

/// One proposal with its whole history.
pub struct View {
    pub line: Line,
    /// The latest ones, at most [`VERSIONS_MOST`], oldest first; the last is the one in force.
    pub versions: Vec<Version>,
    /// When the first version was published.
    pub drafted: Option<Time>,
    /// Absent for drafts, and while the opening is still on its way here.
    pub vote: Option<count::Vote>,
    /// Members with a ballot here so far.
    pub cast: u64,
    pub closing: Option<Closing>,
    /// Of the decided vote, or of its closing.
    pub agreement: Vec<Stand>,
}

/// One version of a text.
#[derive(Debug, Clone)]
pub struct Version {
    pub number: u32,
    pub published: Time,
    pub digest: Digest,
    pub question: Question,
}

/// The outcome of a vote as far as it is known.
#[derive(Debug, Clone)]
pub struct Counted {
    pub outcome: Outcome,
    pub provisional: bool,
}

/// Which proposals a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    All,
    /// To be voted on, voted on or being counted; the vote that closes first comes first, in all others the newest.
    Current,
    /// As [`Self::Current`], without those that nodes have failed to agree on for long.
    UnderWay,
    /// As [`Self::Current`], without those whose voting is over.
    AtHand,
    /// Not opened yet, or in vain.
    Drafts,
    Closed,
    /// In one of the states of [`state`].
    InState(&'a str),
}

/// A page of the proposals that the reader may know of.
pub async fn list(
    conn: &mut Conn,
    standing: &Standing,
    reader: Visibility,
    which: Which<'_>,
    wanted: &Wanted<i64, String>,
    now: Time,
) -> Result<Page<Line>> {
    let page = match which {
        Which::Current => proposals::closing_first(conn, reader, wanted, |_| true).await?,
        Which::UnderWay => {
            proposals::closing_first(conn, reader, wanted, |row| state(row, standing, now) != "uncertified").await?
        }
        Which::AtHand => {
            let at_hand = |row: &ProposalRow| row.closes.is_some_and(|closes| now < closes);
            proposals::closing_first(conn, reader, wanted, at_hand).await?
        }
        Which::All => proposals::newest(conn, reader, &STORED_STATES, wanted, |_| true).await?,
        Which::Drafts => proposals::newest(conn, reader, &["draft", "void"], wanted, |_| true).await?,
        Which::Closed => {
            proposals::newest(conn, reader, &["passed", "not-passed", "withdrawn"], wanted, |_| true).await?
        }
        Which::InState(name) => {
            let stored: &[&str] = match name {
                "announced" => &["announced", "open"],
                "counting" | "uncertified" => &["open"],
                stored => &[stored],
            };
            proposals::newest(conn, reader, stored, wanted, |row| state(row, standing, now) == name).await?
        }
    };
    page.try_map(|row| line(row, standing, now))
}

/// The proposal with this key.
pub async fn find(conn: &mut Conn, standing: &Standing, key: &str, now: Time) -> Result<Line> {
    let row = proposals::by_key(conn, key).await?.ok_or(ActionError::NotFound("missing-proposal"))?;
    line(row, standing, now)
}

fn line(row: ProposalRow, standing: &Standing, now: Time) -> Result<Line> {
    let question = row.question()?;
    let state = state(&row, standing, now);
    Ok(Line { row, question, state })
}

/// `draft`, `announced`, `open`, `counting`, `uncertified`, `passed`, `not-passed`, `withdrawn` or `void` at `now`.
pub fn state(row: &ProposalRow, standing: &Standing, now: Time) -> &'static str {
    match row.state.as_str() {
        "open" => {}
        "announced" => return "announced",
        "passed" => return "passed",
        "not-passed" => return "not-passed",
        "withdrawn" => return "withdrawn",
        "void" => return "void",
        _ => return "draft",
    }
    let (Some(opens), Some(closes)) = (row.opens, row.closes) else { return "draft" };
    let epoch = standing.epoch_number(row.epoch).unwrap_or(standing.epoch());
    match proposal::undecided_phase(opens, closes, &epoch.charter, now) {
        Phase::Announced => "announced",
        Phase::Open => "open",
        Phase::Counting => "counting",
        _ => "uncertified",
    }
}

/// The proposal with everything around it.
pub async fn load(conn: &mut Conn, app: &App, standing: &Standing, key: &str, now: Time) -> Result<View> {
    let line = find(conn, standing, key, now).await?;
    let mut versions = versions(conn, &line.row.id).await?;
    // A draft may be opened in the second in which it was written: what is in force is the last.
    versions.sort_by_key(|version| (version.number, version.published, Some(version.digest) == line.row.digest));
    let drafted = proposals::drafted(conn, &line.row.id).await?;
    let mut view = View { line, versions, drafted, vote: None, cast: 0, closing: None, agreement: Vec::new() };
    let Some(digest) = view.line.row.digest else { return Ok(view) };
    let vote = match count::load_vote(conn, app, standing, digest).await {
        Ok(vote) => vote,
        Err(ActionError::NotFound(_)) => return Ok(view),
        Err(error) => return Err(error),
    };
    view.cast = view_ballots::cast(conn, &vote).await?;
    match decided(conn, digest).await? {
        Some(row) => {
            view.agreement = view_agreement::of_decision(conn, &vote.epoch, digest, row.sitting, row.value).await?;
        }
        None if matches!(view.line.state, "counting" | "uncertified") => {
            view.closing = view_agreement::of_closing(conn, &vote.epoch, digest, &vote.sitting, now).await?;
            view.agreement = view.closing.as_ref().map(|closing| closing.stands.clone()).unwrap_or_default();
        }
        None => {}
    }
    view.vote = Some(vote);
    Ok(view)
}

async fn versions(conn: &mut Conn, id: &str) -> Result<Vec<Version>> {
    let mut versions = Vec::new();
    for (number, statement, published) in proposals::versions(conn, id, VERSIONS_MOST).await?.into_iter().rev() {
        let signed = journals::read_bytes(&statement)?;
        if let Body::Question(question) = signed.statement.body {
            versions.push(Version { number, published, digest: signed.digest, question: *question });
        }
    }
    Ok(versions)
}

/// The certified result that ended a vote.
pub async fn decided(conn: &mut Conn, digest: Digest) -> Result<Option<decisions::DecisionRow>> {
    for row in decisions::of_proposal(conn, digest).await?.into_iter().rev() {
        let outcome: Outcome = serde_json::from_slice(&row.outcome).map_err(ActionError::corrupt("outcome"))?;
        if !matches!(outcome.verdict, folkmoot_governance::tally::Verdict::Extended { .. }) {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The certified outcome of a vote, or else the count of what is stored here now.
pub async fn counted(conn: &mut Conn, standing: &Standing, vote: &count::Vote) -> Result<Counted> {
    if let Some(row) = decided(conn, vote.digest()).await? {
        let outcome = serde_json::from_slice(&row.outcome).map_err(ActionError::corrupt("outcome"))?;
        return Ok(Counted { outcome, provisional: false });
    }
    Ok(Counted { outcome: count::provisional(conn, standing, vote).await?, provisional: true })
}
