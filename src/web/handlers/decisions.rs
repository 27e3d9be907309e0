//! The register of decisions.

use folkmoot_governance::id::Digest;
use serde::Deserialize;

use super::cards::{self, Register};
use crate::actions::error::Result;
use crate::actions::view_decision;
use crate::http::address::Asked;
use crate::storage::Conn;
use crate::web::decisions::DecisionsPage;
use crate::web::layout::Section;
use crate::web::proposal::Link;
use crate::web::visit::{Answer, Visit};

const PAGE: usize = 20;
/// Longest search that is tried.
const SEARCH_CHARS: usize = 200;

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: String,
}

pub async fn show(visit: Visit, Asked(wanted): Asked<Wanted>) -> Answer {
    let standing = visit.standing()?;
    let search: String = wanted.q.trim().chars().take(SEARCH_CHARS).collect();
    let number: usize = wanted.page.parse().unwrap_or(1).clamp(1, 10_000);
    let mut conn = visit.conn().await?;
    let lines = view_decision::list(&mut conn).await?;
    let register = Register::load(&mut conn, &lines).await?;
    let words: Vec<String> = search.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut found = Vec::new();
    for line in &lines {
        let question = line.proposal.question()?;
        let text = format!("{} {} {}", line.number, question.name, question.source).to_lowercase();
        if visit.may_read(question.visibility) && words.iter().all(|word| text.contains(word)) {
            found.push(line);
        }
    }
    let more = found.len() > number * PAGE;
    let mut decisions = Vec::new();
    for line in found.into_iter().skip((number - 1) * PAGE).take(PAGE) {
        decisions.push(cards::decision(&mut conn, visit.texts(), standing, &register, line).await?);
    }
    let query: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
    let more = more.then(|| format!("/decisions?q={query}&page={}", number + 1));
    visit.show(Section::Decisions, &DecisionsPage { search, decisions, more })
}

/// Links to the decisions that these openings became.
pub async fn links(conn: &mut Conn, openings: &[Digest]) -> Result<Vec<Link>> {
    if openings.is_empty() {
        return Ok(Vec::new());
    }
    let lines = view_decision::list(conn).await?;
    let found = lines.iter().filter(|line| openings.contains(&line.row.proposal));
    Ok(found.map(cards::decision_link).collect())
}
