//! What cannot be read is refused with the reason, and nothing of it is done.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use super::app::TestApp;
use super::scene::Scene;

async fn check(test: &TestApp, body: &[u8], code: &str, mention: &str) {
    let answer = test.send("POST", &test.steward, "/api/v1/notices", Some(body.to_vec())).await;
    let detail = answer.refused(StatusCode::BAD_REQUEST, code);
    assert!(detail.contains(mention), "{detail}");
}

#[tokio::test]
async fn json_that_could_be_read_in_two_ways_is_refused() {
    let test = TestApp::new().await;
    check(&test, br#"{"subject":"a","subject":"b","text":"c"}"#, "json", "subject").await;
    check(&test, br#"{"subject":1.5,"text":"c"}"#, "json", "whole").await;
    check(&test, br#"{"subject":1e400,"text":"c"}"#, "json", "number").await;
    check(&test, br#"{"subject":9007199254740993,"text":"c"}"#, "json", "2^53").await;
    check(&test, br#"{"subject":"\ud800","text":"c"}"#, "json", "hex escape").await;
    check(&test, b"{\"subject\":\"\xff\xfe\",\"text\":\"c\"}", "json", "UTF-8").await;
    check(&test, br#"{"subject":"a","#, "json", "EOF").await;
    check(&test, b"", "json", "EOF").await;
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    check(&test, deep.as_bytes(), "json", "nested").await;
}

#[tokio::test]
async fn members_that_nobody_asked_for_are_refused() {
    let test = TestApp::new().await;
    check(&test, br#"{"subject":"a","text":"c","priority":"high"}"#, "shape", "priority").await;
    check(&test, br#"{"subject":"a"}"#, "shape", "text").await;
    check(&test, br#"["a","b"]"#, "shape", "object").await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_its_length_announced() {
    let test = TestApp::new().await;
    let body = json!({"subject": "a", "text": "x".repeat(200_000)}).to_string();
    let answer = test.send("POST", &test.steward, "/api/v1/notices", Some(body.clone().into_bytes())).await;
    answer.refused(StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let pieces =
        body.into_bytes().chunks(1000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
    let request = Request::post("/api/v1/notices")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", test.steward))
        .body(Body::from_stream(futures_util::stream::iter(pieces)))
        .expect("a request");
    test.raw(request).await.refused(StatusCode::PAYLOAD_TOO_LARGE, "too-large");
}

#[tokio::test]
async fn forms_of_foreign_pages_are_not_read() {
    let test = TestApp::new().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = Request::post("/api/v1/sign-in")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from("{}"))
            .expect("a request");
        test.raw(request).await.refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type");
    }
}

#[tokio::test]
async fn over_long_texts_are_refused_by_field() {
    let scene = Scene::new().await;
    let token = scene.token("collectivetools");
    for (field, length) in [("title", 201), ("text", 65_537)] {
        let mut draft = Scene::consent();
        draft[field] = json!("x".repeat(length));
        let answer = scene.post(token, "/api/v1/proposals", &draft).await;
        assert_eq!(answer.json()["field"], field, "{}", answer.text());
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let key = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{key}/comments");
    scene
        .post(token, &path, &json!({"text": "x".repeat(5001)}))
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, "text");
    let notice = json!({"subject": "x".repeat(201), "text": "y"});
    scene.post(&scene.steward, "/api/v1/notices", &notice).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "notice");
}

#[tokio::test]
async fn addresses_that_do_not_exist_are_not_found() {
    let scene = Scene::new().await;
    for path in [
        "/api/v1/nothing",
        "/api/v1/proposals/0000000000000000",
        "/api/v1/decisions/99",
        "/api/v1/decisions/one",
        "/api/v1/members/nobody",
        "/api/v1/members/Not%20An%20Id",
        "/api/v1/receipts/12",
        "/api/v1/requests/unknown",
    ] {
        scene.get("", path).await.refused(StatusCode::NOT_FOUND, "not-found");
    }
    scene.get("", "/api/v1/proposals?colour=red").await.refused(StatusCode::BAD_REQUEST, "query");
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_even_where_visitors_may_read() {
    let scene = Scene::new().await;
    scene.get("", "/api/v1/members").await.expect(StatusCode::OK);
    scene.get("not-a-token", "/api/v1/members").await.refused(StatusCode::UNAUTHORIZED, "sign-in");
}
