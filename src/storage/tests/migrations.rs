//! Tables: made once by whoever comes first, undone in order, and refused when a newer version wrote them.

use std::collections::BTreeSet;

use diesel::sql_types::Text;
use folkmoot_governance::codec::Unsigned;
use folkmoot_governance::id::ConsortiumId;
use folkmoot_governance::key::SecretKey;
use folkmoot_governance::statement::{Ballot, Body, Signer};

use super::*;
use crate::storage::{ballots, closings, migrate};

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every table, column and index.
async fn schema(db: &Database) -> Vec<String> {
    let mut conn = db.read().await.expect("a connection");
    let sql = match &conn {
        Conn::Sqlite(_) => {
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master \
             WHERE name NOT LIKE '%diesel%' ORDER BY 1"
        }
        Conn::Postgres(_) => {
            "SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable AS line \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '%diesel%' \
             UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '%diesel%' \
             ORDER BY 1"
        }
    };
    let lines = query!(&mut conn, c => diesel::sql_query(sql).load::<Line>(c)).expect("a query");
    lines.into_iter().map(|line| line.line).collect()
}

#[tokio::test]
async fn down_undoes_every_migration_and_up_makes_the_same_again() {
    for fresh in each_kind() {
        let first = schema(&open(&fresh).await).await;
        assert!(first.len() > 60, "{first:?}");
        migrate::revert(&fresh.url).await.expect("every down.sql works");
        let empty = Database::open_as_it_is(&fresh.url, 1).await.expect("a pool");
        assert_eq!(schema(&empty).await, Vec::<String>::new());
        assert_eq!(schema(&open(&fresh).await).await, first);
    }
}

#[tokio::test]
async fn a_database_of_the_first_version_keeps_what_it_has() {
    for fresh in each_kind() {
        migrate::run_first(&fresh.url).await.expect("the first tables");
        let old = Database::open_as_it_is(&fresh.url, 1).await.expect("a pool");
        old.write(async |conn| put(conn, "old").await).await.expect("a row");
        let db = open(&fresh).await;
        db.write(async |conn| put(conn, "new").await).await.expect("a row");
        assert!(has(&fresh, "old").await && has(&fresh, "new").await);
    }
}

#[tokio::test]
async fn ballots_of_the_first_version_are_known_by_the_key_that_signed_them() {
    let (key, proposal) = (SecretKey::from_seed([7; 32]), Digest([3; 32]));
    let choice = Ballot { proposal, index: 5, sequence: 4, choices: vec![0], block: None };
    let (consortium, body) = (ConsortiumId(Digest([1; 32])), Body::Ballot(choice));
    let unsigned = Unsigned { signer: Signer::Member(key.public()), published: NOW, consortium, epoch: 0, body };
    let signed = unsigned.sign(&key).expect("a ballot");
    let ballot = signed.digest;
    let journal = JournalId::new(consortium, &node("peer"), &[0; 32]);
    for fresh in each_kind() {
        migrate::run_first(&fresh.url).await.expect("the first tables");
        let old = Database::open_as_it_is(&fresh.url, 1).await.expect("a pool");
        let blob = |bytes: &[u8]| blob(&fresh, bytes);
        let row = |digest: Digest, position: u64| {
            let (digest, proposal) = (blob(&digest.0), blob(&proposal.0));
            format!("({digest}, {proposal}, 5, 4, '0', '{journal}', {position}, {})", NOW.0)
        };
        let columns = "digest, proposal, seat, sequence, choices, journal, position, published";
        // Of the second nothing is here but its row.
        let rows = [row(ballot, 0), row(Digest([8; 32]), 1)].join(", ");
        let (digest, bytes, now) = (blob(&ballot.0), blob(&signed.bytes), NOW.0);
        let insert = format!(
            "INSERT INTO ballots ({columns}) VALUES {rows}; \
             INSERT INTO entries (journal, position, digest, leaf, kind, bytes, visibility, published, stored_at) \
             VALUES ('{journal}', 0, {digest}, {digest}, 'Ballot', {bytes}, 'public', {now}, {now})"
        );
        let put = old.write(async move |conn| conn.batch(&insert).await);
        put.await.expect("what the first version had");
        let db = open(&fresh).await;
        let mut conn = db.read().await.expect("a connection");
        assert_eq!(ballots::signers(&mut conn, proposal).await.expect("a query"), [(5, key.public())]);
        let known = ballots::highest(&mut conn, proposal, 5, &key.public(), 10).await.expect("a query");
        assert_eq!(known, [ballot]);
    }
}

