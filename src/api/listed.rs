//! Lists of the API: what is asked for of them, and the way from page to page in the header `Link` (RFC 8288), as clients
//! of the fediverse know it.

use std::convert::Infallible;
use std::str::FromStr;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::PREFIX;
use crate::app::App;
use crate::storage::page::ROWS_MOST;
use crate::storage::{Page, Place, Wanted};

/// Rows of a page where no number is asked for.
const ROWS: usize = 50;

/// How many rows a page shall have; more than [`ROWS_MOST`] are taken for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(usize);

impl Default for Limit {
    fn default() -> Self {
        Self(ROWS)
    }
}

impl Limit {
    pub fn wanted<K, I>(self, place: Place<K, I>) -> Wanted<K, I> {
        Wanted::new(place, self.0)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = String::deserialize(deserializer)?.parse::<usize>().ok().filter(|rows| *rows > 0);
        let rows = rows.ok_or_else(|| D::Error::custom(format!("a page has 1 to {ROWS_MOST} rows")))?;
        Ok(Self(rows.min(ROWS_MOST)))
    }
}

/// The query of a list without filters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "K: FromStr, I: FromStr"))]
pub struct Turn<K, I> {
    #[serde(default)]
    page: Place<K, I>,
    #[serde(default)]
    limit: Limit,
}

impl<K, I> Turn<K, I> {
    pub fn wanted(self) -> Wanted<K, I> {
        self.limit.wanted(self.page)
    }
}

/// The address that was asked for below [`PREFIX`], whose pages the answer names.
pub struct Here {
    base: String,
    uri: Uri,
}

impl FromRequestParts<App> for Here {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self { base: format!("{}{PREFIX}", app.node.base()), uri: parts.uri.clone() })
    }
}

impl Here {
    /// The rows of a page under their name, with the addresses of the pages beside it.
    pub fn list<T>(&self, name: &str, page: &Page<T>, row: impl Fn(&T) -> Value) -> Response {
        let mut response = Json(json!({name: page.rows.iter().map(row).collect::<Value>()})).into_response();
        let links = [("next", &page.next), ("prev", &page.previous)]
            .into_iter()
            .filter_map(|(relation, word)| Some(format!("<{}>; rel=\"{relation}\"", self.turned(word.as_deref()?))));
        let links = links.collect::<Vec<_>>().join(", ");
        // Addresses are written in ASCII.
        if let Ok(value) = HeaderValue::from_str(&links)
            && !links.is_empty()
        {
            response.headers_mut().insert(header::LINK, value);
        }
        response
    }

    /// The same address at another page.
    fn turned(&self, word: &str) -> String {
        let asked = url::form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes());
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(asked.filter(|(name, _)| name != "page"));
        if !word.is_empty() {
            query.append_pair("page", word);
        }
        let query = query.finish();
        let path = format!("{}{}", self.base, self.uri.path());
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(uri: &str) -> Here {
        Here { base: format!("https://a.example{PREFIX}"), uri: uri.parse().expect("an address") }
    }

    #[test]
    fn links_keep_what_was_asked_for() {
        let page = Page { rows: vec![1, 2], previous: Some(String::new()), next: Some("bmV4dA".into()) };
        let response = here("/decisions?q=a%20b&page=x&limit=2").list("decisions", &page, |row| json!(row));
        let base = "https://a.example/api/v1/decisions?q=a+b&limit=2";
        let link = format!("<{base}&page=bmV4dA>; rel=\"next\", <{base}>; rel=\"prev\"");
        assert_eq!(response.headers()[header::LINK], link);
    }

    #[test]
    fn a_list_on_one_page_has_no_links() {
        let page = Page { rows: vec![1], previous: None, next: None };
        assert!(!here("/faults").list("faults", &page, |row| json!(row)).headers().contains_key(header::LINK));
    }

    #[test]
    fn a_limit_is_a_number_of_rows() {
        let limit = |text: &str| serde_json::from_value::<Limit>(json!(text)).ok();
        assert_eq!((limit("7"), limit("1000000")), (Some(Limit(7)), Some(Limit(ROWS_MOST))));
        for text in ["0", "-1", "many", "", "1.5", "99999999999999999999999"] {
            assert_eq!(limit(text), None, "{text}");
        }
    }
}
