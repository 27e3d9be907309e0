//! HTTP signatures: a strict check of inbound requests over their raw parts, and the signing of our own.
//! Checking takes two steps: [`claim`] finds out who claims to have signed, without asking anybody; then
//! [`Claimed::verify`] checks with a key. [`Keyring`] joins them and bounds what a stranger can make us fetch.

mod cavage;
mod key;
mod keyring;
mod lookup;
mod message;
mod sign;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use folkmoot_governance::id::{Digest, NodeId, Time};
use url::Url;

pub use key::HttpKey;
pub use keyring::{Keyring, Signer};
pub use lookup::fetch_key;
pub use sign::HttpSigner;
pub(crate) use sign::main_key_id;

/// How far the time of a signature may lie from ours, to both sides.
const WINDOW_SECONDS: i64 = 3600;
/// Longest header value of a signature.
const HEADER_LIMIT: usize = 8192;
/// Longest key id.
const KEY_ID_LIMIT: usize = 2048;

/// Why a request is not signed as it must be. Every one of them is answered with 401: some servers try their
/// other signature scheme after that status only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the request is not signed")]
    Missing,
    #[error("the request carries more than one signature or repeats a signed header")]
    Ambiguous,
    #[error("the signature cannot be read: {0}")]
    Malformed(&'static str),
    #[error("the signature algorithm {0:?} is not accepted; use rsa-sha256")]
    Algorithm(String),
    #[error("the signature must cover {0}")]
    NotCovered(&'static str),
    #[error("the signature covers {0:?}, which the request does not have")]
    Absent(String),
    #[error("the request was signed for another host than {expected}")]
    WrongHost { expected: String },
    #[error("the signature must cover the date header or its time of creation")]
    Timeless,
    #[error("the signature is more than an hour old")]
    Old,
    #[error("the signature comes from more than an hour ahead; check the clocks")]
    Future,
    #[error("the signature has expired")]
    Expired,
    #[error("(created) and (expires) do not go with the algorithm rsa-sha256; use hs2019")]
    TimeParameter,
    #[error("the digest header must hold the SHA-256 of the body")]
    DigestUnknown,
    #[error("the digest does not match the body")]
    DigestMismatch,
    #[error("the key id is not the address of a key")]
    KeyId,
    #[error("the key {0} is not available: {1}")]
    KeyUnavailable(String, String),
    #[error("the key {0} no longer exists")]
    KeyGone(String),
    #[error("the key cannot be used: {0}")]
    Key(&'static str),
    #[error("too many unknown servers at the moment; try again in a minute")]
    TooManyStrangers,
    #[error("the signature does not match the request")]
    Mismatch,
    #[error("the request is signed by {signer}, not by {actor}")]
    OtherActor { signer: String, actor: String },
}

/// The raw parts of an inbound request that signatures cover. `uri` must be the one that arrived, before any
/// router cut a prefix off. The body is covered by its digest, so that nobody's body is read before the signature is.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a Method,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
}

impl<'a> Request<'a> {
    pub fn new(parts: &'a Parts) -> Self {
        Self { method: &parts.method, uri: &parts.uri, headers: &parts.headers }
    }

    /// Whether the digest of a body must be covered, too.
    fn brings_body(&self) -> bool {
        !matches!(*self.method, Method::GET | Method::HEAD)
    }

    fn target(&self) -> &str {
        self.uri.path_and_query().map_or("/", |target| target.as_str())
    }

    /// The value of a header that may occur once only.
    fn single(&self, name: &str) -> Result<Option<&'a str>, SignatureError> {
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(SignatureError::Ambiguous);
        }
        let text = value.to_str().map_err(|_| SignatureError::Malformed("a signed header is not plain text"))?;
        Ok(Some(text.trim()))
    }

    /// All values of a header, as both specifications join them.
    fn joined(&self, name: &str) -> Result<Option<String>, SignatureError> {
        let values: Result<Vec<&str>, _> = self.headers.get_all(name).iter().map(|value| value.to_str()).collect();
        let values = values.map_err(|_| SignatureError::Malformed("a signed header is not plain text"))?;
        let trimmed: Vec<&str> = values.into_iter().map(str::trim).collect();
        Ok((!trimmed.is_empty()).then(|| trimmed.join(", ")))
    }

    /// The host that the request was sent to. HTTP/2 carries it in the address instead of a header.
    fn host(&self) -> Result<Option<&'a str>, SignatureError> {
        let authority = self.uri.authority().map(|authority| authority.as_str());
        Ok(self.single(header::HOST.as_str())?.or(authority))
    }
}

/// Which specification a signature follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// draft-cavage-http-signatures-12
    Cavage,
    /// RFC 9421
    MessageSignatures,
}

