//! Deliberation: contributions to the thread of a proposal, shown by every node.

use folkmoot_governance::id::Time;
use folkmoot_governance::statement::{Body, Comment};

use super::draft_proposal::acting_as;
use super::error::{ActionError, Refusal, Result};
use super::{Person, journals, pace, standing};
use crate::app::App;
use crate::storage::{comments, proposals};

/// Most characters of one contribution.
const COMMENT_CHARS: usize = 5000;
/// Most contributions of one person within an hour.
const AN_HOUR_MOST: u64 = 60;

/// Publishes a contribution; the answer is its id.
pub async fn comment(
    app: &App,
    person: &Person,
    key: &str,
    text: &str,
    in_reply_to: Option<&str>,
    now: Time,
) -> Result<String> {
    if text.trim().is_empty() || text.chars().count() > COMMENT_CHARS {
        return Err(ActionError::Refused(Refusal::new("text", "refused-comment-text").about("text")));
    }
    let (app_in, person, key) = (app.clone(), person.clone(), key.to_owned());
    let (text, in_reply_to) = (text.replace("\r\n", "\n"), in_reply_to.map(str::to_owned));
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let row = proposals::by_key(conn, &key).await?.ok_or(ActionError::NotFound("missing-proposal"))?;
            if let Some(parent) = &in_reply_to
                && !comments::exists(conn, &row.id, parent).await?
            {
                return Err(ActionError::NotFound("missing-contribution"));
            }
            // Members discuss, by themselves or for whom they act; stewards speak for the node.
            if !person.steward {
                acting_as(conn, &app_in, &person, None, now).await?;
            }
            pace::keep(conn, "comment", &person, AN_HOUR_MOST, now).await?;
            let id = format!("{}/comments/{:016x}", app_in.node.base(), rand::random::<u64>());
            let body = Body::Note(Comment {
                id: id.clone(),
                proposal: row.id.clone(),
                in_reply_to: in_reply_to.unwrap_or(row.id),
                author: person.person.to_string(),
                author_name: person.name.clone(),
                source: text,
            });
            journals::publish(conn, &app_in, &standing, body, now).await?;
            Ok::<_, ActionError>(id)
        })
        .await
}
