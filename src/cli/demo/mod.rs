//! `folkmoot demo`: twelve real nodes on loopback found a consortium, vote, and certify one decision.
//! It uses what everybody uses: `init`, `serve`, and the nodes' JSON API over HTTP.

mod cast;
mod nodes;
mod report;

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use clap::Args;
use folkmoot_governance::id::Time;
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use tokio::signal::unix::{Signal, SignalKind, signal};

use nodes::{Memory, Node};
use report::{Figures, tenths};

/// Run a whole consortium on this machine and watch it decide.
///
/// Real nodes found a consortium, admit members, vote and certify one decision. They then stay up for browsing until
/// Ctrl-C. Nothing outside the folder is touched, and several demonstrations can run side by side.
#[derive(Debug, Args)]
pub struct Demo {
    /// End after the decision: status 0 when all nodes agree, 1 when they do not.
    #[arg(long)]
    once: bool,
    /// Print the outcome as JSON on standard output; progress goes to standard error.
    #[arg(long)]
    json: bool,
    /// How many nodes, 1 to 50. Twelve take about 300 MB of memory and a minute, fifty some ten minutes on two cores.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=50))]
    nodes: u16,
    /// Where everything is kept, a folder that is empty or does not exist; a new temporary one by default.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Leave this many nodes down while the vote is closed and counted.
    #[arg(long, default_value_t = 0)]
    silent: u16,
}

const PROPOSAL_TEXT: &str = "\
Our meetings share one server, and it is full on Thursday evenings.

* Rent a **second server** for one year, 45 € a month, from the common fund.
* Webarchitects looks after it; two others learn how.
* We look again after six months whether we still need it.
";

/// Each signs in first, for which a node takes 19 MiB and a core.
const VOTERS_AT_ONCE: usize = 4;

/// The status that shells give to what was interrupted.
const INTERRUPTED: i32 = 130;

/// Runs the demonstration; the exit status of the process. However it ends, no node process is left.
pub async fn run(demo: Demo) -> anyhow::Result<i32> {
    if demo.silent >= demo.nodes {
        bail!("--silent {} must leave at least one of {} nodes up", demo.silent, demo.nodes);
    }
    let root = empty_folder(demo.dir.as_deref())?;
    let started = Instant::now();
    let since = || started.elapsed().as_secs_f64();
    let say = |line: &str| eprintln!("[{:>5.1} s] {line}", since());
    let mut interruption = Interruption::new()?;
    let mut nodes = Vec::new();
    let played = tokio::select! {
        outcome = set_up_and_play(&demo, &root, &mut nodes, &say, &since) => Some(outcome),
        () = interruption.wait() => None,
    };
    let browsing = !demo.once && !nodes.is_empty();
    let status = match played {
        Some(Ok(outcome)) => {
            report::print(&outcome, demo.json)?;
            i32::from(!outcome.all_agree())
        }
        Some(Err(error)) if browsing => {
            say(&format!("The demonstration stopped early: {error:#}"));
            1
        }
        Some(Err(error)) => {
            stop_all(&mut nodes).await;
            return Err(error.context(format!("what the nodes logged is in {}", root.display())));
        }
        None => {
            say("Interrupted. Stopping the nodes.");
            stop_all(&mut nodes).await;
            return Ok(INTERRUPTED);
        }
    };
    if browsing {
        report::print_logins(&nodes, &root, demo.json);
        interruption.wait().await;
        say("Stopping the nodes.");
    }
    stop_all(&mut nodes).await;
    Ok(status)
}

/// Ctrl-C, SIGTERM, or the terminal that was closed. Listened for from the start: the default would end this process and
/// leave the nodes behind.
struct Interruption {
    signals: [Signal; 3],
}

