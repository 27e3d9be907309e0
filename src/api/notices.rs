//! `/notices`: notices to all parties in writing.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use folkmoot_governance::id::Digest;
use serde::Deserialize;
use serde_json::json;

use super::extract::{Reader, SignedIn, Stated};
use super::listed::{Here, Turn};
use super::routes::Routes;
use crate::actions::error::ActionError;
use crate::actions::{notices as action, standing};
use crate::app::App;
use crate::http::address::Asked;
use crate::storage::notices;

pub fn routes(routes: Routes) -> Routes {
    routes.get("/notices", list).post("/notices", publish)
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    here: Here,
    Asked(turn): Asked<Turn<i64, Digest>>,
) -> Result<Response, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    reader.must_read(standing.epoch().charter.visibility)?;
    let page = notices::newest(&mut conn, &turn.wanted()).await?;
    Ok(here.list("notices", &page, |row| {
        json!({
            "digest": row.digest,
            "node": row.node,
            "subject": row.subject,
            "text": row.source,
            "published": row.published,
        })
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeBody {
    subject: String,
    text: String,
}

async fn publish(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Stated(body): Stated<NoticeBody>,
) -> Result<StatusCode, ActionError> {
    action::publish(&app, &person, &body.subject, &body.text, app.now()).await?;
    Ok(StatusCode::CREATED)
}
