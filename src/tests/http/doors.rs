//! Every address of the API against the same misuse: nobody signed in, bodies of another shape, too slow, too long.

use std::collections::BTreeSet;
use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::app::TestApp;
use super::scene::{DEVICE, Open, Scene};

struct Operation {
    method: String,
    /// As described: with names in braces.
    described: String,
    path: String,
    needs_person: bool,
    has_body: bool,
}

async fn operations(scene: &Scene, vote: &Open) -> Vec<Operation> {
    let description = scene.get("", "/api/v1/openapi.json").await.expect(StatusCode::OK);
    let mut all = Vec::new();
    for (described, methods) in description["paths"].as_object().expect("paths") {
        let path = described
            .replace("{key}", &vote.key)
            .replace("{member}", DEVICE)
            .replace("{organisation}", "hypha")
            .replace("{holder}", "nobody")
            .replace("{login}", "nobody")
            .replace("{number}", "1")
            .replace("{id}", "0123456789abcdef")
            .replace("{ballot}", &"0".repeat(64))
            .replace("{digest}", &"0".repeat(64));
        for (method, operation) in methods.as_object().expect("methods") {
            all.push(Operation {
                method: method.to_uppercase(),
                described: described.clone(),
                path: format!("/api/v1{path}"),
                needs_person: operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty()),
                has_body: operation["requestBody"].is_object(),
            });
        }
    }
    assert!(all.len() > 40, "{}", all.len());
    all
}

/// What anybody may do, on purpose: read the public record, ask to join, bring what proves itself, sign in.
const OPEN_TO_ALL: [&str; 25] = [
    "GET /charter",
    "GET /consortium",
    "GET /decisions",
    "GET /decisions/{decision}",
    "GET /decisions/{decision}/ballots.csv",
    "GET /decisions/{decision}/ballots.json",
    "GET /decisions/{decision}/bundle",
    "GET /faults",
    "GET /members",
    "GET /members/{member}",
    "GET /node",
    "GET /notices",
    "GET /openapi.json",
    "GET /proposals",
    "GET /proposals/{key}",
    "GET /proposals/{key}/closing",
    "GET /proposals/{key}/comments",
    "GET /proposals/{key}/count",
    "GET /proposals/{key}/seats/{member}",
    "GET /receipts/{ballot}",
    "GET /requests/{id}",
    "POST /ballots",
    "POST /faults",
    "POST /requests",
    "POST /sign-in",
];

#[tokio::test]
async fn what_needs_a_person_is_refused_to_nobody_and_the_rest_is_open_on_purpose() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let mut open = BTreeSet::new();
    for operation in operations(&scene, &vote).await {
        let Operation { method, path, .. } = &operation;
        let body = operation.has_body.then(|| b"{}".to_vec());
        let answer = scene.send(method, "", path, body.clone()).await;
        if operation.needs_person {
            answer.refused(StatusCode::UNAUTHORIZED, "sign-in");
            let answer = scene.send(method, "no-such-token", path, body).await;
            assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer", "{method} {path}");
            answer.refused(StatusCode::UNAUTHORIZED, "sign-in");
        } else {
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}: {}", answer.text());
            open.insert(format!("{method} {}", operation.described));
        }
    }
    let expected: BTreeSet<String> = OPEN_TO_ALL.map(str::to_owned).into();
    assert_eq!(open, expected);
}

