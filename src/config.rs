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
    #[error("{path} does not exist. Run `folkmoot init` to write it, or name another file with --config.")]
    Missing { path: PathBuf },
    #[error("{path} cannot be read: {source}. It belongs to the account that the node runs as: use that one.")]
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
    /// Connections that are served at once; further ones wait.
    pub connections: usize,
    /// Wrong passwords per account, client address and quarter of an hour; ten times as many per address, a hundred times
    /// as many per account.
    pub sign_in_attempts: u32,
    /// Join requests per client address and day.
    pub join_requests: u32,
    /// Requests of unknown servers per host and minute.
    pub unknown_hosts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            request_seconds: 30,
            connections: 500,
            sign_in_attempts: 10,
            join_requests: 10,
            unknown_hosts: 30,
        }
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
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ConfigError::Missing { path: path.to_owned() },
            _ => ConfigError::Unreadable { path: path.to_owned(), source },
        })?;
        Self::parse(&text, Self::environment()).map_err(|error| match error {
            ConfigError::Malformed { detail, .. } => ConfigError::Malformed { path: path.to_owned(), detail },
            other => other,
        })
    }

    /// The variables of this process that may override something.
    pub fn environment() -> impl Iterator<Item = (String, String)> {
        let readable = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let ours = readable.filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX));
        ours.map(|(name, value)| (name, value.to_string_lossy().into_owned()))
    }

    /// The pure part of [`Config::load`].
    pub fn parse(text: &str, environment: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let malformed = |detail: String| ConfigError::Malformed { path: PathBuf::new(), detail };
        let mut table: toml::Table = text.parse().map_err(|e: toml::de::Error| malformed(in_words(&e)))?;
        let mut applied = Vec::new();
        for (variable, value) in environment {
            if let Some((section, key)) = place_of(&variable) {
                apply_variable(&mut table, &variable, &value, &section, &key)?;
                applied.push((variable, format!("{section}.{key}")));
            }
        }
        let config: Self = table.try_into().map_err(|error: toml::de::Error| {
            let detail = in_words(&error);
            // The file is not to blame for what the environment says.
            let blamed = applied.iter().find(|(_, path)| {
                let (section, key) = path.split_once('.').unwrap_or_default();
                detail.starts_with(&format!("{path}:"))
                    || detail.starts_with(&format!("{section}: unknown field `{key}`"))
            });
            match blamed {
                Some((variable, _)) => ConfigError::Environment { variable: variable.clone(), detail },
                None => malformed(detail),
            }
        })?;
        config.check()?;
        Ok(config)
    }

    /// The database's address for logs and messages: without account and password.
    pub fn shown_database_url(&self) -> String {
        let url = self.database_url();
        match url.split_once("://") {
            Some((scheme, rest)) => {
                let rest = rest.split('?').next().unwrap_or_default();
                format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, host)| host))
            }
            None => url,
        }
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
        self.check_address()?;
        if self.node.address.starts_with("http://") && self.federation.allowed_networks.is_empty() {
            return wrong("node.address", "plain http works only with federation.allowed_networks, on one machine");
        }
        if self.node.metrics == Some(self.node.listen) {
            return wrong("node.metrics", "metrics need a listener of their own: choose another port than node.listen");
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
        if let Some(path) = url.strip_prefix("sqlite:")
            && (path.is_empty() || path.starts_with("//") || path.starts_with(':') || path.starts_with("file:"))
        {
            return wrong(
                "database.url",
                "write sqlite: and then the path of a file: sqlite:/var/lib/folkmoot/folkmoot.sqlite",
            );
        }
        self.check_limits()?;
        if !(50..=3_600_000).contains(&self.federation.checkpoint_ms)
            || !(50..=3_600_000).contains(&self.federation.sync_ms)
        {
            return wrong("federation", "checkpoint_ms and sync_ms lie between 50 and 3600000");
        }
        Ok(())
    }

    fn check_address(&self) -> Result<(), ConfigError> {
        let address = &self.node.address;
        let wrong = |detail: &str| {
            let detail = format!("{detail}; write it like https://folkmoot.coop.example");
            Err(ConfigError::Value { key: "node.address", detail })
        };
        let Some((_, rest)) = address.split_once("://").filter(|(scheme, _)| ["https", "http"].contains(scheme)) else {
            return wrong("the public address starts with https://");
        };
        if rest.contains(['/', '?', '#']) {
            return wrong("the public address ends with the host, without a path or slash");
        }
        if rest.contains(|c: char| c.is_ascii_uppercase()) {
            return wrong("the host is written in small letters");
        }
        if format!("{address}/actor").parse::<NodeId>().is_err() {
            return wrong("this is not the address of a host");
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), ConfigError> {
        let limits = &self.limits;
        let body_bytes = u64::try_from(limits.body_bytes).unwrap_or(u64::MAX);
        for (key, value, least, most) in [
            ("limits.body_bytes", body_bytes, 64 * 1024, 16 << 20),
            ("limits.request_seconds", limits.request_seconds, 1, 3600),
            ("limits.sign_in_attempts", u64::from(limits.sign_in_attempts), 1, 10_000),
            ("limits.join_requests", u64::from(limits.join_requests), 1, 10_000),
            ("limits.connections", limits.connections as u64, 1, 100_000),
            ("limits.unknown_hosts", u64::from(limits.unknown_hosts), 1, 100_000),
        ] {
            if !(least..=most).contains(&value) {
                return Err(ConfigError::Value { key, detail: format!("choose between {least} and {most}") });
            }
        }
        Ok(())
    }
}

