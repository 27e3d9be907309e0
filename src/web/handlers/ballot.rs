//! Casting a ballot, and following it by its receipt.

use axum::http::header;
use axum::response::IntoResponse;
use folkmoot_governance::charter::Charter;
use folkmoot_governance::id::{Digest, MemberId};
use folkmoot_governance::roll::Seat;
use folkmoot_governance::statement::{BlockReason, Custody, Method, Question, Visibility};
use serde::Deserialize;

use super::names::{self, Names};
use super::{cards, proposal};
use crate::actions::cast_ballot::{self, Choice};
use crate::actions::error::{ActionError, Refusal, Result};
use crate::actions::{Person, count, view_ballots, view_proposal, view_receipt};
use crate::http::address::{Asked, Named};
use crate::storage::proposals::{self, ProposalRow};
use crate::storage::{Conn, ballots};
use crate::web::ballot::{BallotFields, BallotForm, BallotPanel, BallotWay, CastVote, ReceiptPage, Voter};
use crate::web::form::Problems;
use crate::web::layout::Section;
use crate::web::turns::Turned;
use crate::web::visit::{Answer, Posted, Visit, go, refusal};

/// The place of the ballot on a proposal's page.
pub async fn panel(
    conn: &mut Conn,
    visit: &Visit,
    view: &view_proposal::View,
    charter: &Charter,
) -> Result<BallotPanel> {
    let row = &view.line.row;
    let vote = match (view.line.state, &view.vote) {
        ("draft", _) => return Ok(BallotPanel::Draft),
        ("void", _) => return Ok(BallotPanel::Void),
        ("announced", _) => return Ok(row.opens.map_or(BallotPanel::Draft, |opens| BallotPanel::NotYet { opens })),
        ("open", Some(vote)) => vote,
        (_, vote) => {
            let votes = match (vote, visit.person()) {
                (Some(vote), Some(person)) => cast_by(conn, vote, person, charter).await?,
                _ => Vec::new(),
            };
            return Ok(BallotPanel::Closed { votes });
        }
    };
    let Some(person) = visit.person() else { return Ok(BallotPanel::LogIn) };
    let seats = view_ballots::seats(conn, vote, &person.person).await?;
    let here: Vec<&Seat> = seats.into_iter().filter(|seat| seat.sponsor == visit.app.node).collect();
    if here.is_empty() {
        return Ok(BallotPanel::NotOnRoll);
    }
    let kept: Vec<&Seat> = here.iter().copied().filter(|seat| seat.custody == Custody::Node).collect();
    if kept.is_empty() {
        return Ok(own_device(visit, row, &vote.opening.question, &here, charter));
    }
    let names = names_of(conn, &kept).await?;
    let mut voters = Vec::new();
    let (mut chosen, mut reason) = (Vec::new(), None);
    for seat in kept {
        let last = view_ballots::last(conn, vote, seat.index).await?;
        if voters.is_empty()
            && let Some(last) = &last
        {
            chosen = last.cast.choices.iter().filter_map(|choice| usize::try_from(*choice).ok()).collect();
            reason.clone_from(&last.cast.block);
        }
        voters.push(voter(vote, seat, last, person, &names, charter));
    }
    let question = &vote.opening.question;
    let reason = reason.unwrap_or_else(|| BlockReason { ground: String::new(), text: String::new() });
    Ok(BallotPanel::Form(BallotForm {
        action: format!("{}/ballot", cards::url(&row.key)),
        method: question.method,
        voter: voters.first().map(|voter| voter.member.clone()).unwrap_or_default(),
        voters,
        options: question.options.clone(),
        chosen,
        grounds: charter.blocks.grounds.clone(),
        ground: reason.ground,
        block_text: reason.text,
        problems: Problems::default(),
    }))
}

