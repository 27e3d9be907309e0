//! Ballots: which ones are accepted at the door, which ones count, and why the others do not.
//! Weight never comes from a ballot: it says who and what, roll and charter say how much.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::charter::{ClassKind, Right};
use crate::id::{Digest, MemberId, Time};
use crate::key::PublicKey;
use crate::proposal::{REASON_CHARS_MOST, Vote};
use crate::roll::{Roll, Seat, Status};
use crate::statement::{Ballot, BlockReason, Body, Custody, EndStatus, Method, Signer, Statement};

/// Position of "block" among the choices of a consent vote.
pub const BLOCK: u32 = 3;
/// Sequences are whole numbers that JSON carries exactly.
pub const SEQUENCE_MOST: u64 = (1 << 53) - 1;

/// A ballot that fits the vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// Digest of the ballot's statement.
    pub digest: Digest,
    /// Position in the frozen roll.
    pub index: u32,
    pub sequence: u64,
    pub choices: Vec<u32>,
    pub block: Option<BlockReason>,
}

/// A ballot taken at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub cast: Cast,
    pub standing: Standing,
}

/// What the ballot is beside the one of the same member that is already known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The first one, or it replaces a lower sequence.
    Counts,
    /// The very same ballot again.
    Repeated,
    /// Kept, not counted: the member has voted again since.
    Superseded,
    /// Same sequence, other content: the smaller digest counts and both are a fault of the signer.
    Contradicts { other: Digest },
}

/// Why a ballot is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    #[error("This is not a ballot signed with a member's key.")]
    NotABallot,
    #[error("The ballot belongs to another consortium.")]
    OtherConsortium,
    #[error("The ballot names epoch {named}; this vote was opened in epoch {vote}.")]
    OtherEpoch { named: u64, vote: u64 },
    #[error("The ballot is for another proposal or another version of its text. The version that is open is {open}.")]
    OtherVersion { open: Digest },
    #[error("Voting has not begun: it opens at {opens}.")]
    Early { opens: Time },
    #[error("Voting is over: it closed at {closes}.")]
    Late { closes: Time },
    #[error("Nobody with this key was on the roll when it was frozen for this vote.")]
    NotOnTheRoll,
    #[error("{member} joined after the roll was frozen for this vote.")]
    JoinedLater { member: MemberId },
    #[error("{member} was suspended when the roll was frozen for this vote.")]
    Suspended { member: MemberId },
    #[error("The membership of {member} had ended when the roll was frozen for this vote.")]
    Ended { member: MemberId },
    #[error("Members of the class {class} do not vote.")]
    NoVote { class: String },
    #[error("This is not the key with which {member} was on the roll when it was frozen.")]
    WrongKey { member: MemberId },
    #[error("There was no mandate to act for {organisation} when the roll was frozen.")]
    NoMandate { organisation: MemberId },
    #[error("A vote of this type does not accept ballots with keys kept {}.", kept(*custody))]
    CustodyRefused { custody: Custody },
    #[error("The ballot chooses nothing.")]
    NothingChosen,
    #[error("Only one choice is possible in this vote; the ballot has {chosen}.")]
    TooManyChosen { chosen: usize },
    #[error("The proposal has no choice number {choice}.")]
    UnknownOption { choice: u32 },
    #[error("The choices are named in ascending order, each once.")]
    ChoicesUnordered,
    #[error("A block needs its ground and its reason.")]
    BlockWithoutReason,
    #[error("Only a block carries a reason.")]
    ReasonWithoutBlock,
    #[error("The charter has no ground for blocking called {ground:?}.")]
    UnknownGround { ground: String },
    #[error("The reason of a block has 1 to {REASON_CHARS_MOST} characters.")]
    BlockText,
    #[error("The sequence of a ballot is at most {SEQUENCE_MOST}.")]
    Sequence,
}

fn kept(custody: Custody) -> &'static str {
    match custody {
        Custody::Node => "by a node",
        Custody::Device => "on a device",
    }
}

/// At the door: the ballot fits, comes in time, and stands in this relation to the one that is known.
pub fn accept(
    vote: &Vote<'_>,
    statement: &Statement,
    digest: Digest,
    known: Option<&Cast>,
    now: Time,
) -> Result<Accepted, Refusal> {
    check_time(vote, now)?;
    let cast = check(vote, statement, digest).map_err(|refusal| explain(refusal, vote.roll, vote, &statement.key))?;
    let standing = match known {
        None => Standing::Counts,
        Some(known) if known.digest == cast.digest => Standing::Repeated,
        Some(known) if known.sequence == cast.sequence => Standing::Contradicts { other: known.digest },
        Some(known) if known.sequence > cast.sequence => Standing::Superseded,
        Some(_) => Standing::Counts,
    };
    Ok(Accepted { cast, standing })
}

/// Whether ballots are taken at `now`: from `opens` on, until `closes` of the sitting.
pub fn check_time(vote: &Vote<'_>, now: Time) -> Result<(), Refusal> {
    let (opens, closes) = (vote.opening.voting.opens, vote.sitting.closes);
    if now < opens {
        return Err(Refusal::Early { opens });
    }
    if now >= closes { Err(Refusal::Late { closes }) } else { Ok(()) }
}