const SECTIONS: [&str; 5] = ["node", "database", "federation", "limits", "log"];
/// Variables of the command line, which are no part of the configuration.
const OTHER_VARIABLES: [&str; 4] =
    ["FOLKMOOT_CONFIG", "FOLKMOOT_PASSWORD", "FOLKMOOT_STEWARD_PASSWORD", "FOLKMOOT_HOST"];

/// Section and key that an environment variable overrides.
fn place_of(variable: &str) -> Option<(String, String)> {
    let name = variable.strip_prefix(ENVIRONMENT_PREFIX)?.to_ascii_lowercase();
    let (section, key) = name.split_once('_')?;
    SECTIONS.contains(&section).then(|| (section.to_owned(), key.to_owned()))
}

/// Variables that look like ours and name no section. They are not refused, because container platforms set such ones
/// for a service of this name (`FOLKMOOT_PORT`); whoever misspelt one is told by `serve` and `doctor`.
pub fn unknown_variables() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let ours = names.filter(|name| name.starts_with(ENVIRONMENT_PREFIX) && !OTHER_VARIABLES.contains(&name.as_str()));
    ours.filter(|name| place_of(name).is_none()).collect()
}

/// Sets `section.key`. Numbers, booleans and lists are written as in TOML.
fn apply_variable(
    table: &mut toml::Table,
    variable: &str,
    value: &str,
    section: &str,
    key: &str,
) -> Result<(), ConfigError> {
    // A co-op may well be called 123, and a password consist of digits: only these are anything but text.
    let typed = ["limits", "federation"].contains(&section) || (section, key) == ("log", "json");
    let parsed = format!("x = {value}").parse::<toml::Table>().ok().and_then(|mut t| t.remove("x"));
    let value = match parsed {
        Some(value @ (toml::Value::Integer(_) | toml::Value::Boolean(_) | toml::Value::Array(_))) if typed => value,
        _ => toml::Value::String(value.to_owned()),
    };
    let entry = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let section = entry.as_table_mut().ok_or_else(|| ConfigError::Environment {
        variable: variable.to_owned(),
        detail: "its section is not a table in the file".to_owned(),
    })?;
    section.insert(key.to_owned(), value);
    Ok(())
}

/// What the TOML reader says, place first and without the words of a programming language.
fn in_words(error: &toml::de::Error) -> String {
    let text = error.to_string();
    let text = text.trim().replace("usize", "a whole number").replace("u64", "a whole number");
    let text = text.replace("u32", "a whole number").replace("a boolean", "true or false");
    let text = text.replace("invalid socket address syntax", "write an address and a port, such as 127.0.0.1:8080");
    // "what is wrong\nin `section.key`"
    match text.rsplit_once("\nin `") {
        Some((what, place)) => format!("{}: {}", place.trim_end_matches('`'), what.trim()),
        None => text,
    }
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
            (
                "[limits]\nbody_bytes = 'big'",
                "limits.body_bytes: invalid type: string \"big\", expected a whole number",
            ),
            ("[database]\nurl = 'mysql://x'", "database.url"),
            ("[database]\nurl = 'sqlite::memory:'", "path of a file"),
            ("[database]\nurl = 'sqlite://folkmoot.sqlite'", "path of a file"),
            ("metrics = '127.0.0.1:8080'", "node.metrics"),
            ("listen = 'localhost'", "127.0.0.1:8080"),
            ("[nodes]", "nodes"),
        ] {
            let error = parse(&format!("{SMALL}{addition}"), &[]).expect_err(addition).to_string();
            assert!(error.contains(mention), "{error}");
        }
        let plain = SMALL.replace("https", "http");
        assert!(parse(&plain, &[]).expect_err("plain http").to_string().contains("allowed_networks"));
    }

    #[test]
    fn an_address_is_refused_with_what_is_wrong_in_it() {
        for (address, mention) in [
            ("ftp://a.example", "starts with https://"),
            ("a.example", "starts with https://"),
            ("https://a.example/", "without a path"),
            ("https://a.example/folkmoot", "without a path"),
            ("https://A.example", "small letters"),
            ("https://", "not the address of a host"),
        ] {
            let error = parse(&SMALL.replace("https://a.example", address), &[]).expect_err(address).to_string();
            assert!(error.contains(mention), "{address}: {error}");
        }
    }

    #[test]
    fn a_mistake_in_the_environment_is_named_there() {
        for variable in ["FOLKMOOT_NODE_COLOUR", "FOLKMOOT_LIMITS_BODY_BYTES"] {
            let error = parse(SMALL, &[(variable, "red")]).expect_err(variable).to_string();
            assert!(error.contains(variable), "{error}");
        }
        assert_eq!(parse(SMALL, &[("FOLKMOOT_NODE_NAME", "123")]).expect("a name").node.name, "123");
    }

    #[test]
    fn the_shown_database_address_has_no_password() {
        let url = "postgres://folkmoot:p@ss@db.example:5432/folkmoot?password=other";
        let config = parse(SMALL, &[("FOLKMOOT_DATABASE_URL", url)]).expect("valid");
        assert_eq!(config.shown_database_url(), "postgres://db.example:5432/folkmoot");
    }
}
