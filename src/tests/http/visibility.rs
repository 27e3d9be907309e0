//! What is for the consortium alone: the public finds none of its words at any address, members and parties do.

use axum::http::StatusCode;
use folkmoot::actions::standing::EpochChange;
use folkmoot::federation::delivery;
use folkmoot::federation::journal_page::journal_path;
use folkmoot::storage::{deliveries, epochs, journals, proposals};
use folkmoot_governance::id::{Digest, JournalId, Time};
use folkmoot_governance::proposal::CONSENT;
use folkmoot_governance::statement::{Body, Effect, Method, Question, Visibility};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::app::{Answer, PASSWORD};
use super::pages_browser::Browser;
use super::peer::Peer;
use super::scene::{DEVICE, Open, Scene};

/// Words that stand in every text that is not for visitors.
const SECRET: &str = "quince";

fn secret_draft() -> Value {
    let mut draft = Scene::consent();
    draft["title"] = json!("Sell the quince orchard");
    draft["text"] = json!("The quince orchard costs more than it brings.");
    draft["visibility"] = json!("consortium");
    draft
}

/// A public consortium with one decided vote that is not for the public; the ballots' digests.
async fn decided() -> (Scene, Open, Vec<String>) {
    let scene = Scene::new().await;
    let vote = scene.open(&secret_draft()).await;
    let path = format!("/api/v1/proposals/{}", vote.key);
    let comment = json!({"text": "I like the quince."});
    scene.post(scene.token("ada"), &format!("{path}/comments"), &comment).await.expect(StatusCode::CREATED);
    let mut ballots = Vec::new();
    let charter = scene.get("", "/api/v1/charter").await.expect(StatusCode::OK);
    let ground = charter["charter"]["blocks"]["grounds"][0].clone();
    let block = json!({"choices": ["block"], "block": {"ground": ground, "text": "No quince, no jam."}});
    let cast = scene.post(scene.token("bilal"), &format!("{path}/ballot"), &block).await.expect(StatusCode::CREATED);
    ballots.push(cast["ballot"].as_str().expect("a digest").to_owned());
    for login in ["collectivetools", "hypha", "ada"] {
        let cast = scene.cast(&vote, login, &["agree"]).await.expect(StatusCode::CREATED);
        ballots.push(cast["ballot"].as_str().expect("a digest").to_owned());
    }
    let (one, two) = (scene.signed(&vote, 1, &[0]).sign(), scene.signed(&vote, 1, &[2]).sign());
    scene.send_ballot(&one).await.expect(StatusCode::CREATED);
    scene.send_ballot(&two).await.expect(StatusCode::CREATED);
    ballots.push(one.digest.to_string());
    scene.pass_until(vote.closes).await;
    for _ in 0..10 {
        scene.pass(2).await;
    }
    let register = scene.get(scene.token("ada"), "/api/v1/decisions").await.expect(StatusCode::OK);
    assert_eq!(register["decisions"][0]["key"], vote.key);
    (scene, vote, ballots)
}

async fn journal(scene: &Scene) -> JournalId {
    let node = scene.get("", "/api/v1/node").await.expect(StatusCode::OK);
    node["journal"]["id"].as_str().expect("a journal").parse().expect("an id")
}

