//! The node's actor document, by which peers and the fediverse know it, and the strict reading of a peer's.

use activitypub_federation::kinds::actor::OrganizationType;
use activitypub_federation::protocol::context::WithContext;
use activitypub_federation::protocol::public_key::PublicKey as PublishedKey;
use folkmoot_governance::id::NodeId;
use folkmoot_governance::key::PublicKey;
use rsa::RsaPublicKey;
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::client::{Client, FetchError};
use super::signatures::{HttpKey, SignatureError, main_key_id};

/// Longest name of a co-op, in characters.
const NAME_LIMIT: usize = 200;
/// Most statement keys that are looked at in a peer's document.
const METHODS_LIMIT: usize = 10;

/// What a node says about itself.
#[derive(Debug, Clone)]
pub struct NodeProfile<'a> {
    pub node: &'a NodeId,
    /// Account name, `[a-z0-9_]{1,30}`.
    pub handle: &'a str,
    /// Name of the co-op.
    pub name: &'a str,
    /// One or two plain sentences.
    pub summary: &'a str,
    pub statement_key: PublicKey,
    pub http_key: &'a RsaPublicKey,
}

/// An actor of type `Organization`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    #[serde(rename = "type")]
    kind: OrganizationType,
    id: NodeId,
    preferred_username: String,
    name: String,
    summary: String,
    url: String,
    inbox: String,
    outbox: String,
    followers: String,
    endpoints: Endpoints,
    manually_approves_followers: bool,
    public_key: PublishedKey,
    assertion_method: Vec<Multikey>,
    generator: Value,
    folkmoot: Value,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    shared_inbox: String,
}

/// FEP-521a.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Multikey {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    controller: String,
    public_key_multibase: String,
}

/// The actor document of this node.
pub fn document(profile: &NodeProfile<'_>) -> WithContext<Organization> {
    let (node, base) = (profile.node, profile.node.base());
    let pem = profile.http_key.to_public_key_pem(LineEnding::LF).expect("an RSA key in memory can be written as PEM");
    let organization = Organization {
        kind: OrganizationType::Organization,
        id: node.clone(),
        preferred_username: profile.handle.to_owned(),
        name: profile.name.to_owned(),
        summary: profile.summary.to_owned(),
        url: format!("{base}/"),
        inbox: format!("{base}/inbox"),
        outbox: format!("{base}/outbox"),
        followers: format!("{base}/followers"),
        endpoints: Endpoints { shared_inbox: format!("{base}/inbox") },
        manually_approves_followers: false,
        public_key: PublishedKey {
            id: main_key_id(node),
            owner: Url::parse(node.as_str()).expect("a node's id is an address"),
            public_key_pem: pem,
        },
        assertion_method: vec![Multikey {
            id: format!("{node}#{}", profile.statement_key),
            kind: "Multikey".to_owned(),
            controller: node.to_string(),
            public_key_multibase: profile.statement_key.to_string(),
        }],
        // FEP-844e: senders may use RFC 9421 at once, without trying it out.
        generator: json!({
            "type": "Application", "name": "Folkmoot",
            "implements": [{
                "name": "RFC-9421: HTTP Message Signatures", "href": "https://datatracker.ietf.org/doc/html/rfc9421",
            }],
        }),
        folkmoot: json!({ "journals": format!("{base}/journals") }),
    };
    WithContext::new(organization, context())
}

fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        "https://w3id.org/security/multikey/v1",
        "https://w3id.org/fep/844e",
        {
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "folkmoot": { "@id": "https://w3id.org/folkmoot#node", "@type": "@json" }
        }
    ])
}

