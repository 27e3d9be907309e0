//! `/faults`: proofs that somebody broke the protocol, and the door for presenting a receipt that was not honoured.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use folkmoot_governance::id::Digest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Reader, Stated, Told};
use super::listed::{Here, Turn};
use super::routes::Routes;
use crate::actions::broken_receipt::{self, Promise};
use crate::actions::error::ActionError;
use crate::actions::visible;
use crate::app::App;
use crate::http::address::Asked;

pub fn routes(routes: Routes) -> Routes {
    routes.get("/faults", list).post("/faults", present)
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    here: Here,
    Asked(turn): Asked<Turn<i64, Digest>>,
) -> Result<Response, ActionError> {
    let mut conn = app.db.read().await?;
    let page = visible::faults(&mut conn, reader.reads(), &turn.wanted()).await?;
    Ok(here.list("faults", &page, |row| {
        json!({
            "digest": row.digest,
            "kind": row.report.fault,
            "culprit": row.report.culprit,
            "foundAt": row.found_at,
            "evidence": row.report.evidence,
        })
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presented {
    receipt: Value,
    ballot: Value,
}

/// Nobody signs in: receipt and ballot are signed, and prove themselves.
async fn present(
    State(app): State<App>,
    told: Told,
    Stated(body): Stated<Presented>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    let (status, state, key) = match broken_receipt::present(&app, body.receipt, body.ballot, app.now()).await? {
        Promise::Kept => (StatusCode::OK, "kept", "promise-kept"),
        Promise::Awaited => (StatusCode::OK, "awaited", "promise-awaited"),
        Promise::Broken => (StatusCode::CREATED, "broken", "promise-broken"),
    };
    Ok((status, Json(json!({"state": state, "explanation": told.0.tell(&key.into())}))))
}
