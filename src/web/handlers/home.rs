//! The first page.

use folkmoot_governance::id::{MemberId, Time};

use super::names::Names;
use super::{cards, draft, invitation};
use crate::actions::error::Result;
use crate::actions::standing::{self, Standing, State};
use crate::actions::view_proposal::{self, Which};
use crate::actions::{view_applications, view_ballots, view_decision, view_members};
use crate::storage::{Conn, Wanted, consortium, proposals, requests};
use crate::web::home::{Founding, HomePage, Need};
use crate::web::layout::Section;
use crate::web::visit::{Answer, Visit};

/// Decisions that the first page shows.
const DECIDED_MOST: usize = 5;
/// Proposals under way that the first page shows, and lines of each kind that need somebody; lists have the rest.
const LINES_MOST: usize = 20;
/// The most votes and applications that are gone through for what somebody has yet to do.
const NEEDS_MOST: usize = 200;
/// How long before its review date a decision asks for it.
const REVIEW_AHEAD_SECONDS: i64 = 30 * 86_400;

pub async fn show(visit: Visit) -> Answer {
    let mut conn = visit.conn().await?;
    let mut page =
        HomePage { needs: vec![], open: vec![], decided: vec![], more: false, can_propose: false, founding: None };
    if visit.person().is_some_and(|person| person.steward) {
        page.needs = steward_needs(&mut conn, &visit).await?;
    }
    if let Some(standing) = visit.known_standing.clone() {
        fill(&mut conn, &visit, &standing, &mut page).await?;
    }
    visit.show(Section::Home, &page)
}

/// For whom the person has yet to vote.
async fn vote_needed(
    conn: &mut Conn,
    visit: &Visit,
    standing: &Standing,
    names: &Names,
    person: &MemberId,
    line: view_proposal::Line,
) -> Result<Option<Need>> {
    let vote = cards::vote(conn, visit, standing, line.row.digest).await?;
    let (Some(vote), Some(closes)) = (vote, line.row.closes) else { return Ok(None) };
    let mut voters = Vec::new();
    for seat in view_ballots::seats(conn, &vote, person).await? {
        if !view_ballots::have_voted(conn, &vote, &[seat]).await? {
            voters.push(names.member(&seat.member));
        }
    }
    let url = cards::url(&line.row.key);
    Ok((!voters.is_empty()).then_some(Need::Vote { title: line.row.title, url, closes, voters }))
}

async fn fill(conn: &mut Conn, visit: &Visit, standing: &Standing, page: &mut HomePage) -> Result<()> {
    let wanted = Wanted::first(LINES_MOST);
    let open = view_proposal::list(conn, standing, visit.reads(), Which::UnderWay, &wanted, visit.now).await?;
    page.more = open.next.is_some();
    let acts_for = match visit.person() {
        Some(person) => view_members::acts_for(conn, &person.person).await?,
        None => Vec::new(),
    };
    let members: Vec<&MemberId> = open.rows.iter().map(|line| &line.row.proposer).chain(&acts_for).collect();
    let names = Names::load(conn, &members).await?;
    for line in open.rows {
        let vote = cards::vote(conn, visit, standing, line.row.digest).await?;
        page.open.push(cards::proposal(conn, visit, standing, &names, line, vote.as_ref()).await?);
    }
    if let Some(person) = visit.person() {
        // Not only of those that are shown: votes that are being counted for long stand before them.
        let wanted = Wanted::first(NEEDS_MOST);
        let at_hand = view_proposal::list(conn, standing, visit.reads(), Which::AtHand, &wanted, visit.now).await?;
        for line in at_hand.rows.into_iter().filter(|line| line.state == "open") {
            page.needs.extend(vote_needed(conn, visit, standing, &names, &person.person, line).await?);
        }
    }
    for row in proposals::drafts_of(conn, &acts_for, LINES_MOST).await? {
        page.needs.push(Need::Draft { title: row.title, url: cards::url(&row.key) });
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
    if visit.person().is_some() {
        let due = visit.now.plus(REVIEW_AHEAD_SECONDS);
        for row in proposals::to_review(conn, visit.reads(), Time(0), due, LINES_MOST).await? {
            let number = row.number.unwrap_or_default();
            page.needs.push(Need::Review { title: row.title, number, url: cards::decision_url(&row.key) });
        }
    }
    let latest = view_decision::list(conn, visit.reads(), "", &Wanted::first(DECIDED_MOST)).await?;
    for line in &latest.rows {
        page.decided.push(cards::decision(conn, visit, standing, line).await?);
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
    let waiting = requests::count_waiting(conn).await?;
    if waiting > 0 {
        needs.push(Need::Requests { count: cards::small(waiting), url: "/stewards/requests".into() });
    }
    if let Some(standing) = visit.known_standing.as_deref() {
        for open in view_applications::open(conn, standing, &Wanted::first(NEEDS_MOST), visit.now).await?.rows {
            let here = &visit.app.node;
            if open.sponsor != *here && !open.objections.iter().any(|(node, _)| node == here) {
                let url = "/stewards/requests#applications-title".to_owned();
                needs.push(Need::Objection { name: open.application.name, url, until: open.until });
            }
        }
    }
    Ok(needs)
}
