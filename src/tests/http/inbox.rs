//! The inbox: who is heard, and what of it has an effect. The signatures themselves are tested where they are checked.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use folkmoot::actions::accounts;
use folkmoot::storage::peers;
use folkmoot::transport::client::BODY_LIMIT;
use folkmoot::transport::signatures::HttpSigner;
use folkmoot_governance::codec::MAX_EVIDENCE_BYTES;
use folkmoot_governance::id::{ConsortiumId, NodeId};
use folkmoot_governance::statement::Visibility;
use futures_util::stream;
use serde_json::{Value, json};

use super::app::{Answer, PASSWORD, TestApp};
use super::pages_browser::Browser;
use super::peer::{Peer, deliver, row};

const FOLLOW: &[u8] = br#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Follow"}"#;

type Headers = Vec<(String, String)>;

/// Delivers with headers as the test wants them.
async fn send(test: &TestApp, peer: &Peer, body: &[u8], change: impl Fn(&mut Headers)) -> Answer {
    send_in_place(test, peer, body, body, change).await
}

/// Signs one body and sends another.
async fn send_in_place(test: &TestApp, peer: &Peer, body: &[u8], sent: &[u8], change: impl Fn(&mut Headers)) -> Answer {
    let url = "https://tools.example/inbox".parse().expect("an address");
    let signed = HttpSigner::new(&peer.node, &peer.keys.http).sign(&Method::POST, &url, Some(body), peer.now()).await;
    let signed = signed.expect("signed");
    let mut headers: Headers =
        signed.iter().map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned())).collect();
    change(&mut headers);
    let mut request = Request::post("/inbox");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    test.raw(request.body(Body::from(sent.to_vec())).expect("a request")).await
}

#[tokio::test]
async fn only_what_is_signed_well_is_heard() {
    let peer = Peer::join(Visibility::Public).await;
    let test = &peer.test;
    assert_eq!(send(test, &peer, FOLLOW, |_| {}).await.status, StatusCode::ACCEPTED);
    let refuse = async |mention: &str, change: &dyn Fn(&mut Headers)| {
        let why = send(test, &peer, FOLLOW, change).await.refused(StatusCode::UNAUTHORIZED, "signature");
        assert!(why.contains(mention), "{why}");
    };
    let set = |name: &'static str, value: &'static str| {
        move |headers: &mut Headers| {
            headers.retain(|(known, _)| known != name);
            if !value.is_empty() {
                headers.push((name.into(), value.into()));
            }
        }
    };
    refuse("not signed", &set("signature", "")).await;
    refuse("digest", &set("digest", "")).await;
    let other = send_in_place(test, &peer, FOLLOW, b"{}", |_| {}).await;
    let why = other.refused(StatusCode::UNAUTHORIZED, "signature");
    assert!(why.contains("digest does not match"), "{why}");
    refuse("another host", &set("host", "other.example")).await;
    refuse("more than an hour old", &set("date", "Sun, 06 Nov 1994 08:49:37 GMT")).await;
    refuse("hour ahead", &set("date", "Sat, 06 Nov 2094 08:49:37 GMT")).await;
    refuse("not a date", &set("date", "tomorrow")).await;
    refuse("more than one", &|headers| headers.push(("signature".into(), "keyId=\"x\"".into()))).await;
    let garbage = |headers: &mut Headers| {
        let signature = headers.iter_mut().find(|(name, _)| name == "signature").expect("signed");
        signature.1 = signature.1.replacen("signature=\"", "signature=\"AAAA", 1);
    };
    // It could be a new key: the peer is asked once, and not again for the next of these.
    refuse("not available", &garbage).await;
    refuse("does not match", &garbage).await;
    // A key that this node would have to fetch from its own network first.
    refuse("not available", &|headers| {
        let signature = headers.iter_mut().find(|(name, _)| name == "signature").expect("signed");
        signature.1 = signature.1.replace("https://hypha.example/actor", "http://127.0.0.1:9/actor");
    })
    .await;
}

