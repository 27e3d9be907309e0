//! The journals of a bundle: statements and ballots where they stand, hashes elsewhere, and the roots that they make.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Fault, Row, Shelf, Step};
use crate::codec::SignedBallot;
use crate::epoch::Epoch;
use crate::extract::{CertifiedSize, Entry, Extract};
use crate::id::{Digest, JournalId};
use crate::journal::{self, Frontier, leaf_hash};
use crate::key::Batch;
use crate::proof::{decode_signature, encode_signature};
use crate::proposal::Opening;
use crate::roll::{Roll, Seat};
use crate::statement::{Ballot, Body, Signer, Statement};

/// A journal as it is read: leaves that are known by content, with the hash of each.
pub(super) struct Opened {
    pub journal: JournalId,
    entries: Vec<Entry>,
    known: BTreeMap<u64, Digest>,
    hashes: Vec<Digest>,
}

impl Opened {
    /// Reads the statements; the ballots need the roll first.
    pub fn read(shelf: &Shelf, epoch: &Epoch) -> Result<Self, Fault> {
        let refuse = |text: String| Fault::new(Step::Journals, format!("{}: {text}", shelf.journal));
        let journals = epoch.journals();
        let of_epoch = journals.iter().find(|known| known.journal == shelf.journal);
        let of_epoch = of_epoch.ok_or_else(|| refuse("this is not a journal of the epoch.".to_owned()))?;
        let mut opened = Self {
            journal: shelf.journal.clone(),
            entries: Vec::new(),
            known: BTreeMap::new(),
            hashes: read_hashes(&shelf.hashes).ok_or_else(|| refuse("its hashes cannot be read.".to_owned()))?,
        };
        for placed in &shelf.statements {
            let at = placed.position;
            let entry = journal::Entry::from_value(&placed.statement)
                .and_then(|entry| entry.check(epoch.consortium, of_epoch.node, &of_epoch.key).map(|()| entry))
                .map_err(|error| refuse(format!("the statement at position {at} does not hold: {error}.")))?;
            let journal::Entry::Statement(signed) = entry else {
                return Err(refuse(format!("there is no statement at position {at}.")));
            };
            let leaf = leaf_hash(&signed.bytes);
            opened.put(Entry { position: at, digest: signed.digest, statement: signed.statement }, leaf)?;
        }
        opened.entries.sort_by_key(|entry| entry.position);
        Ok(opened)
    }

