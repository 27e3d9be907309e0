//! Requests as other servers send them, and as attackers would: the transport cases of the fediverse.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::Request as HttpRequest;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use rsa::signature::{SignatureEncoding as _, Signer as _};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::Sha256;

use super::lookup::{Found, confirmed, read_key};
use super::*;

mod cavage_cases;
mod keyring_cases;
mod lookup_cases;
mod message_cases;
mod vectors;

const NOW: Time = Time(1_795_456_800);
const ACTOR: &str = "https://peer.example/actor";
const KEY_ID: &str = "https://peer.example/actor#main-key";

/// Two keys that differ; making them takes a while.
static KEYS: LazyLock<[RsaPrivateKey; 2]> =
    LazyLock::new(|| [1, 2].map(|seed| RsaPrivateKey::new(&mut StdRng::seed_from_u64(seed), 2048).expect("a key")));

fn us() -> NodeId {
    "https://coop.example/actor".parse().expect("valid")
}

fn pem(key: &RsaPrivateKey) -> String {
    RsaPublicKey::from(key).to_public_key_pem(LineEnding::LF).expect("a PEM")
}

fn public(key: &RsaPrivateKey) -> HttpKey {
    HttpKey::parse(KEY_ID, ACTOR, &pem(key)).expect("a key")
}

fn sign(key: &RsaPrivateKey, text: &str) -> String {
    STANDARD.encode(SigningKey::<Sha256>::new(key.clone()).sign(text.as_bytes()).to_bytes())
}

fn http_date(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).expect("in range").format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn sha256(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(Digest::of(body).0))
}

/// A request that was received: what [`claim`] looks at.
#[derive(Clone)]
struct Received {
    parts: Parts,
    body: Vec<u8>,
}

impl Received {
    fn new(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Self {
        let mut request = HttpRequest::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        Self { parts, body: body.as_bytes().to_vec() }
    }

    fn claim(&self) -> Result<Claimed, SignatureError> {
        let claimed = claim(&Request::new(&self.parts), &us(), NOW)?;
        claimed.check_body(&self.body)?;
        Ok(claimed)
    }

    /// Whether the request stands when the first key is the signer's.
    async fn verify(&self) -> Result<(), SignatureError> {
        self.claim()?.verify(&public(&KEYS[0])).await
    }

    fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.parts.headers.append(name, value.parse().expect("a value"));
        self
    }

    fn at(mut self, target: &str) -> Self {
        self.parts.uri = target.parse().expect("a target");
        self
    }
}

/// A signature to be made, after the text of the draft and independently of the code under test.
#[derive(Clone)]
struct Cavage {
    method: &'static str,
    target: &'static str,
    body: &'static str,
    headers: Vec<(&'static str, String)>,
    covered: &'static str,
    key_id: &'static str,
    /// Parameters beside keyId, headers and signature.
    extra: String,
}

impl Cavage {
    fn post() -> Self {
        let body = r#"{"type":"Add"}"#;
        Self {
            method: "POST",
            target: "/inbox",
            body,
            headers: vec![
                ("host", "coop.example".into()),
                ("date", http_date(NOW.0)),
                ("digest", sha256(body.as_bytes())),
                ("content-type", "application/activity+json".into()),
            ],
            covered: "host date digest content-type (request-target)",
            key_id: KEY_ID,
            extra: r#"algorithm="rsa-sha256""#.into(),
        }
    }

    fn get() -> Self {
        Self {
            method: "GET",
            target: "/actor?page=1",
            body: "",
            headers: vec![("host", "coop.example".into()), ("date", http_date(NOW.0))],
            covered: "(request-target) host date",
            ..Self::post()
        }
    }

    fn covering(self, covered: &'static str) -> Self {
        Self { covered, ..self }
    }

    fn extra(self, extra: &str) -> Self {
        Self { extra: extra.into(), ..self }
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    fn parameter(&self, name: &str) -> String {
        let value = self.extra.split(',').filter_map(|part| part.split_once('=')).find(|(known, _)| *known == name);
        value.map(|(_, value)| value.trim_matches('"').to_owned()).unwrap_or_default()
    }

    fn signing_string(&self) -> String {
        let line = |name: &str| match name {
            "(request-target)" => format!("{name}: {} {}", self.method.to_lowercase(), self.target),
            "(created)" => format!("{name}: {}", self.parameter("created")),
            "(expires)" => format!("{name}: {}", self.parameter("expires")),
            _ => {
                let value = self.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
                format!("{name}: {}", value.unwrap_or_default())
            }
        };
        self.covered.split(' ').map(line).collect::<Vec<_>>().join("\n")
    }

    fn signature_header(&self) -> String {
        let signature = sign(&KEYS[0], &self.signing_string());
        format!(r#"keyId="{}",{},headers="{}",signature="{signature}""#, self.key_id, self.extra, self.covered)
    }

    fn send(&self) -> Received {
        let header = self.signature_header();
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("signature", &header));
        Received::new(self.method, self.target, &headers, self.body)
    }
}
