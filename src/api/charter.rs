//! `/charter`: the rules in force, in full, in sentences, and with their blanks.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::extract::Told;
use super::routes::Routes;
use crate::actions::error::ActionError;
use crate::actions::standing;
use crate::app::App;
use crate::words::charter::sentences;
use crate::words::setting;

pub fn routes(routes: Routes) -> Routes {
    routes.get("/charter", show)
}

async fn show(State(app): State<App>, told: Told) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let epoch = standing.epoch();
    let charter = &epoch.charter;
    let blanks = charter.blanks();
    let blanks = blanks
        .iter()
        .map(|blank| json!({"path": blank.path, "value": setting::told(&told.0, &blank.value), "why": blank.why}));
    Ok(Json(json!({
        "digest": epoch.charter_digest,
        "version": charter.version,
        "epoch": epoch.number,
        "state": if standing.state == standing::State::Ratified { "ratified" } else { "proposed" },
        "termsDigest": charter.terms_digest(),
        "sentences": sentences(&told.0, &charter.points()),
        "blanks": blanks.collect::<Vec<_>>(),
        "charter": charter,
    })))
}
