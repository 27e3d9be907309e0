//! The certified checkpoint that other nodes opened a vote by, for a node that was away, or lost its database: the
//! checkpoints that it got since are too late to prove that the vote was announced in time.

use folkmoot_governance::id::{Digest, Time};

use super::error::Result;
use super::{decide, electorate, project, receive_journal, standing};
use crate::app::App;
use crate::storage::{Conn, entries, journals, proposals};

/// While voting goes on, the vote is judged again as if this node had been here in time; once it is decided, the note is
/// kept so that this node, too, can export the decision.
pub async fn receive(app: &App, opening: Digest, note: &str, now: Time) -> Result<()> {
    receive_journal::receive_note(app, note, now).await?;
    let note = note.to_owned();
    app.db
        .write(async move |conn| {
            let Some(row) = proposals::by_digest(conn, opening).await? else { return Ok(()) };
            if !proves(conn, opening, &note).await? {
                return Ok(());
            }
            if row.state == "void" && row.closes.is_some_and(|closes| now < closes) {
                proposals::set_state(conn, opening, "announced").await?;
                project::settle_openings(conn, now).await?;
            } else if row.certified_note.is_none() {
                proposals::put_opening_note(conn, opening, &note).await?;
            }
            Ok(())
        })
        .await
}

/// Whether the note shows the opening in its journal, certified before the vote opened.
async fn proves(conn: &mut Conn, opening: Digest, note: &str) -> Result<bool> {
    let standing = standing::lock(conn).await?;
    let Some(entry) = entries::by_digest(conn, opening).await? else { return Ok(false) };
    let vote = decide::opening(conn, opening).await?;
    let Some(epoch) = standing.epoch_number(vote.epoch) else { return Ok(false) };
    let Some(size) = electorate::read_note(epoch, note) else { return Ok(false) };
    let covers = size.journal == entry.journal && size.size > entry.position;
    let same = journals::root_at(conn, &size.journal, size.size).await? == Some(size.root);
    Ok(covers && same && size.certified_at <= vote.voting.opens)
}
