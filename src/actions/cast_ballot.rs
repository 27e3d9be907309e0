//! Casting a ballot: at the own node in one's name or by mandate, or anywhere with a ballot signed on one's own device.
//! The answer is given after the commit: a receipt means that the ballot survives a power cut.

use folkmoot_governance::ballot::{self, Cast, Standing as Relation};
use folkmoot_governance::codec::{SignedStatement, Unsigned};
use folkmoot_governance::id::{Digest, MemberId, Time};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::proposal::CONSENT;
use folkmoot_governance::roll::Seat;
use folkmoot_governance::statement::{Ballot, BlockReason, Body, Custody, Method, Signer, Statement};

use super::count::{self, Vote};
use super::error::{ActionError, Refusal, Result};
use super::standing::{self, Standing};
use super::{Person, journals};
use crate::app::App;
use crate::storage::proposals::{self, ProposalRow};
use crate::storage::{Conn, ballots, entries, members};
use crate::words::Message;

/// Most ballots that are taken of one key for one seat in one vote: each stands in the journals for ever. Those that other
/// nodes took are not among them, otherwise a node that lies could end a member's voting everywhere.
const BALLOTS_MOST: usize = 100;

/// How many ballots of one key for one seat are looked at to find the one that counts. Honest nodes take none that does not
/// fit the vote; whoever has others published hides the own ballot from pages, and not from the count.
const LOOKS_MOST: usize = 100;

/// How far ahead a ballot may be dated, in seconds: less than other nodes bear, which get it a moment later.
const AHEAD_MOST: i64 = 1800;

/// How far a sequence may be above the time in seconds. Whoever votes with an own key takes the time, so that no node has to
/// be asked; one that is much higher could not be replaced by those who vote for the same seat at their node.
pub const SEQUENCE_AHEAD_MOST: u64 = 86_400;

/// What somebody chose, in words.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Option texts: `agree`, or options of the proposal.
    pub choices: Vec<String>,
    pub block: Option<BlockReason>,
    /// The member voted for; absent means the person itself, or the only organisation it acts for.
    pub voting_as: Option<MemberId>,
}

/// What the node promises about a ballot.
#[derive(Debug, Clone)]
pub struct Receipt {
    pub statement: SignedStatement,
    pub ballot: Digest,
    pub sequence: u64,
    pub member: MemberId,
    pub position: u64,
    /// Kept, but a later or contradicting ballot stands beside it.
    pub counts: bool,
}

/// Signs and casts a ballot for somebody whose key this node keeps.
pub async fn cast(app: &App, person: &Person, key: &str, choice: Choice, now: Time) -> Result<Receipt> {
    let (app_in, person, key) = (app.clone(), person.clone(), key.to_owned());
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            // Whoever had to wait for a turn votes when it comes: nothing is accepted after the close.
            let now = app_in.now().max(now);
            let vote = open_vote(conn, &app_in, &standing, &key, now).await?;
            let signed = sign_for(conn, &app_in, &standing, &vote, &person, &choice, now).await?;
            take(conn, &app_in, &standing, &vote, signed, now).await
        })
        .await
}

/// Takes a ballot that was signed elsewhere. Any node may; a home node cannot suppress a member.
pub async fn take_signed(app: &App, bytes: &[u8], now: Time) -> Result<Receipt> {
    let signed = Statement::read(bytes, journals::STATEMENT_BYTES)
        .map_err(|error| Refusal::new("ballot", Message::new("refused-ballot-unusable").naming("detail", error)))?;
    let Body::Ballot(ballot) = &signed.statement.body else {
        return Err(ActionError::refused("ballot", "refused-not-a-ballot"));
    };
    if signed.statement.published > now.plus(AHEAD_MOST) {
        return Err(ActionError::refused("clock", "refused-ballot-clock"));
    }
    if ballot.sequence > u64::try_from(now.0).unwrap_or(0) + SEQUENCE_AHEAD_MOST {
        return Err(ActionError::refused("sequence", "refused-ballot-sequence"));
    }
    let (app_in, proposal, index) = (app.clone(), ballot.proposal, ballot.index);
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            let now = app_in.now().max(now);
            if signed.statement.consortium != standing.id {
                return Err(refusal(ballot::Refusal::OtherConsortium));
            }
            let row = proposals::by_digest(conn, proposal).await?;
            check_opened(&row.ok_or(ActionError::NotFound("missing-vote-of-ballot"))?, now)?;
            let vote = count::load_vote(conn, &app_in, &standing, proposal).await?;
            if let Some(seat) = vote.roll.seat(index) {
                still_holds(conn, seat, &signed.statement.key).await?;
            }
            take(conn, &app_in, &standing, &vote, signed, now).await
        })
        .await
}

