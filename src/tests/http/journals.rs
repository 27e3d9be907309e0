//! Journals of a party that does not follow the rules, through the inbox: what is refused leaves nothing behind, and
//! what proves a fault is shown.

use axum::http::StatusCode;
use folkmoot::actions::receive_journal::{Incoming, Received, receive_journal};
use folkmoot_governance::id::{Digest, NodeId};
use folkmoot_governance::journal::leaf_hash;
use folkmoot_governance::statement::{Body, Comment, Visibility};
use serde_json::{Value, json};

use super::peer::Peer;
use super::scene::Scene;

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn peer() -> Peer {
    Peer::join(Visibility::Public).await
}

async fn notices(peer: &Peer) -> Vec<String> {
    let shown = peer.test.get("", "/api/v1/notices").await.expect(StatusCode::OK);
    let all = shown["notices"].as_array().expect("a list").iter();
    all.map(|notice| notice["subject"].as_str().expect("text").to_owned()).collect()
}

async fn faults(peer: &Peer) -> Vec<Value> {
    let shown = peer.test.get("", "/api/v1/faults").await.expect(StatusCode::OK);
    shown["faults"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn the_outbox_is_read_page_by_page_from_the_newest() {
    let scene = Scene::new().await;
    let mut hidden = Scene::consent();
    hidden["visibility"] = json!("consortium");
    for number in 0..60 {
        scene.draft(&if number == 59 { hidden.clone() } else { Scene::consent() }).await;
    }
    let outbox = scene.get("", "/outbox").await.expect(StatusCode::OK);
    let total = outbox["totalItems"].as_u64().expect("a number");
    assert!(outbox["type"] == "OrderedCollection" && total > 60, "{outbox}");
    let mut next = outbox["first"].as_str().map(str::to_owned);
    let mut published = Vec::new();
    while let Some(address) = next {
        let path = address.strip_prefix("https://tools.example").expect("an address of this node").to_owned();
        let page = scene.get("", &path).await.expect(StatusCode::OK);
        assert_eq!((page["type"].as_str(), &page["id"]), (Some("OrderedCollectionPage"), &json!(address)));
        assert_eq!(page["partOf"], outbox["id"]);
        let items = page["orderedItems"].as_array().expect("items");
        assert!(items.len() <= 50);
        published.extend(items.iter().map(|item| item["published"].as_str().expect("a time").to_owned()));
        next = page["next"].as_str().map(str::to_owned);
    }
    // All but the draft that is not for strangers.
    assert_eq!(published.len() as u64, total - 1);
    assert!(published.is_sorted_by(|newer, older| newer >= older));
    let beyond = scene.get("", "/outbox?before=99999999").await.expect(StatusCode::OK);
    assert_eq!(beyond["orderedItems"].as_array().map(Vec::len), Some(49));
    scene.get("", "/outbox?before=x").await.refused(StatusCode::BAD_REQUEST, "query");
}

#[tokio::test]
async fn a_page_of_the_outbox_ends_before_it_gets_long() {
    let scene = Scene::new().await;
    let mut long = Scene::consent();
    long["text"] = json!("word ".repeat(12_000));
    for _ in 0..15 {
        scene.draft(&long).await;
    }
    let outbox = scene.get("", "/outbox").await.expect(StatusCode::OK);
    let (mut next, mut published, mut pages) = (outbox["first"].as_str().map(str::to_owned), 0, 0);
    while let Some(address) = next {
        let path = address.strip_prefix("https://tools.example").expect("an address of this node").to_owned();
        let answer = scene.get("", &path).await;
        assert!(answer.body.len() < 1 << 20, "{}", answer.body.len());
        let page = answer.expect(StatusCode::OK);
        published += page["orderedItems"].as_array().map_or(0, Vec::len) as u64;
        (next, pages) = (page["next"].as_str().map(str::to_owned), pages + 1);
    }
    assert_eq!((published, pages), (outbox["totalItems"].as_u64().expect("a number"), 2));
}

#[tokio::test]
async fn what_an_honest_party_says_is_stored_and_cosigned() {
    let mut peer = peer().await;
    peer.publish(Body::Notice { subject: "Flood".into(), source: "Water everywhere.".into() }).await;
    assert_eq!((peer.stored().await, notices(&peer).await), (2, vec!["Flood".to_owned()]));
    // The same page again changes nothing.
    let page = peer.page(1, &[peer.told[1].to_value()], &peer.note(&peer.leaves()));
    assert_eq!(peer.tell(&page).await.status, StatusCode::OK);
    assert_eq!((peer.stored().await, notices(&peer).await.len()), (2, 1));
}

#[tokio::test]
async fn after_a_gap_the_node_says_where_it_stands_and_stores_nothing() {
    let peer = peer().await;
    let page = peer.page(5, &[peer.notice("Later").to_value()], "");
    let answer = peer.tell(&page).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::ACCEPTED, json!({"from": 1})));
    assert_eq!((peer.stored().await, notices(&peer).await), (1, Vec::new()));
}

