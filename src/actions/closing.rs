//! Closing a vote together: drives the core's state machine with stored messages, time, and this node's recount.
//! Every message of this node is stored in the transaction that decides to send it; sending comes after the commit.
//! A proposal comes to the machine, and on record, only when its cut gives its value by this node's own count.

use std::collections::BTreeMap;

use folkmoot_governance::certification::certificate::chairs;
use folkmoot_governance::certification::cut::Cut;
use folkmoot_governance::certification::message::{self, Letter, Subject};
use folkmoot_governance::certification::record::{Message, NodeIndex, Said};
use folkmoot_governance::certification::simplex::{Closing, Config, Input, Lack, Output, Timing};
use folkmoot_governance::certification::{Certificate, fault};
use folkmoot_governance::codec::SignedStatement;
use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::proposal;
use folkmoot_governance::statement::{Body, FaultReport};
use serde_json::{Value, json};

use super::count::{self, Vote};
use super::error::{ActionError, Result};
use super::standing::{self, Standing};
use super::{broken_receipt, decide, electorate, journals, report_fault};
use crate::app::App;
use crate::storage::{Conn, closings, deliveries, proposals};
use crate::words;

mod catch_up;
mod judge;

pub use catch_up::{Search, is_lacking, messages, proposed, searches};
use judge::{Fit, check, judge_kept, judge_proposed, own_sizes, read_cut, recount};

/// What one closing is worked on with, inside one transaction.
struct Work<'a> {
    app: &'a App,
    standing: Standing,
    vote: Vote,
    machine: Closing,
    now: Time,
    /// Whether the machine was given this node's own value.
    ready: bool,
    /// Of which round a proposal is held, and its value: it is looked at again at the next tick.
    held: BTreeMap<u32, Digest>,
    /// When time was to pass here next, until it has.
    wake_at: Option<Time>,
    /// Whether something was queued for peers.
    queued: bool,
}

/// What arrived about one sitting. Of a proposal whose notes are no cut of the vote only the justification is left.
#[derive(Default)]
struct News {
    proposals: Vec<Proposed>,
    said: Vec<Said>,
    /// The signed statements behind `said` and the justifications.
    documents: Documents,
    /// Whether this node has asked for it.
    asked: bool,
}

/// A chair's proposal with the cut that its notes are.
struct Proposed {
    said: Said,
    signed: SignedStatement,
    enclosed: Vec<Said>,
    cut: Cut,
}

/// Lets time pass for every closing that waits for it. Called by the background loop; safe to call at any time.
/// What keeps one closing from going on holds up no other.
pub async fn tick_all(app: &App, now: Time) -> Result<()> {
    let due = {
        let mut conn = app.db.read().await?;
        if standing::find(&mut conn).await?.is_none() {
            return Ok(());
        }
        closings::due(&mut conn, now).await?
    };
    for proposal in due {
        if let Err(error) = step(app, proposal, None, now).await {
            tracing::error!(%proposal, %error, "a closing cannot go on; it is tried again");
        }
    }
    Ok(())
}

/// Takes closing messages of peers, all for one proposal. Messages that are not the sender's to make are refused.
pub async fn receive(app: &App, statements: Vec<SignedStatement>, now: Time) -> Result<()> {
    let Some((vote, letters)) = read(app, statements, now).await? else { return Ok(()) };
    let news = read_news(&mut app.db.read().await?, &vote, letters).await?;
    step(app, vote.digest(), Some((vote.sitting.number, news)), now).await
}

/// Takes one proposal that this node has asked for: it is judged at once, whatever its chair keeps sending, and refused
/// unless it is taken on record, or its cut cannot be counted yet.
pub async fn receive_asked(app: &App, proposal: SignedStatement, now: Time) -> Result<()> {
    let (vote, letters) = read(app, vec![proposal], now).await?.ok_or_else(no_use)?;
    let news = read_news(&mut app.db.read().await?, &vote, letters).await?;
    if news.proposals.is_empty() {
        return Err(no_use());
    }
    step(app, vote.digest(), Some((vote.sitting.number, News { asked: true, ..news })), now).await
}

