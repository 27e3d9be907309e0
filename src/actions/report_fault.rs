//! Proven faults: once for each culprit, kind and vote, kept here and told to everybody.

use folkmoot_governance::certification::Certificate;
use folkmoot_governance::certification::fault;
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::{Body, FaultKind, FaultReport};

use super::error::Result;
use super::standing::Standing;
use super::{count, journals};
use crate::app::App;
use crate::storage::decisions::DecisionRow;
use crate::storage::{Conn, closings, faults};

/// Publishes a proof in this node's journal, so that every node shows it. `vote` is the one that the fault was made in.
pub async fn tell(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    report: FaultReport,
    vote: Option<Digest>,
    now: Time,
) -> Result<()> {
    if standing.own_journal(app).is_none() {
        return keep(conn, &report, vote, now).await;
    }
    if is_news(conn, &report, vote).await? {
        journals::publish(conn, app, standing, Body::Fault(report), now).await?;
    }
    Ok(())
}

/// Keeps a proof for this node's own pages: one that somebody published, that others make for themselves, or that they
/// cannot check by its evidence alone.
pub async fn keep(conn: &mut Conn, report: &FaultReport, vote: impl Into<Option<Digest>>, now: Time) -> Result<()> {
    if is_news(conn, report, vote.into()).await? {
        tracing::warn!(culprit = report.culprit, fault = ?report.fault, "a fault is proven");
        faults::put(conn, report, now).await?;
    }
    Ok(())
}

/// Whether ballots that contradict each other are by a key of their seat: anybody can make a key and sign two with it. No
/// where the vote has not opened here yet: whoever stores both ballots finds the fault once it has.
pub async fn is_of_a_seat(conn: &mut Conn, app: &App, standing: &Standing, report: &FaultReport) -> Result<bool> {
    if report.fault != FaultKind::TwoBallots {
        return Ok(true);
    }
    let Some(document) = report.evidence.first() else { return Ok(false) };
    let signed = journals::read_bytes(document.as_bytes())?;
    let Body::Ballot(ballot) = &signed.statement.body else { return Ok(false) };
    count::is_seated(conn, app, standing, ballot, &signed.statement.key).await
}

/// Names those who made two valid certificates of one sitting possible: only more than f liars together can.
/// Each certificate shows a quorum, and the messages on record here show how the later round came about.
pub async fn two_certificates(
    conn: &mut Conn,
    epoch: &Epoch,
    known: &DecisionRow,
    certificates: [&Certificate; 2],
    now: Time,
) -> Result<()> {
    tracing::error!(proposal = %known.proposal, "TWO VALID CERTIFICATES: more nodes lie than the protocol withstands");
    let mut said: Vec<_> = certificates.into_iter().flat_map(Certificate::statements).collect();
    for bytes in closings::messages(conn, known.proposal, known.sitting).await? {
        said.push(journals::read_bytes(&bytes)?);
    }
    for report in fault::find_all(&said) {
        if fault::check(&report, epoch).is_ok() {
            keep(conn, &report, known.proposal, now).await?;
        }
    }
    Ok(())
}

/// Whether nothing of this kind is on record yet of this culprit, in this vote.
async fn is_news(conn: &mut Conn, report: &FaultReport, vote: Option<Digest>) -> Result<bool> {
    let vote = vote.map(|vote| vote.to_string());
    let known = faults::of_culprit(conn, report.fault, &report.culprit).await?;
    let about = |document: &String| vote.as_ref().is_none_or(|vote| document.contains(vote));
    Ok(!known.iter().any(|row| row.report.evidence.iter().any(about)))
}
