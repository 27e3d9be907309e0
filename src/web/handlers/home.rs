//! The first page.

use super::cards::{self, Register};
use super::names::Names;
use super::{draft, invitation};
use crate::actions::error::Result;
use crate::actions::standing::{self, Standing, State};
use crate::actions::{view_applications, view_ballots, view_decision, view_members, view_proposal};
use crate::storage::{Conn, consortium, requests};
use crate::web::home::{Founding, HomePage, Need};
use crate::web::layout::Section;
use crate::web::visit::{Answer, Visit};

/// Decisions that the first page shows.
const DECIDED_MOST: usize = 5;
/// How long before its review date a decision asks for it.
const REVIEW_AHEAD_SECONDS: i64 = 30 * 86_400;

pub async fn show(visit: Visit) -> Answer {
    let mut conn = visit.conn().await?;
    let mut page = HomePage { needs: vec![], open: vec![], decided: vec![], can_propose: false, founding: None };
    if visit.person().is_some_and(|person| person.steward) {
        page.needs = steward_needs(&mut conn, &visit).await?;
    }
    if let Some(standing) = visit.known_standing.clone() {
        fill(&mut conn, &visit, &standing, &mut page).await?;
    }
    visit.show(Section::Home, &page)
}

async fn fill(conn: &mut Conn, visit: &Visit, standing: &Standing, page: &mut HomePage) -> Result<()> {
    let names = Names::load(conn).await?;
    let lines = view_proposal::list(conn, standing, visit.now).await?;
    for line in lines.into_iter().filter(|line| visit.may_read(line.question.visibility)) {
        if let Some(person) = visit.person()
            && line.state == "draft"
            && view_members::acts_for(conn, &person.person).await?.contains(&line.row.proposer)
        {
            page.needs.push(Need::Draft { title: line.row.title.clone(), url: cards::url(&line.row.key) });
        }
        if !matches!(line.state, "announced" | "open" | "counting") {
            continue;
        }
        let vote = cards::vote(conn, visit, standing, line.row.digest).await?;
        let open = line.state == "open";
        let card = cards::proposal(conn, visit, standing, &names, line, vote.as_ref()).await?;
        if let (Some(vote), Some(person), true, Some(closes)) = (&vote, visit.person(), open, card.closes) {
            let mut voters = Vec::new();
            for seat in view_ballots::seats(conn, vote, &person.person).await? {
                if !view_ballots::have_voted(conn, vote.digest(), &[seat]).await? {
                    voters.push(names.member(&seat.member));
                }
            }
            if !voters.is_empty() {
                page.needs.push(Need::Vote { title: card.title.clone(), url: card.url.clone(), closes, voters });
            }
        }
        page.open.push(card);
    }
    page.needs.sort_by_key(|need| match need {
        Need::Vote { closes, .. } => (0, closes.0),
        _ => (1, 0),
    });
    decided(conn, visit, standing, page).await?;
    page.can_propose = can_propose(conn, visit, standing).await?;
    if standing.state == State::Proposed {
        let accepted = standing::ratification(conn, standing).await?.accepted.len();
        let parties = standing.epochs[0].parties.len();
        page.founding = Some(Founding { accepted, parties, url: "/consortium".into() });
    }
    Ok(())
}

/// Whether the visitor is on this node's roll, or acts for an organisation that is.
pub async fn can_propose(conn: &mut Conn, visit: &Visit, standing: &Standing) -> Result<bool> {
    let Some(person) = visit.person() else { return Ok(false) };
    Ok(standing.state == State::Ratified && !draft::acting(conn, visit, person).await?.is_empty())
}

async fn decided(conn: &mut Conn, visit: &Visit, standing: &Standing, page: &mut HomePage) -> Result<()> {
    let lines = view_decision::list(conn).await?;
    let register = Register::load(conn, &lines).await?;
    for line in &lines {
        let question = line.proposal.question()?;
        if !visit.may_read(question.visibility) {
            continue;
        }
        let due = question.review.is_some_and(|review| review.plus(-REVIEW_AHEAD_SECONDS) <= visit.now);
        if due && visit.person().is_some() && register.replaced_by(line.row.proposal).is_none() {
            let (title, number) = (line.proposal.title.clone(), line.number);
            page.needs.push(Need::Review { title, number, url: cards::decision_url(&line.proposal.key) });
        }
        if page.decided.len() < DECIDED_MOST {
            page.decided.push(cards::decision(conn, visit.texts(), standing, &register, line).await?);
        }
    }
    Ok(())
}

/// Charters to accept, people who ask to join, and applications that this co-op may object to.
async fn steward_needs(conn: &mut Conn, visit: &Visit) -> Result<Vec<Need>> {
    let mut needs = Vec::new();
    if consortium::current(conn).await?.is_none() {
        for row in consortium::invitations(conn).await? {
            let (from, url) = (invitation::from(&row)?, invitation::url(row.id));
            needs.push(Need::Charter { from, name: row.name, url });
        }
    }
    let waiting = requests::all(conn).await?.iter().filter(|row| row.state == "waiting").count();
    if waiting > 0 {
        needs.push(Need::Requests { count: cards::small(waiting), url: "/stewards/requests".into() });
    }
    if let Some(standing) = visit.known_standing.as_deref() {
        for open in view_applications::open(conn, standing, visit.now).await? {
            let here = &visit.app.node;
            if open.sponsor != *here && !open.objections.iter().any(|(node, _)| node == here) {
                let url = "/stewards/requests#applications-title".to_owned();
                needs.push(Need::Objection { name: open.application.name, url, until: open.until });
            }
        }
    }
    Ok(needs)
}