/// Why an address does not lead to a node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActorError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{0} is not the address of a Folkmoot node")]
    Address(String),
    #[error("the actor document cannot be read: {0}")]
    Malformed(String),
    #[error("the actor document is not valid: {0}")]
    Refused(&'static str),
    #[error("the actor's key cannot be used: {0}")]
    Key(#[from] SignatureError),
}

/// Another node, as its own actor document describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerActor {
    pub node: NodeId,
    pub handle: String,
    pub name: String,
    /// Signs the node's statements.
    pub statement_key: PublicKey,
    /// Signs the node's HTTP requests.
    pub http_key: HttpKey,
    pub inbox: Url,
    /// The inbox for all of the node's actors; the same as `inbox` where it names none.
    pub shared_inbox: Url,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    #[serde(rename = "type")]
    kind: String,
    id: NodeId,
    preferred_username: String,
    name: String,
    inbox: Url,
    endpoints: Option<Endpoints>,
    public_key: ReceivedKey,
    assertion_method: Vec<Multikey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReceivedKey {
    id: String,
    owner: String,
    public_key_pem: String,
}

impl PeerActor {
    /// Fetches and reads the actor of `node`.
    pub async fn fetch(client: &Client, node: &NodeId) -> Result<Self, ActorError> {
        let url = Url::parse(node.as_str()).map_err(|_| ActorError::Address(node.to_string()))?;
        let fetched = client.get_json(&url).await?;
        Self::read(&fetched.url, &fetched.body)
    }

    /// Reads a document that came from `url`. A node speaks for itself only: every part must lie on its host and
    /// name it as the owner.
    pub fn read(url: &Url, document: &[u8]) -> Result<Self, ActorError> {
        // serde refuses members of ours that occur twice.
        let received: Received =
            serde_json::from_slice(document).map_err(|error| ActorError::Malformed(error.to_string()))?;
        let id = received.id.clone();
        let refuse = |reason| Err(ActorError::Refused(reason));
        if id.as_str() != url.as_str() {
            return refuse("its id is not the address that it came from");
        }
        if received.kind != "Organization" {
            return refuse("its type is not Organization");
        }
        if !is_handle(&received.preferred_username) {
            return refuse("its account name must be 1 to 30 of a-z, 0-9 and _");
        }
        if !is_name(&received.name) {
            return refuse("its name must have 1 to 200 characters and no hidden ones");
        }
        let shared_inbox = match &received.endpoints {
            Some(endpoints) => Url::parse(&endpoints.shared_inbox)
                .map_err(|_| ActorError::Refused("its shared inbox is not an address"))?,
            None => received.inbox.clone(),
        };
        if [&received.inbox, &shared_inbox].iter().any(|inbox| inbox.origin() != url.origin()) {
            return refuse("its inbox is on another host");
        }
        Ok(Self {
            statement_key: statement_key(&id, &received.assertion_method)?,
            http_key: http_key(&id, &received.public_key)?,
            node: id,
            handle: received.preferred_username,
            name: received.name.trim().to_owned(),
            inbox: received.inbox,
            shared_inbox,
        })
    }
}

/// The one Ed25519 key of a node. Keys of other kinds may stand beside it; a second one would leave open which
/// one a party of a consortium is known by.
fn statement_key(node: &NodeId, methods: &[Multikey]) -> Result<PublicKey, ActorError> {
    if methods.len() > METHODS_LIMIT || methods.iter().any(|method| method.controller != node.as_str()) {
        return Err(ActorError::Refused("its assertion methods are too many or controlled by somebody else"));
    }
    let keys = methods.iter().filter(|method| method.kind == "Multikey").filter_map(|method| {
        let key: PublicKey = method.public_key_multibase.parse().ok()?;
        (method.id == format!("{node}#{key}")).then_some(key)
    });
    match keys.collect::<Vec<_>>()[..] {
        [key] => Ok(key),
        _ => Err(ActorError::Refused("it must list exactly one Ed25519 key, with the key as its fragment")),
    }
}

fn http_key(node: &NodeId, key: &ReceivedKey) -> Result<HttpKey, ActorError> {
    let fragment = key.id.strip_prefix(node.as_str()).and_then(|rest| rest.strip_prefix('#'));
    if key.owner != node.as_str() || fragment.is_none_or(str::is_empty) {
        return Err(ActorError::Refused("its RSA key belongs to another actor"));
    }
    Ok(HttpKey::parse(&key.id, &key.owner, &key.public_key_pem)?)
}

fn is_handle(text: &str) -> bool {
    (1..=30).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// One line that shows in the order it is written: control characters and overrides of direction are refused.
fn is_name(text: &str) -> bool {
    let is_hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !text.trim().is_empty() && text.chars().count() <= NAME_LIMIT && !text.chars().any(is_hidden)
}

#[cfg(test)]
#[path = "actor_tests.rs"]
mod tests;
