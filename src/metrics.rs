//! Figures for Prometheus: what the process counted, and what the database says now.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::actions::error::Result;
use crate::actions::standing;
use crate::app::App;
use crate::storage::{decisions, deliveries, faults, journals, proposals};

/// Counters of one process, from its start.
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
}

/// All figures in Prometheus' text format.
pub async fn render(app: &App) -> Result<String> {
    let mut text = String::new();
    let mut put = |name: &str, help: &str, kind: &str, rows: Vec<(String, u64)>| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP folkmoot_{name} {help}\n# TYPE folkmoot_{name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(text, "folkmoot_{name}{labels} {value}");
        }
    };
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let requests = vec![
        ("{result=\"answered\"}".to_owned(), count(&app.metrics.answered)),
        ("{result=\"refused\"}".to_owned(), count(&app.metrics.refused)),
        ("{result=\"failed\"}".to_owned(), count(&app.metrics.failed)),
    ];
    put("requests_total", "Requests by result.", "counter", requests);
    let mut conn = app.db.read().await?;
    let epoch = standing::find(&mut conn).await?.map_or(0, |standing| standing.epoch().number);
    put("epoch", "Epoch in force.", "gauge", vec![(String::new(), epoch)]);
    let sizes = journals::all(&mut conn).await?;
    let sizes = sizes.iter().map(|row| (format!("{{journal=\"{}\"}}", row.id), row.size)).collect();
    put("journal_entries", "Entries stored per journal.", "gauge", sizes);
    let waiting = deliveries::waiting(&mut conn).await?;
    let waiting = waiting.iter().map(|(peer, n, _)| (format!("{{peer=\"{peer}\"}}"), *n as u64)).collect();
    put("deliveries_waiting", "Deliveries that wait per peer.", "gauge", waiting);
    let open = proposals::in_state(&mut conn, "open").await?.len() as u64;
    put("votes_open", "Votes open or being counted.", "gauge", vec![(String::new(), open)]);
    let decided = decisions::count(&mut conn).await?;
    put("decisions", "Certified outcomes.", "gauge", vec![(String::new(), decided)]);
    let proven = faults::count(&mut conn).await?;
    put("faults", "Proven faults.", "gauge", vec![(String::new(), proven)]);
    Ok(text)
}
