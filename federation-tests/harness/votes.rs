//! One vote from its opening to the decision that every node holds.

use anyhow::{Context, ensure};
use folkmoot_governance::fraction::Fraction;
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::people::Member;
use super::process::Node;
use super::{Consortium, PATIENCE_SECONDS};

/// What is asked.
pub struct Draft {
    pub title: &'static str,
    pub decision_type: &'static str,
    pub proposer: &'static str,
    /// Why it cannot wait; only of an urgent call.
    pub reason: &'static str,
    pub effects: Vec<Value>,
    /// How long the vote lasts; as short as the charter allows where absent.
    pub seconds: Option<u64>,
}

impl Draft {
    /// A regular proposal of the first producer, whose home is the first node.
    pub fn regular(title: &'static str) -> Self {
        let (decision_type, proposer) = ("regular", "producer-1");
        Self { title, decision_type, proposer, reason: "", effects: Vec::new(), seconds: None }
    }

    pub fn urgent(title: &'static str, reason: &'static str) -> Self {
        Self { decision_type: "urgent", reason, ..Self::regular(title) }
    }

    pub fn constitutional(title: &'static str, effect: Value) -> Self {
        Self { decision_type: "constitutional", effects: vec![effect], ..Self::regular(title) }
    }

    pub fn lasting(self, seconds: u64) -> Self {
        Self { seconds: Some(seconds), ..self }
    }
}

/// An open vote.
pub struct Vote {
    pub key: String,
    /// Digest of the opening.
    pub digest: String,
}

impl Vote {
    pub fn path(&self) -> String {
        format!("/api/v1/proposals/{}", self.key)
    }
}

impl Consortium {
    /// Drafts and opens a proposal, and waits until every running node has it open.
    pub async fn open(&self, draft: Draft) -> anyhow::Result<Vote> {
        let person = self.signed_in(draft.proposer).await?;
        let body = json!({
            "title": draft.title, "text": format!("{}, for one year.", draft.title), "type": draft.decision_type,
            "method": "consent", "as": draft.proposer, "reason": draft.reason, "effects": draft.effects,
        });
        let made = person.post("/api/v1/proposals", &body).await?;
        let key = made["key"].as_str().context("a proposal has a key")?.to_owned();
        let mut opening = json!({"as": draft.proposer});
        if let Some(seconds) = draft.seconds {
            opening["seconds"] = json!(seconds);
        }
        let opened = person.post(&format!("/api/v1/proposals/{key}/open"), &opening).await?;
        let digest = opened["digest"].as_str().context("an open proposal has a digest")?.to_owned();
        let vote = Vote { key, digest };
        let open = |proposal: &Value| proposal["state"] == "open";
        let path = vote.path();
        try_join_all(self.running().map(|n| n.until(&path, "the vote is open", PATIENCE_SECONDS, open))).await?;
        Ok(vote)
    }

    /// One member votes at the home node; the answer holds the receipt.
    pub async fn cast(&self, vote: &Vote, member: &str, choice: &str) -> anyhow::Result<Value> {
        let person = self.signed_in(member).await?;
        let body = json!({"choices": [choice], "as": member});
        person.post(&format!("{}/ballot", vote.path()), &body).await.with_context(|| format!("{member} votes"))
    }

    /// Those whom `who` names vote as they planned to; gives how many did.
    pub async fn cast_planned(&self, vote: &Vote, who: impl Fn(&Member) -> bool) -> anyhow::Result<usize> {
        let voters: Vec<(&str, &str)> =
            self.members.iter().filter(|m| who(m)).filter_map(|m| Some((m.id.as_str(), m.choice?))).collect();
        for some in voters.chunks(8) {
            try_join_all(some.iter().map(|(member, choice)| self.cast(vote, member, choice))).await?;
        }
        Ok(voters.len())
    }

    /// Everybody votes as planned, and every ballot is certified.
    pub async fn everybody_votes(&self, vote: &Vote) -> anyhow::Result<usize> {
        let cast = self.cast_planned(vote, |_| true).await?;
        self.journals_are_certified().await?;
        Ok(cast)
    }