#[tokio::test]
async fn no_body_of_another_shape_is_taken_anywhere() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let deep = format!("{}{}", "[".repeat(3000), "]".repeat(3000)).into_bytes();
    let wide = format!("{{\"a\":[{}0]}}", "0,".repeat(30_000)).into_bytes();
    let bodies: [(&[u8], &str); 12] = [
        (b"[]", "shape"),
        (b"7", "shape"),
        (b"null", "shape"),
        (b"\"text\"", "shape"),
        (br#"{"no-member-of-this-name":1}"#, "shape"),
        (&wide, "shape"),
        (b"", "json"),
        (b"{", "json"),
        (b"{\"a\":\"\xff\"}", "json"),
        (br#"{"a":1,"a":2}"#, "json"),
        (br#"{"a":9007199254740993}"#, "json"),
        (&deep, "json"),
    ];
    for operation in operations(&scene, &vote).await {
        // A ballot is a signed statement: it has its own words for what is wrong with it.
        if !operation.has_body || operation.described == "/ballots" {
            continue;
        }
        let Operation { method, path, .. } = &operation;
        for (body, code) in bodies {
            let answer = scene.send(method, &scene.steward, path, Some(body.to_vec())).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {path}: {}", answer.text());
            assert_eq!(answer.json()["code"], code, "{method} {path}: {}", answer.text());
        }
        let request = Request::builder()
            .method(method.as_str())
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", scene.steward))
            .header(header::CONTENT_TYPE, "text/plain")
            .body(Body::from("{}"))
            .expect("a request");
        scene.raw(request).await.refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type");
    }
    assert_eq!(scene.get("", "/api/v1/notices").await.expect(StatusCode::OK)["notices"], json!([]));
}

#[tokio::test]
async fn members_do_nothing_that_is_for_stewards() {
    let scene = Scene::new().await;
    let charter = folkmoot::charters::ocm_demo(1).expect("the preset");
    let asked = scene.post("", "/api/v1/requests", &scene.request("dora").await).await.expect(StatusCode::CREATED);
    let request = format!("/requests/{}", asked["id"].as_str().expect("an id"));
    let reason = json!({"reason": "Because."});
    let zeros = "0".repeat(64);
    let before = scene.get("", "/api/v1/node").await.expect(StatusCode::OK)["journal"]["size"].clone();
    for (method, path, body) in [
        ("POST", "/consortium".to_owned(), json!({"charter": charter})),
        ("POST", "/consortium/accept".into(), json!({"consortium": scene.consortium})),
        ("POST", "/consortium/decline".into(), json!({"consortium": scene.consortium})),
        ("GET", "/requests".into(), Value::Null),
        ("POST", format!("{request}/endorse"), json!({})),
        ("POST", format!("{request}/refuse"), reason.clone()),
        ("POST", format!("/applications/{zeros}/objection"), reason),
        ("POST", "/members/bilal/end".into(), json!({"status": "suspended", "reason": "x"})),
        ("POST", "/members/bilal/reinstate".into(), Value::Null),
        ("PUT", "/members/bilal/key".into(), json!({"key": super::scene::device_key().public()})),
        ("POST", "/mandates".into(), json!({"organisation": "hypha", "holder": "ada"})),
        ("DELETE", "/mandates/hypha/hypha-delegate".into(), Value::Null),
        ("POST", "/notices".into(), json!({"subject": "a", "text": "b"})),
        ("POST", "/accounts".into(), json!({"login": "eve", "password": super::app::PASSWORD})),
        ("DELETE", "/accounts/bilal".into(), Value::Null),
    ] {
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        let answer = scene.send(method, scene.token("ada"), &format!("/api/v1{path}"), body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}: {}", answer.text());
    }
    let after = scene.get("", "/api/v1/node").await.expect(StatusCode::OK)["journal"]["size"].clone();
    assert_eq!(before, after);
}

/// Something of a body, and then nothing more.
fn dripping() -> Body {
    let first = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"{\"subject\":")) });
    Body::from_stream(first.chain(stream::pending()))
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let test = TestApp::with_limits("request_seconds = 1").await;
    let request = Request::post("/api/v1/notices")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", test.steward))
        .body(dripping())
        .expect("a request");
    let why = test.raw(request).await.refused(StatusCode::REQUEST_TIMEOUT, "slow");
    assert!(why.contains("Nothing was done"), "{why}");
    // Nobody's body is waited for who has not signed the request.
    let request = Request::post("/inbox").body(dripping()).expect("a request");
    test.raw(request).await.refused(StatusCode::UNAUTHORIZED, "signature");
}

/// Addresses that browsers never make: bytes that are no text, a question asked twice, a number that is a word.
const MANGLED: [(&str, StatusCode, &str); 12] = [
    ("/api/v1/proposals/%ff", StatusCode::NOT_FOUND, "not-found"),
    ("/api/v1/members/%ff", StatusCode::NOT_FOUND, "not-found"),
    ("/api/v1/proposals?state=a&state=b", StatusCode::BAD_REQUEST, "query"),
    ("/journals/%ff/x/y", StatusCode::NOT_FOUND, "not-found"),
    ("/journals/a/b/c?from=x", StatusCode::BAD_REQUEST, "query"),
    ("/nodeinfo/%ff", StatusCode::NOT_FOUND, "not-found"),
    ("/openings/%ff", StatusCode::NOT_FOUND, "not-found"),
    ("/closings/%ff", StatusCode::NOT_FOUND, "not-found"),
    ("/static/%ff", StatusCode::NOT_FOUND, "not-found"),
    ("/static/nothing.css", StatusCode::NOT_FOUND, "not-found"),
    ("/.well-known/webfinger?resource=a&resource=b", StatusCode::BAD_REQUEST, "query"),
    ("/api/v1/%ff", StatusCode::NOT_FOUND, "not-found"),
];

