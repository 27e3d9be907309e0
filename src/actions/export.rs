//! Exporting a decision as one file that verifies without network, server or database.

use std::sync::Arc;

use folkmoot_governance::bundle::{self, Decided, Leaves, Settled, Source};
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::Digest;
use folkmoot_governance::journal::{Entry, SignedCheckpoint};
use serde_json::Value;

use super::error::{ActionError, Result};
use super::standing::{self, Standing};
use super::{decide, journals};
use crate::app::App;
use crate::cache::Exported;
use crate::storage::{Conn, decisions, entries, proposals};

/// How many entries are read at a time.
const PAGE_ENTRIES: usize = 500;

/// The bundle of the decision of this name, see [`decide::named`], checked before it is handed out. One is made at a time,
/// and kept for a while: whoever asks for it again costs little.
pub async fn bundle(app: &App, name: &str) -> Result<Arc<Exported>> {
    let proposal = {
        let mut conn = app.db.read().await?;
        decide::named(&mut conn, name).await?.proposal
    };
    let kept = &app.caches.bundles;
    if let Some(known) = kept.get(&proposal).await {
        return Ok(known);
    }
    let _turn = app.exports.acquire().await.map_err(ActionError::corrupt("turn"))?;
    if let Some(known) = kept.get(&proposal).await {
        return Ok(known);
    }
    let gathered = {
        let mut conn = app.db.read().await?;
        gather(&mut conn, proposal).await?
    };
    let made = tokio::task::spawn_blocking(move || make(gathered)).await.map_err(ActionError::corrupt("bundle"))??;
    let made = Arc::new(made);
    kept.insert(proposal, made.clone()).await;
    Ok(made)
}

/// What this node holds about a decision.
struct Gathered {
    standing: Standing,
    acceptances: Vec<SignedStatement>,
    others: Vec<Decided>,
    decision: Decided,
    announced: SignedCheckpoint,
    journals: Vec<Leaves>,
}

async fn gather(conn: &mut Conn, proposal: Digest) -> Result<Gathered> {
    let standing = standing::load(conn).await?;
    let decision = decided(conn, proposal).await?;
    let mut others = Vec::new();
    let mut known = vec![proposal];
    for other in decisions::all(conn).await? {
        if !known.contains(&other.proposal) {
            known.push(other.proposal);
            others.push(decided(conn, other.proposal).await?);
        }
    }
    let acceptances = journals::signed_of_kind(conn, "Charter").await?;
    let announced = announced(conn, proposal).await?;
    let opening = decide::opening(conn, proposal).await?;
    let journals = leaves(conn, &standing, opening.epoch).await?;
    Ok(Gathered { standing, acceptances, others, decision, announced, journals })
}

fn make(gathered: Gathered) -> Result<Exported> {
    let source = Source {
        genesis: &gathered.standing.genesis,
        acceptances: &gathered.acceptances,
        decisions: &gathered.others,
        decision: &gathered.decision,
        announced: &gathered.announced,
        journals: &gathered.journals,
    };
    let bytes = bundle::build(&source).map_err(ActionError::corrupt("decision"))?;
    // Whole journals: not needed to check what was made of them.
    drop(gathered);
    let mut randomness = |bytes: &mut [u8]| rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, bytes);
    bundle::verify(&bytes, &mut randomness).map_err(ActionError::corrupt("bundle"))?;
    let is_public = is_public(&bytes)?;
    Ok(Exported { bytes, is_public })
}

fn is_public(bundle: &[u8]) -> Result<bool> {
    let bundle: Value = serde_json::from_slice(bundle).map_err(ActionError::corrupt("bundle"))?;
    let earlier = bundle["decisions"].as_array().into_iter().flatten();
    Ok(earlier.chain([&bundle["decision"]]).all(|link| link["opening"]["object"]["visibility"] == "public"))
}

async fn decided(conn: &mut Conn, proposal: Digest) -> Result<Decided> {
    let opening = journals::by_digest(conn, proposal).await?;
    let mut sittings = Vec::new();
    for row in decisions::of_proposal(conn, proposal).await? {
        let outcome = serde_json::from_slice(&row.outcome).map_err(ActionError::corrupt("outcome"))?;
        let certificate = decide::certificate(conn, &row).await?;
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
