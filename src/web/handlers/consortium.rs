//! The consortium: its parties, how their nodes are, faults and notices.

use folkmoot_governance::id::NodeId;
use folkmoot_governance::statement::{FaultReport, Visibility};

use super::decision::fault_name;
use super::names;
use crate::actions::error::Result;
use crate::actions::standing::{self, Standing, State};
use crate::actions::{view_node, visible};
use crate::http::address::Asked;
use crate::storage::faults::{self, FaultRow};
use crate::storage::{Conn, Page, checkpoints, notices};
use crate::web::agreement::FaultLine;
use crate::web::charter::CharterStanding;
use crate::web::consortium::{ConsortiumPage, Health, NoticeLine, PartyRow};
use crate::web::layout::Section;
use crate::web::turns::{Turned, Turns};
use crate::web::visit::{Answer, Visit};

/// How long a node may be silent before it is called so.
const SILENT_SECONDS: i64 = 15 * 60;

pub async fn show(visit: Visit, Asked(turned): Asked<Turned>) -> Answer {
    let standing = visit.standing()?;
    let epoch = standing.epoch();
    let mut conn = visit.conn().await?;
    let faults = visible::faults(&mut conn, visit.reads(), &turned.wanted("faults")?).await?;
    let notices = match visit.may_read(epoch.charter.visibility) {
        true => notices::newest(&mut conn, &turned.wanted("notices")?).await?,
        false => Page { rows: Vec::new(), previous: None, next: None },
    };
    let notice = |row: notices::NoticeRow| NoticeLine {
        from: names::party(standing, &row.node),
        subject: row.subject,
        source: row.source,
        at: row.published,
    };
    let page = ConsortiumPage {
        name: epoch.charter.name.clone(),
        id: standing.id.to_string(),
        handle: handle(&visit),
        standing: charter_standing(standing),
        epoch: epoch.number,
        needed: epoch.quorum(),
        faulty: epoch.faulty_most(),
        parties: parties(&mut conn, &visit, standing).await?,
        faults: fault_lines(&visit, standing, &faults.rows, &epoch.charter.name),
        fault_turns: Turns::newest_first(&faults, "/consortium?list=faults#faults"),
        notice_turns: Turns::newest_first(&notices, "/consortium?list=notices#notices"),
        notices: notices.rows.into_iter().map(notice).collect(),
    };
    visit.show(Section::Consortium, &page)
}

/// The node's account name in the fediverse.
pub fn handle(visit: &Visit) -> String {
    format!("@{}@{}", visit.app.config.node.handle, visit.app.node.authority())
}

pub fn charter_standing(standing: &Standing) -> CharterStanding {
    match standing.state {
        State::Ratified => CharterStanding::Ratified,
        State::Proposed => CharterStanding::Proposed,
    }
}

/// Every party with its node.
pub async fn parties(conn: &mut Conn, visit: &Visit, standing: &Standing) -> Result<Vec<PartyRow>> {
    let node = view_node::load(conn, &visit.app).await?;
    let accepted = standing::ratification(conn, standing).await?.accepted;
    let nodes: Vec<&str> = standing.epoch().parties.iter().map(|party| party.node.as_str()).collect();
    let culprits = faults::culprits(conn, &nodes).await?;
    let mut rows = Vec::new();
    for party in &standing.epoch().parties {
        let own = party.node == visit.app.node;
        let peer = node.peers.iter().find(|peer| peer.node == party.node);
        let stored = peer.map_or_else(|| node.journal.as_ref().map_or(0, |own| own.size), |peer| peer.mirrored_size);
        let announced = match standing.journal_of(&party.node).filter(|_| !own) {
            Some(journal) => checkpoints::latest(conn, &journal).await?.map_or(stored, |row| row.size.max(stored)),
            None => stored,
        };
        let heard = peer.and_then(|peer| peer.last_seen);
        let failing = peer.is_some_and(|peer| peer.failures > 0 || peer.last_seen.is_none());
        let silent = failing && heard.is_none_or(|heard| heard.plus(SILENT_SECONDS) < visit.now);
        let health = if culprits.iter().any(|culprit| culprit == party.node.as_str()) {
            Health::Fault
        } else if !own && silent {
            Health::Silent
        } else if announced > stored {
            Health::Behind
        } else {
            Health::UpToDate
        };
        let waiting =
            peer.map_or(0, |peer| node.journal.as_ref().map_or(0, |own| own.size.saturating_sub(peer.delivered_size)));
        rows.push(PartyRow {
            name: party.name.clone(),
            address: party.node.base().to_owned(),
            own,
            accepted: accepted.contains(&party.node) || standing.state == State::Ratified,
            health,
            stored,
            announced,
            heard,
            waiting,
            // What a peer's network answered is for the consortium's people.
            trouble: peer
                .filter(|_| visit.may_read(Visibility::Consortium))
                .and_then(|peer| peer.last_error.clone())
                .unwrap_or_default(),
        });
    }
    Ok(rows)
}

/// Proven faults; `subject` says what they were about.
pub fn fault_lines(visit: &Visit, standing: &Standing, rows: &[FaultRow], subject: &str) -> Vec<FaultLine> {
    let line = |row: &FaultRow| FaultLine {
        kind: fault_name(row.report.fault).to_owned(),
        culprit: culprit(standing, &row.report),
        subject: subject.to_owned(),
        reported_by: visit.app.config.node.name.clone(),
        at: row.found_at,
        evidence: row.report.evidence.clone(),
    };
    rows.iter().map(line).collect()
}

fn culprit(standing: &Standing, report: &FaultReport) -> String {
    match report.culprit.parse::<NodeId>() {
        Ok(node) => names::party(standing, &node),
        Err(_) => report.culprit.clone(),
    }
}
