//! What other servers can ask: actor, WebFinger, NodeInfo, journals and closings.

use activitypub_federation::axum::json::FederationJson;
use axum::Router;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use folkmoot_governance::id::{Digest, JournalId, NodeId};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::journal_page::{JournalPage, PAGE_BYTES};
use super::{delivery, inbox};
use crate::actions::error::{ActionError, Result};
use crate::actions::visible::{self, Strangers};
use crate::actions::{closing, standing};
use crate::app::App;
use crate::http::address::{Asked, Named};
use crate::http::error::{Problem, wrong_method};
use crate::storage::{Conn, checkpoints, entries, journals, members, proposals};
use crate::transport::{actor, nodeinfo, webfinger};

/// Everything under the node's own address that is not a page or the API.
pub fn router() -> Router<App> {
    Router::new()
        .route("/actor", get(show_actor))
        .route("/inbox", post(inbox::post))
        .route("/outbox", get(outbox))
        .route("/followers", get(followers))
        .route("/.well-known/webfinger", get(show_webfinger))
        .route("/.well-known/nodeinfo", get(nodeinfo_links))
        .route("/nodeinfo/{version}", get(show_nodeinfo))
        .route("/genesis", get(genesis))
        .route("/journals", get(list_journals))
        .route("/journals/{authority}/{consortium}/{key}", get(journal_page))
        .route("/journals/{authority}/{consortium}/{key}/checkpoint", get(journal_checkpoint))
        .route("/openings/{opening}", get(opening_note))
        .route("/closings/{proposal}", get(closing_messages))
        .method_not_allowed_fallback(wrong_method)
}

fn activity_json(value: &Value) -> Response {
    activity_text(value.to_string().into_bytes())
}

fn activity_text(json: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/activity+json")], json).into_response()
}

async fn show_actor(State(app): State<App>) -> impl IntoResponse {
    let http_key = app.keys.http.to_public_key();
    let profile = actor::NodeProfile {
        node: &app.node,
        handle: &app.config.node.handle,
        name: &app.config.node.name,
        summary: "A node of a consortium of co-operatives: proposals, votes and decisions.",
        statement_key: app.keys.statement.public(),
        http_key: &http_key,
    };
    FederationJson(actor::document(&profile))
}

#[derive(Deserialize)]
struct Resource {
    resource: Option<String>,
}

async fn show_webfinger(State(app): State<App>, Asked(query): Asked<Resource>) -> Response {
    let (Ok(actor), Ok(page)) = (Url::parse(app.node.as_str()), Url::parse(app.node.base())) else {
        return ActionError::corrupt("address")("the node's address is not a URL").into_response();
    };
    let account = webfinger::Account { handle: app.config.node.handle.clone(), actor, page };
    match webfinger::answer(query.resource.as_deref(), app.node.authority(), &[account]) {
        Ok(found) => match serde_json::to_string(&found) {
            Ok(text) => ([(header::CONTENT_TYPE, webfinger::CONTENT_TYPE)], text).into_response(),
            Err(error) => ActionError::corrupt("webfinger")(error).into_response(),
        },
        Err(webfinger::WebfingerRefusal::Malformed) => {
            Problem::new(StatusCode::BAD_REQUEST, "resource", "title-resource", "failed-resource").into_response()
        }
        Err(webfinger::WebfingerRefusal::Unknown) => ActionError::NotFound("missing-account").into_response(),
    }
}

async fn nodeinfo_links(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], nodeinfo::well_known(app.node.base()).to_string()).into_response()
}

async fn show_nodeinfo(State(app): State<App>, Named(version): Named<String>) -> Result<Response> {
    let version = nodeinfo::Version::from_number(&version).ok_or(ActionError::NotFound("missing-version"))?;
    let mut conn = app.db.read().await?;
    let people = members::in_force_of(&mut conn, &app.node, app.now()).await?;
    let usage = nodeinfo::Usage { people, posts: proposals::count_of(&mut conn, &app.node).await? };
    let document = nodeinfo::document(version, &app.config.node.name, &usage);
    Ok(([(header::CONTENT_TYPE, version.content_type())], document.to_string()).into_response())
}

/// Statements on one page of the outbox.
const OUTBOX_PAGE: u64 = 50;

#[derive(Deserialize)]
struct Before {
    before: Option<u64>,
}