#[tokio::test]
async fn the_body_is_read_once_the_signature_is_good() {
    let peer = Peer::join(Visibility::Public).await;
    let begun = Arc::new(AtomicBool::new(false));
    let begins = begun.clone();
    let unread = stream::once(async move {
        begins.store(true, Ordering::SeqCst);
        Ok::<_, Infallible>(FOLLOW)
    });
    let request = Request::post("/inbox").header("signature", "keyId=\"x\"").body(Body::from_stream(unread));
    let answer = peer.test.raw(request.expect("a request")).await;
    assert_eq!(answer.headers[header::CONNECTION], "close");
    answer.refused(StatusCode::UNAUTHORIZED, "signature");
    assert!(!begun.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_body_that_is_no_activity_is_refused_with_the_reason() {
    let peer = Peer::join(Visibility::Public).await;
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for (body, mention) in [
        (&br#"{"type":"Follow","type":"Add"}"#[..], "type"),
        (br#"{"type":"Follow","weight":1.5}"#, "whole"),
        (br#"{"type":"Follow","weight":1e400}"#, "number"),
        (br#"{"type":"Follow","weight":9007199254740993}"#, "2^53"),
        (br#"{"type":"\ud800"}"#, "escape"),
        (b"{\"type\":\"\xff\xfe\"}", "code point"),
        (b"{\"type\":", "EOF"),
        (deep.as_bytes(), "nested"),
    ] {
        let why = peer.deliver(body).await.refused(StatusCode::BAD_REQUEST, "json");
        assert!(why.contains(mention), "{why}");
    }
    for body in [&b"[]"[..], b"7", b"null", b"\"Follow\""] {
        peer.deliver(body).await.refused(StatusCode::BAD_REQUEST, "shape");
    }
    let long = format!("{{\"type\":\"{}\"}}", "x".repeat(BODY_LIMIT));
    peer.deliver(long.as_bytes()).await.refused(StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    // What people may send is less than what the longest decision of many parties has.
    let decision = format!("{{\"type\":\"{}\"}}", "x".repeat(MAX_EVIDENCE_BYTES));
    assert_eq!(peer.deliver(decision.as_bytes()).await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_node_speaks_for_nobody_else() {
    let peer = Peer::join(Visibility::Public).await;
    let mut page = peer.page(1, &[peer.notice("Flood").to_value()], "");
    page["actor"] = json!("https://tools.example/actor");
    peer.tell(&page).await.refused(StatusCode::UNAUTHORIZED, "signature");
    page["proof"] = json!({});
    peer.tell(&page).await.refused(StatusCode::UNAUTHORIZED, "signature");
    page["actor"] = json!(["https://hypha.example/actor"]);
    peer.tell(&page).await.refused(StatusCode::UNAUTHORIZED, "signature");
    assert_eq!(peer.stored().await, 1);
}

#[tokio::test]
async fn strangers_are_heard_without_effect_and_not_kept() {
    let peer = Peer::join(Visibility::Public).await;
    // Known to the node, and no party.
    let stranger: NodeId = "https://stranger.example/actor".parse().expect("an address");
    let known = row(&stranger, &peer.keys);
    peer.test.app.db.write(async move |conn| peers::put(conn, &known).await).await.expect("stored");
    let tell = async |activity: &Value| {
        let body = folkmoot_governance::json::canonical(activity);
        deliver(&peer.test, &stranger, &peer.keys, &body, peer.now()).await
    };
    let mut page = peer.page(1, &[peer.notice("Flood").to_value()], "");
    page["actor"] = json!(stranger);
    tell(&page).await.refused(StatusCode::FORBIDDEN, "forbidden");
    let messages = json!({"type": "Announce", "actor": stranger, "object": {"type": "ClosingMessages", "items": []}});
    tell(&messages).await.refused(StatusCode::FORBIDDEN, "forbidden");
    for kind in ["Follow", "Like", "Delete", "Undo", "Update", "Move", "Announce", "Accept"] {
        let object = format!("{}/statements/1", peer.test.app.node.base());
        let answer = tell(&json!({"type": kind, "actor": stranger, "object": object})).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::ACCEPTED, 0), "{kind}");
    }
    assert_eq!(peer.stored().await, 1);
    // Nor has it as much to say as a party.
    let long = json!({"type": "Follow", "actor": stranger, "summary": "x".repeat(1_100_000)});
    assert_eq!(tell(&long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_invitation_names_this_node_and_comes_from_a_party() {
    let peer = Peer::join(Visibility::Public).await;
    let genesis = peer.test.get("", "/genesis").await.json();
    let invite = |document: Value| json!({"type": "Invite", "actor": peer.node, "object": {"type": "Genesis", "document": document}});
    let refused = async |document: Value, code: &str| {
        peer.tell(&invite(document)).await.refused(StatusCode::UNPROCESSABLE_ENTITY, code);
    };
    let mut without_us = genesis.clone();
    without_us["parties"][0]["node"] = json!("https://other.example/actor");
    without_us["members"][0]["sponsor"] = json!("https://other.example/actor");
    refused(without_us, "not-invited").await;
    let mut other_key = genesis.clone();
    other_key["parties"][0]["key"] = json!(folkmoot_governance::key::SecretKey::from_seed([3; 32]).public());
    refused(other_key, "not-invited").await;
    let mut without_them = genesis.clone();
    without_them["parties"][1]["node"] = json!("https://other.example/actor");
    without_them["members"][1]["sponsor"] = json!("https://other.example/actor");
    refused(without_them, "not-a-party").await;
    let mut unfair = genesis.clone();
    unfair["charter"]["classes"][0]["strength"] = json!("9/10");
    refused(unfair, "charter").await;
    let mut more = genesis.clone();
    more["extra"] = json!(1);
    refused(more, "genesis").await;
    refused(json!([]), "genesis").await;
    let shown = peer.test.get(&peer.test.steward, "/api/v1/consortium").await.expect(StatusCode::OK);
    assert_eq!(shown["invitations"], json!([]));
}

#[tokio::test]
async fn only_stewards_see_who_invites_this_node() {
    let peer = Peer::join(Visibility::Public).await;
    let mut genesis = peer.test.get("", "/genesis").await.json();
    genesis["charter"]["name"] = json!("Quince growers");
    let invitation = json!({"type": "Invite", "actor": peer.node, "object": {"type": "Genesis", "document": genesis}});
    assert_eq!(peer.tell(&invitation).await.status, StatusCode::ACCEPTED);
    accounts::create(&peer.test.app, "ada", PASSWORD, None, "Ada", false, peer.now()).await.expect("an account");
    let member = peer.test.token_of("ada").await;
    for token in ["", &member] {
        let shown = peer.test.get(token, "/api/v1/consortium").await.expect(StatusCode::OK);
        assert_eq!(shown.get("invitations"), None, "{shown}");
    }
    let shown = peer.test.get(&peer.test.steward, "/api/v1/consortium").await.expect(StatusCode::OK);
    assert_eq!(shown["invitations"][0]["name"], "Quince growers");
    let id: ConsortiumId = shown["invitations"][0]["id"].as_str().expect("an id").parse().expect("an id");
    let address = format!("/stewards/invitations/{}", id.0);
    for mut browser in [Browser::new(&peer.test), Browser::logged_in(&peer.test, "ada").await] {
        for path in ["/", "/consortium", "/stewards", &address] {
            let page = browser.get(path).await.text();
            assert!(!page.contains("Quince growers"), "{path}: {page}");
        }
    }
}

#[tokio::test]
async fn the_invitations_of_strangers_keep_nobody_elses_away() {
    let peer = Peer::join(Visibility::Public).await;
    let genesis = peer.test.get("", "/genesis").await.json();
    let invite = async |host: &str, name: &str| {
        let node: NodeId = format!("https://{host}/actor").parse().expect("a node");
        let known = row(&node, &peer.keys);
        peer.test.app.db.write(async move |conn| peers::put(conn, &known).await).await.expect("stored");
        let mut document = genesis.clone();
        document["charter"]["name"] = json!(name);
        document["parties"][1]["node"] = json!(node);
        document["members"][1]["sponsor"] = json!(node);
        let activity = json!({"type": "Invite", "actor": node, "object": {"type": "Genesis", "document": document}});
        peer.test.pass(1).await;
        let body = folkmoot_governance::json::canonical(&activity);
        let answer = deliver(&peer.test, &node, &peer.keys, &body, peer.now()).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    };
    let steward = &peer.test.steward;
    let waiting = async || {
        let shown = peer.test.get(steward, "/api/v1/consortium").await.expect(StatusCode::OK);
        shown["invitations"].as_array().expect("a list").clone()
    };
    let names = async || waiting().await.iter().map(|row| row["name"].as_str().map(str::to_owned)).collect::<Vec<_>>();
    let named = |names: &[&str]| names.iter().map(|name| Some((*name).to_owned())).collect::<Vec<_>>();
    invite("founder.example", "Quince growers").await;
    for number in 0..5 {
        invite("stranger.example", &format!("Spam {number}")).await;
    }
    assert_eq!(names().await, named(&["Quince growers", "Spam 2", "Spam 3", "Spam 4"]));
    // Many hosts push out the oldest; whoever invites again is heard.
    for number in 0..20 {
        invite(&format!("s{number}.example"), &format!("More spam {number}")).await;
    }
    invite("founder.example", "Quince growers").await;
    let kept = names().await;
    assert_eq!((kept.len(), kept.last().cloned().flatten().as_deref()), (20, Some("Quince growers")));
    // What nobody wants is declined, once.
    let id = waiting().await[0]["id"].clone();
    let declined = json!({"consortium": id});
    peer.test.post(steward, "/api/v1/consortium/decline", &declined).await.expect(StatusCode::OK);
    assert!(waiting().await.iter().all(|row| row["id"] != id) && names().await.len() == 19);
    let again = peer.test.post(steward, "/api/v1/consortium/decline", &declined).await;
    again.refused(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn what_a_peers_network_answered_is_shown_to_the_consortiums_people_alone() {
    let peer = Peer::join(Visibility::Public).await;
    let node = peer.node.clone();
    let failed = peer.test.app.db.write(async move |conn| peers::failed(conn, &node, "refused by 10.0.0.7").await);
    failed.await.expect("recorded");
    // An account alone does not make anybody belong.
    let guest = json!({"login": "guest", "password": PASSWORD, "person": "guest"});
    peer.test.post(&peer.test.steward, "/api/v1/accounts", &guest).await.expect(StatusCode::CREATED);
    let token = peer.test.token_of("guest").await;
    let shown = peer.test.get(&token, "/api/v1/node").await.expect(StatusCode::OK);
    assert_eq!(shown["peers"][0]["lastError"], Value::Null);
    let mut browser = Browser::logged_in(&peer.test, "guest").await;
    assert!(!browser.get("/consortium").await.text().contains("10.0.0.7"));
    for path in ["/api/v1/node", "/consortium"] {
        let stranger = peer.test.get("", path).await;
        assert_eq!(stranger.status, StatusCode::OK);
        assert!(!stranger.text().contains("10.0.0.7"), "{path}: {}", stranger.text());
    }
    let shown = peer.test.get(&peer.test.steward, "/api/v1/node").await.expect(StatusCode::OK);
    assert_eq!(shown["peers"][0]["lastError"], "refused by 10.0.0.7");
    let mut browser = Browser::logged_in(&peer.test, "steward").await;
    assert!(browser.get("/consortium").await.text().contains("10.0.0.7"));
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_a_problem_too() {
    let peer = Peer::join(Visibility::Public).await;
    let path = folkmoot::federation::journal_page::journal_path(&peer.journal());
    for query in ["from=one", "from=-1", "from=1&from=2", "from=99999999999999999999999"] {
        let answer = peer.test.get("", &format!("/{path}?{query}")).await;
        answer.refused(StatusCode::BAD_REQUEST, "query");
    }
    let beyond = peer.test.get("", &format!("/{path}?from=18446744073709551615")).await.expect(StatusCode::OK);
    assert_eq!(beyond["entries"], json!([]));
    let answer = peer.test.send("PUT", "", "/inbox", None).await;
    assert_eq!(answer.headers[header::ALLOW], "POST");
    answer.refused(StatusCode::METHOD_NOT_ALLOWED, "method");
}
