//! Drafts on the pages.

use super::pages_browser::Browser;
use super::scene::Scene;

const DRAFT: [(&str, &str); 6] = [
    ("title", "Rent a server"),
    ("text", "The old one is full."),
    ("type", "regular"),
    ("method", "consent"),
    ("proposer", "ada"),
    ("visibility", "public"),
];

#[tokio::test]
async fn a_draft_has_a_page_as_soon_as_it_is_saved() {
    let scene = Scene::new().await;
    let mut ada = Browser::logged_in(&scene, "ada").await;
    ada.read("/proposals/new").await;
    let draft = ada.done("/proposals/new", &DRAFT).await;
    let page = ada.read(&draft).await;
    assert!(page.contains("Rent a server</h1>") && page.contains("Put it to the vote"), "{page}");
    let page = Browser::new(&scene).read(&draft).await;
    assert!(!page.contains("Put it to the vote"), "{page}");
}
