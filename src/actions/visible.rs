//! Who may read what: what is kept within the consortium is for those who belong to it, and what was said about a proposal
//! for those who may read the proposal. Reads only.

use std::collections::BTreeMap;

use folkmoot_governance::certification::message;
use folkmoot_governance::id::{Digest, JournalId, NodeId, Time};
use folkmoot_governance::statement::{Body, Statement, Visibility};

use super::error::{ActionError, Result};
use super::standing::Standing;
use super::{Person, decide, journals, view_members};
use crate::storage::faults::{self, FaultRow};
use crate::storage::members::MemberRow;
use crate::storage::{Conn, Page, Wanted, entries, proposals};

/// Whoever reads, at this node's pages or its API.
#[derive(Debug, Clone)]
pub struct Reader {
    pub person: Option<Person>,
    reads: Visibility,
}

impl Reader {
    /// Somebody who is not signed in.
    pub fn visitor() -> Self {
        Self { person: None, reads: Visibility::Public }
    }

    /// Somebody with an account. What is kept within the consortium is for its members, for whoever acts for one, and for
    /// the stewards. A suspension takes the vote, not the reading; who has left reads on while a vote is open that
    /// began before, and then, as whoever has only asked to join, what everybody reads.
    pub async fn signed_in(conn: &mut Conn, person: Person, now: Time) -> Result<Self> {
        let rows = view_members::acting(conn, &person.person).await?;
        let belongs = |row: &MemberRow| matches!(view_members::status(row, now), "in-force" | "suspended");
        let member = person.steward || rows.iter().any(belongs) || may_still_vote(conn, &rows).await?;
        let reads = if member { Visibility::Consortium } else { Visibility::Public };
        Ok(Self { person: Some(person), reads })
    }

    /// For whom lists are made.
    pub fn reads(&self) -> Visibility {
        self.reads
    }

    pub fn may_read(&self, visibility: Visibility) -> bool {
        visibility == Visibility::Public || self.reads == Visibility::Consortium
    }

    pub fn must_read(&self, visibility: Visibility) -> Result<()> {
        match &self.person {
            _ if self.may_read(visibility) => Ok(()),
            None => Err(ActionError::SignInNeeded),
            Some(_) => Err(ActionError::Forbidden("forbidden-not-of-the-consortium")),
        }
    }
}

/// Whether a vote is open whose frozen roll may have one of these former members.
async fn may_still_vote(conn: &mut Conn, left: &[MemberRow]) -> Result<bool> {
    let Some(until) = left.iter().filter_map(|row| row.until).max() else { return Ok(false) };
    let open = proposals::in_state(conn, "open").await?;
    Ok(open.iter().any(|vote| vote.opens.is_some_and(|opens| opens < until)))
}

/// Answers for strangers, each proposal looked up once.
#[derive(Default)]
pub struct Strangers {
    openings: BTreeMap<Digest, bool>,
    threads: BTreeMap<String, bool>,
}

impl Strangers {
    /// Whether a stranger may read an entry of a journal. Its own word is not enough: a ballot on a proposal that is
    /// for the consortium is for the consortium, whatever the charter says.
    pub async fn may_read(&mut self, conn: &mut Conn, row: &entries::EntryRow) -> Result<bool> {
        let Some(bytes) = &row.bytes else { return Ok(false) };
        if row.visibility != Visibility::Public {
            return Ok(false);
        }
        match row.kind.as_str() {
            "Ballot" | "Extension" | "Challenge" | "Withdrawal" | "Article" | "Note" | "Fault" => {
                let signed = journals::read_bytes(bytes)?;
                self.may_read_body(conn, &signed.statement.body).await
            }
            _ => Ok(true),
        }
    }