impl Interruption {
    fn new() -> anyhow::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self { signals: [interrupt?, terminate?, hangup?] })
    }

    async fn wait(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// A folder that holds nothing yet: a demonstration never touches what somebody keeps.
fn empty_folder(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    let root = match named {
        Some(folder) => std::path::absolute(folder)?,
        None => std::env::temp_dir().join(format!("folkmoot-demo-{}", std::process::id())),
    };
    std::fs::create_dir_all(&root).with_context(|| format!("{} cannot be made", root.display()))?;
    let mut inside = std::fs::read_dir(&root).with_context(|| format!("{} cannot be read", root.display()))?;
    if inside.next().is_some() {
        bail!("{} is not empty; name a new folder with --dir", root.display());
    }
    Ok(root)
}

async fn stop_all(nodes: &mut [Node]) {
    let stops = nodes.iter_mut().map(Node::stop);
    // A node that does not stop by itself is killed when it is dropped.
    let _ = try_join_all(stops).await;
}

/// `nodes` belong to the caller, who stops them whatever happens here.
async fn set_up_and_play(
    demo: &Demo,
    root: &Path,
    nodes: &mut Vec<Node>,
    say: &impl Fn(&str),
    since: &impl Fn() -> f64,
) -> anyhow::Result<report::Outcome> {
    let count = usize::from(demo.nodes);
    say(&format!("Setting up {count} nodes in {}", root.display()));
    let ports = nodes::free_ports(count)?;
    *nodes = try_join_all(ports.into_iter().enumerate().map(|(i, port)| Node::set_up(i, count, root, port))).await?;
    for node in nodes.iter_mut() {
        node.start()?;
    }
    for node in nodes.iter_mut() {
        node.ready().await?;
    }
    say(&format!("{count} node processes are up on loopback, the first at {}", nodes[0].address));
    let memory = Memory::watch(nodes.iter().filter_map(Node::process_id).collect());
    let mut figures = Figures { up_seconds: Some(tenths(since())), ..Figures::default() };
    let mut outcome = play(demo, nodes, say, since, &mut figures).await?;
    figures.total_seconds = Some(tenths(since()));
    (figures.peak_memory_bytes, figures.peak_resident_bytes) = (memory.held(), memory.resident());
    outcome.figures = figures;
    Ok(outcome)
}

/// Seconds that a step may take before the demonstration gives up: every node speaks to all others on the same machine.
fn patience(nodes: usize) -> u64 {
    60 + (nodes * nodes) as u64 / 5
}

/// The story: found, admit, propose, vote, close, agree.
async fn play(
    demo: &Demo,
    nodes: &mut [Node],
    say: &impl Fn(&str),
    since: &impl Fn() -> f64,
    figures: &mut Figures,
) -> anyhow::Result<report::Outcome> {
    let members = cast::members(nodes.len());
    found(nodes, &members).await?;
    figures.founded_seconds = Some(tenths(since()));
    say(&format!("The charter is accepted by all {} parties: ratified", nodes.len()));
    admit(nodes, &members).await?;
    say(&format!("{} members are on the rolls", members.len()));
    let voting = open(nodes).await?;
    say(&format!("“{}” is open for voting until {}", voting.title, voting.closes));
    let cast = vote(nodes, &members, &voting.key).await?;
    say(&format!("{cast} ballots are cast at the members' own nodes; waiting for the vote to close"));
    let up = nodes.len() - usize::from(demo.silent);
    settle(nodes, &voting).await?;
    if demo.silent > 0 {
        for node in &mut nodes[up..] {
            node.kill().await?;
        }
        say(&format!("Down while the vote is closed: {} of {} nodes", demo.silent, nodes.len()));
    }
    report::wait_for_close(&nodes[0], &voting).await?;
    say("Voting is closed; the nodes are agreeing on what is counted");
    let quorum_up = up >= voting.quorum;
    let deadline = voting.certify_seconds;
    for node in nodes[..up].iter().filter(|_| quorum_up) {
        node.until("/api/v1/decisions", "the decision is certified", deadline, report::has_decision).await?;
    }
    if quorum_up {
        figures.certified_seconds = Some(tenths(since()));
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
        figures.certified_after_window_seconds = Some(tenths(now - voting.windows_end.0 as f64));
        say(&format!("{up} of {} nodes hold the certified decision", nodes.len()));
    } else {
        report::say_why_uncertified(&nodes[0], &voting, say).await?;
    }
    if demo.silent > 0 && quorum_up {
        for node in &mut nodes[up..] {
            node.start()?;
            node.ready().await?;
        }
        for node in &nodes[up..] {
            node.until("/api/v1/decisions", "it caught up", patience(up), report::has_decision).await?;
        }
        say("The silent nodes are back and caught up");
    }
    report::collect(nodes, &voting).await
}

/// The founder proposes the charter; every other party reads and accepts it on its own node.
async fn found(nodes: &[Node], members: &[cast::Member]) -> anyhow::Result<()> {
    let charter = crate::charters::ocm_demo(nodes.len())?;
    let parties: Vec<&str> = nodes.iter().map(|n| n.address.as_str()).collect();
    let organisations: Vec<Value> = members
        .iter()
        .filter(|m| m.class != "consumer-individual")
        .map(|m| {
            json!({"member": m.id, "name": m.name, "class": m.class, "sponsor": format!("{}/actor", nodes[m.node].address)})
        })
        .collect();
    let body = json!({"charter": charter, "parties": parties, "members": organisations});
    let founded = nodes[0].steward.post("/api/v1/consortium", &body).await?;
    // All at once: until a party has accepted, the others try again and again to tell it that they have.
    let accepting = nodes[1..].iter().map(|node| async {
        let invited = |consortium: &Value| consortium["state"] == "invited";
        node.until("/api/v1/consortium", "the invitation arrived", patience(nodes.len()), invited).await?;
        node.steward.post("/api/v1/consortium/accept", &json!({"consortium": founded["id"]})).await
    });
    try_join_all(accepting).await?;
    for node in nodes {
        node.until("/api/v1/consortium", "the charter is ratified", patience(nodes.len()), |c| {
            c["state"] == "ratified"
        })
        .await?;
    }
    Ok(())
}

/// Organisations get somebody who acts for them; individuals ask to join and are admitted.
async fn admit(nodes: &[Node], members: &[cast::Member]) -> anyhow::Result<()> {
    let charter = nodes[0].steward.get("/api/v1/charter").await?;
    let terms = charter["termsDigest"].as_str().context("the charter has terms")?.to_owned();
    for member in members {
        let node = &nodes[member.node];
        if member.class == "consumer-individual" {
            let request = json!({
                "name": member.name, "class": member.class, "level": "standard", "terms": terms, "member": member.id,
                "request": "I use the meeting rooms every week and would like to help decide.",
                "commitment": "the yearly contribution of the standard level",
                "login": member.id, "password": node.password,
            });
            let waiting = node.steward.post("/api/v1/requests", &request).await?;
            let id = waiting["id"].as_str().context("a request has an id")?;
            node.steward.post(&format!("/api/v1/requests/{id}/endorse"), &json!({})).await?;
        } else {
            let person = format!("{}-delegate", member.id);
            let account = json!({
                "login": member.id, "password": node.password, "person": person, "steward": false,
                "name": format!("Delegate of {}", member.name),
            });
            node.steward.post("/api/v1/accounts", &account).await?;
            let mandate = json!({
                "organisation": member.id, "holder": person, "name": format!("Delegate of {}", member.name),
            });
            node.steward.post("/api/v1/mandates", &mandate).await?;
        }
    }
    // A vote counts whom the nodes had certified on the rolls before it opens.
    for node in nodes {
        let all = |answer: &Value| answer["members"].as_array().is_some_and(|list| list.len() == members.len());
        // Fifty nodes have fewer than a hundred members: one page has them all.
        node.until("/api/v1/members?limit=200", "every member is on the roll", 120, all).await?;
    }
    for node in nodes {
        let certified = |answer: &Value| answer["journal"]["certifiedSize"] == answer["journal"]["size"];
        node.until("/api/v1/node", "the roll is certified", 120, certified).await?;
    }
    Ok(())
}

/// An open vote.
struct Voting {
    key: String,
    title: String,
    closes: String,
    quorum: usize,
    /// When the last ballots have settled and the nodes have had time to answer each other.
    windows_end: Time,
    /// How long certification may take after closing before the demonstration gives up.
    certify_seconds: u64,
}

async fn open(nodes: &[Node]) -> anyhow::Result<Voting> {
    let proposer = sign_in(&nodes[0], "collectivetools").await?;
    let title = "Rent a second meeting server for a year";
    let draft = json!({
        "title": title, "text": PROPOSAL_TEXT, "type": "regular", "method": "consent", "as": "collectivetools",
    });
    let draft = proposer.post("/api/v1/proposals", &draft).await?;
    let key = draft["key"].as_str().context("a proposal has a key")?.to_owned();
    let comment = json!({"text": "Thursday evenings are indeed full. Who pays if it is not used?"});
    proposer.post(&format!("/api/v1/proposals/{key}/comments"), &comment).await?;
    let opened = proposer.post(&format!("/api/v1/proposals/{key}/open"), &json!({"as": "collectivetools"})).await?;
    let closes = opened["closes"].as_str().context("an open vote closes")?.to_owned();
    for node in nodes {
        node.until(&format!("/api/v1/proposals/{key}"), "the vote is open", patience(nodes.len()), |p| {
            p["state"] == "open"
        })
        .await?;
    }
    let consortium = nodes[0].steward.get("/api/v1/consortium").await?;
    let quorum = consortium["quorum"].as_u64().context("the consortium has a quorum")?;
    let charter = crate::charters::ocm_demo(nodes.len())?;
    let closing_at: Time = closes.parse()?;
    let waiting = charter.closing.settle_seconds + 4 * charter.closing.delay_seconds;
    Ok(Voting {
        key,
        title: title.to_owned(),
        closes,
        quorum: usize::try_from(quorum)?,
        windows_end: closing_at.plus(charter.closing.settle_seconds + 2 * charter.closing.delay_seconds),
        certify_seconds: u64::try_from(waiting)? + patience(nodes.len()),
    })
}

/// Everybody who votes does so at the own node, over HTTP, signed in as a person.
async fn vote(nodes: &[Node], members: &[cast::Member], key: &str) -> anyhow::Result<usize> {
    let voters = members.iter().filter_map(|m| m.vote.map(|choice| (m, choice)));
    let ballots = voters.map(|(member, choice)| async move {
        let person = sign_in(&nodes[member.node], &member.id).await?;
        let ballot = json!({"choices": [choice], "as": member.id});
        person.post(&format!("/api/v1/proposals/{key}/ballot"), &ballot).await
    });
    let cast: Vec<Value> = stream::iter(ballots).buffer_unordered(VOTERS_AT_ONCE).try_collect().await?;
    Ok(cast.len())
}

/// Waits until every ballot stands in a certified checkpoint of its journal.
async fn settle(nodes: &[Node], voting: &Voting) -> anyhow::Result<()> {
    for node in nodes {
        let certified = |answer: &Value| answer["journal"]["certifiedSize"] == answer["journal"]["size"];
        let what = format!("the ballots on {} are certified", voting.key);
        node.until("/api/v1/node", &what, 120, certified).await?;
    }
    Ok(())
}

async fn sign_in(node: &Node, login: &str) -> anyhow::Result<crate::cli::node_client::NodeClient> {
    let answer = node.steward.post("/api/v1/sign-in", &json!({"login": login, "password": node.password})).await?;
    Ok(node.steward.with_token(answer["token"].as_str().context("signing in gives a token")?.to_owned()))
}
