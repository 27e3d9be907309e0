//! The door for programs: JSON in, JSON out, under `/api/v1`. One file per resource.
//! No rule is checked here: handlers read what was sent, call one action or view, and write down its answer.

mod accounts;
mod ballots;
mod charter;
mod consortium;
mod decisions;
mod extract;
mod faults;
mod listed;
mod members;
mod node;
mod notices;
mod proposals;
mod requests;
mod routes;
#[cfg(test)]
mod tests;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;

use crate::actions::error::ActionError;
use crate::app::App;
use crate::http::error::wrong_method;
use routes::Routes;

/// The description of everything below, OpenAPI 3.1.
const OPENAPI: &str = include_str!("openapi.json");

/// Where the API stands below a node's address.
pub const PREFIX: &str = "/api/v1";

/// Everything under [`PREFIX`].
pub fn router() -> Router<App> {
    let (router, _) = routes().finish();
    router.fallback(unknown).method_not_allowed_fallback(wrong_method)
}

fn routes() -> Routes {
    let routes = Routes::default().get("/openapi.json", openapi);
    [
        node::routes,
        consortium::routes,
        charter::routes,
        requests::routes,
        members::routes,
        proposals::routes,
        ballots::routes,
        decisions::routes,
        faults::routes,
        notices::routes,
        accounts::routes,
    ]
    .into_iter()
    .fold(routes, |routes, resource| resource(routes))
}

async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/vnd.oai.openapi+json;version=3.1")], OPENAPI)
}

async fn unknown() -> ActionError {
    ActionError::NotFound("missing-api-address")
}
