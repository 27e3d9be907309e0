//! Signing in, oneself, tokens of programs, and accounts that stewards make.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use folkmoot_governance::id::{Digest, MemberId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{self, SignedIn, Stated};
use super::routes::Routes;
use crate::actions::error::ActionError;
use crate::actions::{accounts as action, view_members};
use crate::app::App;
use crate::http::address::Named;
use crate::http::caller::Caller;
use crate::storage::accounts;

pub fn routes(routes: Routes) -> Routes {
    routes
        .post("/sign-in", sign_in)
        .delete("/sign-in", sign_out)
        .get("/me", me)
        .post("/me/password", set_password)
        .get("/me/tokens", tokens)
        .post("/me/tokens", new_token)
        .delete("/me/tokens", end_token)
        .post("/accounts", create)
        .delete("/accounts/{login}", remove)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: String,
    /// What the token is called in the list of tokens.
    name: Option<String>,
}

async fn sign_in(
    State(app): State<App>,
    Caller(from): Caller,
    Stated(body): Stated<SignIn>,
) -> Result<Json<Value>, ActionError> {
    let name = body.name.unwrap_or_default();
    let token = action::sign_in(&app, &body.login, &body.password, &from, &name, app.now()).await?;
    // Tokens stay good until they are ended.
    Ok(Json(json!({"token": token, "expires": null})))
}

/// Ends the token that the request came with.
async fn sign_out(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    headers: HeaderMap,
) -> Result<StatusCode, ActionError> {
    let token = extract::token(&headers).ok_or(ActionError::SignInNeeded)?;
    action::end_token(&app, &person, Digest::of(token.as_bytes())).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn me(State(app): State<App>, SignedIn(person): SignedIn) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let acts_for = view_members::acts_for(&mut conn, &person.person).await?;
    Ok(Json(json!({
        "login": person.login,
        "person": person.person,
        "name": person.name,
        "steward": person.steward,
        "acts_for": acts_for,
    })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    old: String,
    new: String,
}

async fn set_password(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Caller(from): Caller,
    Stated(body): Stated<NewPassword>,
) -> Result<StatusCode, ActionError> {
    action::set_password(&app, &person, &body.old, &body.new, &from, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tokens by the digest of their secret; the secret itself is shown once, when it is made.
async fn tokens(State(app): State<App>, SignedIn(person): SignedIn) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let rows = accounts::tokens_of(&mut conn, &person.login).await?;
    let tokens = rows.iter().map(|(id, name, since)| json!({"id": id, "name": name, "since": since}));
    Ok(Json(json!({"tokens": tokens.collect::<Vec<_>>()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    name: String,
}

async fn new_token(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Stated(body): Stated<NewToken>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    let token = action::new_token(&app, &person, &body.name, app.now()).await?;
    Ok((StatusCode::CREATED, Json(json!({"token": token, "id": Digest::of(token.as_bytes())}))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndToken {
    id: Digest,
}

async fn end_token(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Stated(body): Stated<EndToken>,
) -> Result<StatusCode, ActionError> {
    action::end_token(&app, &person, body.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    login: String,
    password: String,
    person: Option<MemberId>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    steward: bool,
}

async fn create(
    State(app): State<App>,
    SignedIn(steward): SignedIn,
    Stated(body): Stated<NewAccount>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    steward.must_be_steward()?;
    let NewAccount { login, password, person, name, steward } = body;
    action::create(&app, &login, &password, person, &name, steward, app.now()).await?;
    Ok((StatusCode::CREATED, Json(json!({"login": login}))))
}

async fn remove(
    State(app): State<App>,
    SignedIn(steward): SignedIn,
    Named(login): Named<String>,
) -> Result<StatusCode, ActionError> {
    action::remove(&app, &steward, &login).await?;
    Ok(StatusCode::NO_CONTENT)
}