    /// Waits until every running node holds the certified decision, compares them, and gives it.
    pub async fn decided(&self, vote: &Vote) -> anyhow::Result<Value> {
        let decisions = try_join_all(self.running().map(|node| decision(node, vote))).await?;
        let first = decisions.first().context("a node runs")?;
        for (node, decision) in self.running().zip(&decisions) {
            for field in ["number", "proposal", "value", "cut", "certifiedOutcome"] {
                ensure!(!first[field].is_null(), "a decision without {field}: {first:#}");
                ensure!(decision[field] == first[field], "{} differs in {field}: {decision:#}\n{first:#}", node.name);
            }
        }
        Ok(first.clone())
    }

    /// Waits until every party of the vote, all of which run, has said on every node that it holds the decision. After
    /// that nobody publishes anything more about it.
    pub async fn everybody_agrees(&self, vote: &Vote) -> anyhow::Result<()> {
        let all = |proposal: &Value| {
            let parties = proposal["agreement"].as_array();
            parties.is_some_and(|all| !all.is_empty() && all.iter().all(|party| party["state"] == "agree"))
        };
        let path = vote.path();
        try_join_all(self.running().map(|n| n.until(&path, "all parties agree", PATIENCE_SECONDS, all))).await?;
        Ok(())
    }

    /// Waits until no ballot can be cast any more.
    pub async fn voting_is_over(&self, vote: &Vote) -> anyhow::Result<()> {
        let over = |proposal: &Value| proposal["state"] != "open";
        let path = vote.path();
        try_join_all(self.running().map(|n| n.until(&path, "voting is over", PATIENCE_SECONDS, over))).await?;
        Ok(())
    }
}

/// Waits until this node holds the certified decision.
pub async fn decision(node: &Node, vote: &Vote) -> anyhow::Result<Value> {
    let has = |register: &Value| number_of(register, vote).is_some();
    let register = node.until("/api/v1/decisions", "the decision is certified", PATIENCE_SECONDS, has).await;
    let register = match register {
        Ok(register) => register,
        Err(error) => {
            let proposal = node.steward.get(&vote.path()).await?;
            return Err(error.context(format!("{proposal:#}")));
        }
    };
    let number = number_of(&register, vote).context("it is in the register")?;
    node.steward.get(&format!("/api/v1/decisions/{number}")).await
}

fn number_of(register: &Value, vote: &Vote) -> Option<u64> {
    let mut decisions = register["decisions"].as_array()?.iter();
    decisions.find(|decision| decision["key"] == vote.key.as_str())?["number"].as_u64()
}

/// How a decision counted.
pub struct Counted<'a>(pub &'a Value);

impl Counted<'_> {
    pub fn result(&self) -> anyhow::Result<Fraction> {
        fraction(&self.count()["result"])
    }

    /// The same ballots under another rule for empty classes: `lapse`, `redistribute`.
    pub fn reading(&self, name: &str) -> anyhow::Result<Fraction> {
        fraction(&self.count()["readings"][name]["result"])
    }

    pub fn passed(&self) -> bool {
        self.0["certifiedOutcome"]["verdict"]["passed"] == true
    }

    /// How many voted, and how many could have.
    pub fn turnout(&self) -> (u64, u64) {
        let sum = |field: &str| self.classes().filter_map(|class| class[field].as_u64()).sum();
        (sum("cast"), sum("eligible"))
    }

    /// The share of the vote that a class counted with.
    pub fn strength(&self, class: &str) -> anyhow::Result<Fraction> {
        let class = self.classes().find(|c| c["class"] == class).context("the class was counted")?;
        fraction(&class["strength"])
    }

    fn classes(&self) -> impl Iterator<Item = &Value> {
        self.count()["classes"].as_array().into_iter().flatten()
    }

    fn count(&self) -> &Value {
        &self.0["certifiedOutcome"]["count"]
    }
}

fn fraction(value: &Value) -> anyhow::Result<Fraction> {
    serde_json::from_value(value.clone()).with_context(|| format!("a fraction: {value}"))
}
