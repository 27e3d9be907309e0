//! Several callers and several processes on one database.

use std::collections::BTreeSet;
use std::time::Duration;

use folkmoot_governance::id::ConsortiumId;

use super::*;
use crate::storage::{accounts, consortium, deliveries, leases, requests};

#[tokio::test]
async fn numbers_have_no_gaps_though_some_who_took_one_are_refused() {
    for fresh in each_kind() {
        let processes = [open(&fresh).await, open(&fresh).await];
        let takers = (0..90).map(|turn| {
            let db = processes[turn % 2].clone();
            tokio::spawn(async move {
                db.write(async move |conn| {
                    let number = deliveries::last_number(conn, "tests", 1).await?;
                    if turn % 3 == 0 { Err(refusal()) } else { Ok(number) }
                })
                .await
            })
        });
        let mut taken = Vec::new();
        for taker in takers.collect::<Vec<_>>() {
            taken.extend(taker.await.expect("it ends"));
        }
        taken.sort_unstable();
        assert_eq!(taken, (1..=60).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn each_delivery_is_claimed_once() {
    for fresh in each_kind() {
        let processes = [open(&fresh).await, open(&fresh).await];
        let queued = processes[0].write(async |conn| {
            for _ in 0..200 {
                deliveries::enqueue(conn, &node("peer"), "closing", None, b"body", NOW).await?;
            }
            Ok::<_, Error>(())
        });
        queued.await.expect("queued");
        let claims = (0..20).map(|turn| {
            let db = processes[turn % 2].clone();
            tokio::spawn(async move {
                db.write(async |conn| deliveries::claim(conn, &node("peer"), NOW, NOW.plus(60), 10).await)
                    .await
                    .expect("a claim")
            })
        });
        let mut claimed = Vec::new();
        for claim in claims.collect::<Vec<_>>() {
            claimed.extend(claim.await.expect("it ends").into_iter().map(|row| row.id));
        }
        let different: BTreeSet<_> = claimed.iter().collect();
        assert_eq!(different.len(), claimed.len(), "a delivery was claimed twice");
        // Rows that somebody else is just claiming are skipped, and come with the next turn.
        let rest =
            processes[0].write(async |conn| deliveries::claim(conn, &node("peer"), NOW, NOW.plus(60), 500).await);
        assert_eq!(claimed.len() + rest.await.expect("a claim").len(), 200);
        let again = processes[0]
            .write(async |conn| deliveries::claim(conn, &node("peer"), NOW.plus(60), NOW.plus(120), 500).await);
        assert_eq!(again.await.expect("a claim").len(), 200, "a process that died keeps nothing");
    }
}

#[tokio::test]
async fn one_of_two_processes_has_the_lease() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let mut answers = Vec::new();
        for (holder, at) in [("one", 0), ("two", 5), ("one", 8), ("two", 15), ("two", 30), ("one", 31)] {
            let taken =
                db.write(async move |conn| leases::take(conn, "pull", holder, NOW.plus(at), NOW.plus(at + 10)).await);
            answers.push(taken.await.expect("an answer"));
        }
        assert_eq!(answers, [true, false, true, false, true, false]);
    }
}

#[tokio::test]
async fn of_two_stewards_who_go_at_once_one_stays() {
    for fresh in each_kind() {
        let processes = [open(&fresh).await, open(&fresh).await];
        // Often enough that both are under way together.
        for round in 0..20 {
            let names = [format!("ada-{round}"), format!("bilal-{round}")];
            let stewards = names.clone();
            let come = processes[0].write(async move |conn| {
                for login in &stewards {
                    accounts::insert(conn, login, "", &"somebody".parse().expect("an id"), "", true, NOW).await?;
                }
                Ok::<_, Error>(())
            });
            come.await.expect("two stewards");
            let going = names.clone().into_iter().zip(&processes).map(|(login, db)| {
                let db = db.clone();
                tokio::spawn(async move {
                    db.write(async move |conn| {
                        if accounts::has_other_steward(conn, &login).await? {
                            accounts::remove(conn, &login).await?;
                        }
                        Ok::<_, Error>(())
                    })
                    .await
                })
            });
            for task in going.collect::<Vec<_>>() {
                task.await.expect("it ends").expect("an answer");
            }
            let mut conn = processes[0].read().await.expect("a connection");
            let left = accounts::after(&mut conn, "", 10).await.expect("a query");
            assert_eq!(left.len(), 1, "{left:?}");
            drop(conn);
            let last = left[0].login.clone();
            let cleared = processes[0].write(async move |conn| accounts::remove(conn, &last).await);
            cleared.await.expect("nobody is left");
        }
    }
}

#[tokio::test]
async fn a_request_is_answered_once() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let row = requests::RequestRow {
            id: "one".into(),
            state: "waiting".into(),
            member: "dora".parse().expect("an id"),
            name: "Dora".into(),
            class: "consumer-individual".into(),
            level: "standard".into(),
            terms: Digest::of(b"terms"),
            request: "I use it every week.".into(),
            commitment: "the yearly subscription".into(),
            account: None,
            application: None,
            reason: None,
            at: NOW,
        };
        let answers = db.write(async move |conn| {
            requests::insert(conn, &row).await?;
            let early = requests::entered(conn, "one").await?;
            let first = requests::endorsed(conn, "one", Digest::of(b"application")).await?;
            let second = requests::declined(conn, "one", "Too late.").await?;
            let third = requests::endorsed(conn, "one", Digest::of(b"another")).await?;
            let last = (requests::entered(conn, "one").await?, requests::entered(conn, "one").await?);
            Ok::<_, Error>((early, first, second, third, last, requests::find(conn, "one").await?))
        });
        let (early, first, second, third, last, row) = answers.await.expect("answers");
        assert_eq!((early, first, second, third, last), (false, true, false, false, (true, false)));
        let row = row.expect("it is kept");
        assert_eq!((row.state.as_str(), row.application), ("entered", Some(Digest::of(b"application"))));
        assert_eq!(row.reason, None);
    }
}

async fn accept(conn: &mut Conn, name: &str) -> Result<bool> {
    consortium::accept(conn, ConsortiumId(Digest::of(name.as_bytes())), name, b"{}", NOW).await
}

#[tokio::test]
async fn two_consortia_that_are_accepted_at_once_are_not_both_the_nodes_own() {
    for fresh in each_kind() {
        let processes = [open(&fresh).await, open(&fresh).await];
        let (begun, accepted) = oneshot::channel();
        let (end, ended) = oneshot::channel::<()>();
        let db = processes[0].clone();
        let first = tokio::spawn(async move {
            db.write(async move |conn| {
                let own = accept(conn, "first").await?;
                begun.send(()).expect("the test waits");
                ended.await.expect("the test says so");
                Ok::<_, Error>(own)
            })
            .await
        });
        accepted.await.expect("the first is under way");
        let db = processes[1].clone();
        let mut second = tokio::spawn(async move { db.write(async |conn| accept(conn, "second").await).await });
        // It has time to look before the first is saved; the answer must not be one that rests on that.
        let early = tokio::time::timeout(Duration::from_millis(200), &mut second).await;
        end.send(()).expect("the first waits");
        assert!(first.await.expect("it ends").expect("it is saved"));
        let own = match early {
            Ok(second) => second,
            Err(_) => second.await,
        };
        assert!(!own.expect("it ends").expect("an answer"));
        let mut conn = processes[0].read().await.expect("a connection");
        let row = consortium::current(&mut conn).await.expect("a query").expect("a consortium");
        assert_eq!(row.name, "first");
    }
}
