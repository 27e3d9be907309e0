//! `/proposals/{key}/seats/{member}`: what somebody with a key of their own needs to sign a ballot.

use axum::Json;
use axum::extract::State;
use folkmoot_governance::id::MemberId;
use serde_json::{Value, json};

use crate::actions::error::ActionError;
use crate::actions::{cast_ballot, count, standing};
use crate::api::extract::Reader;
use crate::api::routes::Routes;
use crate::app::App;
use crate::http::address::Named;
use crate::storage::proposals;

pub fn routes(routes: Routes) -> Routes {
    routes.get("/proposals/{key}/seats/{member}", show)
}

async fn show(
    State(app): State<App>,
    reader: Reader,
    Named((key, member)): Named<(String, MemberId)>,
) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let row = proposals::by_key(&mut conn, &key).await?.ok_or(ActionError::NotFound("missing-proposal"))?;
    reader.must_read(row.question()?.visibility)?;
    let digest = row.digest.ok_or_else(|| ActionError::refused("draft", "refused-draft-of-seats"))?;
    let vote = count::load_vote(&mut conn, &app, &standing, digest).await?;
    let seat = vote.roll.seat_of(&member);
    let seat = seat.ok_or_else(|| ActionError::refused("not-on-the-roll", "refused-seat"))?;
    let known = cast_ballot::latest(&mut conn, &vote, seat.index).await?;
    let sequence = known.map_or(0, |cast| cast.sequence);
    Ok(Json(json!({
        "consortium": standing.id,
        "epoch": vote.opening.epoch,
        "proposal": digest,
        "index": seat.index,
        "sequence": sequence,
        "options": vote.opening.question.options,
        "custody": seat.custody,
        "closes": vote.sitting.closes,
    })))
}
