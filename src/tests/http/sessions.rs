//! The pages' forms as somebody with bad intentions meets them: no token of the page, planted cookies, foreign addresses.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use super::app::{Answer, PASSWORD, TestApp};
use super::scene::Scene;

const SESSION: &str = "__Host-folkmoot";
const FORM: &str = "folkmoot-form";

async fn page(test: &TestApp, path: &str, cookies: &str) -> Answer {
    let request = Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).expect("a request");
    test.raw(request).await
}

async fn post(test: &TestApp, path: &str, cookies: &str, fields: &[(&str, &str)]) -> Answer {
    let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(path)
        .header(header::COOKIE, cookies)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .expect("a request");
    test.raw(request).await
}

/// The value that an answer sets a cookie to.
fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let found = set.filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).next()?;
    found.split(';').next().map(str::to_owned)
}

/// The token that a page puts into its forms.
fn token(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text.split_once("name=\"csrf\" value=\"").expect("a form with a token");
    rest.split('"').next().expect("a value").to_owned()
}

/// Logs in as a browser does; the answer is the secret of the session.
async fn log_in(test: &TestApp, login: &str) -> String {
    let form = page(test, "/log-in", "").await;
    let (anonymous, sent) = (cookie(&form, FORM).expect("a cookie"), token(&form));
    let fields = [("csrf", sent.as_str()), ("login", login), ("password", PASSWORD), ("next", "/account")];
    let answer = post(test, "/log-in", &format!("{FORM}={anonymous}"), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    cookie(&answer, SESSION).expect("a session")
}

#[tokio::test]
async fn a_form_that_no_page_of_ours_sent_does_nothing() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let secret = log_in(&scene, "steward").await;
    let cookies = format!("{SESSION}={secret}");
    let size = async || scene.get("", "/api/v1/node").await.expect(StatusCode::OK)["journal"]["size"].clone();
    let before = size().await;
    let zeros = "0".repeat(64);
    let paths = [
        "/proposals/new".to_owned(),
        format!("/proposals/{}/edit", vote.key),
        format!("/proposals/{}/open", vote.key),
        format!("/proposals/{}/extend", vote.key),
        format!("/proposals/{}/challenge", vote.key),
        format!("/proposals/{}/withdraw", vote.key),
        format!("/proposals/{}/ballot", vote.key),
        format!("/proposals/{}/comments", vote.key),
        "/join".into(),
        "/log-in".into(),
        "/log-out".into(),
        "/account/key".into(),
        "/account/tokens".into(),
        format!("/account/tokens/{zeros}/end"),
        "/account/password".into(),
        "/stewards/requests/x/endorse".into(),
        "/stewards/requests/x/refuse".into(),
        format!("/stewards/applications/{zeros}/objection"),
        "/stewards/roll/end".into(),
        "/stewards/roll/ada/reinstate".into(),
        "/stewards/mandates".into(),
        "/stewards/mandates/hypha/hypha-delegate/end".into(),
        format!("/stewards/invitations/{zeros}"),
        format!("/stewards/invitations/{zeros}/decline"),
        "/stewards/notice".into(),
    ];
    let other = log_in(&scene, "ada").await;
    let of_another = token(&page(&scene, "/account", &format!("{SESSION}={other}")).await);
    for path in &paths {
        for sent in ["", "guessed", &"A".repeat(43), &of_another] {
            let fields = [("csrf", sent), ("text", "x"), ("reason", "x"), ("subject", "x"), ("source", "x")];
            let answer = post(&scene, path, &cookies, &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.text());
            assert!(answer.text().contains("nothing was done"), "{path}");
        }
    }
    assert_eq!(size().await, before);
    assert_eq!(page(&scene, "/account", &cookies).await.status, StatusCode::OK, "still logged in");
}

