//! The checkpoint that proves that a vote was announced in time, for a node that learned of the vote by its decision:
//! it was away, or lost its database, and the checkpoints that it got since are too late to prove anything.

use folkmoot_governance::id::Digest;

use super::error::Result;
use super::{decide, electorate, standing};
use crate::app::App;
use crate::storage::{entries, journals, proposals};

/// Keeps `note` if it is such a checkpoint, so that this node, too, can export the decision; otherwise does nothing.
pub async fn keep(app: &App, opening: Digest, note: &str) -> Result<()> {
    let note = note.to_owned();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let Some(entry) = entries::by_digest(conn, opening).await? else { return Ok(()) };
            let vote = decide::opening(conn, opening).await?;
            let Some(epoch) = standing.epoch_number(vote.epoch) else { return Ok(()) };
            let Some(size) = electorate::read_note(epoch, &note) else { return Ok(()) };
            let covers = size.journal == entry.journal && size.size > entry.position;
            let root = journals::root_at(conn, &size.journal, size.size).await?;
            if covers && root == Some(size.root) && size.certified_at <= vote.voting.opens {
                proposals::put_opening_note(conn, opening, &note).await?;
            }
            Ok(())
        })
        .await
}
