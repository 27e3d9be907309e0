//! Whether the cut of a proposal gives its value. A value comes with whatever cut its chair likes: one that does not give
//! it must neither get a vote, nor come into a certificate, nor be held against the value.

use folkmoot_governance::certification::cut::Cut;
use folkmoot_governance::certification::record::Message;
use folkmoot_governance::certification::simplex::Verdict;
use folkmoot_governance::extract::{CertifiedSize, cut_digest};
use folkmoot_governance::id::Digest;
use folkmoot_governance::{proposal, tally};

use super::{Proposed, Work, cut_of, find, hold, snapshot};
use crate::actions::count::{self, Vote};
use crate::actions::error::Result;
use crate::actions::{decide, journals};
use crate::storage::{Conn, closings, journals as journal_rows};

/// Whether a cut gives the value that it was proposed with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Gives,
    /// Leaves, or an earlier decision, must be here first.
    Unknown,
    GivesNot,
}

/// The notes of a proposal as a cut of this vote: each certified in time, and none behind the roll cut.
pub(super) fn read_cut(vote: &Vote, notes: &[String]) -> Option<Cut> {
    let settled = proposal::settles_at(&vote.sitting, &vote.epoch.charter);
    match Cut::read(notes, &vote.epoch, settled) {
        Ok(cut) => Some(cut).filter(|cut| cut.covers(&vote.roll_cut)),
        Err(error) => {
            tracing::warn!(%error, "a proposed cut cannot be used");
            None
        }
    }
}

/// Judges a proposal; `None` for one that is of no use. While another of its round is held it waits in that one's place,
/// and one that was counted and does not give its value is held until the next tick too: so whatever a chair sends, it
/// makes this node count at most twice a round and tick. What this node has `asked` for does not wait.
pub(super) async fn judge_proposed(
    conn: &mut Conn,
    work: &Work<'_>,
    proposed: &Proposed,
    asked: bool,
) -> Result<Option<Fit>> {
    let Proposed { said, enclosed, cut, .. } = proposed;
    let Message::Propose { round, value } = said.message else { return Ok(None) };
    if !work.machine.would_keep(said.by, round, value, enclosed) {
        return Ok(None);
    }
    if let Some(gives) = compare_with_known(conn, work, value, cut).await? {
        return Ok(gives.then_some(Fit::Gives));
    }
    if !asked && work.held.contains_key(&round) {
        return Ok(Some(Fit::Unknown));
    }
    judge(conn, work, Some(value), cut).await.map(Some)
}

/// Whether a cut gives a value, where that needs no count: a value is bound to the sizes and roots of one cut, so the cut
/// of this node's own value is its own one, and that of a value on record is the one that is there.
async fn compare_with_known(conn: &mut Conn, work: &Work<'_>, value: Digest, cut: &Cut) -> Result<Option<bool>> {
    if let Some(candidate) = work.machine.candidate() {
        let own = own_sizes(conn, work).await?;
        let (own_value, own_cut) = (candidate == value, cut_digest(&own) == cut.digest());
        if own_value || own_cut {
            return Ok(Some(own_value && own_cut));
        }
    }
    Ok(on_record(conn, work, value).await?.map(|known| known.digest() == cut.digest()))
}

/// The cut of a value on record.
async fn on_record(conn: &mut Conn, work: &Work<'_>, value: Digest) -> Result<Option<Cut>> {
    let known = closings::proposal_of_value(conn, work.vote.digest(), work.vote.sitting.number, value).await?;
    let signed = known.map(|bytes| journals::read_bytes(&bytes)).transpose()?;
    Ok(signed.map(|signed| Cut::stored(&cut_of(&signed), &work.vote.epoch)))
}

/// Whether a cut gives a value by this node's own count.
async fn judge(conn: &mut Conn, work: &Work<'_>, value: Option<Digest>, cut: &Cut) -> Result<Fit> {
    for point in cut.sizes() {
        // Where this node stores another branch, the certified one is still to come.
        if journal_rows::root_at(conn, &point.journal, point.size).await? != Some(point.root) {
            return Ok(Fit::Unknown);
        }
    }
    Ok(match count_of(conn, work, cut.sizes()).await? {
        None => Fit::Unknown,
        Some(counted) if Some(counted.value) == value => Fit::Gives,
        Some(_) => Fit::GivesNot,
    })
}

/// Judges the proposals that an earlier release took on record whatever their cut was. One that does not give its value
/// would make a certificate that certifies nothing: it is forgotten, and the next chair proposes the value anew.
pub(super) async fn judge_kept(conn: &mut Conn, work: &mut Work<'_>) -> Result<()> {
    if work.machine.is_judged() {
        return Ok(());
    }
    let (proposal, sitting) = (work.vote.digest(), work.vote.sitting.number);
    let mut worthless = Vec::new();
    for said in work.machine.proposals() {
        let signed = find(conn, work, said).await?;
        let cut = signed.as_ref().and_then(|signed| read_cut(&work.vote, &cut_of(signed)));
        let fit = match &cut {
            Some(cut) => judge(conn, work, said.message.value(), cut).await?,
            None => Fit::GivesNot,
        };
        if fit != Fit::Gives {
            closings::forget(conn, proposal, sitting, said).await?;
            worthless.push(said);
        }
        if let (Fit::Unknown, Some(signed)) = (fit, signed) {
            hold(conn, work, said, &signed).await?;
        }
    }
    work.machine.forget(&worthless);
    Ok(())
}

/// Whether this node may vote for a value on record, whose cut gives it. Where the vote begins an epoch, the node puts
/// its name to that first.
pub(super) async fn check(conn: &mut Conn, work: &Work<'_>, value: Digest) -> Result<Verdict> {
    let Some(cut) = on_record(conn, work, value).await? else { return Ok(Verdict::Missing) };
    if decide::begins_epoch(&work.vote.opening) && recount(conn, work, cut.sizes()).await? != Some(value) {
        return Ok(Verdict::Missing);
    }
    let own = own_sizes(conn, work).await?;
    Ok(if cut.covers(&own) { Verdict::Good } else { Verdict::Behind })
}

/// What a cut comes to by this node's own count.
struct Counted {
    value: Digest,
    becomes_epoch: Option<u64>,
}

/// Counts a cut; `None` while an earlier decision must be known first.
async fn count_of(conn: &mut Conn, work: &Work<'_>, cut: &[CertifiedSize]) -> Result<Option<Counted>> {
    if !decide::earlier_are_settled(conn, &work.vote, cut, work.now).await? {
        return Ok(None);
    }
    let outcome = count::count(conn, &work.standing, &work.vote, cut).await?;
    let value = tally::value(work.vote.digest(), work.vote.sitting.number, cut_digest(cut), outcome.digest());
    Ok(Some(Counted { value, becomes_epoch: outcome.becomes_epoch }))
}

/// The value of a cut that this node puts its name to; `None` also while it has put it to another result for the same
/// epoch number.
pub(super) async fn recount(conn: &mut Conn, work: &Work<'_>, cut: &[CertifiedSize]) -> Result<Option<Digest>> {
    let Some(counted) = count_of(conn, work, cut).await? else { return Ok(None) };
    if let Some(number) = counted.becomes_epoch
        && !decide::claim_epoch(conn, number, &work.vote).await?
    {
        return Ok(None);
    }
    Ok(Some(counted.value))
}

/// The sizes of the own cut.
pub(super) async fn own_sizes(conn: &mut Conn, work: &Work<'_>) -> Result<Vec<CertifiedSize>> {
    let notes = snapshot(conn, work).await?;
    Ok(Cut::stored(&notes, &work.vote.epoch).sizes().to_vec())
}
