//! What a node passes on when a round of a closing is over, and what it asks for: a proposal is long, and comes from its
//! chair or to whoever asks for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use folkmoot::actions::closing::{self, Lacking};
use folkmoot::actions::receive_journal::{Incoming, receive_journal, receive_note};
use folkmoot::actions::{count, electorate, standing};
use folkmoot::federation::sync;
use folkmoot::storage::deliveries;
use folkmoot_governance::certification::certificate::chairs;
use folkmoot_governance::certification::message::{Subject, proposal_body};
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::extract::cut_digest;
use folkmoot_governance::id::{Digest, JournalId, NodeId, Time};
use folkmoot_governance::journal::{Checkpoint, SignedCheckpoint, leaf_hash, root};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Body, Party, Signer, Visibility};
use folkmoot_governance::tally;
use serde_json::{Value, json};

use super::app::{PASSWORD, TestApp};
use super::deliveries::{reach, serve};
use super::peer::Peer;

/// Four parties, of which the test holds the keys of three: any three decide.
struct Four {
    peer: Peer,
    others: Vec<(NodeId, SecretKey)>,
    /// Of a member who can propose.
    token: String,
}

/// A vote that is over, and what it comes to.
struct Over {
    key: String,
    subject: Subject,
    notes: Vec<String>,
    value: Digest,
    /// Of the first round.
    chair: NodeId,
}

impl Over {
    fn vote(&self) -> Body {
        let Subject { proposal, sitting } = self.subject;
        Body::CutVote { proposal, sitting, round: 0, value: self.value }
    }

    fn finish(&self) -> Body {
        let Subject { proposal, sitting } = self.subject;
        Body::CutFinal { proposal, sitting, round: 0, value: self.value }
    }
}

impl Four {
    async fn found() -> Self {
        let named = |name: &str| format!("https://{name}.example/actor").parse().expect("an address");
        Self::found_at(["hypha", "ladder", "mill"].map(named)).await
    }

    async fn found_at([first, second, third]: [NodeId; 3]) -> Self {
        let quiet = vec![(second, SecretKey::from_seed([21; 32])), (third, SecretKey::from_seed([22; 32]))];
        let party =
            |(node, key): &(NodeId, SecretKey)| Party { name: node.to_string(), node: node.clone(), key: key.public() };
        let peer = Peer::join_at(first, Visibility::Public, &quiet.iter().map(party).collect::<Vec<_>>()).await;
        let Body::Charter { digest } = peer.told[0].statement.body else { panic!("it accepted the charter") };
        for (node, key) in &quiet {
            let accepts = sign(&peer, node, key, Body::Charter { digest });
            let journal = JournalId::new(peer.consortium, node, key.public().as_bytes());
            let checkpoint = Checkpoint { journal: journal.clone(), size: 1, root: root(&[leaf_hash(&accepts.bytes)]) };
            let note = checkpoint.sign(key).to_string();
            let page = Incoming { journal, start: 0, entries: vec![accepts.to_value()], note };
            receive_journal(&peer.test.app, node, page, peer.now()).await.expect("it is stored");
        }
        let test = &peer.test;
        let account = json!({"login": "ada", "password": PASSWORD, "person": "ada", "name": "Ada"});
        test.post(&test.steward, "/api/v1/accounts", &account).await.expect(StatusCode::CREATED);
        let mandate = json!({"organisation": "collectivetools", "holder": "ada", "name": "Ada"});
        test.post(&test.steward, "/api/v1/mandates", &mandate).await.expect(StatusCode::CREATED);
        let token = test.token_of("ada").await;
        let own = (peer.node.clone(), peer.keys.statement.clone());
        let four = Self { others: [vec![own], quiet].concat(), peer, token };
        four.certify().await;
        four.test().pass(1).await;
        four.certify().await;
        four
    }

    fn test(&self) -> &TestApp {
        &self.peer.test
    }

    /// Everybody cosigns the newest checkpoint of every journal.
    async fn certify(&self) {
        self.test().work().await;
        let listed = self.test().get("", "/journals").await.expect(StatusCode::OK);
        for item in listed["items"].as_array().expect("a list") {
            let mut note: SignedCheckpoint = item["note"].as_str().expect("a note").parse().expect("a note");
            for (node, key) in &self.others {
                let line = note.checkpoint.cosign(node, key, self.peer.now());
                note.signatures.push(line);
            }
            receive_note(&self.test().app, &note.to_string(), self.peer.now()).await.expect("it is kept");
        }
    }