fn no_use() -> ActionError {
    ActionError::refused("closing", "refused-proposal-of-no-use")
}

/// The messages of the sitting at hand, verified, once it is over, and their vote; `None` if all are of another one. Those
/// of others may prove faults, which are told.
async fn read(app: &App, statements: Vec<SignedStatement>, now: Time) -> Result<Option<(Vote, Vec<Letter>)>> {
    let subject = statements.first().and_then(|signed| message::of_body(&signed.statement.body));
    let Some((Subject { proposal, .. }, _)) = subject else {
        return Err(ActionError::refused("closing", "refused-not-a-closing-message"));
    };
    let (goes_on, vote) = {
        let mut conn = app.db.read().await?;
        let standing = standing::load(&mut conn).await?;
        let state = proposals::state_of(&mut conn, proposal).await?.ok_or(ActionError::NotFound("missing-vote"))?;
        if matches!(state.as_str(), "draft" | "announced" | "void") {
            return Err(ActionError::refused("not-open", "refused-vote-not-open-here"));
        }
        (state == "open", count::load_vote(&mut conn, app, &standing, proposal).await?)
    };
    let read = |signed: SignedStatement| message::read(signed, &vote.epoch);
    let letters = statements.into_iter().map(read).collect::<std::result::Result<Vec<_>, _>>();
    let letters = letters.map_err(|error| {
        ActionError::refused("closing", words::Message::new("refused-closing-message").naming("detail", error))
    })?;
    // Messages of another sitting move nothing: it is over here, or whoever is ahead has certified this one.
    let (letters, others): (Vec<_>, Vec<_>) =
        letters.into_iter().partition(|letter| goes_on && letter.subject == subject_of(&vote));
    if !others.is_empty() {
        confront(app, proposal, documents(others), now).await?;
    }
    if letters.is_empty() {
        return Ok(None);
    }
    if now < vote.sitting.closes {
        return Err(ActionError::refused("early", "refused-closing-early"));
    }
    Ok(Some((vote, letters)))
}

/// A proposal may come from its chair and from others: the notes of one that is on record are not read again.
async fn read_news(conn: &mut Conn, vote: &Vote, letters: Vec<Letter>) -> Result<News> {
    let mut news = News::default();
    for Letter { said, signed, enclosed, .. } in letters {
        let justification: Vec<Said> = enclosed.iter().map(|(said, _)| *said).collect();
        news.documents.extend(enclosed);
        let cut = match &signed.statement.body {
            Body::CutProposal(proposed) => {
                let known = closings::has_message(conn, vote.digest(), vote.sitting.number, said).await?;
                (!known).then(|| read_cut(vote, &proposed.cut)).flatten()
            }
            _ => {
                news.said.push(said);
                news.documents.push((said, signed));
                continue;
            }
        };
        match cut {
            Some(cut) => news.proposals.push(Proposed { said, signed, enclosed: justification, cut }),
            None => news.said.extend(justification),
        }
    }
    Ok(news)
}

/// One transaction: load, step until quiet, store, queue. Without news, time passes. What is said in `news` is about the
/// sitting named with it, which may have ended, and the next one begun, since it was read.
async fn step(app: &App, proposal: Digest, news: Option<(u32, News)>, now: Time) -> Result<()> {
    let app_in = app.clone();
    let (too_late, next) = app
        .db
        .write(async move |conn| {
            let about = news.as_ref().map(|(sitting, _)| *sitting);
            let work = load(conn, &app_in, proposal, now).await?;
            let Some(mut work) = work.filter(|work| about.is_none_or(|about| about == work.vote.sitting.number)) else {
                return Ok((news.map(|(_, news)| news.documents).unwrap_or_default(), Next::default()));
            };
            let lacked = work.machine.lacks();
            match news {
                Some((_, news)) => hear(conn, &mut work, news).await?,
                None => tick(conn, &mut work).await?,
            }
            store(conn, &work).await?;
            let is_known =
                |lack: &Lack| lacked.iter().any(|known| (known.round, known.value) == (lack.round, lack.value));
            let search = !work.machine.lacks().iter().all(is_known);
            Ok::<_, ActionError>((Vec::new(), Next { deliver: work.queued, search }))
        })
        .await?;
    if next.deliver {
        app.wake.notify_one();
    }
    if next.search {
        app.search.notify_one();
    }
    if too_late.is_empty() { Ok(()) } else { confront(app, proposal, too_late, now).await }
}