#[tokio::test]
async fn a_session_that_was_planted_before_is_not_the_one_that_is_opened() {
    let scene = Scene::new().await;
    let planted = "A".repeat(43);
    let form = page(&scene, "/log-in", &format!("{SESSION}={planted}")).await;
    let (anonymous, sent) = (cookie(&form, FORM).expect("a cookie"), token(&form));
    let fields = [("csrf", sent.as_str()), ("login", "ada"), ("password", PASSWORD)];
    let both = format!("{SESSION}={planted}; {FORM}={anonymous}");
    let answer = post(&scene, "/log-in", &both, &fields).await;
    let secret = cookie(&answer, SESSION).expect("a session");
    assert_ne!(secret, planted);
    assert_eq!(page(&scene, "/account", &format!("{SESSION}={planted}")).await.status, StatusCode::UNAUTHORIZED);
    // The token that the form had before belongs to nobody; forms of the session have another.
    let cookies = format!("{SESSION}={secret}; {FORM}={anonymous}");
    let answer = post(&scene, "/account/tokens", &cookies, &[("csrf", &sent), ("name", "phone")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let line = answer_cookie(&scene, SESSION).await;
    for word in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(line.contains(word), "{line}");
    }
}

/// The whole `Set-Cookie` line of a fresh session.
async fn answer_cookie(scene: &Scene, name: &str) -> String {
    let form = page(scene, "/log-in", "").await;
    let (anonymous, sent) = (cookie(&form, FORM).expect("a cookie"), token(&form));
    let fields = [("csrf", sent.as_str()), ("login", "bilal"), ("password", PASSWORD)];
    let answer = post(scene, "/log-in", &format!("{FORM}={anonymous}"), &fields).await;
    let mut lines = answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.find(|line| line.starts_with(name)).expect("a cookie").to_owned()
}

#[tokio::test]
async fn a_session_ends_by_logging_out_with_its_account_and_with_time() {
    let scene = Scene::new().await;
    let works = async |secret: &str| page(&scene, "/account", &format!("{SESSION}={secret}")).await.status;
    let secret = log_in(&scene, "ada").await;
    let account = page(&scene, "/account", &format!("{SESSION}={secret}")).await;
    assert_eq!(account.status, StatusCode::OK);
    post(&scene, "/log-out", &format!("{SESSION}={secret}"), &[("csrf", &token(&account))]).await;
    assert_eq!(works(&secret).await, StatusCode::UNAUTHORIZED);
    let secret = log_in(&scene, "bilal").await;
    assert_eq!(works(&secret).await, StatusCode::OK);
    scene.send("DELETE", &scene.steward, "/api/v1/accounts/bilal", None).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(works(&secret).await, StatusCode::UNAUTHORIZED);
    let secret = log_in(&scene, "ada").await;
    scene.pass(14 * 86_400 + 1).await;
    assert_eq!(works(&secret).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn after_logging_in_nobody_is_sent_to_another_site() {
    let scene = Scene::new().await;
    for (number, next) in
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "\t//evil"]
            .into_iter()
            .enumerate()
    {
        let form = page(&scene, "/log-in", "").await;
        let (anonymous, sent) = (cookie(&form, FORM).expect("a cookie"), token(&form));
        let login = ["ada", "bilal", "carme", "hypha", "harbour"][number];
        let fields = [("csrf", sent.as_str()), ("login", login), ("password", PASSWORD), ("next", next)];
        let answer = post(&scene, "/log-in", &format!("{FORM}={anonymous}"), &fields).await;
        let to = answer.headers[header::LOCATION].to_str().expect("text");
        assert!(to.starts_with("/?") || to == "/", "{next} leads to {to}");
    }
}

#[tokio::test]
async fn the_page_counts_tries_and_requests_as_the_api_does() {
    let scene = Scene::new().await;
    let form = page(&scene, "/log-in", "").await;
    let (anonymous, sent) = (cookie(&form, FORM).expect("a cookie"), token(&form));
    let guess = async |password: &str| {
        let fields = [("csrf", sent.as_str()), ("login", "ada"), ("password", password)];
        post(&scene, "/log-in", &format!("{FORM}={anonymous}"), &fields).await
    };
    for _ in 0..5 {
        guess("not this one").await;
    }
    let answer = guess(PASSWORD).await;
    assert!(cookie(&answer, SESSION).is_none() && answer.text().contains("too many attempts"), "{}", answer.text());
    let api = json!({"login": "ada", "password": PASSWORD});
    scene.post("", "/api/v1/sign-in", &api).await.refused(StatusCode::TOO_MANY_REQUESTS, "too-many");
}
