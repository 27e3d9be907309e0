//! Proposals and decisions as lists show them.

use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::tally::points::{Point, What, points};

use super::names::{self, Names};
use crate::actions::error::{ActionError, Result};
use crate::actions::standing::Standing;
use crate::actions::view_agreement::{self, StandState};
use crate::actions::{count, view_ballots, view_decision, view_proposal};
use crate::storage::{Conn, comments, faults};
use crate::web::decisions::DecisionCard;
use crate::web::proposal::Link;
use crate::web::proposals::{ProposalCard, State};
use crate::web::visit::Visit;
use crate::words::Texts;
use crate::words::outcome::sentence;

pub fn state(state: &str, opens: Option<Time>, closes: Option<Time>, now: Time) -> State {
    match state {
        "announced" => State::Announced,
        "open" => match opens.zip(closes) {
            Some((opens, closes)) if (closes.0 - now.0).saturating_mul(4) < closes.0 - opens.0 => State::ClosingSoon,
            _ => State::Open,
        },
        "counting" => State::Counting,
        "uncertified" => State::Uncertified,
        "passed" => State::Passed,
        "not-passed" => State::NotPassed,
        "withdrawn" => State::Withdrawn,
        _ => State::Draft,
    }
}

pub fn url(key: &str) -> String {
    format!("/proposals/{key}")
}

/// A vote, unless its opening or what it rests on is still on its way here.
pub async fn vote(
    conn: &mut Conn,
    visit: &Visit,
    standing: &Standing,
    digest: Option<Digest>,
) -> Result<Option<count::Vote>> {
    let Some(digest) = digest else { return Ok(None) };
    match count::load_vote(conn, &visit.app, standing, digest).await {
        Ok(vote) => Ok(Some(vote)),
        Err(ActionError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A proposal as a card; with the vote where there is one, for whoever looks at it.
pub async fn proposal(
    conn: &mut Conn,
    visit: &Visit,
    standing: &Standing,
    names: &Names,
    line: view_proposal::Line,
    vote: Option<&count::Vote>,
) -> Result<ProposalCard> {
    let comments = comments::count(conn, &line.row.id).await?;
    let (mut cast, mut eligible, mut voted) = (0, 0, false);
    if let Some(vote) = vote {
        (cast, eligible) = (view_ballots::cast(conn, vote).await?, vote.roll.seats.len());
        if let Some(person) = visit.person() {
            let own = view_ballots::seats(conn, vote, &person.person).await?;
            voted = view_ballots::have_voted(conn, vote, &own).await?;
        }
    }
    let charter = &view_decision::epoch_of(standing, &line.row).charter;
    Ok(ProposalCard {
        title: line.row.title.clone(),
        url: url(&line.row.key),
        type_name: names::decision_type(charter, &line.question.decision_type),
        state: state(line.state, line.row.opens, line.row.closes, visit.now),
        proposer: names.member(&line.row.proposer),
        opens: line.row.opens,
        closes: line.row.closes,
        cast: small(cast),
        eligible: small(eligible),
        comments: small(comments),
        voted,
    })
}

pub fn small(number: impl TryInto<u32>) -> u32 {
    number.try_into().unwrap_or(u32::MAX)
}

/// A decision by its number; the address names its proposal, since two can share a number.
pub fn decision_link(line: &view_decision::Line) -> Link {
    Link { name: line.number.to_string(), url: decision_url(&line.proposal.key) }
}

pub fn decision_url(key: &str) -> String {
    format!("/decisions/{key}")
}

/// Where a decision stands; contested where proofs of faults name its vote.
pub async fn decision_state(conn: &mut Conn, line: &view_decision::Line) -> Result<State> {
    if faults::count_of_vote(conn, line.row.proposal).await? > 0 {
        return Ok(State::Contested);
    }
    Ok(if line.outcome.passed() { State::Passed } else { State::NotPassed })
}

/// The decision that replaced another one.
pub async fn replaced_by(conn: &mut Conn, visit: &Visit, decision: Digest) -> Result<Option<Link>> {
    let line = view_decision::replacing(conn, visit.reads(), decision).await?;
    Ok(line.as_ref().map(decision_link))
}

/// A decision as a card.
pub async fn decision(
    conn: &mut Conn,
    visit: &Visit,
    standing: &Standing,
    line: &view_decision::Line,
) -> Result<DecisionCard> {
    let epoch = view_decision::epoch_of(standing, &line.proposal);
    let (proposal, row) = (line.row.proposal, &line.row);
    let stands = view_agreement::of_decision(conn, epoch, proposal, row.sitting, row.value).await?;
    let question = line.proposal.question()?;
    let kind = epoch.charter.decision_type(&line.outcome.decision_type);
    Ok(DecisionCard {
        number: line.number,
        title: line.proposal.title.clone(),
        url: decision_url(&line.proposal.key),
        type_name: names::decision_type(&epoch.charter, &line.outcome.decision_type),
        article: kind.map(|kind| kind.article.clone()).unwrap_or_default(),
        state: decision_state(conn, line).await?,
        decided: row.closed_at,
        sentence: telling(visit.texts(), &points(&line.outcome, &epoch.charter)),
        agreeing: stands.iter().filter(|stand| stand.state == StandState::Agree).count(),
        nodes: stands.len(),
        supersedes: super::decisions::links(conn, visit, &question.supersedes).await?,
        superseded_by: replaced_by(conn, visit, proposal).await?,
        review: question.review,
    })
}

/// The outcome in a breath: what came out, and what turned it.
fn telling(texts: &Texts, points: &[Point]) -> String {
    let told = points.iter().filter(|point| is_telling(&point.what));
    told.map(|point| sentence(texts, point)).collect::<Vec<_>>().join(" ")
}

/// What says why, without classes and other readings.
fn is_telling(what: &What) -> bool {
    matches!(
        what,
        What::Passed
            | What::Chosen { .. }
            | What::NotPassed
            | What::NothingChosen
            | What::NobodyTookASide
            | What::QuorumUnmet { .. }
            | What::ThresholdMet { .. }
            | What::ThresholdMissed { .. }
            | What::Tie
            | What::OptionsTie { .. }
            | What::BlocksStand { .. }
    )
}
