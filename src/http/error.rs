//! The only place that chooses HTTP statuses: an action's answer as problem+json (RFC 9457) or as a page.

use std::borrow::Cow;

use axum::body::{self, Body, Bytes, HttpBody as _};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::actions::error::ActionError;
use crate::storage;
use crate::words::{self, Message, Texts};

/// The code of refusals that pass by themselves, once some time has gone by.
const TOO_MANY: &str = "too-many";

/// What is answered before a body is read to its end. The rest of it may still be on its way, so that nothing else can
/// follow on that connection.
const UNREAD: [StatusCode; 4] = [
    StatusCode::UNAUTHORIZED,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
];

/// How a failure is shown: status, a short title, a sentence for the person, a code for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    /// The key of the message `title-…`.
    pub title: &'static str,
    pub detail: Message,
    pub code: Cow<'static, str>,
    pub field: Option<&'static str>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<Message>) -> Self {
        Self { status, title, detail: detail.into(), code: Cow::Borrowed(code), field: None }
    }

    /// RFC 9457, in one language.
    fn document(&self, texts: &Texts) -> Value {
        let mut document = json!({
            "type": format!("https://w3id.org/folkmoot/problems#{}", self.code),
            "title": texts.tell(&self.title.into()),
            "status": self.status.as_u16(),
            "detail": texts.tell(&self.detail),
            "code": self.code,
        });
        if let Some(field) = self.field {
            document["field"] = field.into();
        }
        document
    }
}

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Refused(refusal) if refusal.code == TOO_MANY => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, TOO_MANY, "title-too-often", refusal.message)
            }
            ActionError::Refused(refusal) => Self {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                title: "title-refused",
                detail: refusal.message,
                code: refusal.code,
                field: refusal.field,
            },
            ActionError::NotFound(what) => Self::new(StatusCode::NOT_FOUND, "not-found", "title-missing", what),
            ActionError::SignInNeeded => {
                Self::new(StatusCode::UNAUTHORIZED, "sign-in", "title-sign-in", "failed-sign-in")
            }
            ActionError::Forbidden(why) => Self::new(StatusCode::FORBIDDEN, "forbidden", "title-forbidden", why),
            ActionError::Peer(why) => Self::new(StatusCode::BAD_GATEWAY, "peer", "title-peer", why),
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
    let (status, code, title, detail) = match error {
        storage::Error::Full(_) => {
            (StatusCode::INSUFFICIENT_STORAGE, "disk-full", "title-disk-full", "failed-disk-full")
        }
        storage::Error::Gone(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "database-away", "title-database-away", "failed-database-away")
        }
        storage::Error::Busy(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "database-busy", "title-database-busy", "failed-database-busy")
        }
        storage::Error::Unsure(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "database-unsure", "title-database-unsure", "failed-database-unsure")
        }
        _ => return internal(),
    };
    Problem::new(status, code, title, detail)
}

fn internal() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", "title-fault", "failed-fault")
}

/// A handler that panicked: a fault of ours.
pub fn panicked() -> Response {
    internal().into_response()
}

/// A request that the node could not answer in time.
pub fn too_slow() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "title-busy", "failed-busy")
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
        let message = Message::new("failed-too-large").with("limit", limit);
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "title-too-large", message);
    }
    if why.contains("timeout") {
        return Problem::new(StatusCode::REQUEST_TIMEOUT, "slow", "title-slow", "failed-slow");
    }
    Problem::new(StatusCode::BAD_REQUEST, "body", "title-body", "failed-body")
}

/// An address that there is, asked in a way that there is not.
pub async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "title-method", "failed-method")
}

/// problem+json, for the API and for peers, in the fallback language. The problem goes along in the response's extensions:
/// the pages show it as a page, and [`translate`] says it in the language that was asked for.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, kind, self.document(words::fallback()).to_string()).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 asks for it with this status.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if UNREAD.contains(&self.status) {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A response that is a problem, with its words in the language of `texts`; any other as it is.
pub fn translate(mut response: Response, texts: &Texts) -> Response {
    if texts.tag() != words::fallback().tag()
        && let Some(problem) = response.extensions_mut().remove::<Problem>()
    {
        *response.body_mut() = problem.document(texts).to_string().into();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(texts.tag()));
    }
    response
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
            (problem.status.as_u16(), problem.code.into_owned(), problem.detail.to_string())
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

    async fn read(response: Response) -> Value {
        let bytes = axum::body::to_bytes(response.into_body(), 4096).await.expect("a body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[tokio::test]
    async fn a_problem_is_said_in_the_language_that_was_asked_for() {
        let source = "title-refused = Això no es pot fer\nrefused-no-mandate = No podeu actuar per { $member }.";
        let catalan = Texts::read("ca", &[source]);
        let message = Message::new("refused-no-mandate").with("member", "hypha");
        let refused = || ActionError::refused("no-mandate", message.clone()).into_response();
        let told = translate(refused(), &catalan);
        assert_eq!(told.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(told.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(told.headers()[header::CONTENT_LANGUAGE], "ca");
        let told = read(told).await;
        assert_eq!(told["title"], "Això no es pot fer");
        assert_eq!(told["detail"], "No podeu actuar per hypha.");
        let english = read(translate(refused(), words::fallback())).await;
        assert_eq!(english["detail"], "You have no mandate to act for hypha.");
        for member in ["type", "status", "code"] {
            assert_eq!(told[member], english[member]);
        }
    }

    #[tokio::test]
    async fn what_is_no_problem_is_left_as_it_is() {
        let catalan = Texts::read("ca", &[]);
        let told = translate((StatusCode::NOT_FOUND, "{\"detail\": \"none\"}").into_response(), &catalan);
        assert!(!told.headers().contains_key(header::CONTENT_LANGUAGE));
        assert_eq!(read(told).await["detail"], "none");
    }
}
