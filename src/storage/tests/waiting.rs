//! Entries that wait for what they rest on: a bounded number of each journal, and none is lost.

use folkmoot_governance::id::ConsortiumId;

use super::*;
use crate::storage::pending::{self, OF_A_JOURNAL_MOST};
use crate::storage::{entries, journals};

/// How many more a journal has than can wait.
const MORE: u64 = 30;

fn journal(name: &str) -> JournalId {
    JournalId::new(ConsortiumId(Digest::of(b"consortium")), &node(name), &[7; 32])
}

/// Stores decisions about votes that nobody has heard of.
async fn tell(conn: &mut Conn, name: &str, count: u64) -> Result<()> {
    let journal = journal(name);
    journals::lock_or_create(conn, &journal, &node(name), false).await?;
    for number in 0..count {
        let statement = Digest::of(format!("{name} {number}").as_bytes());
        let entry = NewEntry { kind: "Article", ..objection(&journal, statement) };
        let position = entries::append(conn, &entry).await?;
        pending::put(conn, statement, &journal, position).await?;
    }
    Ok(())
}

async fn positions(conn: &mut Conn, name: &str) -> Vec<u64> {
    let waiting = pending::after(conn, None, 1000).await.expect("a query");
    let places = waiting.into_iter().map(|entry| entry.place);
    places.filter(|(known, _)| *known == journal(name)).map(|(_, position)| position).collect()
}

#[tokio::test]
async fn of_each_journal_the_earliest_wait_and_the_next_take_the_places_of_those_that_do_no_longer() {
    let most = u64::try_from(OF_A_JOURNAL_MOST).expect("a small number");
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let told = db.write(async |conn| {
            tell(conn, "a", most + MORE).await?;
            tell(conn, "b", 3).await
        });
        told.await.expect("entries");
        let waits = async |name: &str| positions(&mut db.read().await.expect("a connection"), name).await;
        assert_eq!(waits("a").await, (0..most).collect::<Vec<_>>());
        assert_eq!(waits("b").await, [0, 1, 2]);

        let settled = db.write(async |conn| {
            for entry in pending::after(conn, None, 10).await? {
                pending::remove(conn, &entry).await?;
            }
            Ok::<_, Error>(())
        });
        settled.await.expect("removed");
        assert_eq!(waits("a").await, (10..most + 10).collect::<Vec<_>>());
        // As when everything is applied again: an earlier one comes last, and the latest gives way.
        let earlier = db.write(async |conn| pending::put(conn, Digest::of(b"a 3"), &journal("a"), 3).await);
        earlier.await.expect("put");
        assert_eq!(waits("a").await, std::iter::once(3).chain(10..most + 9).collect::<Vec<_>>());

        let seen = db.write(async |conn| {
            let mut seen = Vec::new();
            while let Some(entry) = pending::after(conn, None, 1).await?.pop() {
                pending::remove(conn, &entry).await?;
                seen.push(entry.place.1);
            }
            Ok::<_, Error>(seen)
        });
        let all = std::iter::once(3).chain(10..most + MORE).chain(0..3);
        assert_eq!(seen.await.expect("removed"), all.collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_waits_is_read_from_place_to_place() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let told = db.write(async |conn| {
            tell(conn, "a", 4).await?;
            tell(conn, "b", 3).await
        });
        told.await.expect("entries");
        let mut conn = db.read().await.expect("a connection");
        let (mut place, mut read) = (None, Vec::new());
        loop {
            let some = pending::after(&mut conn, place.as_ref(), 3).await.expect("a query");
            let Some(last) = some.last() else { break };
            place = Some(last.place.clone());
            read.extend(some.into_iter().map(|entry| entry.place.1));
        }
        assert_eq!(read, [0, 1, 2, 3, 0, 1, 2]);
    }
}
