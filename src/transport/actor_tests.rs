//! Actor documents as we write them, and as a peer could try to write them.

use super::*;
use crate::transport::testing::{RSA_KEY, client, serve, statement_key};

fn peer() -> NodeId {
    "https://peer.example/actor".parse().expect("valid")
}

fn written(node: &NodeId) -> Value {
    let profile = NodeProfile {
        node,
        handle: "peer",
        name: "Peer Cooperative",
        summary: "A co-operative.",
        statement_key: statement_key().public(),
        http_key: &RSA_KEY.to_public_key(),
    };
    serde_json::to_value(document(&profile)).expect("JSON")
}

fn read(document: &Value) -> Result<PeerActor, ActorError> {
    let url = Url::parse(peer().as_str()).expect("an address");
    PeerActor::read(&url, document.to_string().as_bytes())
}

#[test]
fn a_peer_reads_what_we_write() {
    let actor = read(&written(&peer())).expect("valid");
    assert_eq!((actor.node.clone(), actor.handle.as_str(), actor.name.as_str()), (peer(), "peer", "Peer Cooperative"));
    assert_eq!(actor.statement_key, statement_key().public());
    assert_eq!(
        (actor.http_key.id.as_str(), actor.http_key.owner.as_str()),
        ("https://peer.example/actor#main-key", peer().as_str())
    );
    assert_eq!(
        (actor.inbox.as_str(), actor.shared_inbox.as_str()),
        ("https://peer.example/inbox", "https://peer.example/inbox")
    );
}

/// What Mastodon needs to show an actor.
#[test]
fn the_document_has_what_other_servers_require() {
    let document = written(&peer());
    assert_eq!(document["@context"][0], "https://www.w3.org/ns/activitystreams");
    assert_eq!((&document["type"], &document["preferredUsername"]), (&json!("Organization"), &json!("peer")));
    let key = statement_key().public();
    assert_eq!(
        document["assertionMethod"],
        json!([{
            "id": format!("{}#{key}", peer()), "type": "Multikey", "controller": peer(), "publicKeyMultibase": key,
        }])
    );
    assert_eq!(document["publicKey"]["owner"], peer().as_str());
    assert_eq!(document["folkmoot"]["journals"], "https://peer.example/journals");
    for address in ["inbox", "outbox", "followers", "url"] {
        let address = document[address].as_str().expect("an address");
        assert!(address.starts_with("https://peer.example/"), "{address}");
    }
    let implements = &document["generator"]["implements"][0]["href"];
    assert_eq!(implements, "https://datatracker.ietf.org/doc/html/rfc9421");
}

#[test]
fn a_shared_inbox_may_be_left_out() {
    let mut document = written(&peer());
    document.as_object_mut().expect("an object").remove("endpoints");
    assert_eq!(read(&document).map(|actor| actor.shared_inbox.path().to_owned()), Ok("/inbox".to_owned()));
}

#[test]
fn an_actor_that_claims_what_is_not_its_own_is_refused() {
    let other_key = folkmoot_governance::key::SecretKey::from_seed([6; 32]).public();
    let other_method = json!({
        "id": format!("{}#{other_key}", peer()), "type": "Multikey", "controller": peer(), "publicKeyMultibase": other_key,
    });
    let both = json!([written(&peer())["assertionMethod"][0], other_method]);
    for (pointer, value) in [
        ("/id", json!("https://peer.example/other")),
        ("/id", json!("https://evil.example/actor")),
        ("/type", json!("Person")),
        ("/type", json!(["Organization"])),
        ("/preferredUsername", json!("Peer Co-op")),
        ("/preferredUsername", json!("")),
        ("/name", json!(" ")),
        ("/name", json!("x".repeat(201))),
        ("/name", json!("Peer\u{0007}")),
        ("/name", json!("Peer\u{202e}gnp")),
        ("/inbox", json!("https://evil.example/inbox")),
        ("/inbox", json!("http://peer.example/inbox")),
        ("/inbox", json!("/inbox")),
        ("/endpoints/sharedInbox", json!("https://evil.example/inbox")),
        ("/endpoints/sharedInbox", json!("https://peer.example:8443/inbox")),
        ("/publicKey/owner", json!("https://peer.example/other")),
        ("/publicKey/id", json!("https://evil.example/actor#main-key")),
        ("/publicKey/id", json!("https://peer.example/actor")),
        ("/publicKey/id", json!("https://peer.example/actor#")),
        ("/publicKey/id", json!("https://peer.example/actor2#main-key")),
        ("/publicKey/publicKeyPem", json!("-----BEGIN PUBLIC KEY-----")),
        ("/publicKey", json!([])),
        ("/assertionMethod", json!([])),
        ("/assertionMethod", both),
        ("/assertionMethod/0/controller", json!("https://peer.example/other")),
        ("/assertionMethod/0/id", json!("https://peer.example/actor#main-key")),
        ("/assertionMethod/0/id", json!(format!("https://evil.example/actor#{other_key}"))),
        ("/assertionMethod/0/type", json!("Ed25519VerificationKey2020")),
        ("/assertionMethod/0/publicKeyMultibase", json!(other_key)),
        ("/assertionMethod/0/publicKeyMultibase", json!("zzz")),
    ] {
        let mut document = written(&peer());
        *document.pointer_mut(pointer).expect(pointer) = value.clone();
        assert!(read(&document).is_err(), "{pointer} = {value}");
    }
}

#[test]
fn members_that_occur_twice_are_refused() {
    let text = written(&peer()).to_string();
    let twice = text.replacen("\"inbox\":", "\"inbox\":\"https://peer.example/other\",\"inbox\":", 1);
    let url = Url::parse(peer().as_str()).expect("an address");
    assert!(matches!(PeerActor::read(&url, twice.as_bytes()), Err(ActorError::Malformed(_))));
    assert!(matches!(PeerActor::read(&url, b"<html>"), Err(ActorError::Malformed(_))));
}

#[tokio::test]
async fn a_running_peer_is_fetched_with_its_key() {
    use activitypub_federation::axum::json::FederationJson;
    use axum::{Router, routing::get};
    let node = serve(|node| {
        let document = written(node);
        Router::new().route("/actor", get(move || async move { FederationJson(document) }))
    })
    .await;
    let actor = PeerActor::fetch(&client(), &node).await.expect("valid");
    assert_eq!((&actor.node, actor.statement_key), (&node, statement_key().public()));
    let key = crate::transport::signatures::fetch_key(&client(), &actor.http_key.id).await;
    assert_eq!(key, Ok(actor.http_key));
    let missing = crate::transport::signatures::fetch_key(&client(), &format!("{node}#other")).await;
    assert_eq!(missing, Err(SignatureError::KeyGone(format!("{node}#other"))));
}
