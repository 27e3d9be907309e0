//! What a party that missed something asks the others for, and what this node answers them.

use std::collections::BTreeMap;

use folkmoot_governance::certification::record::NodeIndex;
use folkmoot_governance::certification::simplex::{Closing, Lacking as Lacks};
use folkmoot_governance::id::{Digest, NodeId, Time};
use serde_json::Value;

use crate::actions::count;
use crate::actions::error::{ActionError, Result};
use crate::actions::standing::{self, Standing};
use crate::app::App;
use crate::storage::{Conn, closings};

/// A proposal that a quorum speaks for and that is not here, and who may have it.
pub struct Lacking {
    pub proposal: Digest,
    pub round: u32,
    pub value: Digest,
    /// Those who voted for it have it.
    voters: Vec<NodeId>,
    /// Those who signed its final have seen q votes for it.
    finishers: Vec<NodeId>,
}

impl Lacking {
    /// Whom to ask after `turn` others were asked: the voters, from the `first` on in a circle, then the finishers.
    pub fn holder(&self, first: usize, turn: usize) -> Option<&NodeId> {
        let of = |nodes: &'_ [NodeId], turn: usize| (turn < nodes.len()).then(|| (first + turn) % nodes.len());
        match of(&self.voters, turn) {
            Some(place) => self.voters.get(place),
            None => of(&self.finishers, turn - self.voters.len()).and_then(|place| self.finishers.get(place)),
        }
    }
}

/// What a closing lacks and does not hold either: what is held is judged at the next tick, when its leaves may be here.
pub(super) fn missing(machine: &Closing, held: &BTreeMap<u32, Digest>) -> Vec<Lacks> {
    let mut lacks = machine.lacks();
    lacks.retain(|lacks| held.get(&lacks.round) != Some(&lacks.value));
    lacks
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

async fn lacking_of(conn: &mut Conn, app: &App, standing: &Standing, proposal: Digest) -> Result<Vec<Lacking>> {
    let vote = count::load_vote(conn, app, standing, proposal).await?;
    let row = closings::find(conn, proposal, vote.sitting.number).await?;
    let Some(machine) = row.and_then(|row| row.machine) else { return Ok(Vec::new()) };
    let machine: Closing = serde_json::from_slice(&machine).map_err(ActionError::corrupt("closing"))?;
    let held = closings::held_values(conn, proposal, vote.sitting.number).await?;
    let others = |places: &[NodeIndex]| {
        let nodes = places.iter().map(|place| &vote.epoch.parties[usize::from(place.0)].node);
        nodes.filter(|node| **node != app.node).cloned().collect()
    };
    let named = |Lacks { round, value, voters, finishers }| Lacking {
        proposal,
        round,
        value,
        voters: others(&voters),
        finishers: others(&finishers),
    };
    Ok(missing(&machine, &held).into_iter().map(named).collect())
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
