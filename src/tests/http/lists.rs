//! Long lists: pages that lead to each other, in the API by the header `Link` and on the pages by links, with every row
//! once, and nothing that a stranger may not know of.

use std::collections::BTreeSet;

use axum::http::{StatusCode, header};
use folkmoot::storage::proposals::{self, Version};
use folkmoot::storage::{decisions, faults};
use folkmoot_governance::codec::Unsigned;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Body, FaultKind, FaultReport, Signer, Visibility};
use serde_json::{Value, json};

use super::app::{Answer, PASSWORD, TestApp};
use super::pages_browser::Browser;
use super::scene::Scene;

/// A word of every title that is not for strangers.
const SECRET: &str = "quince";

/// The address that a `Link` header gives for the page beside this one.
fn linked(answer: &Answer, relation: &str) -> Option<String> {
    let links = answer.headers.get(header::LINK)?.to_str().expect("text");
    let end = format!("; rel=\"{relation}\"");
    let link = links.split(", ").find_map(|link| link.strip_suffix(&end))?;
    let address = link.trim_start_matches('<').trim_end_matches('>');
    Some(address.strip_prefix("https://tools.example").expect("an address of the node").to_owned())
}

/// Every page of a list of the API, from the first to the last.
async fn pages(test: &TestApp, token: &str, path: &str, name: &str) -> Vec<Vec<Value>> {
    let (mut path, mut all) = (path.to_owned(), Vec::new());
    loop {
        let answer = test.get(token, &path).await;
        let next = linked(&answer, "next");
        all.push(answer.expect(StatusCode::OK)[name].as_array().expect("a list").clone());
        match next {
            Some(next) => path = next,
            None => return all,
        }
        assert!(all.len() < 100, "{path} has no end");
    }
}

fn texts(rows: &[Value], field: &str) -> Vec<String> {
    rows.iter().map(|row| row[field].as_str().expect(field).to_owned()).collect()
}

/// That every row is there once, on pages that are full but for the last one.
#[track_caller]
fn whole(pages: &[Vec<Value>], field: &str, rows: usize, of: usize) {
    let all = texts(&pages.concat(), field);
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (rows, rows), "{all:?}");
    let (last, others) = pages.split_last().expect("a page");
    assert!(others.iter().all(|page| page.len() == of) && (1..=of).contains(&last.len()), "{pages:?}");
}

/// The addresses that the pages of a list on a page of the site lead to, from the first to the last, with their documents.
async fn shown(browser: &mut Browser<'_>, path: &str, relation: &str) -> Vec<String> {
    let (mut path, mut all) = (path.to_owned(), Vec::new());
    loop {
        let page = browser.read(path.split('#').next().unwrap_or_default()).await;
        let next = turn(&page, relation);
        all.push(page);
        match next {
            Some(next) => path = next,
            None => return all,
        }
        assert!(all.len() < 50, "{path} has no end");
    }
}

/// Where a page leads with this relation.
fn turn(page: &str, relation: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!("\" rel=\"{relation}\">"))?;
    let (_, address) = before.rsplit_once("<a href=\"")?;
    Some(address.replace("&amp;", "&").replace("&#x2f;", "/"))
}

/// What stands between two marks, each time.
fn between<'p>(page: &'p str, before: &str, after: &str) -> Vec<&'p str> {
    page.split(before).skip(1).filter_map(|rest| rest.split(after).next()).collect()
}

async fn draft(scene: &Scene, number: u32, visibility: &str) -> String {
    let mut draft = Scene::consent();
    let word = if visibility == "public" { "server" } else { SECRET };
    draft["title"] = json!(format!("Rent {word} {number}"));
    draft["visibility"] = json!(visibility);
    scene.draft(&draft).await
}

/// A public consortium with 24 public drafts and 12 that are not.
async fn with_drafts() -> Scene {
    let scene = Scene::new().await;
    for number in 0..36 {
        draft(&scene, number, if number % 3 == 1 { "consortium" } else { "public" }).await;
        if number % 10 == 9 {
            scene.pass(1).await;
        }
    }
    // What is drafted from here on is newer than all of them.
    scene.pass(1).await;
    scene
}