    /// A vote that is over, of which everything is certified.
    async fn vote(&self) -> Over {
        let test = self.test();
        let draft = json!({"title": "Rent a server", "text": "It is full.", "type": "regular", "method": "consent"});
        let drafted = test.post(&self.token, "/api/v1/proposals", &draft).await.expect(StatusCode::CREATED);
        let key = drafted["key"].as_str().expect("a key").to_owned();
        let path = format!("/api/v1/proposals/{key}/open");
        let announced = test.post(&self.token, &path, &json!({})).await.expect(StatusCode::OK);
        let proposal = announced["digest"].as_str().and_then(|text| text.parse().ok()).expect("a digest");
        let time = |field: &str| announced[field].as_str().and_then(|text| text.parse::<Time>().ok()).expect(field);
        self.certify().await;
        test.pass_until(time("opens")).await;
        test.pass_until(time("closes")).await;
        let subject = Subject { proposal, sitting: 0 };
        let mut conn = test.app.db.read().await.expect("a connection");
        let known = standing::load(&mut conn).await.expect("a consortium");
        let loaded = count::load_vote(&mut conn, &test.app, &known, proposal).await.expect("a vote");
        let certified = electorate::certified_by(&mut conn, &loaded.epoch, time("closes")).await.expect("a cut");
        let (notes, sizes): (Vec<_>, Vec<_>) = certified.into_iter().unzip();
        let outcome = count::count(&mut conn, &known, &loaded, &sizes).await.expect("a count");
        let value = tally::value(proposal, 0, cut_digest(&sizes), outcome.digest());
        let chair = chairs(subject, &loaded.epoch)[0];
        let chair = loaded.epoch.parties[usize::from(chair.0)].node.clone();
        Over { key, subject, notes, value, chair }
    }

    /// As [`Self::vote`], with somebody else in the first chair; where it is this node, that vote is decided.
    async fn vote_chaired_by_another(&self) -> Over {
        loop {
            let vote = self.vote().await;
            if vote.chair != self.test().app.node {
                return vote;
            }
            self.propose(&vote).await;
            self.say(2, &vote.vote()).await;
            self.say(2, &vote.finish()).await;
            assert!(self.is_decided(&vote).await);
        }
    }

    /// Lets the first chair propose, until this node has voted for it or it is decided.
    async fn propose(&self, vote: &Over) {
        if let Some(proposal) = self.proposal(vote) {
            self.hear(vec![proposal]).await;
        }
        for _ in 0..20 {
            if self.has_voted(vote).await || self.is_decided(vote).await {
                return;
            }
            self.test().pass(1).await;
        }
        panic!("neither voted nor decided");
    }

    /// What the first chair says, unless that is this node.
    fn proposal(&self, vote: &Over) -> Option<SignedStatement> {
        let (node, key) = self.others.iter().find(|(node, _)| *node == vote.chair)?;
        let body = proposal_body(vote.subject, 0, vote.value, vote.notes.clone(), &[]);
        Some(sign(&self.peer, node, key, body))
    }

    async fn has_voted(&self, vote: &Over) -> bool {
        let app = &self.test().app;
        let said = closing::messages(app, vote.subject.proposal, 0, 1 << 20).await.expect("a page").0;
        let own = |item: &Value| item["actor"] == app.node.as_str() && item["object"]["type"] == "CutVote";
        said.iter().any(own)
    }

    async fn is_decided(&self, vote: &Over) -> bool {
        let register = self.test().get("", "/api/v1/decisions").await.expect(StatusCode::OK);
        register["decisions"].as_array().expect("a list").iter().any(|line| line["key"] == vote.key.as_str())
    }

    /// The proposals that this node would ask for, and whom one after the other.
    async fn asks(&self) -> Vec<(Digest, u32, Digest, Vec<NodeId>)> {
        let lacking = closing::lacking(&self.test().app, self.peer.now()).await.expect("a query");
        let holders = |lacking: &Lacking| (0..).map_while(|turn| lacking.holder(1, turn).cloned()).collect();
        lacking.iter().map(|lacks| (lacks.proposal, lacks.round, lacks.value, holders(lacks))).collect()
    }

    /// Whether the loop that asks has been woken since the last time.
    async fn is_woken(&self) -> bool {
        tokio::time::timeout(Duration::ZERO, self.test().app.ask.notified()).await.is_ok()
    }

    async fn hear(&self, statements: Vec<SignedStatement>) {
        closing::receive(&self.test().app, statements, self.peer.now()).await.expect("it is heard");
    }

    /// The first so many others say this.
    async fn say(&self, many: usize, body: &Body) {
        let signed = |(node, key): &(NodeId, SecretKey)| sign(&self.peer, node, key, body.clone());
        self.hear(self.others[..many].iter().map(signed).collect()).await;
    }

    /// The kinds of messages in what was queued for each of the others as one activity.
    async fn relayed(&self) -> Vec<Vec<Vec<String>>> {
        let now = self.peer.now();
        let mut all = Vec::new();
        for (node, _) in self.others.clone() {
            let claim = async move |conn: &mut _| deliveries::claim(conn, &node, now, now, 1_000).await;
            let queued = self.test().app.db.write(claim).await.expect("a query");
            let bodies = queued.iter().filter(|row| row.kind == "closing").map(|row| &row.body);
            let activities = bodies.map(|body| serde_json::from_slice::<Value>(body).expect("JSON"));
            let relays = activities.filter(|activity| activity["type"] == "Announce");
            all.push(relays.map(|relay| kinds(&relay["object"]["items"])).collect());
        }
        all
    }
}

fn kinds(items: &Value) -> Vec<String> {
    let kind = |item: &Value| item["object"]["type"].as_str().expect("a type").to_owned();
    items.as_array().expect("a list").iter().map(kind).collect()
}

