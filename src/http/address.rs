//! What an address says, for every door: a piece of its path, and its query. What cannot be read is a problem, which the
//! pages show as a page.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::Problem;
use crate::actions::error::ActionError;
use crate::words::Message;

/// The pieces of the path that the route names; an address that cannot exist is not found.
pub struct Named<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(value)| Self(value)).map_err(|_| ActionError::NotFound("missing-address").into())
    }
}

/// The query.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(value)| Self(value)).map_err(|error| unread_query(&error.body_text()))
    }
}

/// An address that asks for something that there is not, and why.
pub fn unread_query(why: &str) -> Problem {
    let message = Message::new("failed-query").with("detail", why);
    Problem::new(StatusCode::BAD_REQUEST, "query", "title-query", message)
}