/// A request that would be well signed if the key named by `key_id` made its signature.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The key as the signature names it, with or without a fragment.
    pub key_id: String,
    /// Where the key's document is: the key id without its fragment. Usually the actor itself.
    pub key_address: Url,
    pub scheme: Scheme,
    /// SHA-256 that the body must have; none where there must be no body.
    content: Option<Digest>,
    signed: Arc<[u8]>,
    signature: Arc<[u8]>,
}

/// Checks everything about a request's signature that needs no key: its form, what it covers, for whom and when
/// it was made. The body comes last, see [`Claimed::check_body`]. `node` is ourselves.
pub fn claim(request: &Request<'_>, node: &NodeId, now: Time) -> Result<Claimed, SignatureError> {
    let bearer = |value: &&str| value.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("signature "));
    let authorization = request.single(header::AUTHORIZATION.as_str())?.filter(bearer).map(|value| &value[10..]);
    let signature = request.single("signature")?;
    let is_message = request.headers.contains_key("signature-input");
    let header = match (signature, authorization) {
        (Some(_), Some(_)) => return Err(SignatureError::Ambiguous),
        (None, Some(_)) if is_message => return Err(SignatureError::Ambiguous),
        (Some(header), None) | (None, Some(header)) => header,
        (None, None) => return Err(SignatureError::Missing),
    };
    if header.len() > HEADER_LIMIT || request.single("signature-input")?.is_some_and(|input| input.len() > HEADER_LIMIT)
    {
        return Err(SignatureError::Malformed("it is too long"));
    }
    if is_message {
        return message::claim(request, node, now);
    }
    cavage::claim(request, header, node, now)
}

impl Claimed {
    /// `key_id` and `signature` (base64) as the request gives them, `signed` as rebuilt from the request.
    fn new(
        key_id: &str,
        scheme: Scheme,
        content: Option<Digest>,
        signed: String,
        signature: &str,
    ) -> Result<Self, SignatureError> {
        let mut key_address = Url::parse(key_id).map_err(|_| SignatureError::KeyId)?;
        let has_host = key_address.has_host() && matches!(key_address.scheme(), "https" | "http");
        if key_id.len() > KEY_ID_LIMIT || !has_host {
            return Err(SignatureError::KeyId);
        }
        key_address.set_fragment(None);
        let signature = STANDARD.decode(signature).map_err(|_| SignatureError::Malformed("it is not base64"))?;
        Ok(Self {
            key_id: key_id.to_owned(),
            key_address,
            scheme,
            content,
            signed: signed.into_bytes().into(),
            signature: signature.into(),
        })
    }

    /// Whether `body` is the one whose digest was signed.
    pub fn check_body(&self, body: &[u8]) -> Result<(), SignatureError> {
        match self.content {
            Some(content) if content == Digest::of(body) => Ok(()),
            Some(_) => Err(SignatureError::DigestMismatch),
            None if body.is_empty() => Ok(()),
            None => Err(SignatureError::NotCovered("the digest of the body")),
        }
    }

    /// Names this very request: a replay has the same fingerprint.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&[&self.signed[..], &self.signature[..]].concat())
    }

    /// Whether `key` made the signature. The arithmetic runs on a thread of its own.
    pub async fn verify(&self, key: &HttpKey) -> Result<(), SignatureError> {
        if key.id != self.key_id {
            return Err(SignatureError::Key("it is another key than the signature names"));
        }
        let (key, signed, signature) = (key.clone(), self.signed.clone(), self.signature.clone());
        let verified = tokio::task::spawn_blocking(move || key.verifies(&signed, &signature)).await;
        if verified.unwrap_or(false) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

/// Refuses a time outside the window around `now`.
fn check_time(time: i64, now: Time) -> Result<(), SignatureError> {
    if time < now.0.saturating_sub(WINDOW_SECONDS) {
        return Err(SignatureError::Old);
    }
    if time > now.0.saturating_add(WINDOW_SECONDS) {
        return Err(SignatureError::Future);
    }
    Ok(())
}

/// Refuses a date header outside the window around `now`.
fn check_date(request: &Request<'_>, now: Time) -> Result<(), SignatureError> {
    let date = request.single("date")?.ok_or(SignatureError::Absent("date".to_owned()))?;
    let date = DateTime::parse_from_rfc2822(date);
    check_time(date.map_err(|_| SignatureError::Malformed("its date is not a date of HTTP"))?.timestamp(), now)
}

/// Refuses a host that is not ours.
fn check_host(host: Option<&str>, node: &NodeId) -> Result<(), SignatureError> {
    match host {
        Some(host) if host.eq_ignore_ascii_case(node.authority()) => Ok(()),
        Some(_) => Err(SignatureError::WrongHost { expected: node.authority().to_owned() }),
        None => Err(SignatureError::Absent("host".to_owned())),
    }
}
