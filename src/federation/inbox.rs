//! The inbox: the signature first, then the raw bytes that it covers, then a closed list of what may arrive.

use axum::body::Body as HttpBody;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use folkmoot_governance::id::NodeId;
use folkmoot_governance::json;
use folkmoot_governance::statement::{Body, Statement};
use serde_json::{Value, json};

use super::journal_page::JournalPage;
use crate::actions::error::{ActionError, Refusal};
use crate::actions::receive_journal::{Incoming, Received, receive_journal, receive_note};
use crate::actions::standing::{self, Standing};
use crate::actions::{cast_ballot, closing, consortium, peers};
use crate::app::App;
use crate::http::error::{Problem, read_body};
use crate::transport::client::BODY_LIMIT;
use crate::transport::signatures::{self, Claimed, SignatureError, Signer, fetch_key};
use crate::words::Message;

/// Who signed a request, and what the signature says of its body. Every failure is a 401, so that a sender with another
/// scheme tries it.
pub async fn authenticate(app: &App, parts: &Parts) -> Result<(Signer, Claimed), Problem> {
    let now = app.now();
    let claimed = signatures::claim(&signatures::Request::new(parts), &app.node, now).map_err(unsigned)?;
    let known = peers::known_key(app, &claimed.key_id).await.map_err(Problem::from)?;
    let client = &app.client;
    let fetch = |id: String| async move { fetch_key(client, &id).await };
    let signer = app.keyring.authenticate(&claimed, known, now, fetch).await.map_err(unsigned)?;
    if signer.is_new
        && let Ok(node) = signer.actor().parse::<NodeId>()
        && is_known(standing(app).await?.as_ref(), &node)
        && let Err(error) = peers::fetch(app, &node).await
    {
        tracing::debug!(%error, %node, "an actor that signs cannot be kept");
    }
    Ok((signer, claimed))
}

async fn standing(app: &App) -> Result<Option<Standing>, ActionError> {
    standing::find(&mut app.db.read().await?).await
}

/// Only parties are kept: strangers could have as many names as they like.
fn is_known(standing: Option<&Standing>, node: &NodeId) -> bool {
    standing.is_some_and(|standing| standing.knows(node))
}

/// `POST /inbox`
pub async fn post(State(app): State<App>, parts: Parts, body: HttpBody) -> Result<Response, Problem> {
    let (signer, claimed) = authenticate(&app, &parts).await?;
    let standing = standing(&app).await?;
    let from = signer.actor().parse::<NodeId>().ok();
    let is_party = from.as_ref().is_some_and(|node| is_known(standing.as_ref(), node));
    // Parties send whole pages of journals; of others the longest is a founding document, with what is around it.
    let strangers = app.config.limits.body_bytes.max(2 * consortium::GENESIS_BYTES);
    let limit = if is_party { BODY_LIMIT } else { strangers };
    let body = read_body(body, limit).await?;
    claimed.check_body(&body).map_err(unsigned)?;
    let value = json::parse(&body, limit).map_err(|error| {
        let message = Message::new("failed-json").naming("detail", error);
        Problem::new(StatusCode::BAD_REQUEST, "json", "title-body", message)
    })?;
    let Some(activity) = value.as_object() else {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "shape", "title-activity", "failed-activity"));
    };
    // Ballots and closing messages prove themselves, whoever brings them; all else has no other proof than this one.
    let kind = value["object"]["type"].as_str().unwrap_or_default();
    let proves_itself = matches!(kind, "Ballot" | "CutProposal" | "CutVote" | "CutSkip" | "CutFinal");
    if !proves_itself && let Some(actor) = activity.get("actor") {
        signer.check_speaks_for(actor.as_str().unwrap_or_default()).map_err(unsigned)?;
    }
    // A page may be long, and the read one is enough to wait with.
    drop(body);
    // Other software's actors: heard, and of no effect here.
    let Some(from) = from else { return Ok(StatusCode::ACCEPTED.into_response()) };
    receive(&app, standing.as_ref(), &from, value).await.map_err(Problem::from)
}

