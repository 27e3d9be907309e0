//! Founding: a charter is written, the parties are invited, and each accepts on its own node.

use std::time::Duration;

use folkmoot_governance::charter::{Charter, Problem};
use folkmoot_governance::epoch::{Epoch, consortium_id};
use folkmoot_governance::id::{ConsortiumId, JournalId, NodeId, Time};
use folkmoot_governance::json;
use folkmoot_governance::statement::{Body, FoundingMember, Genesis, Party};
use serde_json::{Value, json};

use super::error::{ActionError, Refusal, Result};
use super::{Person, journals, own_history, peers, standing};
use crate::app::App;
use crate::storage::{Conn, consortium, deliveries};
use crate::transport::client::Expected;
use crate::words::Message;

/// The largest genesis document in bytes.
pub const GENESIS_BYTES: usize = 512 * 1024;
/// How long a page waits for what the inviting node says.
const ASK_LONGEST: Duration = Duration::from_secs(3);
/// How many unanswered invitations a node keeps: the latest, because a stranger who sends many must not keep the
/// founders' away.
const INVITATIONS_MOST: usize = 20;
/// How many of them from one host.
const INVITATIONS_OF_HOST_MOST: usize = 3;

/// What a founder brings: the rules, the other parties' addresses, and the organisations on the roll from the start.
#[derive(Debug, Clone)]
pub struct Founding {
    pub charter: Charter,
    /// Base addresses of all parties in order; this node's own among them or not.
    pub parties: Vec<String>,
    pub members: Vec<FoundingMember>,
}

/// Asks every party's node for its key, writes the genesis document, accepts it here, and invites the others.
pub async fn found(app: &App, person: &Person, founding: Founding, now: Time) -> Result<ConsortiumId> {
    person.must_be_steward()?;
    let mut parties = Vec::new();
    let mut addresses = founding.parties.clone();
    if !addresses.iter().any(|address| address.trim_end_matches('/') == app.node.base()) {
        addresses.insert(0, app.node.base().to_owned());
    }
    for address in &addresses {
        let address = address.trim_end_matches('/');
        if address == app.node.base() {
            let (name, key) = (app.config.node.name.clone(), app.keys.statement.public());
            parties.push(Party { name, node: app.node.clone(), key });
            continue;
        }
        let node = node_at(address, "parties")?;
        let peer = peers::fetch(app, &node).await?;
        parties.push(Party { name: peer.name, node, key: peer.statement_key });
    }
    let genesis = Genesis { charter: founding.charter, parties, members: founding.members };
    Epoch::genesis(&genesis).map_err(|problems| refuse_problems(&problems))?;
    let id = consortium_id(&genesis);
    let document = serde_json::to_value(&genesis).map_err(ActionError::corrupt("genesis"))?;
    let bytes = json::canonical(&document);
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            join(conn, &app_in, id, &genesis, &bytes, now).await?;
            let invitation = invitation(&app_in.node, &document);
            for party in genesis.parties.iter().filter(|party| party.node != app_in.node) {
                let body = json::canonical(&invitation);
                deliveries::enqueue(conn, &party.node, "invitation", None, &body, now).await?;
            }
            Ok::<_, ActionError>(())
        })
        .await?;
    app.wake.notify_one();
    Ok(id)
}

/// The node at an address that somebody gives in this field.
fn node_at(address: &str, field: &'static str) -> Result<NodeId> {
    let node = format!("{}/actor", address.trim_end_matches('/')).parse::<NodeId>();
    node.map_err(|_| {
        Refusal::new("address", Message::new("refused-node-address").naming("address", address)).about(field).into()
    })
}

fn refuse_problems(problems: &[Problem]) -> ActionError {
    let told = |problem: &Problem| {
        let flaw = vec![Message::unfit("charter", json!(problem.flaw))];
        Message::new("refused-charter-place").naming("place", &problem.path).with("problem", flaw)
    };
    let all: Vec<Message> = problems.iter().map(told).collect();
    ActionError::Refused(
        Refusal::new("charter", Message::new("refused-charter").with("problems", all)).about("charter"),
    )
}

fn invitation(from: &NodeId, genesis: &Value) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "Invite",
        "actor": from,
        "object": {"type": "Genesis", "document": genesis},
    })
}