async fn open_vote(conn: &mut Conn, app: &App, standing: &Standing, key: &str, now: Time) -> Result<Vote> {
    let row = proposals::by_key(conn, key).await?.ok_or(ActionError::NotFound("missing-proposal"))?;
    let digest = row.digest.ok_or_else(|| ActionError::refused("draft", "refused-draft"))?;
    check_opened(&row, now)?;
    count::load_vote(conn, app, standing, digest).await
}

/// Nothing is taken once voting should have begun and it is not certain that the vote was announced in time: should it turn
/// out void, a receipt would have promised a place in nothing. Before, a ballot is told when voting begins.
fn check_opened(row: &ProposalRow, now: Time) -> Result<()> {
    match row.state.as_str() {
        "void" => Err(ActionError::refused("void", "refused-vote-void")),
        "announced" if now >= row.opens.unwrap_or(now) => {
            Err(ActionError::refused("unsettled", "refused-vote-unsettled"))
        }
        _ => Ok(()),
    }
}

/// Makes the ballot with the member's key, which this node keeps.
async fn sign_for(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    vote: &Vote,
    person: &Person,
    choice: &Choice,
    now: Time,
) -> Result<SignedStatement> {
    ballot::check_time(&vote.lend(), now).map_err(refusal)?;
    let member = match &choice.voting_as {
        Some(member) => member.clone(),
        None => only_seat(vote, person)?,
    };
    let seat = ballot::seat_for(&vote.roll, &member, &person.person).map_err(refusal)?;
    if member != person.person {
        still_mandated(conn, &member, &[&person.person]).await?;
    }
    if seat.sponsor != app.node {
        let message = Message::new("refused-vote-elsewhere").naming("member", member).naming("node", &seat.sponsor);
        return Err(ActionError::refused("other-node", message));
    }
    if seat.custody == Custody::Device {
        return Err(ActionError::refused("own-key", "refused-own-key"));
    }
    let body = Body::Ballot(Ballot {
        proposal: vote.digest(),
        index: seat.index,
        sequence: next_sequence(conn, vote, seat).await?,
        choices: positions(vote, &choice.choices)?,
        block: choice.block.clone(),
    });
    let key = app.keys.member(standing.id, &member);
    let signer = Signer::Member(key.public());
    let unsigned = Unsigned { signer, published: now, consortium: standing.id, epoch: vote.opening.epoch, body };
    let unusable =
        |error| ActionError::refused("ballot", Message::new("refused-ballot-unusable").naming("detail", error));
    unsigned.sign(&key).map_err(unusable)
}

/// One more than that of the ballot to replace. Another node may have published one of a mandate that nothing can replace.
async fn next_sequence(conn: &mut Conn, vote: &Vote, seat: &Seat) -> Result<u64> {
    match latest(conn, vote, seat.index).await? {
        None => Ok(1),
        Some(cast) if cast.sequence < ballot::SEQUENCE_MOST => Ok(cast.sequence + 1),
        Some(_) => {
            let message = Message::new("refused-ballot-last").naming("member", &seat.member);
            Err(ActionError::refused("sequence", message))
        }
    }
}

fn only_seat(vote: &Vote, person: &Person) -> Result<MemberId> {
    if vote.roll.seat_of(&person.person).is_some() {
        return Ok(person.person.clone());
    }
    let held: Vec<_> =
        vote.roll.seats.iter().filter(|seat| seat.mandates.iter().any(|m| m.holder == person.person)).collect();
    match held.as_slice() {
        [seat] => Ok(seat.member.clone()),
        [] => Err(refusal(ballot::Refusal::NotOnTheRoll)),
        _ => Err(ActionError::Refused(Refusal::new("which-member", "refused-which-member").about("as"))),
    }
}

