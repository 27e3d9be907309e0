//! PostgreSQL: what it answers differently.

use std::time::{Duration, Instant};

use super::*;

/// COMMIT of a transaction in which a statement failed answers ROLLBACK, and calls that a success.
#[tokio::test]
async fn an_aborted_transaction_is_not_taken_for_saved() {
    let Some(fresh) = fresh_postgres() else { return };
    let db = open(&fresh).await;
    let ignoring = db.write(async |conn| {
        put(conn, "lost").await?;
        let _ = conn.batch("SELECT no_such_thing").await;
        Ok::<_, Error>(())
    });
    let refused = ignoring.await.expect_err("nothing was saved");
    assert!(refused.to_string().contains("aborted"), "{refused}");
    assert!(!has(&fresh, "lost").await);
    db.write(async |conn| put(conn, "next").await).await.expect("the next write");
}

#[tokio::test]
async fn a_server_that_drops_its_connections_is_used_again_without_hand_work() {
    let Some(fresh) = fresh_postgres() else { return };
    let db = open(&fresh).await;
    let reads = [db.read().await.expect("a connection"), db.read().await.expect("a connection")];
    drop(reads);
    let other = open(&fresh).await;
    let mut conn = other.read().await.expect("a connection");
    let killed = number(
        &mut conn,
        "SELECT count(pg_terminate_backend(pid)) AS number FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .await;
    assert!(killed >= 2, "{killed}");
    let given_up = Instant::now() + Duration::from_secs(10);
    while let Err(error) = db.write(async |conn| put(conn, "back").await).await {
        assert!(matches!(error, Error::Gone(_)), "{error}");
        assert!(Instant::now() < given_up, "{error}");
    }
    assert!(has(&fresh, "back").await);
}

#[tokio::test]
async fn connections_have_limits_of_their_own() {
    let Some(fresh) = fresh_postgres() else { return };
    let db = open(&fresh).await;
    let mut conn = db.read().await.expect("a connection");
    let unlimited = "SELECT count(*) AS number FROM pg_settings WHERE setting = '0' AND name IN \
                     ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')";
    assert_eq!(number(&mut conn, unlimited).await, 0);
}

/// Two transactions that wait for each other: the database ends one of them, which is no fault of the program.
#[tokio::test]
async fn a_deadlock_is_a_busy_database() {
    let Some(fresh) = fresh_postgres() else { return };
    let db = open(&fresh).await;
    for name in ["a", "b"] {
        db.write(async |conn| put(conn, name).await).await.expect("a row");
    }
    let (first, second) = (std::sync::Arc::new(tokio::sync::Barrier::new(2)), [("a", "b"), ("b", "a")]);
    let crossing = second.map(|(mine, other)| {
        let (db, both) = (db.clone(), first.clone());
        tokio::spawn(async move {
            db.write(async move |conn| {
                put(conn, mine).await?;
                both.wait().await;
                put(conn, other).await
            })
            .await
        })
    });
    let mut ended = Vec::new();
    for task in crossing {
        ended.extend(task.await.expect("it ends").err());
    }
    assert!(matches!(ended.as_slice(), [Error::Busy(_)]), "{ended:?}");
}