/// How a ballot is cast where the key is; everything in it is for a shell, so that it can be copied.
fn own_device(
    visit: &Visit,
    row: &ProposalRow,
    question: &Question,
    seats: &[&Seat],
    charter: &Charter,
) -> BallotPanel {
    let token = if question.visibility == Visibility::Consortium { " --token TOKEN" } else { "" };
    let command = |seat: &&Seat| {
        let (node, member) = (visit.app.node.base(), &seat.member);
        format!("folkmoot vote --node {node} --proposal {} --as {member} --key my.key{token} --choice CHOICE", row.key)
    };
    let grounds = if question.method == Method::Consent { charter.blocks.grounds.as_slice() } else { &[] };
    BallotPanel::OwnDevice {
        commands: seats.iter().map(command).collect(),
        method: question.method,
        choices: question.options.iter().map(|option| quoted(option)).collect(),
        grounds: grounds.iter().map(|ground| quoted(ground)).collect(),
    }
}

/// As one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if plain && !text.starts_with('-') { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Choices as people say them: "Agree", or the chosen options.
fn words(vote: &count::Vote, choices: &[u32]) -> String {
    let question = &vote.opening.question;
    let option = |choice: &u32| question.options.get(usize::try_from(*choice).ok()?).map(String::as_str);
    let chosen: Vec<&str> = choices.iter().filter_map(option).collect();
    match (question.method, chosen.as_slice()) {
        (Method::Consent, ["agree"]) => "Agree".to_owned(),
        (Method::Consent, ["abstain"]) => "Abstain".to_owned(),
        (Method::Consent, ["disagree"]) => "Disagree".to_owned(),
        (Method::Consent, ["block"]) => "Block".to_owned(),
        _ => chosen.join(", "),
    }
}

/// What the person cast in a vote that is over.
async fn cast_by(conn: &mut Conn, vote: &count::Vote, person: &Person, charter: &Charter) -> Result<Vec<Voter>> {
    let mut votes = Vec::new();
    let seats = view_ballots::seats(conn, vote, &person.person).await?;
    let names = names_of(conn, &seats).await?;
    for seat in seats {
        if let Some(last) = view_ballots::last(conn, vote, seat.index).await? {
            votes.push(voter(vote, seat, Some(last), person, &names, charter));
        }
    }
    Ok(votes)
}

async fn names_of(conn: &mut Conn, seats: &[&Seat]) -> Result<Names> {
    Names::load(conn, &seats.iter().map(|seat| &seat.member).collect::<Vec<_>>()).await
}

fn voter(
    vote: &count::Vote,
    seat: &Seat,
    last: Option<view_ballots::Last>,
    person: &Person,
    names: &Names,
    charter: &Charter,
) -> Voter {
    Voter {
        member: seat.member.to_string(),
        name: names.member(&seat.member),
        class_name: names::class(charter, &seat.class),
        mandate: seat.member != person.person,
        cast: last.map(|last| CastVote {
            words: words(vote, &last.cast.choices),
            at: last.at,
            receipt_url: format!("/ballots/{}", last.cast.digest),
        }),
    }
}

/// Signs and casts what was chosen.
pub async fn cast(Named(key): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let typed = BallotFields::read(&fields);
    let line = {
        let mut conn = visit.conn().await?;
        view_proposal::find(&mut conn, visit.standing()?, &key, visit.now).await?
    };
    visit.must_read(line.question.visibility)?;
    let options = &line.question.options;
    let option = |choice: &u32| options.get(usize::try_from(*choice).ok()?).cloned();
    let choices: Vec<String> = typed.choices.iter().filter_map(option).collect();
    let blocks = line.question.method == Method::Consent && choices.iter().any(|choice| choice == "block");
    let block = blocks.then(|| BlockReason { ground: typed.ground.clone(), text: typed.block_text.clone() });
    let mut problems = typed.problems(blocks);
    if problems.is_empty() {
        let answer = match typed.voter.parse::<MemberId>() {
            Ok(member) => {
                let choice = Choice { choices, block, voting_as: Some(member) };
                cast_ballot::cast(&visit.app, person, &key, choice, visit.now).await
            }
            Err(_) => Err(Refusal::new("voter", "refused-voter").about("voter").into()),
        };
        match answer {
            Ok(receipt) => return go(&format!("/ballots/{}?cast=1", receipt.ballot), None),
            Err(error) => problems = refusal(error, &[("as", "voter"), ("choices", "choice")])?,
        }
    }
    if let [problem] = problems.0.as_mut_slice()
        && problem.field.is_empty()
    {
        problem.field = if blocks { "ground" } else { "choice" }.to_owned();
    }
    let mut page = proposal::load(&visit, &key, &Turned::default()).await?;
    match &mut page.ballot {
        BallotPanel::Form(form) => {
            form.voter = typed.voter;
            form.chosen = typed.choices.iter().filter_map(|choice| usize::try_from(*choice).ok()).collect();
            form.ground = typed.ground;
            form.block_text = typed.block_text;
            form.problems = problems;
        }
        // Voting has closed meanwhile: the page says so, and the refusal stands on top of the thread.
        _ => {
            problems.0.iter_mut().for_each(|problem| problem.field.clear());
            page.thread.problems = problems;
        }
    }
    visit.mend(Section::Proposals, &page)
}

