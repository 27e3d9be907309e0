//! One node: its folder, its configuration and its process, which is ended, paused and started like any other.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::api::Api;
use super::links::{Links, Relay};
use super::pace::Pace;
use super::scratch::Scratch;

pub const PASSWORD: &str = "a long enough password";
const POLL: Duration = Duration::from_millis(100);

/// Where a node keeps its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

pub struct Node {
    pub name: String,
    pub folder: PathBuf,
    /// The public address, which is the relay's.
    pub address: String,
    /// Where the process itself listens; the tests speak to it there.
    pub listen: SocketAddr,
    /// Where the process shows what it counted.
    pub metrics: SocketAddr,
    pub relay: Relay,
    /// The API as a steward.
    pub steward: Api,
    /// The API as nobody.
    pub public: Api,
    pace: Pace,
    process: Option<Child>,
    /// Its database, unless that is a file in its folder; outlives the process.
    pub database: Option<Scratch>,
}

impl Node {
    /// Runs `folkmoot init` for a new node; it is not started.
    pub async fn init(
        position: usize,
        root: &Path,
        links: &Links,
        database: Database,
        pace: Pace,
    ) -> anyhow::Result<Self> {
        let name = format!("Co-op {}", position + 1);
        let folder = root.join(format!("node-{}", position + 1));
        std::fs::create_dir_all(&folder)?;
        let listen = free_address()?;
        let relay = Relay::start(links, listen).await?;
        let database = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(Scratch::create()?),
        };
        let public = Api::new(format!("http://{listen}"))?;
        let address = relay.address.clone();
        let mut node = Self {
            name,
            folder,
            address,
            listen,
            metrics: free_address()?,
            relay,
            steward: public.clone(),
            public,
            pace,
            process: None,
            database,
        };
        node.set_up(position).await?;
        Ok(node)
    }

    /// Starts `folkmoot serve` and waits until it answers.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        self.process = Some(self.spawn(self.listen, self.metrics)?);
        self.ready().await
    }

    /// A further process of this node, listening elsewhere; the caller keeps it.
    pub fn spawn(&self, listen: SocketAddr, metrics: SocketAddr) -> anyhow::Result<Child> {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("node.log"))?;
        let mut command = self.command(&["serve"]);
        command.env("FOLKMOOT_NODE_LISTEN", listen.to_string());
        command.env("FOLKMOOT_NODE_METRICS", metrics.to_string());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        command.spawn().with_context(|| format!("{} could not be started", self.name))
    }

    async fn ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(status) = self.process.as_mut().map(Child::try_wait).transpose()?.flatten() {
                bail!("{} ended at once ({status})\n{}", self.name, self.log_tail());
            }
            if self.public.get("/api/v1/node").await.is_ok() {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("{} does not answer\n{}", self.name, self.log_tail());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// `kill -9`: ends the process as a power cut would.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.process.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Asks the process to end (SIGTERM) and waits until it did.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let Some(mut child) = self.process.take() else { return Ok(()) };
        signal("TERM", &child).await?;
        match tokio::time::timeout(Duration::from_secs(20), child.wait()).await {
            Ok(status) => {
                status?;
                Ok(())
            }
            Err(_) => {
                child.kill().await?;
                bail!("{} did not end when asked to\n{}", self.name, self.log_tail())
            }
        }
    }

    /// The process falls silent, but its connections stay open.
    pub async fn pause(&self) -> anyhow::Result<()> {
        signal("STOP", self.process.as_ref().context("it runs")?).await
    }

    pub async fn resume(&self) -> anyhow::Result<()> {
        signal("CONT", self.process.as_ref().context("it runs")?).await
    }

    /// From here on the tests speak to the process that listens there.
    pub fn speak_to(&mut self, listen: SocketAddr) {
        self.public = self.public.at(format!("http://{listen}"));
        self.steward = self.steward.at(format!("http://{listen}"));
    }

    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// The command line with this node's configuration, ready to run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
        command.args(arguments).arg("--config").arg(self.folder.join("folkmoot.toml"));
        command.env("FOLKMOOT_FEDERATION_CHECKPOINT_MS", self.pace.checkpoint_ms.to_string());
        command.env("FOLKMOOT_FEDERATION_SYNC_MS", self.pace.sync_ms.to_string());
        command.env("FOLKMOOT_LIMITS_SIGN_IN_ATTEMPTS", "1000").env("FOLKMOOT_LIMITS_JOIN_REQUESTS", "1000");
        command
    }

    /// Runs the command line to its end and refuses any status but 0.
    pub async fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(arguments).stdin(Stdio::null()).output().await?;
        text_of(arguments, &output)
    }

    /// Polls `path` until `done` holds. When it never does, the last answer and the end of the log are the error.
    pub async fn until(
        &self,
        path: &str,
        what: &str,
        seconds: u64,
        done: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let asked = Instant::now();
            let last = self.steward.get(path).await;
            if let Ok(value) = &last
                && done(value)
            {
                return last;
            }
            if Instant::now() > deadline {
                let last = last.map_or_else(|error| format!("{error:#}"), |value| format!("{value:#}"));
                bail!("{}: waited {seconds} s in vain until {what}; {path}: {last}\n{}", self.name, self.log_tail());
            }
            // Twelve nodes that are asked all the time do little else than answer.
            tokio::time::sleep(POLL.max(4 * asked.elapsed())).await;
        }
    }

    /// The last lines that the node wrote.
    pub fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("node.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let mut tail = format!("-- end of {}'s log\n", self.name);
        for line in &lines[lines.len().saturating_sub(25)..] {
            let _ = writeln!(tail, "   {line}");
        }
        tail
    }

    async fn set_up(&mut self, position: usize) -> anyhow::Result<()> {
        let handle = format!("coop{}", position + 1);
        let (listen, data) = (self.listen.to_string(), self.folder.join("data"));
        let data = data.to_str().context("a path in UTF-8")?;
        let (name, address) = (self.name.clone(), self.address.clone());
        let mut arguments = vec!["init", "--name", &name, "--handle", &handle, "--address", &address];
        arguments.extend(["--listen", &listen, "--data", data, "--allow-network", "127.0.0.0/8"]);
        arguments.extend(["--steward", "steward", "--password", PASSWORD]);
        let database = self.database.as_ref().map(Scratch::url);
        if let Some(url) = &database {
            arguments.extend(["--database", url]);
        }
        let said = self.run(&arguments).await?;
        let token =
            said.lines().find_map(|line| line.trim().strip_prefix("API token")).context("init gives a token")?;
        self.steward = self.public.with_token(token.split_whitespace().next().context("a token")?);
        Ok(())
    }
}

