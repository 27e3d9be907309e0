//! Asking to join on a node's page.

use axum::http::StatusCode;

use super::app::PASSWORD;
use super::pages_browser::Browser;
use super::scene::Scene;

/// The digest of the terms as the form carries it.
fn terms(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"terms\" value=\"").expect("terms to agree to");
    rest.split('"').next().expect("a value").to_owned()
}

fn request<'a>(login: &'a str, terms: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", login),
        ("place", "consumer-individual/standard"),
        ("request", "I meet here every week."),
        ("commitment", ""),
        ("terms", terms),
        ("login", login),
        ("password", PASSWORD),
    ]
}

#[tokio::test]
async fn a_request_without_its_three_parts_is_refused_and_kept() {
    let scene = Scene::new().await;
    let mut newcomer = Browser::new(&scene);
    let page = newcomer.read("/join").await;
    // The article that says so is named, and is there.
    assert!(page.contains("(Article 2.1.)"), "{page}");
    let terms = terms(&page);
    for (field, id, words) in [
        ("request", "request", "Write a few lines about why you want to join."),
        ("terms", "terms", "Read the terms and agree to them."),
        ("place", "place", "Choose a class and what you commit to."),
    ] {
        let mut fields = request("dora", &terms);
        fields.retain(|(name, _)| *name != field);
        let page = newcomer.mended("/join", &fields).await;
        assert!(page.contains(&format!("<a href=\"#{id}\">{words}</a>")), "{page}");
        assert!(page.contains("value=\"dora\"") && !page.contains(PASSWORD), "{page}");
    }
    let answer = newcomer.send("/join", &request("dora", &terms)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text().contains("Thank you, dora."), "{}", answer.text());
}

#[tokio::test]
async fn one_address_asks_only_so_often_a_day() {
    let scene = Scene::new().await;
    let most = scene.app.config.limits.join_requests;
    let mut newcomer = Browser::at(&scene, "198.51.100.7");
    let terms = terms(&newcomer.read("/join").await);
    for number in 0..most {
        let login = format!("dora-{number}");
        let answer = newcomer.send("/join", &request(&login, &terms)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    let page = newcomer.mended("/join", &request("one-more", &terms)).await;
    assert!(page.contains("Too many requests to join") && page.contains("value=\"one-more\""), "{page}");
    let mut neighbour = Browser::at(&scene, "198.51.100.8");
    neighbour.read("/join").await;
    assert_eq!(neighbour.send("/join", &request("neighbour", &terms)).await.status, StatusCode::OK);
    scene.pass(86_400).await;
    assert_eq!(newcomer.send("/join", &request("next-day", &terms)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_api_keeps_the_same_limit_and_stewards_are_free_of_it() {
    let scene = Scene::new().await;
    let most = scene.app.config.limits.join_requests;
    let mut refused = None;
    for number in 0..=most {
        let request = scene.request(&format!("person-{number}")).await;
        let answer = scene.post("", "/api/v1/requests", &request).await;
        if answer.status != StatusCode::CREATED {
            refused = Some(answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "too-many"));
        }
    }
    assert!(refused.is_some_and(|words| words.contains("tomorrow")));
    let request = scene.request("on-paper").await;
    scene.post(&scene.steward, "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
}
