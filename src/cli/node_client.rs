//! A small client of a node's own JSON API, for the commands that speak to a running node.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde_json::Value;

/// One node's API, with the token of one person or without.
#[derive(Clone)]
pub struct NodeClient {
    base: String,
    token: Option<String>,
    http: reqwest::Client,
}

impl NodeClient {
    /// `base` is the node's address, such as `https://folkmoot.coop.example`.
    pub fn new(base: &str, token: Option<String>) -> anyhow::Result<Self> {
        crate::transport::client::install_tls_provider();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { base: base.trim_end_matches('/').to_owned(), token, http })
    }

    /// The same node, seen by somebody else.
    pub fn with_token(&self, token: String) -> Self {
        Self { token: Some(token), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let bytes = self.download(path).await?;
        serde_json::from_slice(&bytes).with_context(|| format!("{}{path} did not answer JSON", self.base))
    }

    pub async fn download(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.send(self.http.get(format!("{}{path}", self.base)), path).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.post_bytes(path, serde_json::to_vec(body)?).await
    }

    /// Sends `body` as it is: a signed statement must not be rewritten.
    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> anyhow::Result<Value> {
        let request = self.http.post(format!("{}{path}", self.base)).header("content-type", "application/json");
        let bytes = self.send(request.body(body), path).await?;
        if bytes.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).with_context(|| format!("{}{path} did not answer JSON", self.base))
    }

    async fn send(&self, request: reqwest::RequestBuilder, path: &str) -> anyhow::Result<Vec<u8>> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer =
            request.send().await.map_err(|error| anyhow!("{} cannot be reached: {}", self.base, root(&error)))?;
        let status = answer.status();
        let bytes = answer.bytes().await?.to_vec();
        if status.is_success() {
            return Ok(bytes);
        }
        let problem: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        // The node's own sentence comes first: it says to a person what to do.
        let detail = problem["detail"].as_str().or(problem["title"].as_str()).unwrap_or("No reason was given.");
        bail!("{detail} ({} from {}{path})", status.as_u16(), self.base)
    }
}

/// The innermost cause, such as "Connection refused": the layers above it only repeat the address.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
