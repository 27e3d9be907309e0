//! What others subscribe to.

use axum::http::{StatusCode, header};

use super::scene::Scene;

#[tokio::test]
async fn deadlines_are_in_the_calendar_and_decisions_in_the_feed() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let calendar = scene.get("", "/deadlines.ics").await;
    assert_eq!(calendar.status, StatusCode::OK);
    assert_eq!(calendar.headers[header::CONTENT_TYPE], "text/calendar; charset=utf-8");
    let closes = vote.closes.to_string().replace(['-', ':'], "");
    let text = calendar.text();
    assert!(
        text.contains(&format!("DTSTART:{closes}")) && text.contains("SUMMARY:Voting closes: Rent a server"),
        "{text}"
    );
    assert!(!scene.get("", "/decisions.atom").await.text().contains("<entry>"));
    let decision = scene.decide(&vote).await;
    let feed = scene.get("", "/decisions.atom").await;
    assert_eq!(feed.headers[header::CONTENT_TYPE], "application/atom+xml; charset=utf-8");
    let title = format!("<title>Decision {}: Rent a server</title>", decision["number"]);
    assert!(feed.text().contains(&title), "{}", feed.text());
    assert!(!scene.get("", "/deadlines.ics").await.text().contains("BEGIN:VEVENT"));
}
