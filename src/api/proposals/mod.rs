//! `/proposals`: drafting, deliberating, voting, and steering an open vote. What is read is in `shown`.

mod seats;
mod shown;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use folkmoot_governance::id::{Digest, MemberId, Time};
use folkmoot_governance::statement::{BlockReason, Effect, Method, Visibility};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ballots;
use super::extract::{SignedIn, Stated};
use super::routes::Routes;
use crate::actions::cast_ballot::{self, Choice};
use crate::actions::comment::comment;
use crate::actions::draft_proposal::{self, Draft, Drafted};
use crate::actions::error::{ActionError, Refusal};
use crate::actions::open_proposal::{self, Until};
use crate::actions::steer_proposal::{Steer, steer};
use crate::app::App;
use crate::http::address::Named;

pub fn routes(routes: Routes) -> Routes {
    seats::routes(shown::routes(routes))
        .post("/proposals", draft)
        .put("/proposals/{key}", revise)
        .post("/proposals/{key}/open", open)
        .post("/proposals/{key}/ballot", cast)
        .post("/proposals/{key}/comments", contribute)
        .post("/proposals/{key}/extend", extend)
        .post("/proposals/{key}/challenge", challenge)
        .post("/proposals/{key}/withdraw", withdraw)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftBody {
    title: String,
    text: String,
    #[serde(rename = "type")]
    decision_type: String,
    method: Method,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    reason: String,
    visibility: Option<Visibility>,
    #[serde(default)]
    principles: Vec<u8>,
    #[serde(default)]
    supersedes: Vec<Digest>,
    review: Option<Time>,
    #[serde(default)]
    effects: Vec<Effect>,
    #[serde(rename = "as")]
    proposing_as: Option<MemberId>,
}

impl From<DraftBody> for Draft {
    fn from(body: DraftBody) -> Self {
        Self {
            title: body.title,
            text: body.text,
            decision_type: body.decision_type,
            method: body.method,
            options: body.options,
            reason: body.reason,
            visibility: body.visibility,
            principles: body.principles,
            supersedes: body.supersedes,
            review: body.review,
            effects: body.effects,
            proposing_as: body.proposing_as,
        }
    }
}

fn drafted(drafted: &Drafted) -> Json<Value> {
    Json(json!({"key": drafted.key, "id": drafted.id, "version": drafted.version}))
}

async fn draft(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Stated(body): Stated<DraftBody>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    let made = draft_proposal::draft(&app, &person, body.into(), app.now()).await?;
    Ok((StatusCode::CREATED, drafted(&made)))
}

async fn revise(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(key): Named<String>,
    Stated(body): Stated<DraftBody>,
) -> Result<Json<Value>, ActionError> {
    let made = draft_proposal::revise(&app, &person, &key, body.into(), app.now()).await?;
    Ok(drafted(&made))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenBody {
    closes: Option<Time>,
    seconds: Option<i64>,
    #[serde(rename = "as")]
    proposing_as: Option<MemberId>,
}

async fn open(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(key): Named<String>,
    Stated(body): Stated<OpenBody>,
) -> Result<Json<Value>, ActionError> {
    let until = match (body.closes, body.seconds) {
        (Some(_), Some(_)) => {
            let refusal = Refusal::new("closes", "refused-closes-both");
            return Err(ActionError::Refused(refusal.about("closes")));
        }
        (Some(closes), None) => Until::Time(closes),
        (None, Some(seconds)) => Until::Seconds(seconds),
        (None, None) => Until::Shortest,
    };
    let announced = open_proposal::open(&app, &person, &key, body.proposing_as.as_ref(), until, app.now()).await?;
    Ok(Json(json!({"digest": announced.digest, "opens": announced.opens, "closes": announced.closes})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BallotBody {
    choices: Vec<String>,
    #[serde(rename = "as")]
    voting_as: Option<MemberId>,
    block: Option<BlockReason>,
}

async fn cast(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(key): Named<String>,
    Stated(body): Stated<BallotBody>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    let BallotBody { choices, voting_as, block } = body;
    let choice = Choice { choices, block, voting_as };
    let receipt = cast_ballot::cast(&app, &person, &key, choice, app.now()).await?;
    Ok((StatusCode::CREATED, Json(ballots::promise(&receipt))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct CommentBody {
    text: String,
    in_reply_to: Option<String>,
}

async fn contribute(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(key): Named<String>,
    Stated(body): Stated<CommentBody>,
) -> Result<(StatusCode, Json<Value>), ActionError> {
    let id = comment(&app, &person, &key, &body.text, body.in_reply_to.as_deref(), app.now()).await?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtendBody {
    closes: Time,
    reason: String,
}

async fn extend(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(key): Named<String>,
    Stated(body): Stated<ExtendBody>,
) -> Result<StatusCode, ActionError> {
    steer(&app, &person, &key, Steer::Extend { closes: body.closes }, &body.reason, app.now()).await?;
    Ok(StatusCode::CREATED)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChallengeBody {
    reason: String,
    #[serde(rename = "as")]
    challenging_as: Option<MemberId>,
}

async fn challenge(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(key): Named<String>,
    Stated(body): Stated<ChallengeBody>,
) -> Result<StatusCode, ActionError> {
    let wished = body.challenging_as;
    steer(&app, &person, &key, Steer::Challenge { wished }, &body.reason, app.now()).await?;
    Ok(StatusCode::CREATED)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithdrawBody {
    reason: String,
}

async fn withdraw(
    State(app): State<App>,
    SignedIn(person): SignedIn,
    Named(key): Named<String>,
    Stated(body): Stated<WithdrawBody>,
) -> Result<StatusCode, ActionError> {
    steer(&app, &person, &key, Steer::Withdraw, &body.reason, app.now()).await?;
    Ok(StatusCode::CREATED)
}
