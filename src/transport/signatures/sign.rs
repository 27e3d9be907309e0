//! Signing of the node's own requests: draft-cavage-12 in its date form, which every fediverse server accepts.

use std::collections::BTreeMap;
use std::sync::Arc;

use activitypub_federation::FEDERATION_CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use folkmoot_governance::id::{Digest, NodeId, Time};
use http_signature_normalization::Config;
use rsa::RsaPrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::signature::{SignatureEncoding as _, Signer as _};
use sha2::Sha256;
use url::{Position, Url};

/// Signs requests with the node's RSA key. Cheap to clone.
#[derive(Clone)]
pub struct HttpSigner {
    key_id: String,
    key: Arc<SigningKey<Sha256>>,
}

/// Why a request could not be signed: a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("the request to {0} could not be signed")]
pub struct SignFault(Url);

impl HttpSigner {
    /// For the key that the node's actor publishes as `ACTOR#main-key`.
    pub fn new(node: &NodeId, key: &RsaPrivateKey) -> Self {
        Self { key_id: main_key_id(node), key: Arc::new(SigningKey::new(key.clone())) }
    }

    /// The headers to send: host, date, signature, and for a body its type and digest. Signing costs about a
    /// millisecond and runs on a thread of its own.
    pub async fn sign(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        now: Time,
    ) -> Result<HeaderMap, SignFault> {
        let mut headers = BTreeMap::from([
            (header::HOST.to_string(), url[Position::BeforeHost..Position::AfterPort].to_owned()),
            (header::DATE.to_string(), http_date(now)),
        ]);
        if let Some(body) = body {
            headers.insert(header::CONTENT_TYPE.to_string(), FEDERATION_CONTENT_TYPE.to_owned());
            headers.insert("digest".to_owned(), format!("SHA-256={}", STANDARD.encode(Digest::of(body).0)));
        }
        let target = url[Position::BeforePath..Position::AfterQuery].to_owned();
        let (signer, method, covered) = (self.clone(), method.clone(), headers.clone());
        let signed = tokio::task::spawn_blocking(move || signer.signature(&method, &target, covered)).await;
        let signature = signed.ok().flatten().ok_or_else(|| SignFault(url.clone()))?;
        headers.insert("signature".to_owned(), signature);
        let pairs = headers.iter().map(|(name, value)| Some((name.parse().ok()?, HeaderValue::from_str(value).ok()?)));
        pairs
            .collect::<Option<Vec<(HeaderName, HeaderValue)>>>()
            .map(HeaderMap::from_iter)
            .ok_or_else(|| SignFault(url.clone()))
    }

    fn signature(&self, method: &Method, target: &str, headers: BTreeMap<String, String>) -> Option<String> {
        let unsigned = Config::new().dont_use_created_field().begin_sign(method.as_str(), target, headers).ok()?;
        let sign =
            |text: &str| self.key.try_sign(text.as_bytes()).map(|signature| STANDARD.encode(signature.to_bytes()));
        unsigned.sign(self.key_id.clone(), sign).ok().map(|signed| signed.signature_header())
    }
}

/// The name of a node's RSA key.
pub(crate) fn main_key_id(node: &NodeId) -> String {
    format!("{node}#main-key")
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
fn http_date(time: Time) -> String {
    let time = DateTime::from_timestamp(time.plus(0).0, 0).unwrap_or_default();
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
