//! A consortium of real `folkmoot` processes on loopback, set up through the same commands and API as any other.

pub mod api;
pub mod closing;
pub mod delivery;
pub mod forgetful;
pub mod liar;
pub mod links;
pub mod pace;
pub mod people;
pub mod process;
#[path = "../../src/tests/scratch.rs"]
pub mod scratch;
pub mod shown;
pub mod votes;

use std::collections::HashMap;
use std::sync::Mutex;

use anyhow::{Context, ensure};
use folkmoot_governance::charter::Charter;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use api::Api;
use links::Links;
use pace::Pace;
use people::{INDIVIDUAL, Member};
use process::{Database, Node, PASSWORD};

/// How long anything between nodes may take before a scenario has failed.
pub const PATIENCE_SECONDS: u64 = 90;

pub struct Consortium {
    pub nodes: Vec<Node>,
    pub members: Vec<Member>,
    pub charter: Charter,
    pub database: Database,
    pub pace: Pace,
    pub links: Links,
    /// Who has signed in before stays so.
    sessions: Mutex<HashMap<String, Api>>,
    /// Removed with the consortium, unless `FOLKMOOT_TEST_KEEP` is set.
    pub root: Option<tempfile::TempDir>,
}

/// What a scenario wants of its consortium.
pub struct Plan {
    pub nodes: usize,
    pub database: Database,
    pub members: Vec<Member>,
    pub charter: Charter,
}

impl Plan {
    /// `nodes` nodes with few members, on SQLite.
    pub fn new(nodes: usize) -> Self {
        let (database, members) = (Database::Sqlite, people::few(nodes));
        Self { nodes, database, members, charter: Pace::of(nodes, database).charter() }
    }

    /// Comes before [`Plan::with_charter`], because it sets the charter's durations.
    pub fn on(self, database: Database) -> Self {
        Self { database, charter: Pace::of(self.nodes, database).charter(), ..self }
    }

    pub fn with_worked_example(self) -> Self {
        let members = people::worked_example(self.nodes);
        Self { members, ..self }
    }

    pub fn with_charter(mut self, change: impl FnOnce(&mut Charter)) -> Self {
        change(&mut self.charter);
        self
    }

    /// Sets up the nodes, founds the consortium and admits everybody.
    pub async fn found(self) -> anyhow::Result<Consortium> {
        let mut consortium = self.start().await?;
        consortium.found().await?;
        consortium.admit().await?;
        Ok(consortium)
    }

    /// The nodes run, but know nothing of each other.
    pub async fn start(self) -> anyhow::Result<Consortium> {
        let root = tempfile::Builder::new().prefix("folkmoot-federation-").tempdir()?;
        let links = Links::new();
        let pace = Pace::of(self.nodes, self.database);
        let inits = (0..self.nodes).map(|position| Node::init(position, root.path(), &links, self.database, pace));
        let mut nodes = try_join_all(inits).await?;
        try_join_all(nodes.iter_mut().map(Node::start)).await?;
        Ok(Consortium {
            nodes,
            members: self.members,
            charter: self.charter,
            database: self.database,
            pace,
            links,
            sessions: Mutex::default(),
            root: Some(root),
        })
    }
}

impl Consortium {
    async fn found(&mut self) -> anyhow::Result<()> {
        let organisations = self.members.iter().filter(|m| m.class != INDIVIDUAL).map(|m| {
            let sponsor = format!("{}/actor", self.nodes[m.node].address);
            json!({"member": m.id, "name": m.id, "class": m.class, "sponsor": sponsor})
        });
        let parties: Vec<&str> = self.nodes.iter().map(|node| node.address.as_str()).collect();
        let body =
            json!({"charter": self.charter, "parties": parties, "members": organisations.collect::<Vec<Value>>()});
        let founded = self.nodes[0].steward.post("/api/v1/consortium", &body).await?;
        let accept = json!({"consortium": founded["id"]});
        try_join_all(self.nodes[1..].iter().map(|node| async {
            let invited = |state: &Value| state["state"] == "invited";
            node.until("/api/v1/consortium", "the invitation arrived", PATIENCE_SECONDS, invited).await?;
            node.steward.post("/api/v1/consortium/accept", &accept).await
        }))
        .await?;
        let ratified = |state: &Value| state["state"] == "ratified";
        let waits = self.nodes.iter();
        let waits = waits.map(|n| n.until("/api/v1/consortium", "the charter is ratified", PATIENCE_SECONDS, ratified));
        try_join_all(waits).await?;
        Ok(())
    }

    /// Organisations get somebody who acts for them; individuals ask to join and are admitted.
    async fn admit(&self) -> anyhow::Result<()> {
        try_join_all((0..self.nodes.len()).map(|node| self.admit_at(node))).await?;
        self.rolls_hold(self.members.len()).await
    }

