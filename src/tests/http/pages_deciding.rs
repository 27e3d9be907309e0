//! From a draft to a decision on the pages.

use axum::http::StatusCode;
use serde_json::json;

use super::pages_browser::Browser;
use super::scene::{DEVICE, Scene};

#[tokio::test]
async fn a_choice_is_voted_on_and_shown_by_its_options() {
    let scene = Scene::new().await;
    let mut body = Scene::consent();
    body["method"] = json!("single-choice");
    body["options"] = json!(["In Barcelona", "In Bristol", "Online"]);
    let vote = scene.open(&body).await;
    let path = format!("/proposals/{}", vote.key);
    let mut ada = Browser::logged_in(&scene, "ada").await;
    assert!(ada.read(&path).await.contains("Nobody has voted yet."));
    let page = ada.mended(&format!("{path}/ballot"), &[("voter", "ada")]).await;
    assert!(page.contains("href=\"#choice\""), "{page}");
    let receipt = ada.done(&format!("{path}/ballot"), &[("voter", "ada"), ("choice", "1")]).await;
    assert!(ada.read(&receipt).await.contains("In Bristol"));
    let page = ada.read(&path).await;
    assert!(page.contains("So far “In Bristol” leads with 100 % of the weighted vote."), "{page}");
    scene.decide(&vote).await;
    let page = ada.read("/decisions/1").await;
    assert!(page.contains("“In Bristol” is chosen, with 100 % of the weighted vote."), "{page}");
    for words in ["nobody blocks", "<th scope=\"col\" class=\"number\">Disagree</th>"] {
        assert!(!page.contains(words), "{words}: {page}");
    }
    assert!(ada.read(&receipt).await.contains("It was counted in the certified result."));
}

#[tokio::test]
async fn what_is_asked_of_a_vote_is_shown_with_its_reason() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let path = format!("/proposals/{}", vote.key);
    let mut steward = Browser::logged_in(&scene, "steward").await;
    let earlier = [("closes", "2020-01-01T10:00"), ("reason", "Sooner is better.")];
    let page = steward.mended(&format!("{path}/extend"), &earlier).await;
    assert!(page.contains("never shortened") && page.contains("Sooner is better."), "{page}");
    let later = vote.closes.plus(3600).to_string();
    let fields = [("closes", &later[..16]), ("reason", "Two co-ops meet on Wednesday.")];
    steward.done(&format!("{path}/extend"), &fields).await;
    let page = Browser::new(&scene).read(&path).await;
    assert!(page.contains("extends the vote until") && page.contains("Two co-ops meet on Wednesday."), "{page}");
    steward.done(&format!("{path}/withdraw"), &[("reason", "It is overtaken.")]).await;
    let page = steward.read(&path).await;
    assert!(page.contains("takes the proposal back") && page.contains("It is overtaken."), "{page}");
    assert!(!page.contains(&format!("href=\"{path}/withdraw\"")), "{page}");
}

#[tokio::test]
async fn whoever_is_on_no_roll_is_told_so_before_writing() {
    let scene = Scene::new().await;
    let mut steward = Browser::logged_in(&scene, "steward").await;
    assert!(!steward.read("/proposals").await.contains("class=\"button\" href=\"/proposals/new\""));
    let page = steward.read("/proposals/new").await;
    assert!(page.contains("You are not on the roll of this node") && !page.contains("name=\"title\""), "{page}");
}