#[tokio::test]
async fn the_pages_of_the_api_show_every_proposal_once_while_others_arrive() {
    let scene = with_drafts().await;
    let (mut path, mut seen) = ("/api/v1/proposals?limit=7".to_owned(), Vec::new());
    let mut last = None;
    for turn in 0.. {
        let answer = scene.get(scene.token("ada"), &path).await;
        let (next, previous) = (linked(&answer, "next"), linked(&answer, "prev"));
        assert_eq!(previous.is_some(), turn > 0);
        seen.extend(texts(answer.expect(StatusCode::OK)["proposals"].as_array().expect("a list"), "title"));
        draft(&scene, 100 + turn, "public").await;
        let Some(next) = next else {
            last = previous;
            break;
        };
        path = next;
    }
    let distinct: BTreeSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (36, 36), "{seen:?}");
    // The way back ends at what arrived meanwhile.
    let mut back = Vec::new();
    while let Some(path) = last {
        let answer = scene.get(scene.token("ada"), &path).await;
        last = linked(&answer, "prev");
        let rows = texts(answer.expect(StatusCode::OK)["proposals"].as_array().expect("a list"), "title");
        back.splice(0..0, rows);
    }
    let arrived = back.len() - (36 - 36 % 7);
    assert!((5..=7).contains(&arrived), "{back:?}");
    assert_eq!(back[arrived..], seen[..back.len() - arrived]);
}

#[tokio::test]
async fn a_stranger_has_full_pages_and_learns_of_nothing_else() {
    let scene = with_drafts().await;
    for path in ["/api/v1/proposals?limit=5", "/api/v1/proposals?state=draft&limit=5"] {
        let pages = pages(&scene, "", path, "proposals").await;
        whole(&pages, "key", 24, 5);
        assert!(!format!("{pages:?}").contains(SECRET));
    }
    whole(&pages(&scene, scene.token("ada"), "/api/v1/proposals?limit=200", "proposals").await, "key", 36, 200);
    let shown = shown(&mut Browser::new(&scene), "/proposals?show=drafts", "next").await;
    let cards: Vec<usize> = shown.iter().map(|page| page.matches("<li class=\"card\">").count()).collect();
    assert_eq!(cards, [20, 4]);
    assert!(shown.iter().all(|page| !page.contains(SECRET)));
    let usage = scene.get("", "/nodeinfo/2.1").await.expect(StatusCode::OK)["usage"].clone();
    assert_eq!(usage["localPosts"], 24, "{usage}");
}

