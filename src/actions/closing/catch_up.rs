//! What a party that missed something asks the others for, and what this node answers them.

use folkmoot_governance::certification::simplex::Closing;
use folkmoot_governance::id::{Digest, NodeId, Time};
use serde_json::Value;

use crate::actions::count;
use crate::actions::error::{ActionError, Result};
use crate::actions::standing::{self, Standing};
use crate::app::App;
use crate::storage::{Conn, closings};

/// A proposal that a quorum speaks for and that never came here.
pub struct Lacking {
    pub proposal: Digest,
    pub round: u32,
    /// Whom to ask, those who must have it first.
    pub holders: Vec<NodeId>,
}

/// The proposals that closings cannot go on without.
pub async fn lacking(app: &App, now: Time) -> Result<Vec<Lacking>> {
    let mut conn = app.db.read().await?;
    let Some(standing) = standing::find(&mut conn).await? else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for proposal in closings::unsettled(&mut conn, now).await? {
        match lacking_of(&mut conn, app, &standing, proposal).await {
            Ok(lacking) => all.extend(lacking),
            Err(error) => tracing::debug!(%proposal, %error, "what a closing lacks cannot be said"),
        }
    }
    Ok(all)
}

/// Not what is held: leaves are what that waits for.
async fn lacking_of(conn: &mut Conn, app: &App, standing: &Standing, proposal: Digest) -> Result<Option<Lacking>> {
    let vote = count::load_vote(conn, app, standing, proposal).await?;
    let row = closings::find(conn, proposal, vote.sitting.number).await?;
    let Some(machine) = row.and_then(|row| row.machine) else { return Ok(None) };
    let machine: Closing = serde_json::from_slice(&machine).map_err(ActionError::corrupt("closing"))?;
    let held = closings::held_rounds(conn, proposal, vote.sitting.number).await?;
    let Some(lacks) = machine.lacks().filter(|lacks| !held.contains(&lacks.round)) else { return Ok(None) };
    let mut holders = Vec::new();
    for place in lacks.voters.iter().chain(&lacks.finishers) {
        let node = &vote.epoch.parties[usize::from(place.0)].node;
        if *node != app.node && !holders.contains(node) {
            holders.push(node.clone());
        }
    }
    Ok(Some(Lacking { proposal, round: lacks.round, holders }))
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
