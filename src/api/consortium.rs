//! `/consortium`: founding one, accepting an invitation, and who is a party.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use folkmoot_governance::charter::Charter;
use folkmoot_governance::id::ConsortiumId;
use folkmoot_governance::statement::FoundingMember;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Reader, SignedIn, Stated};
use super::routes::Routes;
use crate::actions::consortium::{self as action, Founding};
use crate::actions::error::ActionError;
use crate::actions::standing::{self, Standing};
use crate::actions::view_node;
use crate::app::App;
use crate::storage::{Conn, consortium};

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/consortium", show)
        .post("/consortium", found)
        .post("/consortium/accept", accept)
        .post("/consortium/decline", decline)
}

async fn show(State(app): State<App>, reader: Reader) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let view = view_node::load(&mut conn, &app).await?;
    let mut answer = json!({"state": view.state.as_str(), "parties": []});
    if reader.person.is_some_and(|person| person.steward) {
        let invitations = consortium::invitations(&mut conn).await?;
        answer["invitations"] =
            invitations.iter().map(|row| json!({"id": row.id, "name": row.name, "from": row.invited_by})).collect();
    }
    if let Some(standing) = &view.standing {
        let epoch = standing.epoch();
        answer["id"] = json!(standing.id);
        answer["name"] = json!(epoch.charter.name);
        answer["epoch"] = json!(epoch.number);
        answer["quorum"] = json!(epoch.quorum());
        answer["faulty"] = json!(epoch.faulty_most());
        answer["parties"] = parties(&mut conn, standing).await?;
    }
    Ok(Json(answer))
}

async fn parties(conn: &mut Conn, standing: &Standing) -> Result<Value, ActionError> {
    let missing = standing::ratification(conn, standing).await?.missing;
    let parties = standing.epoch().parties.iter().map(|party| {
        json!({
            "name": party.name,
            "node": party.node,
            "key": party.key,
            "accepted": !missing.contains(&party.node),
        })
    });
    Ok(parties.collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundingBody {
    charter: Charter,
    #[serde(default)]
    parties: Vec<String>,
    #[serde(default)]
    members: Vec<FoundingMember>,
}

async fn found(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Stated(body): Stated<FoundingBody>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    let FoundingBody { charter, parties, members } = body;
    let id = action::found(&app, &person, Founding { charter, parties, members }, app.now()).await?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    consortium: ConsortiumId,
    /// Base address of a party that has accepted, where the invitation is not here.
    from: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declined {
    consortium: ConsortiumId,
}

async fn accept(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Stated(body): Stated<Acceptance>,
) -> Result<Json<Value>, ActionError> {
    action::accept(&app, &person, body.consortium, body.from.as_deref(), app.now()).await?;
    Ok(Json(json!({"id": body.consortium})))
}

async fn decline(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Stated(body): Stated<Declined>,
) -> Result<Json<Value>, ActionError> {
    action::decline(&app, &person, body.consortium).await?;
    Ok(Json(json!({"id": body.consortium})))
}
