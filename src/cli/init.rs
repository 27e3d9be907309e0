//! `folkmoot init`: configuration, keys, database and the first steward's account of a new node.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use crate::actions::accounts;
use crate::app::App;
use crate::config::{Config, DatabaseConfig, FederationConfig, Limits, LogConfig, NodeConfig};
use crate::storage::Database;
use crate::transport::addresses::Addresses;
use crate::transport::client::{Client, install_tls_provider};
use crate::transport::keys::NodeKeys;

/// Set up a new node: write its configuration, make its keys and database, and a steward's account.
#[derive(Debug, Args)]
pub struct Init {
    /// Name of the co-op.
    #[arg(long)]
    name: String,
    /// Account name of the node: a-z, 0-9 and _.
    #[arg(long)]
    handle: String,
    /// Public address, such as https://folkmoot.coop.example.
    #[arg(long)]
    address: String,
    /// Where the server listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of keys and database.
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
    /// The steward's password; made and printed once when absent.
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
    let made = init.password.is_none();
    let password = init.password.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()));
    let token = set_up(&config, path, &init.steward, &password).await?;
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
    println!("\nStart it with:  folkmoot --config {} serve", path.display());
    Ok(0)
}

/// Writes everything; the answer is an API token of the steward.
pub async fn set_up(config: &Config, path: &Path, steward: &str, password: &str) -> anyhow::Result<String> {
    let text = toml::to_string_pretty(config)?;
    // The same checks as when it is read.
    Config::parse(&text, std::iter::empty())?;
    Addresses::allowing(&config.federation.allowed_networks)?;
    if path.exists() {
        bail!("{} exists already: this node is set up", path.display());
    }
    let data = &config.node.data;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .with_context(|| format!("{} cannot be made", data.display()))?;
    let folder = config.keys_folder();
    let keys = tokio::task::spawn_blocking(move || NodeKeys::create(&folder)).await??;
    let db = Database::open(&config.database_url()).await?;
    let app = app_with(config.clone(), db, keys)?;
    let now = app.now();
    accounts::create(&app, steward, password, None, "Steward", true, now).await?;
    let token = accounts::sign_in(&app, steward, password, "made by init", now).await?;
    // The configuration is written last: where it is, everything else is.
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()?;
    Ok(token)
}

/// The App of a command that runs on the node's own machine.
pub async fn open(path: &Path) -> anyhow::Result<App> {
    let config = Config::load(path)?;
    let keys = NodeKeys::load(&config.keys_folder())?;
    let db = Database::open(&config.database_url()).await?;
    app_with(config, db, keys)
}

fn app_with(config: Config, db: Database, keys: NodeKeys) -> anyhow::Result<App> {
    install_tls_provider();
    let addresses = Addresses::allowing(&config.federation.allowed_networks)?;
    let client = Client::new(&config.node_id(), &keys.http, addresses)?;
    Ok(App::new(config, db, keys, client))
}
