//! How many writes a second survive a power cut: one by one, and by many callers at once, on SQLite and, where
//! `FOLKMOOT_TEST_POSTGRES` names a server, on PostgreSQL. Only the ratios of one run can be compared.
//!
//! `cargo bench --bench storage`

use std::time::Instant;

use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use folkmoot::storage::{Database, Error, entries, journals, receipts};
use folkmoot_governance::id::{ConsortiumId, Digest, JournalId, MemberId, NodeId, Time};
use folkmoot_governance::statement::Visibility;

const NOW: Time = Time(1_795_456_800);
/// About as long as a signed ballot or receipt.
const STATEMENT_BYTES: usize = 1024;

#[derive(Clone, Copy)]
enum Work {
    /// One row with its index.
    Receipt,
    /// What an entry takes: the journal is locked, its tree grows, the row is added.
    Entry,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(run());
}

async fn run() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on the disk");
    let url = format!("sqlite:{}", folder.path().join("bench.sqlite").display());
    println!("SQLite, rows of {STATEMENT_BYTES} bytes, every commit on the disk");
    measure(&Database::open(&url).await.expect("a fresh database opens"), &[1, 32, 256, 1024]).await;
    let Ok(server) = std::env::var("FOLKMOOT_TEST_POSTGRES") else {
        println!("PostgreSQL: FOLKMOOT_TEST_POSTGRES names no server");
        return;
    };
    println!("PostgreSQL, as its server is set up (one for tests may not wait for its disk)");
    measure(&Database::open(&fresh(&server).await).await.expect("a fresh database opens"), &[1, 32, 256]).await;
}

async fn fresh(server: &str) -> String {
    let name = format!("bench_{}", std::process::id());
    let mut conn = AsyncPgConnection::establish(server).await.expect("the PostgreSQL server answers");
    conn.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    let (base, _) = server.rsplit_once('/').expect("the address names a database");
    format!("{base}/{name}")
}

async fn measure(db: &Database, callers: &[u64]) {
    let node: NodeId = "https://bench.example/actor".parse().expect("a node");
    let journal = JournalId::new(ConsortiumId(Digest::of(b"bench")), &node, &[0; 32]);
    let (own, owner) = (journal.clone(), node.clone());
    let made = db.write(async move |conn| journals::lock_or_create(conn, &own, &owner, true).await);
    made.await.expect("a journal");
    let mut next = 0;
    for (name, work) in [("rows", Work::Receipt), ("entries of one journal", Work::Entry)] {
        let mut alone = None;
        for &callers in callers {
            let each = if callers == 1 { 2_000 } else { (30_000 / callers).max(20) };
            let started = Instant::now();
            let tasks: Vec<_> = (0..callers)
                .map(|caller| {
                    let (db, journal, first) = (db.clone(), journal.clone(), next + caller * each);
                    tokio::spawn(async move {
                        for number in first..first + each {
                            write(&db, work, &journal, number).await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("a caller");
            }
            next += callers * each;
            let second = rate(callers * each, started);
            let alone = *alone.get_or_insert(second);
            println!("  {name:24} {callers:5} callers {second:8.0} a second {:6.1} ×", second / alone);
        }
    }
}

async fn write(db: &Database, work: Work, journal: &JournalId, number: u64) {
    let digest = Digest::of(&number.to_be_bytes());
    let statement = vec![b'x'; STATEMENT_BYTES];
    let journal = journal.clone();
    let written = db.write(async move |conn| match work {
        Work::Receipt => {
            let member: MemberId = "bench".parse().expect("a member");
            receipts::put(conn, digest, digest, &member, &statement, NOW).await
        }
        Work::Entry => {
            let entry = entries::NewEntry {
                journal,
                digest,
                leaf: digest,
                kind: "Ballot",
                subject: Some(digest),
                bytes: Some(statement),
                visibility: Visibility::Public,
                published: NOW,
                stored_at: NOW,
            };
            entries::append(conn, &entry).await.map(drop)
        }
    });
    written.await.unwrap_or_else(|error: Error| panic!("{error}"));
}

fn rate(count: u64, started: Instant) -> f64 {
    count as f64 / started.elapsed().as_secs_f64()
}
