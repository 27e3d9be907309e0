//! A node that lies: the test takes over its name and keys.

use anyhow::{Context, ensure};
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::id::{ConsortiumId, NodeId};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Body, Signer};
use rsa::RsaPrivateKey;
use serde_json::Value;

use super::delivery::{Delivery, http_key, node_id, now};
use super::process::Node;
use super::{Consortium, PATIENCE_SECONDS};

/// Speaks in the name of a node, under epoch 0.
pub struct Liar {
    pub name: NodeId,
    pub key: SecretKey,
    http_key: RsaPrivateKey,
    consortium: ConsortiumId,
}

impl Liar {
    pub async fn take_over(consortium: &Consortium, position: usize) -> anyhow::Result<Self> {
        let node = &consortium.nodes[position];
        let key = std::fs::read_to_string(node.folder.join("data/keys/statement.key"))?;
        let honest = consortium.running().next().context("a node runs")?;
        let state = honest.public.get("/api/v1/consortium").await?;
        let id = state["id"].as_str().context("a consortium has an id")?;
        let key = SecretKey::from_multibase(key.trim())?;
        Ok(Self { name: node_id(node)?, key, http_key: http_key(node)?, consortium: id.parse()? })
    }

    pub fn state(&self, body: Body) -> anyhow::Result<SignedStatement> {
        let signer = Signer::Node(self.name.clone());
        Ok(Unsigned { signer, published: now()?, consortium: self.consortium, epoch: 0, body }.sign(&self.key)?)
    }

    /// Delivers a signed request to an inbox and gives the status of the answer.
    pub async fn deliver(&self, to: &Node, body: &[u8]) -> anyhow::Result<u16> {
        Ok(Delivery::sign_as(to, &self.name, &self.http_key, body, now()?).await?.send(to).await?.status)
    }

    /// Tells one node, and no other, something about a closing; nobody can see in it alone that it is a lie.
    pub async fn tell(&self, to: &Node, body: Body) -> anyhow::Result<()> {
        let status = self.deliver(to, &self.state(body)?.bytes).await?;
        ensure!(status == 202, "{} answered {status} to a closing message", to.name);
        Ok(())
    }
}

impl Consortium {
    /// Waits until every running node shows this fault of one node, with its evidence.
    pub async fn fault_is_shown(&self, culprit: &Node, kind: &str) -> anyhow::Result<()> {
        let culprit = format!("{}/actor", culprit.address);
        let proven = |answer: &Value| {
            let mut faults = answer["faults"].as_array().into_iter().flatten();
            faults.any(|f| {
                let evidence = f["evidence"].as_array().is_some_and(|documents| documents.len() > 1);
                f["kind"] == kind && f["culprit"] == culprit.as_str() && evidence
            })
        };
        for node in self.running() {
            node.until("/api/v1/faults", &format!("the {kind} is proven"), PATIENCE_SECONDS, proven).await?;
        }
        Ok(())
    }

    /// No running node has seen anybody else break the protocol.
    pub async fn nobody_else_is_at_fault(&self, culprit: &Node) -> anyhow::Result<()> {
        let culprit = format!("{}/actor", culprit.address);
        for node in self.running() {
            let answer = node.steward.get("/api/v1/faults").await?;
            let faults = answer["faults"].as_array().context("a list of faults")?;
            ensure!(
                faults.iter().all(|f| f["culprit"] == culprit.as_str()),
                "{} accuses others: {answer:#}",
                node.name
            );
        }
        Ok(())
    }
}