/// What is to be done once a step is stored.
#[derive(Default)]
struct Next {
    /// Something was queued for peers.
    deliver: bool,
    /// A quorum speaks for another proposal that is not here.
    search: bool,
}

/// Proposals one by one, everything else together.
async fn hear(conn: &mut Conn, work: &mut Work<'_>, news: News) -> Result<()> {
    let News { proposals, said, mut documents, asked } = news;
    for proposed in proposals {
        match judge_proposed(conn, work, &proposed, asked).await? {
            None | Some(Fit::GivesNot) if asked => return Err(no_use()),
            Some(fit) => take(conn, work, proposed, fit, &mut documents).await?,
            None => run(conn, work, Input::Received(proposed.enclosed), &mut documents).await?,
        }
    }
    if said.is_empty() { Ok(()) } else { run(conn, work, Input::Received(said), &mut documents).await }
}

/// Time passes: what is held is looked at again, so that it comes before what this node says itself.
async fn tick(conn: &mut Conn, work: &mut Work<'_>) -> Result<()> {
    work.wake_at = None;
    let mut documents = Documents::new();
    for round in std::mem::take(&mut work.held).into_keys() {
        let (proposal, sitting) = (work.vote.digest(), work.vote.sitting.number);
        let Some(bytes) = closings::held(conn, proposal, sitting, round).await? else { continue };
        closings::release(conn, proposal, sitting, round).await?;
        let Ok(letter) = message::read(journals::read_bytes(&bytes)?, &work.vote.epoch) else { continue };
        let news = read_news(conn, &work.vote, vec![letter]).await?;
        documents.extend(news.documents);
        for proposed in news.proposals {
            match judge_proposed(conn, work, &proposed, false).await? {
                Some(Fit::GivesNot) | None => {}
                Some(fit) => take(conn, work, proposed, fit, &mut documents).await?,
            }
        }
    }
    run(conn, work, Input::Tick, &mut documents).await
}

/// Puts a proposal on record whose cut gives its value, and holds any other.
async fn take(
    conn: &mut Conn,
    work: &mut Work<'_>,
    proposed: Proposed,
    fit: Fit,
    documents: &mut Documents,
) -> Result<()> {
    let Proposed { said, signed, enclosed, .. } = proposed;
    let Message::Propose { round, value } = said.message else { return Ok(()) };
    if fit != Fit::Gives {
        hold(conn, work, said, &signed).await?;
        return run(conn, work, Input::Received(enclosed), documents).await;
    }
    documents.push((said, signed));
    run(conn, work, Input::Proposed { by: said.by, round, value, enclosed }, documents).await
}

/// Holds a proposal until the next tick, in place of what was held of its round.
async fn hold(conn: &mut Conn, work: &mut Work<'_>, said: Said, signed: &SignedStatement) -> Result<()> {
    closings::hold(conn, &row(work, said, signed, false)).await?;
    work.held.extend(said.message.value().map(|value| (said.message.round(), value)));
    Ok(())
}

/// What arrives once a sitting is over here moves nothing, but may prove that its signer said two things.
async fn contradictions(conn: &mut Conn, documents: &Documents) -> Result<Vec<FaultReport>> {
    let mut reports = Vec::new();
    for (said, signed) in documents {
        let Some((subject, _)) = message::of_body(&signed.statement.body) else { continue };
        let (proposal, sitting) = (subject.proposal, subject.sitting);
        for stored in closings::said_besides(conn, proposal, sitting, *said, signed.digest).await? {
            reports.extend(fault::find(&journals::read_bytes(&stored)?, signed));
        }
    }
    Ok(reports)
}

