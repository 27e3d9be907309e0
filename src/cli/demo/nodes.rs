//! The node processes of the demonstration: set up, started on loopback, stopped by their own process.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::process::{Child, Command};

use super::cast;
use crate::cli::init;
use crate::cli::node_client::NodeClient;
use crate::config::{Config, DatabaseConfig, FederationConfig, Limits, LogConfig, NodeConfig};

/// One node: its folder, its address, its steward's login, and its process while it runs.
pub struct Node {
    pub name: String,
    pub folder: PathBuf,
    pub address: String,
    pub steward: NodeClient,
    pub password: String,
    process: Option<Child>,
}

impl Node {
    /// Writes configuration, keys, database and the steward's account. `allowed` nodes share loopback.
    pub async fn set_up(position: usize, nodes: usize, root: &Path) -> anyhow::Result<Self> {
        let (name, handle) = cast::party(position);
        let folder = root.join(format!("{:02}-{handle}", position + 1));
        let port = free_port()?;
        let address = format!("http://127.0.0.1:{port}");
        let config = Config {
            node: NodeConfig {
                name: name.clone(),
                handle,
                address: address.clone(),
                listen: SocketAddr::from(([127, 0, 0, 1], port)),
                data: folder.clone(),
                metrics: None,
                accent: "#1f6f54".into(),
            },
            database: DatabaseConfig::default(),
            federation: FederationConfig {
                allowed_networks: vec!["127.0.0.0/8".into()],
                // Fewer, larger checkpoints where many nodes share two cores.
                checkpoint_ms: 250 + 40 * nodes as u64,
                sync_ms: 3000 + 100 * nodes as u64,
            },
            limits: Limits::default(),
            log: LogConfig::default(),
        };
        let password = "folkmoot-demo".to_owned();
        let token = init::set_up(&config, &folder.join("folkmoot.toml"), "steward", &password).await?;
        let steward = NodeClient::new(&address, Some(token))?;
        Ok(Self { name, folder, address, steward, password, process: None })
    }

    /// Starts `folkmoot serve`; its log goes to a file in the node's folder.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("node.log"))?;
        let child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg("--config")
            .arg(self.folder.join("folkmoot.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} could not be started", self.name))?;
        self.process = Some(child);
        Ok(())
    }

    /// Ends the process as a power cut would.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.process.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Asks the process to end and waits until it did.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.process.take() else { return Ok(()) };
        if let Some(id) = child.id() {
            // The shell's own kill: a polite SIGTERM without a foreign function call.
            let _ = Command::new("kill").arg("-TERM").arg(id.to_string()).status().await;
        }
        if tokio::time::timeout(Duration::from_secs(10), child.wait()).await.is_err() {
            child.kill().await?;
        }
        Ok(())
    }

    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Waits until the node answers.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.steward.download("/healthz").await.is_err() {
            if let Some(status) = self.process.as_mut().map(Child::try_wait).transpose()?.flatten() {
                bail!("{} ended at once ({status}); see {}", self.name, self.folder.join("node.log").display());
            }
            if Instant::now() > deadline {
                bail!("{} does not answer; see {}", self.name, self.folder.join("node.log").display());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Polls `path` until `done` holds, at most `seconds` long; the last answer is returned or shown.
    pub async fn until(
        &self,
        path: &str,
        what: &str,
        seconds: u64,
        done: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let last = self.steward.get(path).await;
            if let Ok(value) = &last
                && done(value)
            {
                return last;
            }
            if Instant::now() > deadline {
                bail!("{}: waited {seconds} s in vain until {what} ({path}: {last:?})", self.name);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port on loopback")?;
    Ok(listener.local_addr()?.port())
}
