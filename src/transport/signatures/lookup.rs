//! Reads the key behind a key id, and makes sure that its owner confirms it.

use serde_json::Value;
use url::Url;

use super::{HttpKey, SignatureError};
use crate::transport::client::{Client, FetchError};

/// Most keys that an actor may list.
const KEYS_PER_ACTOR: usize = 10;

/// Fetches the key `key_id` from the actor that owns it: one request, or two where the key has a document of its
/// own. Both go through the client's rules about addresses.
pub async fn fetch_key(client: &Client, key_id: &str) -> Result<HttpKey, SignatureError> {
    let mut address = Url::parse(key_id).map_err(|_| SignatureError::KeyId)?;
    address.set_fragment(None);
    match read_key(&fetch(client, &address, key_id).await?, &address, key_id)? {
        Found::Key(key) => Ok(key),
        Found::Owner(owner) => confirmed(&fetch(client, &owner, key_id).await?, &owner, key_id),
    }
}

async fn fetch(client: &Client, address: &Url, key_id: &str) -> Result<Value, SignatureError> {
    let unavailable = |reason: String| SignatureError::KeyUnavailable(key_id.to_owned(), reason);
    match client.get_json(address).await {
        Ok(fetched) => serde_json::from_slice(&fetched.body).map_err(|_| unavailable("it is not JSON".to_owned())),
        Err(FetchError::Status(404 | 410)) => Err(SignatureError::KeyGone(key_id.to_owned())),
        Err(error) => Err(unavailable(error.to_string())),
    }
}

/// What a document at the address of a key turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The actor itself, which lists the key.
    Key(HttpKey),
    /// Something that names an owner, who has yet to confirm it.
    Owner(Url),
}

/// Reads a document that was fetched from `address`, which is `key_id` without its fragment.
pub(super) fn read_key(document: &Value, address: &Url, key_id: &str) -> Result<Found, SignatureError> {
    let id = document["id"].as_str().ok_or(SignatureError::Key("its document has no id"))?;
    if id == address.as_str() && document["inbox"].is_string() {
        return confirmed(document, address, key_id).map(Found::Key);
    }
    // A document of the key's own names its owner; GoToSocial answers with a stub of the actor instead.
    let owner = if id == key_id {
        document["owner"].as_str().ok_or(SignatureError::Key("its document names no owner"))?
    } else if listed(document).any(|key| key["id"] == key_id) {
        id
    } else {
        return Err(SignatureError::Key("its document is about something else"));
    };
    let owner = Url::parse(owner).map_err(|_| SignatureError::Key("its owner is not an address"))?;
    if owner.origin() != address.origin() {
        return Err(SignatureError::Key("its owner is on another host"));
    }
    Ok(Found::Owner(owner))
}

/// The key as the actor at `address` lists it.
pub(super) fn confirmed(actor: &Value, address: &Url, key_id: &str) -> Result<HttpKey, SignatureError> {
    if actor["id"] != address.as_str() || !actor["inbox"].is_string() {
        return Err(SignatureError::Key("its owner's document is about something else"));
    }
    let key = listed(actor).find(|key| key["id"] == key_id).ok_or(SignatureError::KeyGone(key_id.to_owned()))?;
    if key["owner"] != address.as_str() {
        return Err(SignatureError::Key("it belongs to another actor"));
    }
    let pem = key["publicKeyPem"].as_str().ok_or(SignatureError::Key("it has no PEM"))?;
    HttpKey::parse(key_id, address.as_str(), pem)
}

/// `publicKey` is one object or a list.
fn listed(document: &Value) -> impl Iterator<Item = &Value> {
    let keys = match &document["publicKey"] {
        Value::Array(keys) => keys.as_slice(),
        one => std::slice::from_ref(one),
    };
    keys.iter().take(KEYS_PER_ACTOR)
}