fn sign(peer: &Peer, node: &NodeId, key: &SecretKey, body: Body) -> SignedStatement {
    let (signer, published) = (Signer::Node(node.clone()), peer.now());
    let unsigned = Unsigned { signer, published, consortium: peer.consortium, epoch: 0, body };
    unsigned.sign(key).expect("a statement")
}

#[tokio::test]
async fn votes_and_finals_are_passed_on_to_everybody_and_proposals_to_nobody() {
    let four = Four::found().await;
    let vote = four.vote().await;
    four.propose(&vote).await;
    assert_eq!(four.relayed().await, vec![Vec::<Vec<String>>::new(); 3], "no round is over");
    four.say(2, &vote.vote()).await;
    four.say(2, &vote.finish()).await;
    let expected = vec![vec!["CutVote"; 3], vec!["CutFinal"; 3]];
    assert_eq!(four.relayed().await, vec![expected; 3]);
    assert!(four.is_decided(&vote).await);
    assert_eq!((four.asks().await, four.is_woken().await), (Vec::new(), false));
}

#[tokio::test]
async fn a_proposal_that_a_quorum_speaks_for_and_that_never_came_is_asked_for_once() {
    let four = Four::found().await;
    let vote = four.vote_chaired_by_another().await;
    four.say(2, &vote.vote()).await;
    assert_eq!((four.asks().await, four.is_woken().await), (Vec::new(), false), "two are no quorum");
    four.say(3, &vote.vote()).await;
    let asked = four.asks().await;
    let [(proposal, 0, value, holders)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!((*proposal, *value, holders.len()), (vote.subject.proposal, vote.value, 3));
    assert!(four.others.iter().all(|(node, _)| holders.contains(node)));
    assert!(four.is_woken().await);
    four.say(3, &vote.finish()).await;
    let [(_, _, _, both)] = &four.asks().await[..] else { panic!("it is still lacking") };
    assert_eq!((&both[..3], &both[3..], four.is_woken().await), (&holders[..], &holders[..], false));
    assert!(!four.is_decided(&vote).await, "what was agreed on is not here");
    four.propose(&vote).await;
    assert!(four.is_decided(&vote).await);
    assert_eq!(four.asks().await, Vec::new());
}

/// What a party on loopback answers to those who ask for closing messages.
#[derive(Default, Clone)]
struct Answers(Arc<Mutex<Vec<Value>>>);

impl Answers {
    fn give(&self, items: Vec<Value>) {
        *self.0.lock().expect("nobody panicked") = items;
    }

    async fn serve(&self) -> NodeId {
        let Self(items) = self.clone();
        let answer = async move || {
            let page = json!({"items": *items.lock().expect("nobody panicked"), "nextRound": 1});
            ([(header::CONTENT_TYPE, "application/activity+json")], page.to_string())
        };
        serve(Router::new().route("/closings/{proposal}", get(answer))).await
    }
}

#[tokio::test]
async fn one_holder_after_the_other_is_asked_until_one_has_the_proposal() {
    let (lies, has) = (Answers::default(), Answers::default());
    let four = Four::found_at([serve(Router::new()).await, lies.serve().await, has.serve().await]).await;
    let vote = four.vote_chaired_by_another().await;
    let proposal = four.proposal(&vote).expect("another chair").to_value();
    let mut forged = proposal.clone();
    forged["object"]["cut"] = json!([]);
    lies.give(vec![json!("no message"), forged]);
    has.give(vec![json!({}), proposal]);
    four.say(3, &vote.vote()).await;
    four.say(3, &vote.finish()).await;
    let app = reach(four.test(), &[]).await;
    let [(_, _, _, holders)] = &four.asks().await[..] else { panic!("nothing is lacking") };
    let (holders, last) = (&holders[..3], four.others.last().map(|(node, _)| node.clone()).expect("three others"));
    let turn = holders.iter().position(|holder| *holder == last).expect("it is a holder");
    for before in (0..3).filter(|other| *other != turn) {
        assert!(sync::ask_for_proposals(&app, 1, before).await.expect("asked"), "there are finishers to ask");
        assert!(!four.is_decided(&vote).await, "{} has it not", holders[before]);
    }
    sync::ask_for_proposals(&app, 1, turn).await.expect("asked");
    assert!(four.is_decided(&vote).await);
    assert!(!sync::ask_for_proposals(&app, 1, 0).await.expect("nothing to ask"));
}

#[tokio::test]
async fn a_proposal_is_handed_to_whoever_asks_for_its_value() {
    let four = Four::found().await;
    let vote = four.vote().await;
    four.propose(&vote).await;
    let proposal = vote.subject.proposal;
    let items = async |value: Digest| {
        let path = format!("/closings/{proposal}?round=0&value={value}");
        let page = four.test().get("", &path).await.expect(StatusCode::OK);
        assert!(page["nextRound"].is_null());
        kinds(&page["items"])
    };
    assert_eq!(items(vote.value).await, ["CutProposal"]);
    assert!(items(Digest([9; 32])).await.is_empty());
}
