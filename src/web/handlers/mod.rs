//! What the addresses answer: each loads what its page shows, or hands what was typed to an action.
//! No rule is checked here. One file per page or group of forms.

mod account;
mod ballot;
mod cards;
mod charter;
mod comments;
mod consortium;
mod counting;
mod decision;
mod decisions;
mod deeds;
mod draft;
mod effects;
mod home;
mod invitation;
mod join;
mod log_in;
mod members;
mod names;
mod proposal;
mod proposals;
mod requests;
mod roll;
mod stewards;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use super::render::Pages;
use super::{assets, feeds, visit};
use crate::app::App;
use crate::http::error::wrong_method;

/// Every page, the files beside them, and the feeds.
pub fn router(app: &App) -> Router<App> {
    let pages = Arc::new(Pages::new(&app.words));
    let state = (app.clone(), pages);
    let (own, dressing) = (app.clone(), app.config.node.accent.clone());
    let files = assets::router(&dressing).layer(middleware::from_fn(move |request: Request, next: Next| {
        let app = own.clone();
        async move {
            let mut response = next.run(request).await;
            visit::security_headers(response.headers_mut(), &app);
            response
        }
    }));
    reading()
        .merge(writing())
        .merge(stewarding())
        .fallback(visit::not_found)
        .method_not_allowed_fallback(wrong_method)
        // Inside of `attend`, so that a fault of the program is said on a page too.
        .layer(CatchPanicLayer::custom(visit::panicked))
        .layer(middleware::from_fn_with_state(state, visit::attend))
        .merge(files)
        .merge(feeds::routes())
}

fn reading() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/proposals", get(proposals::show))
        .route("/proposals/{key}", get(proposal::show))
        .route("/proposals/{key}/count", get(proposal::count))
        .route("/ballots/{ballot}", get(ballot::receipt))
        .route("/ballots/{ballot}/receipt", get(ballot::signed_receipt))
        .route("/decisions", get(decisions::show))
        .route("/decisions/{number}", get(decision::show))
        .route("/members", get(members::list))
        .route("/members/{id}", get(members::show))
        .route("/charter", get(charter::show))
        .route("/consortium", get(consortium::show))
}

fn writing() -> Router<App> {
    Router::new()
        .route("/proposals/new", get(draft::new).post(draft::create))
        .route("/proposals/{key}/edit", get(draft::edit).post(draft::revise))
        .route("/proposals/{key}/open", get(deeds::opening).post(deeds::open))
        .route("/proposals/{key}/extend", get(deeds::extending).post(deeds::extend))
        .route("/proposals/{key}/challenge", get(deeds::challenging).post(deeds::challenge))
        .route("/proposals/{key}/withdraw", get(deeds::withdrawing).post(deeds::withdraw))
        .route("/proposals/{key}/ballot", post(ballot::cast))
        .route("/proposals/{key}/comments", post(proposal::comment))
        .route("/join", get(join::show).post(join::ask))
        .route("/log-in", get(log_in::show).post(log_in::log_in))
        .route("/log-out", post(log_in::log_out))
        .route("/account", get(account::show))
        .route("/account/key", post(account::set_key))
        .route("/account/tokens", post(account::make_token))
        .route("/account/tokens/{id}/end", post(account::end_token))
        .route("/account/password", post(account::set_password))
}

fn stewarding() -> Router<App> {
    Router::new()
        .route("/stewards", get(stewards::show))
        .route("/stewards/requests", get(requests::show))
        .route("/stewards/requests/{id}/endorse", post(requests::endorse))
        .route("/stewards/requests/{id}/refuse", post(requests::refuse))
        .route("/stewards/applications/{digest}/objection", post(requests::object))
        .route("/stewards/roll", get(roll::show))
        .route("/stewards/roll/end", post(roll::end))
        .route("/stewards/roll/{member}/reinstate", post(roll::reinstate))
        .route("/stewards/mandates", get(roll::mandates).post(roll::give_mandate))
        .route("/stewards/mandates/{organisation}/{holder}/end", post(roll::end_mandate))
        .route("/stewards/invitations/{digest}", get(invitation::show).post(invitation::accept))
        .route("/stewards/invitations/{digest}/decline", post(invitation::decline))
        .route("/stewards/notice", get(stewards::notice).post(stewards::send_notice))
}
