//! Joins the doors into one server: limits, time-outs, security headers, health and metrics.

pub mod address;
pub mod caller;
pub mod connections;
pub mod error;
pub mod metrics;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::app::App;
use crate::{api, federation, web, words};

/// The whole public server.
pub fn router(app: App) -> Router {
    let limits = &app.config.limits;
    let seconds = Duration::from_secs(limits.request_seconds);
    Router::new()
        .merge(federation::router())
        .nest(api::PREFIX, api::router())
        .merge(web::router(&app))
        .route("/healthz", get(health))
        .layer(axum::middleware::from_fn_with_state(app.clone(), observe))
        .layer(axum::middleware::from_fn_with_state(app.clone(), in_time))
        .layer(CatchPanicLayer::custom(|_| error::panicked()))
        .layer(axum::middleware::from_fn_with_state(app.clone(), in_language))
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(RequestBodyTimeoutLayer::new(seconds))
        .with_state(app)
}

/// `GET /healthz`: whether the database answers.
async fn health(State(app): State<App>) -> Response {
    match app.db.read().await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => crate::actions::error::ActionError::from(error).into_response(),
    }
}

/// Ends what takes too long; a transaction that was under way leaves nothing behind, or is whole.
async fn in_time(State(app): State<App>, request: Request, next: Next) -> Response {
    let most = Duration::from_secs(app.config.limits.request_seconds) * 2;
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => error::too_slow().into_response(),
    }
}

/// Says problems in the language that the request asks for.
async fn in_language(State(app): State<App>, request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = words::choose(asked);
    error::translate(next.run(request).await, app.words.of(language))
}

/// Counts requests and logs those that failed on this side.
async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("other", |path| path.as_str()).to_owned();
    let method = request.method().clone();
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    let status = response.status();
    app.metrics.request(status.as_u16());
    let elapsed_ms = started.elapsed().as_millis();
    if status.is_server_error() {
        tracing::warn!(%method, path, status = status.as_u16(), elapsed_ms, "request failed");
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), elapsed_ms, "request");
    }
    response
}