    /// Whether a stranger may read the evidence of a fault: each document of it.
    pub async fn may_read_evidence(&mut self, conn: &mut Conn, evidence: &[String]) -> Result<bool> {
        for document in evidence {
            // Checkpoints and hashes are for everybody.
            let Ok(signed) = Statement::read_kept(document.as_bytes()) else { continue };
            let shown = match &signed.statement.body {
                Body::Receipt { ballot, .. } => {
                    match entries::by_digest(conn, *ballot).await?.and_then(|row| row.bytes) {
                        Some(bytes) => self.may_read_vote(conn, &journals::read_bytes(&bytes)?.statement.body).await?,
                        None => true,
                    }
                }
                body => self.may_read_vote(conn, body).await?,
            };
            if !shown {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a stranger may know of the vote that this proposal's opening began.
    pub async fn may_know_vote(&mut self, conn: &mut Conn, opening: Digest) -> Result<bool> {
        if let Some(known) = self.openings.get(&opening) {
            return Ok(*known);
        }
        let bytes = entries::by_digest(conn, opening).await?.and_then(|row| row.bytes);
        // What is not here yet may turn out not to be for everybody.
        let shown = match bytes.map(|bytes| journals::read_bytes(&bytes)).transpose()? {
            Some(signed) => matches!(&signed.statement.body, Body::Question(q) if q.visibility == Visibility::Public),
            None => false,
        };
        self.openings.insert(opening, shown);
        Ok(shown)
    }

    async fn may_read_body(&mut self, conn: &mut Conn, body: &Body) -> Result<bool> {
        match body {
            Body::Note(comment) => self.may_read_thread(conn, &comment.proposal).await,
            Body::Fault(report) => self.may_read_evidence(conn, &report.evidence).await,
            body => self.may_read_vote(conn, body).await,
        }
    }

    async fn may_read_vote(&mut self, conn: &mut Conn, body: &Body) -> Result<bool> {
        match message::vote_of(body) {
            Some(opening) => self.may_know_vote(conn, opening).await,
            None => Ok(true),
        }
    }

    async fn may_read_thread(&mut self, conn: &mut Conn, proposal: &str) -> Result<bool> {
        if let Some(known) = self.threads.get(proposal) {
            return Ok(*known);
        }
        let row = proposals::by_id(conn, proposal).await?;
        let question = row.map(|row| row.question()).transpose().map_err(ActionError::from)?;
        let shown = question.is_some_and(|question| question.visibility == Visibility::Public);
        self.threads.insert(proposal.to_owned(), shown);
        Ok(shown)
    }
}

/// How far a node may read what `journal` keeps within the consortium. A party reads all; so does a former one while a
/// vote of its epoch is not over, because the vote's certificate may need it as a witness, and a witness has all leaves.
/// After that it reads what there was when it left, and its own journal.
pub async fn read_by_node(
    conn: &mut Conn,
    standing: &Standing,
    node: &NodeId,
    journal: &JournalId,
    now: Time,
) -> Result<u64> {
    let own = standing.owner_of(journal).is_some_and(|(owner, _)| owner == *node);
    let shared = standing.shared_with(node, journal);
    if own || shared == u64::MAX || is_awaited(conn, standing, node, now).await? {
        return Ok(u64::MAX);
    }
    Ok(shared)
}

/// Whether a vote of an epoch that names `node` is not over. One that found no certificate is no longer waited for.
async fn is_awaited(conn: &mut Conn, standing: &Standing, node: &NodeId, now: Time) -> Result<bool> {
    if !standing.knows(node) {
        return Ok(false);
    }
    for state in ["announced", "open"] {
        for row in proposals::in_state(conn, state).await? {
            let (Some(epoch), Some(closes)) = (standing.epoch_number(row.epoch), row.closes) else { continue };
            let patience = epoch.charter.closing.abandon_seconds;
            if epoch.party_of_node(node).is_some() && now < closes.plus(patience) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether a node may read what was said while a vote that is not for everybody was closed: a party, and whoever was one
/// in the epoch of the vote, so that it learns how the vote ended that it took part in.
pub async fn closing_read_by_node(
    conn: &mut Conn,
    standing: &Standing,
    node: &NodeId,
    opening: Digest,
) -> Result<bool> {
    if standing.epoch().party_of_node(node).is_some() {
        return Ok(true);
    }
    match decide::opening(conn, opening).await {
        Ok(vote) => Ok(standing.epoch_number(vote.epoch).is_some_and(|epoch| epoch.party_of_node(node).is_some())),
        Err(ActionError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Proven faults as a reader may see them: everybody learns of each, strangers without evidence that is not for them.
pub async fn faults(conn: &mut Conn, reader: Visibility, wanted: &Wanted<i64, Digest>) -> Result<Page<FaultRow>> {
    let mut page = faults::newest(conn, wanted).await?;
    if reader == Visibility::Public {
        let mut strangers = Strangers::default();
        for row in &mut page.rows {
            if !strangers.may_read_evidence(conn, &row.report.evidence).await? {
                row.report.evidence.clear();
            }
        }
    }
    Ok(page)
}