/// Keeps an invitation for the stewards to read. The document names itself by its digest; nothing is accepted here.
pub async fn receive_invitation(app: &App, from: &NodeId, document: &Value, now: Time) -> Result<()> {
    let bytes = json::canonical(document);
    if bytes.len() > GENESIS_BYTES {
        return Err(ActionError::refused("genesis", "refused-genesis-long"));
    }
    let genesis = read_genesis(&bytes)?;
    Epoch::genesis(&genesis).map_err(|problems| refuse_problems(&problems))?;
    must_invite(app, &genesis)?;
    if !genesis.parties.iter().any(|party| party.node == *from) {
        return Err(ActionError::refused("not-a-party", "refused-inviter"));
    }
    let id = consortium_id(&genesis);
    let (name, from) = (genesis.charter.name.clone(), from.clone());
    app.db
        .write(async move |conn| {
            consortium::lock_table(conn).await?;
            make_room(conn, id, &from).await?;
            consortium::invite(conn, id, &name, &bytes, &from, now).await?;
            Ok(())
        })
        .await
}

fn must_invite(app: &App, genesis: &Genesis) -> Result<()> {
    let me = genesis.parties.iter().find(|party| party.node == app.node);
    if me.is_some_and(|party| party.key == app.keys.statement.public()) {
        return Ok(());
    }
    Err(ActionError::refused("not-invited", "refused-not-invited"))
}

/// Forgets the oldest invitations where there is no room for one more: first of the same host, then of all.
async fn make_room(conn: &mut Conn, id: ConsortiumId, from: &NodeId) -> Result<()> {
    let (mut of_host, mut all) = (1, 1);
    for (other, sender) in consortium::inviters(conn).await? {
        let same_host = sender.is_some_and(|sender| sender.authority() == from.authority());
        if other == id {
            continue;
        }
        if all == INVITATIONS_MOST || same_host && of_host == INVITATIONS_OF_HOST_MOST {
            consortium::remove_invitation(conn, other).await?;
            continue;
        }
        all += 1;
        of_host += usize::from(same_host);
    }
    Ok(())
}

fn read_genesis(bytes: &[u8]) -> Result<Genesis> {
    let refuse =
        |why: String| ActionError::refused("genesis", Message::new("refused-genesis-unreadable").with("detail", why));
    let value = json::parse(bytes, GENESIS_BYTES).map_err(|error| refuse(error.to_string()))?;
    serde_json::from_value(value).map_err(|error| refuse(error.to_string()))
}

/// Accepts an invitation: from here on this node is a party of that consortium, and of no other. With the address of a
/// party that has accepted, the invitation is fetched from there, should it be lost here.
pub async fn accept(app: &App, person: &Person, id: ConsortiumId, from: Option<&str>, now: Time) -> Result<()> {
    person.must_be_steward()?;
    let (genesis, bytes) = invited(app, id, from).await?;
    let app_in = app.clone();
    app.db.write(async move |conn| join(conn, &app_in, id, &genesis, &bytes, now).await).await
}

/// The founding document of an invitation with its canonical bytes: as it is kept here, or as the node at `from` has it.
/// Its digest is the consortium's id, so it does not matter who passes it on.
pub async fn invited(app: &App, id: ConsortiumId, from: Option<&str>) -> Result<(Genesis, Vec<u8>)> {
    let Some(address) = from else {
        let mut conn = app.db.read().await?;
        let row = consortium::invitation(&mut conn, id).await?;
        let bytes = row.ok_or(ActionError::NotFound("missing-invitation"))?.genesis;
        return Ok((read_genesis(&bytes)?, bytes));
    };
    let (genesis, bytes) = ask_genesis(app, &node_at(address, "from")?).await?;
    if consortium_id(&genesis) != id {
        return Err(Refusal::new("other-consortium", "refused-other-consortium").about("from").into());
    }
    must_invite(app, &genesis)?;
    Ok((genesis, bytes))
}

/// Declines an invitation: it is forgotten here, and nobody is told.
pub async fn decline(app: &App, person: &Person, id: ConsortiumId) -> Result<()> {
    person.must_be_steward()?;
    let removed = app.db.write(async move |conn| consortium::remove_invitation(conn, id).await).await?;
    if removed { Ok(()) } else { Err(ActionError::NotFound("missing-invitation")) }
}

/// Follows a consortium that this node is not, or with this key not yet, a party of: its journals are mirrored, and
/// nothing is published. So a further party prepares for its admission, and a node that lost its database comes back.
pub async fn follow(app: &App, peer: &NodeId, now: Time) -> Result<ConsortiumId> {
    let (genesis, bytes) = ask_genesis(app, peer).await?;
    let id = consortium_id(&genesis);
    let key = app.keys.statement.public();
    let founded = genesis.parties.iter().any(|party| party.node == app.node && party.key == key);
    // One that was admitted later stands in no founding document, but in the journals of the others.
    let journal = JournalId::new(id, &app.node, key.as_bytes());
    if founded || own_history::published(app, peer, &journal).await?.is_some() {
        return Err(ActionError::refused("same-key", "refused-same-key"));
    }
    app.db
        .write(async move |conn| {
            make_own(conn, id, &genesis, &bytes, now).await?;
            for journal in standing::load(conn).await?.epoch().journals() {
                crate::storage::journals::lock_or_create(conn, &journal.journal, journal.node, false).await?;
            }
            Ok::<_, ActionError>(())
        })
        .await?;
    Ok(id)
}

