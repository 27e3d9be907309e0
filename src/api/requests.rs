//! `/requests`: asking to join, and what the stewards and the other producers make of it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use folkmoot_governance::id::{Digest, MemberId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Reader, SignedIn, Stated};
use super::listed::{Here, Turn};
use super::routes::Routes;
use crate::actions::error::{ActionError, Refusal};
use crate::actions::join::{self, Asking, Request};
use crate::app::App;
use crate::http::address::{Asked, Named};
use crate::http::caller::Caller;
use crate::storage::requests::{self, RequestRow};

pub fn routes(routes: Routes) -> Routes {
    routes
        .post("/requests", ask)
        .get("/requests", list)
        .get("/requests/{id}", show)
        .post("/requests/{id}/endorse", endorse)
        .post("/requests/{id}/refuse", refuse)
        .post("/applications/{digest}/objection", object)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestBody {
    name: String,
    class: String,
    level: String,
    terms: Option<Digest>,
    request: String,
    commitment: String,
    member: Option<MemberId>,
    login: Option<String>,
    password: Option<String>,
}

async fn ask(
    State(app): State<App>,
    reader: Reader,
    Caller(address): Caller,
    Stated(body): Stated<RequestBody>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    let login = match (body.login, body.password) {
        (Some(login), Some(password)) => Some((login, password)),
        (None, None) => None,
        _ => {
            let refusal = Refusal::new("login", "refused-account-half");
            return Err(ActionError::Refused(refusal.about("login")));
        }
    };
    let request = Request {
        name: body.name,
        class: body.class,
        level: body.level,
        terms: body.terms,
        request: body.request,
        commitment: body.commitment,
        member: body.member,
        login,
    };
    let steward = reader.person.is_some_and(|person| person.steward);
    let asking = if steward { Asking::Steward } else { Asking::From(address) };
    let id = join::ask(&app, request, asking, app.now()).await?;
    Ok((StatusCode::CREATED, Json(json!({"id": id, "state": "waiting"}))))
}

/// For stewards: requests hold what applicants wrote about themselves.
async fn list(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    here: Here,
    Asked(turn): Asked<Turn<i64, String>>,
) -> Result<Response, ActionError> {
    person.must_be_steward()?;
    let mut conn = app.db.read().await?;
    let page = requests::newest(&mut conn, &turn.wanted()).await?;
    Ok(here.list("requests", &page, whole))
}

fn whole(row: &RequestRow) -> Value {
    json!({
        "id": row.id,
        "state": row.state,
        "member": row.member,
        "name": row.name,
        "class": row.class,
        "level": row.level,
        "request": row.request,
        "commitment": row.commitment,
        "application": row.application,
        "reason": row.reason,
        "at": row.at,
    })
}

/// For the applicant, who alone knows the id: how far it has got.
async fn show(State(app): State<App>, Named(id): Named<String>) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let row = requests::find(&mut conn, &id).await?.ok_or(ActionError::NotFound("missing-request"))?;
    Ok(Json(json!({"id": row.id, "state": row.state, "member": row.member, "reason": row.reason, "at": row.at})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn endorse(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(id): Named<String>,
    Stated(Nothing {}): Stated<Nothing>,
) -> Result<Json<Value>, ActionError> {
    let application = join::endorse(&app, &person, &id, app.now()).await?;
    Ok(Json(json!({"id": id, "application": application})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

async fn refuse(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(id): Named<String>,
    Stated(body): Stated<Reason>,
) -> Result<StatusCode, ActionError> {
    join::decline(&app, &person, &id, &body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn object(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(application): Named<Digest>,
    Stated(body): Stated<Reason>,
) -> Result<StatusCode, ActionError> {
    join::object(&app, &person, application, &body.reason, app.now()).await?;
    Ok(StatusCode::CREATED)
}
