//! `/node`: how this node is doing.

use axum::Json;
use axum::extract::State;
use folkmoot_governance::statement::Visibility;
use serde_json::{Value, json};

use super::extract::Reader;
use super::routes::Routes;
use crate::actions::error::ActionError;
use crate::actions::view_node::{self, Peer};
use crate::app::App;

pub fn routes(routes: Routes) -> Routes {
    routes.get("/node", show)
}

async fn show(State(app): State<App>, reader: Reader) -> Result<Json<Value>, ActionError> {
    let mut conn = app.db.read().await?;
    let view = view_node::load(&mut conn, &app).await?;
    let mut answer = json!({
        "name": app.config.node.name,
        "address": app.node.base(),
        "node": app.node,
        "handle": app.config.node.handle,
        "version": env!("CARGO_PKG_VERSION"),
        "key": app.keys.statement.public(),
        "state": view.state.as_str(),
        "peers": view.peers.iter().map(|row| peer(row, reader.may_read(Visibility::Consortium))).collect::<Vec<_>>(),
        "now": app.now(),
    });
    if let Some(standing) = &view.standing {
        answer["consortium"] = json!(standing.id);
        answer["epoch"] = json!(standing.epoch().number);
    }
    if let Some(journal) = &view.journal {
        answer["journal"] = json!({
            "id": journal.id,
            "size": journal.size,
            "root": journal.root,
            "certifiedSize": journal.certified_size,
        });
    }
    Ok(Json(answer))
}

/// What a peer's network answered is for the consortium's people.
fn peer(peer: &Peer, trusted: bool) -> Value {
    let mut answer = json!({
        "name": peer.name,
        "node": peer.node,
        "mirroredSize": peer.mirrored_size,
        "deliveredSize": peer.delivered_size,
        "cosignedSize": peer.cosigned_size,
        "failures": peer.failures,
        "lastSeen": peer.last_seen,
        "waiting": peer.waiting,
    });
    if trusted {
        answer["lastError"] = json!(peer.last_error);
    }
    answer
}