#[tokio::test]
async fn a_place_of_the_charter_is_put_to_the_vote_from_its_page() {
    let scene = Scene::new().await;
    let mut ada = Browser::logged_in(&scene, "ada").await;
    let charter = ada.read("/charter").await;
    for place in ["blocks.override_at_least", "articles.4", "types.constitutional.threshold"] {
        assert!(charter.contains(&format!("/proposals/new?amend={place}")), "{place}");
    }
    for words in
        ["Weighted vote that overrules a block", "Article 3 of the founding document asks for rough consensus;"]
    {
        assert!(charter.contains(words), "{words}: {charter}");
    }
    for code in ["R32", "<code>blocks."] {
        assert!(!charter.contains(code), "{code}: {charter}");
    }
    let form = "/proposals/new?amend=blocks.override_at_least";
    let page = ada.read(form).await;
    assert!(page.contains("name=\"amend_value\" type=\"text\" value=\"3/4\""), "{page}");
    assert!(!page.contains("value=\"urgent\""), "only types that may change the charter: {page}");
    let fields = |value| {
        [
            ("title", "Blocks weigh more"),
            ("text", "Four fifths overrule a block."),
            ("type", "constitutional"),
            ("method", "consent"),
            ("proposer", "ada"),
            ("visibility", "public"),
            ("amend_value", value),
        ]
    };
    let page = ada.mended(form, &fields("most of us")).await;
    assert!(page.contains("href=\"#amend_value\"") && page.contains("value=\"most of us\""), "{page}");
    let draft = ada.done(form, &fields("4/5")).await;
    let page = ada.read(&draft).await;
    assert!(page.contains("Weighted vote that overrules a block: 3/4 → 4/5"), "{page}");
    assert!(!page.contains("override_at_least"), "{page}");
}

#[tokio::test]
async fn an_amendment_of_a_threshold_or_of_a_text_is_one_change_in_words() {
    let scene = Scene::new().await;
    let mut ada = Browser::logged_in(&scene, "ada").await;
    let mut draft = async |place: &str, value: &str| {
        let form = format!("/proposals/new?amend={place}");
        ada.read(&form).await;
        let fields = [
            ("title", "Change it"),
            ("text", "As discussed."),
            ("type", "constitutional"),
            ("method", "consent"),
            ("proposer", "ada"),
            ("visibility", "public"),
            ("amend_value", value),
        ];
        let draft = ada.done(&form, &fields).await;
        ada.read(&draft).await
    };
    let page = draft("types.regular.threshold", "at least 2/3").await;
    assert!(page.contains("Threshold of the type “regular”: more than 1/2 → at least 2/3"), "{page}");
    for typed in ["2 days", "48 h"] {
        let page = draft("roll.minimum_age_seconds", typed).await;
        assert!(page.contains("must have joined: 0 seconds → 2 days"), "{page}");
    }
    let text = "The collective may hand executive work to circles.";
    let page = draft("articles.4", text).await;
    assert!(page.contains("Text of the article “Organisation”") && page.contains("<ins>"), "{page}");
    assert!(!page.contains("articles.4.text"), "{page}");
}

