//! What one process counted since its start.

use std::sync::atomic::{AtomicU64, Ordering};

/// Answered requests by result; only ever grows.
#[derive(Default)]
pub struct Metrics {
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl Metrics {
    /// Counts one answered request.
    pub fn request(&self, status: u16) {
        let counter = match status {
            500.. => &self.failed,
            400.. => &self.refused,
            _ => &self.answered,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests so far, each result by its name.
    pub fn requests(&self) -> [(&'static str, u64); 3] {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [("answered", count(&self.answered)), ("refused", count(&self.refused)), ("failed", count(&self.failed))]
    }
}
