//! Exporting a decision as one file that verifies without network, server or database.

use folkmoot_governance::bundle::{self, Decided, Leaves, Settled, Source};
use folkmoot_governance::id::Digest;
use folkmoot_governance::journal::{Entry, SignedCheckpoint};
use serde_json::Value;

use super::error::{ActionError, Result};
use super::standing::{self, Standing};
use super::{decide, journals};
use crate::storage::{Conn, decisions, entries, proposals};

/// How many entries are read at a time.
const PAGE_ENTRIES: usize = 500;

/// The bundle of the decision of this name, see [`decide::named`], checked before it is handed out.
pub async fn bundle(conn: &mut Conn, name: &str) -> Result<Vec<u8>> {
    let standing = standing::load(conn).await?;
    let row = decide::named(conn, name).await?;
    let decision = decided(conn, row.proposal).await?;
    let mut others = Vec::new();
    let mut known = vec![row.proposal];
    for other in decisions::all(conn).await? {
        if !known.contains(&other.proposal) {
            known.push(other.proposal);
            others.push(decided(conn, other.proposal).await?);
        }
    }
    let acceptances = journals::signed_of_kind(conn, "Charter").await?;
    let announced = announced(conn, row.proposal).await?;
    let opening = decide::opening(conn, row.proposal).await?;
    let journals = leaves(conn, &standing, opening.epoch).await?;
    let source = Source {
        genesis: &standing.genesis,
        acceptances: &acceptances,
        decisions: &others,
        decision: &decision,
        announced: &announced,
        journals: &journals,
    };
    let bytes = bundle::build(&source).map_err(ActionError::corrupt("decision"))?;
    let mut randomness = |bytes: &mut [u8]| rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, bytes);
    bundle::verify(&bytes, &mut randomness).map_err(ActionError::corrupt("bundle"))?;
    Ok(bytes)
}

/// Whether every vote in a bundle is for everybody: one may rest on another that is for the consortium alone.
pub fn is_public(bundle: &[u8]) -> Result<bool> {
    let bundle: Value = serde_json::from_slice(bundle).map_err(ActionError::corrupt("bundle"))?;
    let earlier = bundle["decisions"].as_array().into_iter().flatten();
    Ok(earlier.chain([&bundle["decision"]]).all(|link| link["opening"]["object"]["visibility"] == "public"))
}

async fn decided(conn: &mut Conn, proposal: Digest) -> Result<Decided> {
    let opening = journals::by_digest(conn, proposal).await?;
    let mut sittings = Vec::new();
    for row in decisions::of_proposal(conn, proposal).await? {
        let outcome = serde_json::from_slice(&row.outcome).map_err(ActionError::corrupt("outcome"))?;
        let certificate = serde_json::from_slice(&row.certificate).map_err(ActionError::corrupt("certificate"))?;
        sittings.push(Settled { outcome, certificate });
    }
    Ok(Decided { opening, sittings })
}

/// The checkpoint that proves that the vote was announced in time.
async fn announced(conn: &mut Conn, proposal: Digest) -> Result<SignedCheckpoint> {
    let row = proposals::by_digest(conn, proposal).await?.ok_or(ActionError::NotFound("missing-proposal"))?;
    let note = row.certified_note.ok_or(ActionError::NotFound("missing-opening-proof"))?;
    note.parse().map_err(ActionError::corrupt("checkpoint"))
}

/// Every journal of the epoch from its first leaf on.
async fn leaves(conn: &mut Conn, standing: &Standing, epoch: u64) -> Result<Vec<Leaves>> {
    let epoch = standing.epoch_number(epoch).ok_or(ActionError::NotFound("missing-epoch-of-vote"))?;
    let mut all = Vec::new();
    for journal in epoch.journals() {
        let mut entries = Vec::new();
        while let page = entries::page(conn, &journal.journal, entries.len() as u64, PAGE_ENTRIES).await?
            && !page.is_empty()
        {
            for row in page {
                entries.push(match row.bytes {
                    Some(bytes) => Entry::Statement(Box::new(journals::read_bytes(&bytes)?)),
                    None => Entry::Hidden(row.leaf),
                });
            }
        }
        all.push(Leaves { journal: journal.journal, entries });
    }
    Ok(all)
}
