//! Reading proposals: the list, one with its history, its count, and the messages of its closing.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::actions::error::ActionError;
use crate::actions::standing;
use crate::actions::view_decision::table;
use crate::actions::view_proposal::{self, Line, View};
use crate::api::extract::{Reader, Told};
use crate::api::routes::Routes;
use crate::app::App;
use crate::http::address::{Asked, Named};
use crate::storage::closings;
use folkmoot_governance::tally::points::points;

pub fn routes(routes: Routes) -> Routes {
    routes
        .get("/proposals", list)
        .get("/proposals/{key}", show)
        .get("/proposals/{key}/count", count)
        .get("/proposals/{key}/closing", closing)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    state: Option<String>,
}

async fn list(
    State(app): State<App>,
    reader: Reader,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let lines = view_proposal::list(&mut conn, &standing, app.now()).await?;
    let shown = lines.iter().filter(|line| {
        reader.may_read(line.question.visibility) && filter.state.as_deref().is_none_or(|state| state == line.state)
    });
    Ok(Json(json!({"proposals": shown.map(in_list).collect::<Vec<_>>()})))
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
    Ok(Json(whole(&view, &told)))
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
    answer["comments"] = view
        .comments
        .iter()
        .map(|comment| {
            json!({
                "id": comment.id,
                "inReplyTo": comment.in_reply_to,
                "author": comment.author,
                "authorName": comment.author_name,
                "text": comment.source,
                "published": comment.published,
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
