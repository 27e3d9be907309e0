//! Counting a vote over a cut: loads what the cut holds and lets the core count.

use std::sync::Arc;

use folkmoot_governance::certification::cut::{Cut, CutError};
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::extract::CertifiedSize;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::proposal::{self, Frozen, Opening, Sitting};
use folkmoot_governance::statement::Ballot;
use folkmoot_governance::tally::{self, Outcome};

use super::error::{ActionError, Result};
use super::standing::Standing;
use super::{decide, electorate, journals};
use crate::app::App;
use crate::storage::{Conn, entries, proposals};

/// A vote with everything that it was frozen with, and the sitting at hand.
pub struct Vote {
    frozen: Arc<Frozen>,
    pub sitting: Sitting,
}

impl std::ops::Deref for Vote {
    type Target = Frozen;

    fn deref(&self) -> &Frozen {
        &self.frozen
    }
}

impl Vote {
    pub fn lend(&self) -> proposal::Vote<'_> {
        proposal::Vote { opening: &self.opening, sitting: &self.sitting, roll: &self.roll, epoch: &self.epoch }
    }

    pub fn digest(&self) -> Digest {
        self.opening.digest
    }
}

/// Loads the vote that `digest` opened, in its latest sitting.
pub async fn load_vote(conn: &mut Conn, app: &App, standing: &Standing, digest: Digest) -> Result<Vote> {
    let frozen = match app.caches.votes.get(&digest).await {
        Some(frozen) => frozen,
        None => {
            let frozen = Arc::new(freeze(conn, standing, digest).await?);
            // As long as a decision that the roll rests on is missing, the roll may still change here.
            if frozen.roll.digest() == frozen.opening.voting.electorate {
                app.caches.votes.insert(digest, frozen.clone()).await;
            }
            frozen
        }
    };
    let mut sitting = Sitting::first(&frozen.opening);
    for outcome in decide::earlier_outcomes(conn, digest).await? {
        let next = sitting.after(&outcome, &frozen.epoch.charter);
        sitting = next.ok_or_else(|| ActionError::corrupt("sitting")("an extension does not extend"))?;
    }
    Ok(Vote { frozen, sitting })
}

/// Whether `key` is one of the seat that a ballot names. Before the vote has opened here that is not certain: no.
pub async fn is_seated(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    ballot: &Ballot,
    key: &PublicKey,
) -> Result<bool> {
    let state = proposals::state_of(conn, ballot.proposal).await?;
    if state.is_none_or(|state| matches!(state.as_str(), "draft" | "announced" | "void")) {
        return Ok(false);
    }
    match load_vote(conn, app, standing, ballot.proposal).await {
        Ok(vote) => Ok(vote.roll.seat(ballot.index).is_some_and(|seat| seat.accepts_key(key))),
        Err(ActionError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn freeze(conn: &mut Conn, standing: &Standing, digest: Digest) -> Result<Frozen> {
    let row = entries::by_digest(conn, digest).await?.ok_or(ActionError::NotFound("missing-vote"))?;
    let bytes = row.bytes.ok_or(ActionError::NotFound("missing-opening"))?;
    let signed = journals::read_bytes(&bytes)?;
    let opening = Opening::read(&signed.statement, digest).ok_or(ActionError::NotFound("missing-vote"))?;
    let epoch = standing.epoch_number(opening.epoch).ok_or(ActionError::NotFound("missing-epoch-of-vote"))?.clone();
    let roll_cut = roll_cut(&epoch, &opening).map_err(|_| ActionError::NotFound("missing-roll-of-vote"))?;
    let roll = electorate::freeze(conn, standing, &epoch, &roll_cut, opening.voting.opens).await?;
    Ok(Frozen { opening, epoch, roll, roll_cut })
}

/// The certified sizes that the opening names as its roll cut, read as strictly as an auditor does.
pub fn roll_cut(epoch: &Epoch, opening: &Opening) -> Result<Vec<CertifiedSize>, CutError> {
    let latest = opening.voting.opens.plus(-epoch.charter.roll.minimum_age_seconds);
    Cut::read(&opening.voting.cut, epoch, latest).map(|cut| cut.sizes().to_vec())
}

/// The count over `cut`, as every node makes it.
pub async fn count(conn: &mut Conn, standing: &Standing, vote: &Vote, cut: &[CertifiedSize]) -> Result<Outcome> {
    let owned = journals::about(conn, vote.digest(), cut).await?;
    let extracts: Vec<_> = owned.iter().map(journals::Owned::lend).collect();
    let number = decide::number(conn, vote, cut).await?;
    let input = tally::Input { vote: vote.lend(), extracts: &extracts, current: standing.epoch(), number };
    Ok(tally::count(&input))
}

/// The count of everything that is stored here now; provisional until certified.
pub async fn provisional(conn: &mut Conn, standing: &Standing, vote: &Vote) -> Result<Outcome> {
    count(conn, standing, vote, &everything(&vote.epoch)).await
}

/// A cut that takes in all that is stored, certified or not.
pub fn everything(epoch: &Epoch) -> Vec<CertifiedSize> {
    let whole = |journal: folkmoot_governance::epoch::EpochJournal<'_>| CertifiedSize {
        journal: journal.journal,
        size: journal.frozen_at.unwrap_or(i64::MAX as u64),
        root: Digest([0; 32]),
        certified_at: Time(0),
    };
    epoch.journals().into_iter().map(whole).collect()
}
