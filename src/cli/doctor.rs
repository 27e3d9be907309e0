//! `folkmoot doctor`: what is wrong with a node, and what to mend.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use clap::Args;

use super::init;
use super::node_client::NodeClient;
use crate::actions::{peers, standing};
use crate::app::App;
use crate::config::{Config, unknown_variables};
use crate::storage;
use crate::transport::keys::NodeKeys;

/// Check configuration, keys, database, public address, peers and clocks, and say what to mend.
///
/// Run it as the account that the node runs as, with the same environment. Status 1 when something is to be mended.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Only ask the running node whether it is well.
    #[arg(long)]
    quick: bool,
}

/// How long another node has to answer.
const PATIENCE: Duration = Duration::from_secs(10);
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
        println!("  MEND  {}\n        {mend}", what.trim().replace('\n', "\n        "));
    }

    /// Sums up; the status of the process.
    fn end(&self) -> i32 {
        match self.problems {
            0 => println!("The node is well."),
            1 => println!("There is 1 thing to mend."),
            n => println!("There are {n} things to mend."),
        }
        i32::from(self.problems > 0)
    }
}

pub async fn run(command: Doctor, path: &Path) -> anyhow::Result<i32> {
    let mut findings = Findings::default();
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(error) => {
            findings.problem(&error.to_string(), "Mend this first: everything else depends on the configuration.");
            return Ok(findings.end());
        }
    };
    findings.well(&format!("configuration {}", path.display()));
    for variable in unknown_variables() {
        findings.problem(
            &format!("the environment variable {variable} overrides nothing"),
            "Is it misspelt? Names are FOLKMOOT_SECTION_KEY, such as FOLKMOOT_DATABASE_URL.",
        );
    }
    server(&config, &mut findings).await;
    if command.quick {
        return Ok(i32::from(findings.problems > 0));
    }
    if let Some(app) = own(path, &config, &mut findings).await {
        public_address(&app, &mut findings).await;
        consortium(&app, &mut findings).await?;
    }
    Ok(findings.end())
}

/// Keys, folder and database.
async fn own(path: &Path, config: &Config, findings: &mut Findings) -> Option<App> {
    if let Err(error) = NodeKeys::load(&config.keys_folder()) {
        findings.problem(
            &error.to_string(),
            "Doctor and server run as the account that owns the keys, and keys come from the backup of this very node.",
        );
        return None;
    }
    findings.well(&format!("keys in {}", config.keys_folder().display()));
    let mode = std::fs::metadata(&config.node.data).map_or(0, |folder| folder.permissions().mode());
    if mode & 0o022 != 0 {
        findings.problem(
            &format!("others can write in {}", config.node.data.display()),
            "Run chmod go-w on it: whoever writes there can exchange the node's keys.",
        );
    }
    match init::open(path).await {
        Ok(app) => {
            findings.well(&format!("database {}", config.shown_database_url()));
            Some(app)
        }
        Err(error) => {
            let mend = match error.downcast_ref::<storage::Error>() {
                Some(storage::Error::Gone(_)) => {
                    "Is it running, and do path or host, account and password in database.url fit?"
                }
                Some(storage::Error::Full(_)) => "Make room on the disk. Nothing was saved by halves.",
                Some(storage::Error::Newer(_)) => "Install that version of folkmoot again, or a later one.",
                _ => "Is database.url the database of this node?",
            };
            findings.problem(&super::sentence(&error), mend);
            None
        }
    }
}

async fn server(config: &Config, findings: &mut Findings) {
    // A server that listens everywhere answers on loopback as well.
    let mut listen = config.node.listen;
    if listen.ip().is_unspecified() {
        listen.set_ip(if listen.is_ipv6() { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() });
    }
    let local = format!("http://{listen}");
    let Ok(client) = NodeClient::new(&local, None) else { return };
    match client.download("/healthz").await {
        Ok(_) => findings.well(&format!("the server answers on {local}")),
        Err(error) => findings.problem(
            &format!("the server does not answer on {local}: {error}"),
            "Start it with `folkmoot serve`, or read its log.",
        ),
    }
}

/// Whether the others find this node where it says that it is.
async fn public_address(app: &App, findings: &mut Findings) {
    const MEND: &str = "Check DNS, firewall, certificate and the reverse proxy: others reach the node by this address.";
    let address = &app.config.node.address;
    let Ok(client) = NodeClient::new(address, None) else { return };
    let key = app.keys.statement.public().to_string();
    match tokio::time::timeout(PATIENCE, client.get("/api/v1/node")).await {
        Ok(Ok(node)) if node["key"] == key.as_str() => findings.well(&format!("{address} leads to this node")),
        Ok(Ok(_)) => findings.problem(
            &format!("{address} leads to another node, or to one with another key"),
            "Are these the keys of this node, and does the reverse proxy point to it?",
        ),
        Ok(Err(error)) => findings.problem(&format!("{address} does not lead to this node: {error}"), MEND),
        Err(_) => findings.problem(&format!("{address} does not answer"), MEND),
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
            "Are these the keys of this node? After a recovery, another party puts the change of its key to the vote; a \
             new party waits for its admission.",
        );
    }
    for peer in standing.peers(&app.node) {
        match tokio::time::timeout(PATIENCE, peers::fetch(app, &peer)).await {
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
            Ok(Err(error)) => findings.problem(
                &error.to_string(),
                "It may be down, and what waits for it is kept; otherwise check names, firewall and certificates.",
            ),
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