#[tokio::test]
async fn a_checkpoint_without_its_leaves_is_not_cosigned() {
    let peer = peer().await;
    let mut leaves = peer.leaves();
    leaves.push(Digest::of(b"kept back"));
    let answer = peer.tell(&peer.page(1, &[], &peer.note(&leaves))).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::ACCEPTED, json!({"from": 1})));
    // Nor with the hash in place of the statement: a witness answers for what it stores.
    let hidden = json!({"leaf": leaves[1]});
    peer.tell(&peer.page(1, &[hidden], &peer.note(&leaves))).await.refused(REFUSED, "withheld");
    assert_eq!(peer.stored().await, 1);
}

/// Otherwise a node could tell one peer alone something that no checkpoint ever shows, and no proof could follow.
#[tokio::test]
async fn nothing_is_stored_before_its_own_node_has_signed_a_checkpoint_over_it() {
    let peer = peer().await;
    let (told_you, told_all) = (peer.notice("Only for you"), peer.notice("For all"));
    let answer = peer.tell(&peer.page(1, &[told_you.to_value()], "")).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::ACCEPTED, json!({"from": 1})));
    let before = peer.note(&peer.leaves());
    let answer = peer.tell(&peer.page(1, &[told_you.to_value()], &before)).await;
    assert_eq!(answer.status, StatusCode::OK, "the checkpoint itself is cosigned");
    let further = peer.note(&[peer.leaves()[0], leaf_hash(&told_you.bytes), Digest::of(b"kept back")]);
    let answer = peer.tell(&peer.page(1, &[told_you.to_value()], &further)).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::ACCEPTED, json!({"from": 1})));
    assert_eq!((peer.stored().await, notices(&peer).await), (1, Vec::new()));
    // What comes after the checkpoint is left for the next one.
    let leaves = [peer.leaves()[0], leaf_hash(&told_all.bytes)];
    let page = peer.page(1, &[told_all.to_value(), told_you.to_value()], &peer.note(&leaves));
    assert_eq!(peer.tell(&page).await.status, StatusCode::OK);
    assert_eq!((peer.stored().await, notices(&peer).await), (2, vec!["For all".to_owned()]));
}

#[tokio::test]
async fn a_rewritten_entry_is_refused_and_the_fork_is_proven() {
    let mut peer = peer().await;
    peer.publish(Body::Notice { subject: "We pay".into(), source: "On Friday.".into() }).await;
    let other = peer.notice("We do not pay");
    let leaves = [peer.leaves()[0], leaf_hash(&other.bytes)];
    let page = peer.page(1, &[other.to_value()], &peer.note(&leaves));
    let why = peer.tell(&page).await.refused(REFUSED, "rewritten");
    assert!(why.contains("never rewritten"), "{why}");
    assert_eq!(notices(&peer).await, ["We pay"]);
    let faults = faults(&peer).await;
    assert_eq!((&faults[0]["kind"], &faults[0]["culprit"]), (&json!("fork"), &json!(peer.node)));
    assert_eq!(faults[0]["evidence"].as_array().map(Vec::len), Some(3));
    // Told again, it is no second fault.
    peer.tell(&page).await.refused(REFUSED, "rewritten");
    assert_eq!(self::faults(&peer).await.len(), 1);
    let page = peer.test.get("", "/consortium").await.text();
    assert!(page.contains("Hypha"), "{page}");
}

#[tokio::test]
async fn a_root_that_is_not_that_of_the_leaves_stores_none_of_them() {
    let peer = peer().await;
    let told = peer.notice("Flood");
    let wrong = peer.note(&[peer.leaves()[0], Digest::of(b"something else")]);
    let why = peer.tell(&peer.page(1, &[told.to_value()], &wrong)).await.refused(REFUSED, "root");
    assert!(why.contains("two faces"), "{why}");
    assert_eq!((peer.stored().await, notices(&peer).await), (1, Vec::new()));
}