/// Nearly every message of a closing comes from several peers, most of them after the end: a look is all that they cost.
async fn confront(app: &App, proposal: Digest, documents: Documents, now: Time) -> Result<()> {
    let reports = contradictions(&mut app.db.read().await?, &documents).await?;
    if reports.is_empty() {
        return Ok(());
    }
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            for report in reports {
                report_fault::tell(conn, &app_in, &standing, report, Some(proposal), now).await?;
            }
            Ok(())
        })
        .await
}

/// Signed statements under the names that the state machine knows them by.
type Documents = Vec<(Said, SignedStatement)>;

/// The statements of a justification stand on their own too.
fn documents(letters: Vec<Letter>) -> Documents {
    let mut documents = Vec::new();
    for letter in letters {
        documents.extend(letter.enclosed);
        documents.push((letter.said, letter.signed));
    }
    documents
}

fn subject_of(vote: &Vote) -> Subject {
    Subject { proposal: vote.digest(), sitting: vote.sitting.number }
}

/// The closing as it was stored, or a new one once the vote is over.
async fn load<'a>(conn: &mut Conn, app: &'a App, proposal: Digest, now: Time) -> Result<Option<Work<'a>>> {
    let standing = standing::lock(conn).await?;
    // An opening that opened nothing here gets no signature of this node, whatever the others say.
    if proposals::state_of(conn, proposal).await?.is_none_or(|state| state != "open") {
        return Ok(None);
    }
    let vote = count::load_vote(conn, app, &standing, proposal).await?;
    let row = closings::lock_or_create(conn, proposal, vote.sitting.number).await?;
    if row.state == "certified" {
        return Ok(None);
    }
    let machine = match &row.machine {
        Some(bytes) => serde_json::from_slice(bytes).map_err(ActionError::corrupt("closing"))?,
        None => Closing::new(configuration(app, &vote)),
    };
    let held = closings::held_values(conn, proposal, vote.sitting.number).await?;
    let (ready, wake_at) = (row.ready, row.wake_at);
    let mut work = Work { app, standing, vote, machine, now, ready, held, wake_at, queued: false };
    judge_kept(conn, &mut work).await?;
    Ok(Some(work))
}

fn configuration(app: &App, vote: &Vote) -> Config {
    let epoch = &vote.epoch;
    Config {
        me: standing::own_place(epoch, app).and_then(|position| u16::try_from(position).ok()).map(NodeIndex),
        order: chairs(subject_of(vote), epoch),
        quorum: epoch.quorum(),
        timing: Timing::new(vote.sitting.closes, &epoch.charter.closing),
    }
}

/// The notes of this node's own cut, frozen at T2; none before.
async fn snapshot(conn: &mut Conn, work: &Work<'_>) -> Result<Vec<String>> {
    let known = closings::snapshot(conn, work.vote.digest(), work.vote.sitting.number).await?;
    match known {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(ActionError::corrupt("snapshot")),
        None if work.now >= proposal::freezes_at(&work.vote.sitting, &work.vote.epoch.charter) => {
            freeze(conn, work).await
        }
        None => Ok(Vec::new()),
    }
}

/// T2: the largest certified checkpoint of each journal, certified by closes + W.
async fn freeze(conn: &mut Conn, work: &Work<'_>) -> Result<Vec<String>> {
    let settled = proposal::settles_at(&work.vote.sitting, &work.vote.epoch.charter);
    let certified = electorate::certified_by(conn, &work.vote.epoch, settled).await?;
    let notes: Vec<String> = certified.into_iter().map(|(note, _)| note).collect();
    let bytes = serde_json::to_vec(&notes).map_err(ActionError::corrupt("snapshot"))?;
    closings::put_snapshot(conn, work.vote.digest(), work.vote.sitting.number, &bytes).await?;
    Ok(notes)
}

