//! What a node passes on when a round of a closing is over, and what it looks for: a proposal is long, and comes from its
//! chair or to whoever asks for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use folkmoot::actions::closing::{self, Search};
use folkmoot::actions::receive_journal::{Incoming, receive_journal, receive_note};
use folkmoot::actions::{count, electorate, standing};
use folkmoot::federation::sync;
use folkmoot::storage::{closings, deliveries};
use folkmoot::tasks;
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
use tokio::sync::watch;

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
    /// Another cut, from before the ballot.
    early: Vec<String>,
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

    /// A vote that is over, with one ballot, and everything certified.
    async fn vote(&self) -> Over {
        let test = self.test();
        let draft = json!({"title": "Rent a server", "text": "It is full.", "type": "regular", "method": "consent"});
        let drafted = test.post(&self.token, "/api/v1/proposals", &draft).await.expect(StatusCode::CREATED);
        let key = drafted["key"].as_str().expect("a key").to_owned();
        let path = format!("/api/v1/proposals/{key}");
        let announced = test.post(&self.token, &format!("{path}/open"), &json!({})).await.expect(StatusCode::OK);
        let proposal = announced["digest"].as_str().and_then(|text| text.parse().ok()).expect("a digest");
        let time = |field: &str| announced[field].as_str().and_then(|text| text.parse::<Time>().ok()).expect(field);
        self.certify().await;
        test.pass_until(time("opens")).await;
        let early = self.cut(proposal).await.0;
        let ballot = json!({"choices": ["agree"]});
        test.post(&self.token, &format!("{path}/ballot"), &ballot).await.expect(StatusCode::CREATED);
        test.pass(1).await;
        self.certify().await;
        test.pass_until(time("closes")).await;
        let (notes, value, chair) = self.cut(proposal).await;
        assert_ne!(early, notes, "the ballot is certified");
        Over { key, subject: Subject { proposal, sitting: 0 }, notes, early, value, chair }
    }

    /// The cut of all that is certified now, its value, and who is in the first chair.
    async fn cut(&self, proposal: Digest) -> (Vec<String>, Digest, NodeId) {
        let app = &self.test().app;
        let mut conn = app.db.read().await.expect("a connection");
        let known = standing::load(&mut conn).await.expect("a consortium");
        let loaded = count::load_vote(&mut conn, app, &known, proposal).await.expect("a vote");
        let certified = electorate::certified_by(&mut conn, &loaded.epoch, self.peer.now()).await.expect("a cut");
        let (notes, sizes): (Vec<_>, Vec<_>) = certified.into_iter().unzip();
        let outcome = count::count(&mut conn, &known, &loaded, &sizes).await.expect("a count");
        let value = tally::value(proposal, 0, cut_digest(&sizes), outcome.digest());
        let chair = chairs(Subject { proposal, sitting: 0 }, &loaded.epoch)[0];
        (notes, value, loaded.epoch.parties[usize::from(chair.0)].node.clone())
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
        if let Some(proposal) = self.proposal(vote, &vote.notes) {
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

    /// What the first chair says with these notes, unless that is this node.
    fn proposal(&self, vote: &Over, notes: &[String]) -> Option<SignedStatement> {
        let (node, key) = self.others.iter().find(|(node, _)| *node == vote.chair)?;
        Some(sign(&self.peer, node, key, proposal_body(vote.subject, 0, vote.value, notes.to_vec(), &[])))
    }

    /// These notes, with a checkpoint of a journal that has one entry here, and two for everybody else.
    fn with_withheld(&self, notes: &[String]) -> Vec<String> {
        let longer = |note: &String| {
            let Checkpoint { journal, size: 1, root: first } = note.parse::<SignedCheckpoint>().ok()?.checkpoint else {
                return None;
            };
            let is_of = |(node, key): &&(NodeId, SecretKey)| {
                journal == JournalId::new(self.peer.consortium, node, key.public().as_bytes())
            };
            let (_, key) = self.others.iter().find(is_of)?;
            // The root of one leaf is its hash.
            let checkpoint = Checkpoint { journal, size: 2, root: root(&[first, leaf_hash(b"withheld")]) };
            let mut note = checkpoint.sign(key);
            let cosign = |(node, key): &(NodeId, SecretKey)| note.checkpoint.cosign(node, key, self.peer.now());
            let lines: Vec<_> = self.others.iter().map(cosign).collect();
            note.signatures.extend(lines);
            Some(note.to_string())
        };
        notes.iter().map(|note| longer(note).unwrap_or_else(|| note.clone())).collect()
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

    async fn searches(&self) -> Vec<Search> {
        closing::searches(&self.test().app, self.peer.now()).await.expect("a query")
    }

    /// Whether the loop that searches has been woken since the last time.
    async fn is_woken(&self) -> bool {
        tokio::time::timeout(Duration::ZERO, self.test().app.search.notified()).await.is_ok()
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
    assert_eq!((four.searches().await, four.is_woken().await), (Vec::new(), false));
}

#[tokio::test]
async fn a_proposal_that_a_quorum_speaks_for_and_that_never_came_is_asked_for_once() {
    let four = Four::found().await;
    let vote = four.vote_chaired_by_another().await;
    four.say(2, &vote.vote()).await;
    assert_eq!((four.searches().await, four.is_woken().await), (Vec::new(), false), "two are no quorum");
    four.say(3, &vote.vote()).await;
    let searches = four.searches().await;
    let [search] = &searches[..] else { panic!("{searches:?}") };
    let Search { subject, round, value, holders, one_honest } = search;
    assert_eq!((*subject, *round, *value, *one_honest), (vote.subject, 0, vote.value, 2));
    assert!(holders.len() == 3 && four.others.iter().all(|(node, _)| holders.contains(node)));
    assert!(four.is_woken().await);
    four.say(3, &vote.finish()).await;
    assert_eq!((four.searches().await[0].holders.len(), four.is_woken().await), (3, false), "each is asked once");
    assert!(!four.is_decided(&vote).await, "what was agreed on is not here");
    four.propose(&vote).await;
    assert!(four.is_decided(&vote).await);
    assert_eq!(four.searches().await, Vec::new());
}

/// What a party on loopback answers to those who ask for closing messages, and how often it was asked.
#[derive(Default, Clone)]
struct Answers(Arc<Mutex<(Vec<Value>, usize)>>);

impl Answers {
    fn give(&self, items: Vec<Value>) {
        self.0.lock().expect("nobody panicked").0 = items;
    }

    /// How often since the last time.
    fn asked(&self) -> usize {
        std::mem::take(&mut self.0.lock().expect("nobody panicked").1)
    }

    async fn serve(&self) -> NodeId {
        let Self(state) = self.clone();
        let answer = async move || {
            let (items, asked) = &mut *state.lock().expect("nobody panicked");
            *asked += 1;
            let page = json!({"items": items, "nextRound": 1});
            ([(header::CONTENT_TYPE, "application/activity+json")], page.to_string())
        };
        serve(Router::new().route("/closings/{proposal}", get(answer))).await
    }
}

/// Waits for less than the half minute after which nodes look again unasked.
async fn until(is_so: impl AsyncFn() -> bool) {
    let polled = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), polled).await.expect("it is so in time");
}

/// Another party is in the chair of a vote, and everybody says that it is decided: this node lacks the proposal.
async fn lacking(four: &Four) -> Over {
    let vote = four.vote_chaired_by_another().await;
    four.say(3, &vote.vote()).await;
    four.say(3, &vote.finish()).await;
    vote
}

#[tokio::test]
async fn a_lacking_proposal_is_looked_for_in_the_background() {
    let answers = [Answers::default(), Answers::default(), Answers::default()];
    let four = Four::found_at([answers[0].serve().await, answers[1].serve().await, answers[2].serve().await]).await;
    let vote = four.vote_chaired_by_another().await;
    let proposal = four.proposal(&vote, &vote.notes).expect("it is signed").to_value();
    for answer in &answers {
        answer.give(vec![json!({}), proposal.clone()]);
    }
    let app = reach(four.test(), &[]).await;
    let (_stop, stopped) = watch::channel(false);
    let Subject { proposal, sitting } = vote.subject;
    four.say(3, &Body::CutVote { proposal, sitting, round: 1, value: Digest([9; 32]) }).await;
    tokio::spawn(tasks::run(app.clone(), stopped));
    until(async || answers.iter().any(|answer| answer.asked() > 0)).await;
    // The loop has looked, and would not before half a minute has passed, were it not woken.
    let says = four.others.iter().map(|(node, key)| sign(&four.peer, node, key, vote.vote())).collect();
    closing::receive(&app, says, four.peer.now()).await.expect("they are heard");
    four.say(3, &vote.finish()).await;
    until(async || four.is_decided(&vote).await).await;
}

/// The chair has sent a proposal of the value with another cut. A holder that is its friend has nothing better, and the
/// last one has it.
#[tokio::test]
async fn holders_are_asked_until_an_honest_one_has_answered() {
    let (lies, more_lies, has) = (Answers::default(), Answers::default(), Answers::default());
    let four = Four::found_at([more_lies.serve().await, lies.serve().await, has.serve().await]).await;
    let vote = lacking(&four).await;
    let signed = |notes: &[String]| four.proposal(&vote, notes).expect("it is signed");
    let [proposal, other, uncounted] = [&vote.notes, &vote.early, &four.with_withheld(&vote.notes)].map(|n| signed(n));
    let mut forged = other.to_value();
    forged["object"]["cut"] = json!(vote.notes);
    let body = |subject| proposal_body(subject, 0, vote.value, vote.notes.clone(), &[]);
    let no_chair = four.others.iter().find(|(node, _)| *node != vote.chair).expect("three others");
    let (chair, key) = four.others.iter().find(|(node, _)| *node == vote.chair).expect("another chair");
    let useless = [
        json!("no message"),
        forged,
        other.to_value(),
        signed(&[]).to_value(),
        sign(&four.peer, &no_chair.0, &no_chair.1, body(vote.subject)).to_value(),
        sign(&four.peer, chair, key, body(Subject { sitting: 1, ..vote.subject })).to_value(),
    ];
    has.give(vec![proposal.to_value()]);
    four.hear(vec![other.clone()]).await;
    let app = reach(four.test(), &[]).await;
    let ask = async |holders: &[usize]| {
        let search = four.searches().await.pop().expect("it is lacking");
        let holders = holders.iter().map(|holder| four.others[*holder].0.clone()).collect();
        sync::look_for(&app, &Search { holders, ..search }).await.expect("asked");
        four.is_decided(&vote).await
    };
    for answer in useless {
        lies.give(vec![answer]);
        assert!(!ask(&[1, 1, 1]).await);
        assert!(lies.asked() == 3, "each of them, for nothing that came is of use");
    }
    for answers in [&lies, &more_lies] {
        answers.give(vec![uncounted.to_value()]);
    }
    assert!(!ask(&[0, 1, 2]).await, "two cannot be counted, and one of four parties at most is lying");
    assert_eq!((more_lies.asked(), lies.asked(), has.asked()), (1, 1, 0));
    assert!(ask(&[1, 2, 0]).await, "one that cannot be counted may be a lie");
    assert_eq!((lies.asked(), has.asked(), more_lies.asked()), (1, 1, 0));
}

#[tokio::test]
async fn what_arrives_does_not_put_off_the_look_at_what_is_held() {
    let four = Four::found().await;
    let vote = four.vote_chaired_by_another().await;
    let held = async || {
        let mut conn = four.test().app.db.read().await.expect("a connection");
        closings::held_values(&mut conn, vote.subject.proposal, vote.subject.sitting).await.expect("a query").len()
    };
    four.hear(vec![four.proposal(&vote, &vote.early).expect("it is signed")]).await;
    assert_eq!(held().await, 1, "its cut gives another value");
    // With this charter, what is held is looked at again after a second.
    four.test().turn_clock(1);
    four.say(1, &vote.vote()).await;
    four.test().work().await;
    assert_eq!(held().await, 0);
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