/// Every address at which something of the vote could be found.
async fn addresses(scene: &Scene, vote: &Open, ballots: &[String]) -> Vec<String> {
    let (key, journal) = (&vote.key, journal_path(&journal(scene).await));
    let mut all: Vec<String> = [
        "/",
        "/proposals",
        "/proposals?show=closed",
        "/decisions",
        "/decisions?q=orchard",
        "/decisions/1",
        "/members",
        "/members/ada",
        "/charter",
        "/consortium",
        "/decisions.atom",
        "/deadlines.ics",
        "/outbox",
        "/journals",
        "/genesis",
        "/nodeinfo/2.1",
        "/api/v1/node",
        "/api/v1/consortium",
        "/api/v1/proposals",
        "/api/v1/decisions",
        "/api/v1/decisions?q=orchard",
        "/api/v1/decisions/1",
        "/api/v1/decisions/1/bundle",
        "/api/v1/decisions/1/ballots.csv",
        "/api/v1/decisions/1/ballots.json",
        "/api/v1/faults",
        "/api/v1/notices",
        "/api/v1/members",
        "/api/v1/members/ada",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend(["", "/count", "/edit", "/open"].map(|end| format!("/proposals/{key}{end}")));
    all.extend(["", "/count", "/closing"].map(|end| format!("/api/v1/proposals/{key}{end}")));
    all.push(format!("/api/v1/proposals/{key}/seats/{DEVICE}"));
    all.push(format!("/closings/{}", vote.digest));
    all.push(format!("/closings/{}?round=0&value={}", vote.digest, Digest([9; 32])));
    all.push(format!("/{journal}?from=0"));
    for ballot in ballots {
        all.push(format!("/api/v1/receipts/{ballot}"));
        all.push(format!("/ballots/{ballot}"));
        all.push(format!("/ballots/{ballot}/receipt"));
    }
    all
}

/// Whether an answer tells of the vote: by a word of its texts, or by a digest that was not in the address already.
fn tells(answer: &Answer, vote: &Open, ballots: &[String], path: &str) -> bool {
    let text = answer.text().to_lowercase();
    let digest = vote.digest.to_string();
    let named = |digest: &str| !path.contains(digest) && text.contains(digest);
    text.contains(SECRET) || named(&digest) || ballots.iter().any(|ballot| named(ballot))
}

#[tokio::test]
async fn no_address_tells_visitors_of_a_vote_that_is_not_for_them() {
    let (scene, vote, ballots) = decided().await;
    for path in addresses(&scene, &vote, &ballots).await {
        let answer = scene.get("", &path).await;
        assert!(!answer.status.is_server_error(), "{path}: {}", answer.text());
        assert!(!tells(&answer, &vote, &ballots, &path), "{path}: {}", answer.text());
    }
    // The test would notice: whoever has an account finds it in most of these places.
    let mut found = 0;
    for path in addresses(&scene, &vote, &ballots).await {
        found += usize::from(tells(&scene.get(scene.token("ada"), &path).await, &vote, &ballots, &path));
    }
    assert!(found > 10, "{found}");
}

#[tokio::test]
async fn what_a_visitor_may_not_read_asks_for_an_account() {
    let (scene, vote, ballots) = decided().await;
    for path in [
        format!("/api/v1/proposals/{}", vote.key),
        format!("/api/v1/proposals/{}/seats/{DEVICE}", vote.key),
        format!("/api/v1/receipts/{}", ballots[0]),
        "/api/v1/decisions/1".into(),
        "/api/v1/decisions/1/bundle".into(),
    ] {
        scene.get("", &path).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
        scene.get(scene.token("ada"), &path).await.expect(StatusCode::OK);
    }
    for asked in ["".to_owned(), format!("?round=0&value={}", Digest([9; 32]))] {
        scene.get("", &format!("/closings/{}{asked}", vote.digest)).await.refused(StatusCode::NOT_FOUND, "not-found");
    }
}

#[tokio::test]
async fn everybody_learns_of_a_fault_and_members_read_its_evidence() {
    let (scene, ..) = decided().await;
    let visitor = scene.get("", "/api/v1/faults").await.expect(StatusCode::OK);
    let member = scene.get(scene.token("ada"), "/api/v1/faults").await.expect(StatusCode::OK);
    assert_eq!(visitor["faults"][0]["kind"], "two-ballots");
    assert_eq!(visitor["faults"][0]["digest"], member["faults"][0]["digest"]);
    assert_eq!(
        (&visitor["faults"][0]["evidence"], member["faults"][0]["evidence"].as_array().map(Vec::len)),
        (&json!([]), Some(2))
    );
}

#[tokio::test]
async fn what_was_for_the_consortium_is_not_published_by_a_later_version() {
    let scene = Scene::new().await;
    let key = scene.draft(&secret_draft()).await;
    let path = format!("/api/v1/proposals/{key}");
    let answer = scene.put(scene.token("collectivetools"), &path, &Scene::consent()).await;
    assert_eq!(answer.json()["field"], "visibility", "{}", answer.text());
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "visibility");
    scene.get("", &path).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    // The other way round is possible.
    let open = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{open}");
    scene.put(scene.token("collectivetools"), &path, &secret_draft()).await.expect(StatusCode::OK);
    scene.get("", &path).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
}

#[tokio::test]
async fn a_party_is_shown_the_statements_and_a_stranger_their_hashes() {
    let mut peer = Peer::join(Visibility::Consortium).await;
    peer.publish(Body::Notice { subject: "About quinces".into(), source: "They are ripe.".into() }).await;
    let path = format!("/{}?from=0", journal_path(&peer.journal()));
    let stranger = peer.test.get("", &path).await;
    assert!(!stranger.text().to_lowercase().contains(SECRET), "{}", stranger.text());
    assert_eq!(stranger.headers["vary"], "Signature");
    let stranger = stranger.expect(StatusCode::OK);
    assert_eq!(stranger["entries"][1], json!({"leaf": peer.leaves()[1]}));
    let shown = peer.read(&peer.journal()).await;
    assert_eq!(shown["entries"][1]["object"]["subject"], "About quinces");
    assert_eq!(shown["note"], stranger["note"]);
    // Roll, notices and members of such a consortium are not for visitors either.
    for path in ["/api/v1/notices", "/api/v1/members", "/api/v1/members/hypha"] {
        peer.test.get("", path).await.refused(StatusCode::UNAUTHORIZED, "sign-in");
    }
    for path in ["/members", "/consortium", "/"] {
        assert!(!peer.test.get("", path).await.text().to_lowercase().contains(SECRET), "{path}");
    }
    let steward = peer.test.steward.clone();
    let account = async |login: &str, person: &str| {
        let body = json!({"login": login, "password": PASSWORD, "person": person});
        peer.test.post(&steward, "/api/v1/accounts", &body).await.expect(StatusCode::CREATED);
        peer.test.token_of(login).await
    };
    // An account alone is no membership.
    let (guest, member) = (account("guest", "guest").await, account("tools", "collectivetools").await);
    peer.test.get(&guest, "/api/v1/notices").await.refused(StatusCode::FORBIDDEN, "forbidden");
    for token in [&member, &steward] {
        assert!(peer.test.get(token, "/api/v1/notices").await.text().contains("About quinces"));
    }
}

