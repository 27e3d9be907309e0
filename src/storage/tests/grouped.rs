//! SQLite: who shares a commit, and what each is told.

use super::*;

#[tokio::test]
async fn writes_that_wait_share_one_commit() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let mut first = hold(&db, "first");
    first.has_turn().await;
    let waiting: Vec<_> = (0..100)
        .map(|number| {
            let (db, name) = (db.clone(), format!("write {number}"));
            tokio::spawn(async move { db.write(async move |conn| put(conn, &name).await).await })
        })
        .collect();
    tokio::task::yield_now().await;
    saved(first.end(Ok(()))).await;
    for write in waiting {
        saved(write).await;
    }
    // The first one's, as it was alone when it began, and one for all the others.
    assert_eq!(db.commits().await, 2);
    assert!(has(&fresh, "first").await && has(&fresh, "write 0").await && has(&fresh, "write 99").await);
}

#[tokio::test]
async fn the_answer_comes_after_the_commit() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let [first, mut second, third] = in_a_row(&db).await;
    let first = first.end(Ok(()));
    second.has_turn().await;
    assert!(!first.is_finished() && !has(&fresh, "first").await);
    let others = [second.end(Ok(())), third.end(Ok(()))];
    saved(first).await;
    assert!(has(&fresh, "first").await);
    for other in others {
        saved(other).await;
    }
}

#[tokio::test]
async fn one_refusal_leaves_the_others_of_its_group() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let [first, second, third] = in_a_row(&db).await;
    let [first, second, third] = [first.end(Ok(())), second.end(Err(refusal())), third.end(Ok(()))];
    let refused = second.await.expect("it ends").expect_err("it was refused");
    assert!(refused.to_string().contains("refused by a rule"), "{refused}");
    saved(first).await;
    saved(third).await;
    assert_eq!(
        [has(&fresh, "first").await, has(&fresh, "second").await, has(&fresh, "third").await],
        [true, false, true]
    );
}

#[tokio::test]
async fn a_group_of_refusals_leaves_no_transaction_open() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    for _ in 0..3 {
        let refused: Result<()> = db.write(async |_| Err(refusal())).await;
        refused.expect_err("it was refused");
    }
    let other = open(&fresh).await;
    other.write(async |conn| put(conn, "other").await).await.expect("nothing is locked");
}

#[tokio::test]
async fn what_is_for_reading_cannot_write() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let mut conn = db.read().await.expect("a connection");
    let refused = put(&mut conn, "stray").await.expect_err("it must not be written");
    assert!(refused.to_string().contains("readonly"), "{refused}");
}

#[tokio::test]
async fn a_large_crowd_is_saved_in_several_commits() {
    let fresh = fresh_sqlite();
    let db = open(&fresh).await;
    let mut first = hold(&db, "first");
    first.has_turn().await;
    let write = |_| {
        let db = db.clone();
        tokio::spawn(async move { db.write(async |conn| put(conn, "crowd").await).await })
    };
    let waiting: Vec<_> = (0..2_500).map(write).collect();
    tokio::task::yield_now().await;
    saved(first.end(Ok(()))).await;
    for write in waiting {
        saved(write).await;
    }
    assert_eq!(db.commits().await, 4);
    let mut conn = db.read().await.expect("a connection");
    assert_eq!(number(&mut conn, "SELECT count AS number FROM rates WHERE bucket = 'crowd'").await, 2_500);
}
