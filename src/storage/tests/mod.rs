//! What the rest of the program relies on, on SQLite and, where `FOLKMOOT_TEST_POSTGRES` names a server, on PostgreSQL.

mod abandoned;
mod faults;
mod grouped;
mod lists;
mod migrations;
mod plans;
mod postgres;
mod queue;
mod together;
mod waiting;

#[path = "../../tests/scratch.rs"]
mod scratch;

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl as _;
use folkmoot_governance::id::{Digest, JournalId, NodeId, Time};
use folkmoot_governance::statement::Visibility;
use scratch::Scratch;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::entries::NewEntry;
use super::{Conn, Database, Error, Result, rates};

const NOW: Time = Time(1_795_456_800);

/// An address at which there is nothing yet.
struct Fresh {
    url: String,
    _place: Place,
}

/// Removed with the test.
enum Place {
    File { _folder: TempDir },
    Server { _scratch: Scratch },
}

fn fresh_sqlite() -> Fresh {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("node.sqlite").display());
    Fresh { url, _place: Place::File { _folder: folder } }
}

/// A new database on the server that the environment names, if it names one.
fn fresh_postgres() -> Option<Fresh> {
    scratch::server()?;
    let scratch = Scratch::create().expect("a new database");
    Some(Fresh { url: scratch.url(), _place: Place::Server { _scratch: scratch } })
}

fn each_kind() -> Vec<Fresh> {
    let mut all = vec![fresh_sqlite()];
    all.extend(fresh_postgres());
    all
}

async fn open(fresh: &Fresh) -> Database {
    Database::open(&fresh.url).await.expect("a fresh database opens")
}

/// Leaves one row under `name`; its presence is asked with [`has`].
async fn put(conn: &mut Conn, name: &str) -> Result<()> {
    rates::count(conn, name, 60, NOW).await.map(drop)
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The answer of a query whose only column is called `number`.
async fn number(conn: &mut Conn, sql: &str) -> i64 {
    let rows = query!(conn, c => diesel::sql_query(sql).load::<Number>(c)).expect("a query");
    rows[0].number
}

/// A party's statement about `subject`, as far as lists read it.
fn objection(journal: &JournalId, subject: Digest) -> NewEntry {
    NewEntry {
        journal: journal.clone(),
        digest: subject,
        leaf: subject,
        kind: "Objection",
        subject: Some(subject),
        bytes: None,
        visibility: Visibility::Public,
        published: NOW,
        stored_at: NOW,
    }
}

/// Whether `name` is there for everybody: seen through connections of its own.
async fn has(fresh: &Fresh, name: &str) -> bool {
    let other = open(fresh).await;
    let mut conn = other.read().await.expect("a connection");
    number(&mut conn, &format!("SELECT count(*) AS number FROM rates WHERE bucket = '{name}'")).await > 0
}

fn refusal() -> Error {
    Error::Other("refused by a rule".into())
}

fn node(name: &str) -> NodeId {
    format!("https://{name}.example/actor").parse().expect("a node")
}

/// A write that has left its row and waits to be told how to end.
struct Held {
    turn: oneshot::Receiver<()>,
    outcome: oneshot::Sender<Result<()>>,
    task: JoinHandle<Result<()>>,
}

/// Starts one; it queues for its turn with the next `yield_now`.
fn hold(db: &Database, name: &'static str) -> Held {
    let (started, turn) = oneshot::channel();
    let (outcome, told) = oneshot::channel();
    let db = db.clone();
    let write = async move {
        db.write(async move |conn| {
            put(conn, name).await?;
            // Not every test waits for the turn.
            let _ = started.send(());
            told.await.unwrap_or_else(|_| Err(refusal()))
        })
        .await
    };
    Held { turn, outcome, task: tokio::spawn(write) }
}

impl Held {
    async fn has_turn(&mut self) {
        (&mut self.turn).await.expect("it gets its turn");
    }

    /// Lets its action end like this; what the caller is told is the task's.
    fn end(self, outcome: Result<()>) -> JoinHandle<Result<()>> {
        self.outcome.send(outcome).expect("it waits");
        self.task
    }

    /// The caller goes away in the middle of its action.
    async fn leave(self) {
        self.task.abort();
        assert!(self.task.await.expect_err("it is gone").is_cancelled());
    }
}

/// Three writes that will be in one group, the first of which has the turn.
async fn in_a_row(db: &Database) -> [Held; 3] {
    let mut before = hold(db, "before");
    before.has_turn().await;
    let mut row = ["first", "second", "third"].map(|name| hold(db, name));
    tokio::task::yield_now().await;
    before.end(Ok(())).await.expect("it ends").expect("it is saved");
    row[0].has_turn().await;
    row
}

async fn saved(task: JoinHandle<Result<()>>) {
    task.await.expect("it ends").expect("it is saved");
}
