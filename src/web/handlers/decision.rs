//! One decision.

use folkmoot_governance::statement::FaultKind;
use folkmoot_governance::tally::points::What;

use super::names::{self, Names};
use super::{cards, consortium, counting, effects};
use crate::actions::error::ActionError;
use crate::actions::{view_ballots, view_decision};
use crate::http::address::Named;
use crate::storage::faults;
use crate::web::charts::Timeline;
use crate::web::decision::{DecisionPage, NamedDigest};
use crate::web::layout::Section;
use crate::web::turns::ROWS;
use crate::web::visit::{Answer, Visit};
use crate::words::outcome::sentence;

/// What the page says in other places.
fn is_said_elsewhere(what: &What) -> bool {
    matches!(
        what,
        What::Passed
            | What::Chosen { .. }
            | What::NotPassed
            | What::NothingChosen
            | What::ClassAgrees { .. }
            | What::ClassChooses { .. }
            | What::ReadingAgrees { .. }
    )
}

pub async fn show(visit: Visit, Named(name): Named<String>) -> Answer {
    let standing = visit.standing()?;
    let mut conn = visit.conn().await?;
    let view = view_decision::load(&mut conn, &visit.app, standing, &name).await?;
    let question = view.line.proposal.question().map_err(ActionError::from)?;
    visit.must_read(question.visibility)?;
    let mut members = effects::members(&question.effects);
    members.push(&question.proposer);
    let names = Names::load(&mut conn, &members).await?;
    let blocks = view_ballots::blocks(&mut conn, &view.vote, &view.line.outcome).await?;
    let charter = &view.vote.epoch.charter;
    let count = counting::count(&view.line.outcome, charter, blocks, false);
    let (row, proposal, number) = (&view.line.row, &view.line.proposal, view.line.number);
    let exports = format!("/api/v1/decisions/{}", proposal.key);
    let proofs = faults::of_vote(&mut conn, row.proposal, ROWS).await?;
    let why = view.points.iter().filter(|point| !is_said_elsewhere(&point.what));
    let moments = [
        ("drafted", view.vote.opening.published),
        ("opened", view.vote.opening.voting.opens),
        ("closes", row.closed_at),
        ("certified", row.certified_at),
    ];
    let page = DecisionPage {
        number,
        title: question.name.clone(),
        url: cards::decision_url(&proposal.key),
        state: cards::decision_state(&mut conn, &view.line).await?,
        type_name: names::decision_type(charter, &view.line.outcome.decision_type),
        proposer: names.member(&question.proposer),
        decided: row.closed_at,
        proposal_url: cards::url(&proposal.key),
        source: question.source.clone(),
        count: count.ok_or(ActionError::NotFound("missing-count-of-decision"))?,
        why: why.map(|point| sentence(visit.texts(), point)).collect(),
        effects: effects::lines(visit.texts(), &question.effects, charter, standing, &names),
        supersedes: super::decisions::links(&mut conn, &visit, &question.supersedes).await?,
        superseded_by: cards::replaced_by(&mut conn, &visit, row.proposal).await?,
        review: question.review,
        timeline: Timeline::of(&moments, visit.now),
        agreement: counting::agreement(&view.agreement, view.vote.epoch.quorum()),
        faults: consortium::fault_lines(&visit, standing, &proofs, &question.name),
        fault_count: faults::count_of_vote(&mut conn, row.proposal).await?,
        digests: vec![
            NamedDigest { name: "proposal", digest: row.proposal },
            NamedDigest { name: "cut", digest: view.cut_digest },
            NamedDigest { name: "outcome", digest: view.line.outcome.digest() },
            NamedDigest { name: "value", digest: row.value },
            NamedDigest { name: "certificate", digest: view.certificate_digest },
        ],
        bundle_url: format!("{exports}/bundle"),
        csv_url: format!("{exports}/ballots.csv"),
        json_url: format!("{exports}/ballots.json"),
        bundle_name: format!("decision-{number}.bundle"),
    };
    visit.show(Section::Decisions, &page)
}

/// The name under which messages know a fault.
pub fn fault_name(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::TwoVotes => "two-votes",
        FaultKind::TwoFinals => "two-finals",
        FaultKind::SkipAndFinal => "skip-and-final",
        FaultKind::Fork => "fork",
        FaultKind::Cosignatures => "cosignatures",
        FaultKind::TwoBallots => "two-ballots",
        FaultKind::BrokenReceipt => "broken-receipt",
    }
}