#[tokio::test]
async fn what_is_for_the_consortium_is_read_by_those_who_belong_to_it() {
    let scene = Scene::new().await;
    let key = scene.draft(&secret_draft()).await;
    let path = format!("/api/v1/proposals/{key}");
    let reads = async |token: &str| match scene.get(token, &path).await {
        answer if answer.status == StatusCode::OK => true,
        answer => {
            answer.refused(StatusCode::FORBIDDEN, "forbidden");
            let listed = scene.get(token, "/api/v1/proposals?state=draft").await.expect(StatusCode::OK);
            assert_eq!(listed["proposals"], json!([]));
            false
        }
    };
    for token in [scene.token("ada"), scene.token("hypha"), scene.token("harbour"), &scene.steward] {
        assert!(reads(token).await);
    }
    let end = async |member: &str, status: &str| {
        let body = json!({"status": status, "reason": "Fees are open."});
        scene
            .post(&scene.steward, &format!("/api/v1/members/{member}/end"), &body)
            .await
            .expect(StatusCode::NO_CONTENT);
    };
    // A suspension takes the vote, not the reading.
    end("bilal", "suspended").await;
    assert!(reads(scene.token("bilal")).await);
    end("bilal", "withdrawn").await;
    end("ada", "lapsed").await;
    end("harbour", "withdrawn").await;
    let mandate = "/api/v1/mandates/hypha/hypha-delegate";
    scene.send("DELETE", &scene.steward, mandate, None).await.expect(StatusCode::NO_CONTENT);
    for login in ["bilal", "ada", "harbour", "hypha"] {
        assert!(!reads(scene.token(login)).await, "{login}");
        scene.get(scene.token(login), "/api/v1/me").await.expect(StatusCode::OK);
    }
}

#[tokio::test]
async fn whoever_leaves_reads_on_while_a_vote_still_counts_them() {
    let scene = Scene::new().await;
    let vote = scene.open(&secret_draft()).await;
    scene.pass(1).await;
    let end = json!({"status": "withdrawn", "reason": "I move away."});
    scene.post(&scene.steward, "/api/v1/members/ada/end", &end).await.expect(StatusCode::NO_CONTENT);
    let path = format!("/api/v1/proposals/{}", vote.key);
    scene.get(scene.token("ada"), &path).await.expect(StatusCode::OK);
    scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    let later = scene.draft(&secret_draft()).await;
    scene.get(scene.token("ada"), &format!("/api/v1/proposals/{later}")).await.expect(StatusCode::OK);
    scene.close(&vote).await;
    scene.get(scene.token("ada"), &path).await.refused(StatusCode::FORBIDDEN, "forbidden");
}

#[tokio::test]
async fn whoever_has_only_asked_to_join_reads_what_everybody_reads() {
    let scene = Scene::new().await;
    let key = scene.draft(&secret_draft()).await;
    // An organisation is endorsed, has its account, and waits for a decision.
    let charter = scene.get("", "/api/v1/charter").await.expect(StatusCode::OK);
    let classes = charter["charter"]["classes"].as_array().expect("classes");
    let class = classes.iter().find(|class| class["id"] == "consumer-organisation").expect("the class");
    let mut request = scene.request("dora").await;
    request["class"] = json!("consumer-organisation");
    request["level"] = json!(class["levels"][0]["id"].as_str().unwrap_or_default());
    let asked = scene.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
    let path = format!("/api/v1/requests/{}", asked["id"].as_str().expect("an id"));
    scene.post(&scene.steward, &format!("{path}/endorse"), &json!({})).await.expect(StatusCode::OK);
    let dora = scene.token_of("dora").await;
    for path in [format!("/api/v1/proposals/{key}"), format!("/api/v1/proposals/{key}/comments")] {
        scene.get(&dora, &path).await.refused(StatusCode::FORBIDDEN, "forbidden");
    }
    assert_eq!(scene.get(&dora, &path).await.expect(StatusCode::OK)["state"], "endorsed");
    let mut browser = Browser::logged_in(&scene, "dora").await;
    for path in ["/", "/proposals", "/members", "/account", "/charter"] {
        let page = browser.read(path).await.to_lowercase();
        assert!(!page.contains(SECRET), "{path}: {page}");
    }
    for path in [format!("/proposals/{key}"), "/proposals/new".to_owned()] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text());
        assert!(!answer.text().to_lowercase().contains(SECRET), "{path}");
    }
}

