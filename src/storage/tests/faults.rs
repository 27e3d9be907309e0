//! SQLite without room, and beside other processes.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use super::*;

/// Lets the file grow by this many pages more, or as it likes.
async fn room(db: &Database, pages: Option<i64>) {
    let used = {
        let mut conn = db.read().await.expect("a connection");
        number(&mut conn, "SELECT page_count AS number FROM pragma_page_count()").await
    };
    let most = pages.map_or(i64::from(u32::MAX - 1), |more| used + more);
    let limited = db.write(async move |conn| conn.batch(&format!("PRAGMA max_page_count = {most}")).await).await;
    limited.expect("a limit");
}

/// One row that needs more pages than there are: SQLite undoes the whole transaction for it.
async fn put_much(conn: &mut Conn) -> Result<()> {
    conn.batch("INSERT INTO rates (bucket, window_start, count) VALUES (hex(randomblob(100000)), 1, 1)").await
}

/// Many rows in one statement, of which SQLite undoes only the statement.
async fn put_many(conn: &mut Conn) -> Result<()> {
    conn.batch(
        "INSERT INTO rates (bucket, window_start, count) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
         SELECT hex(randomblob(200)), i, 1 FROM n",
    )
    .await
}

#[tokio::test]
async fn a_full_disk_is_told_to_everybody_and_forgotten_when_there_is_room() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    room(&db, Some(4)).await;
    for many in [true, false, true, false] {
        let written = db.write(async move |conn| if many { put_many(conn).await } else { put_much(conn).await });
        let refused = written.await.expect_err("there is no room");
        assert!(matches!(refused, Error::Full(_)), "{refused}");
    }
    room(&db, None).await;
    db.write(async |conn| put_many(conn).await).await.expect("there is room");
    db.write(async |conn| put_much(conn).await).await.expect("there is room");
    db.write(async |conn| put(conn, "after").await).await.expect("there is room");
    assert!(has(&fresh, "after").await);
}

#[tokio::test]
async fn a_full_disk_undoes_the_group_and_nobody_believes_otherwise() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    room(&db, Some(4)).await;
    let mut before = hold(&db, "before");
    before.has_turn().await;
    let first = hold(&db, "first");
    let filling = {
        let db = db.clone();
        tokio::spawn(async move { db.write(async |conn| put_much(conn).await).await })
    };
    tokio::task::yield_now().await;
    let first = first.end(Ok(()));
    saved(before.end(Ok(()))).await;
    let refused = filling.await.expect("it ends").expect_err("there is no room");
    assert!(matches!(refused, Error::Full(_)), "{refused}");
    let told = first.await.expect("it ends");
    assert_eq!(told.is_ok(), has(&fresh, "first").await, "{told:?}");
    assert!(matches!(told, Err(Error::Full(_))), "{told:?}");
    room(&db, None).await;
    db.write(async |conn| put(conn, "after").await).await.expect("there is room");
    assert!(has(&fresh, "after").await && has(&fresh, "before").await);
}

/// An action that does not mind a failed statement goes on outside any transaction: that must not count as saved.
#[tokio::test]
async fn an_action_that_ignores_a_full_disk_is_refused() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    room(&db, Some(4)).await;
    let ignoring = db.write(async |conn| {
        let _ = put_much(conn).await;
        Ok::<_, Error>(())
    });
    ignoring.await.expect_err("its transaction is gone");
    room(&db, None).await;
    db.write(async |conn| put(conn, "after").await).await.expect("the next write");
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_busy_and_then_is_not() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    db.write(async |conn| conn.batch("PRAGMA busy_timeout = 20").await).await.expect("less patience");
    let path = fresh.url.strip_prefix("sqlite:").expect("a path");
    let mut other = SqliteConnection::establish(path).expect("a connection");
    other.batch_execute("BEGIN IMMEDIATE").expect("the lock");
    let refused = db.write(async |conn| put(conn, "busy").await).await.expect_err("it is locked");
    assert!(matches!(refused, Error::Busy(_)), "{refused}");
    // Commands beside the server read all the same.
    assert!(!has(&fresh, "busy").await);
    other.batch_execute("COMMIT").expect("the end");
    db.write(async |conn| put(conn, "free").await).await.expect("it is free");
    assert!(has(&fresh, "free").await && !has(&fresh, "busy").await);
}

#[tokio::test]
async fn two_processes_on_one_file_lose_nothing() {
    let fresh = fresh_sqlite();
    let processes = [open(&fresh).await, open(&fresh).await];
    let writes = (0..200).map(|number| {
        let db = processes[number % 2].clone();
        tokio::spawn(async move { db.write(async |conn| put(conn, "shared").await).await })
    });
    for write in writes.collect::<Vec<_>>() {
        saved(write).await;
    }
    let mut conn = processes[0].read().await.expect("a connection");
    assert_eq!(number(&mut conn, "SELECT count AS number FROM rates WHERE bucket = 'shared'").await, 200);
}

#[tokio::test]
async fn a_transaction_left_open_on_the_connection_does_not_last() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let meddling: Result<()> = db.write(async |conn| conn.batch("ROLLBACK; BEGIN").await).await;
    meddling.expect_err("its savepoint is gone");
    db.write(async |conn| put(conn, "after").await).await.expect("the next write");
    assert!(has(&fresh, "after").await);
}
