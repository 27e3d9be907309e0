//! A second party whose keys the test holds: it says what it likes, with real signatures, through the real inbox.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use folkmoot::charters;
use folkmoot::federation::journal_page::{JournalPage, journal_path};
use folkmoot::storage::peers::{self, PeerRow};
use folkmoot::transport::keys::NodeKeys;
use folkmoot::transport::signatures::HttpSigner;
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::epoch::consortium_id;
use folkmoot_governance::id::{ConsortiumId, Digest, JournalId, NodeId, Time};
use folkmoot_governance::journal::{Checkpoint, leaf_hash, root};
use folkmoot_governance::json;
use folkmoot_governance::statement::{Body as Says, FoundingMember, Genesis, Party, Signer, Visibility};
use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
use serde_json::{Value, json};

use super::app::{Answer, TestApp};

/// The inbox that everything goes to.
const INBOX: &str = "https://tools.example/inbox";

pub struct Peer {
    pub test: TestApp,
    pub keys: NodeKeys,
    pub node: NodeId,
    pub consortium: ConsortiumId,
    /// Its journal as it was told so far.
    pub told: Vec<SignedStatement>,
}

/// Making an RSA key takes long; the peer of every test has the same.
fn keys() -> NodeKeys {
    static KEYS: OnceLock<NodeKeys> = OnceLock::new();
    KEYS.get_or_init(|| NodeKeys::generate(&mut rand::rngs::OsRng).expect("keys")).clone()
}

pub fn row(node: &NodeId, keys: &NodeKeys) -> PeerRow {
    let pem = keys.http.to_public_key().to_public_key_pem(LineEnding::LF).expect("a PEM");
    PeerRow {
        node: node.clone(),
        name: "Hypha".into(),
        key: keys.statement.public(),
        rsa: pem,
        inbox: format!("{}/inbox", node.base()),
        seen_at: None,
        failures: 0,
        last_error: None,
        fetched_at: super::app::START,
    }
}

impl Peer {
    /// A consortium of the node and the peer, in force: the peer invited, the node accepted.
    pub async fn join(visibility: Visibility) -> Self {
        let peer = Self::join_with(visibility, &[]).await;
        let state = peer.test.get("", "/api/v1/consortium").await.expect(StatusCode::OK);
        assert_eq!(state["state"], "ratified");
        peer
    }

    /// As [`Self::join`], with more parties that say nothing: the charter is not in force.
    pub async fn join_with(visibility: Visibility, others: &[Party]) -> Self {
        Self::join_at("https://hypha.example/actor".parse().expect("an address"), visibility, others).await
    }

