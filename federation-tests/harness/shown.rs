//! Everything that a node shows, to hold one moment against another.

use std::collections::BTreeMap;

use anyhow::ensure;
use folkmoot::federation::journal_page::journal_path;
use reqwest::Method;
use serde_json::{Value, json};

use super::process::Node;
use super::votes::Vote;
use super::{Consortium, PATIENCE_SECONDS};

/// What is there whatever was decided.
const ALWAYS: [&str; 12] = [
    "/actor",
    "/genesis",
    "/journals",
    "/outbox",
    "/decisions.atom",
    "/api/v1/consortium",
    "/api/v1/charter",
    "/api/v1/members",
    "/api/v1/proposals",
    "/api/v1/decisions",
    "/api/v1/faults",
    "/api/v1/notices",
];

/// Each address with its answer.
type Shown = BTreeMap<String, String>;

/// Everything that this node shows its stewards. How it goes with its peers is left out: that changes by the second.
pub async fn everything(node: &Node) -> anyhow::Result<Shown> {
    let mut paths: Vec<String> = ALWAYS.map(String::from).to_vec();
    for member in list(node, "/api/v1/members?limit=200", "members").await? {
        paths.push(format!("/api/v1/members/{}", text(&member["member"])));
    }
    for proposal in list(node, "/api/v1/proposals?limit=200", "proposals").await? {
        let (key, digest) = (text(&proposal["key"]), text(&proposal["digest"]));
        paths.extend(["", "/count"].map(|part| format!("/api/v1/proposals/{key}{part}")));
        paths.extend(["openings", "closings"].map(|part| format!("/{part}/{digest}")));
    }
    for decision in list(node, "/api/v1/decisions?limit=200", "decisions").await? {
        let path = format!("/api/v1/decisions/{}", decision["number"]);
        for ballot in list(node, &format!("{path}/ballots.json"), "ballots").await? {
            paths.push(format!("/api/v1/receipts/{}", text(&ballot["ballot"])));
        }
        paths.extend(["", "/bundle", "/ballots.csv", "/ballots.json"].map(|part| format!("{path}{part}")));
    }
    for journal in list(node, "/journals", "items").await? {
        let size = journal["size"].as_u64().unwrap_or_default();
        let pages = (0..size).step_by(50).map(|from| format!("?from={from}"));
        let path = journal_path(&text(&journal["journal"]).parse()?);
        paths.extend(pages.map(|page| format!("/{path}{page}")));
    }
    let mut shown = Shown::new();
    for path in paths {
        let answer = node.steward.send(Method::GET, &path, &[], Vec::new()).await?;
        let body = answer.json().map(|value| format!("{:#}", settled(&path, value)));
        let body = body.unwrap_or_else(|_| String::from_utf8_lossy(&answer.body).into_owned());
        ensure!(answer.status == 200, "{path} answered {}: {body}", answer.status);
        shown.insert(path, body);
    }
    Ok(shown)
}

async fn list(node: &Node, path: &str, field: &str) -> anyhow::Result<Vec<Value>> {
    Ok(node.steward.get(path).await?[field].as_array().cloned().unwrap_or_default())
}

/// Checkpoints go on gathering cosignatures when all else is settled; those that prove an opening do not change.
fn settled(path: &str, mut value: Value) -> Value {
    fn forget_notes(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.remove("note");
                fields.values_mut().for_each(forget_notes);
            }
            Value::Array(items) => items.iter_mut().for_each(forget_notes),
            _ => {}
        }
    }
    if path.starts_with("/journals") || path.starts_with("/api/v1/receipts") {
        forget_notes(&mut value);
    }
    value
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The lines in which two moments differ, under the address that they stand at.
fn differences(before: &Shown, after: &Shown) -> String {
    let mut all = String::new();
    let paths: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for path in paths {
        let (old, new) = (before.get(path).map_or("", String::as_str), after.get(path).map_or("", String::as_str));
        if old == new {
            continue;
        }
        all += &format!("{path}\n");
        for line in old.lines().filter(|line| !new.lines().any(|other| other == *line)) {
            all += &format!("  - {line}\n");
        }
        for line in new.lines().filter(|line| !old.lines().any(|other| other == *line)) {
            all += &format!("  + {line}\n");
        }
    }
    all
}

impl Consortium {
    /// `folkmoot rebuild` makes a node's tables again from its journals: it shows the same as before. `last` is the vote
    /// that was decided last.
    pub async fn rebuild_changes_nothing(&mut self, position: usize, last: &Vote) -> anyhow::Result<()> {
        self.everybody_agrees(last).await?;
        self.journals_are_everywhere().await?;
        let node = &mut self.nodes[position];
        let before = everything(node).await?;
        node.stop().await?;
        node.run(&["rebuild"]).await?;
        node.start().await?;
        let differences = differences(&before, &everything(node).await?);
        ensure!(differences.is_empty(), "{} shows something else after a rebuild:\n{differences}", node.name);
        Ok(())
    }

    /// Waits until every running node holds all that the others have written. With every vote decided, nothing
    /// changes any more.
    pub async fn journals_are_everywhere(&self) -> anyhow::Result<()> {
        self.journals_are_certified().await?;
        let mut sizes = Vec::new();
        for node in self.running() {
            let shown = node.public.get("/api/v1/node").await?;
            sizes.push(json!({"node": shown["node"], "size": shown["journal"]["size"]}));
        }
        for node in self.running() {
            let all = |answer: &Value| {
                let mut peers = answer["peers"].as_array().into_iter().flatten();
                peers.all(|peer| {
                    let size = sizes.iter().find(|entry| entry["node"] == peer["node"]);
                    size.is_none_or(|entry| entry["size"] == peer["mirroredSize"])
                })
            };
            node.until("/api/v1/node", "it holds every journal", PATIENCE_SECONDS, all).await?;
        }
        Ok(())
    }
}
