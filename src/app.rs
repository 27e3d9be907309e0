//! The one `App`: what every door and every action needs. No globals.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use folkmoot_governance::id::{NodeId, Time};

use crate::cache::Caches;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::storage::Database;
use crate::transport::client::Client;
use crate::transport::keys::NodeKeys;
use crate::transport::signatures::Keyring;
use crate::words::Words;

/// Passwords worked on at once; a flood of tries waits in line and leaves the machine to the others.
const PASSWORDS_AT_ONCE: usize = 2;

/// Where the time comes from: the machine, or the hand of a test.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// Shared by all requests and background loops of one process; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub config: Config,
    pub node: NodeId,
    pub db: Database,
    pub keys: NodeKeys,
    pub client: Client,
    pub keyring: Keyring,
    pub caches: Caches,
    pub metrics: Metrics,
    pub words: Words,
    /// Turns for checking and making passwords: each takes 19 MiB and a core for a while.
    pub passwords: tokio::sync::Semaphore,
    /// Turns for exporting a decision: it is made of whole journals, and checks all their signatures.
    pub exports: tokio::sync::Semaphore,
    /// Wakes the loop that delivers, when an action has queued something for peers.
    pub wake: tokio::sync::Notify,
    /// Wakes the loop that looks for proposals, when a closing lacks one.
    pub search: tokio::sync::Notify,
    clock: Clock,
}

impl App {
    pub fn new(config: Config, db: Database, keys: NodeKeys, client: Client) -> Self {
        Self::with_clock(config, db, keys, client, Arc::new(machine_time))
    }

    /// As [`App::new`], with another clock than the machine's.
    pub fn with_clock(config: Config, db: Database, keys: NodeKeys, client: Client, clock: Clock) -> Self {
        let node = config.node_id();
        let keyring = Keyring::new(config.limits.unknown_hosts);
        Self(Arc::new(Inner {
            config,
            node,
            db,
            keys,
            client,
            keyring,
            caches: Caches::default(),
            metrics: Metrics::default(),
            words: Words::default(),
            passwords: tokio::sync::Semaphore::new(PASSWORDS_AT_ONCE),
            exports: tokio::sync::Semaphore::new(1),
            wake: tokio::sync::Notify::new(),
            search: tokio::sync::Notify::new(),
            clock,
        }))
    }

    /// The time now. Rules get it as an argument; nothing below the actions asks for it.
    pub fn now(&self) -> Time {
        (self.clock)()
    }
}

fn machine_time() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_secs()).unwrap_or(i64::MAX)).plus(0)
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
