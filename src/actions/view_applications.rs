//! Applications to join that may still be objected to. Reads only.

use folkmoot_governance::id::{Digest, NodeId, Time};
use folkmoot_governance::statement::{Application, Body, Signer};

use super::error::Result;
use super::journals;
use super::standing::Standing;
use crate::storage::Conn;

/// An application within its objection window.
#[derive(Debug, Clone)]
pub struct Open {
    pub digest: Digest,
    pub sponsor: NodeId,
    pub application: Application,
    pub until: Time,
    /// Who objected, and why.
    pub objections: Vec<(NodeId, String)>,
}

/// All of them, the most urgent first.
pub async fn open(conn: &mut Conn, standing: &Standing, now: Time) -> Result<Vec<Open>> {
    let window = standing.epoch().charter.roll.objection_seconds;
    let mut open = Vec::new();
    for stored in journals::statements_of_kind(conn, "Application").await? {
        let until = stored.entry.statement.published.plus(window);
        let (Signer::Node(sponsor), Body::Application(application)) =
            (stored.entry.statement.signer, stored.entry.statement.body)
        else {
            continue;
        };
        if until > now {
            let digest = stored.entry.digest;
            open.push(Open { digest, sponsor, application, until, objections: Vec::new() });
        }
    }
    for stored in journals::statements_of_kind(conn, "Objection").await? {
        let (Signer::Node(node), Body::Objection { application, reason }) =
            (stored.entry.statement.signer, stored.entry.statement.body)
        else {
            continue;
        };
        if let Some(known) = open.iter_mut().find(|known| known.digest == application) {
            known.objections.push((node, reason));
        }
    }
    open.sort_by_key(|open| open.until);
    Ok(open)
}
