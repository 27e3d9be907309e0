//! `/decisions`: the register, each decision with its digests, and everything to check or recount it with.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use folkmoot_governance::id::Digest;
use folkmoot_governance::statement::Visibility;
use serde::Deserialize;
use serde_json::{Value, json};

use super::extract::{Reader, Told};
use super::listed::{Here, Limit};
use super::routes::Routes;
use crate::actions::error::ActionError;
use crate::actions::view_decision::{self, Line, View, table};
use crate::actions::{export, standing};
use crate::app::App;
use crate::http::address::{Asked, Named};
use crate::storage::{Conn, Place};

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/decisions", list)
        .get("/decisions/{decision}", show)
        .get("/decisions/{decision}/bundle", bundle)
        .get("/decisions/{decision}/ballots.csv", ballots_csv)
        .get("/decisions/{decision}/ballots.json", ballots_json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    /// Words that are all in the number, the title or the text.
    #[serde(default)]
    q: String,
    #[serde(default)]
    page: Place<i64, Digest>,
    #[serde(default)]
    limit: Limit,
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    here: Here,
    Asked(search): Asked<Search>,
) -> Result<Response, ActionError> {
    let mut conn = app.db.read().await?;
    standing::load(&mut conn).await?;
    let wanted = search.limit.wanted(search.page);
    let page = view_decision::list(&mut conn, reader.reads(), &search.q, &wanted).await?;
    Ok(here.list("decisions", &page, in_list))
}

fn in_list(line: &Line) -> Value {
    json!({
        "number": line.number,
        "key": line.proposal.key,
        "title": line.proposal.title,
        "passed": line.outcome.passed(),
        "state": line.proposal.state,
        "type": line.outcome.decision_type,
        "method": line.outcome.method,
        "proposer": line.proposal.proposer,
        "node": line.proposal.node,
        "epoch": line.proposal.epoch,
        "closed": line.row.closed_at,
        "certified": line.row.certified_at,
        "proposal": line.row.proposal,
        "value": line.row.value,
    })
}

/// The decision, if this reader may see it.
async fn readable(conn: &mut Conn, app: &App, reader: &Reader, name: &str) -> Result<View, ActionError> {
    let standing = standing::load(conn).await?;
    let view = view_decision::load(conn, app, &standing, name).await?;
    reader.must_read(view.vote.opening.question.visibility)?;
    Ok(view)
}

async fn show(
    State(app): State<App>,
    told: Told,
    reader: Reader,
    Named(name): Named<String>,
) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let view = readable(&mut conn, &app, &reader, &name).await?;
    let question = &view.vote.opening.question;
    let mut answer = in_list(&view.line);
    answer["text"] = json!(question.source);
    answer["supersedes"] = json!(question.supersedes);
    answer["review"] = json!(question.review);
    answer["effects"] = json!(question.effects);
    answer["opened"] = json!(view.vote.opening.voting.opens);
    answer["electorate"] = json!(view.vote.opening.voting.electorate);
    answer["sitting"] = json!(view.line.row.sitting);
    answer["cut"] = json!(view.cut_digest);
    answer["certificate"] = json!(view.certificate_digest);
    answer["outcome"] = json!(table(&view.line.outcome, &view.vote.epoch.charter));
    answer["certifiedOutcome"] = json!(view.line.outcome);
    answer["sentences"] = json!(told.sentences(&view.points));
    answer["reasons"] = told.reasons(&view.points);
    answer["agreement"] = json!(view.agreement);
    answer["digests"] = json!({
        "proposal": view.line.row.proposal,
        "value": view.line.row.value,
        "cut": view.cut_digest,
        "outcome": view.line.outcome.digest(),
        "certificate": view.certificate_digest,
    });
    Ok(Json(answer))
}

/// Everything to check the decision without any node: `folkmoot verify`.
async fn bundle(State(app): State<App>, reader: Reader, Named(name): Named<String>) -> Result<Response, ActionError> {
    let number = {
        let mut conn = app.db.read().await?;
        readable(&mut conn, &app, &reader, &name).await?.line.number
    };
    let exported = export::bundle(&app, &name).await?;
    if !exported.is_public {
        reader.must_read(Visibility::Consortium)?;
    }
    let file = format!("decision-{number}.bundle");
    Ok(download("application/vnd.folkmoot.bundle+json", &file, exported.bytes.clone()))
}

async fn ballots_csv(
    State(app): State<App>,
    reader: Reader,
    Named(name): Named<String>,
) -> Result<Response, ActionError> {
    let mut conn = app.db.read().await?;
    let view = readable(&mut conn, &app, &reader, &name).await?;
    let ballots = view_decision::ballots(&mut conn, &view).await?;
    let text = view_decision::csv(&ballots);
    let file = format!("decision-{}.csv", view.line.number);
    Ok(download("text/csv; charset=utf-8; header=present", &file, text.into_bytes()))
}

async fn ballots_json(
    State(app): State<App>,
    reader: Reader,
    Named(name): Named<String>,
) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let view = readable(&mut conn, &app, &reader, &name).await?;
    let ballots = view_decision::ballots(&mut conn, &view).await?;
    Ok(Json(json!({
        "decision": view.line.number,
        "proposal": view.line.row.proposal,
        "cut": view.cut_digest,
        "public": view.vote.opening.question.visibility == Visibility::Public,
        "ballots": ballots,
    })))
}

fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}
