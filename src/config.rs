//! The node's one configuration: a TOML file, each value overridable by an environment variable.
//! Unknown keys are refused, so that a misspelt limit is never silently ignored.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use folkmoot_governance::id::NodeId;
use serde::{Deserialize, Serialize};

/// Environment variables that override the file are named `FOLKMOOT_SECTION_KEY`.
const ENVIRONMENT_PREFIX: &str = "FOLKMOOT_";

/// Why a configuration cannot be used; says what to mend.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} cannot be read: {source}. Run `folkmoot init` to write one, or name another with --config.")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a valid configuration: {detail}")]
    Malformed { path: PathBuf, detail: String },
    #[error("the environment variable {variable} cannot be used: {detail}")]
    Environment { variable: String, detail: String },
    #[error("{key}: {detail}")]
    Value { key: &'static str, detail: String },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub node: NodeConfig,
    #[serde(default)]
    pub database: DatabaseConfig,
    #[serde(default)]
    pub federation: FederationConfig,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub log: LogConfig,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// Name of the co-op that runs the node.
    pub name: String,
    /// Account name of the node's actor: `[a-z0-9_]{1,30}`.
    pub handle: String,
    /// Public base address without a trailing slash: `https://folkmoot.coop.example`.
    pub address: String,
    /// Where the server listens; a reverse proxy stands in front of it.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Folder of keys and, with SQLite, the database. Must be writable by the node alone.
    pub data: PathBuf,
    /// Prometheus metrics are served here when it is set; keep it off the public network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<SocketAddr>,
    /// Accent colour of the pages, `#rrggbb`.
    #[serde(default = "default_accent")]
    pub accent: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://…`; absent means `folkmoot.sqlite` in the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FederationConfig {
    /// Private networks that peers may have addresses in, plain http and ports included: `127.0.0.0/8` for a
    /// consortium on one machine. Empty on the open network.
    #[serde(default)]
    pub allowed_networks: Vec<String>,
    /// Shortest time between two checkpoints of this node's journal, in milliseconds.
    #[serde(default = "default_checkpoint_ms")]
    pub checkpoint_ms: u64,
    /// How often peers' journals are pulled when nothing was pushed, in milliseconds.
    #[serde(default = "default_sync_ms")]
    pub sync_ms: u64,
}

impl Default for FederationConfig {
    fn default() -> Self {
        Self { allowed_networks: Vec::new(), checkpoint_ms: default_checkpoint_ms(), sync_ms: default_sync_ms() }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest request body in bytes.
    pub body_bytes: usize,
    /// Longest time a request may take, in seconds.
    pub request_seconds: u64,
    /// Sign-in attempts per account and quarter of an hour.
    pub sign_in_attempts: u32,
    /// Join requests per client address and day.
    pub join_requests: u32,
    /// Requests of unknown servers per host and minute.
    pub unknown_hosts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body_bytes: 1 << 20, request_seconds: 30, sign_in_attempts: 10, join_requests: 10, unknown_hosts: 30 }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// A `tracing` filter: `info`, `folkmoot=debug,info`.
    pub filter: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".into(), json: false }
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

fn default_accent() -> String {
    "#1f6f54".into()
}

fn default_checkpoint_ms() -> u64 {
    1000
}

fn default_sync_ms() -> u64 {
    30_000
}

impl Config {
    /// Reads `path`, applies the environment, and checks every value.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let environment = std::env::vars().filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX));
        Self::parse(&text, environment).map_err(|error| match error {
            ConfigError::Malformed { detail, .. } => ConfigError::Malformed { path: path.to_owned(), detail },
            other => other,
        })
    }

