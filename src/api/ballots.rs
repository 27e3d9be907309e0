//! `/ballots` and `/receipts`: ballots signed on an own device, and following any ballot.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use folkmoot_governance::id::Digest;
use folkmoot_governance::statement::Visibility;
use serde_json::{Value, json};

use super::extract::{Reader, Untouched};
use super::routes::Routes;
use crate::actions::cast_ballot::{self, Receipt};
use crate::actions::error::ActionError;
use crate::actions::standing;
use crate::actions::view_receipt::{self, Place};
use crate::actions::visible::Strangers;
use crate::app::App;
use crate::http::address::Named;

pub fn routes(routes: Routes) -> Routes {
    routes.post("/ballots", take).get("/receipts/{ballot}", follow)
}

/// The body is the ballot itself: nobody signs in, the signature says whose it is.
async fn take(State(app): State<App>, Untouched(bytes): Untouched) -> Result<(StatusCode, Json<Value>), ActionError> {
    let receipt = cast_ballot::take_signed(&app, &bytes, app.now()).await?;
    Ok((StatusCode::CREATED, Json(promise(&receipt))))
}

/// A receipt as it is answered.
pub fn promise(receipt: &Receipt) -> Value {
    json!({
        "ballot": receipt.ballot,
        "member": receipt.member,
        "sequence": receipt.sequence,
        "position": receipt.position,
        "counts": receipt.counts,
        "receipt": receipt.statement.to_value(),
    })
}

async fn follow(
    State(app): State<App>,
    reader: Reader,
    Named(ballot): Named<Digest>,
) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let view = view_receipt::load(&mut conn, &app, &standing, ballot).await?;
    if !Strangers::default().may_know_vote(&mut conn, view.proposal).await? {
        reader.must_read(Visibility::Consortium)?;
    }
    let places: Vec<Value> = view.places.iter().map(place).collect();
    let first = places.first().cloned().unwrap_or_default();
    let receipt = view.receipt.map(|bytes| serde_json::from_slice::<Value>(&bytes));
    Ok(Json(json!({
        "ballot": view.ballot,
        "proposal": view.proposal,
        "sequence": view.sequence,
        "journal": first["journal"],
        "position": first["position"],
        "certified": places.iter().any(|place| !place["inclusion"].is_null()),
        "counted": view.counted,
        "decided": view.decided,
        "inclusion": first["inclusion"],
        "places": places,
        "receipt": receipt.transpose().map_err(ActionError::corrupt("receipt"))?,
    })))
}

fn place(place: &Place) -> Value {
    let inclusion = place
        .inclusion
        .as_ref()
        .map(|proof| json!({"size": proof.size, "root": proof.root, "path": proof.path, "note": proof.note}));
    json!({"journal": place.journal, "position": place.position, "inclusion": inclusion})
}
