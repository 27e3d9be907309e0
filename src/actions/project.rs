//! What an entry of a journal changes in the tables that pages are made from. The journals are the ground state:
//! applying every entry again, in any order of journals, gives the same tables (`folkmoot rebuild`).

use folkmoot_governance::certification::fault;
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{Digest, JournalId, Time};
use folkmoot_governance::key::PublicKey;
use folkmoot_governance::proposal::{self, Opening};
use folkmoot_governance::roll::Roll;
use folkmoot_governance::statement::{Ballot, Body, FaultReport, Question, Signer};

use super::error::Result;
use super::standing::Standing;
use super::{count, decide, electorate, report_fault, standing as standings};
use crate::app::App;
use crate::storage::{
    Conn, ballots, comments, consortium, decisions, entries, faults, notices, pending, proposals, register,
    roll_entries,
};

/// How many ballots by one key for one seat with one sequence are looked at to prove that two of them contradict each other.
const SAID_MOST: usize = 100;

/// Applies one entry in the transaction that appended it. True if the roll has to be replayed afterwards.
pub async fn apply(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    journal: &JournalId,
    position: u64,
    signed: &SignedStatement,
    now: Time,
) -> Result<bool> {
    let statement = &signed.statement;
    match &statement.body {
        Body::Charter { .. } => ratify(conn, standing).await?,
        Body::RollEntry(entry) => {
            roll_entries::put(conn, entry, signed.digest, journal, position).await?;
            return Ok(true);
        }
        Body::RollEnd(_)
        | Body::Application(_)
        | Body::Objection { .. }
        | Body::Mandate(_)
        | Body::MandateEnd { .. } => return Ok(true),
        Body::Question(question) => put_proposal(conn, question, signed).await?,
        Body::Ballot(ballot) => {
            put_ballot(conn, ballot, signed, journal, position).await?;
            report_contradiction(conn, app, standing, ballot, &statement.key, now).await?;
        }
        Body::Note(comment) => {
            // A node names its own contributions only: none takes the place of somebody else's.
            let Signer::Node(node) = &statement.signer else { return Ok(false) };
            if comment.id.starts_with(&format!("{}/comments/", node.base())) {
                comments::put(conn, comment, statement.published, journal, position).await?;
            }
        }
        Body::Notice { subject, source } => {
            let Signer::Node(node) = &statement.signer else { return Ok(false) };
            notices::put(conn, signed.digest, node, subject, source, statement.published).await?;
        }
        Body::Article(decision) => {
            let Signer::Node(node) = &statement.signer else { return Ok(false) };
            let (sitting, value) = (decision.certificate.sitting, decision.certificate.value);
            decisions::agree(conn, decision.proposal, sitting, node, value, statement.published).await?;
            if !decide::adopt(conn, app, standing, decision, statement.published, now).await? {
                pending::put(conn, signed.digest, journal, position).await?;
            }
            return decide::ends_members(conn, decision.proposal).await;
        }
        Body::Fault(report) => {
            if !prove(conn, app, standing, report, signed, now).await? {
                pending::put(conn, signed.digest, journal, position).await?;
            }
        }
        // Read from the journal where they count; closing messages and receipts never stand in one.
        Body::Extension { .. }
        | Body::Challenge { .. }
        | Body::Withdrawal { .. }
        | Body::Receipt { .. }
        | Body::CutProposal(_)
        | Body::CutVote { .. }
        | Body::CutSkip { .. }
        | Body::CutFinal { .. } => {}
    }
    Ok(false)
}

/// Keeps what a report proves. False while whoever published it knows of an epoch that is not here yet: the keys that
/// the evidence is signed with may be that epoch's.
async fn prove(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    report: &FaultReport,
    signed: &SignedStatement,
    now: Time,
) -> Result<bool> {
    let holds = standing.epochs.iter().any(|epoch| fault::check(report, epoch).is_ok());
    if !holds && signed.statement.epoch > standing.epoch().number {
        return Ok(false);
    }
    if holds && report_fault::is_of_a_seat(conn, app, standing, report).await? {
        let vote = faults::votes(report).first().copied();
        report_fault::keep(conn, report, vote, now).await?;
    } else {
        tracing::warn!(culprit = report.culprit, "a fault report that proves nothing");
    }
    Ok(true)
}

/// How many waiting entries are looked at in one transaction: a decision that takes effect makes the roll anew.
const LOOKED_AT_MOST: usize = 10;

/// What came of looking at some of the entries that wait.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// One of them waits no longer.
    pub applied: bool,
    /// The last one, if others may wait behind it.
    pub rest: Option<pending::Place>,
}

