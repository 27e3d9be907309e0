//! The founding charter to read and accept. Its address carries the digest in the consortium's id.

use folkmoot_governance::id::{ConsortiumId, Digest, NodeId};
use folkmoot_governance::statement::{Genesis, Party};

use super::charter;
use crate::actions::consortium as action;
use crate::actions::error::ActionError;
use crate::http::address::Named;
use crate::storage::consortium as stored;
use crate::web::charter::CharterStanding;
use crate::web::consortium::{Health, PartyRow};
use crate::web::form::Problems;
use crate::web::layout::{Done, Section};
use crate::web::stewards::InvitationPage;
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};

pub fn url(id: ConsortiumId) -> String {
    format!("/stewards/invitations/{}", id.0)
}

/// Who sent an invitation.
pub fn from(row: &stored::ConsortiumRow) -> Result<String, ActionError> {
    let genesis: Genesis = serde_json::from_slice(&row.genesis).map_err(ActionError::corrupt("genesis"))?;
    Ok(inviter(row.invited_by.as_deref(), &genesis.parties))
}

/// By the name in the founding document, where it is known.
fn inviter(node: Option<&str>, parties: &[Party]) -> String {
    let Some(node) = node.and_then(|node| node.parse::<NodeId>().ok()) else { return "–".to_owned() };
    let party = parties.iter().find(|party| party.node == node);
    party.map_or_else(|| node.authority().to_owned(), |party| party.name.clone())
}

pub async fn show(visit: Visit, Named(digest): Named<String>) -> Answer {
    let page = load(&visit, &digest, Problems::default()).await?;
    visit.show(Section::Stewards, &page)
}

async fn load(visit: &Visit, digest: &str, problems: Problems) -> Result<InvitationPage, Failure> {
    visit.steward()?;
    let id = consortium_id(digest)?;
    let mut conn = visit.conn().await?;
    let rows = stored::invitations(&mut conn).await?;
    // Asking the inviting node may take a moment; nobody waits for a connection meanwhile.
    drop(conn);
    let row = rows.into_iter().find(|row| row.id == id).ok_or(ActionError::NotFound("missing-invitation"))?;
    let genesis: Genesis = serde_json::from_slice(&row.genesis).map_err(ActionError::corrupt("genesis"))?;
    let inviter_node: Option<NodeId> = row.invited_by.as_deref().and_then(|node| node.parse().ok());
    let mut accepted = match &inviter_node {
        Some(node) => action::accepted_so_far(&visit.app, node, id).await,
        None => Vec::new(),
    };
    // Whoever invites has accepted.
    accepted.extend(inviter_node);
    let party = |party: &Party| PartyRow {
        name: party.name.clone(),
        address: party.node.base().to_owned(),
        own: party.node == visit.app.node,
        accepted: accepted.contains(&party.node),
        health: Health::UpToDate,
        stored: 0,
        announced: 0,
        heard: None,
        waiting: 0,
        trouble: String::new(),
    };
    Ok(InvitationPage {
        from: inviter(row.invited_by.as_deref(), &genesis.parties),
        id: id.to_string(),
        charter: charter::view(visit.texts(), &genesis.charter, CharterStanding::Proposed),
        parties: genesis.parties.iter().map(party).collect(),
        action: url(id),
        accepted: false,
        problems,
    })
}

fn consortium_id(digest: &str) -> Result<ConsortiumId, Failure> {
    let digest: Digest = digest.parse().map_err(|_| ActionError::NotFound("missing-invitation"))?;
    Ok(ConsortiumId(digest))
}

pub async fn accept(Named(digest): Named<String>, Posted { visit, .. }: Posted) -> Answer {
    let person = visit.logged_in()?;
    match action::accept(&visit.app, person, consortium_id(&digest)?, None, visit.now).await {
        Ok(()) => go("/consortium", Some(Done::CharterAccepted)),
        Err(error) => {
            let page = load(&visit, &digest, refusal(error, &[])?).await?;
            visit.mend(Section::Stewards, &page)
        }
    }
}

pub async fn decline(Named(digest): Named<String>, Posted { visit, .. }: Posted) -> Answer {
    action::decline(&visit.app, visit.logged_in()?, consortium_id(&digest)?).await?;
    go("/stewards", Some(Done::InvitationDeclined))
}
