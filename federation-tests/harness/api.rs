//! A client of one node's JSON API that keeps statuses: what is refused matters as much as what is answered.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::Value;

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// One node, seen by one person or by nobody in particular.
#[derive(Clone)]
pub struct Api {
    base: String,
    token: Option<String>,
    http: reqwest::Client,
}

impl Api {
    /// `base` such as `http://127.0.0.1:8080`.
    pub fn new(base: String) -> anyhow::Result<Self> {
        folkmoot::transport::client::install_tls_provider();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).no_proxy().build()?;
        Ok(Self { base, token: None, http })
    }

    /// The same person at another address.
    pub fn at(&self, base: String) -> Self {
        Self { base, ..self.clone() }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same node as somebody who signs in.
    pub async fn sign_in(&self, login: &str, password: &str) -> anyhow::Result<Self> {
        let body = serde_json::json!({"login": login, "password": password});
        let answer = self.post("/api/v1/sign-in", &body).await.with_context(|| format!("signing in as {login}"))?;
        Ok(self.with_token(answer["token"].as_str().context("signing in gives a token")?))
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.send(Method::GET, path, &[], Vec::new()).await?;
        accepted(path, answer)
    }

    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let headers = [("content-type", "application/json")];
        let answer = self.send(Method::POST, path, &headers, serde_json::to_vec(body)?).await?;
        accepted(path, answer)
    }

    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let headers = [("content-type", "application/json")];
        let answer = self.send(Method::PUT, path, &headers, serde_json::to_vec(body)?).await?;
        accepted(path, answer)
    }

    /// Any request; every status is an answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> anyhow::Result<Answer> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.with_context(|| format!("{}{path}", self.base))?;
        let content_type = answer.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let (status, content_type) = (answer.status().as_u16(), content_type.to_owned());
        Ok(Answer { status, content_type, body: answer.bytes().await?.to_vec() })
    }
}

fn accepted(path: &str, answer: Answer) -> anyhow::Result<Value> {
    if !(200..300).contains(&answer.status) {
        bail!("{path} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    if answer.body.is_empty() { Ok(Value::Null) } else { answer.json() }
}
