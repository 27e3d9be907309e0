//! The frozen roll of a vote, replayed from the journals below the roll cut.

use std::collections::BTreeMap;

use folkmoot_governance::epoch::{Epoch, EpochJournal};
use folkmoot_governance::extract::CertifiedSize;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::journal::{SignedCheckpoint, Witnessed, certified_at};
use folkmoot_governance::roll::{self, Certified, Register, Roll};
use folkmoot_governance::statement::Effect;

use super::error::Result;
use super::journals;
use super::standing::Standing;
use crate::storage::{Conn, checkpoints, decisions};

/// How many checkpoints are read at a time.
const CHECKPOINTS_AT_ONCE: i64 = 32;

/// Every certified decision, as the roll needs it.
pub async fn certified_decisions(conn: &mut Conn) -> Result<BTreeMap<Digest, Certified>> {
    let rows = decisions::all(conn).await?;
    let mut certified = BTreeMap::new();
    for row in rows {
        certified.insert(row.proposal, super::decide::certified(conn, &row).await?);
    }
    Ok(certified)
}

/// Whether the roll changes once some node has recorded the decision: what admits members waits for their entries.
pub fn ends_members(decision: &Certified) -> bool {
    decision.effects.iter().any(|effect| matches!(effect, Effect::EndMember { .. }))
}

/// The register of everybody below `cut`, in the chain up to `epoch`.
pub async fn register(
    conn: &mut Conn,
    standing: &Standing,
    epoch: &Epoch,
    cut: &[CertifiedSize],
    at: Time,
) -> Result<Register> {
    let decisions = certified_decisions(conn).await?;
    // Of a decision that is not known here nobody can say what it does: the replay tells that it is missing.
    let may_end = |decision| decisions.get(&decision).is_none_or(ends_members);
    let owned = journals::roll_below(conn, cut, may_end).await?;
    let extracts: Vec<_> = owned.iter().map(journals::Owned::lend).collect();
    let known = standing.epochs.partition_point(|known| known.number <= epoch.number);
    Ok(roll::replay(&roll::Input {
        epochs: &standing.epochs[..known],
        founding: &standing.genesis.members,
        extracts: &extracts,
        decisions: &decisions,
        at,
    }))
}

/// The electorate of a vote that opens at `opens` under `epoch` with this roll cut.
pub async fn freeze(
    conn: &mut Conn,
    standing: &Standing,
    epoch: &Epoch,
    cut: &[CertifiedSize],
    opens: Time,
) -> Result<Roll> {
    Ok(register(conn, standing, epoch, cut, opens).await?.freeze(epoch, opens))
}

/// The largest checkpoint of each of the epoch's journals that was certified at `latest` or before: notes and sizes.
pub async fn certified_by(conn: &mut Conn, epoch: &Epoch, latest: Time) -> Result<Vec<(String, CertifiedSize)>> {
    let mut cut = Vec::new();
    for journal in epoch.journals() {
        cut.extend(certified_in(conn, epoch, &journal, latest).await?);
    }
    Ok(cut)
}

/// As [`certified_by`], of one journal.
pub async fn certified_in(
    conn: &mut Conn,
    epoch: &Epoch,
    journal: &EpochJournal<'_>,
    latest: Time,
) -> Result<Option<(String, CertifiedSize)>> {
    // Those made since come first, so the one that is asked for is rarely among the first few.
    let mut beyond = journal.frozen_at.map_or(u64::MAX, |frozen| frozen.saturating_add(1));
    loop {
        let rows = checkpoints::below(conn, &journal.journal, beyond, CHECKPOINTS_AT_ONCE).await?;
        let Some(smallest) = rows.last().map(|row| row.size) else { return Ok(None) };
        beyond = smallest;
        let in_time = |row: checkpoints::CheckpointRow| {
            // Nothing is verified that was too late by its own word.
            let stated = Witnessed::stored(&row.note).ok()?.certified_at(&epoch.parties, epoch.quorum());
            stated.filter(|stated| *stated <= latest)?;
            read_note(epoch, &row.note).filter(|size| size.certified_at <= latest).map(|size| (row.note, size))
        };
        if let Some(best) = rows.into_iter().find_map(in_time) {
            return Ok(Some(best));
        }
    }
}

/// A note as a certified size of one of the epoch's journals, if q of its parties cosigned it and its node signed it.
pub fn read_note(epoch: &Epoch, note: &str) -> Option<CertifiedSize> {
    let signed: SignedCheckpoint = note.parse().ok()?;
    let journal = epoch.journals().into_iter().find(|j| j.journal == signed.checkpoint.journal)?;
    if !signed.is_signed_by(&journal.key) {
        return None;
    }
    let certified_at = certified_at(&signed, &epoch.parties, epoch.quorum())?;
    let (size, root) = (signed.checkpoint.size, signed.checkpoint.root);
    Some(CertifiedSize { journal: signed.checkpoint.journal, size, root, certified_at })
}
