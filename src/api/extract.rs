//! What handlers take from a request: who is signed in, and a JSON body of a known shape within the limits.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use folkmoot_governance::json;
use folkmoot_governance::tally::points::Point;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::actions::error::ActionError;
pub use crate::actions::visible::Reader;
use crate::actions::{Person, accounts};
use crate::app::App;
use crate::http::error::{Problem, read_body};
use crate::words::outcome::sentence;
use crate::words::{self, Message, Texts};

/// Somebody with a bearer token of this node.
pub struct SignedIn(pub Person);

impl Deref for SignedIn {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = ActionError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ActionError> {
        bearer(parts, app).await?.map(Self).ok_or(ActionError::SignInNeeded)
    }
}

/// A visitor, or somebody signed in. A token that is not good is refused, not ignored.
impl FromRequestParts<App> for Reader {
    type Rejection = ActionError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ActionError> {
        match bearer(parts, app).await? {
            Some(person) => Self::signed_in(&mut app.db.read().await?, person, app.now()).await,
            None => Ok(Self::visitor()),
        }
    }
}

async fn bearer(parts: &Parts, app: &App) -> Result<Option<Person>, ActionError> {
    let Some(token) = token(&parts.headers) else { return Ok(None) };
    let person = accounts::by_bearer(app, token).await?;
    person.map(Some).ok_or(ActionError::SignInNeeded)
}

/// The bearer token of a request (RFC 6750).
pub fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Words in the language that the request asks for.
pub struct Told(pub Arc<Texts>);

impl Told {
    /// Points for programs, each with its sentence as `text`.
    pub fn reasons(&self, points: &[Point]) -> Value {
        let reason = |point: &Point| {
            let mut reason = json!(point);
            reason["text"] = sentence(&self.0, point).into();
            reason
        };
        points.iter().map(reason).collect()
    }

    /// Points for people.
    pub fn sentences(&self, points: &[Point]) -> Vec<String> {
        points.iter().map(|point| sentence(&self.0, point)).collect()
    }
}

impl FromRequestParts<App> for Told {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let asked = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Ok(Self(app.words.of(words::choose(asked)).clone()))
    }
}

/// A JSON body of the strict profile, read into a type that knows all its members.
pub struct Stated<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Stated<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let bytes = json_bytes(request, app).await?;
        read(&bytes, app.config.limits.body_bytes).map(Self)
    }
}

/// A JSON body as it was sent: a signed document is checked byte for byte.
pub struct Untouched(pub Vec<u8>);

impl FromRequest<App> for Untouched {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        json_bytes(request, app).await.map(Self)
    }
}

async fn json_bytes(request: Request, app: &App) -> Result<Vec<u8>, Problem> {
    // Forms on foreign pages cannot send this type, so they cannot speak for a visitor.
    if !is_json(request.headers()) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Problem::new(status, "media-type", "title-media-type", "failed-media-type"));
    }
    read_body(request.into_body(), app.config.limits.body_bytes).await.map(|bytes| bytes.to_vec())
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// JSON of the strict profile as a `T`, or what is wrong with it.
pub fn read<T: DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, Problem> {
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(malformed(Message::new("failed-utf8").with("position", error.valid_up_to())));
    }
    let value = json::parse(bytes, limit);
    let value = value.map_err(|error| malformed(Message::new("failed-json").naming("detail", error)))?;
    let unexpected = |message| Problem::new(StatusCode::BAD_REQUEST, "shape", "title-shape", message);
    // A list would be taken for the members in their order.
    if !value.is_object() {
        return Err(unexpected(Message::new("failed-shape-object")));
    }
    serde_json::from_value(value).map_err(|error| unexpected(Message::new("failed-shape").naming("detail", error)))
}

fn malformed(message: Message) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "json", "title-json", message)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Small {
        #[serde(rename = "count")]
        _count: u32,
    }

    fn check(bytes: &[u8], code: &str, mention: &str) {
        let problem = read::<Small>(bytes, 4096).expect_err(mention);
        assert_eq!(problem.status, StatusCode::BAD_REQUEST);
        assert_eq!(problem.code, code, "{problem:?}");
        assert!(problem.detail.to_string().contains(mention), "{problem:?}");
    }

    #[test]
    fn json_that_readers_could_take_differently_is_refused_with_the_reason() {
        check(br#"{"count":1,"count":2}"#, "json", "count");
        check(br#"{"count":1.0}"#, "json", "whole");
        check(br#"{"count":1e3}"#, "json", "whole");
        check(br#"{"count":9007199254740992}"#, "json", "2^53");
        check(br#"{"count":99999999999999999999999999}"#, "json", "whole");
        check(b"{\"count\":\"\xff\"}", "json", "UTF-8");
        check("[".repeat(200).as_bytes(), "json", "nested");
        check(br#"{"count":1} trailing"#, "json", "trailing");
    }

    #[test]
    fn members_that_nobody_asked_for_are_refused_by_name() {
        check(br#"{"count":1,"colour":"red"}"#, "shape", "colour");
        check(br#"{"count":"one"}"#, "shape", "string");
        check(br#"{}"#, "shape", "count");
        check(b"[1]", "shape", "not an object");
    }

    #[test]
    fn only_json_types_are_read() {
        let kind = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(text));
            is_json(&headers)
        };
        assert!(kind("application/json") && kind("application/activity+json; charset=utf-8"));
        assert!(!kind("text/plain") && !kind("application/x-www-form-urlencoded") && !kind("multipart/form-data"));
        assert!(!is_json(&HeaderMap::new()));
    }

    #[test]
    fn a_bearer_token_is_found_whatever_the_case_of_its_scheme() {
        let mut headers = HeaderMap::new();
        assert_eq!(token(&headers), None);
        headers.insert(header::AUTHORIZATION, header::HeaderValue::from_static("bearer abc"));
        assert_eq!(token(&headers), Some("abc"));
        headers.insert(header::AUTHORIZATION, header::HeaderValue::from_static("Basic abc"));
        assert_eq!(token(&headers), None);
    }
}
