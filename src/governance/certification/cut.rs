//! Cuts: how much of each journal counts. Built from what a node holds, checked when another proposes one.

use crate::epoch::{Epoch, EpochJournal};
use crate::extract::{CertifiedSize, cut_digest};
use crate::id::{Digest, JournalId, Time};
use crate::journal::{Checkpoint, NoteError, SignedCheckpoint, Witnessed, certified_at};

/// Certified checkpoints in the order of an epoch's journals. A journal without one counts as empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    notes: Vec<SignedCheckpoint>,
    sizes: Vec<CertifiedSize>,
}

/// Why notes are not a cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CutError {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("{0} is not a journal of this epoch, or stands out of order")]
    Journal(JournalId),
    #[error("the checkpoint of {0} is not signed by its node")]
    Unsigned(JournalId),
    #[error("the checkpoint of {0} is not cosigned by a quorum of the parties")]
    Uncertified(JournalId),
    #[error("the checkpoint of {journal} was certified at {at}, later than {latest}")]
    Late { journal: JournalId, at: Time, latest: Time },
    #[error("{journal} was frozen at {frozen_at} and cannot be cut beyond")]
    Frozen { journal: JournalId, frozen_at: u64 },
}

impl Cut {
    /// Reads the notes of a proposed or certified cut. Each must be certified at `latest` at the latest.
    pub fn read(notes: &[String], epoch: &Epoch, latest: Time) -> Result<Self, CutError> {
        let journals = epoch.journals();
        let mut rest = journals.iter();
        let mut cut = Self { notes: Vec::new(), sizes: Vec::new() };
        for note in notes {
            let note: SignedCheckpoint = note.parse()?;
            let origin = &note.checkpoint.journal;
            // Consuming the iterator checks order and repetition at once.
            let journal =
                rest.find(|known| known.journal == *origin).ok_or_else(|| CutError::Journal(origin.clone()))?;
            cut.sizes.push(check(&note, journal, epoch, latest)?);
            cut.notes.push(note);
        }
        Ok(cut)
    }

    /// Reads the notes of a cut that this node has checked and stored. No signature is checked again, for a cut has up to n²
    /// of them, and the times are those that the notes state: for its sizes and roots only. A note that is
    /// none, or states no quorum, is left out.
    pub fn stored(notes: &[String], epoch: &Epoch) -> Self {
        let mut cut = Self { notes: Vec::new(), sizes: Vec::new() };
        for kept in notes.iter().filter_map(|note| Witnessed::stored(note).ok()) {
            let Some(certified_at) = kept.certified_at(&epoch.parties, epoch.quorum()) else { continue };
            let Checkpoint { journal, size, root } = kept.note().checkpoint.clone();
            cut.sizes.push(CertifiedSize { journal, size, root, certified_at });
            cut.notes.push(kept.note().clone());
        }
        cut
    }

    /// The largest certified checkpoint of each journal among what a node holds: its snapshot, and what it proposes
    /// as chair. Only the valid signatures of parties are kept.
    pub fn build(held: &[SignedCheckpoint], epoch: &Epoch, latest: Time) -> Self {
        let mut cut = Self { notes: Vec::new(), sizes: Vec::new() };
        for journal in epoch.journals() {
            let of_journal = held.iter().filter(|note| note.checkpoint.journal == journal.journal);
            let certified = of_journal.filter_map(|note| Some((check(note, &journal, epoch, latest).ok()?, note)));
            if let Some((size, note)) = certified.max_by_key(|(certified, _)| certified.size) {
                cut.notes.push(note.pruned(&journal.key, &epoch.parties));
                cut.sizes.push(size);
            }
        }
        cut
    }

    /// The notes as statements carry them.
    pub fn to_notes(&self) -> Vec<String> {
        self.notes.iter().map(SignedCheckpoint::to_string).collect()
    }

    pub fn notes(&self) -> &[SignedCheckpoint] {
        &self.notes
    }

    pub fn sizes(&self) -> &[CertifiedSize] {
        &self.sizes
    }

    pub fn size_of(&self, journal: &JournalId) -> u64 {
        self.sizes.iter().find(|certified| certified.journal == *journal).map_or(0, |certified| certified.size)
    }

    /// As [`Epoch::apply`] wants it.
    pub fn frozen_sizes(&self) -> Vec<(JournalId, u64)> {
        self.sizes.iter().map(|certified| (certified.journal.clone(), certified.size)).collect()
    }

    /// Whether this cut takes in all of `other`, journal by journal: a snapshot or a roll cut.
    pub fn covers(&self, other: &[CertifiedSize]) -> bool {
        other.iter().all(|needed| self.size_of(&needed.journal) >= needed.size)
    }

    /// Sizes and roots only: who cosigned, and when, is not agreed on.
    pub fn digest(&self) -> Digest {
        cut_digest(&self.sizes)
    }
}

fn check(
    note: &SignedCheckpoint,
    journal: &EpochJournal<'_>,
    epoch: &Epoch,
    latest: Time,
) -> Result<CertifiedSize, CutError> {
    let id = &journal.journal;
    if !note.is_signed_by(&journal.key) {
        return Err(CutError::Unsigned(id.clone()));
    }
    let at = certified_at(note, &epoch.parties, epoch.quorum()).ok_or_else(|| CutError::Uncertified(id.clone()))?;
    if at > latest {
        return Err(CutError::Late { journal: id.clone(), at, latest });
    }
    let size = note.checkpoint.size;
    if let Some(frozen_at) = journal.frozen_at.filter(|frozen_at| size > *frozen_at) {
        return Err(CutError::Frozen { journal: id.clone(), frozen_at });
    }
    Ok(CertifiedSize { journal: id.clone(), size, root: note.checkpoint.root, certified_at: at })
}
