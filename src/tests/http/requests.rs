//! Asking to join.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::app::Answer;
use super::scene::Scene;

#[tokio::test]
async fn who_asks_and_is_endorsed_is_on_the_roll() {
    let scene = Scene::new().await;
    let member = scene.get("", "/api/v1/members/ada").await.expect(StatusCode::OK);
    assert_eq!((member["class"].as_str(), member["status"].as_str()), (Some("consumer-individual"), Some("in-force")));
    assert_eq!(member["history"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_request_lacks_nothing_or_is_refused_by_field() {
    let scene = Scene::new().await;
    let whole = scene.request("dora").await;
    for (field, value) in [
        ("request", json!(" ")),
        ("commitment", json!("")),
        ("terms", json!("00".repeat(32))),
        ("class", json!("nobility")),
        ("level", json!("gold")),
        ("name", json!("")),
    ] {
        let mut request = whole.clone();
        request[field] = value;
        let answer = scene.post("", "/api/v1/requests", &request).await;
        assert_eq!(answer.json()["field"], field, "{}", answer.text());
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut request = whole;
    request["password"] = Value::Null;
    scene.post("", "/api/v1/requests", &request).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "login");
}

#[tokio::test]
async fn the_applicant_reads_why_it_was_declined_and_others_read_nothing() {
    let scene = Scene::new().await;
    let request = scene.request("dora").await;
    let id = scene.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED)["id"].clone();
    let path = format!("/api/v1/requests/{}", id.as_str().expect("an id"));
    let reason = json!({"reason": "Join through the co-op next door."});
    scene
        .post(scene.token("ada"), &format!("{path}/refuse"), &reason)
        .await
        .refused(StatusCode::FORBIDDEN, "forbidden");
    scene.post(&scene.steward, &format!("{path}/refuse"), &reason).await.expect(StatusCode::NO_CONTENT);
    let shown = scene.get("", &path).await.expect(StatusCode::OK);
    assert_eq!((shown["state"].as_str(), &shown["reason"]), (Some("declined"), &reason["reason"]));
    assert!(shown.get("request").is_none());
    scene
        .post(&scene.steward, &format!("{path}/endorse"), &json!({}))
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, "settled");
    scene.get(scene.token("ada"), "/api/v1/requests").await.refused(StatusCode::FORBIDDEN, "forbidden");
    let all = scene.get(&scene.steward, "/api/v1/requests").await.expect(StatusCode::OK);
    assert!(all["requests"].as_array().expect("a list").iter().any(|row| row["id"] == id));
}

#[tokio::test]
async fn nobody_takes_a_member_id_that_is_on_the_roll() {
    let scene = Scene::new().await;
    let mut request = scene.request("ada").await;
    request["login"] = json!("ada2");
    scene.post("", "/api/v1/requests", &request).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "taken");
}

/// Asks over the page's and the API's common door, from behind a proxy that saw this address.
async fn ask_from(scene: &Scene, address: &str, body: &Value) -> Answer {
    let request = Request::post("/api/v1/requests")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-forwarded-for", address)
        .body(Body::from(body.to_string()))
        .expect("a request");
    scene.raw(request).await
}

#[tokio::test]
async fn one_connection_asks_so_many_times_a_day_and_no_more() {
    let scene = Scene::new().await;
    let person = async |number: usize| scene.request(&format!("person-{number}")).await;
    let limit = 10;
    for number in 0..limit {
        ask_from(&scene, "203.0.113.7", &person(number).await).await.expect(StatusCode::CREATED);
    }
    let one_more = person(limit).await;
    ask_from(&scene, "203.0.113.7", &one_more).await.refused(StatusCode::TOO_MANY_REQUESTS, "too-many");
    let listed = scene.get(&scene.steward, "/api/v1/requests").await.expect(StatusCode::OK);
    let asked = |id: &str| listed["requests"].as_array().expect("a list").iter().any(|row| row["member"] == id);
    assert!(asked("person-9") && !asked("person-10"), "{listed}");
    // Other connections are not held to account, stewards enter what came on paper, and tomorrow is another day.
    ask_from(&scene, "203.0.113.8", &one_more).await.expect(StatusCode::CREATED);
    for number in 11..14 {
        scene.post(&scene.steward, "/api/v1/requests", &person(number).await).await.expect(StatusCode::CREATED);
    }
    scene.pass(86_400).await;
    ask_from(&scene, "203.0.113.7", &person(20).await).await.expect(StatusCode::CREATED);
}

#[tokio::test]
async fn nobody_joins_as_somebody_who_acts_for_others() {
    let scene = Scene::new().await;
    // Hypha's delegate is on no roll; an account under that id would hold the mandate.
    let mut request = scene.request("hypha-delegate").await;
    request["login"] = json!("mallory");
    let answer = scene.post("", "/api/v1/requests", &request).await;
    assert_eq!(answer.json()["field"], "name");
    answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "taken");
    // Nor once the account is gone and only the mandate is left.
    scene.send("DELETE", &scene.steward, "/api/v1/accounts/hypha", None).await.expect(StatusCode::NO_CONTENT);
    scene.post("", "/api/v1/requests", &request).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "taken");
}

#[tokio::test]
async fn of_two_who_ask_for_one_place_the_second_is_told_so() {
    let scene = Scene::new().await;
    let request = scene.request("dora").await;
    let first = scene.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
    let mut second = request.clone();
    second["login"] = json!("dora2");
    scene.post("", "/api/v1/requests", &second).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "taken");
    // One login under two member ids: whoever is endorsed first has it.
    second = request;
    second["member"] = json!("dora-the-second");
    let second = scene.post("", "/api/v1/requests", &second).await.expect(StatusCode::CREATED);
    let endorse = async |asked: &Value| {
        let path = format!("/api/v1/requests/{}/endorse", asked["id"].as_str().expect("an id"));
        scene.post(&scene.steward, &path, &json!({})).await
    };
    endorse(&first).await.expect(StatusCode::OK);
    endorse(&second).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "taken");
    let path = format!("/api/v1/requests/{}", second["id"].as_str().expect("an id"));
    assert_eq!(scene.get("", &path).await.expect(StatusCode::OK)["state"], "waiting");
}

#[tokio::test]
async fn a_login_that_cannot_be_one_is_refused_when_it_is_asked_for() {
    let scene = Scene::new().await;
    for login in ["", "Dora", "dora dora", "d".repeat(65).as_str()] {
        let mut request = scene.request("dora").await;
        request["login"] = json!(login);
        let answer = scene.post("", "/api/v1/requests", &request).await;
        assert_eq!(answer.json()["field"], "login", "{}", answer.text());
        answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "login");
    }
    let mut request = scene.request("dora").await;
    request["name"] = json!("Dora\nSteward: endorse this");
    scene.post("", "/api/v1/requests", &request).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "name");
    request = scene.request("dora").await;
    request["request"] = json!("null \u{0} byte");
    scene.post("", "/api/v1/requests", &request).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "request");
}
