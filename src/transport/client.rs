//! The node's HTTP client: signed requests to peers, within fixed limits of time and size, to allowed addresses.
//! It follows no redirect on a signed request and never asks the node itself.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use activitypub_federation::FEDERATION_CONTENT_TYPE;
use activitypub_federation::config::{FederationConfig, FederationConfigBuilderError};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use folkmoot_governance::codec::MAX_EVIDENCE_BYTES;
use folkmoot_governance::id::{NodeId, Time};
use reqwest::Response;
use reqwest::redirect::Policy;
use rsa::RsaPrivateKey;
use url::Url;

use super::addresses::{AddressError, Addresses, CheckedResolver, Route};
use super::signatures::HttpSigner;

/// Longest body that nodes read from each other: the longest statement, and what it travels in.
pub const BODY_LIMIT: usize = MAX_EVIDENCE_BYTES + (1 << 20);
/// Longest time for a whole request, its body included: a peer that drips is cut off.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Redirects of one unsigned request.
const REDIRECTS: usize = 3;
const IDLE_PER_HOST: usize = 2;
/// How long a connection is kept for the next request: less than servers wait for one, ours for 30 seconds.
const IDLE: Duration = Duration::from_secs(20);
const USER_AGENT: &str = concat!("Folkmoot/", env!("CARGO_PKG_VERSION"));
const ACCEPT_ACTIVITY: &str =
    "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
const ACTIVITY_PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// Why a request brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("a node does not ask itself")]
    Ourselves,
    #[error("the request could not be signed")]
    Signing,
    #[error("no answer within {} seconds", TIMEOUT.as_secs())]
    Timeout,
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("its answer is longer than {BODY_LIMIT} bytes")]
    TooLong,
    #[error("its answer has the content type {0:?}")]
    ContentType(String),
    #[error("its answer is not UTF-8 text")]
    Text,
    #[error("it redirects more than {REDIRECTS} times, or to nowhere")]
    Redirect,
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct ClientFault(#[from] reqwest::Error);

/// What a peer's address holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where the answer came from, after redirects. A document whose `id` differs is not to be believed.
    pub url: Url,
    pub body: Vec<u8>,
}

/// How a peer answered a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// Seconds that the peer asks us to wait before the next attempt.
    pub retry_after: Option<u64>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// What an answer must be, by its content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// `application/activity+json`, or `application/ld+json` with the profile of ActivityStreams.
    Activity,
    /// `application/jrd+json`, as WebFinger answers.
    Jrd,
    /// `application/json`, as NodeInfo answers.
    Json,
    /// `text/plain`
    Text,
}

impl Expected {
    fn accept(self) -> &'static str {
        match self {
            Self::Activity => ACCEPT_ACTIVITY,
            Self::Jrd => "application/jrd+json, application/json",
            Self::Json => "application/json",
            Self::Text => "text/plain",
        }
    }

    pub(super) fn admits(self, content_type: &str) -> bool {
        let mut parts = content_type.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        let has_profile = || {
            let profiles = parts.filter_map(|part| part.split_once('='));
            let mut profiles = profiles.filter(|(name, _)| name.eq_ignore_ascii_case("profile"));
            profiles.any(|(_, value)| value.trim_matches('"').split(' ').any(|profile| profile == ACTIVITY_PROFILE))
        };
        match self {
            Self::Activity => essence == FEDERATION_CONTENT_TYPE || (essence == "application/ld+json" && has_profile()),
            Self::Jrd => matches!(essence.as_str(), "application/jrd+json" | "application/json"),
            Self::Json => essence == "application/json",
            Self::Text => essence == "text/plain",
        }
    }
}

/// Installs ring as the process's TLS implementation; later calls change nothing.
pub fn install_tls_provider() {
    // An error says that one is installed already, which is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Speaks for one node. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    node: NodeId,
    signer: HttpSigner,
    addresses: Addresses,
    open: reqwest::Client,
    allowed: reqwest::Client,
}

impl Client {
    /// `key` is published by the node's actor as `ACTOR#main-key`.
    pub fn new(node: &NodeId, key: &RsaPrivateKey, addresses: Addresses) -> Result<Self, ClientFault> {
        Self::with_timeout(node, key, addresses, TIMEOUT)
    }

    fn with_timeout(
        node: &NodeId,
        key: &RsaPrivateKey,
        addresses: Addresses,
        timeout: Duration,
    ) -> Result<Self, ClientFault> {
        install_tls_provider();
        Ok(Self {
            node: node.clone(),
            signer: HttpSigner::new(node, key),
            open: http_client(&addresses, Route::Open, timeout)?,
            allowed: http_client(&addresses, Route::Allowed, timeout)?,
            addresses,
        })
    }

    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// An ActivityPub document, asked for in the node's name.
    pub async fn get_json(&self, url: &Url) -> Result<Fetched, FetchError> {
        self.get_signed(url, Expected::Activity).await
    }