#[derive(Deserialize)]
pub struct Fresh {
    cast: Option<String>,
}

/// The answer to a ballot, and where it is followed later.
pub async fn receipt(visit: Visit, Named(ballot): Named<String>, Asked(fresh): Asked<Fresh>) -> Answer {
    let standing = visit.standing()?;
    let ballot: Digest = ballot.parse().map_err(|_| ActionError::NotFound("missing-ballot"))?;
    let mut conn = visit.conn().await?;
    let view = view_receipt::load(&mut conn, &visit.app, standing, ballot).await?;
    let row = proposals::by_digest(&mut conn, view.proposal)
        .await?
        .ok_or(ActionError::NotFound("missing-proposal-of-ballot"))?;
    visit.must_read(row.question().map_err(ActionError::from)?.visibility)?;
    let vote = count::load_vote(&mut conn, &visit.app, standing, view.proposal).await?;
    let stored = ballots::by_digest(&mut conn, ballot).await?;
    let stored = stored.first().ok_or(ActionError::NotFound("missing-ballot"))?;
    let seat = vote.roll.seat(stored.index).filter(|seat| seat.accepts_key(&stored.key));
    let seat = seat.ok_or(ActionError::NotFound("missing-voter"))?;
    let names = Names::load(&mut conn, &[&seat.member]).await?;
    let own = standing.journal_of(&visit.app.node);
    let place = view.places.iter().find(|place| Some(&place.journal) == own.as_ref()).or(view.places.first());
    let place = place.ok_or(ActionError::NotFound("missing-ballot"))?;
    let page = ReceiptPage {
        title: row.title.clone(),
        proposal_url: cards::url(&row.key),
        voter: names.member(&seat.member),
        mandate: visit.person().is_some_and(|person| person.person != seat.member),
        words: words(&vote, &stored.choices),
        at: stored.published,
        fresh: fresh.cast.is_some(),
        replaced: u32::try_from(view.sequence.saturating_sub(1)).unwrap_or(u32::MAX),
        closes: vote.sitting.closes,
        way: way(&view),
        ballot,
        journal: place.journal.to_string(),
        position: place.position,
        receipt_url: format!("/ballots/{ballot}/receipt"),
    };
    visit.show(Section::Proposals, &page)
}

fn way(view: &view_receipt::View) -> BallotWay {
    match (view.decided, view.counted) {
        (true, true) => BallotWay::Counted,
        (true, false) => BallotWay::NotCounted,
        (false, false) => BallotWay::Replaced,
        (false, true) if view.places.iter().any(|place| place.inclusion.is_some()) => BallotWay::Certified,
        (false, true) => BallotWay::Stored,
    }
}

/// The signed promise, for keeping.
pub async fn signed_receipt(visit: Visit, Named(ballot): Named<String>) -> Answer {
    let ballot: Digest = ballot.parse().map_err(|_| ActionError::NotFound("missing-receipt"))?;
    let mut conn = visit.conn().await?;
    let view = view_receipt::load(&mut conn, &visit.app, visit.standing()?, ballot).await?;
    let row = proposals::by_digest(&mut conn, view.proposal)
        .await?
        .ok_or(ActionError::NotFound("missing-proposal-of-ballot"))?;
    visit.must_read(row.question().map_err(ActionError::from)?.visibility)?;
    let receipt = view.receipt.ok_or(ActionError::NotFound("missing-receipt-of-ballot"))?;
    let name = format!("attachment; filename=\"receipt-{}.json\"", ballot.short(16));
    let about = [(header::CONTENT_TYPE, "application/activity+json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((about, receipt).into_response())
}