/// What this node has said, the newest first (ActivityPub 5.1), as strangers may read it. Journals are for those who check.
async fn outbox(State(app): State<App>, Asked(query): Asked<Before>) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let own = standing::find(&mut conn).await?.and_then(|standing| standing.own_journal(&app));
    let total = match &own {
        Some(journal) => journals::find(&mut conn, journal).await?.map_or(0, |row| row.size),
        None => 0,
    };
    let outbox = format!("{}/outbox", app.node.base());
    let (Some(before), Some(journal)) = (query.before, own) else {
        return Ok(activity_json(&json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": outbox,
            "type": "OrderedCollection",
            "totalItems": total,
            "first": format!("{outbox}?before={total}"),
        })));
    };
    let end = before.min(total);
    let mut start = end.saturating_sub(OUTBOX_PAGE);
    let rows = entries::page(&mut conn, &journal, start, usize::try_from(end - start).unwrap_or_default()).await?;
    let (mut items, mut size) = (Vec::new(), 0);
    let mut strangers = Strangers::default();
    for row in rows.iter().rev() {
        let Some(bytes) = &row.bytes else { continue };
        size += bytes.len();
        if size > PAGE_BYTES && !items.is_empty() {
            start = row.position + 1;
            break;
        }
        if strangers.may_read(&mut conn, row).await? {
            items.push(serde_json::from_slice(bytes).map_err(ActionError::corrupt("entry"))?);
        }
    }
    let mut page = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{outbox}?before={before}"),
        "type": "OrderedCollectionPage",
        "partOf": outbox,
        "totalItems": total,
        "orderedItems": Value::Array(items),
    });
    if start > 0 {
        page["next"] = format!("{outbox}?before={start}").into();
    }
    Ok(activity_json(&page))
}

async fn followers(State(app): State<App>) -> Response {
    activity_json(&json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{}/followers", app.node.base()),
        "type": "OrderedCollection",
        "totalItems": 0,
    }))
}

/// The founding document of the consortium.
async fn genesis(State(app): State<App>) -> Result<Response> {
    let bytes = crate::actions::consortium::genesis(&app).await?;
    Ok(([(header::CONTENT_TYPE, "application/activity+json")], bytes).into_response())
}

/// Every journal that is mirrored here, with its newest checkpoint, and the newest certified one where that is another.
async fn list_journals(State(app): State<App>) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let mut items = Vec::new();
    for journal in journals::all(&mut conn).await? {
        let note = checkpoints::latest(&mut conn, &journal.id).await?.map(|row| row.note).unwrap_or_default();
        let certified = checkpoints::latest_certified(&mut conn, &journal.id).await?.map(|row| row.note);
        let mut item = json!({"journal": journal.id, "size": journal.size, "note": note});
        if let Some(certified) = certified.filter(|certified| *certified != note) {
            item["certified"] = certified.into();
        }
        items.push(item);
    }
    Ok(activity_json(&json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{}/journals", app.node.base()),
        "type": "Collection",
        "totalItems": items.len(),
        "items": items,
    })))
}

fn journal_id(authority: &str, consortium: &str, key: &str) -> Result<JournalId> {
    let id = format!("{authority}/journals/{consortium}/{key}");
    id.parse().map_err(|_| ActionError::NotFound("missing-journal"))
}

#[derive(Deserialize)]
struct From {
    from: Option<u64>,
}

async fn journal_page(
    State(app): State<App>,
    Named((authority, consortium, key)): Named<(String, String, String)>,
    Asked(query): Asked<From>,
    parts: Parts,
) -> Result<Response, Problem> {
    let journal = journal_id(&authority, &consortium, &key)?;
    let reader = signer(&app, &parts).await;
    Ok(kept_apart(reader.is_some(), show_journal(&app, &journal, query.from, reader.as_ref()).await?))
}

/// What a node is shown must not come out of a cache for somebody else.
fn kept_apart(signed: bool, mut response: Response) -> Response {
    let all = response.headers_mut();
    all.insert(header::CACHE_CONTROL, HeaderValue::from_static(if signed { "private, no-store" } else { "no-cache" }));
    all.insert(header::VARY, HeaderValue::from_static("Signature"));
    response
}

async fn show_journal(app: &App, journal: &JournalId, from: Option<u64>, reader: Option<&NodeId>) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let row = journals::find(&mut conn, journal).await?.ok_or(ActionError::NotFound("missing-journal"))?;
    let base = format!("{}/{}", app.node.base(), super::journal_page::journal_path(journal));
    match from {
        Some(start) => {
            let below = match (reader, standing::find(&mut conn).await?) {
                (Some(node), Some(standing)) => {
                    visible::read_by_node(&mut conn, &standing, node, journal, app.now()).await?
                }
                _ => 0,
            };
            Ok(activity_text(page_for(&mut conn, journal, start, below).await?.to_json()))
        }
        None => Ok(activity_json(&json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": base,
            "type": "OrderedCollection",
            "attributedTo": row.node,
            "totalItems": row.size,
            "first": format!("{base}?from=0"),
        }))),
    }
}

