//! Reading proposals: the list, one with its history, its count, and the messages of its closing.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::actions::error::ActionError;
use crate::actions::standing;
use crate::actions::view_decision::table;
use crate::actions::view_proposal::{self, Line, View, Which};
use crate::api::extract::{Reader, Told};
use crate::api::listed::{Here, Limit, Turn};
use crate::api::routes::Routes;
use crate::app::App;
use crate::http::address::{Asked, Named};
use crate::storage::comments::{self, CommentRow};
use crate::storage::{Place, closings};
use folkmoot_governance::tally::points::points;

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/proposals", list)
        .get("/proposals/{key}", show)
        .get("/proposals/{key}/comments", thread)
        .get("/proposals/{key}/count", count)
        .get("/proposals/{key}/closing", closing)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    state: Option<String>,
    #[serde(default)]
    page: Place<i64, String>,
    #[serde(default)]
    limit: Limit,
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    here: Here,
    Asked(filter): Asked<Filter>,
) -> Result<Response, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let which = filter.state.as_deref().map_or(Which::All, Which::InState);
    let wanted = filter.limit.wanted(filter.page);
    let page = view_proposal::list(&mut conn, &standing, reader.reads(), which, &wanted, app.now()).await?;
    Ok(here.list("proposals", &page, in_list))
}

fn in_list(line: &Line) -> Value {
    let Line { row, question, state } = line;
    json!({
        "key": row.key,
        "id": row.id,
        "title": row.title,
        "type": question.decision_type,
        "method": question.method,
        "visibility": question.visibility,
        "state": state,
        "version": row.version,
        "digest": row.digest,
        "opens": row.opens,
        "closes": row.closes,
        "sitting": row.sitting,
        "node": row.node,
        "proposer": row.proposer,
        "number": row.number,
    })
}

async fn show(
    State(app): State<App>,
    told: Told,
    reader: Reader,
    Named(key): Named<String>,
) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let view = view_proposal::load(&mut conn, &app, &standing, &key, app.now()).await?;
    reader.must_read(view.line.question.visibility)?;
    let mut answer = whole(&view, &told);
    let thread = comments::of_proposal(&mut conn, &view.line.row.id, &Limit::default().wanted(Place::Start)).await?;
    answer["comments"] = thread.rows.iter().rev().map(comment).collect();
    answer["commentCount"] = json!(comments::count(&mut conn, &view.line.row.id).await?);
    Ok(Json(answer))
}

/// The whole thread, the newest first.
async fn thread(
    State(app): State<App>,
    reader: Reader,
    here: Here,
    Named(key): Named<String>,
    Asked(turn): Asked<Turn<i64, String>>,
) -> Result<Response, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let line = view_proposal::find(&mut conn, &standing, &key, app.now()).await?;
    reader.must_read(line.question.visibility)?;
    let page = comments::of_proposal(&mut conn, &line.row.id, &turn.wanted()).await?;
    Ok(here.list("comments", &page, comment))
}

fn comment(row: &CommentRow) -> Value {
    json!({
        "id": row.id,
        "inReplyTo": row.in_reply_to,
        "author": row.author,
        "authorName": row.author_name,
        "text": row.source,
        "published": row.published,
    })
}

fn whole(view: &View, told: &Told) -> Value {
    let question = &view.line.question;
    let mut answer = in_list(&view.line);
    answer["text"] = json!(question.source);
    answer["options"] = json!(question.options);
    answer["reason"] = json!(question.reason);
    answer["principles"] = json!(question.principles);
    answer["supersedes"] = json!(question.supersedes);
    answer["review"] = json!(question.review);
    answer["effects"] = json!(question.effects);
    answer["versions"] = view
        .versions
        .iter()
        .map(|version| {
            json!({
                "version": version.number,
                "digest": version.digest,
                "published": version.published,
                "title": version.question.name,
                "text": version.question.source,
            })
        })
        .collect();
    if let Some(vote) = &view.vote {
        answer["epoch"] = json!(vote.epoch.number);
        answer["rules"] = json!(vote.sitting.rules);
        answer["countedAs"] = json!(vote.sitting.decision_type);
        answer["electorate"] = json!({
            "size": vote.roll.seats.len(),
            "digest": vote.opening.voting.electorate,
            "cast": view.cast,
        });
    }
    answer["closing"] = json!(view.closing);
    if let Some(closing) = &view.closing {
        answer["closing"]["explanation"] = told.0.tell_all(&closing.explanation).into();
    }
    answer["agreement"] = json!(view.agreement);
    answer
}

async fn count(
    State(app): State<App>,
    told: Told,
    reader: Reader,
    Named(key): Named<String>,
) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let view = view_proposal::load(&mut conn, &app, &standing, &key, app.now()).await?;
    reader.must_read(view.line.question.visibility)?;
    let vote = view.vote.ok_or_else(|| ActionError::refused("draft", "refused-draft-of-count"))?;
    let counted = view_proposal::counted(&mut conn, &standing, &vote).await?;
    let points = points(&counted.outcome, &vote.epoch.charter);
    Ok(Json(json!({
        "provisional": counted.provisional,
        "outcome": table(&counted.outcome, &vote.epoch.charter),
        "certifiedOutcome": (!counted.provisional).then_some(&counted.outcome),
        "provisionalOutcome": counted.provisional.then_some(&counted.outcome),
        "sentences": told.sentences(&points),
        "reasons": told.reasons(&points),
    })))
}

/// The signed messages of the latest sitting's closing: what the nodes said to each other about the count.
async fn closing(
    State(app): State<App>,
    reader: Reader,
    Named(key): Named<String>,
) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let line = view_proposal::find(&mut conn, &standing, &key, app.now()).await?;
    reader.must_read(line.question.visibility)?;
    let mut messages = Vec::new();
    if let Some(digest) = line.row.digest {
        for bytes in closings::messages(&mut conn, digest, line.row.sitting).await? {
            messages.push(serde_json::from_slice::<Value>(&bytes).map_err(ActionError::corrupt("closing message"))?);
        }
    }
    Ok(Json(json!({"sitting": line.row.sitting, "messages": messages})))
}
