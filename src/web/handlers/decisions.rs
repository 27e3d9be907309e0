//! The register of decisions.

use folkmoot_governance::id::Digest;
use serde::Deserialize;

use super::cards;
use crate::actions::error::Result;
use crate::actions::view_decision;
use crate::http::address::Asked;
use crate::storage::Conn;
use crate::web::decisions::DecisionsPage;
use crate::web::layout::Section;
use crate::web::proposal::Link;
use crate::web::turns::{Turned, Turns};
use crate::web::visit::{Answer, Visit};

/// Longest search that is tried.
const SEARCH_CHARS: usize = 200;

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
}

pub async fn show(visit: Visit, Asked(wanted): Asked<Wanted>, Asked(turned): Asked<Turned>) -> Answer {
    let standing = visit.standing()?;
    let search: String = wanted.q.trim().chars().take(SEARCH_CHARS).collect();
    let mut conn = visit.conn().await?;
    let listed = view_decision::list(&mut conn, visit.reads(), &search, &turned.wanted("")?).await?;
    let query: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
    let path = if query.is_empty() { "/decisions".to_owned() } else { format!("/decisions?q={query}") };
    let turns = Turns::newest_first(&listed, &path);
    let mut decisions = Vec::new();
    for line in &listed.rows {
        decisions.push(cards::decision(&mut conn, &visit, standing, line).await?);
    }
    visit.show(Section::Decisions, &DecisionsPage { search, decisions, turns })
}

/// Links to the decisions that these openings became, as far as the visitor may know of them.
pub async fn links(conn: &mut Conn, visit: &Visit, openings: &[Digest]) -> Result<Vec<Link>> {
    if openings.is_empty() {
        return Ok(Vec::new());
    }
    let lines = view_decision::of_openings(conn, visit.reads(), openings).await?;
    Ok(lines.iter().map(cards::decision_link).collect())
}
