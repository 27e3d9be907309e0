//! Requests to a node's inbox, signed with any node's key: what a node sends, and what it should never send.

use std::time::SystemTime;

use folkmoot::transport::signatures::HttpSigner;
use folkmoot_governance::id::{NodeId, Time};
use reqwest::Method;
use rsa::RsaPrivateKey;
use url::Url;

use super::api::Answer;
use super::process::Node;

/// A delivery as its signer made it.
pub struct Delivery {
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Delivery {
    /// Signed at `time` with the keys and in the name of `from`.
    pub async fn sign(to: &Node, from: &Node, body: &[u8], time: Time) -> anyhow::Result<Self> {
        Self::sign_as(to, &node_id(from)?, &http_key(from)?, body, time).await
    }

    pub async fn sign_as(
        to: &Node,
        name: &NodeId,
        key: &RsaPrivateKey,
        body: &[u8],
        time: Time,
    ) -> anyhow::Result<Self> {
        let url: Url = format!("{}/inbox", to.address).parse()?;
        let signed = HttpSigner::new(name, key).sign(&Method::POST, &url, Some(body), time).await?;
        let headers = signed.iter().map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())));
        Ok(Self { headers: headers.collect::<anyhow::Result<_>>()?, body: body.to_vec() })
    }

    pub async fn send(&self, to: &Node) -> anyhow::Result<Answer> {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        to.public.send(Method::POST, "/inbox", &headers, self.body.clone()).await
    }
}

pub fn node_id(node: &Node) -> anyhow::Result<NodeId> {
    Ok(format!("{}/actor", node.address).parse()?)
}

pub fn http_key(node: &Node) -> anyhow::Result<RsaPrivateKey> {
    let pem = std::fs::read_to_string(node.folder.join("data/keys/http.pem"))?;
    Ok(rsa::pkcs8::DecodePrivateKey::from_pkcs8_pem(&pem)?)
}

/// By this machine's clock, as every node has it.
pub fn now() -> anyhow::Result<Time> {
    Ok(Time(i64::try_from(SystemTime::UNIX_EPOCH.elapsed()?.as_secs())?))
}