    async fn admit_at(&self, node: usize) -> anyhow::Result<()> {
        for member in self.members.iter().filter(|member| member.node == node) {
            if member.class == INDIVIDUAL {
                self.join(member).await?
            } else {
                self.mandate(member).await?
            }
            if member.choice.is_some() {
                self.signed_in(&member.id).await?;
            }
        }
        Ok(())
    }

    /// A person asks to join at the home node, and a steward endorses it.
    pub async fn join(&self, member: &Member) -> anyhow::Result<()> {
        let node = &self.nodes[member.node];
        let charter = node.steward.get("/api/v1/charter").await?;
        let request = json!({
            "name": member.id, "class": member.class, "level": "standard", "terms": charter["termsDigest"],
            "request": "I meet online every week.", "commitment": "the yearly subscription",
            "member": member.id, "login": member.id, "password": PASSWORD,
        });
        // Entered by a steward: one address may ask only a few times a day.
        let waiting = node.steward.post("/api/v1/requests", &request).await?;
        let id = waiting["id"].as_i64().map(|id| id.to_string());
        let id = id.or(waiting["id"].as_str().map(str::to_owned)).context("a request has an id")?;
        node.steward.post(&format!("/api/v1/requests/{id}/endorse"), &json!({})).await?;
        Ok(())
    }

    async fn mandate(&self, member: &Member) -> anyhow::Result<()> {
        let node = &self.nodes[member.node];
        let person = format!("{}-delegate", member.id);
        let account =
            json!({"login": member.id, "password": PASSWORD, "person": person, "name": person, "steward": false});
        node.steward.post("/api/v1/accounts", &account).await?;
        let mandate = json!({"organisation": member.id, "holder": person, "name": person});
        node.steward.post("/api/v1/mandates", &mandate).await?;
        Ok(())
    }

    /// Waits until every running node has this many members on the rolls, all of it certified.
    pub async fn rolls_hold(&self, members: usize) -> anyhow::Result<()> {
        let all = |answer: &Value| answer["members"].as_array().is_some_and(|list| list.len() == members);
        for node in self.running() {
            node.until("/api/v1/members?limit=200", "every member is on the roll", PATIENCE_SECONDS, all).await?;
        }
        self.journals_are_certified().await
    }

    /// Waits until everything that running nodes have written is certified.
    pub async fn journals_are_certified(&self) -> anyhow::Result<()> {
        let certified = |answer: &Value| answer["journal"]["certifiedSize"] == answer["journal"]["size"];
        for node in self.running() {
            node.until("/api/v1/node", "its journal is certified", PATIENCE_SECONDS, certified).await?;
        }
        Ok(())
    }

    /// One more node, which belongs to no consortium and is not started.
    pub async fn newcomer(&self) -> anyhow::Result<Node> {
        let root = self.root.as_ref().context("it is there until the end")?.path();
        Node::init(self.nodes.len(), root, &self.links, self.database, self.pace).await
    }

    pub fn running(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.is_running())
    }

    pub fn member(&self, id: &str) -> &Member {
        self.members.iter().find(|member| member.id == id).expect("a member of the plan")
    }

    /// A member signed in at the home node.
    pub async fn signed_in(&self, id: &str) -> anyhow::Result<Api> {
        if let Some(session) = self.sessions.lock().expect("no one panics while holding it").get(id) {
            return Ok(session.clone());
        }
        let session = self.nodes[self.member(id).node].public.sign_in(id, PASSWORD).await?;
        self.sessions.lock().expect("no one panics while holding it").insert(id.to_owned(), session.clone());
        Ok(session)
    }

    /// Cuts every link between the two groups.
    pub fn partition(&self, left: &[usize], right: &[usize]) {
        for a in left {
            for b in right {
                self.links.cut(&self.nodes[*a].address, &self.nodes[*b].address);
            }
        }
    }

    /// No running node has seen anybody break the protocol.
    pub async fn nobody_is_at_fault(&self) -> anyhow::Result<()> {
        for node in self.running() {
            let answer = node.steward.get("/api/v1/faults").await?;
            let none = answer["faults"].as_array().is_some_and(Vec::is_empty);
            ensure!(none, "{} reports faults: {answer:#}\n{}", node.name, node.log_tail());
        }
        Ok(())
    }

    /// Ends every process in good order.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        try_join_all(self.nodes.iter_mut().map(Node::stop)).await?;
        Ok(())
    }
}

impl Drop for Consortium {
    fn drop(&mut self) {
        if std::env::var_os("FOLKMOOT_TEST_KEEP").is_some()
            && let Some(root) = self.root.take()
        {
            eprintln!("kept: {}", root.keep().display());
        }
    }
}