#[tokio::test]
async fn mangled_addresses_are_answered_as_problems_to_programs_and_as_pages_to_people() {
    let scene = Scene::new().await;
    for (path, status, code) in MANGLED {
        let answer = scene.get("", path).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{path}: {}", answer.text());
        answer.refused(status, code);
    }
    for (method, path, status) in [
        ("GET", "/proposals/%ff", StatusCode::NOT_FOUND),
        ("GET", "/proposals/%ff/edit", StatusCode::NOT_FOUND),
        ("GET", "/decisions/%ff", StatusCode::NOT_FOUND),
        ("GET", "/members/%ff", StatusCode::NOT_FOUND),
        ("GET", "/ballots/%ff", StatusCode::NOT_FOUND),
        ("GET", "/stewards/invitations/%ff", StatusCode::NOT_FOUND),
        ("GET", "/%ff", StatusCode::NOT_FOUND),
        ("GET", "/proposals?show=all&show=all", StatusCode::BAD_REQUEST),
        ("GET", "/decisions?q=a&q=b", StatusCode::BAD_REQUEST),
        ("GET", "/proposals/new?amend=a&amend=b", StatusCode::BAD_REQUEST),
        ("GET", "/log-in?next=a&next=b", StatusCode::BAD_REQUEST),
        ("POST", "/proposals/%ff/ballot", StatusCode::NOT_FOUND),
        ("POST", "/stewards/mandates/%ff/%ff/end", StatusCode::NOT_FOUND),
        ("DELETE", "/charter", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let answer = scene.send(method, "", path, None).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        let kind = answer.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().expect("text"));
        assert_eq!(kind, Some("text/html; charset=utf-8"), "{method} {path}: {}", answer.text());
        assert!(answer.headers.contains_key(header::CONTENT_SECURITY_POLICY), "{method} {path}");
        assert!(answer.text().contains("<h1"), "{method} {path}: {}", answer.text());
    }
    let refused = scene.send("DELETE", "", "/charter", None).await;
    assert_eq!(refused.headers[header::ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn addresses_asked_in_another_way_say_so() {
    let test = TestApp::new().await;
    for (method, path, allowed) in [("DELETE", "/api/v1/node", "GET,HEAD"), ("PUT", "/api/v1/sign-in", "POST,DELETE")] {
        let answer = test.send(method, &test.steward, path, None).await;
        assert_eq!(answer.headers[header::ALLOW], allowed, "{method} {path}");
        answer.refused(StatusCode::METHOD_NOT_ALLOWED, "method");
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_half_written() {
    use diesel_async::SimpleAsyncConnection as _;
    use folkmoot::storage::Conn;
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{key}/comments");
    let limit = async |pages: u64| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        scene
            .app
            .db
            .write(async move |conn| match conn {
                Conn::Sqlite(conn) => {
                    conn.batch_execute(&sql).await.map(|()| true).map_err(folkmoot::storage::Error::from)
                }
                // A full disk of another machine is the business of that machine.
                Conn::Postgres(_) => Ok(false),
            })
            .await
            .expect("the limit is set")
    };
    // No smaller than it is already: the next page that it needs is one too many.
    if !limit(1).await {
        return;
    }
    let comment = json!({"text": "x".repeat(5000)});
    let mut taken = 0;
    let refused = loop {
        let answer = scene.post(scene.token("ada"), &path, &comment).await;
        if answer.status != StatusCode::CREATED {
            break answer;
        }
        taken += 1;
        assert!(taken < 50, "the disk never gets full");
    };
    let why = refused.refused(StatusCode::INSUFFICIENT_STORAGE, "disk-full");
    assert!(why.contains("Nothing was saved"), "{why}");
    scene.post(scene.token("ada"), &path, &comment).await.refused(StatusCode::INSUFFICIENT_STORAGE, "disk-full");
    let comments = async || {
        let shown = scene.get("", &format!("/api/v1/proposals/{key}")).await.expect(StatusCode::OK);
        shown["comments"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(comments().await, taken);
    // With room again it goes on by itself, and the tables are those that the journals make.
    limit(1 << 30).await;
    scene.post(scene.token("ada"), &path, &comment).await.expect(StatusCode::CREATED);
    assert_eq!(comments().await, taken + 1);
    scene.pass(1).await;
    let differences = folkmoot::actions::rebuild::rebuild(&scene.app).await.expect("a rebuild");
    assert_eq!(differences, Vec::new());
}
