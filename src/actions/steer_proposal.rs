//! Steering an open vote: extending it, contesting its urgency, taking it back. Nothing here closes earlier.
//! Each is a statement in a journal; what comes of it is decided at closing, from the cut, by every node.

use folkmoot_governance::id::{MemberId, Time};
use folkmoot_governance::statement::Body;

use super::draft_proposal::acting_as;
use super::error::{ActionError, Refusal, Result};
use super::{Person, count, journals, standing};
use crate::app::App;
use crate::storage::Conn;
use crate::storage::proposals::{self, ProposalRow};

/// What somebody asks of an open vote.
#[derive(Debug, Clone)]
pub enum Steer {
    Extend { closes: Time },
    Challenge { wished: Option<MemberId> },
    Withdraw,
}

/// Publishes the statement, if this person may make it at this time.
pub async fn steer(app: &App, person: &Person, key: &str, steer: Steer, reason: &str, now: Time) -> Result<()> {
    if reason.trim().is_empty() || reason.chars().count() > 2000 {
        return Err(ActionError::Refused(Refusal::new("reason", "refused-deed-reason").about("reason")));
    }
    let (app_in, person, key, reason) = (app.clone(), person.clone(), key.to_owned(), reason.to_owned());
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let row = proposals::by_key(conn, &key).await?.ok_or(ActionError::NotFound("missing-proposal"))?;
            let digest = row.digest.ok_or_else(|| ActionError::refused("draft", "refused-vote-not-open"))?;
            let vote = count::load_vote(conn, &app_in, &standing, digest).await?;
            if now >= vote.sitting.closes {
                return Err(ActionError::refused("late", "refused-voting-over"));
            }
            let own = row.node == app_in.node;
            let body = match steer {
                Steer::Extend { closes } => {
                    must_look_after(conn, &app_in, &row, &person, now).await?;
                    if closes <= vote.sitting.closes {
                        return Err(ActionError::Refused(Refusal::new("shorter", "refused-shorter").about("closes")));
                    }
                    Body::Extension { proposal: digest, closes, reason }
                }
                Steer::Withdraw => {
                    must_look_after(conn, &app_in, &row, &person, now).await?;
                    Body::Withdrawal { proposal: digest, reason }
                }
                Steer::Challenge { wished } => {
                    let member = acting_as(conn, &app_in, &person, wished.as_ref(), now).await?;
                    let kind = vote.epoch.charter.decision_type(&vote.sitting.decision_type);
                    let kind = kind.ok_or(ActionError::NotFound("missing-decision-type"))?;
                    if kind.challenge.is_none() {
                        return Err(ActionError::refused("not-urgent", "refused-not-urgent"));
                    }
                    let seat = vote.roll.seat_of(&member);
                    let may = seat.is_some_and(|seat| kind.callers.is_empty() || kind.callers.contains(&seat.class));
                    if !may || own || member == vote.opening.question.proposer {
                        return Err(ActionError::Forbidden("forbidden-challenge"));
                    }
                    Body::Challenge { proposal: digest, member, reason }
                }
            };
            // In the epoch of the vote: its parties judge it.
            let signed = journals::sign_in_epoch(&app_in, &standing, vote.opening.epoch, body, now)?;
            journals::append(conn, &app_in, &standing, signed, now).await?;
            Ok(())
        })
        .await
}

/// Whoever may act for the proposer, and the stewards, at the node that opened the vote.
async fn must_look_after(conn: &mut Conn, app: &App, row: &ProposalRow, person: &Person, now: Time) -> Result<()> {
    if row.node != app.node {
        return Err(ActionError::Forbidden("forbidden-vote-elsewhere"));
    }
    if person.steward || acting_as(conn, app, person, Some(&row.proposer), now).await.is_ok() {
        return Ok(());
    }
    Err(ActionError::Forbidden("forbidden-not-the-proposer"))
}
