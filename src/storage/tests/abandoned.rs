//! Callers that leave or hang: nothing stays open or locked, and the others are saved.

use std::time::Duration;

use super::*;
use crate::storage::migrate;

#[tokio::test]
async fn a_caller_that_leaves_holds_nobody_up() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let mut left = hold(&db, "left");
        left.has_turn().await;
        left.leave().await;
        // Another process; nobody writes on the first one, where a transaction would stay open until then.
        let other = open(&fresh).await;
        other.write(async |conn| put(conn, "left").await).await.expect("nothing is locked");
        db.write(async |conn| put(conn, "next").await).await.expect("the next write");
        let mut conn = other.read().await.expect("a connection");
        assert_eq!(number(&mut conn, "SELECT count AS number FROM rates WHERE bucket = 'left'").await, 1);
    }
}

#[tokio::test]
async fn a_caller_that_leaves_takes_nobody_of_its_group_along() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let [first, mut second, third] = in_a_row(&db).await;
    let first = first.end(Ok(()));
    second.has_turn().await;
    second.leave().await;
    saved(third.end(Ok(()))).await;
    saved(first).await;
    assert_eq!(
        [has(&fresh, "first").await, has(&fresh, "second").await, has(&fresh, "third").await],
        [true, false, true]
    );
}

#[tokio::test]
async fn a_caller_that_leaves_before_the_commit_is_saved_all_the_same() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let [first, mut second, mut third] = in_a_row(&db).await;
    let first = first.end(Ok(()));
    second.has_turn().await;
    first.abort();
    second.leave().await;
    third.has_turn().await;
    third.leave().await;
    // The group has nobody left who waits for it.
    open(&fresh).await.write(async |conn| put(conn, "other").await).await.expect("nothing is locked");
    assert!(has(&fresh, "first").await);
}

/// Requests end in the middle of a question whenever somebody closes a connection.
#[tokio::test]
async fn a_reader_that_leaves_leaves_its_connection_usable() {
    for fresh in each_kind() {
        migrate::run(&fresh.url).await.expect("tables");
        let db = Database::open_as_it_is(&fresh.url, 1).await.expect("it opens");
        for _ in 0..20 {
            let mut conn = db.read().await.expect("a connection");
            let asking = number(
                &mut conn,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) \
                 SELECT count(*) AS number FROM n",
            );
            let left = tokio::time::timeout(Duration::from_millis(1), asking).await;
            drop(conn);
            let mut next = db.read().await.expect("the connection, or another one");
            assert_eq!(number(&mut next, "SELECT CAST(7 AS BIGINT) AS number").await, 7, "{left:?}");
        }
    }
}

/// A statement that is under way when its caller leaves must not reach the transaction of the next one.
#[tokio::test]
async fn a_statement_under_way_does_not_outlive_its_transaction() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    for _ in 0..50 {
        let mut write = Box::pin(db.write(async |conn| {
            put(conn, "left").await?;
            std::future::pending::<Result<()>>().await
        }));
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(write.as_mut().poll(context).is_pending()));
        assert!(polled.await);
        tokio::task::yield_now().await;
        drop(write);
        db.write(async |conn| put(conn, "next").await).await.expect("the next write");
    }
    let mut conn = db.read().await.expect("a connection");
    assert_eq!(number(&mut conn, "SELECT count AS number FROM rates WHERE bucket = 'next'").await, 50);
    assert!(!has(&fresh, "left").await);
}

#[tokio::test]
async fn an_action_that_hangs_is_given_up() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let hanging = db.write_within(Duration::from_millis(50), async |conn| {
            put(conn, "hung").await?;
            std::future::pending::<Result<()>>().await
        });
        let refused = hanging.await.expect_err("it must not hang for ever");
        assert!(matches!(&refused, Error::Busy(why) if why.contains("given up")), "{refused}");
        db.write(async |conn| put(conn, "next").await).await.expect("the next write");
        assert!(!has(&fresh, "hung").await);
    }
}

/// On PostgreSQL a transaction that went back into the pool would keep its locks, and soon every connection waits.
#[tokio::test]
async fn many_callers_that_leave_do_not_stop_the_database() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        for _ in 0..20 {
            let mut left = hold(&db, "the same row");
            left.has_turn().await;
            left.leave().await;
        }
        db.write(async |conn| put(conn, "the same row").await).await.expect("it must not stand still");
    }
}

#[tokio::test]
async fn every_action_refused_does_not_stop_the_database() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let refused = (0..200).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let refused: Result<()> = db
                    .write(async |conn| {
                        put(conn, "the same row").await?;
                        Err(refusal())
                    })
                    .await;
                refused
            })
        });
        for task in refused.collect::<Vec<_>>() {
            let error = task.await.expect("it ends").expect_err("it was refused");
            assert!(error.to_string().contains("refused by a rule"), "{error}");
        }
        db.write(async |conn| put(conn, "the same row").await).await.expect("it must not stand still");
    }
}
