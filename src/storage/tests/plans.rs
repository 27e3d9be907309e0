//! The queries that run often find their rows by an index: what each function asks is listened to, and explained.

use std::sync::{Arc, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::sql_types::Text;
use diesel_async::AsyncConnection as _;
use folkmoot_governance::id::{Digest, JournalId};
use folkmoot_governance::statement::Visibility;

use super::*;
use crate::storage::members::Part;
use crate::storage::{
    Wanted, accounts, ballots, checkpoints, closings, comments, decisions, deliveries, entries, faults, journals,
    leases, members, notices, peers, proposals, requests, roll_entries,
};

#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<String>>>);

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let sql = text.split(" -- binds").next().unwrap_or_default().to_owned();
            self.0.lock().expect("nobody panicked").push(sql);
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Steps of the query's plan that read a whole table, or sort what an index could have kept in order.
async fn scans(db: &Database, sql: &str) -> Vec<String> {
    let mut conn = db.read().await.expect("a connection");
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let steps = query!(&mut conn, c => diesel::sql_query(&sql).load::<Step>(c)).expect("a plan");
    let whole = |detail: &String| detail.starts_with("SCAN") && !detail.contains("CONSTANT ROW");
    steps.into_iter().map(|step| step.detail).filter(whole).collect()
}

#[tokio::test]
async fn queries_that_run_often_read_no_whole_table() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let listener = Listener::default();
    let heard = listener.clone();
    let asked: Result<()> = db
        .write(async move |conn| {
            let Conn::Sqlite(object) = &mut *conn else { panic!("SQLite was asked for") };
            object.set_instrumentation(listener);
            ask_everything(conn).await
        })
        .await;
    asked.expect("every query works on empty tables");
    let asked = heard.0.lock().expect("nobody panicked").clone();
    let asked: Vec<_> =
        asked.into_iter().filter(|sql| !sql.starts_with("RELEASE") && !sql.starts_with("COMMIT")).collect();
    assert!(asked.len() >= 40, "only {} queries were heard", asked.len());
    let mut bad = Vec::new();
    for sql in asked {
        let scans = scans(&db, &sql).await;
        if !scans.is_empty() {
            bad.push(format!("{scans:?}: {sql}"));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

async fn ask_everything(conn: &mut Conn) -> Result<()> {
    let (digest, peer) = (Digest::of(b"something"), node("peer"));
    let journal: JournalId = JournalId::new(folkmoot_governance::id::ConsortiumId(digest), &peer, &[0; 32]);
    let member = "ada".parse().expect("a member");
    let key = folkmoot_governance::key::PublicKey::from_bytes([7; 32]);

    journals::lock_or_create(conn, &journal, &peer, true).await?;
    entries::append_hidden(conn, &journal, digest, NOW).await?;
    entries::append(conn, &objection(&journal, digest)).await?;
    entries::by_digest(conn, digest).await?;
    entries::position_in(conn, &journal, digest).await?;
    entries::below(conn, &journal, &["RollEntry"], 10).await?;
    entries::about(conn, &journal, digest, 10).await?;
    entries::of_kinds(conn, &["RollEntry", "RollEnd"]).await?;
    entries::subjects(conn, "Article").await?;
    entries::has_about(conn, "Ballot", digest).await?;
    entries::page(conn, &journal, 0, 100).await?;
    entries::leaf_at(conn, &journal, 0).await?;
    entries::leaves(conn, &journal, 0, 10).await?;
    journals::root_at(conn, &journal, 1).await?;
    journals::progress(conn, &journal).await?;
    checkpoints::latest(conn, &journal).await?;
    checkpoints::latest_certified(conn, &journal).await?;
    checkpoints::below(conn, &journal, 10, 10).await?;
    checkpoints::put_cosigned(conn, &journal, peer.as_str(), 1).await?;

    ballots::highest(conn, digest, 0, &key, 100).await?;
    ballots::count_in(conn, &journal, digest, 0, &key).await?;
    ballots::with_sequence(conn, digest, 0, &key, 1, 100).await?;
    ballots::contradictions(conn, digest).await?;
    ballots::signers(conn, digest).await?;
    ballots::by_digest(conn, digest).await?;
    proposals::by_id(conn, "id").await?;
    proposals::by_key(conn, "key").await?;
    proposals::by_digest(conn, digest).await?;
    proposals::state_of(conn, digest).await?;
    proposals::announced(conn).await?;
    proposals::in_state(conn, "open").await?;
    proposals::versions(conn, "id", 20).await?;
    proposals::drafted(conn, "id").await?;
    comments::of_proposal(conn, "id", &Wanted::first(20)).await?;
    comments::count(conn, "id").await?;
    closings::due(conn, NOW).await?;
    closings::lock_or_create(conn, digest, 0).await?;
    closings::messages(conn, digest, 0).await?;
    closings::proposal_of_value(conn, digest, 0, digest).await?;
    closings::held(conn, digest, 0, 0).await?;
    closings::held_values(conn, digest, 0).await?;
    closings::proposed(conn, digest, 0, digest).await?;
    closings::snapshot(conn, digest, 0).await?;

    members::find(conn, &member).await?;
    members::mandates_of(conn, &member).await?;
    members::represented_by(conn, &member).await?;
    requests::endorsed_waiting(conn).await?;
    accounts::put_session(conn, digest, "login", "csrf", NOW, NOW).await?;
    accounts::session(conn, digest, NOW).await?;
    accounts::by_token(conn, digest).await?;
    put(conn, "bucket").await?;
    peers::find(conn, &peer).await?;
    leases::take(conn, "pull", "holder", NOW, NOW).await?;

    proposals::newest(conn, Visibility::Public, &["draft", "void"], &Wanted::first(20), |_| true).await?;
    proposals::closing_first(conn, Visibility::Public, &Wanted::first(20), |_| true).await?;
    proposals::drafts_of(conn, std::slice::from_ref(&member), 20).await?;
    proposals::to_review(conn, Visibility::Public, NOW, NOW, 20).await?;
    decisions::register(conn, Visibility::Public, &Wanted::first(20), |_| Ok(true)).await?;
    decisions::of_openings(conn, Visibility::Public, &[digest]).await?;
    decisions::replacing(conn, Visibility::Public, digest).await?;
    entries::published_since(conn, "Application", NOW, &Wanted::first(20)).await?;
    entries::of_kind_about(conn, "Objection", digest, 20).await?;
    requests::page(conn, true, &Wanted::first(20)).await?;
    requests::newest(conn, &Wanted::first(20)).await?;
    requests::is_under_way(conn, &member).await?;
    for part in [Part::All, Part::Class("producer"), Part::Sponsor(&peer)] {
        members::by_name(conn, part, &Wanted::first(20)).await?;
    }
    roll_entries::latest(conn, &member).await?;
    roll_entries::joining(conn, &member).await?;
    members::named(conn, &[&member]).await?;
    members::in_force_of(conn, &peer, NOW).await?;
    faults::newest(conn, &Wanted::first(20)).await?;
    faults::of_vote(conn, digest, 20).await?;
    faults::count_of_vote(conn, digest).await?;
    faults::culprits(conn, &[peer.as_str()]).await?;
    notices::newest(conn, &Wanted::first(20)).await?;
    accounts::is_person(conn, &member).await?;

    deliveries::enqueue(conn, &peer, "closing", None, b"", NOW).await?;
    deliveries::peers_due(conn, NOW).await?;
    let row = deliveries::claim(conn, &peer, NOW, NOW, 10).await?.remove(0);
    deliveries::failed(conn, &row, NOW, "away").await?;
    deliveries::done(conn, &row, NOW).await
}

/// `.cargo/config.toml` asks for it; without it, each use of a statement with a limit makes its plan anew.
#[tokio::test]
async fn a_statement_is_planned_once_whatever_is_bound_to_it() {
    let fresh = fresh_sqlite();
    let mut conn = open(&fresh).await.read().await.expect("a connection");
    let options = diesel::sql_query("SELECT compile_options AS detail FROM pragma_compile_options");
    let options = query!(&mut conn, c => options.load::<Step>(c)).expect("the options");
    assert!(options.iter().any(|option| option.detail == "ENABLE_QPSG"));
}