/// Steps the machine and does what it asks, until it asks for nothing more.
async fn run(conn: &mut Conn, work: &mut Work<'_>, input: Input, documents: &mut Documents) -> Result<()> {
    let mut inputs = vec![input];
    if !work.ready && work.machine.config().me.is_some() {
        let own = own_sizes(conn, work).await?;
        if !own.is_empty()
            && let Some(value) = recount(conn, work, &own).await?
        {
            inputs.insert(0, Input::Ready { value });
            work.ready = true;
        }
    }
    while let Some(input) = (!inputs.is_empty()).then(|| inputs.remove(0)) {
        for output in work.machine.step(work.now, input) {
            match output {
                Output::Send { message, enclosed } => send(conn, work, message, &enclosed, documents).await?,
                Output::Keep(said) => keep(conn, work, said, documents).await?,
                Output::Relay(said) => relay(conn, work, &said).await?,
                Output::Check { value } => {
                    let verdict = check(conn, work, value).await?;
                    inputs.push(Input::Checked { value, verdict });
                }
                // Whoever publishes nothing takes the decision over from those who do: when it was made is in the
                // journals then.
                Output::Certified { .. } if work.standing.own_journal(work.app).is_none() => {}
                Output::Certified { round, value, finals } => {
                    let bytes = certificate_parts(conn, work, round, value, &finals).await?;
                    decide::certify(conn, work.app, &work.standing, &work.vote, bytes, work.now).await?;
                    broken_receipt::notice(conn, work.app, work.vote.digest(), work.now).await?;
                }
                Output::Fault(contradiction) => {
                    let first = document(conn, work, contradiction.first).await?;
                    let second = document(conn, work, contradiction.second).await?;
                    let Some(report) = fault::find(&first, &second) else { continue };
                    report_fault::tell(conn, work.app, &work.standing, report, Some(work.vote.digest()), work.now)
                        .await?;
                }
            }
        }
    }
    Ok(())
}

async fn store(conn: &mut Conn, work: &Work<'_>) -> Result<()> {
    let machine = serde_json::to_vec(&work.machine).map_err(ActionError::corrupt("closing"))?;
    let again = (!work.held.is_empty()).then(|| work.now.plus(work.machine.config().timing.repeat_seconds()));
    // Without a party's part in it, there is only the others' messages to wait for.
    let next = work.machine.wake_at(work.now).into_iter().chain(again).min().unwrap_or_else(|| work.now.plus(60));
    // What arrives puts off nothing that was to be done before.
    let wake_at = work.wake_at.map_or(next, |known| known.min(next));
    closings::put_machine(conn, work.vote.digest(), work.vote.sitting.number, &machine, work.ready, wake_at).await?;
    Ok(())
}

/// Signs, stores, and queues a message of this node.
async fn send(
    conn: &mut Conn,
    work: &mut Work<'_>,
    message: Message,
    enclosed: &[Said],
    documents: &mut Documents,
) -> Result<()> {
    let me = work.machine.config().me.expect("only a party is asked to send");
    let subject = subject_of(&work.vote);
    let body = match message {
        Message::Propose { round, value } => {
            let mut signed = Vec::with_capacity(enclosed.len());
            for said in enclosed {
                signed.push(document(conn, work, *said).await?);
            }
            let cut = cut_for(conn, work, value).await?;
            message::proposal_body(subject, round, value, cut, &signed)
        }
        _ => message::body(subject, message).ok_or_else(|| ActionError::corrupt("message")("it has no body"))?,
    };
    let signed = journals::sign_in_epoch(work.app, &work.standing, work.vote.epoch.number, body, work.now)?;
    let said = Said { by: me, message };
    closings::put_message(conn, &row(work, said, &signed, true)).await?;
    tell(conn, work, &signed.bytes).await?;
    documents.push((said, signed));
    Ok(())
}

