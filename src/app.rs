//! The one `App`: what every door and every action needs. No globals.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use folkmoot_governance::id::{NodeId, Time};

use crate::cache::Caches;
use crate::config::Config;
use crate::federation::client::Client;
use crate::federation::keys::NodeKeys;
use crate::storage::Database;

/// Shared by all requests and background loops of one process; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub config: Config,
    pub node: NodeId,
    pub db: Database,
    pub keys: NodeKeys,
    pub client: Client,
    pub caches: Caches,
    /// Wakes the background loops when an action has left them something to do.
    pub wake: tokio::sync::Notify,
}

impl App {
    pub fn new(config: Config, db: Database, keys: NodeKeys, client: Client) -> Self {
        let node = config.node_id();
        let (caches, wake) = (Caches::default(), tokio::sync::Notify::new());
        Self(Arc::new(Inner { config, node, db, keys, client, caches, wake }))
    }

    /// The time by this machine's clock. Rules get it as an argument; nothing below the actions asks for it.
    pub fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time(i64::try_from(since.as_secs()).unwrap_or(i64::MAX)).plus(0)
    }
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