#[tokio::test]
async fn whoever_signs_elsewhere_is_told_the_whole_command_and_what_to_choose_from() {
    let scene = Scene::new().await;
    let mut carme = Browser::logged_in(&scene, DEVICE).await;
    let vote = scene.open(&Scene::consent()).await;
    let page = carme.read(&format!("/proposals/{}", vote.key)).await;
    let command = format!(
        "folkmoot vote --node https://tools.example --proposal {} --as carme --key my.key --choice CHOICE</pre>",
        vote.key
    );
    assert!(page.contains(&command), "{page}");
    for words in ["<code>agree</code>", "<code>block</code>", "<code>&#39;It breaks a law or a commitment&#39;</code>"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let mut choice = Scene::consent();
    choice["method"] = json!("approval");
    choice["options"] = json!(["In Barcelona", "Online"]);
    choice["visibility"] = json!("consortium");
    let vote = scene.open(&choice).await;
    let page = carme.read(&format!("/proposals/{}", vote.key)).await;
    for words in
        ["--token TOKEN --choice CHOICE", "<code>&#39;In Barcelona&#39;</code>", "<code>Online</code>", "repeat"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("--ground"), "{page}");
}

#[tokio::test]
async fn an_organisation_is_admitted_by_a_proposal_that_its_request_leads_to() {
    let scene = Scene::new().await;
    let mut request = scene.request("radio").await;
    request["class"] = json!("consumer-organisation");
    scene.post("", "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
    let mut steward = Browser::logged_in(&scene, "steward").await;
    let page = steward.read("/stewards/requests").await;
    let endorse = page.split("action=\"").find(|rest| rest.contains("/endorse\"")).expect("a form to endorse");
    let endorse = endorse.split('"').next().expect("an address").to_owned();
    steward.done(&endorse, &[]).await;
    let page = steward.read("/stewards/requests").await;
    let link = page.split("href=\"").find(|rest| rest.starts_with("/proposals/new?admit=")).expect("a way on");
    let link = link.split('"').next().expect("an address").to_owned();
    let mut tools = Browser::logged_in(&scene, "collectivetools").await;
    let page = tools.read(&link).await;
    assert!(page.contains("value=\"Admit radio\"") && page.contains("I use it every week."), "{page}");
    let (_, effects) = page.split_once("name=\"effects\" value=\"").expect("effects");
    let effects = effects.split('"').next().expect("a value").replace("&quot;", "\"");
    let fields = [
        ("title", "Admit radio"),
        ("text", "They use it every week."),
        ("type", "regular"),
        ("method", "consent"),
        ("proposer", "collectivetools"),
        ("visibility", "public"),
        ("effects", effects.as_str()),
    ];
    let draft = tools.done("/proposals/new", &fields).await;
    assert!(tools.read(&draft).await.contains("radio joins the roll"));
}

#[tokio::test]
async fn a_block_says_its_ground_and_what_would_have_to_change() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let path = format!("/proposals/{}", vote.key);
    let ballot = format!("{path}/ballot");
    let mut ada = Browser::logged_in(&scene, "ada").await;
    ada.read(&path).await;
    let page = ada.mended(&ballot, &[("voter", "ada"), ("choice", "3"), ("block_text", "It binds us.")]).await;
    assert!(page.contains("<a href=\"#ground\">Choose the ground of the block.</a>"), "{page}");
    assert!(page.contains("It binds us.</textarea>"), "{page}");
    let page = ada.mended(&ballot, &[("voter", "ada")]).await;
    assert!(page.contains("<a href=\"#choice\">Choose your answer.</a>"), "{page}");
    let ground = "It breaks a law or a commitment";
    let fields = [("voter", "ada"), ("choice", "3"), ("ground", ground), ("block_text", "It binds us.")];
    ada.done(&ballot, &fields).await;
    let page = ada.read(&path).await;
    // Whoever looks again finds the block as it was cast.
    assert!(page.contains(&format!("<option selected>{ground}</option>")), "{page}");
    assert!(page.contains("Individual consumers: 0 of 1 agree.") && page.contains("Producers: nobody yet."), "{page}");
}

#[tokio::test]
async fn a_ballot_after_the_close_is_refused_on_the_page_that_says_so() {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    let path = format!("/proposals/{}", vote.key);
    let mut ada = Browser::logged_in(&scene, "ada").await;
    ada.read(&path).await;
    ada.done(&format!("{path}/ballot"), &[("voter", "ada"), ("choice", "0")]).await;
    scene.pass_until(vote.closes).await;
    let page = ada.mended(&format!("{path}/ballot"), &[("voter", "ada"), ("choice", "2")]).await;
    assert!(page.contains("Voting has closed.") && !page.contains("href=\"#choice\""), "{page}");
    // What counts is what was cast in time.
    assert!(page.contains("Cast: Agree"), "{page}");
}

#[tokio::test]
async fn a_wrong_password_is_told_in_plain_words() {
    let scene = Scene::new().await;
    let mut browser = Browser::new(&scene);
    browser.read("/log-in").await;
    let page = browser.mended("/log-in", &[("login", "ada"), ("password", "not this one")]).await;
    assert!(page.contains("The name or the password is not right.") && page.contains("value=\"ada\""), "{page}");
    let page = browser.get("/account").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.text().contains("Log in first</h1>") && page.text().contains("/log-in?next=%2Faccount"));
}