/// Stores the statement behind a message that the machine took on record.
async fn keep(conn: &mut Conn, work: &Work<'_>, said: Said, documents: &Documents) -> Result<()> {
    let Some((_, signed)) = documents.iter().find(|(name, _)| *name == said) else { return Ok(()) };
    closings::put_message(conn, &row(work, said, signed, false)).await?;
    Ok(())
}

fn row(work: &Work<'_>, said: Said, signed: &SignedStatement, own: bool) -> closings::MessageRow {
    closings::MessageRow {
        proposal: work.vote.digest(),
        sitting: work.vote.sitting.number,
        said,
        digest: signed.digest,
        bytes: signed.bytes.clone(),
        own,
    }
}

/// Passes stored statements on to every other party, so that one who missed them can follow.
async fn relay(conn: &mut Conn, work: &mut Work<'_>, said: &[Said]) -> Result<()> {
    let mut stored = Vec::with_capacity(said.len());
    for one in said {
        stored.extend(find(conn, work, *one).await?.map(|signed| signed.bytes));
    }
    tell(conn, work, &envelope(work.app, &stored)).await
}

/// Queues something for every other party of the vote.
async fn tell(conn: &mut Conn, work: &mut Work<'_>, body: &[u8]) -> Result<()> {
    let parties = work.vote.epoch.parties.iter().map(|party| &party.node);
    let others: Vec<_> = parties.filter(|node| **node != work.app.node).collect();
    deliveries::enqueue_for_all(conn, &others, "closing", None, body, work.now).await?;
    work.queued |= !others.is_empty();
    Ok(())
}

/// Several signed messages as one activity: they prove themselves.
fn envelope(app: &App, statements: &[Vec<u8>]) -> Vec<u8> {
    let items: Vec<Value> = statements.iter().filter_map(|bytes| serde_json::from_slice(bytes).ok()).collect();
    folkmoot_governance::json::canonical(&json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "Announce",
        "actor": app.node,
        "object": {"type": "ClosingMessages", "items": items},
    }))
}

async fn find(conn: &mut Conn, work: &Work<'_>, said: Said) -> Result<Option<SignedStatement>> {
    let bytes = closings::message(conn, work.vote.digest(), work.vote.sitting.number, said).await?;
    bytes.map(|bytes| journals::read_bytes(&bytes)).transpose()
}

async fn document(conn: &mut Conn, work: &Work<'_>, said: Said) -> Result<SignedStatement> {
    find(conn, work, said).await?.ok_or_else(|| ActionError::corrupt("closing message")("it is not stored"))
}

/// The notes behind a value: this node's own snapshot, or those of the proposal that named it first.
async fn cut_for(conn: &mut Conn, work: &Work<'_>, value: Digest) -> Result<Vec<String>> {
    if work.machine.candidate() == Some(value) {
        return snapshot(conn, work).await;
    }
    let known = closings::proposal_of_value(conn, work.vote.digest(), work.vote.sitting.number, value).await?;
    let bytes = known.ok_or_else(|| ActionError::corrupt("closing message")("it is not stored"))?;
    Ok(cut_of(&journals::read_bytes(&bytes)?))
}

fn cut_of(signed: &SignedStatement) -> Vec<String> {
    match &signed.statement.body {
        Body::CutProposal(proposed) => proposed.cut.clone(),
        _ => Vec::new(),
    }
}

async fn certificate_parts(
    conn: &mut Conn,
    work: &Work<'_>,
    round: u32,
    value: Digest,
    finals: &[Said],
) -> Result<Certificate> {
    let chair = work.machine.chair(round);
    let proposed = document(conn, work, Said { by: chair, message: Message::Propose { round, value } }).await?;
    let mut signed = Vec::with_capacity(finals.len());
    for said in finals {
        signed.push(document(conn, work, *said).await?);
    }
    Certificate::assemble(&proposed, &signed).ok_or_else(|| ActionError::corrupt("certificate")("not a proposal"))
}
