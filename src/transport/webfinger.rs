//! WebFinger (RFC 7033): from an account's name to its actor, for our own accounts and for peers'.

use activitypub_federation::FEDERATION_CONTENT_TYPE;
use activitypub_federation::fetch::webfinger::{Webfinger, WebfingerLink};
use folkmoot_governance::id::NodeId;
use url::Url;

use super::actor::{ActorError, PeerActor};
use super::client::{Client, Expected};

/// What the answer must be sent as.
pub const CONTENT_TYPE: &str = "application/jrd+json";
const SELF: &str = "self";
const PROFILE_PAGE: &str = "http://webfinger.net/rel/profile-page";
const RESOURCE_LIMIT: usize = 512;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebfingerRefusal {
    /// Status 400.
    #[error("name the resource as acct:NAME@HOST or by its address")]
    Malformed,
    /// Status 404.
    #[error("there is no such account here")]
    Unknown,
}

/// An account of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub handle: String,
    /// Its actor.
    pub actor: Url,
    /// Its page for people.
    pub page: Url,
}

/// Answers `/.well-known/webfinger?resource=…` for one of `accounts` on `authority`.
pub fn answer(resource: Option<&str>, authority: &str, accounts: &[Account]) -> Result<Webfinger, WebfingerRefusal> {
    let resource = resource.filter(|text| text.len() <= RESOURCE_LIMIT).ok_or(WebfingerRefusal::Malformed)?;
    let account = if let Some(name) = resource.strip_prefix("acct:") {
        let (handle, host) = name.split_once('@').ok_or(WebfingerRefusal::Malformed)?;
        let is_ours = host.eq_ignore_ascii_case(authority);
        accounts.iter().find(|account| is_ours && account.handle.eq_ignore_ascii_case(handle))
    } else if resource.starts_with("https://") || resource.starts_with("http://") {
        accounts.iter().find(|account| [&account.actor, &account.page].iter().any(|url| url.as_str() == resource))
    } else {
        return Err(WebfingerRefusal::Malformed);
    };
    account.map(|account| describe(account, authority)).ok_or(WebfingerRefusal::Unknown)
}

fn describe(account: &Account, authority: &str) -> Webfinger {
    let link = |rel: &str, kind: &str, href: &Url| WebfingerLink {
        rel: Some(rel.to_owned()),
        kind: Some(kind.to_owned()),
        href: Some(href.clone()),
        ..WebfingerLink::default()
    };
    Webfinger {
        subject: format!("acct:{}@{authority}", account.handle),
        aliases: vec![account.actor.clone()],
        links: vec![
            link(SELF, FEDERATION_CONTENT_TYPE, &account.actor),
            link(PROFILE_PAGE, "text/html", &account.page),
        ],
        properties: std::collections::HashMap::default(),
    }
}

/// Finds a node by what people write: `@coop@folkmoot.example`, `folkmoot.example`, or an actor's address.
pub async fn find_node(client: &Client, text: &str) -> Result<PeerActor, ActorError> {
    let text = text.trim();
    let unknown = || ActorError::Address(text.chars().take(100).collect());
    if let Some((handle, host)) = text.strip_prefix('@').unwrap_or(text).split_once('@') {
        let url = lookup_url(client, handle, host).ok_or_else(unknown)?;
        let fetched = client.get_unsigned(&url, Expected::Jrd).await?;
        let actor = read(&fetched.body, handle, host).ok_or_else(unknown)?;
        let peer = PeerActor::fetch(client, &actor).await?;
        // The host may hand its accounts to another one; the account's name must stay.
        return if peer.handle == handle { Ok(peer) } else { Err(unknown()) };
    }
    let address = match text.split_once("://") {
        Some((_, rest)) if rest.trim_end_matches('/').contains('/') => text.to_owned(),
        Some(_) => format!("{}/actor", text.trim_end_matches('/')),
        None => format!("{}://{}/actor", scheme(client, text), text.trim_end_matches('/')),
    };
    PeerActor::fetch(client, &address.parse().map_err(|_| unknown())?).await
}

/// A port stands for a node on an allowed network, which is spoken to in plain http.
fn scheme(client: &Client, host: &str) -> &'static str {
    if client.addresses().allows_networks() && host.contains(':') { "http" } else { "https" }
}

fn lookup_url(client: &Client, handle: &str, host: &str) -> Option<Url> {
    let is_plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:[]".contains(&b));
    if !is_plain(handle) || !is_plain(host) {
        return None;
    }
    let scheme = scheme(client, host);
    Url::parse(&format!("{scheme}://{host}/.well-known/webfinger?resource=acct:{handle}@{host}")).ok()
}

/// The actor of `handle@host` in its host's answer: the subject must be the account that was asked for, and the
/// link must have the exact relation and type.
pub fn read(document: &[u8], handle: &str, host: &str) -> Option<NodeId> {
    let answer: Webfinger = serde_json::from_slice(document).ok()?;
    if !answer.subject.eq_ignore_ascii_case(&format!("acct:{handle}@{host}")) {
        return None;
    }
    let is_actor = |link: &&WebfingerLink| {
        link.rel.as_deref() == Some(SELF) && link.kind.as_deref().is_some_and(|kind| Expected::Activity.admits(kind))
    };
    let href = answer.links.iter().find(is_actor)?.href.as_ref()?;
    href.as_str().parse().ok()
}

#[cfg(test)]
#[path = "webfinger_tests.rs"]
mod tests;
