//! `folkmoot init`: configuration, keys, database and the first steward's account of a new node.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::actions::{Person, accounts};
use crate::app::App;
use crate::config::{Config, DatabaseConfig, FederationConfig, Limits, LogConfig, NodeConfig};
use crate::storage::{Database, accounts as rows};
use crate::transport::addresses::Addresses;
use crate::transport::client::{Client, install_tls_provider};
use crate::transport::keys::NodeKeys;

/// Stands for a client address where somebody acts on the node's own machine.
pub const HERE: &str = "this machine";

/// Set up a new node: write its configuration, make its keys and database, and a steward's account.
///
/// The configuration is written where --config says. Nothing is overwritten.
#[derive(Debug, Args)]
pub struct Init {
    /// Name of the co-op.
    #[arg(long)]
    name: String,
    /// Account name of the node: a-z, 0-9 and _.
    #[arg(long)]
    handle: String,
    /// Public address without a path, such as `https://folkmoot.coop.example`. It is the node's name in everything that
    /// it signs and can never change.
    #[arg(long)]
    address: String,
    /// Where the server listens; a reverse proxy with HTTPS stands in front of it.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of keys and database; made for this account alone.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; a file in the data folder by default.
    #[arg(long)]
    database: Option<String>,
    /// Serve Prometheus metrics here.
    #[arg(long)]
    metrics: Option<SocketAddr>,
    /// Private network that peers may be in (plain http and ports included), such as 127.0.0.0/8.
    #[arg(long = "allow-network")]
    allow_network: Vec<String>,
    /// Login of the first steward.
    #[arg(long, default_value = "steward")]
    steward: String,
    /// The steward's password; made and printed once when absent. Better in the environment than on the command line.
    #[arg(long, env = "FOLKMOOT_STEWARD_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

pub async fn run(init: Init, path: &Path) -> anyhow::Result<i32> {
    let data = std::path::absolute(&init.data)?;
    let config = Config {
        node: NodeConfig {
            name: init.name,
            handle: init.handle,
            address: init.address.trim_end_matches('/').to_owned(),
            listen: init.listen,
            data,
            metrics: init.metrics,
            accent: "#1f6f54".into(),
        },
        database: DatabaseConfig { url: init.database },
        federation: FederationConfig { allowed_networks: init.allow_network, ..FederationConfig::default() },
        limits: Limits::default(),
        log: LogConfig::default(),
    };
    let text = toml::to_string_pretty(&config)?;
    // A container says by its environment which database it is; the file keeps what was asked for here.
    let config = Config::parse(&text, Config::environment())?;
    let made = init.password.is_none();
    let password = init.password.unwrap_or_else(make_password);
    let token = set_up(&config, &text, path, &init.steward, &password).await?;
    println!("The node of {} is set up.", config.node.name);
    println!("  configuration  {}", path.display());
    println!(
        "  keys           {}  (back them up, and never copy them to a second node)",
        config.keys_folder().display()
    );
    println!("  steward        {}", init.steward);
    if made {
        println!("  password       {password}  (shown this once)");
    }
    if !std::io::stdout().is_terminal() || made {
        println!("  API token      {token}  (shown this once)");
    }
    println!("\nStart it:                folkmoot --config {} serve", path.display());
    println!("Then see if it is well:  folkmoot --config {} doctor", path.display());
    Ok(0)
}

/// A password that nobody guesses.
pub fn make_password() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Writes everything, `text` as the configuration at `path`; the answer is an API token of the steward. What can fail is
/// tried before keys are made, so that whoever mends it can run the command again.
pub async fn set_up(config: &Config, text: &str, path: &Path, steward: &str, password: &str) -> anyhow::Result<String> {
    // The same checks as when it is read.
    Config::parse(text, std::iter::empty())?;
    Addresses::allowing(&config.federation.allowed_networks)?;
    accounts::check_login(steward)?;
    accounts::check_password(password)?;
    if path.exists() {
        bail!("{} exists already: this node is set up", path.display());
    }
    let data = &config.node.data;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .with_context(|| format!("{} cannot be made", data.display()))?;
    let draft = path.with_extension("toml.part");
    write_private(&draft, text).with_context(|| format!("{} cannot be written", path.display()))?;
    let made = make(config, steward, password).await;
    if made.is_ok() {
        // The configuration comes last: where it is, everything else is.
        std::fs::rename(&draft, path).with_context(|| format!("{} cannot be written", path.display()))?;
    } else {
        let _ = std::fs::remove_file(&draft);
    }
    made
}

/// Database, keys, and the steward's account.
async fn make(config: &Config, steward: &str, password: &str) -> anyhow::Result<String> {
    let folder = config.keys_folder();
    if folder.exists() {
        bail!("{} exists already: these are the keys of another node; choose another folder", folder.display());
    }
    let db = open_database(config).await?;
    if !rows::after(&mut db.read().await?, "", 1).await?.is_empty() {
        bail!("the database {} belongs to a node already; choose another", config.shown_database_url());
    }
    let made = with_new_keys(config, db, steward, password).await;
    if made.is_err() {
        // Nothing was signed with these keys, and nobody has seen them: a second attempt makes others.
        let _ = std::fs::remove_dir_all(&folder);
    }
    made
}

async fn with_new_keys(config: &Config, db: Database, steward: &str, password: &str) -> anyhow::Result<String> {
    let folder = config.keys_folder();
    let keys = tokio::task::spawn_blocking(move || NodeKeys::create(&folder)).await??;
    let app = app_with(config.clone(), db, keys)?;
    let now = app.now();
    accounts::create(&app, steward, password, None, "Steward", true, now).await?;
    Ok(accounts::sign_in(&app, steward, password, HERE, "made by init", now).await?)
}

/// Replaces what an earlier attempt left; readable by its owner alone.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}

/// The node's database; an error names it without its password.
pub async fn open_database(config: &Config) -> anyhow::Result<Database> {
    Database::open(&config.database_url()).await.with_context(|| format!("database {}", config.shown_database_url()))
}

/// Whoever may use the node's machine and keys is its steward.
pub fn operator() -> Person {
    let person = "operator".parse().expect("a member id");
    Person { login: "operator".into(), person, name: "Operator of the node".into(), steward: true }
}

/// The App of a command that runs on the node's own machine.
pub async fn open(path: &Path) -> anyhow::Result<App> {
    let config = Config::load(path)?;
    let keys = NodeKeys::load(&config.keys_folder())?;
    let db = open_database(&config).await?;
    app_with(config, db, keys)
}

fn app_with(config: Config, db: Database, keys: NodeKeys) -> anyhow::Result<App> {
    install_tls_provider();
    let addresses = Addresses::allowing(&config.federation.allowed_networks)?;
    let client = Client::new(&config.node_id(), &keys.http, addresses)?;
    Ok(App::new(config, db, keys, client))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(data: &Path) -> Config {
        let text = format!(
            "[node]\nname = 'A'\nhandle = 'a'\naddress = 'https://a.example'\ndata = '{}'\n",
            data.join("data").display()
        );
        Config::parse(&text, std::iter::empty()).expect("valid")
    }

    async fn init(config: &Config, path: &Path, steward: &str, password: &str) -> anyhow::Result<String> {
        set_up(config, &toml::to_string_pretty(config)?, path, steward, password).await
    }

    #[tokio::test]
    async fn init_can_be_run_again_after_it_failed() {
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("folkmoot.toml");
        let mut config = config(place.path());
        config.database.url = Some(format!("sqlite:{}", place.path().join("absent/x.sqlite").display()));
        init(&config, &file, "steward", "a long password").await.expect_err("no such folder");
        config.database.url = None;
        init(&config, &file, "steward", "short").await.expect_err("too short");
        init(&config, &file, "Not a login", "a long password").await.expect_err("no login");
        assert!(!config.keys_folder().exists());
        init(&config, &file, "steward", "a long password").await.expect("mended");
        let again = init(&config, &file, "steward", "a long password").await.expect_err("set up already");
        assert!(again.to_string().contains("exists already"), "{again}");
    }

    #[tokio::test]
    async fn init_touches_no_other_nodes_keys_or_database() {
        let place = tempfile::tempdir().expect("a folder");
        let first = config(place.path());
        init(&first, &place.path().join("first.toml"), "steward", "a long password").await.expect("set up");
        let key = std::fs::read(first.keys_folder().join("statement.key")).expect("a key");
        let second = place.path().join("second.toml");
        let error = init(&first, &second, "steward", "a long password").await.expect_err("the same keys");
        assert!(error.to_string().contains("keys of another node"), "{error}");
        assert_eq!(std::fs::read(first.keys_folder().join("statement.key")).expect("a key"), key);
        let mut other = config(&place.path().join("other"));
        other.database.url = Some(first.database_url());
        let error = init(&other, &second, "steward", "a long password").await.expect_err("the same database");
        assert!(error.to_string().contains("belongs to a node already"), "{error}");
        assert!(!second.exists() && !other.keys_folder().exists());
    }

    #[tokio::test]
    async fn configuration_and_database_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().expect("a folder");
        let config = config(place.path());
        let file = place.path().join("folkmoot.toml");
        // A folder that others may look into, as packages make them.
        std::fs::create_dir(&config.node.data).expect("made");
        init(&config, &file, "steward", "a long password").await.expect("set up");
        for path in [file, config.node.data.join("folkmoot.sqlite")] {
            let mode = std::fs::metadata(&path).expect("there").permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", path.display());
        }
    }
}
