//! Nodes and small servers on the loopback network, for the tests of this part.

use std::sync::LazyLock;

use axum::Router;
use folkmoot_governance::id::NodeId;
use folkmoot_governance::key::SecretKey;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rsa::RsaPrivateKey;

use super::addresses::Addresses;
use super::client::Client;

/// One key for all; making it takes a while.
pub(super) static RSA_KEY: LazyLock<RsaPrivateKey> =
    LazyLock::new(|| RsaPrivateKey::new(&mut StdRng::seed_from_u64(11), 2048).expect("a key"));

pub(super) fn statement_key() -> SecretKey {
    SecretKey::from_seed([5; 32])
}

pub(super) fn us() -> NodeId {
    "https://coop.example/actor".parse().expect("valid")
}

pub(super) fn allowing(network: &str) -> Addresses {
    Addresses::allowing(&[network.to_owned()]).expect("a network")
}

/// A client of ours that may speak to the loopback network.
pub(super) fn client() -> Client {
    Client::new(&us(), &RSA_KEY, allowing("127.0.0.0/8")).expect("a client")
}

/// Serves what `router` makes of its own node, and says which node that is.
pub(super) async fn serve(router: impl FnOnce(&NodeId) -> Router) -> NodeId {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let node = format!("http://{address}/actor").parse().expect("valid");
    let router = router(&node);
    tokio::spawn(async move { axum::serve(listener, router).await });
    node
}