/// Looks again at entries that could not take effect when they arrived: decisions ahead of their epoch or opening, and
/// faults ahead of their epoch. At some of them at a time, from `after` on: however many somebody lets wait in a
/// journal, each transaction is short, and what it did stays done.
pub async fn apply_pending(conn: &mut Conn, app: &App, after: Option<&pending::Place>, now: Time) -> Result<Looked> {
    let waiting = pending::after(conn, after, LOOKED_AT_MOST).await?;
    let mut looked = Looked::default();
    for entry in &waiting {
        let standing = standings::lock(conn).await?;
        if is_settled(conn, app, &standing, entry.statement, now).await? {
            pending::remove(conn, entry).await?;
            looked.applied = true;
        }
    }
    if waiting.len() == LOOKED_AT_MOST {
        looked.rest = waiting.into_iter().next_back().map(|entry| entry.place);
    }
    Ok(looked)
}

/// Applies an entry that waited; false if it still has to.
async fn is_settled(conn: &mut Conn, app: &App, standing: &Standing, statement: Digest, now: Time) -> Result<bool> {
    // Erased meanwhile, there is nothing more to apply.
    let Some(bytes) = entries::by_digest(conn, statement).await?.and_then(|row| row.bytes) else { return Ok(true) };
    let signed = super::journals::read_bytes(&bytes)?;
    match &signed.statement.body {
        Body::Article(decision) => decide::adopt(conn, app, standing, decision, signed.statement.published, now).await,
        Body::Fault(report) => prove(conn, app, standing, report, &signed, now).await,
        _ => Ok(true),
    }
}

async fn ratify(conn: &mut Conn, standing: &Standing) -> Result<()> {
    let ratification = standings::ratification(conn, standing).await?;
    if ratification.is_complete() {
        consortium::set_state(conn, standing.id, "ratified").await?;
    }
    Ok(())
}

/// Replays the roll of the epoch in force from everything that is stored, certified or not, for the pages.
/// Votes never read this table: each has its own frozen roll.
pub async fn refresh_members(conn: &mut Conn, now: Time) -> Result<()> {
    let standing = standings::load(conn).await?;
    let epoch = standing.epoch();
    let replayed = electorate::register(conn, &standing, epoch, &count::everything(epoch), now).await?;
    register::replace(conn, &replayed).await.map_err(Into::into)
}

async fn put_proposal(conn: &mut Conn, question: &Question, signed: &SignedStatement) -> Result<()> {
    let Signer::Node(node) = &signed.statement.signer else { return Ok(()) };
    // A node speaks for its own proposals only.
    if !question.id.starts_with(&format!("{}/proposals/", node.base())) {
        return Ok(());
    }
    let opening = Opening::read(&signed.statement, signed.digest);
    proposals::put_version(
        conn,
        &proposals::Version {
            id: &question.id,
            key: &proposal_key(&question.id),
            node,
            question,
            statement: &signed.bytes,
            digest: signed.digest,
            epoch: signed.statement.epoch,
            opens: opening.as_ref().map(|o| o.voting.opens),
            closes: opening.as_ref().map(|o| o.voting.closes),
            published: signed.statement.published,
        },
    )
    .await
    .map_err(Into::into)
}

/// Two ballots by a key of one seat with one sequence, through whatever nodes they came, prove that their signer said two
/// things. By a key that is not the seat's they prove nothing: anybody can make one.
async fn report_contradiction(
    conn: &mut Conn,
    app: &App,
    standing: &Standing,
    ballot: &Ballot,
    key: &PublicKey,
    now: Time,
) -> Result<()> {
    let Ballot { proposal, index, sequence, .. } = *ballot;
    let said = ballots::with_sequence(conn, proposal, index, key, sequence, SAID_MOST).await?;
    if said.len() > 1 && count::is_seated(conn, app, standing, ballot, key).await? {
        report_said(conn, proposal, &said, now).await?;
    }
    Ok(())
}

/// The same of ballots that came before it was certain whose seats they name.
async fn report_early_contradictions(conn: &mut Conn, proposal: Digest, roll: &Roll, now: Time) -> Result<()> {
    for (index, key, sequence) in ballots::contradictions(conn, proposal).await? {
        if roll.seat(index).is_some_and(|seat| seat.accepts_key(&key)) {
            let said = ballots::with_sequence(conn, proposal, index, &key, sequence, SAID_MOST).await?;
            report_said(conn, proposal, &said, now).await?;
        }
    }
    Ok(())
}

