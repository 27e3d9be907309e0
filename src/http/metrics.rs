//! Figures for Prometheus, on a listener of their own: what the process counted, and what the database says now.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::actions::error::Result;
use crate::actions::standing;
use crate::app::App;
use crate::storage::{decisions, deliveries, faults, journals, proposals};

/// `GET /metrics`, in the text format of Prometheus.
pub fn router(app: App) -> Router {
    Router::new().route("/metrics", get(show)).with_state(app)
}

async fn show(State(app): State<App>) -> Response {
    match render(&app).await {
        Ok(text) => ([("content-type", "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn render(app: &App) -> Result<String> {
    let mut text = String::new();
    let mut put = |name: &str, help: &str, kind: &str, rows: Vec<(String, u64)>| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP folkmoot_{name} {help}\n# TYPE folkmoot_{name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(text, "folkmoot_{name}{labels} {value}");
        }
    };
    let requests = app.metrics.requests();
    let requests = requests.iter().map(|(result, count)| (format!("{{result=\"{result}\"}}"), *count)).collect();
    put("requests_total", "Requests by result.", "counter", requests);
    let work = app.metrics.works();
    let work = work.iter().map(|(kind, count)| (format!("{{kind=\"{kind}\"}}"), *count)).collect();
    put("work_total", "Work in the background by kind.", "counter", work);
    let mut conn = app.db.read().await?;
    let epoch = standing::find(&mut conn).await?.map_or(0, |standing| standing.epoch().number);
    put("epoch", "Epoch in force.", "gauge", vec![(String::new(), epoch)]);
    let sizes = journals::all(&mut conn).await?;
    let sizes = sizes.iter().map(|row| (format!("{{journal=\"{}\"}}", row.id), row.size)).collect();
    put("journal_entries", "Entries stored per journal.", "gauge", sizes);
    let waiting = deliveries::waiting(&mut conn).await?;
    let waiting = waiting.iter().map(|(peer, n, _)| (format!("{{peer=\"{peer}\"}}"), *n as u64)).collect();
    put("deliveries_waiting", "Deliveries that wait per peer.", "gauge", waiting);
    let open = proposals::count_in_state(&mut conn, "open").await?;
    put("votes_open", "Votes open or being counted.", "gauge", vec![(String::new(), open)]);
    let decided = decisions::count(&mut conn).await?;
    put("decisions", "Certified outcomes.", "gauge", vec![(String::new(), decided)]);
    let proven = faults::count(&mut conn).await?;
    put("faults", "Proven faults.", "gauge", vec![(String::new(), proven)]);
    Ok(text)
}