/// A mandate that ended after the roll was frozen no longer lets its holder vote here.
async fn still_mandated(conn: &mut Conn, organisation: &MemberId, holders: &[&MemberId]) -> Result<()> {
    let mandates = members::mandates_of(conn, organisation).await?;
    if mandates.iter().any(|mandate| holders.contains(&&mandate.holder) && mandate.until.is_none()) {
        return Ok(());
    }
    Err(refusal(ballot::Refusal::NoMandate { organisation: organisation.clone() }))
}

/// The same for a holder who signs with an own key. Whether the seat accepts any other key is not asked here.
async fn still_holds(conn: &mut Conn, seat: &Seat, key: &PublicKey) -> Result<()> {
    let with_key = seat.mandates.iter().filter(|mandate| mandate.key == Some(*key));
    let holders: Vec<_> = with_key.map(|mandate| &mandate.holder).collect();
    if seat.key == *key || holders.is_empty() {
        return Ok(());
    }
    still_mandated(conn, &seat.member, &holders).await
}

/// Positions of the chosen options, ascending.
fn positions(vote: &Vote, chosen: &[String]) -> Result<Vec<u32>> {
    let question = &vote.opening.question;
    let options = &question.options;
    let mut positions = Vec::with_capacity(chosen.len());
    for text in chosen {
        let position = options.iter().position(|option| option == text).ok_or_else(|| {
            let known = match question.method {
                Method::Consent => CONSENT.join(", "),
                _ => options.join(" | "),
            };
            let message = Message::new("refused-unknown-option").naming("choice", text).naming("choices", known);
            Refusal::new("unknown-option", message).about("choices")
        })?;
        positions.push(u32::try_from(position).map_err(ActionError::corrupt("options"))?);
    }
    positions.sort_unstable();
    positions.dedup();
    ballot::check_choices(&vote.lend(), &positions, None).or_else(|refused| match refused {
        ballot::Refusal::BlockWithoutReason => Ok(()),
        other => Err(refusal(other)),
    })?;
    Ok(positions)
}

/// The ballot of a seat that counts so far.
pub async fn latest(conn: &mut Conn, vote: &Vote, index: u32) -> Result<Option<Cast>> {
    let Some(seat) = vote.roll.seat(index) else { return Ok(None) };
    let mut casts = Vec::new();
    for key in seat.keys() {
        for digest in ballots::highest(conn, vote.digest(), index, key, LOOKS_MOST).await? {
            let signed = journals::by_digest(conn, digest).await?;
            if let Ok(cast) = ballot::check(&vote.lend(), &signed.statement, digest) {
                casts.push(cast);
                break;
            }
        }
    }
    Ok(ballot::settle(casts).counted.remove(&index))
}

/// The one way of a ballot into the journal.
async fn take(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    vote: &Vote,
    signed: SignedStatement,
    now: Time,
) -> Result<Receipt> {
    let Body::Ballot(ballot) = &signed.statement.body else {
        return Err(ActionError::refused("ballot", "refused-not-a-ballot"));
    };
    let (index, sequence, digest) = (ballot.index, ballot.sequence, signed.digest);
    let known = latest(conn, vote, index).await?;
    let accepted = ballot::accept(&vote.lend(), &signed.statement, digest, known.as_ref(), now).map_err(refusal)?;
    let member = vote.roll.seat(index).map(|seat| seat.member.clone()).ok_or(ActionError::NotFound("missing-seat"))?;
    let journal = standing.own_journal(app).ok_or(ActionError::Forbidden("forbidden-not-a-party"))?;
    let position = match entries::position_in(conn, &journal, digest).await? {
        Some(position) => position,
        None => {
            let key = &signed.statement.key;
            if ballots::count_in(conn, &journal, vote.digest(), index, key).await? >= BALLOTS_MOST {
                let message = Message::new("refused-ballots-most").with("most", BALLOTS_MOST);
                return Err(ActionError::refused("too-many", message));
            }
            let appended = journals::append(conn, app, standing, signed.clone(), now).await?;
            appended.position
        }
    };
    let body = Body::Receipt { ballot: digest, journal, position };
    let statement = journals::sign(app, standing, body, now)?;
    crate::storage::receipts::put(conn, digest, vote.digest(), &member, &statement.bytes, now).await?;
    let counts = matches!(accepted.standing, Relation::Counts | Relation::Repeated);
    Ok(Receipt { statement, ballot: digest, sequence, member, position, counts })
}

fn refusal(refused: ballot::Refusal) -> ActionError {
    ActionError::Refused(Refusal::of_rule("ballot", &refused))
}
