//! A home node that promises and forgets: it answers ballots with a receipt signed with the node's key, and stores
//! nothing. Whatever else it is asked, the node itself answers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{Digest, JournalId};
use folkmoot_governance::statement::Body;
use reqwest::Method;
use serde_json::{Value, json};

use super::api::Api;
use super::liar::Liar;
use super::process::free_address;

/// Ends when it is dropped.
pub struct ForgetfulNode {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    liar: Liar,
    node: Api,
    promised: Mutex<Vec<(Value, Value)>>,
}

impl ForgetfulNode {
    /// Listens in front of the liar's node, which keeps running.
    pub async fn start(liar: Liar, node: Api) -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind(free_address()?).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { liar, node, promised: Mutex::default() });
        let router = Router::new().route("/api/v1/ballots", post(promise)).fallback(pass_on);
        let server = axum::serve(listener, router.with_state(shared.clone()));
        let task = tokio::spawn(async move { server.await.expect("it serves until it is dropped") });
        Ok(Self { address, shared, task })
    }

    /// Every receipt it gave, with the ballot that it is for.
    pub fn promised(&self) -> Vec<(Value, Value)> {
        self.shared.promised.lock().expect("no one panics while holding it").clone()
    }
}

impl Drop for ForgetfulNode {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What cannot be answered is this test's own fault, and fails the voter.
async fn promise(State(shared): State<Arc<Shared>>, ballot: Bytes) -> Response {
    match receipt(&shared, &ballot).await {
        Ok(receipt) => {
            let ballot = serde_json::from_slice(&ballot).expect("a ballot is JSON");
            let receipt = receipt.to_value();
            shared.promised.lock().expect("no one panics while holding it").push((receipt.clone(), ballot));
            (StatusCode::CREATED, axum::Json(json!({"counts": true, "receipt": receipt}))).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
    }
}

/// Promises the next place in the node's journal.
async fn receipt(shared: &Shared, ballot: &[u8]) -> anyhow::Result<SignedStatement> {
    let shown = shared.node.get("/api/v1/node").await?;
    let journal: JournalId = serde_json::from_value(shown["journal"]["id"].clone())?;
    let position = serde_json::from_value(shown["journal"]["size"].clone())?;
    shared.liar.state(Body::Receipt { ballot: Digest::of(ballot), journal, position })
}

async fn pass_on(State(shared): State<Arc<Shared>>, method: Method, uri: Uri) -> Response {
    match shared.node.send(method, &uri.to_string(), &[], Vec::new()).await {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status).expect("a status");
            (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
        }
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}
