//! Two server processes of one node on one PostgreSQL: they share the work, do none of it twice, and contradict nobody.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use tokio::process::Child;

use crate::harness::api::Api;
use crate::harness::process::{Database, Node, counted, free_address, until_up};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{Plan, scratch};

const DELIVERIES: &str = r#"folkmoot_work_total{kind="delivery"}"#;
const CHECKPOINTS: &str = r#"folkmoot_work_total{kind="checkpoint"}"#;

/// The second process of a node.
struct Twin {
    process: Child,
    listen: SocketAddr,
    metrics: SocketAddr,
}

impl Twin {
    /// Starts it; from then on the node's peers reach the two processes in turn.
    async fn start(node: &Node) -> anyhow::Result<Self> {
        let (listen, metrics) = (free_address()?, free_address()?);
        let process = node.spawn(listen, metrics)?;
        until_up(&Api::new(format!("http://{listen}"))?).await?;
        node.relay.set_targets(vec![node.listen, listen]);
        Ok(Self { process, listen, metrics })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_database_are_one_node() -> anyhow::Result<()> {
    if scratch::server().is_none() {
        eprintln!("left out: FOLKMOOT_TEST_POSTGRES names no server");
        return Ok(());
    }
    let mut consortium = Plan::new(4).on(Database::Postgres).found().await?;
    let mut twins = Vec::new();
    for node in &consortium.nodes {
        twins.push(Twin::start(node).await?);
    }
    // Members vote through one process of each node, then through the other.
    for (title, with_twins) in [("Rent a second server", false), ("Rent a third server", true)] {
        for (node, twin) in consortium.nodes.iter_mut().zip(&twins) {
            node.speak_to(if with_twins { twin.listen } else { node.listen });
        }
        let vote = consortium.open(Draft::regular(title).lasting(8)).await?;
        let cast = consortium.everybody_votes(&vote).await?;
        let decided = consortium.decided(&vote).await?;
        assert_eq!(Counted(&decided).turnout().0, cast as u64);
        consortium.everybody_agrees(&vote).await?;
    }
    for metrics in consortium.nodes.iter().map(|node| node.metrics).chain(twins.iter().map(|twin| twin.metrics)) {
        ensure!(counted(metrics, DELIVERIES).await? > 0, "a process delivered nothing");
    }
    consortium.nobody_is_at_fault().await?;
    consortium.journals_are_everywhere().await?;
    for (node, twin) in consortium.nodes.iter().zip(&twins) {
        nothing_was_done_twice(node, twin).await?;
    }
    for twin in &mut twins {
        twin.process.kill().await?;
    }
    consortium.stop().await
}

/// Together the processes signed each checkpoint once, and published each decision once.
async fn nothing_was_done_twice(node: &Node, twin: &Twin) -> anyhow::Result<()> {
    let database = node.database.as_ref().context("it is on PostgreSQL")?;
    let own = "journal in (select id from journals where own = 1)";
    let checkpoints = database.query(&format!("select count(*) from checkpoints where {own}"))?;
    let signed = [counted(node.metrics, CHECKPOINTS).await?, counted(twin.metrics, CHECKPOINTS).await?];
    ensure!(
        (signed[0] + signed[1]).to_string() == checkpoints,
        "{}: {signed:?} signed, {checkpoints} stored",
        node.name
    );
    let articles = format!("from entries where kind = 'Article' and {own}");
    let articles = database.query(&format!("select count(*) - count(distinct subject) {articles}"))?;
    ensure!(articles == "0", "{} published a decision twice", node.name);
    Ok(())
}