async fn report_said(conn: &mut Conn, proposal: Digest, ballots: &[Digest], now: Time) -> Result<()> {
    let mut said = Vec::with_capacity(ballots.len());
    for ballot in ballots {
        said.push(super::journals::by_digest(conn, *ballot).await?);
    }
    for report in fault::find_all(&said) {
        report_fault::keep(conn, &report, proposal, now).await?;
    }
    Ok(())
}

async fn put_ballot(
    conn: &mut Conn,
    ballot: &Ballot,
    signed: &SignedStatement,
    journal: &JournalId,
    position: u64,
) -> Result<()> {
    ballots::put(
        conn,
        &ballots::BallotRow {
            digest: signed.digest,
            proposal: ballot.proposal,
            index: ballot.index,
            sequence: ballot.sequence,
            choices: ballot.choices.clone(),
            journal: journal.clone(),
            position,
            published: signed.statement.published,
            key: signed.statement.key,
        },
    )
    .await
    .map_err(Into::into)
}

/// The key of a proposal in addresses on every node: the first 16 digits of the digest of its id.
pub fn proposal_key(id: &str) -> String {
    Digest::of(id.as_bytes()).short(16)
}

/// What becomes of an announced vote.
enum Fate {
    /// Its opening stands below this certified checkpoint, and this is its electorate.
    Opens(String, Box<Roll>),
    /// It opens nothing, here and for ever.
    Void(String),
    Waits,
}

/// Opens announced votes whose opening is certified in time, and sets aside those that missed it.
pub async fn settle_openings(conn: &mut Conn, now: Time) -> Result<()> {
    let standing = standings::lock(conn).await?;
    for digest in proposals::announced(conn).await? {
        match fate(conn, &standing, digest, now).await? {
            Fate::Opens(note, roll) => {
                proposals::open(conn, digest, &note).await?;
                report_early_contradictions(conn, digest, &roll, now).await?;
            }
            Fate::Void(reason) => {
                tracing::warn!(reason, proposal = %digest, "an opening opens nothing");
                proposals::set_state(conn, digest, "void").await?;
            }
            Fate::Waits => {}
        }
    }
    Ok(())
}

async fn fate(conn: &mut Conn, standing: &Standing, digest: Digest, now: Time) -> Result<Fate> {
    let Some(entry) = entries::by_digest(conn, digest).await? else { return Ok(Fate::Waits) };
    let opening = decide::opening(conn, digest).await?;
    let Some(epoch) = standing.epoch_number(opening.epoch) else { return Ok(Fate::Waits) };
    let opens = opening.voting.opens;
    let journal = epoch.journals().into_iter().find(|known| known.journal == entry.journal);
    let certified = match journal {
        Some(journal) => electorate::certified_in(conn, epoch, &journal, opens).await?,
        None => None,
    };
    let Some((note, size)) = certified.filter(|(_, size)| size.size > entry.position) else {
        // Cosignatures made in time may still be on their way; a minute after opening they are not.
        let late = now > opens.plus(60.max(epoch.charter.closing.settle_seconds));
        return Ok(if late {
            Fate::Void("no checkpoint of its journal was certified in time".into())
        } else {
            Fate::Waits
        });
    };
    let cut = match count::roll_cut(epoch, &opening) {
        Ok(cut) => cut,
        Err(error) => return Ok(Fate::Void(error.to_string())),
    };
    let known_by = proposal::roll_known_by(opens, &epoch.charter);
    let known: Vec<_> =
        electorate::certified_by(conn, epoch, known_by).await?.into_iter().map(|(_, size)| size).collect();
    if let Err(refusal) = proposal::check_cut_is_recent(&cut, &known) {
        return Ok(Fate::Void(refusal.to_string()));
    }
    let roll = electorate::freeze(conn, standing, epoch, &cut, opens).await?;
    let unratified = standings::ratification(conn, standing).await?.missing.len();
    let certified_at = Some(size.certified_at);
    let context = proposal::OpeningContext { epoch, unratified, roll: &roll, cut: &cut, certified_at };
    let statement = super::journals::by_digest(conn, digest).await?;
    Ok(match proposal::check_opening(&statement.statement, digest, &context) {
        Ok(_) => Fate::Opens(note, Box::new(roll)),
        Err(refusal) if unratified == 0 && roll.register.unknown_decisions.is_empty() => {
            Fate::Void(refusal.to_string())
        }
        // Acceptances of the charter, or a decision that the roll rests on, are still on their way.
        Err(_) => Fate::Waits,
    })
}