/// Whether the ballot fits the vote, apart from time: what decides inside a cut. Its signature was verified before.
pub fn check(vote: &Vote<'_>, statement: &Statement, digest: Digest) -> Result<Cast, Refusal> {
    let (Signer::Member(signer), Body::Ballot(ballot)) = (&statement.signer, &statement.body) else {
        return Err(Refusal::NotABallot);
    };
    if *signer != statement.key {
        return Err(Refusal::NotABallot);
    }
    if statement.consortium != vote.opening.consortium {
        return Err(Refusal::OtherConsortium);
    }
    if ballot.proposal != vote.opening.digest {
        return Err(Refusal::OtherVersion { open: vote.opening.digest });
    }
    if statement.epoch != vote.opening.epoch {
        return Err(Refusal::OtherEpoch { named: statement.epoch, vote: vote.opening.epoch });
    }
    let seat = vote.roll.seat(ballot.index).ok_or(Refusal::NotOnTheRoll)?;
    if !seat.accepts_key(&statement.key) {
        return Err(Refusal::WrongKey { member: seat.member.clone() });
    }
    let custody = seat.custody_of(&statement.key);
    if !vote.sitting.rules.custody.contains(&custody) {
        return Err(Refusal::CustodyRefused { custody });
    }
    if ballot.sequence > SEQUENCE_MOST {
        return Err(Refusal::Sequence);
    }
    check_choices(vote, &ballot.choices, ballot.block.as_ref())?;
    let Ballot { index, sequence, choices, block, .. } = ballot.clone();
    Ok(Cast { digest, index, sequence, choices, block })
}

/// Whether the choices fit the method of the vote, and the reason a block.
pub fn check_choices(vote: &Vote<'_>, choices: &[u32], block: Option<&BlockReason>) -> Result<(), Refusal> {
    let question = &vote.opening.question;
    if choices.is_empty() {
        return Err(Refusal::NothingChosen);
    }
    let options = question.options.len();
    if let Some(choice) = choices.iter().find(|choice| usize::try_from(**choice).is_ok_and(|choice| choice >= options))
    {
        return Err(Refusal::UnknownOption { choice: *choice });
    }
    if question.method != Method::Approval && choices.len() > 1 {
        return Err(Refusal::TooManyChosen { chosen: choices.len() });
    }
    if !choices.windows(2).all(|pair| pair[0] < pair[1]) {
        return Err(Refusal::ChoicesUnordered);
    }
    let blocks = question.method == Method::Consent && choices == [BLOCK];
    match block {
        None if blocks => Err(Refusal::BlockWithoutReason),
        Some(_) if !blocks => Err(Refusal::ReasonWithoutBlock),
        Some(reason) => check_block(vote, reason),
        None => Ok(()),
    }
}

fn check_block(vote: &Vote<'_>, reason: &BlockReason) -> Result<(), Refusal> {
    if !vote.epoch.charter.blocks.grounds.contains(&reason.ground) {
        return Err(Refusal::UnknownGround { ground: reason.ground.clone() });
    }
    let fits = !reason.text.trim().is_empty() && reason.text.chars().count() <= REASON_CHARS_MOST;
    if fits { Ok(()) } else { Err(Refusal::BlockText) }
}

/// The seat for which `holder` may vote: its own, or that of an organisation that gave it a mandate.
pub fn seat_for<'a>(roll: &'a Roll, member: &MemberId, holder: &MemberId) -> Result<&'a Seat, Refusal> {
    let seat = roll.seat_of(member).ok_or(Refusal::NotOnTheRoll)?;
    let acts = member == holder || seat.mandates.iter().any(|mandate| mandate.holder == *holder);
    if acts { Ok(seat) } else { Err(Refusal::NoMandate { organisation: member.clone() }) }
}

/// A better reason than "not this key", for the person at the door. Slow; never needed for a count.
fn explain(refusal: Refusal, roll: &Roll, vote: &Vote<'_>, key: &PublicKey) -> Refusal {
    let seat = match &refusal {
        Refusal::NotOnTheRoll => None,
        Refusal::WrongKey { member } => roll.seat_of(member),
        _ => return refusal,
    };
    let class = |id: &str| vote.epoch.charter.class(id);
    let holder = roll.holder_of_key(key);
    if let Some(member) = holder {
        match member.status(roll.opens) {
            Status::Ended(EndStatus::Suspended) => return Refusal::Suspended { member: member.member.clone() },
            Status::Ended(_) => return Refusal::Ended { member: member.member.clone() },
            Status::NotYet => return Refusal::JoinedLater { member: member.member.clone() },
            Status::InForce(_) if !class(&member.class).is_some_and(|class| class.has(Right::Vote)) => {
                return Refusal::NoVote { class: member.class.clone() };
            }
            Status::InForce(_) => {}
        }
    }
    let for_organisation = |seat: &&Seat| class(&seat.class).is_some_and(|class| class.kind == ClassKind::Organisation);
    match seat.filter(for_organisation) {
        Some(seat) if holder.is_some() || roll.had_mandate_key(&seat.member, key) => {
            Refusal::NoMandate { organisation: seat.member.clone() }
        }
        _ => refusal,
    }
}

/// The ballots that count, one per member, and the members that contradicted themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    pub counted: BTreeMap<u32, Cast>,
    /// Pairs of ballots of one member with one sequence and different content: (the smaller, another).
    pub contradictions: Vec<(Digest, Digest)>,
}

/// Highest sequence counts; of equal sequences the smaller digest. Order and repetition change nothing.
pub fn settle(ballots: impl IntoIterator<Item = Cast>) -> Settled {
    let mut casts: Vec<Cast> = ballots.into_iter().collect();
    casts.sort_by_key(|cast| (cast.index, Reverse(cast.sequence), cast.digest));
    casts.dedup_by_key(|cast| (cast.index, cast.sequence, cast.digest));
    let mut settled = Settled::default();
    for equals in casts.chunk_by(|a, b| (a.index, a.sequence) == (b.index, b.sequence)) {
        let (first, others) = equals.split_first().expect("chunks are not empty");
        settled.contradictions.extend(others.iter().map(|other| (first.digest, other.digest)));
    }
    for cast in casts {
        settled.counted.entry(cast.index).or_insert(cast);
    }
    settled
}

#[cfg(test)]
mod tests;
