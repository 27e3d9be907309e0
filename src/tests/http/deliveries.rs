//! Sending to peers that answer, and to those that do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use folkmoot::app::App;
use folkmoot::federation::delivery;
use folkmoot::storage::{deliveries, peers};
use folkmoot::tasks;
use folkmoot::transport::addresses::Addresses;
use folkmoot::transport::client::Client;
use folkmoot_governance::id::NodeId;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::app::{TestApp, keys};
use super::peer;

/// More than are claimed at a time, twice over.
const MESSAGES: usize = 40;

/// A peer at an address of its own that answers so.
pub async fn serve(answers: Router) -> NodeId {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, answers).await });
    format!("http://{address}/actor").parse().expect("a node")
}

/// The node of a test with peers on loopback.
pub async fn reach(test: &TestApp, names: &[&NodeId]) -> App {
    let addresses = Addresses::allowing(&["127.0.0.0/8".to_owned()]).expect("a network");
    let client = Client::new(&test.app.node, &keys().http, addresses).expect("a client");
    let clock = test.app.clone();
    let app =
        App::with_clock(test.app.config.clone(), test.app.db.clone(), keys(), client, Arc::new(move || clock.now()));
    for name in names {
        let known = peer::row(name, &keys());
        app.db.write(async move |conn| peers::put(conn, &known).await).await.expect("the peer is known");
    }
    app
}

/// As [`reach`], with its background loops.
async fn start(test: &TestApp, names: &[&NodeId]) -> (App, watch::Sender<bool>) {
    let app = reach(test, names).await;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(tasks::run(app.clone(), stopped));
    (app, stop)
}

async fn queue(app: &App, to: &NodeId, how_many: usize) {
    let (to, now) = (to.clone(), app.now());
    let queued = app.db.write(async move |conn| {
        for _ in 0..how_many {
            deliveries::enqueue(conn, &to, "closing", None, b"{}", now).await?;
        }
        Ok::<_, folkmoot::storage::Error>(())
    });
    queued.await.expect("queued");
    app.wake.notify_one();
}

#[tokio::test]
async fn a_peer_that_hangs_holds_up_no_other() {
    let (asked, mut hangs) = watch::channel(0);
    let hanging = serve(Router::new().route(
        "/inbox",
        post(async move || {
            asked.send_modify(|asked| *asked += 1);
            std::future::pending::<StatusCode>().await
        }),
    ));
    let received = Arc::new(AtomicUsize::new(0));
    let (counting, (all, mut whole)) = (received.clone(), watch::channel(false));
    let answering = serve(Router::new().route(
        "/inbox",
        post(async move || {
            let so_far = counting.fetch_add(1, Ordering::SeqCst) + 1;
            let _ = all.send(so_far == MESSAGES);
            StatusCode::ACCEPTED
        }),
    ));
    let (hanging, answering) = (hanging.await, answering.await);
    let test = TestApp::new().await;
    let (app, _stop) = start(&test, &[&hanging, &answering]).await;
    queue(&app, &hanging, MESSAGES).await;
    hangs.wait_for(|asked| *asked == 1).await.expect("the first of them is under way");
    queue(&app, &answering, MESSAGES).await;
    // The hanging request is given up only after twice as long.
    let in_time = tokio::time::timeout(Duration::from_secs(5), whole.wait_for(|whole| *whole)).await;
    in_time.expect("the other peer has everything").expect("it still runs");
    assert_eq!((*hangs.borrow(), received.load(Ordering::SeqCst)), (1, MESSAGES), "one at a time");
}

#[tokio::test]
async fn what_a_peer_has_no_room_for_yet_is_kept_and_the_reason_shown() {
    let full = (StatusCode::UNPROCESSABLE_ENTITY, r#"{"code":"full","detail":"There is no room."}"#);
    let peer = serve(Router::new().route("/inbox", post(async move || full))).await;
    let test = TestApp::new().await;
    let app = reach(&test, &[&peer]).await;
    queue(&app, &peer, 1).await;
    let (_stop, stopped) = watch::channel(false);
    assert!(delivery::deliver_to(&app, &peer, &stopped).await.expect("tried"));
    let waiting = deliveries::waiting(&mut app.db.read().await.expect("a connection")).await.expect("a query");
    assert_eq!(waiting, [(peer, 1, Some("422 There is no room.".to_owned()))]);
}