#[tokio::test]
async fn pages_of_the_site_lead_to_each_other_without_a_script() {
    let scene = with_drafts().await;
    let mut ada = Browser::logged_in(&scene, "ada").await;
    let first = ada.read("/proposals?show=drafts").await;
    assert!(first.contains("<nav class=\"turns\" aria-label=\"Pages: Proposals\">"), "{first}");
    assert!(turn(&first, "prev").is_none());
    let second = ada.read(&turn(&first, "next").expect("more")).await;
    let back = ada.read(&turn(&second, "prev").expect("a way back")).await;
    let titles = |page: &str| {
        between(page, "<h3><a href=\"/proposals/", "</a>").iter().map(|t| (*t).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((titles(&first).len(), titles(&second).len()), (20, 16));
    assert_eq!(titles(&back), titles(&first));
    let all: BTreeSet<String> = [titles(&first), titles(&second)].concat().into_iter().collect();
    assert_eq!(all.len(), 36);
}

#[tokio::test]
async fn what_is_no_place_and_no_limit_is_refused() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let steward = scene.steward.clone();
    for list in
        ["proposals", "decisions", "members", "requests", "faults", "notices", &format!("proposals/{key}/comments")]
    {
        let path = format!("/api/v1/{list}");
        // The place of another list, bytes that are no text, a character that no database takes, and nothing at all.
        for page in ["YWFkYQphZGE", "YTUK_w", "YTUKAGE", "%00", "..", "a5", "%F0%9F%97%B3", &"A".repeat(5_000)] {
            if list == "members" && page == "YWFkYQphZGE" {
                continue;
            }
            let detail =
                scene.get(&steward, &format!("{path}?page={page}")).await.refused(StatusCode::BAD_REQUEST, "query");
            assert!(detail.contains("begin again without `page`"), "{detail}");
        }
        for limit in ["0", "-1", "1.5", "many", "99999999999999999999999999"] {
            let detail =
                scene.get(&steward, &format!("{path}?limit={limit}")).await.refused(StatusCode::BAD_REQUEST, "query");
            assert!(detail.contains("1 to 200"), "{detail}");
        }
        scene.get(&steward, &format!("{path}?limit=1000000")).await.expect(StatusCode::OK);
        scene.get(&steward, &format!("{path}?since_id=1")).await.refused(StatusCode::BAD_REQUEST, "query");
    }
    let mut browser = Browser::logged_in(&scene, "steward").await;
    for path in ["/proposals", "/decisions", "/stewards/roll", "/stewards/mandates", &format!("/proposals/{key}")] {
        assert_eq!(browser.get(&format!("{path}?page=YTUKAGE")).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    for path in ["/members?list=producer", "/consortium?list=faults", "/stewards/requests?list=applications"] {
        assert_eq!(browser.get(&format!("{path}&page=x")).await.status, StatusCode::BAD_REQUEST, "{path}");
        // Another list of the page does not mind.
        assert_eq!(browser.get(&format!("{path}s&page=x")).await.status, StatusCode::OK, "{path}");
    }
}

/// One decided vote, and 44 further decisions made like it; every third one is for the consortium alone.
async fn with_decisions() -> Scene {
    let scene = Scene::new().await;
    let vote = scene.open(&Scene::consent()).await;
    scene.cast(&vote, "ada", &["agree"]).await.expect(StatusCode::CREATED);
    scene.decide(&vote).await;
    let (opening, node, consortium) = (vote.digest, scene.app.node.clone(), scene.consortium);
    let made = scene.app.db.write(async move |conn| {
        let row = decisions::find(conn, opening, 0).await?.expect("a decision");
        let certificate = decisions::certificate(conn, opening, 0).await?.expect("its certificate");
        let proposal = proposals::by_digest(conn, opening).await?.expect("a proposal");
        for number in 2..46_u32 {
            let mut question = proposal.question()?;
            question.id = format!("{}/proposals/{number}", node.base());
            let secret = number % 3 == 0;
            question.name = format!("Rent {} {number}", if secret { SECRET } else { "server" });
            question.visibility = if secret { Visibility::Consortium } else { Visibility::Public };
            question.supersedes = if number == 3 { vec![opening] } else { Vec::new() };
            let closes = row.closed_at.plus(i64::from(number));
            let unsigned = Unsigned {
                signer: Signer::Node(node.clone()),
                published: closes,
                consortium,
                epoch: 0,
                body: Body::Question(Box::new(question.clone())),
            };
            let signed = unsigned.sign(&SecretKey::from_seed([3; 32])).expect("a statement of ordinary size");
            let version = Version {
                id: &question.id,
                key: &Digest::of(question.id.as_bytes()).short(16),
                node: &node,
                question: &question,
                statement: &signed.bytes,
                digest: signed.digest,
                epoch: 0,
                opens: proposal.opens,
                closes: Some(closes),
                published: closes,
            };
            proposals::put_version(conn, &version).await?;
            let number = Some(u64::from(number));
            proposals::decided(conn, signed.digest, "passed", closes, 0, number).await?;
            let decision = decisions::DecisionRow { proposal: signed.digest, number, closed_at: closes, ..row.clone() };
            decisions::put(conn, &decision, &certificate).await?;
        }
        Ok::<_, folkmoot::storage::Error>(())
    });
    made.await.expect("decisions");
    scene
}

#[tokio::test]
async fn the_register_is_read_and_searched_page_by_page() {
    let scene = with_decisions().await;
    let (all, public) = (45, 30);
    whole(&pages(&scene, scene.token("ada"), "/api/v1/decisions?limit=10", "decisions").await, "key", all, 10);
    let visible = pages(&scene, "", "/api/v1/decisions?limit=10", "decisions").await;
    whole(&visible, "key", public, 10);
    assert!(!format!("{visible:?}").contains(SECRET));
    let numbers: Vec<u64> = visible.concat().iter().filter_map(|row| row["number"].as_u64()).collect();
    assert_eq!((numbers.first(), numbers.last()), (Some(&44), Some(&1)));
    // A search has full pages, too.
    whole(&pages(&scene, "", "/api/v1/decisions?q=SERVER&limit=4", "decisions").await, "key", public, 4);
    whole(&pages(&scene, "", "/api/v1/decisions?q=server%2041&limit=4", "decisions").await, "key", 1, 4);
    assert!(pages(&scene, "", &format!("/api/v1/decisions?q={SECRET}"), "decisions").await.concat().is_empty());
    let shown = shown(&mut Browser::new(&scene), "/decisions?q=server", "next").await;
    let cards: Vec<usize> = shown.iter().map(|page| page.matches("<li class=\"card\">").count()).collect();
    assert_eq!(cards, [20, 10]);
    // The feed and the first page show the newest.
    let feed = scene.get("", "/decisions.atom").await.text();
    assert_eq!((feed.matches("<entry>").count(), feed.contains(SECRET)), (public, false));
    let home = Browser::new(&scene).read("/").await;
    assert!(home.contains("Rent server 44") && !home.contains("Rent server 37") && !home.contains(SECRET), "{home}");
}

#[tokio::test]
async fn what_replaced_a_decision_is_said_to_those_who_may_know_of_it() {
    let scene = with_decisions().await;
    let visitor = Browser::new(&scene).read("/decisions/1").await;
    let member = Browser::logged_in(&scene, "ada").await.read("/decisions/1").await;
    let replacing =
        format!("/decisions/{}", Digest::of(format!("{}/proposals/3", scene.app.node.base()).as_bytes()).short(16));
    assert!(member.contains(&replacing) && !visitor.contains(&replacing), "{member}");
}

#[tokio::test]
async fn earlier_decisions_are_replaced_by_their_numbers() {
    let scene = with_decisions().await;
    let mut ada = Browser::logged_in(&scene, "ada").await;
    let page = ada.read("/proposals/new").await;
    assert_eq!(page.matches("name=\"supersedes\"").count(), 10, "{page}");
    let ticked = between(&page, "name=\"supersedes\" value=\"", "\"")[0].to_owned();
    let mut draft = vec![
        ("title", "Rent a server"),
        ("text", "The old one is full."),
        ("type", "regular"),
        ("method", "consent"),
        ("proposer", "ada"),
        ("visibility", "public"),
        ("supersedes", ticked.as_str()),
        ("supersedes_others", "7, 99"),
    ];
    let page = ada.mended("/proposals/new", &draft).await;
    assert!(page.contains("href=\"#supersedes_others\"") && page.contains("value=\"7, 99\""), "{page}");
    draft.pop();
    draft.push(("supersedes_others", "7, 1"));
    let saved = ada.done("/proposals/new", &draft).await;
    let shown = scene.get(scene.token("ada"), &format!("/api/v1{saved}")).await.expect(StatusCode::OK);
    let listed = pages(&scene, scene.token("ada"), "/api/v1/decisions", "decisions").await.concat();
    let replaced = listed.iter().filter(|row| matches!(row["number"].as_u64(), Some(1 | 7 | 45)));
    let replaced: BTreeSet<&str> = replaced.filter_map(|row| row["proposal"].as_str()).collect();
    let supersedes = shown["supersedes"].as_array().expect("a list");
    assert_eq!(supersedes.iter().filter_map(Value::as_str).collect::<BTreeSet<_>>(), replaced);
    // A new version keeps them.
    let edit = ada.read(&format!("{saved}/edit")).await;
    assert!(
        between(&edit, "name=\"supersedes\" value=\"", ">").iter().filter(|rest| rest.contains("checked")).count() == 3
    );
}

#[tokio::test]
async fn a_long_thread_is_read_part_by_part() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let path = format!("/api/v1/proposals/{key}/comments");
    let mut first = Value::Null;
    for number in 0..45 {
        let comment = json!({"text": format!("Contribution {number}.")});
        let posted = scene.post(scene.token("ada"), &path, &comment).await.expect(StatusCode::CREATED);
        if number == 0 {
            first = posted["id"].clone();
        }
        if number % 7 == 0 {
            scene.pass(1).await;
        }
    }
    whole(&pages(&scene, "", &format!("{path}?limit=10"), "comments").await, "id", 45, 10);
    let whole_proposal = scene.get("", &format!("/api/v1/proposals/{key}")).await.expect(StatusCode::OK);
    assert_eq!(
        (whole_proposal["commentCount"].as_u64(), whole_proposal["comments"].as_array().map(Vec::len)),
        (Some(45), Some(45))
    );
    let mut bilal = Browser::logged_in(&scene, "bilal").await;
    bilal.read(&format!("/proposals/{key}")).await;
    let answer = [("text", "That is answered late."), ("in_reply_to", first.as_str().expect("an id"))];
    bilal.done(&format!("/proposals/{key}/comments"), &answer).await;
    // The latest part has the answer, and says whom it answers.
    let shown = shown(&mut bilal, &format!("/proposals/{key}"), "next").await;
    assert!(shown[0].contains("That is answered late.") && shown[0].contains("In answer to ada"), "{}", shown[0]);
    assert!(shown[0].contains("46 comments"), "{}", shown[0]);
    let all: Vec<&str> = shown.iter().flat_map(|page| between(page, "<p>Contribution ", ".</p>")).collect();
    let distinct: BTreeSet<&&str> = all.iter().collect();
    assert_eq!((all.len(), distinct.len(), shown.len()), (45, 45, 3));
    assert!(turn(&shown[2], "prev").is_some());
}

#[tokio::test]
async fn of_many_versions_the_latest_are_shown() {
    let scene = Scene::new().await;
    let key = scene.draft(&Scene::consent()).await;
    let drafted = scene.now();
    for number in 2..=25 {
        scene.pass(1).await;
        let mut next = Scene::consent();
        next["text"] = json!(format!("The old one is full since {number} weeks."));
        scene
            .put(scene.token("collectivetools"), &format!("/api/v1/proposals/{key}"), &next)
            .await
            .expect(StatusCode::OK);
    }
    let shown = scene.get("", &format!("/api/v1/proposals/{key}")).await.expect(StatusCode::OK);
    let versions = shown["versions"].as_array().expect("a list");
    let ends = (versions[0]["version"].as_u64(), versions[19]["version"].as_u64());
    assert_eq!((ends, shown["version"].as_u64(), versions.len()), ((Some(6), Some(25)), Some(25), 20));
    let page = Browser::new(&scene).read(&format!("/proposals/{key}")).await;
    // Each with its difference, none taken for the first, and the day of the first one.
    assert_eq!(page.matches("<div class=\"difference\">").count(), 19);
    assert!(page.contains(&format!("datetime=\"{drafted}\"")), "{page}");
}

#[tokio::test]
async fn requests_and_members_are_listed_page_by_page() {
    let scene = Scene::new().await;
    let mut ids = Vec::new();
    for number in 0..24 {
        let mut request = scene.request(&format!("person-{number:02}")).await;
        request["name"] = json!(format!("Person {number:02}"));
        request.as_object_mut().expect("an object").retain(|name, _| !matches!(name.as_str(), "login" | "password"));
        let waiting = scene.post(&scene.steward, "/api/v1/requests", &request).await.expect(StatusCode::CREATED);
        ids.push(waiting["id"].as_str().expect("an id").to_owned());
    }
    // Three persons asked when the consortium was made.
    whole(&pages(&scene, &scene.steward, "/api/v1/requests?limit=10", "requests").await, "id", 27, 10);
    let mut steward = Browser::logged_in(&scene, "steward").await;
    let waiting = shown(&mut steward, "/stewards/requests", "next").await;
    let cards = |pages: &[String]| pages.iter().map(|page| page.matches("id=\"request-").count()).collect::<Vec<_>>();
    assert_eq!(cards(&waiting), [20, 4]);
    assert_eq!(cards(&shown(&mut steward, "/stewards/requests?show=settled", "next").await), [3]);
    for id in &ids[1..] {
        scene.post(&scene.steward, &format!("/api/v1/requests/{id}/endorse"), &json!({})).await.expect(StatusCode::OK);
    }
    scene.pass(60).await;
    // Six were there before.
    whole(&pages(&scene, "", "/api/v1/members?limit=10", "members").await, "member", 29, 10);
    let shown_members = shown(&mut Browser::new(&scene), "/members", "next").await;
    let listed = |page: &String| {
        between(page, "<h3><a href=\"/members/", "\">").iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()
    };
    // Two producers and an organisation stand on each page; the persons are turned.
    let persons: Vec<String> = shown_members.iter().flat_map(|page| listed(page).split_off(3)).collect();
    let distinct: BTreeSet<&String> = persons.iter().collect();
    assert_eq!((persons.len(), distinct.len()), (26, 26), "{persons:?}");
    assert!(shown_members[0].contains("29 members decide here") && shown_members[0].contains("26 members, 25 %"));
    let roll = shown(&mut steward, "/stewards/roll", "next").await;
    assert_eq!(roll.iter().map(|page| listed(page).len()).collect::<Vec<_>>(), [20, 9]);
    // Whoever stands on another page is typed.
    let ended =
        [("member", "person-20"), ("status", "suspended"), ("effective", ""), ("reason", "No answer for a year.")];
    steward.read("/stewards/roll").await;
    assert_eq!(steward.done("/stewards/roll/end", &ended).await, "/stewards/roll");
}

#[tokio::test]
async fn faults_and_notices_are_listed_page_by_page() {
    let scene = Scene::new().await;
    for number in 0..23 {
        let notice = json!({"subject": format!("Notice {number}."), "text": "The power is out."});
        scene.post(&scene.steward, "/api/v1/notices", &notice).await.expect(StatusCode::CREATED);
    }
    let now = scene.now();
    let put = scene.app.db.write(async move |conn| {
        for number in 0..25 {
            let culprit = format!("member-{number:02}");
            let report = FaultReport { fault: FaultKind::TwoBallots, culprit, evidence: vec!["evidence".into()] };
            faults::put(conn, &report, Time(now.0 + number / 3)).await?;
        }
        Ok::<_, folkmoot::storage::Error>(())
    });
    put.await.expect("faults");
    whole(&pages(&scene, "", "/api/v1/faults?limit=7", "faults").await, "digest", 25, 7);
    whole(&pages(&scene, "", "/api/v1/notices?limit=7", "notices").await, "digest", 23, 7);
    let mut visitor = Browser::new(&scene);
    let first = visitor.read("/consortium").await;
    assert_eq!((first.matches("<div class=\"fault\">").count(), first.matches("<h3>Notice ").count()), (20, 20));
    // Each of the two lists is turned by itself.
    for (list, faults, notices) in [("faults", 5, 20), ("notices", 20, 3)] {
        let link = between(&first, "<a href=\"", "\"").into_iter().find(|link| link.contains(&format!("list={list}")));
        let link = link.expect("a link").replace("&amp;", "&");
        assert!(link.ends_with(&format!("#{list}")), "{link}");
        let page = visitor.read(link.split('#').next().unwrap_or_default()).await;
        assert_eq!(
            (page.matches("<div class=\"fault\">").count(), page.matches("<h3>Notice ").count()),
            (faults, notices)
        );
    }
}

#[tokio::test]
async fn accounts_are_suggested_for_mandates_and_others_are_typed() {
    let scene = Scene::new().await;
    let account = json!({"login": "zoe", "password": PASSWORD, "person": "zoe", "name": "Zoë"});
    scene.post(&scene.steward, "/api/v1/accounts", &account).await.expect(StatusCode::CREATED);
    let mut steward = Browser::logged_in(&scene, "steward").await;
    let page = steward.read("/stewards/mandates").await;
    assert!(page.contains("list=\"holder-list\"") && page.contains("<option value=\"zoe\">Zoë</option>"), "{page}");
    let given = [("organisation", "hypha"), ("holder", "zoe"), ("name", "Zoë")];
    assert_eq!(steward.done("/stewards/mandates", &given).await, "/stewards/mandates");
}