/// Bytes in SQL.
fn blob(fresh: &Fresh, bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if fresh.url.starts_with("sqlite:") { format!("x'{digits}'") } else { format!("'\\x{digits}'::bytea") }
}

#[tokio::test]
async fn a_closing_that_an_earlier_version_began_goes_on_with_the_cut_that_it_froze() {
    let (frozen, waiting) = (Digest([3; 32]), Digest([4; 32]));
    for fresh in each_kind() {
        migrate::run_first(&fresh.url).await.expect("the first tables");
        let old = Database::open_as_it_is(&fresh.url, 1).await.expect("a pool");
        let row = |vote: Digest, snapshot: &str| format!("({}, 1, 'running', {snapshot}, 0)", blob(&fresh, &vote.0));
        let rows = [row(frozen, &blob(&fresh, b"[]")), row(waiting, "NULL")].join(", ");
        let insert = format!("INSERT INTO closings (proposal, sitting, state, snapshot, ready) VALUES {rows}");
        old.write(async move |conn| conn.batch(&insert).await).await.expect("what the first version had");
        let db = open(&fresh).await;
        let mut conn = db.read().await.expect("a connection");
        for (vote, expected) in [(frozen, Some(b"[]".to_vec())), (waiting, None)] {
            assert_eq!(closings::snapshot(&mut conn, vote, 1).await.expect("a query"), expected);
            assert!(closings::find(&mut conn, vote, 1).await.expect("a query").is_some());
        }
    }
}

/// The lists in the program are made when it is built; one that was built before a file was added does not know it.
#[test]
fn both_databases_have_the_migrations_of_their_folders() {
    let folder = |kind: &str| {
        let path = format!("{}/migrations/{kind}", env!("CARGO_MANIFEST_DIR"));
        let entries = std::fs::read_dir(path).expect("a folder");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(folder("sqlite"), folder("postgres"));
    let versions: Vec<_> =
        folder("sqlite").iter().map(|name| name.split('_').next().unwrap_or("").to_owned()).collect();
    let (sqlite, postgres) = migrate::versions();
    assert_eq!((sqlite, postgres), (versions.clone(), versions));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_start_at_once_on_a_fresh_database_make_it_once() {
    for fresh in each_kind() {
        let starting: Vec<_> = (0..6)
            .map(|_| {
                let url = fresh.url.clone();
                tokio::spawn(async move { Database::open(&url).await.map(drop) })
            })
            .collect();
        for start in starting {
            start.await.expect("it ends").expect("it starts");
        }
        open(&fresh).await.write(async |conn| put(conn, "used").await).await.expect("it works");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_in_a_sentence() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
        db.write(async |conn| conn.batch(newer).await).await.expect("a version");
        let refused = Database::open(&fresh.url).await.map(drop).expect_err("it is too new");
        assert!(matches!(refused, Error::Newer(_)), "{refused}");
        assert!(refused.to_string().contains("run that version or a later one"), "{refused}");
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("no such folder").join("node.sqlite");
    let refused = Database::open(&format!("sqlite:{}", path.display())).await.map(drop).expect_err("no folder");
    assert!(matches!(&refused, Error::Gone(why) if why.contains("no such folder")), "{refused}");
    let refused = Database::open(&format!("sqlite:{}", folder.path().display())).await.map(drop);
    assert!(matches!(refused, Err(Error::Gone(_))), "{refused:?}");
    let nobody = Database::open("postgres://nobody@127.0.0.1:1/none").await.map(drop).expect_err("no server");
    assert!(matches!(nobody, Error::Gone(_)), "{nobody}");
}
