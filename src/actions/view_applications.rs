//! Applications to join that may still be objected to. Reads only.

use folkmoot_governance::id::{Digest, NodeId, Time};
use folkmoot_governance::statement::{Application, Body, Signer};

use super::error::{ActionError, Result};
use super::journals;
use super::standing::Standing;
use crate::storage::{Conn, Page, Wanted, entries};

/// The most objections of one journal that are shown of an application.
const OBJECTIONS_MOST: usize = 10;

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

/// A page of them, the most urgent first.
pub async fn open(conn: &mut Conn, standing: &Standing, wanted: &Wanted<i64, Digest>, now: Time) -> Result<Page<Open>> {
    let page = entries::published_since(conn, "Application", began(standing, now), wanted).await?;
    let mut page = page.try_map(|row| read(row, standing))?;
    for open in &mut page.rows {
        for stored in journals::of_kind_about(conn, "Objection", open.digest, OBJECTIONS_MOST).await? {
            if let (Signer::Node(node), Body::Objection { reason, .. }) =
                (stored.entry.statement.signer, stored.entry.statement.body)
            {
                open.objections.push((node, reason));
            }
        }
    }
    Ok(page)
}

/// How many there are.
pub async fn count(conn: &mut Conn, standing: &Standing, now: Time) -> Result<u64> {
    entries::count_published_since(conn, "Application", began(standing, now)).await.map_err(Into::into)
}

/// Whatever was published until then can no longer be objected to.
fn began(standing: &Standing, now: Time) -> Time {
    now.plus(-standing.epoch().charter.roll.objection_seconds)
}

fn read(row: entries::EntryRow, standing: &Standing) -> Result<Open> {
    let window = standing.epoch().charter.roll.objection_seconds;
    let until = row.published.plus(window);
    let unfit = || ActionError::corrupt("application")("it is something else");
    let stored = journals::read(row)?.ok_or_else(unfit)?;
    let digest = stored.entry.digest;
    match (stored.entry.statement.signer, stored.entry.statement.body) {
        (Signer::Node(sponsor), Body::Application(application)) => {
            Ok(Open { digest, sponsor, application, until, objections: Vec::new() })
        }
        _ => Err(unfit()),
    }
}
