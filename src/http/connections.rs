//! Serving connections within limits: so many at once, and none for a client that does not get to the end of its headers,
//! says nothing any more, or does not take its answer. `axum::serve` has none of these.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

/// How long to wait where no connection can be taken: mostly there are too many open files, and some will close.
const RECOVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// For the headers of a request, from when the connection is ready for it.
    pub headers: Duration,
    /// For the client to take more of an answer. The system hands on a good part of its buffer at a time, which takes
    /// slow lines a while.
    pub answer: Duration,
}

/// Serves until `stop`, and then until every request that is under way is answered.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let (turns, under_way) = (Arc::new(Semaphore::new(limits.connections)), GracefulShutdown::new());
    // HTTP/1 alone: without TLS nobody speaks HTTP/2 unasked, and telling them apart has no time limit.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.headers);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let turn = turns.clone().acquire_owned().await.expect("nobody closes it");
            (turn, listener.accept().await)
        };
        let (turn, (stream, peer)) = tokio::select! {
            () = &mut stop => break,
            (turn, accepted) = accepted => match accepted {
                Ok(accepted) => (turn, accepted),
                Err(error) => {
                    tracing::warn!(%error, "no connection can be taken");
                    tokio::time::sleep(RECOVERY).await;
                    continue;
                }
            },
        };
        let service = router.clone().map_request(move |mut request: Request<_>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.answer));
        let stream = TokioIo::new(Box::pin(stream));
        let connection = builder.serve_connection(stream, TowerToHyperService::new(service));
        let connection = under_way.watch(connection.into_owned());
        tokio::spawn(async move {
            // Why a client's connection broke is the client's business.
            if let Err(error) = connection.await {
                tracing::debug!(%peer, error, "a connection broke off");
            }
            drop(turn);
        });
    }
    drop(listener);
    under_way.shutdown().await;
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        running: JoinHandle<()>,
    }

    async fn server(router: Router, connections: usize, wait: Duration) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let limits = Limits { connections, headers: wait, answer: wait };
        let running = tokio::spawn(serve(listener, router, limits, async { stopped.await.unwrap_or_default() }));
        Server { address, stop, running }
    }

    async fn say(address: SocketAddr, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(bytes).await.expect("sent");
        stream
    }

    /// Everything until the server ends the connection.
    async fn hear(mut stream: TcpStream) -> String {
        let mut heard = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut heard)).await;
        // A connection that is cut off is at its end too.
        let _ = end.expect("the server ends the connection");
        String::from_utf8_lossy(&heard).into_owned()
    }

    fn hello() -> Router {
        Router::new().route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()))
    }

    #[tokio::test]
    async fn whoever_does_not_finish_the_headers_is_cut_off_and_others_are_answered() {
        let server = server(hello(), 10, Duration::from_millis(200)).await;
        for slow in [&b""[..], b"G", b"PRI * HT", b"GET / HTTP/1.1\r\nHost: a.exam"] {
            let heard = hear(say(server.address, slow).await).await;
            assert!(!heard.contains("200 OK"), "{heard}");
        }
        let heard = hear(say(server.address, ASK).await).await;
        assert!(heard.starts_with("HTTP/1.1 200 OK") && heard.ends_with("127.0.0.1"), "{heard}");
    }

    #[tokio::test]
    async fn whoever_does_not_take_the_answer_makes_room_for_others() {
        // More than the system takes off the server's hands.
        let long = Router::new().route("/long", get(async || vec![b'x'; 64 << 20]));
        let server = server(long.merge(hello()), 1, Duration::from_millis(200)).await;
        let deaf = say(server.address, b"GET /long HTTP/1.1\r\nHost: a.example\r\n\r\n").await;
        assert!(hear(say(server.address, ASK).await).await.starts_with("HTTP/1.1 200 OK"));
        drop(deaf);
    }

    #[tokio::test]
    async fn one_connection_more_waits_for_its_turn() {
        let server = server(hello(), 1, Duration::from_secs(20)).await;
        let first = say(server.address, b"GET / HTTP/1.1\r\n").await;
        let mut second = tokio::spawn(hear(say(server.address, ASK).await));
        tokio::select! {
            biased;
            heard = &mut second => panic!("answered out of turn: {heard:?}"),
            () = tokio::task::yield_now() => {}
        }
        drop(first);
        assert!(second.await.expect("no panic").starts_with("HTTP/1.1 200 OK"));
    }

    #[tokio::test]
    async fn what_is_under_way_is_answered_after_the_stop() {
        let (begun, mut beginning) = tokio::sync::mpsc::channel::<()>(1);
        let (release, released) = tokio::sync::watch::channel(false);
        let slow = get(move || async move {
            begun.send(()).await.expect("somebody waits");
            released.clone().wait_for(|released| *released).await.expect("released");
            "done"
        });
        let server = server(Router::new().route("/", slow), 10, Duration::from_secs(20)).await;
        let client = say(server.address, ASK).await;
        beginning.recv().await.expect("it has begun");
        server.stop.send(()).expect("it runs");
        release.send_replace(true);
        assert!(hear(client).await.ends_with("done"));
        server.running.await.expect("stopped");
        TcpStream::connect(server.address).await.expect_err("nobody listens any more");
    }
}
