//! `folkmoot doctor`: what is wrong with a node, and what to mend.

use std::path::Path;
use std::time::Duration;

use clap::Args;

use super::init;
use super::node_client::NodeClient;
use crate::actions::{peers, standing};
use crate::app::App;
use crate::config::Config;

/// Check configuration, keys, database, clock and peers, and say what to mend.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Only ask the running node whether it is well.
    #[arg(long)]
    quick: bool,
}

/// Clocks may differ by this much before votes and signatures suffer.
const CLOCK_SECONDS: i64 = 30;

/// Collects what was found; any problem makes the status 1.
#[derive(Default)]
struct Findings {
    problems: usize,
}

impl Findings {
    fn well(&self, what: &str) {
        println!("  ok    {what}");
    }

    fn problem(&mut self, what: &str, mend: &str) {
        self.problems += 1;
        println!("  MEND  {what}\n        {mend}");
    }
}

pub async fn run(command: Doctor, path: &Path) -> anyhow::Result<i32> {
    let mut findings = Findings::default();
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(error) => {
            findings.problem(&error.to_string(), "Mend the configuration first.");
            return Ok(1);
        }
    };
    findings.well(&format!("configuration {}", path.display()));
    server(&config, &mut findings).await;
    if command.quick {
        return Ok(i32::from(findings.problems > 0));
    }
    match init::open(path).await {
        Ok(app) => {
            findings.well("keys and database");
            consortium(&app, &mut findings).await?;
        }
        Err(error) => findings.problem(
            &format!("{error:#}"),
            "Check the data folder: keys must be readable by the node alone, the database reachable and not newer.",
        ),
    }
    match findings.problems {
        0 => println!("The node is well."),
        n => println!("{n} to mend."),
    }
    Ok(i32::from(findings.problems > 0))
}

async fn server(config: &Config, findings: &mut Findings) {
    let local = format!("http://{}", config.node.listen);
    let client = NodeClient::new(&local, None);
    match client {
        Ok(client) if client.download("/healthz").await.is_ok() => {
            findings.well(&format!("the server answers on {local}"))
        }
        _ => findings
            .problem(&format!("no server answers on {local}"), "Start it with `folkmoot serve`, or read its log."),
    }
}

async fn consortium(app: &App, findings: &mut Findings) -> anyhow::Result<()> {
    let standing = {
        let mut conn = app.db.read().await?;
        standing::find(&mut conn).await?
    };
    let Some(standing) = standing else {
        findings.well("no consortium yet: found one or accept an invitation");
        return Ok(());
    };
    if standing.own_journal(app).is_none() {
        findings.problem(
            "the consortium does not know this node's key",
            "Ask another party to put its admission, or the change of its key, to the vote.",
        );
    }
    for peer in standing.peers(&app.node) {
        match tokio::time::timeout(Duration::from_secs(10), peers::fetch(app, &peer)).await {
            Ok(Ok(actor)) => {
                let epoch = standing.epoch();
                let known = epoch.party_of_node(&peer).map(|position| epoch.parties[position].key);
                if known == Some(actor.statement_key) {
                    findings.well(&format!("{} answers", actor.name));
                } else {
                    findings
                        .problem(&format!("{} shows another key", actor.name), "It may be recovering; ask its people.");
                }
                clock(app, peer.base(), findings).await;
            }
            Ok(Err(error)) => {
                findings.problem(&error.to_string(), "Check names, firewall and certificates on both sides.")
            }
            Err(_) => {
                findings.problem(&format!("{peer} does not answer"), "It may be down; what waits for it is kept.")
            }
        }
    }
    Ok(())
}

async fn clock(app: &App, base: &str, findings: &mut Findings) {
    // Private addresses are only asked where the configuration allows them.
    let Ok(url) = url::Url::parse(&format!("{base}/api/v1/node")) else { return };
    if app.client.addresses().check(&url).is_err() {
        return;
    }
    let Ok(client) = NodeClient::new(base, None) else { return };
    let Ok(node) = client.get("/api/v1/node").await else { return };
    let Some(theirs) = node["now"].as_str().and_then(|text| text.parse::<folkmoot_governance::id::Time>().ok()) else {
        return;
    };
    let apart = (app.now().0 - theirs.0).abs();
    if apart > CLOCK_SECONDS {
        findings.problem(
            &format!("this clock and that of {base} are {apart} seconds apart"),
            "Keep time with NTP (chrony or systemd-timesyncd): deadlines are kept to the second.",
        );
    }
}
