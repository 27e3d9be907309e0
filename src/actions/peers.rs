//! Other nodes: their actor documents, fetched when they are needed and kept in the database.

use folkmoot_governance::id::{NodeId, Time};
use folkmoot_governance::json;
use serde_json::Value;
use url::Url;

use super::error::{ActionError, Result};
use crate::app::App;
use crate::storage::peers::{self, PeerRow};
use crate::transport::actor::PeerActor;
use crate::transport::client::BODY_LIMIT;
use crate::transport::signatures::HttpKey;
use crate::words::Message;

/// Fetches a node's actor document and keeps it.
pub async fn fetch(app: &App, node: &NodeId) -> Result<PeerActor> {
    let peer = PeerActor::fetch(&app.client, node).await.map_err(|error| unasked(node, error))?;
    keep(app, &peer, app.now()).await?;
    Ok(peer)
}

async fn keep(app: &App, peer: &PeerActor, now: Time) -> Result<()> {
    let row = PeerRow {
        node: peer.node.clone(),
        name: peer.name.clone(),
        key: peer.statement_key,
        rsa: peer.http_key.pem.clone(),
        inbox: peer.shared_inbox.to_string(),
        seen_at: None,
        failures: 0,
        last_error: None,
        fetched_at: now,
    };
    app.db.write(async move |conn| peers::put(conn, &row).await).await.map_err(Into::into)
}

/// What a node answers at `path` under its address, asked for in this node's name.
pub async fn ask(app: &App, node: &NodeId, path: &str) -> Result<Value> {
    let url = Url::parse(&format!("{}/{path}", node.base())).map_err(ActionError::corrupt("address"))?;
    let fetched = app.client.get_json(&url).await.map_err(|error| unasked(node, error))?;
    json::parse(&fetched.body, BODY_LIMIT).map_err(|error| unasked(node, error))
}

fn unasked(node: &NodeId, error: impl std::fmt::Display) -> ActionError {
    ActionError::Peer(Message::new("failed-peer").naming("node", node).naming("detail", error))
}

/// The inbox of a node; its actor is fetched if it is not known.
pub async fn inbox(app: &App, node: &NodeId) -> Result<String> {
    let known = {
        let mut conn = app.db.read().await?;
        peers::find(&mut conn, node).await?
    };
    match known {
        Some(row) => Ok(row.inbox),
        None => Ok(fetch(app, node).await?.shared_inbox.to_string()),
    }
}

/// The key with which a node signs its requests, as far as it is known here.
pub async fn known_key(app: &App, key_id: &str) -> Result<Option<HttpKey>> {
    let owner = key_id.split('#').next().unwrap_or(key_id);
    let Ok(node) = owner.parse::<NodeId>() else { return Ok(None) };
    let row = {
        let mut conn = app.db.read().await?;
        peers::find(&mut conn, &node).await?
    };
    match row {
        Some(row) => Ok(app.keyring.parse(key_id, owner, &row.rsa).await.ok()),
        None => Ok(None),
    }
}
