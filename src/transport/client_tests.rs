//! The client against small servers on the loopback network.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{any, get};
use futures_util::stream;

use super::*;
use crate::transport::signatures::{self, HttpKey};
use crate::transport::testing::{RSA_KEY, allowing, client, serve, us};

fn at(node: &NodeId, path: &str) -> Url {
    format!("{}{path}", node.base()).parse().expect("an address")
}

fn our_key() -> HttpKey {
    use rsa::pkcs8::{EncodePublicKey as _, LineEnding};
    let pem = RSA_KEY.to_public_key().to_public_key_pem(LineEnding::LF).expect("a PEM");
    HttpKey::parse("https://coop.example/actor#main-key", us().as_str(), &pem).expect("a key")
}

/// Answers 204 to well-signed requests of ours, 401 to others.
async fn check_signature(peer: NodeId, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.expect("a body");
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let claimed = signatures::claim(&signatures::Request::new(&parts), &peer, Time(since.cast_signed()));
    let claimed = claimed.expect("well formed");
    match claimed.verify(&our_key()).await.and_then(|()| claimed.check_body(&body)) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::UNAUTHORIZED,
    }
}

async fn signed_peer() -> NodeId {
    serve(|node| {
        let node = node.clone();
        Router::new().fallback(any(move |request| check_signature(node.clone(), request)))
    })
    .await
}

#[tokio::test]
async fn deliveries_are_signed_for_the_peer() {
    let peer = signed_peer().await;
    let answer = client().post(&at(&peer, "/inbox?x=1"), b"{}".to_vec()).await.expect("an answer");
    assert_eq!((answer.status, answer.is_success()), (204, true));
}

#[tokio::test]
async fn fetches_are_signed_for_the_peer() {
    let peer = signed_peer().await;
    // Accepted, but without a content type.
    let fetched = client().get_json(&at(&peer, "/actor")).await;
    assert_eq!(fetched, Err(FetchError::ContentType(String::new())));
}

#[tokio::test]
async fn an_answer_keeps_its_status_body_and_pause() {
    let answer = (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "120")], "later");
    let peer = serve(|_| Router::new().fallback(any(move || async move { answer }))).await;
    let answer = client().post(&at(&peer, "/inbox"), b"{}".to_vec()).await.expect("an answer");
    assert_eq!(answer, Answer { status: 429, body: b"later".to_vec(), retry_after: Some(120) });
}

/// Serves `body` under every path that names its content type, `+` and all.
async fn typed_peer(content_type: &'static str, body: &'static str) -> NodeId {
    serve(|_| Router::new().fallback(get(move || async move { ([("content-type", content_type)], body) }))).await
}

#[tokio::test]
async fn only_the_expected_content_types_are_read() {
    let profile = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"; charset=utf-8";
    for (content_type, is_activity) in [
        ("application/activity+json", true),
        ("Application/Activity+JSON; charset=utf-8", true),
        (profile, true),
        ("application/ld+json", false),
        ("application/ld+json; profile=\"https://www.w3.org/ns/other\"", false),
        ("application/json", false),
        ("text/html", false),
        ("text/plain; application/activity+json", false),
    ] {
        let peer = typed_peer(content_type, "{}").await;
        let fetched = client().get_json(&at(&peer, "/actor")).await;
        assert_eq!(fetched.is_ok(), is_activity, "{content_type}: {fetched:?}");
    }
    let peer = typed_peer("text/plain; charset=utf-8", "a note").await;
    assert_eq!(client().get_text(&at(&peer, "/checkpoint")).await, Ok("a note".to_owned()));
    assert!(matches!(client().get_json(&at(&peer, "/")).await, Err(FetchError::ContentType(_))));
}

#[tokio::test]
async fn an_error_status_is_no_document() {
    let gone = (StatusCode::GONE, [("content-type", "application/activity+json")], "{}");
    let peer = serve(|_| Router::new().fallback(any(move || async move { gone }))).await;
    assert_eq!(client().get_json(&at(&peer, "/actor")).await, Err(FetchError::Status(410)));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let endless = || async {
        let pieces = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b'['; 4096])));
        ([("content-type", "application/activity+json")], Body::from_stream(pieces)).into_response()
    };
    let peer = serve(|_| Router::new().fallback(any(endless))).await;
    assert_eq!(client().get_json(&at(&peer, "/")).await, Err(FetchError::TooLong));
    assert_eq!(client().post(&at(&peer, "/inbox"), Vec::new()).await, Err(FetchError::TooLong));
}

#[tokio::test]
async fn a_peer_that_stalls_is_cut_off() {
    let stalling = || async {
        let pieces = stream::unfold(0, |sent| async move {
            match sent {
                0 => Some((Ok::<_, Infallible>(Bytes::from_static(b"{")), 1)),
                _ => std::future::pending().await,
            }
        });
        ([("content-type", "application/activity+json")], Body::from_stream(pieces)).into_response()
    };
    let peer = serve(|_| Router::new().fallback(any(stalling))).await;
    let client = Client::with_timeout(&us(), &RSA_KEY, allowing("127.0.0.0/8"), Duration::from_millis(300));
    assert_eq!(client.expect("a client").get_json(&at(&peer, "/")).await, Err(FetchError::Timeout));
}

