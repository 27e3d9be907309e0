//! The files beside the pages, compiled in: one stylesheet, one small script, one icon. Nothing comes from elsewhere.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use folkmoot_governance::id::Digest;

use super::{accent, headers};
use crate::actions::error::ActionError;
use crate::http::address::Named;

/// A file under `/static/`.
pub struct Asset {
    pub name: &'static str,
    pub kind: &'static str,
    pub bytes: &'static [u8],
}

pub const ASSETS: &[Asset] = &[
    Asset { name: "folkmoot.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("static/folkmoot.css") },
    Asset { name: "folkmoot.js", kind: "text/javascript; charset=utf-8", bytes: include_bytes!("static/folkmoot.js") },
    Asset { name: "favicon.svg", kind: "image/svg+xml", bytes: include_bytes!("static/favicon.svg") },
];

/// The file of this name.
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// Address of a file; it changes with the content, so that browsers may keep what they have for ever.
pub fn url(name: &str) -> String {
    let version = find(name).map(|asset| Digest::of(asset.bytes).short(10)).unwrap_or_default();
    format!("/static/{name}?v={version}")
}

/// `/static/…` for a node whose co-op chose `accent` (`#rrggbb`).
pub fn router<S: Clone + Send + Sync + 'static>(accent: &str) -> Router<S> {
    let accent = accent::stylesheet(accent);
    let own = move || async move {
        // The node's administrator may change it, so that browsers ask again after an hour.
        ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")], accent)
    };
    Router::new().route("/static/accent.css", get(own)).route("/static/{name}", get(serve))
}

async fn serve(Named(name): Named<String>) -> Response {
    let Some(asset) = find(&name) else { return ActionError::NotFound("missing-file").into_response() };
    let about = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, headers::ASSET_CACHE)];
    (about, asset.bytes).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn files_are_served_by_name_and_nothing_else_is() {
        for (path, status, kind) in [
            (url("folkmoot.css"), 200, "text/css; charset=utf-8"),
            (url("folkmoot.js"), 200, "text/javascript; charset=utf-8"),
            ("/static/accent.css".to_owned(), 200, "text/css; charset=utf-8"),
            ("/static/..%2Fmod.rs".to_owned(), 404, "application/problem+json"),
        ] {
            let request = Request::get(&path).body(Body::empty()).expect("a request");
            let answer = router::<()>("#7a1f5c").oneshot(request).await.expect("an answer");
            assert_eq!(answer.status().as_u16(), status, "{path}");
            let sent = answer.headers().get("content-type").map_or("", |value| value.to_str().expect("text"));
            assert_eq!(sent, kind, "{path}");
        }
    }

    #[test]
    fn the_files_stay_small_and_call_nobody() {
        for (name, limit) in [("folkmoot.css", 20_480), ("folkmoot.js", 4_096), ("favicon.svg", 2_048)] {
            let asset = find(name).expect(name);
            let text = std::str::from_utf8(asset.bytes).expect("text");
            assert!(text.len() < limit, "{name} has {} bytes", text.len());
            assert!(!text.contains("@import") && !text.contains("url(http"), "{name}");
            assert!(!text.replace("http://www.w3.org/2000/svg", "").contains("://"), "{name}");
        }
    }

    #[test]
    fn an_address_names_its_content() {
        assert!(url("folkmoot.css").starts_with("/static/folkmoot.css?v="));
        assert_ne!(url("folkmoot.css")[22..], url("folkmoot.js")[21..]);
    }
}
