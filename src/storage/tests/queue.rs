//! The queue of deliveries: what makes room, and what pages see of it.

use folkmoot_governance::key::PublicKey;

use super::*;
use crate::storage::deliveries::{self, QUEUE_MOST};
use crate::storage::peers;

async fn enqueue(conn: &mut Conn, peer: &str, kind: &str, body: &[u8]) -> Result<()> {
    let dedupe = (kind == "journal").then_some("journal");
    deliveries::enqueue(conn, &node(peer), kind, dedupe, body, NOW).await
}

#[tokio::test]
async fn a_peer_that_is_away_loses_its_own_oldest_and_nothing_else() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let queued = db.write(async |conn| {
            enqueue(conn, "away", "invitation", b"come").await?;
            enqueue(conn, "away", "journal", b"").await?;
            enqueue(conn, "other", "closing", b"old").await?;
            for number in 0..QUEUE_MOST + 7 {
                enqueue(conn, "away", "closing", number.to_string().as_bytes()).await?;
            }
            enqueue(conn, "other", "closing", b"new").await
        });
        queued.await.expect("queued");
        let all = db.write(async |conn| {
            let most = QUEUE_MOST * 2;
            let mut all = deliveries::claim(conn, &node("away"), NOW, NOW.plus(60), most).await?;
            all.extend(deliveries::claim(conn, &node("other"), NOW, NOW.plus(60), most).await?);
            Ok::<_, Error>(all)
        });
        let all = all.await.expect("a claim");
        let of = |peer: &str, kind: &str| {
            let mine = all.iter().filter(|row| row.peer == node(peer) && row.kind == kind);
            mine.map(|row| String::from_utf8_lossy(&row.body).into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of("away", "invitation"), ["come"]);
        assert_eq!(of("away", "journal").len(), 1);
        assert_eq!(of("other", "closing"), ["old", "new"]);
        let kept: Vec<_> = (7..QUEUE_MOST + 7).map(|number| number.to_string()).collect();
        assert_eq!(of("away", "closing"), kept);
    }
}

#[tokio::test]
async fn the_status_counts_what_waits_for_each_peer() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let queued = db.write(async |conn| {
            for peer in ["b", "a", "b", "b"] {
                enqueue(conn, peer, "closing", b"body").await?;
            }
            let of_b = deliveries::claim(conn, &node("b"), NOW, NOW.plus(60), 10).await?;
            deliveries::failed(conn, &of_b[0], NOW.plus(1), "first").await?;
            deliveries::failed(conn, &of_b[1], NOW.plus(1), "second").await
        });
        queued.await.expect("queued");
        let mut conn = db.read().await.expect("a connection");
        let waiting = deliveries::waiting(&mut conn).await.expect("an answer");
        assert_eq!(waiting, [(node("a"), 1, None), (node("b"), 3, Some("second".to_owned()))]);
    }
}

#[tokio::test]
async fn what_is_queued_again_while_it_is_sent_is_sent_again() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let left = db.write(async |conn| {
            enqueue(conn, "peer", "journal", b"").await?;
            let claimed = deliveries::claim(conn, &node("peer"), NOW, NOW.plus(60), 10).await?;
            enqueue(conn, "peer", "journal", b"").await?;
            deliveries::done(conn, &claimed[0], NOW).await?;
            Ok::<_, Error>(deliveries::claim(conn, &node("peer"), NOW, NOW.plus(60), 10).await?.len())
        });
        assert_eq!(left.await.expect("an answer"), 1);
    }
}

#[tokio::test]
async fn what_waits_for_a_peer_that_comes_back_is_due_at_once() {
    for fresh in each_kind() {
        let db = open(&fresh).await;
        let due = db.write(async |conn| {
            peers::put(conn, &peer("away")).await?;
            for name in ["away", "away", "other"] {
                enqueue(conn, name, "closing", b"body").await?;
            }
            for name in ["away", "other"] {
                let row = deliveries::claim(conn, &node(name), NOW, NOW.plus(60), 10).await?.remove(0);
                deliveries::failed(conn, &row, NOW.plus(3600), "away").await?;
                peers::failed(conn, &row.peer, "away").await?;
            }
            let before = deliveries::peers_due(conn, NOW.plus(9)).await?;
            peers::answered(conn, &node("away"), NOW.plus(9)).await?;
            let after = deliveries::peers_due(conn, NOW.plus(9)).await?;
            let all = deliveries::claim(conn, &node("away"), NOW.plus(9), NOW.plus(60), 10).await?;
            Ok::<_, Error>((before, after, all.len()))
        });
        assert_eq!(due.await.expect("an answer"), (vec![], vec![node("away")], 2));
    }
}

fn peer(name: &str) -> peers::PeerRow {
    peers::PeerRow {
        node: node(name),
        name: name.to_owned(),
        key: PublicKey::from_bytes([0; 32]),
        rsa: String::new(),
        inbox: String::new(),
        seen_at: None,
        failures: 0,
        last_error: None,
        fetched_at: NOW,
    }
}
