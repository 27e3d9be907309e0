//! What the demonstration shows at its end: the count, the agreement of the nodes, and where to look on.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use serde_json::Value;

use super::Voting;
use super::nodes::Node;

/// As many members' logins are shown for each node.
const LOGINS_SHOWN: usize = 4;

/// What one node holds to be decided.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeOutcome {
    node: String,
    address: String,
    /// The proposal's digest; absent where this node holds no certified decision.
    decision: Option<String>,
    number: Option<u64>,
    /// The agreed value: it covers the proposal, the cut and the count.
    digest: Option<String>,
    result: Option<String>,
    passed: Option<bool>,
    epoch: Option<u64>,
    cut: Option<String>,
    bundle: Option<String>,
}

/// What it took. Seconds since the command began, in tenths; absent where it did not come to that.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Every node answers.
    pub up_seconds: Option<f64>,
    /// Every party has accepted the charter.
    pub founded_seconds: Option<f64>,
    /// Every node that is up holds the certified decision.
    pub certified_seconds: Option<f64>,
    pub total_seconds: Option<f64>,
    /// The same as `certified_seconds`, from the end of the last waiting window on (W + 2Δ after the vote closed).
    pub certified_after_window_seconds: Option<f64>,
    /// Bytes: the most that all node processes held at one time, what they share counted once.
    pub peak_memory_bytes: Option<u64>,
    /// Bytes: the most that their resident sets came to, what they share counted for each.
    pub peak_resident_bytes: Option<u64>,
}

impl Figures {
    fn in_words(&self) -> String {
        let seconds = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} s"));
        let megabytes =
            |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000));
        let (memory, resident) = (megabytes(self.peak_memory_bytes), megabytes(self.peak_resident_bytes));
        format!(
            "Up after {}, founded after {}, certified after {} ({} after the last waiting window), {} in all; \
             memory {memory} ({resident} resident, counting what the nodes share for each)",
            seconds(self.up_seconds),
            seconds(self.founded_seconds),
            seconds(self.certified_seconds),
            seconds(self.certified_after_window_seconds),
            seconds(self.total_seconds),
        )
    }
}

/// To a tenth of a second: anything finer is noise.
pub fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

/// The outcome of the demonstration.
#[derive(Serialize)]
pub struct Outcome {
    pub figures: Figures,
    agree: usize,
    nodes: Vec<NodeOutcome>,
    /// The decision as the first node that holds it shows it, whole.
    decision: Option<Value>,
}

impl Outcome {
    /// Whether every node holds the same certified decision.
    pub fn all_agree(&self) -> bool {
        self.decision.is_some() && self.agree == self.nodes.len()
    }
}

/// Whether an answer of `/decisions` lists one.
pub fn has_decision(answer: &Value) -> bool {
    answer["decisions"].as_array().is_some_and(|list| !list.is_empty())
}

/// Waits until the node says that voting is over.
pub async fn wait_for_close(node: &Node, voting: &Voting) -> anyhow::Result<()> {
    let over = |p: &Value| p["state"] != "open";
    node.until(&format!("/api/v1/proposals/{}", voting.key), "voting is closed", 600, over).await?;
    Ok(())
}

/// Waits until the node itself reports that too few nodes answer, and repeats its words.
pub async fn say_why_uncertified(node: &Node, voting: &Voting, say: &impl Fn(&str)) -> anyhow::Result<()> {
    tokio::time::sleep(Duration::from_secs(voting.certify_seconds.min(30))).await;
    let proposal = node.steward.get(&format!("/api/v1/proposals/{}", voting.key)).await?;
    say(proposal["closing"]["explanation"].as_str().unwrap_or("The vote stays uncertified: too few nodes answer."));
    Ok(())
}

/// Asks every running node for its decision and keeps what it exports.
pub async fn collect(nodes: &[Node], voting: &Voting) -> anyhow::Result<Outcome> {
    let mut outcomes = Vec::with_capacity(nodes.len());
    for node in nodes {
        let decision = match node.is_running() {
            true => decision_of(node, voting).await?,
            false => None,
        };
        let text = |field: &str| decision.as_ref().and_then(|d| d[field].as_str()).map(str::to_owned);
        let mut bundle = None;
        if let Some(number) = decision.as_ref().and_then(|d| d["number"].as_u64()) {
            let bytes = node.download(&format!("/api/v1/decisions/{number}/bundle"), voting.certify_seconds).await?;
            let path = node.folder.join(format!("decision-{number}.bundle"));
            std::fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
            bundle = Some(path.display().to_string());
        }
        outcomes.push(NodeOutcome {
            node: node.name.clone(),
            address: node.address.clone(),
            decision: text("proposal"),
            number: decision.as_ref().and_then(|d| d["number"].as_u64()),
            digest: text("value"),
            result: decision.as_ref().and_then(|d| d["outcome"]["result"].as_str()).map(str::to_owned),
            passed: decision.as_ref().and_then(|d| d["passed"].as_bool()),
            epoch: decision.as_ref().and_then(|d| d["epoch"].as_u64()),
            cut: text("cut"),
            bundle,
        });
    }
    let reference = outcomes.iter().find_map(|o| o.digest.clone());
    let agree = outcomes.iter().filter(|o| o.digest.is_some() && o.digest == reference).count();
    // Asked last, when the nodes have told each other that they agree.
    let holder = nodes.iter().zip(&outcomes).find(|(_, outcome)| outcome.digest.is_some());
    let decision = match holder {
        Some((node, _)) => decision_of(node, voting).await?,
        None => None,
    };
    Ok(Outcome { figures: Figures::default(), agree, nodes: outcomes, decision })
}

