//! What reaches a node's inbox without a good signature goes no further.

use folkmoot_governance::id::{NodeId, Time};
use reqwest::Method;
use rsa::RsaPrivateKey;
use url::Url;

use crate::harness::Plan;
use crate::harness::process::Node;

use folkmoot::transport::signatures::HttpSigner;

const ACTIVITY: &[u8] = br#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Follow"}"#;

/// A delivery as its signer made it.
struct Delivery {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Delivery {
    async fn sign(to: &Node, keys: &Node, body: &[u8], time: Time) -> anyhow::Result<Self> {
        let pem = std::fs::read_to_string(keys.folder.join("data/keys/http.pem"))?;
        let key: RsaPrivateKey = rsa::pkcs8::DecodePrivateKey::from_pkcs8_pem(&pem)?;
        Self::sign_as(to, &format!("{}/actor", keys.address).parse()?, &key, body, time).await
    }

    async fn sign_as(
        to: &Node,
        as_node: &NodeId,
        key: &RsaPrivateKey,
        body: &[u8],
        time: Time,
    ) -> anyhow::Result<Self> {
        let url: Url = format!("{}/inbox", to.address).parse()?;
        let signed = HttpSigner::new(as_node, key).sign(&Method::POST, &url, Some(body), time).await?;
        let headers = signed.iter().map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())));
        Ok(Self { headers: headers.collect::<anyhow::Result<_>>()?, body: body.to_vec() })
    }

    async fn check(&self, to: &Node, statuses: &[u16], what: &str) -> anyhow::Result<()> {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let answer = to.public.send(Method::POST, "/inbox", &headers, self.body.clone()).await?;
        let text = String::from_utf8_lossy(&answer.body);
        assert!(statuses.contains(&answer.status), "{what}: {} {text}", answer.status);
        assert_eq!(answer.content_type, "application/problem+json", "{what}: {text}");
        assert_eq!(answer.json()?["status"], answer.status, "{what}: {text}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inbox_refuses_what_is_not_signed_well() -> anyhow::Result<()> {
    let consortium = Plan::new(2).start().await?;
    let (to, from) = (&consortium.nodes[0], &consortium.nodes[1]);
    let now = Time(i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_secs())?);

    let good = Delivery::sign(to, from, ACTIVITY, now).await?;
    let unsigned = good.headers.iter().filter(|(name, _)| name != "signature").cloned().collect();
    Delivery { headers: unsigned, body: good.body.clone() }.check(to, &[401], "unsigned").await?;

    let changed = Delivery { headers: good.headers.clone(), body: ACTIVITY.to_ascii_uppercase() };
    changed.check(to, &[400, 401], "another body than the signed one").await?;

    let stale = Delivery::sign(to, from, ACTIVITY, now.plus(-2 * 86_400)).await?;
    stale.check(to, &[401], "signed two days ago").await?;

    let elsewhere = Delivery::sign(from, from, ACTIVITY, now).await?;
    elsewhere.check(to, &[401], "signed for another node").await?;

    let stranger = RsaPrivateKey::new(&mut rand::thread_rng(), 2048)?;
    let name: NodeId = format!("{}/actor", from.address).parse()?;
    let forged = Delivery::sign_as(to, &name, &stranger, ACTIVITY, now).await?;
    forged.check(to, &[401], "signed with another node's name").await?;

    let long = Delivery::sign(to, from, &vec![b' '; (1 << 20) + 1], now).await?;
    long.check(to, &[413], "longer than the limit").await?;
    consortium.stop().await
}