/// Who has accepted the charter so far, as the inviting node says: acceptances are published in journals, which this
/// node does not read before it accepts itself. Nothing rests on the answer; where there is none, it is empty.
pub async fn accepted_so_far(app: &App, inviter: &NodeId, id: ConsortiumId) -> Vec<NodeId> {
    let Ok(url) = url::Url::parse(&format!("{}/api/v1/consortium", inviter.base())) else { return Vec::new() };
    let asked = app.client.get_unsigned(&url, Expected::Json);
    match tokio::time::timeout(ASK_LONGEST, asked).await {
        Ok(Ok(fetched)) => accepted(&fetched.body, id),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

fn accepted(body: &[u8], id: ConsortiumId) -> Vec<NodeId> {
    let Ok(answer) = json::parse(body, GENESIS_BYTES) else { return Vec::new() };
    if answer["id"] != json!(id) {
        return Vec::new();
    }
    let parties = answer["parties"].as_array().into_iter().flatten();
    let accepted = parties.filter(|party| party["accepted"] == true);
    accepted.filter_map(|party| party["node"].as_str()?.parse().ok()).collect()
}

/// The founding document of the consortium that another node belongs to, checked; with its canonical bytes.
pub async fn ask_genesis(app: &App, peer: &NodeId) -> Result<(Genesis, Vec<u8>)> {
    let document = peers::ask(app, peer, "genesis").await?;
    let bytes = json::canonical(&document);
    let genesis = read_genesis(&bytes)?;
    Epoch::genesis(&genesis).map_err(|problems| refuse_problems(&problems))?;
    Ok((genesis, bytes))
}

/// The founding document, for those who want to follow.
pub async fn genesis(app: &App) -> Result<Vec<u8>> {
    let mut conn = app.db.read().await?;
    let row = consortium::current(&mut conn).await?;
    Ok(row.ok_or(ActionError::NotFound("missing-consortium"))?.genesis)
}

/// Stores the genesis, publishes this node's acceptance and the founding members that it sponsors.
async fn join(conn: &mut Conn, app: &App, id: ConsortiumId, genesis: &Genesis, bytes: &[u8], now: Time) -> Result<()> {
    make_own(conn, id, genesis, bytes, now).await?;
    let standing = standing::load(conn).await?;
    for journal in standing.epoch().journals() {
        let own = *journal.node == app.node;
        crate::storage::journals::lock_or_create(conn, &journal.journal, journal.node, own).await?;
    }
    let digest = standing.epoch().charter_digest;
    journals::publish(conn, app, &standing, Body::Charter { digest }, now).await?;
    for member in genesis.members.iter().filter(|member| member.sponsor == app.node) {
        let body = super::join::founding_entry(app, &standing, member, now);
        journals::publish(conn, app, &standing, body, now).await?;
    }
    Ok(())
}

/// A node belongs to one consortium.
async fn make_own(conn: &mut Conn, id: ConsortiumId, genesis: &Genesis, bytes: &[u8], now: Time) -> Result<()> {
    if consortium::accept(conn, id, &genesis.charter.name, bytes, now).await? {
        return Ok(());
    }
    Err(ActionError::refused("one-consortium", "refused-one-consortium"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptances_of_another_consortium_say_nothing() {
        let id = |seed: &[u8]| ConsortiumId(folkmoot_governance::id::Digest::of(seed));
        let answer = json!({"id": id(b"one"), "parties": [
            {"name": "One", "node": "https://one.example/actor", "accepted": true},
            {"name": "Two", "node": "https://two.example/actor", "accepted": false},
            {"name": "Three", "node": 3, "accepted": true},
        ]});
        let body = answer.to_string().into_bytes();
        let nodes: Vec<String> = accepted(&body, id(b"one")).iter().map(ToString::to_string).collect();
        assert_eq!(nodes, ["https://one.example/actor"]);
        assert!(accepted(&body, id(b"two")).is_empty());
        assert!(accepted(b"<html>", id(b"one")).is_empty());
    }
}