/// The peer is removed by a decision whose cut is all that is stored now.
async fn leave(peer: &Peer) {
    let (node, since) = (peer.node.clone(), peer.now());
    let left = peer.test.app.db.write(async move |conn| {
        let cut = journals::all(conn).await?.into_iter().map(|journal| (journal.id, journal.size)).collect();
        let change = EpochChange { effects: vec![Effect::RemoveParty { node }], cut };
        let document = serde_json::to_vec(&change).expect("JSON");
        epochs::insert(conn, &epochs::EpochRow { number: 1, document, decided_by: Digest([9; 32]), since }).await
    });
    left.await.expect("an epoch");
}

/// A vote of the epoch in which the peer is a party.
async fn announce(peer: &Peer, closes: Time) {
    let (node, now) = (peer.node.clone(), peer.now());
    let question = Question {
        id: format!("{}/proposals/1", node.base()),
        version: 1,
        name: "Sell the orchard".into(),
        source: "It costs more than it brings.".into(),
        proposer: "hypha".parse().expect("an id"),
        decision_type: "regular".into(),
        method: Method::Consent,
        options: CONSENT.map(str::to_owned).to_vec(),
        reason: String::new(),
        visibility: Visibility::Consortium,
        principles: Vec::new(),
        supersedes: Vec::new(),
        review: None,
        effects: Vec::new(),
        voting: None,
    };
    let announced = peer.test.app.db.write(async move |conn| {
        let version = proposals::Version {
            id: &question.id,
            key: "0123456789abcdef",
            node: &node,
            question: &question,
            statement: b"{}",
            digest: Digest([8; 32]),
            epoch: 0,
            opens: Some(now),
            closes: Some(closes),
            published: now,
        };
        proposals::put_version(conn, &version).await
    });
    announced.await.expect("a vote");
}

#[tokio::test]
async fn a_party_that_left_reads_what_was_said_until_then_and_the_rest_only_while_a_vote_needs_it() {
    let peer = Peer::join(Visibility::Consortium).await;
    let say = async |subject: &str| {
        let notice = json!({"subject": subject, "text": "They are ripe."});
        peer.test.post(&peer.test.steward, "/api/v1/notices", &notice).await.expect(StatusCode::CREATED);
        peer.test.pass(1).await;
    };
    let node = peer.test.get("", "/api/v1/node").await.expect(StatusCode::OK);
    let own: JournalId = node["journal"]["id"].as_str().expect("a journal").parse().expect("an id");
    say("Quinces of last year").await;
    let page = peer.read(&own).await;
    let (shared, covered) = (page["entries"].as_array().map(Vec::len), page["note"].clone());
    leave(&peer).await;
    say("Quinces of this year").await;
    let page = peer.read(&own).await;
    let text = page.to_string();
    assert!(text.contains("Quinces of last year") && !text.contains("Quinces of this year"), "{text}");
    // It ends where the peer left, with a checkpoint over all of it.
    let covering = page["note"].as_str().and_then(|note| note.lines().nth(1)).map(str::to_owned);
    assert_eq!(page["entries"].as_array().map(Vec::len), shared);
    assert_eq!(covering, covered.as_str().and_then(|note| note.lines().nth(1)).map(str::to_owned));

    // Nor is it sent what waited for it.
    let waiting = async || {
        let mut conn = peer.test.app.db.read().await.expect("a connection");
        deliveries::waiting(&mut conn).await.expect("a query").len()
    };
    assert_eq!(waiting().await, 1);
    let (_stop, stopped) = watch::channel(false);
    delivery::deliver_to(&peer.test.app, &peer.node, &stopped).await.expect("nothing goes out");
    assert_eq!(waiting().await, 0);

    announce(&peer, peer.now().plus(60)).await;
    let text = peer.read(&own).await.to_string();
    assert!(text.contains("Quinces of this year"), "{text}");
    // The preset's demonstration times: after ten minutes without a certificate nobody waits for the vote.
    peer.test.pass(60 + 600).await;
    let text = peer.read(&own).await.to_string();
    assert!(text.contains("Quinces of last year") && !text.contains("Quinces of this year"), "{text}");
}
