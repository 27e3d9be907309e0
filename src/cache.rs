//! Caches of one process. Whatever they forget is read again; nothing in them decides anything.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use folkmoot_governance::id::{Digest, JournalId};
use folkmoot_governance::proposal::Frozen;
use moka::future::Cache;

/// The most that is kept of exported decisions.
const BUNDLES_BYTES: u64 = 16 << 20;

/// The most that is kept of journals' leaves.
const LEAVES_BYTES: u64 = 16 << 20;

/// A decision with everything that proves it, and who may have it.
pub struct Exported {
    pub bytes: Vec<u8>,
    /// Whether every vote in it is for everybody: one may rest on another that is for the consortium alone.
    pub is_public: bool,
}

/// Bounded in number and time.
pub struct Caches {
    /// What a vote was frozen with, by the digest of its opening: the same for ever once everything is known.
    pub votes: Cache<Digest, Arc<Frozen>>,
    /// Exported decisions, by the digest of their opening, weighed by their bytes.
    pub bundles: Cache<Digest, Arc<Exported>>,
    /// Leaves of journals below their certified sizes, weighed by their bytes: anybody may ask for proofs made from them.
    pub leaves: Cache<(JournalId, u64), Arc<Vec<Digest>>>,
    /// How many decisions there were when no admitted member was left to enter.
    pub decisions_seen: AtomicU64,
    /// How many entries were stored when nothing that waits could be applied.
    pub entries_seen: AtomicU64,
}

impl Default for Caches {
    fn default() -> Self {
        let votes = Cache::builder().max_capacity(200).time_to_idle(Duration::from_secs(3600)).build();
        let bundles = Cache::builder()
            .weigher(|_, kept: &Arc<Exported>| u32::try_from(kept.bytes.len()).unwrap_or(u32::MAX))
            .max_capacity(BUNDLES_BYTES)
            .time_to_live(Duration::from_secs(600))
            .build();
        let leaves = Cache::builder()
            .weigher(|_, kept: &Arc<Vec<Digest>>| u32::try_from(size_of_val(kept.as_slice())).unwrap_or(u32::MAX))
            .max_capacity(LEAVES_BYTES)
            .time_to_idle(Duration::from_secs(600))
            .build();
        Self {
            votes,
            bundles,
            leaves,
            decisions_seen: AtomicU64::new(u64::MAX),
            entries_seen: AtomicU64::new(u64::MAX),
        }
    }
}
