//! The network between the nodes: in front of each node stands a TCP relay that knows the caller by the name in the
//! signature of its first request, so that single links can be cut and healed. What nobody signed passes only
//! while all links are whole.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const HEAD_LIMIT: usize = 32 * 1024;
const HEAD_TIME: Duration = Duration::from_secs(60);

/// Which nodes reach which. Nodes are known by their public address.
#[derive(Clone)]
pub struct Links {
    cut: watch::Sender<BTreeSet<(String, String)>>,
}

impl Links {
    pub fn new() -> Self {
        Self { cut: watch::Sender::new(BTreeSet::new()) }
    }

    /// Cuts the link in both directions; what is open on it ends at once.
    pub fn cut(&self, a: &str, b: &str) {
        self.cut.send_modify(|cut| {
            cut.insert((a.to_owned(), b.to_owned()));
            cut.insert((b.to_owned(), a.to_owned()));
        });
    }

    pub fn heal(&self) {
        self.cut.send_modify(BTreeSet::clear);
    }

    fn is_open(cut: &BTreeSet<(String, String)>, from: Option<&str>, to: &str) -> bool {
        match from {
            Some(from) => !cut.contains(&(from.to_owned(), to.to_owned())),
            None => cut.is_empty(),
        }
    }
}

/// The relay in front of one node; ends when it is dropped.
pub struct Relay {
    /// What the node publishes: `http://127.0.0.1:PORT`.
    pub address: String,
    targets: Arc<Mutex<Vec<SocketAddr>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    pub async fn start(links: &Links, target: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let targets = Arc::new(Mutex::new(vec![target]));
        let (links, name, to) = (links.clone(), address.clone(), targets.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let target = {
                    let mut targets = to.lock().expect("no one panics while holding it");
                    targets.rotate_left(1);
                    targets[0]
                };
                let (links, name) = (links.clone(), name.clone());
                tokio::spawn(async move { relay(stream, target, &links, &name).await });
            }
        });
        Ok(Self { address, targets, task })
    }

    /// Connections go to these processes in turn.
    pub fn set_targets(&self, targets: Vec<SocketAddr>) {
        *self.targets.lock().expect("no one panics while holding it") = targets;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries one connection until an end closes it or its link is cut. Errors end it; the nodes try again.
async fn relay(mut caller: TcpStream, target: SocketAddr, links: &Links, name: &str) -> Option<()> {
    let mut cut = links.cut.subscribe();
    let head = tokio::time::timeout(HEAD_TIME, read_head(&mut caller)).await.ok()??;
    let from = caller_of(&head);
    if !Links::is_open(&cut.borrow_and_update(), from.as_deref(), name) {
        return None;
    }
    let mut node = TcpStream::connect(target).await.ok()?;
    node.write_all(&head).await.ok()?;
    let is_cut = cut.wait_for(|cut| !Links::is_open(cut, from.as_deref(), name));
    tokio::select! {
        _ = copy_bidirectional(&mut caller, &mut node) => {}
        _ = is_cut => {}
    }
    Some(())
}

/// What arrived up to the end of the first request's head, and whatever came with it.
async fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() > HEAD_LIMIT || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// `keyId="http://127.0.0.1:4000/actor#main-key"` → `http://127.0.0.1:4000`.
fn caller_of(head: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let (_, rest) = text.split_once("keyId=\"")?;
    let (address, _) = rest.split_once("/actor#")?;
    Some(address.to_owned())
}
