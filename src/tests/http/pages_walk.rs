//! Walks every page of a node that is in use, from link to link, as a visitor, a member and a steward would, and looks
//! over what all pages have to have in common.

use std::collections::{BTreeSet, VecDeque};

use axum::http::{StatusCode, header};

use super::pages_browser::Browser;
use super::scene::Scene;
use serde_json::json;

/// More pages than the scene has; a walk that finds more goes in circles.
const PAGES_MOST: usize = 400;

/// A node with a draft, an open vote, a decision by consent, one by choice, a request and a mandate.
async fn scene() -> Scene {
    let scene = Scene::new().await;
    let mut choice = Scene::consent();
    choice["method"] = json!("single-choice");
    choice["options"] = json!(["Red", "Green", "Blue"]);
    for body in [Scene::consent(), choice] {
        let vote = scene.open(&body).await;
        let choices = if body["method"] == "consent" { ["agree"] } else { ["Green"] };
        for login in ["ada", "collectivetools", "harbour"] {
            scene.cast(&vote, login, &choices).await.expect(StatusCode::CREATED);
        }
        scene.decide(&vote).await;
    }
    scene.draft(&Scene::consent()).await;
    let open = scene.open(&Scene::consent()).await;
    scene.cast(&open, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    let comment = json!({"text": "Is it *needed*?"});
    let path = format!("/api/v1/proposals/{}/comments", open.key);
    scene.post(scene.token("ada"), &path, &comment).await.expect(StatusCode::CREATED);
    let request = scene.request("dora").await;
    scene.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
    scene
}

/// The addresses on this node that a page links to, without what stands behind `#`.
fn links(html: &str) -> Vec<String> {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = links.filter(|href| href.starts_with('/') && !href.starts_with("/static/"));
    own.map(|href| href.split('#').next().unwrap_or(href).replace("&amp;", "&")).collect()
}

fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!(" {attribute}=\"");
    html.split(mark.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn look_over(path: &str, html: &str) {
    assert!(html.contains("<html lang=\"en\""), "{path}: no language");
    assert_eq!(html.matches("<h1").count(), 1, "{path}: one first heading");
    assert_eq!(html.matches("<main").count(), 1, "{path}: one main part");
    let ids = values(html, "id");
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len(), "{path}: an id twice in {ids:?}");
    for name in ["for", "aria-labelledby", "aria-describedby"] {
        for id in values(html, name).into_iter().flat_map(str::split_whitespace) {
            assert!(known.contains(id), "{path}: {name} names {id}, which is not there");
        }
    }
    let labelled: BTreeSet<&str> = values(html, "for").into_iter().collect();
    for field in html.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
        let id = values(field, "id");
        let named = field.contains("type=\"hidden\"") || id.first().is_some_and(|id| labelled.contains(id));
        assert!(named, "{path}: a field without a label: {field}");
    }
    for chart in html.split("<svg").skip(1).filter_map(|rest| rest.split("</svg>").next()) {
        let silent = chart.split('>').next().is_some_and(|tag| tag.contains("aria-hidden=\"true\""));
        assert!(silent || chart.contains("<title"), "{path}: a picture without a title");
    }
    for table in html.split("<table").skip(1).filter_map(|rest| rest.split("</table>").next()) {
        assert!(table.contains("<caption"), "{path}: a table without a caption");
        assert!(table.contains("scope=\"col\""), "{path}: a table without heads");
    }
    // The policy of the node's headers forbids them; a page that has them is broken.
    for forbidden in [" style=\"", "<style", " onclick=", "<script>", "javascript:"] {
        assert!(!html.contains(forbidden), "{path}: {forbidden}");
    }
}

async fn walk(mut browser: Browser<'_>) -> BTreeSet<String> {
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut ahead = VecDeque::from(["/".to_owned()]);
    while let Some(path) = ahead.pop_front() {
        let answer = browser.get(&path).await;
        // A page for others asks to log in, or says that it is not for you; nothing that is linked is missing or broken.
        let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::UNPROCESSABLE_ENTITY];
        let shown = answer.status == StatusCode::OK || refused.contains(&answer.status);
        assert!(shown, "{path}: {} {}", answer.status, answer.text());
        let kind = answer.headers[header::CONTENT_TYPE].to_str().expect("text").to_owned();
        if !kind.starts_with("text/html") {
            continue;
        }
        assert!(answer.headers.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
        let html = answer.text();
        look_over(&path, &html);
        for link in links(&html) {
            if seen.insert(link.clone()) {
                assert!(seen.len() < PAGES_MOST, "{seen:?}");
                ahead.push_back(link);
            }
        }
    }
    seen
}

#[tokio::test]
async fn every_link_of_a_visitor_leads_to_a_sound_page() {
    let scene = scene().await;
    let seen = walk(Browser::new(&scene)).await;
    let decisions = seen.iter().filter(|path| path.starts_with("/decisions/"));
    assert_eq!(decisions.count(), 2, "{seen:?}");
    for path in ["/members/ada", "/charter", "/consortium", "/join", "/log-in"] {
        assert!(seen.contains(path), "{path} is not linked: {seen:?}");
    }
    assert!(!seen.contains("/stewards"));
}

#[tokio::test]
async fn every_link_of_a_member_leads_to_a_sound_page() {
    let scene = scene().await;
    let seen = walk(Browser::logged_in(&scene, "ada").await).await;
    for place in ["/ballots/", "/proposals/new?amend=", "/account"] {
        assert!(seen.iter().any(|path| path.starts_with(place)), "{place} is not linked: {seen:?}");
    }
}

#[tokio::test]
async fn every_link_of_a_steward_leads_to_a_sound_page() {
    let scene = scene().await;
    let seen = walk(Browser::logged_in(&scene, "steward").await).await;
    for path in ["/stewards/requests", "/stewards/roll", "/stewards/mandates", "/stewards/notice"] {
        assert!(seen.contains(path), "{path} is not linked: {seen:?}");
    }
    for deed in ["/edit", "/open", "/extend", "/withdraw"] {
        assert!(seen.iter().any(|path| path.ends_with(deed)), "{deed} is not linked: {seen:?}");
    }
}