    /// The pure part of [`Config::load`].
    pub fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let malformed = |detail: String| ConfigError::Malformed { path: PathBuf::new(), detail };
        let mut table: toml::Table = text.parse().map_err(|e: toml::de::Error| malformed(e.to_string()))?;
        for (variable, value) in environment {
            apply_variable(&mut table, &variable, &value)?;
        }
        let config: Self = table.try_into().map_err(|e| malformed(e.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// This node's actor address, its name in every statement.
    pub fn node_id(&self) -> NodeId {
        format!("{}/actor", self.node.address).parse().expect("checked when loaded")
    }

    /// The database's address; secrets in it are never logged.
    pub fn database_url(&self) -> String {
        let default = || format!("sqlite:{}", self.node.data.join("folkmoot.sqlite").display());
        self.database.url.clone().unwrap_or_else(default)
    }

    /// Folder of the key files.
    pub fn keys_folder(&self) -> PathBuf {
        self.node.data.join("keys")
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, detail: &str| Err(ConfigError::Value { key, detail: detail.to_owned() });
        if format!("{}/actor", self.node.address).parse::<NodeId>().is_err() || self.node.address.ends_with('/') {
            return wrong(
                "node.address",
                "write the public address like https://folkmoot.coop.example, without a path",
            );
        }
        if self.node.address.matches('/').count() != 2 {
            return wrong("node.address", "the address must not have a path");
        }
        if self.node.address.starts_with("http://") && self.federation.allowed_networks.is_empty() {
            return wrong("node.address", "plain http works only with federation.allowed_networks, on one machine");
        }
        let handle_ok = (1..=30).contains(&self.node.handle.len())
            && self.node.handle.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !handle_ok {
            return wrong("node.handle", "use 1 to 30 of a-z, 0-9 and _");
        }
        if self.node.name.trim().is_empty() || self.node.name.chars().count() > 200 {
            return wrong("node.name", "give the co-op's name, at most 200 characters");
        }
        let accent = self.node.accent.strip_prefix('#').unwrap_or_default();
        if accent.len() != 6 || !accent.bytes().all(|b| b.is_ascii_hexdigit()) {
            return wrong("node.accent", "write a colour like #1f6f54");
        }
        let url = self.database_url();
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return wrong("database.url", "use sqlite:PATH or postgres://…");
        }
        if !(64 * 1024..=16 << 20).contains(&self.limits.body_bytes) {
            return wrong("limits.body_bytes", "choose between 65536 and 16777216");
        }
        if !(1..=600).contains(&self.limits.request_seconds) {
            return wrong("limits.request_seconds", "choose between 1 and 600");
        }
        if [self.limits.sign_in_attempts, self.limits.join_requests, self.limits.unknown_hosts].contains(&0) {
            return wrong("limits", "sign_in_attempts, join_requests and unknown_hosts are at least 1");
        }
        if !(50..=3_600_000).contains(&self.federation.checkpoint_ms)
            || !(50..=3_600_000).contains(&self.federation.sync_ms)
        {
            return wrong("federation", "checkpoint_ms and sync_ms lie between 50 and 3600000");
        }
        Ok(())
    }
}

/// Sets `section.key` from `FOLKMOOT_SECTION_KEY`. Numbers, booleans and lists are written as in TOML.
fn apply_variable(table: &mut toml::Table, variable: &str, value: &str) -> Result<(), ConfigError> {
    let wrong = |detail: &str| ConfigError::Environment { variable: variable.to_owned(), detail: detail.to_owned() };
    let name = variable.strip_prefix(ENVIRONMENT_PREFIX).unwrap_or(variable).to_ascii_lowercase();
    // FOLKMOOT_CONFIG and FOLKMOOT_TEST_… belong to the command line and the tests.
    let Some((section, key)) = name.split_once('_').filter(|(section, _)| *section != "test") else { return Ok(()) };
    if !["node", "database", "federation", "limits", "log"].contains(&section) {
        return Ok(());
    }
    let parsed = format!("x = {value}").parse::<toml::Table>().ok().and_then(|mut t| t.remove("x"));
    let value = match parsed {
        Some(value @ (toml::Value::Integer(_) | toml::Value::Boolean(_) | toml::Value::Array(_))) => value,
        _ => toml::Value::String(value.to_owned()),
    };
    let entry = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let section = entry.as_table_mut().ok_or_else(|| wrong("its section is not a table in the file"))?;
    section.insert(key.to_owned(), value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "[node]\nname = 'A'\nhandle = 'a'\naddress = 'https://a.example'\ndata = '/var/lib/a'\n";

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::parse(text, environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn a_small_file_is_enough() {
        let config = parse(SMALL, &[]).expect("valid");
        assert_eq!(config.node_id().as_str(), "https://a.example/actor");
        assert_eq!(config.database_url(), "sqlite:/var/lib/a/folkmoot.sqlite");
    }

    #[test]
    fn the_environment_wins() {
        let variables = [
            ("FOLKMOOT_DATABASE_URL", "postgres://db/folkmoot"),
            ("FOLKMOOT_LIMITS_BODY_BYTES", "70000"),
            ("FOLKMOOT_FEDERATION_ALLOWED_NETWORKS", "['127.0.0.0/8']"),
            ("FOLKMOOT_CONFIG", "elsewhere"),
        ];
        let config = parse(SMALL, &variables).expect("valid");
        assert_eq!(config.database_url(), "postgres://db/folkmoot");
        assert_eq!(config.limits.body_bytes, 70_000);
        assert_eq!(config.federation.allowed_networks, ["127.0.0.0/8"]);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for (addition, mention) in [
            ("colour = 'red'", "colour"),
            ("[limits]\nbody_bytes = 1", "body_bytes"),
            ("[limits]\nrequest_seconds = 0", "request_seconds"),
            ("[limits]\njoin_requests = 0", "join_requests"),
            ("[limits]\njoin_requests = -1", "join_requests"),
            ("[limits]\nbodybytes = 70000", "bodybytes"),
            ("[federation]\nsync_ms = 1", "sync_ms"),
            ("[database]\nurl = 'mysql://x'", "database.url"),
            ("[nodes]", "nodes"),
        ] {
            let error = parse(&format!("{SMALL}{addition}"), &[]).expect_err(addition).to_string();
            assert!(error.contains(mention), "{error}");
        }
        let plain = SMALL.replace("https", "http");
        assert!(parse(&plain, &[]).expect_err("plain http").to_string().contains("allowed_networks"));
        assert!(parse(SMALL, &[("FOLKMOOT_NODE_COLOUR", "red")]).is_err());
    }
}