fn unsigned(error: SignatureError) -> Problem {
    let message = Message::new("failed-signature").naming("detail", error);
    Problem::new(StatusCode::UNAUTHORIZED, "signature", "title-signature", message)
}

/// One arm for everything that may arrive.
async fn receive(
    app: &App,
    standing: Option<&Standing>,
    from: &NodeId,
    mut value: Value,
) -> Result<Response, ActionError> {
    let now = app.now();
    let named = |value: &Value| value["type"].as_str().unwrap_or_default().to_owned();
    let (activity, kind) = (named(&value), named(&value["object"]));
    // Pages are long: they are taken out, not copied.
    let mut object = || value.get_mut("object").map(Value::take).unwrap_or_default();
    match (activity.as_str(), kind.as_str()) {
        ("Invite", "Genesis") => {
            consortium::receive_invitation(app, from, &value["object"]["document"], now).await?;
            Ok(StatusCode::ACCEPTED.into_response())
        }
        ("Add", "JournalPage") => {
            must_be_party(standing, from)?;
            let page = JournalPage::from_value(object());
            let page =
                page.map_err(|error| Refusal::new("page", Message::new("refused-page").naming("detail", error)))?;
            let incoming =
                Incoming { journal: page.journal, start: page.start, entries: page.entries, note: page.note };
            let note = incoming.note.clone();
            let received = receive_journal(app, from, incoming, now).await;
            if let Err(ActionError::Refused(refusal)) = &received
                && matches!(refusal.code.as_ref(), "root" | "rewritten")
            {
                // What the journal's node signed here and what it signed before may prove that it shows two faces.
                receive_note(app, &note, now).await?;
            }
            Ok(match received? {
                Received::Cosigned { note } => ([(header::CONTENT_TYPE, "text/plain")], note).into_response(),
                Received::Behind { from } => (StatusCode::ACCEPTED, json!({"from": from}).to_string()).into_response(),
            })
        }
        ("Announce", "ClosingMessages") => {
            must_be_party(standing, from)?;
            let mut object = object();
            if let Some(Value::Array(items)) = object.get_mut("items").map(Value::take) {
                closing::receive(app, read_all(items).await?, now).await?;
            }
            Ok(StatusCode::ACCEPTED.into_response())
        }
        (_, "CutProposal" | "CutVote" | "CutSkip" | "CutFinal") => {
            must_be_party(standing, from)?;
            closing::receive(app, read_all(vec![value]).await?, now).await?;
            Ok(StatusCode::ACCEPTED.into_response())
        }
        (_, "Ballot") => {
            let receipt = cast_ballot::take_signed(app, &json::canonical(&value), now).await?;
            let kind = [(header::CONTENT_TYPE, "application/activity+json")];
            Ok((StatusCode::CREATED, kind, receipt.statement.bytes).into_response())
        }
        // Follows, likes and deletions of the wider fediverse: heard, and of no effect here.
        _ => Ok(StatusCode::ACCEPTED.into_response()),
    }
}

fn must_be_party(standing: Option<&Standing>, from: &NodeId) -> Result<(), ActionError> {
    if standing.ok_or_else(standing::none)?.knows(from) {
        return Ok(());
    }
    Err(ActionError::Forbidden("forbidden-foreign-node"))
}

/// Signatures are verified off the async threads.
async fn read_all(items: Vec<Value>) -> Result<Vec<folkmoot_governance::codec::SignedStatement>, ActionError> {
    let read = move || {
        items
            .iter()
            .map(|item| {
                let unusable =
                    |error| Refusal::new("statement", Message::new("refused-statement").naming("detail", error));
                let signed = Statement::from_value(item).map_err(unusable)?;
                match signed.statement.body {
                    Body::CutProposal(_) | Body::CutVote { .. } | Body::CutSkip { .. } | Body::CutFinal { .. } => {
                        Ok(signed)
                    }
                    _ => Err(ActionError::refused("statement", "refused-statement-alone")),
                }
            })
            .collect()
    };
    tokio::task::spawn_blocking(read).await.map_err(ActionError::corrupt("message"))?
}
