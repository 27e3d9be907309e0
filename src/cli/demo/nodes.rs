//! The node processes of the demonstration: set up, started on loopback, stopped by their own process.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

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
    pub async fn set_up(position: usize, nodes: usize, root: &Path, port: u16) -> anyhow::Result<Self> {
        let (name, handle) = cast::party(position);
        let folder = root.join(format!("{:02}-{handle}", position + 1));
        let address = format!("http://127.0.0.1:{port}");
        let pairs = (nodes * nodes) as u64;
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
                // Each sends its checkpoints to all others, and they share two cores: what they have to do in a second
                // must not grow with the square.
                checkpoint_ms: 150 + 4 * pairs,
                sync_ms: 3000 + 10 * pairs,
            },
            limits: Limits::default(),
            log: LogConfig::default(),
        };
        let password = "folkmoot-demo".to_owned();
        let text = toml::to_string_pretty(&config)?;
        let token = init::set_up(&config, &text, &folder.join("folkmoot.toml"), "steward", &password).await?;
        let steward = NodeClient::new(&address, Some(token))?;
        Ok(Self { name, folder, address, steward, password, process: None })
    }

    /// Starts `folkmoot serve`; its log goes to a file in the node's folder.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("node.log"))?;
        let mut command = Command::new(std::env::current_exe()?);
        for (variable, _) in Config::environment().filter(|(variable, _)| !variable.starts_with("FOLKMOOT_LOG_")) {
            // Meant for a real node on this machine: twelve must not share its database.
            command.env_remove(variable);
        }
        let child = command
            .arg("serve")
            .arg("--config")
            .arg(self.folder.join("folkmoot.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C is for the demonstration, which then stops its nodes one and all.
            .process_group(0)
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

    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref()?.id()
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

    /// Asks for `path` until it is answered, at most `seconds` long.
    pub async fn download(&self, path: &str, seconds: u64) -> anyhow::Result<Vec<u8>> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let answer = self.steward.download(path).await;
            if answer.is_ok() || Instant::now() > deadline {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
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

/// How much memory processes hold together, looked at about twice a second for twelve of them, for fifty every other
/// second: to tell it is work for the system. The most that was seen counts.
pub struct Memory {
    peaks: Arc<Peaks>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Peaks {
    held: AtomicU64,
    resident: AtomicU64,
}

impl Memory {
    pub fn watch(processes: Vec<u32>) -> Self {
        let peaks = Arc::new(Peaks::default());
        let seen = peaks.clone();
        let task = tokio::spawn(async move {
            loop {
                let told = |id: &u32| std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok();
                let told: Vec<String> = processes.iter().filter_map(told).collect();
                let sum = |name: &str| told.iter().filter_map(|text| bytes_of(text, name)).sum();
                seen.held.fetch_max(sum("Pss:"), Ordering::Relaxed);
                seen.resident.fetch_max(sum("Rss:"), Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(40 * processes.len() as u64)).await;
            }
        });
        Self { peaks, task }
    }

    /// Bytes, each counted once; absent where the system does not tell.
    pub fn held(&self) -> Option<u64> {
        Some(self.peaks.held.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }

    /// Bytes of all resident sets: what processes share, as the program itself, is counted for each of them.
    pub fn resident(&self) -> Option<u64> {
        Some(self.peaks.resident.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A line of Linux's `/proc/PID/smaps_rollup` (proc_pid_smaps(5)), in bytes.
fn bytes_of(text: &str, name: &str) -> Option<u64> {
    let kibibytes = text.lines().find_map(|line| line.strip_prefix(name))?.trim().strip_suffix(" kB")?;
    kibibytes.parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

/// The first port that is tried, and how far two demonstrations that start at once keep apart. All of it lies below the
/// ports that systems hand out to outgoing connections, one of which could otherwise take a node's place.
const FIRST_PORT: u16 = 20_000;
const PORTS_APART: u16 = 100;
const PLACES: u16 = 100;

/// Free ports on loopback, one for each node.
pub fn free_ports(count: usize) -> anyhow::Result<Vec<u16>> {
    let place = u16::try_from(std::process::id() % u32::from(PLACES)).expect("a remainder of 100");
    let first = FIRST_PORT + place * PORTS_APART;
    let free = (first..FIRST_PORT + PLACES * PORTS_APART).chain(FIRST_PORT..first);
    let ports: Vec<u16> = free.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).take(count).collect();
    if ports.len() < count {
        bail!("there are not {count} free ports on 127.0.0.1");
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_process_is_read_where_the_system_tells_it() {
        let text =
            "00400000-7ffe [rollup]\nRss:               38912 kB\nPss:               30000 kB\nPss_Anon:  1 kB\n";
        assert_eq!((bytes_of(text, "Rss:"), bytes_of(text, "Pss:")), (Some(38_912 * 1024), Some(30_000 * 1024)));
        assert_eq!(bytes_of("Pss_Anon:  1 kB\n", "Pss:"), None);
        assert_eq!(bytes_of("Pss: many\n", "Pss:"), None);
    }

    #[test]
    fn a_busy_port_is_passed_over() {
        let first = free_ports(1).expect("a free port")[0];
        let _busy = TcpListener::bind(("127.0.0.1", first)).expect("free");
        let ports = free_ports(50).expect("free ports");
        assert!(!ports.contains(&first));
        let distinct: std::collections::BTreeSet<_> = ports.iter().collect();
        assert_eq!(distinct.len(), 50);
    }
}
