//! `/faults`: proofs that somebody broke the protocol.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::routes::Routes;
use crate::actions::error::ActionError;
use crate::app::App;
use crate::storage::faults;

pub fn routes(routes: Routes) -> Routes {
    routes.get("/faults", list)
}

async fn list(State(app): State<App>) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let rows = faults::all(&mut conn).await?;
    let faults = rows.iter().map(|row| {
        json!({
            "digest": row.digest,
            "kind": row.report.fault,
            "culprit": row.report.culprit,
            "foundAt": row.found_at,
            "evidence": row.report.evidence,
        })
    });
    Ok(Json(json!({"faults": faults.collect::<Vec<_>>()})))
}