    /// As [`Self::join_with`], at another address.
    pub async fn join_at(node: NodeId, visibility: Visibility, others: &[Party]) -> Self {
        let test = TestApp::new().await;
        let keys = keys();
        let known = row(&node, &keys);
        let put = test.app.db.write(async move |conn| peers::put(conn, &known).await).await;
        put.expect("the peer is known");
        let mut charter = charters::ocm_demo(2).expect("the preset");
        charter.visibility = visibility;
        let party = |name: &str, node: &NodeId, keys: &NodeKeys| Party {
            name: name.into(),
            node: node.clone(),
            key: keys.statement.public(),
        };
        let own = test.app.node.clone();
        let member = |id: &str, sponsor: &NodeId| FoundingMember {
            member: id.parse().expect("an id"),
            name: id.into(),
            class: "producer".into(),
            sponsor: sponsor.clone(),
        };
        let mut parties = vec![party("CollectiveTools", &own, &test.app.keys), party("Hypha", &node, &keys)];
        parties.extend_from_slice(others);
        let genesis =
            Genesis { charter, parties, members: vec![member("collectivetools", &own), member("hypha", &node)] };
        let consortium = consortium_id(&genesis);
        let mut peer = Self { test, keys, node, consortium, told: Vec::new() };
        let invitation = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "type": "Invite",
            "actor": peer.node,
            "object": {"type": "Genesis", "document": genesis},
        });
        assert_eq!(peer.tell(&invitation).await.status, StatusCode::ACCEPTED);
        let accept = json!({"consortium": consortium});
        let steward = peer.test.steward.clone();
        peer.test.post(&steward, "/api/v1/consortium/accept", &accept).await.expect(StatusCode::OK);
        let charter = folkmoot_governance::epoch::Epoch::genesis(&genesis).expect("an epoch").charter_digest;
        peer.publish(Says::Charter { digest: charter }).await;
        peer
    }

    pub fn now(&self) -> Time {
        self.test.now()
    }

    pub fn journal(&self) -> JournalId {
        JournalId::new(self.consortium, &self.node, self.keys.statement.public().as_bytes())
    }

    pub fn state(&self, body: Says) -> SignedStatement {
        self.state_at(body, self.now(), 0)
    }

    pub fn state_at(&self, body: Says, published: Time, epoch: u64) -> SignedStatement {
        let signer = Signer::Node(self.node.clone());
        let unsigned = Unsigned { signer, published, consortium: self.consortium, epoch, body };
        unsigned.sign(&self.keys.statement).expect("a statement")
    }

    pub fn notice(&self, subject: &str) -> SignedStatement {
        self.state(Says::Notice { subject: subject.into(), source: "Read this.".into() })
    }

    /// A signed checkpoint over these leaves.
    pub fn note(&self, leaves: &[Digest]) -> String {
        let checkpoint = Checkpoint { journal: self.journal(), size: leaves.len() as u64, root: root(leaves) };
        checkpoint.sign(&self.keys.statement).to_string()
    }

    pub fn leaves(&self) -> Vec<Digest> {
        self.told.iter().map(|signed| leaf_hash(&signed.bytes)).collect()
    }

    /// A page of the peer's journal as an activity of the peer.
    pub fn page(&self, start: u64, entries: &[Value], note: &str) -> Value {
        let entries = entries.iter().map(json::canonical).collect();
        let page = JournalPage { journal: self.journal(), start, entries, note: note.into() };
        serde_json::from_slice(&page.to_activity(&self.node)).expect("JSON")
    }

    /// Goes on with the journal as an honest node would.
    pub async fn publish(&mut self, body: Says) -> SignedStatement {
        let signed = self.state(body);
        self.append(signed.clone()).await;
        signed
    }

    pub async fn append(&mut self, signed: SignedStatement) {
        let start = self.told.len() as u64;
        self.told.push(signed.clone());
        let page = self.page(start, &[signed.to_value()], &self.note(&self.leaves()));
        let answer = self.tell(&page).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }

    /// Signs as a node does and delivers.
    pub async fn tell(&self, activity: &Value) -> Answer {
        self.deliver(&json::canonical(activity)).await
    }

    pub async fn deliver(&self, body: &[u8]) -> Answer {
        deliver(&self.test, &self.node, &self.keys, body, self.now()).await
    }

    /// How many entries of the peer's journal are stored, as everybody can see it.
    pub async fn stored(&self) -> u64 {
        let path = format!("/{}", journal_path(&self.journal()));
        self.test.get("", &path).await.expect(StatusCode::OK)["totalItems"].as_u64().expect("a number")
    }

    /// A page of any journal, asked for in the peer's name.
    pub async fn read(&self, journal: &JournalId) -> Value {
        let path = format!("/{}?from=0", journal_path(journal));
        let url = format!("https://tools.example{path}").parse().expect("an address");
        let headers = HttpSigner::new(&self.node, &self.keys.http).sign(&Method::GET, &url, None, self.now()).await;
        let mut request = Request::get(&path);
        for (name, value) in &headers.expect("signed") {
            request = request.header(name, value);
        }
        self.test.raw(request.body(Body::empty()).expect("a request")).await.expect(StatusCode::OK)
    }
}

/// Delivers `body` to the node's inbox in the name of `node`, signed at `time`.
pub async fn deliver(test: &TestApp, node: &NodeId, keys: &NodeKeys, body: &[u8], time: Time) -> Answer {
    let url = INBOX.parse().expect("an address");
    let headers = HttpSigner::new(node, &keys.http).sign(&Method::POST, &url, Some(body), time).await;
    let mut request = Request::post("/inbox");
    for (name, value) in &headers.expect("signed") {
        request = request.header(name, value);
    }
    test.raw(request.body(Body::from(body.to_vec())).expect("a request")).await
}
