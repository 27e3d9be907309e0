//! `/members` and `/mandates`: the roll, its changes, and who acts for whom.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use folkmoot_governance::id::{MemberId, Time};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::statement::EndStatus;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Reader, SignedIn, Stated};
use super::listed::{Here, Turn};
use super::routes::Routes;
use crate::actions::error::ActionError;
use crate::actions::{amend_roll, mandates, standing, view_members};
use crate::app::App;
use crate::http::address::{Asked, Named};
use crate::storage::members::{self, MandateRow, MemberRow, Part};

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/members", list)
        .get("/members/{member}", show)
        .put("/members/{member}/key", set_key)
        .post("/members/{member}/end", end)
        .post("/members/{member}/reinstate", reinstate)
        .post("/mandates", grant)
        .delete("/mandates/{organisation}/{holder}", revoke)
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    here: Here,
    Asked(turn): Asked<Turn<String, MemberId>>,
) -> Result<Response, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    reader.must_read(standing.epoch().charter.visibility)?;
    let page = members::by_name(&mut conn, Part::All, &turn.wanted()).await?;
    Ok(here.list("members", &page, |row| member(row, app.now())))
}

fn member(row: &MemberRow, now: Time) -> Value {
    json!({
        "member": row.member,
        "name": row.name,
        "class": row.class,
        "level": row.level,
        "sponsor": row.sponsor,
        "custody": row.custody,
        "key": row.key,
        "since": row.since,
        "until": row.until,
        "status": view_members::status(row, now),
    })
}

async fn show(State(app): State<App>, reader: Reader, Named(id): Named<MemberId>) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    // Everybody reads of oneself, former members too.
    if reader.person.as_ref().is_none_or(|person| person.person != id) {
        reader.must_read(standing.epoch().charter.visibility)?;
    }
    let view = view_members::load(&mut conn, &id).await?;
    let mut answer = member(&view.row, app.now());
    answer["history"] = view.row.history.iter().map(|(at, what)| json!({"at": at, "what": what})).collect();
    answer["mandates"] = view.mandates.iter().map(mandate).collect();
    answer["actsFor"] = json!(view.acts_for);
    Ok(Json(answer))
}

fn mandate(row: &MandateRow) -> Value {
    json!({"holder": row.holder, "name": row.name, "key": row.key, "since": row.since, "until": row.until})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    key: PublicKey,
}

async fn set_key(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(member): Named<MemberId>,
    Stated(body): Stated<KeyBody>,
) -> Result<StatusCode, ActionError> {
    amend_roll::set_key(&app, &person, member, body.key, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndBody {
    status: EndStatus,
    effective: Option<Time>,
    reason: String,
}

async fn end(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(member): Named<MemberId>,
    Stated(body): Stated<EndBody>,
) -> Result<StatusCode, ActionError> {
    let EndBody { status, effective, reason } = body;
    amend_roll::end(&app, &person, member, status, effective, &reason, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reinstate(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(member): Named<MemberId>,
) -> Result<StatusCode, ActionError> {
    amend_roll::reinstate(&app, &person, member, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MandateBody {
    organisation: MemberId,
    holder: MemberId,
    #[serde(default)]
    name: String,
    key: Option<PublicKey>,
}

async fn grant(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Stated(body): Stated<MandateBody>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    let MandateBody { organisation, holder, name, key } = body;
    let answer = json!({"organisation": organisation, "holder": holder});
    mandates::grant(&app, &person, organisation, holder, name, key, app.now()).await?;
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn revoke(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named((organisation, holder)): Named<(MemberId, MemberId)>,
) -> Result<StatusCode, ActionError> {
    mandates::revoke(&app, &person, organisation, holder, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