    /// A text such as a signed note, asked for in the node's name.
    pub async fn get_text(&self, url: &Url) -> Result<String, FetchError> {
        let fetched = self.get_signed(url, Expected::Text).await?;
        String::from_utf8(fetched.body).map_err(|_| FetchError::Text)
    }

    /// One signed request; a redirect is an error, since the signature holds for this address alone.
    pub async fn get_signed(&self, url: &Url, expected: Expected) -> Result<Fetched, FetchError> {
        let mut headers = self.signed_headers(&Method::GET, url, None).await?;
        headers.insert(header::ACCEPT, HeaderValue::from_static(expected.accept()));
        let response = self.send(Method::GET, url, headers, None).await?;
        read_expected(response, expected).await
    }

    /// A request in nobody's name, for what is public: WebFinger, NodeInfo.
    pub async fn get_unsigned(&self, url: &Url, expected: Expected) -> Result<Fetched, FetchError> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(expected.accept()))]);
            let response = self.send(Method::GET, &url, headers, None).await?;
            if !response.status().is_redirection() {
                return read_expected(response, expected).await;
            }
            let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
            url = location.and_then(|location| url.join(location).ok()).ok_or(FetchError::Redirect)?;
        }
        Err(FetchError::Redirect)
    }

    /// Delivers an activity, byte for byte. Any status is an answer; errors are failures to get one.
    pub async fn post(&self, inbox: &Url, activity: Vec<u8>) -> Result<Answer, FetchError> {
        let mut headers = self.signed_headers(&Method::POST, inbox, Some(&activity)).await?;
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        let response = self.send(Method::POST, inbox, headers, Some(activity)).await?;
        let retry_after =
            response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let status = response.status().as_u16();
        Ok(Answer { status, body: read_body(response).await?, retry_after })
    }

    /// The ActivityPub library's configuration, held to the node's own addresses, client and signature form. Its
    /// `debug` lifts the library's checks of addresses, where ours stay; it is on with allowed networks only.
    pub async fn library_config<T: Clone>(&self, data: T) -> Result<FederationConfig<T>, FederationConfigBuilderError> {
        let is_local = self.addresses.allows_networks();
        let client = if is_local { &self.allowed } else { &self.open };
        FederationConfig::builder()
            .domain(self.node.authority())
            .app_data(data)
            .client(client.clone().into())
            .url_verifier(Box::new(self.addresses.clone()))
            .http_signature_compat(true)
            .debug(is_local)
            .build()
            .await
    }

    async fn signed_headers(&self, method: &Method, url: &Url, body: Option<&[u8]>) -> Result<HeaderMap, FetchError> {
        // Nothing is signed for an address that we would not speak to.
        self.check(url)?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = Time(i64::try_from(since).unwrap_or(i64::MAX));
        self.signer.sign(method, url, body, now).await.map_err(|_| FetchError::Signing)
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Option<Vec<u8>>,
    ) -> Result<Response, FetchError> {
        let client = match self.check(url)? {
            Route::Open => &self.open,
            Route::Allowed => &self.allowed,
        };
        let mut request = client.request(method, url.clone()).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().await.map_err(|error| failure(url, &error))
    }

    fn check(&self, url: &Url) -> Result<Route, FetchError> {
        let route = self.addresses.check(url)?;
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        if authority == self.node.authority() { Err(FetchError::Ourselves) } else { Ok(route) }
    }
}

/// A client whose names lead to admitted addresses only. A proxy from the environment would resolve names itself.
fn http_client(addresses: &Addresses, route: Route, timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .https_only(route == Route::Open)
        .dns_resolver(CheckedResolver::new(addresses.clone(), route))
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .timeout(timeout)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE)
        .build()
}

async fn read_expected(response: Response, expected: Expected) -> Result<Fetched, FetchError> {
    if !response.status().is_success() {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default();
    if !expected.admits(content_type) {
        return Err(FetchError::ContentType(content_type.chars().take(100).collect()));
    }
    let url = response.url().clone();
    Ok(Fetched { url, body: read_body(response).await? })
}

/// Reads piece by piece and stops at the limit, whatever length was announced.
async fn read_body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let url = response.url().clone();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failure(&url, &error))? {
        if body.len() + piece.len() > BODY_LIMIT {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Says what went wrong at the bottom, such as "Connection refused".
fn failure(url: &Url, error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    FetchError::Unreachable(url.host_str().unwrap_or_default().to_owned(), cause.to_string())
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