#[tokio::test]
async fn a_checkpoint_that_its_node_did_not_sign_is_refused() {
    let peer = peer().await;
    let told = peer.notice("Flood");
    let leaves = [peer.leaves()[0], leaf_hash(&told.bytes)];
    let good = peer.note(&leaves);
    let check = async |note: &str| {
        peer.tell(&peer.page(1, &[told.to_value()], note)).await.refused(REFUSED, "checkpoint");
        assert_eq!(peer.stored().await, 1);
    };
    check("no note at all").await;
    check(&good.replacen("\n2\n", "\n3\n", 1)).await;
    let (text, signature) = good.split_once("\n\n").expect("a note");
    check(&format!("{text}\n\n")).await;
    check(&format!("{text}\n\n{}", signature.replacen("example", "elsewhere", 1))).await;
}

#[tokio::test]
async fn one_bad_entry_spoils_its_page_and_nothing_of_it_is_stored() {
    let peer = peer().await;
    let good = peer.notice("Flood");
    let foreign_epoch = peer.state_at(Body::Notice { subject: "x".into(), source: "y".into() }, peer.now(), 7);
    let mut altered = peer.notice("Fire").to_value();
    altered["object"]["subject"] = json!("No fire");
    let mut unknown = peer.notice("Fire").to_value();
    unknown["urgent"] = json!(true);
    let mut context = peer.notice("Fire").to_value();
    context["@context"][0] = json!("https://elsewhere.example/context");
    let vote = Body::CutSkip { proposal: Digest([1; 32]), sitting: 0, round: 0 };
    for (what, bad) in [
        ("altered", altered),
        ("unknown member", unknown),
        ("another context", context),
        ("a closing message", peer.state(vote).to_value()),
        ("no statement", json!({"type": "Note"})),
        ("a number", json!(7)),
        ("another node's", own_statement(&peer).await),
    ] {
        let note = peer.note(&[peer.leaves()[0], leaf_hash(&good.bytes), Digest::of(b"bad")]);
        let why = peer.tell(&peer.page(1, &[good.to_value(), bad], &note)).await.refused(REFUSED, "entry");
        assert!(why.starts_with("Entry 2 cannot be used: "), "{what}: {why}");
        assert_eq!((peer.stored().await, notices(&peer).await), (1, Vec::new()), "{what}");
    }
    // A statement of an epoch that nobody knows stands in its journal and has no effect on the roll or on any vote.
    let leaves = [peer.leaves()[0], leaf_hash(&foreign_epoch.bytes)];
    let page = peer.page(1, &[foreign_epoch.to_value()], &peer.note(&leaves));
    assert_eq!(peer.tell(&page).await.status, StatusCode::OK);
}

/// A statement that the node itself has published.
async fn own_statement(peer: &Peer) -> Value {
    let standing = peer.test.get("", "/api/v1/node").await.expect(StatusCode::OK);
    let journal = standing["journal"]["id"].as_str().expect("a journal").parse().expect("an id");
    let path = folkmoot::federation::journal_page::journal_path(&journal);
    let page = peer.test.get("", &format!("/{path}?from=0")).await.expect(StatusCode::OK);
    page["entries"][0].clone()
}

#[tokio::test]
async fn pages_of_another_shape_are_refused_with_the_reason() {
    let peer = peer().await;
    let good = peer.page(1, &[], "");
    let altered = |pointer: &str, to: Value| {
        let mut page = good.clone();
        *page.pointer_mut(pointer).expect(pointer) = to;
        page
    };
    let mut more = good.clone();
    more["object"]["priority"] = json!("high");
    let many = vec![json!({"leaf": Digest::of(b"x")}); 201];
    for page in [
        altered("/object/start", json!(-1)),
        altered("/object/start", json!("one")),
        altered("/object/journal", json!("somewhere")),
        altered("/object/entries", json!({})),
        altered("/object/entries", Value::from(many)),
        altered("/object/note", json!(null)),
        more,
    ] {
        peer.tell(&page).await.refused(REFUSED, "page");
    }
    let nobodys = "nobody.example/journals/0123456789abcdef/fedcba9876543210";
    peer.tell(&altered("/object/journal", json!(nobodys))).await.refused(REFUSED, "unknown-journal");
    let node = peer.test.get("", "/api/v1/node").await.expect(StatusCode::OK);
    let own = altered("/object/journal", node["journal"]["id"].clone());
    peer.tell(&own).await.refused(REFUSED, "own-journal");
    assert_eq!(peer.stored().await, 1);
}

