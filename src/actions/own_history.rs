//! Whether this node's database knows all that the node has signed. One that was lost, or restored from an old copy, does
//! not: going on with it, the node would contradict itself, and every other node would have the proof.

use std::time::Duration;

use folkmoot_governance::id::{JournalId, NodeId};
use folkmoot_governance::journal::{Checkpoint, SignedCheckpoint};
use folkmoot_governance::key::PublicKey;
use serde_json::Value;

use super::error::Result;
use super::{peers, standing};
use crate::app::App;
use crate::storage::journals;

/// How long each peer has to answer.
const ASK_LONGEST: Duration = Duration::from_secs(4);

/// What a peer holds of this node's journal and this node does not.
#[derive(Debug)]
pub struct Forgotten {
    pub peer: NodeId,
    pub theirs: u64,
    pub ours: u64,
}

/// Asks all peers at once; those that do not answer say nothing.
pub async fn forgotten(app: &App) -> Result<Option<Forgotten>> {
    let (journal, parties) = {
        let mut conn = app.db.read().await?;
        let Some(standing) = standing::find(&mut conn).await? else { return Ok(None) };
        // Whatever the epochs known here say: an old copy may be from before this node was admitted.
        let journal = JournalId::new(standing.id, &app.node, app.keys.statement.public().as_bytes());
        (journal, standing.peers(&app.node))
    };
    let asked = parties.iter().map(|peer| tokio::time::timeout(ASK_LONGEST, published(app, peer, &journal)));
    let answers = futures_util::future::join_all(asked).await;
    for (peer, seen) in parties.into_iter().zip(answers) {
        let Ok(Ok(Some(seen))) = seen else { continue };
        let mut conn = app.db.read().await?;
        if journals::root_at(&mut conn, &journal, seen.size).await? != Some(seen.root) {
            let ours = journals::find(&mut conn, &journal).await?.map_or(0, |row| row.size);
            return Ok(Some(Forgotten { peer, theirs: seen.size, ours }));
        }
    }
    Ok(None)
}

/// The newest checkpoint of this node's own journal that a peer holds, if this node's key signed it.
pub async fn published(app: &App, peer: &NodeId, journal: &JournalId) -> Result<Option<Checkpoint>> {
    let listed = peers::ask(app, peer, "journals").await?;
    Ok(signed(&listed, journal, &app.keys.statement.public()))
}

fn signed(listed: &Value, journal: &JournalId, key: &PublicKey) -> Option<Checkpoint> {
    let mut items = listed["items"].as_array()?.iter();
    let item = items.find(|item| item["journal"] == journal.as_str())?;
    let note: SignedCheckpoint = item["note"].as_str()?.parse().ok()?;
    let ours = note.checkpoint.journal == *journal && note.is_signed_by(key);
    ours.then_some(note.checkpoint)
}
