//! Answers of ours, and answers that other hosts could give.

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use super::*;
use crate::transport::actor::{NodeProfile, document};
use crate::transport::testing::{RSA_KEY, client, serve, statement_key};

fn url(text: &str) -> Url {
    text.parse().expect("an address")
}

fn accounts() -> Vec<Account> {
    vec![
        Account { handle: "coop".into(), actor: url("https://coop.example/actor"), page: url("https://coop.example/") },
        Account {
            handle: "ocm".into(),
            actor: url("https://coop.example/consortia/ocm"),
            page: url("https://coop.example/consortium"),
        },
    ]
}

fn asked(resource: &str) -> Result<String, WebfingerRefusal> {
    answer(Some(resource), "coop.example", &accounts()).map(|answer| answer.subject)
}

#[test]
fn accounts_are_found_by_name_and_by_address() {
    for resource in
        ["acct:coop@coop.example", "acct:Coop@COOP.example", "https://coop.example/actor", "https://coop.example/"]
    {
        assert_eq!(asked(resource), Ok("acct:coop@coop.example".into()), "{resource}");
    }
    assert_eq!(asked("acct:ocm@coop.example"), Ok("acct:ocm@coop.example".into()));
}

#[test]
fn the_answer_links_to_the_actor_with_the_exact_relation_and_type() {
    let answer = answer(Some("acct:coop@coop.example"), "coop.example", &accounts()).expect("known");
    let answer = serde_json::to_value(answer).expect("JSON");
    let link = &answer["links"][0];
    assert_eq!((&link["rel"], &link["type"]), (&json!("self"), &json!("application/activity+json")));
    assert_eq!(link["href"], "https://coop.example/actor");
    assert_eq!(answer["aliases"], json!(["https://coop.example/actor"]));
}

#[test]
fn unknown_accounts_and_other_hosts_are_not_found() {
    for resource in [
        "acct:other@coop.example",
        "acct:coop@other.example",
        "acct:coop@coop.example@other.example",
        "acct:coop&x=@coop.example",
        "acct:coop#@coop.example",
        "acct:@coop.example",
        "https://coop.example/other",
        "http://coop.example/actor",
    ] {
        assert_eq!(asked(resource), Err(WebfingerRefusal::Unknown), "{resource}");
    }
}

#[test]
fn what_names_no_resource_is_malformed() {
    for resource in ["", "coop@coop.example", "acct:coop", "mailto:coop@coop.example", "did:key:z6Mk"] {
        assert_eq!(asked(resource), Err(WebfingerRefusal::Malformed), "{resource}");
    }
    assert_eq!(asked(&format!("acct:{}", "x".repeat(RESOURCE_LIMIT))), Err(WebfingerRefusal::Malformed));
    assert_eq!(answer(None, "coop.example", &accounts()), Err(WebfingerRefusal::Malformed));
}

fn found(subject: &str, link: Value) -> Option<NodeId> {
    let answer = json!({ "subject": subject, "links": [link] });
    read(answer.to_string().as_bytes(), "coop", "coop.example")
}

#[test]
fn another_host_s_answer_is_held_to_subject_relation_and_type() {
    let good = json!({ "rel": "self", "type": "application/activity+json", "href": "https://actors.example/coop" });
    let node = Some("https://actors.example/coop".parse().expect("valid"));
    assert_eq!(found("acct:coop@coop.example", good.clone()), node);
    for subject in ["acct:other@coop.example", "acct:coop@other.example", "https://coop.example/actor", ""] {
        assert_eq!(found(subject, good.clone()), None, "{subject}");
    }
    for (name, value) in [
        ("rel", json!("alternate")),
        ("rel", json!(null)),
        ("type", json!("text/html")),
        ("type", json!("application/json")),
        ("type", json!("application/ld+json")),
        ("href", json!("data:,x")),
        ("href", json!("https://user@actors.example/coop")),
        ("href", json!(null)),
    ] {
        let mut link = good.clone();
        link[name] = value.clone();
        assert_eq!(found("acct:coop@coop.example", link), None, "{name} = {value}");
    }
    assert_eq!(read(b"<html>", "coop", "coop.example"), None);
}

/// A peer with the account `coop`.
async fn peer() -> NodeId {
    serve(|node| {
        let profile = NodeProfile {
            node,
            handle: "coop",
            name: "Coop",
            summary: "",
            statement_key: statement_key().public(),
            http_key: &RSA_KEY.to_public_key(),
        };
        let actor = serde_json::to_string(&document(&profile)).expect("JSON");
        let account = Account { handle: "coop".into(), actor: url(node.as_str()), page: url(node.base()) };
        let subject = format!("acct:coop@{}", node.authority());
        let jrd = answer(Some(&subject), node.authority(), &[account]).expect("known");
        let jrd = serde_json::to_string(&jrd).expect("JSON");
        Router::new()
            .route("/actor", get(move || async move { ([("content-type", "application/activity+json")], actor) }))
            .route("/.well-known/webfinger", get(move || async move { ([("content-type", CONTENT_TYPE)], jrd) }))
    })
    .await
}

#[tokio::test]
async fn a_node_is_found_by_whatever_people_write() {
    let (peer, client) = (peer().await, client());
    let authority = peer.authority();
    for text in [
        format!("@coop@{authority}"),
        format!(" coop@{authority} "),
        authority.to_owned(),
        peer.base().to_owned(),
        format!("{}/", peer.base()),
        peer.to_string(),
    ] {
        assert_eq!(find_node(&client, &text).await.map(|actor| actor.node), Ok(peer.clone()), "{text}");
    }
    for text in [
        format!("@other@{authority}"),
        format!("@coop&x@{authority}"),
        format!("{}/nothing", peer.base()),
        "not an address".to_owned(),
        "@coop@http://evil".to_owned(),
        String::new(),
    ] {
        assert!(find_node(&client, &text).await.is_err(), "{text}");
    }
}