/// Runs a command that belongs to no node, such as `folkmoot verify`.
pub async fn folkmoot(arguments: &[&str]) -> anyhow::Result<Output> {
    Ok(Command::new(env!("CARGO_BIN_EXE_folkmoot")).args(arguments).stdin(Stdio::null()).output().await?)
}

/// What a command said, unless it failed.
pub fn text_of(arguments: &[&str], output: &Output) -> anyhow::Result<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!("folkmoot {}: {}\n{text}{}", arguments.join(" "), output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(text)
}

/// What a process has counted since its start: `folkmoot_requests_total{result="answered"}`.
pub async fn counted(metrics: SocketAddr, name: &str) -> anyhow::Result<u64> {
    let answer = Api::new(format!("http://{metrics}"))?.send(Method::GET, "/metrics", &[], Vec::new()).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.with_context(|| format!("no {name} in {text}"))?.parse().context("a counter is a number")
}

/// Waits until a process answers at its address.
pub async fn until_up(api: &Api) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(40);
    loop {
        match api.get("/api/v1/node").await {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() > deadline => return Err(error.context("it does not answer")),
            Err(_) => tokio::time::sleep(POLL).await,
        }
    }
}

async fn signal(name: &str, child: &Child) -> anyhow::Result<()> {
    let id = child.id().context("the process has ended by itself")?;
    let status = Command::new("kill").arg(format!("-{name}")).arg(id.to_string()).status().await?;
    if status.success() { Ok(()) } else { bail!("kill -{name} {id}: {status}") }
}

/// An address of its own for each process, so that no port is taken between choosing and listening.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let [_, _, third, fourth] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let second = 2 + u8::try_from(std::process::id() % 250)?;
    let listener = std::net::TcpListener::bind(SocketAddr::from(([127, second, third, fourth], 0)))?;
    Ok(listener.local_addr()?)
}
