//! The list of proposals.

use serde::Deserialize;

use super::names::Names;
use super::{cards, home};
use crate::actions::view_proposal;
use crate::http::address::Asked;
use crate::web::layout::Section;
use crate::web::proposals::{Filter, ProposalsPage};
use crate::web::visit::{Answer, Visit};

const PAGE: usize = 20;

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: String,
}

pub async fn show(visit: Visit, Asked(wanted): Asked<Wanted>) -> Answer {
    let standing = visit.standing()?;
    let (filter, name) = match wanted.show.as_str() {
        "drafts" => (Filter::Drafts, "drafts"),
        "closed" => (Filter::Closed, "closed"),
        "all" => (Filter::All, "all"),
        _ => (Filter::Current, "current"),
    };
    let number: usize = wanted.page.parse().unwrap_or(1).clamp(1, 10_000);
    let mut conn = visit.conn().await?;
    let names = Names::load(&mut conn).await?;
    let mut lines = view_proposal::list(&mut conn, standing, visit.now).await?;
    lines.retain(|line| visit.may_read(line.question.visibility) && matches(filter, line.state));
    if filter == Filter::Current {
        lines.sort_by_key(|line| line.row.closes);
    }
    let more = lines.len() > number * PAGE;
    let mut proposals = Vec::new();
    for line in lines.into_iter().skip((number - 1) * PAGE).take(PAGE) {
        let vote = cards::vote(&mut conn, &visit, standing, line.row.digest).await?;
        proposals.push(cards::proposal(&mut conn, &visit, standing, &names, line, vote.as_ref()).await?);
    }
    let page = ProposalsPage {
        filter,
        proposals,
        can_propose: home::can_propose(&mut conn, &visit, standing).await?,
        more: more.then(|| format!("/proposals?show={name}&page={}", number + 1)),
    };
    visit.show(Section::Proposals, &page)
}

fn matches(filter: Filter, state: &str) -> bool {
    match filter {
        Filter::Current => matches!(state, "announced" | "open" | "counting" | "uncertified"),
        Filter::Drafts => matches!(state, "draft" | "void"),
        Filter::Closed => matches!(state, "passed" | "not-passed" | "withdrawn"),
        Filter::All => true,
    }
}
