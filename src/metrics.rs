//! What one process counted since its start.

use std::sync::atomic::{AtomicU64, Ordering};

/// Answered requests by result, and work in the background by kind; only ever grows.
#[derive(Default)]
pub struct Metrics {
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    checkpoints: AtomicU64,
    deliveries: AtomicU64,
    pulls: AtomicU64,
}

/// What is done in the background by whichever process of the node takes it first.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// A checkpoint of the node's own journal was signed.
    Checkpoint,
    /// What was due for one peer was taken and tried.
    Delivery,
    /// A peer was asked what it mirrors.
    Pull,
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

    /// Counts one piece of work in the background.
    pub fn work(&self, work: Work) {
        let counter = match work {
            Work::Checkpoint => &self.checkpoints,
            Work::Delivery => &self.deliveries,
            Work::Pull => &self.pulls,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Work in the background so far, each kind by its name.
    pub fn works(&self) -> [(&'static str, u64); 3] {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [("checkpoint", count(&self.checkpoints)), ("delivery", count(&self.deliveries)), ("pull", count(&self.pulls))]
    }
}
