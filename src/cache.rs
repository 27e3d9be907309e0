//! Caches of one process. Whatever they forget is read again; nothing in them decides anything.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use folkmoot_governance::id::Digest;
use folkmoot_governance::proposal::Frozen;
use moka::future::Cache;

/// Bounded in number and time.
pub struct Caches {
    /// What a vote was frozen with, by the digest of its opening: the same for ever once everything is known.
    pub votes: Cache<Digest, Arc<Frozen>>,
    /// How many decisions there were when no admitted member was left to enter.
    pub decisions_seen: AtomicU64,
    /// How many entries were stored when nothing that waits could be applied.
    pub entries_seen: AtomicU64,
}

impl Default for Caches {
    fn default() -> Self {
        let votes = Cache::builder().max_capacity(200).time_to_idle(Duration::from_secs(3600)).build();
        Self { votes, decisions_seen: AtomicU64::new(u64::MAX), entries_seen: AtomicU64::new(u64::MAX) }
    }
}