/// A page for somebody who may read what is kept within the consortium below this size: it ends there, so that what may
/// be read comes whole, with a checkpoint that covers it.
async fn page_for(conn: &mut Conn, journal: &JournalId, start: u64, below: u64) -> Result<JournalPage<Vec<u8>>> {
    let mut page = delivery::page(conn, journal, start, start < below).await?;
    let readable = usize::try_from(below.saturating_sub(start)).unwrap_or(usize::MAX);
    if (1..page.entries.len()).contains(&readable) {
        page.entries.truncate(readable);
        if let Some(row) = checkpoints::newest_in(conn, journal, start, below).await? {
            page.note = row.note;
        }
    }
    Ok(page)
}

/// The node that signed the request. An unsigned request is a stranger's.
async fn signer(app: &App, parts: &Parts) -> Option<NodeId> {
    if !parts.headers.contains_key("signature") {
        return None;
    }
    let (signer, _) = inbox::authenticate(app, parts).await.ok()?;
    signer.actor().parse().ok()
}

async fn journal_checkpoint(
    State(app): State<App>,
    Named((authority, consortium, key)): Named<(String, String, String)>,
) -> Result<Response> {
    let journal = journal_id(&authority, &consortium, &key)?;
    let mut conn = app.db.read().await?;
    let row = checkpoints::latest(&mut conn, &journal).await?.ok_or(ActionError::NotFound("missing-checkpoint"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], row.note).into_response())
}

/// The certified checkpoint by which a vote was opened here, for nodes that were away then.
async fn opening_note(State(app): State<App>, Named(opening): Named<String>) -> Result<Response> {
    let digest: Digest = opening.parse().map_err(|_| ActionError::NotFound("missing-vote"))?;
    let mut conn = app.db.read().await?;
    let row = proposals::by_digest(&mut conn, digest).await?;
    let note = row.and_then(|row| row.certified_note).ok_or(ActionError::NotFound("missing-vote"))?;
    Ok(activity_json(&json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{}/openings/{digest}", app.node.base()),
        "type": "Note",
        "note": note,
    })))
}

#[derive(Deserialize)]
struct FromRound {
    #[serde(default)]
    round: u32,
    value: Option<Digest>,
}

/// What the nodes said to each other about a count, from a round on: as many whole rounds as fit on a page; or, where a
/// value is named, its proposal in that round alone. The value can be guessed back into the count, so it is for those who
/// may read the proposal.
async fn closing_messages(
    State(app): State<App>,
    Named(digest): Named<Digest>,
    Asked(FromRound { round: from, value }): Asked<FromRound>,
    parts: Parts,
) -> Result<Response> {
    let known = {
        let mut conn = app.db.read().await?;
        Strangers::default().may_know_vote(&mut conn, digest).await?
    };
    let trusted = !known && may_read_closing(&app, &parts, digest).await?;
    if !known && !trusted {
        return Err(ActionError::NotFound("missing-vote"));
    }
    let base = format!("{}/closings/{digest}", app.node.base());
    let ((items, next), id) = match value {
        Some(value) => {
            let proposed = closing::proposed(&app, digest, from, value).await?;
            ((proposed.into_iter().collect(), None), format!("{base}?round={from}&value={value}"))
        }
        None => (closing::messages(&app, digest, from, PAGE_BYTES).await?, format!("{base}?round={from}")),
    };
    let mut page = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": id,
        "type": "OrderedCollectionPage",
        "partOf": base,
        "items": items,
    });
    if let Some(next) = next {
        page["next"] = format!("{base}?round={next}").into();
        page["nextRound"] = next.into();
    }
    Ok(kept_apart(trusted, activity_json(&page)))
}

async fn may_read_closing(app: &App, parts: &Parts, opening: Digest) -> Result<bool> {
    let Some(node) = signer(app, parts).await else { return Ok(false) };
    let mut conn = app.db.read().await?;
    let Some(standing) = standing::find(&mut conn).await? else { return Ok(false) };
    visible::closing_read_by_node(&mut conn, &standing, &node, opening).await
}
