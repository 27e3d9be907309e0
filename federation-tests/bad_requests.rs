//! What reaches a node's inbox without a good signature goes no further.

use folkmoot::transport::client::BODY_LIMIT;
use reqwest::Method;
use rsa::RsaPrivateKey;

use crate::harness::Plan;
use crate::harness::delivery::{Delivery, node_id, now};
use crate::harness::process::{Database, Node};

const ACTIVITY: &[u8] = br#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Follow"}"#;

async fn check(delivery: &Delivery, to: &Node, status: u16, what: &str) -> anyhow::Result<()> {
    let answer = delivery.send(to).await?;
    let text = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, status, "{what}: {text}");
    assert_eq!(answer.content_type, "application/problem+json", "{what}: {text}");
    assert_eq!(answer.json()?["status"], status, "{what}: {text}");
    Ok(())
}

on_both_databases!(inbox_refuses_what_is_not_signed_well);

async fn inbox_refuses_what_is_not_signed_well(database: Database) -> anyhow::Result<()> {
    let consortium = Plan::new(2).on(database).start().await?;
    let (to, from) = (&consortium.nodes[0], &consortium.nodes[1]);
    let now = now()?;

    let good = Delivery::sign(to, from, ACTIVITY, now).await?;
    assert!((200..300).contains(&good.send(to).await?.status), "a good signature is heard");

    let headers = good.headers.iter().filter(|(name, _)| name != "signature").cloned().collect();
    check(&Delivery { headers, body: good.body.clone() }, to, 401, "unsigned").await?;

    let changed = Delivery { headers: good.headers.clone(), body: ACTIVITY.to_ascii_uppercase() };
    check(&changed, to, 401, "another body than the signed one").await?;

    let stale = Delivery::sign(to, from, ACTIVITY, now.plus(-2 * 86_400)).await?;
    check(&stale, to, 401, "signed two days ago").await?;

    let elsewhere = Delivery::sign(from, from, ACTIVITY, now).await?;
    check(&elsewhere, to, 401, "signed for another node").await?;

    let stranger = RsaPrivateKey::new(&mut rand::thread_rng(), 2048)?;
    let forged = Delivery::sign_as(to, &node_id(from)?, &stranger, ACTIVITY, now).await?;
    check(&forged, to, 401, "signed with another node's name").await?;

    let long = Delivery::sign(to, from, &vec![b' '; BODY_LIMIT + 1], now).await?;
    check(&long, to, 413, "longer than the limit").await?;

    let unknown = to.public.send(Method::GET, "/api/v1/no-such-thing", &[], Vec::new()).await?;
    assert_eq!((unknown.status, unknown.content_type.as_str()), (404, "application/problem+json"));
    consortium.stop().await
}