#[tokio::test]
async fn compressed_answers_are_not_unpacked() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = seen.clone();
    let squeezed = move |request: Request| async move {
        counter.fetch_add(usize::from(request.headers().contains_key("accept-encoding")), Ordering::Relaxed);
        ([("content-type", "application/activity+json"), ("content-encoding", "gzip")], "not unpacked")
    };
    let peer = serve(|_| Router::new().fallback(any(squeezed))).await;
    let fetched = client().get_json(&at(&peer, "/")).await.expect("an answer");
    assert_eq!((fetched.body.as_slice(), seen.load(Ordering::Relaxed)), (&b"not unpacked"[..], 0));
}

/// Redirects `/3` to `/2` and so on; `/0` holds the document. `/out` leads to a private network.
async fn redirecting_peer() -> NodeId {
    let document = || async { ([("content-type", "application/jrd+json")], "{}") };
    let mut router = Router::new().route("/0", get(document));
    for n in 1..=4 {
        router =
            router.route(&format!("/{n}"), get(move || async move { Redirect::temporary(&format!("/{}", n - 1)) }));
    }
    for (path, target) in [
        ("/out", "http://10.0.0.1/"),
        ("/data", "data:application/jrd+json,{}"),
        ("/home", "https://coop.example/actor"),
        ("/loop", "/loop"),
    ] {
        router = router.route(path, get(move || async move { Redirect::permanent(target) }));
    }
    let nowhere = || async { StatusCode::FOUND };
    serve(|_| router.route("/nowhere", get(nowhere))).await
}

#[tokio::test]
async fn a_signed_request_follows_no_redirect() {
    let peer = redirecting_peer().await;
    assert_eq!(client().get_json(&at(&peer, "/1")).await, Err(FetchError::Status(307)));
    assert_eq!(client().get_json(&at(&peer, "/out")).await, Err(FetchError::Status(308)));
}

#[tokio::test]
async fn an_unsigned_request_follows_three_checked_redirects() {
    let (peer, client) = (redirecting_peer().await, client());
    let fetch = async |path: &str| client.get_unsigned(&at(&peer, path), Expected::Jrd).await;
    assert_eq!(fetch("/3").await.map(|fetched| fetched.url), Ok(at(&peer, "/0")));
    for path in ["/4", "/loop", "/nowhere"] {
        assert_eq!(fetch(path).await, Err(FetchError::Redirect), "{path}");
    }
    assert_eq!(fetch("/out").await, Err(FetchError::Address(AddressError::Private([10, 0, 0, 1].into()))));
    assert_eq!(fetch("/data").await, Err(FetchError::Address(AddressError::Scheme)));
    assert_eq!(fetch("/home").await, Err(FetchError::Ourselves));
}

#[tokio::test]
async fn addresses_inside_are_never_asked() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let count = move || async move { counter.fetch_add(1, Ordering::Relaxed).to_string() };
    let peer = serve(|_| Router::new().fallback(any(count))).await;
    let port = at(&peer, "/").port().expect("a port");
    let named: Url = format!("http://localhost:{port}/").parse().expect("an address");

    let public = Client::new(&us(), &RSA_KEY, Addresses::public()).expect("a client");
    assert_eq!(public.get_json(&at(&peer, "/")).await, Err(FetchError::Address(AddressError::Scheme)));
    // A name is checked when it is resolved, whatever it looked like before.
    let elsewhere = Client::new(&us(), &RSA_KEY, allowing("10.0.0.0/8")).expect("a client");
    for url in [&at(&peer, "/"), &named] {
        assert!(elsewhere.get_json(url).await.is_err(), "{url}");
        assert!(elsewhere.post(url, Vec::new()).await.is_err(), "{url}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);

    let answer = client().post(&named, Vec::new()).await.expect("an answer");
    assert_eq!((answer.status, asked.load(Ordering::Relaxed)), (200, 1));
}

#[tokio::test]
async fn a_node_does_not_ask_itself() {
    let ourselves: Url = "https://coop.example/actor".parse().expect("an address");
    assert_eq!(client().get_json(&ourselves).await, Err(FetchError::Ourselves));
}

#[tokio::test]
async fn a_peer_that_is_away_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url: Url = format!("http://{}/", listener.local_addr().expect("bound")).parse().expect("an address");
    drop(listener);
    let refusal = client().post(&url, Vec::new()).await.expect_err("nobody listens");
    assert!(matches!(&refusal, FetchError::Unreachable(host, _) if host == "127.0.0.1"), "{refusal}");
}

#[tokio::test]
async fn the_library_speaks_for_the_same_host() {
    let config = client().library_config(7).await.expect("a configuration");
    assert_eq!((config.domain(), *config.to_request_data().app_data()), ("coop.example", 7));
}
