//! A founded consortium of one node with members of every class.

use std::ops::Deref;

use axum::http::StatusCode;
use folkmoot::charters;
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::id::{ConsortiumId, Digest, Time};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Ballot, Body, Signer};
use serde_json::{Value, json};

use super::app::{PASSWORD, TestApp};

/// Organisations with their class, and persons; each signs in under its id.
pub const PRODUCERS: [&str; 2] = ["collectivetools", "hypha"];
pub const PERSONS: [&str; 2] = ["ada", "bilal"];
/// A person whose key is on an own device.
pub const DEVICE: &str = "carme";

pub struct Scene {
    pub test: TestApp,
    pub consortium: ConsortiumId,
    /// Tokens by login.
    tokens: Vec<(String, String)>,
}

/// An open vote.
pub struct Open {
    pub key: String,
    pub digest: Digest,
    pub opens: Time,
    pub closes: Time,
}

impl Deref for Scene {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.test
    }
}

pub fn device_key() -> SecretKey {
    SecretKey::from_seed([7; 32])
}

impl Scene {
    pub async fn new() -> Self {
        let test = TestApp::new().await;
        let charter = charters::ocm_demo(1).expect("the preset");
        let sponsor = "https://tools.example/actor";
        let members: Vec<Value> = PRODUCERS
            .iter()
            .map(|id| json!({"member": id, "name": id, "class": "producer", "sponsor": sponsor}))
            .chain([
                json!({"member": "harbour", "name": "Harbour", "class": "consumer-organisation", "sponsor": sponsor}),
            ])
            .collect();
        let body = json!({"charter": charter, "parties": ["https://tools.example"], "members": members});
        let founded = test.post(&test.steward, "/api/v1/consortium", &body).await.expect(StatusCode::CREATED);
        let consortium = founded["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        test.work().await;
        let mut scene = Self { test, consortium, tokens: Vec::new() };
        for organisation in PRODUCERS.into_iter().chain(["harbour"]) {
            scene.give_mandate(organisation).await;
        }
        for person in PERSONS.into_iter().chain([DEVICE]) {
            scene.admit(person).await;
        }
        let path = format!("/api/v1/members/{DEVICE}/key");
        let key = json!({"key": device_key().public()});
        scene.put(scene.token(DEVICE), &path, &key).await.expect(StatusCode::NO_CONTENT);
        scene.pass(1).await;
        scene
    }

    pub fn token(&self, login: &str) -> &str {
        let found = self.tokens.iter().find(|(known, _)| known == login);
        found.map(|(_, token)| token.as_str()).unwrap_or_else(|| panic!("nobody called {login}"))
    }

    async fn give_mandate(&mut self, organisation: &str) {
        let person = format!("{organisation}-delegate");
        let account = json!({"login": organisation, "password": PASSWORD, "person": person, "name": person});
        self.post(&self.steward, "/api/v1/accounts", &account).await.expect(StatusCode::CREATED);
        let mandate = json!({"organisation": organisation, "holder": person, "name": person});
        self.post(&self.steward, "/api/v1/mandates", &mandate).await.expect(StatusCode::CREATED);
        let token = self.token_of(organisation).await;
        self.tokens.push((organisation.to_owned(), token));
    }

    pub async fn request(&self, person: &str) -> Value {
        let terms = self.get("", "/api/v1/charter").await.expect(StatusCode::OK)["termsDigest"].clone();
        json!({
            "name": person, "class": "consumer-individual", "level": "standard", "terms": terms, "member": person,
            "request": "I use it every week.", "commitment": "the yearly subscription",
            "login": person, "password": PASSWORD,
        })
    }

    async fn admit(&mut self, person: &str) {
        let request = self.request(person).await;
        let waiting = self.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
        let path = format!("/api/v1/requests/{}/endorse", waiting["id"].as_str().expect("an id"));
        self.post(&self.steward, &path, &json!({})).await.expect(StatusCode::OK);
        self.work().await;
        let token = self.token_of(person).await;
        self.tokens.push((person.to_owned(), token));
    }

    pub fn consent() -> Value {
        json!({"title": "Rent a server", "text": "The old one is full.", "type": "regular", "method": "consent"})
    }

    pub async fn draft(&self, body: &Value) -> String {
        let drafted =
            self.post(self.token("collectivetools"), "/api/v1/proposals", body).await.expect(StatusCode::CREATED);
        drafted["key"].as_str().expect("a key").to_owned()
    }

    /// Drafts and announces; nobody can vote before it opens.
    pub async fn announce(&self, body: &Value) -> Open {
        let key = self.draft(body).await;
        let path = format!("/api/v1/proposals/{key}/open");
        let announced = self.post(self.token("collectivetools"), &path, &json!({})).await.expect(StatusCode::OK);
        self.work().await;
        let time = |field: &str| announced[field].as_str().and_then(|text| text.parse().ok()).expect(field);
        let digest = announced["digest"].as_str().and_then(|text| text.parse().ok()).expect("a digest");
        Open { key, digest, opens: time("opens"), closes: time("closes") }
    }

    /// A vote that is open now.
    pub async fn open(&self, body: &Value) -> Open {
        let vote = self.announce(body).await;
        self.pass_until(vote.opens).await;
        vote
    }

    pub async fn cast(&self, vote: &Open, login: &str, choices: &[&str]) -> super::app::Answer {
        let path = format!("/api/v1/proposals/{}/ballot", vote.key);
        self.post(self.token(login), &path, &json!({"choices": choices})).await
    }

    /// Lets the vote close and be certified.
    pub async fn close(&self, vote: &Open) {
        self.pass_until(vote.closes).await;
        for _ in 0..10 {
            self.pass(2).await;
        }
    }

    /// Lets the vote close and be certified; the answer is the decision.
    pub async fn decide(&self, vote: &Open) -> Value {
        self.close(vote).await;
        let register = self.get("", "/api/v1/decisions").await.expect(StatusCode::OK);
        let listed =
            register["decisions"].as_array().expect("a list").iter().find(|line| line["key"] == vote.key.as_str());
        let number = listed.unwrap_or_else(|| panic!("not decided: {register}"))["number"].clone();
        self.get("", &format!("/api/v1/decisions/{number}")).await.expect(StatusCode::OK)
    }

    /// A ballot of the member whose key is on a device.
    pub fn signed(&self, vote: &Open, sequence: u64, choices: &[u32]) -> Made {
        Made {
            key: device_key(),
            consortium: self.consortium,
            published: self.now(),
            ballot: Ballot {
                proposal: vote.digest,
                index: self.seat(),
                sequence,
                choices: choices.to_vec(),
                block: None,
            },
        }
    }

    /// Its place on the roll: after two producers, an organisation, and two persons before it by name.
    fn seat(&self) -> u32 {
        5
    }

    pub async fn send_ballot(&self, ballot: &SignedStatement) -> super::app::Answer {
        self.send("POST", "", "/api/v1/ballots", Some(ballot.bytes.clone())).await
    }
}

/// A ballot before it is signed.
#[derive(Clone)]
pub struct Made {
    pub key: SecretKey,
    pub consortium: ConsortiumId,
    pub published: Time,
    pub ballot: Ballot,
}

impl Made {
    pub fn sign(self) -> SignedStatement {
        let unsigned = Unsigned {
            signer: Signer::Member(self.key.public()),
            published: self.published,
            consortium: self.consortium,
            epoch: 0,
            body: Body::Ballot(self.ballot),
        };
        unsigned.sign(&self.key).expect("a ballot of ordinary size")
    }
}