#[tokio::test]
async fn a_mirror_cannot_put_a_genuine_statement_where_it_never_stood() {
    let peer = peer().await;
    let genuine = peer.notice("Flood");
    let mirror: NodeId = "https://mallory.example/actor".parse().expect("an address");
    let page = |entries: Vec<Value>, note: String| Incoming { journal: peer.journal(), start: 1, entries, note };
    let receive = async |page: Incoming| receive_journal(&peer.test.app, &mirror, page, peer.now()).await;
    let code = |result: Result<Received, folkmoot::actions::error::ActionError>| match result {
        Err(folkmoot::actions::error::ActionError::Refused(refusal)) => refusal.code.into_owned(),
        other => panic!("{other:?}"),
    };
    // Without a checkpoint, and with one that lies further than the page goes.
    let further = peer.note(&[peer.leaves()[0], Digest::of(b"one"), Digest::of(b"two"), Digest::of(b"three")]);
    assert_eq!(code(receive(page(vec![genuine.to_value()], String::new())).await), "unproven");
    assert_eq!(code(receive(page(vec![genuine.to_value()], further)).await), "unproven");
    assert_eq!((peer.stored().await, notices(&peer).await), (1, Vec::new()));
    // What a checkpoint covers is taken from any mirror; what comes after it is left for later.
    let next = peer.notice("And fire");
    let covered = peer.note(&[peer.leaves()[0], leaf_hash(&genuine.bytes)]);
    let received = receive(page(vec![genuine.to_value(), next.to_value()], covered)).await.expect("stored");
    assert!(matches!(received, Received::Cosigned { .. }), "{received:?}");
    assert_eq!((peer.stored().await, notices(&peer).await), (2, vec!["Flood".to_owned()]));
}

#[tokio::test]
async fn a_contribution_takes_the_place_of_nobody_elses() {
    let mut peer = peer().await;
    let steward = peer.test.steward.clone();
    let token = {
        let account = json!({"login": "tools", "password": super::app::PASSWORD, "person": "collectivetools"});
        peer.test.post(&steward, "/api/v1/accounts", &account).await.expect(StatusCode::CREATED);
        peer.test.token_of("tools").await
    };
    peer.test.pass(1).await;
    let draft = peer.test.post(&token, "/api/v1/proposals", &super::scene::Scene::consent()).await;
    let draft = draft.expect(StatusCode::CREATED);
    let path = format!("/api/v1/proposals/{}", draft["key"].as_str().expect("a key"));
    let note = |id: &str, text: &str| {
        Body::Note(Comment {
            id: id.into(),
            proposal: draft["id"].as_str().expect("an id").into(),
            in_reply_to: draft["id"].as_str().expect("an id").into(),
            author: "hypha".into(),
            author_name: "Hypha".into(),
            source: text.into(),
        })
    };
    peer.publish(note("https://tools.example/comments/0000000000000001", "In your name.")).await;
    peer.publish(note("https://hypha.example/comments/0000000000000001", "In ours.")).await;
    let shown = peer.test.get("", &path).await.expect(StatusCode::OK);
    let texts: Vec<_> = shown["comments"].as_array().expect("a thread").iter().map(|c| c["text"].clone()).collect();
    assert_eq!(texts, ["In ours."]);
}

#[tokio::test]
async fn a_statement_from_a_clock_far_ahead_is_refused() {
    let peer = peer().await;
    let early = peer.state_at(Body::Notice { subject: "Soon".into(), source: "x".into() }, peer.now().plus(7200), 0);
    let mut leaves = peer.leaves();
    leaves.push(leaf_hash(&early.bytes));
    let refused = peer.tell(&peer.page(1, &[early.to_value()], &peer.note(&leaves))).await.refused(REFUSED, "clock");
    assert!(refused.contains("check the clocks"), "{refused}");
    assert_eq!((peer.stored().await, notices(&peer).await), (1, Vec::new()));
}
