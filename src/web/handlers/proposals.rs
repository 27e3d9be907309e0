//! The list of proposals.

use folkmoot_governance::id::MemberId;
use serde::Deserialize;

use super::names::Names;
use super::{cards, home};
use crate::actions::view_proposal::{self, Which};
use crate::http::address::Asked;
use crate::web::layout::Section;
use crate::web::proposals::{Filter, ProposalsPage};
use crate::web::turns::{Turned, Turns};
use crate::web::visit::{Answer, Visit};

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    show: String,
}

pub async fn show(visit: Visit, Asked(wanted): Asked<Wanted>, Asked(turned): Asked<Turned>) -> Answer {
    let standing = visit.standing()?;
    let (filter, which, name) = match wanted.show.as_str() {
        "drafts" => (Filter::Drafts, Which::Drafts, "drafts"),
        "closed" => (Filter::Closed, Which::Closed, "closed"),
        "all" => (Filter::All, Which::All, "all"),
        _ => (Filter::Current, Which::Current, "current"),
    };
    let mut conn = visit.conn().await?;
    let listed = view_proposal::list(&mut conn, standing, visit.reads(), which, &turned.wanted("")?, visit.now).await?;
    let path = format!("/proposals?show={name}");
    let turns = match filter {
        Filter::Current => Turns::in_order(&listed, &path),
        Filter::Drafts | Filter::Closed | Filter::All => Turns::newest_first(&listed, &path),
    };
    let proposers: Vec<&MemberId> = listed.rows.iter().map(|line| &line.row.proposer).collect();
    let names = Names::load(&mut conn, &proposers).await?;
    let mut proposals = Vec::new();
    for line in listed.rows {
        let vote = cards::vote(&mut conn, &visit, standing, line.row.digest).await?;
        proposals.push(cards::proposal(&mut conn, &visit, standing, &names, line, vote.as_ref()).await?);
    }
    let page =
        ProposalsPage { filter, proposals, can_propose: home::can_propose(&mut conn, &visit, standing).await?, turns };
    visit.show(Section::Proposals, &page)
}
