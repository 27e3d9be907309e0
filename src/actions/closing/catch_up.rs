//! What a party that missed something asks the others for, and what this node answers them.

use folkmoot_governance::certification::message::Subject;
use folkmoot_governance::certification::simplex::{Closing, Lack};
use folkmoot_governance::id::{Digest, NodeId, Time};
use rand::seq::SliceRandom as _;
use serde_json::Value;

use super::subject_of;
use crate::actions::count;
use crate::actions::error::{ActionError, Result};
use crate::actions::standing::{self, Standing};
use crate::app::App;
use crate::storage::{Conn, closings};

/// A proposal that a quorum speaks for and that is not on record here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub subject: Subject,
    pub round: u32,
    pub value: Digest,
    /// Whom to ask one after the other: those who voted for it, so have it, then those who signed its final, so have seen
    /// q votes for it. Both are in a random order, so that not everybody asks the same one first.
    pub holders: Vec<NodeId>,
    /// The least number of parties that one honest party is among.
    pub one_honest: usize,
}

impl Search {
    /// What it looks for.
    pub fn name(&self) -> (Subject, u32, Digest) {
        (self.subject, self.round, self.value)
    }
}

/// The proposals that closings cannot go on without.
pub async fn searches(app: &App, now: Time) -> Result<Vec<Search>> {
    let mut conn = app.db.read().await?;
    let Some(standing) = standing::find(&mut conn).await? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for proposal in closings::unsettled(&mut conn, now).await? {
        match searches_of(&mut conn, app, &standing, proposal).await {
            Ok(searches) => all.extend(searches),
            Err(error) => tracing::debug!(%proposal, %error, "what a closing lacks cannot be said"),
        }
    }
    Ok(all)
}

async fn searches_of(conn: &mut Conn, app: &App, standing: &Standing, proposal: Digest) -> Result<Vec<Search>> {
    let vote = count::load_vote(conn, app, standing, proposal).await?;
    let subject = subject_of(&vote);
    let search = |Lack { round, value, mut voters, mut finishers }| {
        finishers.retain(|place| !voters.contains(place));
        voters.shuffle(&mut rand::thread_rng());
        finishers.shuffle(&mut rand::thread_rng());
        let places = voters.into_iter().chain(finishers);
        let nodes = places.map(|place| vote.epoch.parties[usize::from(place.0)].node.clone());
        let holders = nodes.filter(|node| *node != app.node).collect();
        Search { subject, round, value, holders, one_honest: vote.epoch.faulty_most() + 1 }
    };
    Ok(lacks(conn, subject).await?.into_iter().map(search).collect())
}

/// Whether what is looked for is still not on record.
pub async fn is_lacking(app: &App, search: &Search) -> Result<bool> {
    let lacks = lacks(&mut app.db.read().await?, search.subject).await?;
    Ok(lacks.iter().any(|lack| (lack.round, lack.value) == (search.round, search.value)))
}

async fn lacks(conn: &mut Conn, subject: Subject) -> Result<Vec<Lack>> {
    let row = closings::find(conn, subject.proposal, subject.sitting).await?;
    let open = row.filter(|row| row.state != "certified");
    let Some(machine) = open.and_then(|row| row.machine) else { return Ok(Vec::new()) };
    let machine: Closing = serde_json::from_slice(&machine).map_err(ActionError::corrupt("closing"))?;
    Ok(machine.lacks())
}

/// The proposal of a value in a round, for a party that lacks it.
pub async fn proposed(app: &App, proposal: Digest, round: u32, value: Digest) -> Result<Option<Value>> {
    let bytes = closings::proposed(&mut app.db.read().await?, proposal, round, value).await?;
    bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(ActionError::corrupt("message"))).transpose()
}

/// The messages on record of the sitting at hand, for peers that were away: whole rounds from `from` on, at least one
/// and as many as fit into `most` bytes, and the round to go on with.
pub async fn messages(app: &App, proposal: Digest, from: u32, most: usize) -> Result<(Vec<Value>, Option<u32>)> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let vote = count::load_vote(&mut conn, app, &standing, proposal).await?;
    let (mut items, mut size, mut from) = (Vec::new(), 0, from);
    while let Some(round) = closings::next_round(&mut conn, proposal, vote.sitting.number, from).await? {
        let messages = closings::messages_of_round(&mut conn, proposal, vote.sitting.number, round).await?;
        size += messages.iter().map(Vec::len).sum::<usize>();
        if size > most && !items.is_empty() {
            return Ok((items, Some(round)));
        }
        for bytes in &messages {
            items.push(serde_json::from_slice(bytes).map_err(ActionError::corrupt("message"))?);
        }
        from = round.saturating_add(1);
    }
    Ok((items, None))
}