/// What the node answers, once it finds the time to: many of them share this machine.
async fn shown(node: &Node, path: &str, voting: &Voting) -> anyhow::Result<Value> {
    node.until(path, "it answers", voting.certify_seconds, |_| true).await
}

async fn decision_of(node: &Node, voting: &Voting) -> anyhow::Result<Option<Value>> {
    let register = shown(node, "/api/v1/decisions", voting).await?;
    let listed =
        register["decisions"].as_array().and_then(|list| list.iter().find(|d| d["key"] == voting.key.as_str()));
    match listed.and_then(|d| d["number"].as_u64()) {
        Some(number) => Ok(Some(shown(node, &format!("/api/v1/decisions/{number}"), voting).await?)),
        None => Ok(None),
    }
}

/// The outcome as JSON for machines, or as a table and sentences for people.
pub fn print(outcome: &Outcome, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(outcome)?);
        return Ok(());
    }
    let Some(decision) = &outcome.decision else {
        println!("\nNo certified decision: fewer nodes answered than must agree. The count stays provisional.");
        println!("{}", outcome.figures.in_words());
        return Ok(());
    };
    println!("\nDecision {}: {}", decision["number"], decision["title"].as_str().unwrap_or_default());
    print_classes(&decision["outcome"]);
    println!("  Weighted result: {}", decision["outcome"]["result"].as_str().unwrap_or("–"));
    println!("  {} of {} nodes agree\n", outcome.agree, outcome.nodes.len());
    for sentence in decision["sentences"].as_array().into_iter().flatten() {
        println!("  {}", sentence.as_str().unwrap_or_default());
    }
    println!();
    for (label, field) in [("proposal", "proposal"), ("cut", "cut"), ("value", "value"), ("certificate", "certificate")]
    {
        println!("  {label:<12} {}", decision[field].as_str().unwrap_or("–"));
    }
    println!("\n  {:<26} {:<28} value", "node", "address");
    for node in &outcome.nodes {
        let state = node.digest.as_deref().map_or("no decision", |digest| &digest[..16]);
        println!("  {:<26} {:<28} {state}", node.node, node.address);
    }
    if let Some(bundle) = outcome.nodes.iter().find_map(|n| n.bundle.as_deref()) {
        println!("\n  Check it without any node:  folkmoot verify {bundle}");
    }
    println!("\n  {}", outcome.figures.in_words());
    Ok(())
}

fn print_classes(outcome: &Value) {
    println!(
        "\n  {:<34} {:>8} {:>5} {:>6} {:>9} {:>8} {:>6} {:>7} {:>9}",
        "class", "eligible", "cast", "agree", "disagree", "abstain", "block", "share", "strength"
    );
    for class in outcome["classes"].as_array().into_iter().flatten() {
        let number = |field: &str| class[field].as_u64().map_or_else(|| "–".to_owned(), |n| n.to_string());
        let text = |field: &str| class[field].as_str().unwrap_or("–").to_owned();
        println!(
            "  {:<34} {:>8} {:>5} {:>6} {:>9} {:>8} {:>6} {:>7} {:>9}",
            text("name"),
            number("eligible"),
            number("cast"),
            number("agree"),
            number("disagree"),
            number("abstain"),
            number("block"),
            text("share"),
            text("strength"),
        );
    }
    println!();
}

/// Where to look on while the nodes stay up.
pub fn print_logins(nodes: &[Node], root: &Path, json: bool) {
    let mut lines = vec![
        String::new(),
        format!("The nodes stay up until Ctrl-C. Everything is in {}", root.display()),
        format!("Sign in at any of them; every password is {}.", nodes[0].password),
        String::new(),
        format!("  {:<26} {:<28} {}", "node", "address", "logins"),
    ];
    let members = super::cast::members(nodes.len());
    for (position, node) in nodes.iter().enumerate() {
        let here = members.iter().filter(|member| member.node == position);
        let logins: Vec<&str> = here.map(|member| member.id.as_str()).take(LOGINS_SHOWN).collect();
        let logins = if node.is_running() { format!("steward, {}", logins.join(", ")) } else { "(is down)".to_owned() };
        lines.push(format!("  {:<26} {:<28} {logins}", node.name, node.address));
    }
    // With --json standard output is for the program that reads it.
    let all = lines.join("\n");
    if json { eprintln!("{all}") } else { println!("{all}") }
}