    fn put(&mut self, entry: Entry, leaf: Digest) -> Result<(), Fault> {
        let at = entry.position;
        if self.known.insert(at, leaf).is_some() {
            let detail = format!("{}: position {at} is taken twice.", self.journal);
            return Err(Fault::new(Step::Journals, detail));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Rebuilds the ballots, and leaves their signatures to `batch`.
    pub fn add_ballots(
        &mut self,
        rows: &[Row],
        opening: &Opening,
        roll: &Roll,
        batch: &mut Batch,
    ) -> Result<Vec<SignedBallot>, Fault> {
        let mut ballots = Vec::new();
        for row in rows {
            let ballot = rebuild(row, opening, roll).ok_or_else(|| {
                let detail = format!("{}: the ballot at position {} fits no seat of the roll.", self.journal, row.0);
                Fault::new(Step::Ballots, detail)
            })?;
            ballot.add_to(batch);
            let bytes = ballot.bytes();
            let statement = Statement {
                signer: Signer::Member(ballot.key),
                key: ballot.key,
                published: ballot.published,
                consortium: ballot.consortium,
                epoch: ballot.epoch,
                body: Body::Ballot(ballot.ballot.clone()),
            };
            let entry = Entry { position: row.0, digest: Digest::of(&bytes), statement };
            self.put(entry, leaf_hash(&bytes))?;
            ballots.push(ballot);
        }
        self.entries.sort_by_key(|entry| entry.position);
        Ok(ballots)
    }

    /// Whether the leaves make every one of these roots, and there are no more of them than the largest needs.
    pub fn check_roots<'a>(&self, sizes: impl Iterator<Item = &'a CertifiedSize>) -> Result<(), Fault> {
        let refuse = |text: String| Err(Fault::new(Step::Journals, format!("{}: {text}", self.journal)));
        let mut wanted: BTreeMap<u64, Digest> = BTreeMap::new();
        for certified in sizes.filter(|certified| certified.journal == self.journal) {
            if *wanted.entry(certified.size).or_insert(certified.root) != certified.root {
                return refuse(format!("two certified checkpoints of size {} contradict each other.", certified.size));
            }
        }
        let total = self.known.len() as u64 + self.hashes.len() as u64;
        let most = wanted.keys().max().copied().unwrap_or(0);
        if total != most {
            return refuse(format!("it has {total} leaves here, and {most} are certified."));
        }
        let (mut tree, mut hashes) = (Frontier::default(), self.hashes.iter());
        for (size, root) in wanted {
            while tree.size() < size {
                let leaf = self.known.get(&tree.size()).or_else(|| hashes.next());
                let Some(leaf) = leaf else { return refuse("a statement or ballot stands beyond its end.".to_owned()) };
                tree.append(*leaf);
            }
            if tree.root() != root {
                return refuse(format!("its leaves do not make the certified root of size {size}."));
            }
        }
        Ok(())
    }

    /// What stands below the size that the cut gives this journal.
    pub fn below(&self, cut: &[CertifiedSize]) -> Extract<'_> {
        let size = cut.iter().find(|certified| certified.journal == self.journal).map_or(0, |certified| certified.size);
        let end = self.entries.partition_point(|entry| entry.position < size);
        Extract { journal: self.journal.clone(), entries: &self.entries[..end] }
    }

    /// Where a statement stands.
    pub fn position_of(&self, digest: Digest) -> Option<u64> {
        self.entries.iter().find(|entry| entry.digest == digest).map(|entry| entry.position)
    }
}

/// The row of a ballot whose key belongs to its seat; none for other ballots, which do not count anyway.
pub(super) fn row(position: u64, ballot: &SignedBallot, opening: &Opening, roll: &Roll) -> Option<Row> {
    let of_this = (ballot.consortium, ballot.epoch) == (opening.consortium, opening.epoch);
    let seat = roll.seat(ballot.ballot.index).filter(|_| of_this)?;
    let key = (0..).zip(keys(seat)).find(|(_, key)| *key == Some(ballot.key))?.0;
    let Ballot { index, sequence, choices, block, .. } = ballot.ballot.clone();
    let signature = encode_signature(&ballot.signature);
    Some(Row(position, index, sequence, choices, ballot.published, key, signature, block))
}

fn rebuild(row: &Row, opening: &Opening, roll: &Roll) -> Option<SignedBallot> {
    let Row(_, index, sequence, choices, published, key, signature, block) = row;
    let key = keys(roll.seat(*index)?).nth(usize::try_from(*key).ok()?)??;
    Some(SignedBallot {
        consortium: opening.consortium,
        epoch: opening.epoch,
        ballot: Ballot {
            proposal: opening.digest,
            index: *index,
            sequence: *sequence,
            choices: choices.clone(),
            block: block.clone(),
        },
        published: *published,
        key,
        signature: decode_signature(signature)?,
    })
}

/// The seat's own key, then those of its mandates.
fn keys(seat: &Seat) -> impl Iterator<Item = Option<crate::key::PublicKey>> + '_ {
    std::iter::once(Some(seat.key)).chain(seat.mandates.iter().map(|mandate| mandate.key))
}

pub(super) fn write_hashes(hashes: &[Digest]) -> String {
    let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
    STANDARD.encode(bytes)
}

fn read_hashes(text: &str) -> Option<Vec<Digest>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().map(|hash| Digest(*hash)).collect())
}
