//! The only place that chooses HTTP statuses: an action's answer as problem+json (RFC 9457) or as a page.

use std::borrow::Cow;

use axum::body::{self, Body, Bytes, HttpBody as _};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::actions::error::ActionError;
use crate::storage;

/// The code of refusals that pass by themselves, once some time has gone by.
const TOO_MANY: &str = "too-many";

/// How a failure is shown: status, a short title, a sentence for the person, a code for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    pub title: &'static str,
    pub detail: String,
    pub code: Cow<'static, str>,
    pub field: Option<&'static str>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into(), code: Cow::Borrowed(code), field: None }
    }
}

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Refused(refusal) if refusal.code == TOO_MANY => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, TOO_MANY, "Too often", refusal.message)
            }
            ActionError::Refused(refusal) => Self {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                title: "This cannot be done",
                detail: refusal.message,
                code: refusal.code,
                field: refusal.field,
            },
            ActionError::NotFound(what) => {
                Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", format!("{what} was not found here."))
            }
            ActionError::SignInNeeded => Self::new(
                StatusCode::UNAUTHORIZED,
                "sign-in",
                "Sign in first",
                "This needs somebody who is signed in at this node.",
            ),
            ActionError::Forbidden(why) => Self::new(StatusCode::FORBIDDEN, "forbidden", "Not allowed", why),
            ActionError::Peer(why) => Self::new(StatusCode::BAD_GATEWAY, "peer", "Another node does not answer", why),
            ActionError::Storage(error) => storage_problem(&error),
            ActionError::Corrupt { what, detail } => {
                tracing::error!(what, detail, "stored data cannot be read");
                internal()
            }
        }
    }
}

fn storage_problem(error: &storage::Error) -> Problem {
    tracing::error!(%error, "the database refused");
    match error {
        storage::Error::Full(_) => Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "disk-full",
            "The node's disk is full",
            "Nothing was saved. Tell the people who run this node, and try again once there is room.",
        ),
        storage::Error::Gone(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database-away",
            "The node cannot reach its database",
            "Nothing was saved. Try again in a minute.",
        ),
        storage::Error::Busy(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database-busy",
            "The node is busy",
            "Nothing was saved. Try again in a minute.",
        ),
        storage::Error::Unsure(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database-unsure",
            "The node lost its database while it saved",
            "It may or may not have been saved. Look in a minute whether it is there before you try again.",
        ),
        _ => internal(),
    }
}

fn internal() -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "fault",
        "Something went wrong in this node",
        "Nothing was saved. The people who run this node find the reason in its log.",
    )
}

/// A handler that panicked: a fault of ours.
pub fn panicked() -> Response {
    internal().into_response()
}

/// A request that the node could not answer in time.
pub fn too_slow() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "busy",
        "The node is too busy",
        "The answer took too long. Look whether it was done before you try again.",
    )
}

/// The body of a request to its end, of at most `limit` bytes. One that says that it is longer is not begun.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, Problem> {
    if body.size_hint().lower() > limit as u64 {
        return Err(unread_body("length limit", limit));
    }
    body::to_bytes(body, limit).await.map_err(|error| unread_body(&error.to_string(), limit))
}

/// Why the body of a request could not be read to its end; `why` is the server's own word for it.
fn unread_body(why: &str, limit: usize) -> Problem {
    if why.contains("length limit") {
        let detail = format!("At most {limit} bytes are read.");
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too much at once", detail);
    }
    if why.contains("timeout") {
        let detail = "The rest of the request did not arrive in time. Nothing was done; send it again.";
        return Problem::new(StatusCode::REQUEST_TIMEOUT, "slow", "Too slow", detail);
    }
    Problem::new(StatusCode::BAD_REQUEST, "body", "The body cannot be read", "The request broke off before its end.")
}

/// An address that there is, asked in a way that there is not.
pub async fn wrong_method() -> Problem {
    let detail = "This address is not asked with this method; the header Allow says which it knows.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Not this way", detail)
}

/// problem+json, for the API and for peers. The pages find the problem in the response's extensions and show it as a page.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": format!("https://w3id.org/folkmoot/problems#{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        if let Some(field) = self.field {
            body["field"] = field.into();
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, kind, body.to_string()).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 asks for it with this status.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for ActionError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_cannot_save_says_what_to_do() {
        let told = |error: storage::Error| {
            let problem = Problem::from(ActionError::Storage(error));
            (problem.status.as_u16(), problem.code.into_owned(), problem.detail)
        };
        let cases = [
            (storage::Error::Full(String::new()), 507, "disk-full", "once there is room"),
            (storage::Error::Gone(String::new()), 503, "database-away", "Try again"),
            (storage::Error::Busy(String::new()), 503, "database-busy", "Try again"),
            (storage::Error::Unsure(String::new()), 503, "database-unsure", "Look in a minute"),
            (storage::Error::Other("secret".into()), 500, "fault", "in its log"),
        ];
        for (error, status, code, words) in cases {
            let (told_status, told_code, detail) = told(error);
            assert_eq!((told_status, told_code.as_str()), (status, code));
            assert!(detail.contains(words) && !detail.contains("secret"), "{detail}");
        }
    }
}
