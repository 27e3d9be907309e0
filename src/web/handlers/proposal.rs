//! One proposal, its count while it is open, and contributions to its thread.

use folkmoot_governance::charter::{Charter, EmptyClass};
use folkmoot_governance::proposal::freezes_at;
use folkmoot_governance::statement::{Body, Method, Signer};

use super::names::{self, Names};
use super::{ballot, cards, comments, counting, effects};
use crate::actions::comment as action;
use crate::actions::draft_proposal;
use crate::actions::error::{ActionError, Result};
use crate::actions::standing::Standing;
use crate::actions::view_agreement::Stage;
use crate::actions::{count as counted_votes, journals, view_ballots, view_decision, view_members, view_proposal};
use crate::http::address::{Asked, Named};
use crate::storage::Conn;
use crate::storage::proposals::ProposalRow;
use crate::web::charts::Timeline;
use crate::web::count::{Count, LiveCount};
use crate::web::difference;
use crate::web::layout::{Done, Section};
use crate::web::proposal::{Call, Deed, Link, ProposalPage, RulesLine, Thread, Version};
use crate::web::turns::Turned;
use crate::web::visit::{Answer, Failure, Posted, Visit, go, refusal};
use crate::words::Texts;

/// The most of each kind and journal that are shown of one vote.
const CALLS_MOST: usize = 50;

pub async fn show(visit: Visit, Named(key): Named<String>, Asked(turned): Asked<Turned>) -> Answer {
    let page = load(&visit, &key, &turned).await?;
    visit.show(Section::Proposals, &page)
}

/// The count alone, for the script that keeps an open page fresh.
pub async fn count(visit: Visit, Named(key): Named<String>) -> Answer {
    let standing = visit.standing()?;
    let mut conn = visit.conn().await?;
    let line = view_proposal::find(&mut conn, standing, &key, visit.now).await?;
    visit.must_read(line.question.visibility)?;
    let vote = cards::vote(&mut conn, &visit, standing, line.row.digest).await?;
    let vote = vote.ok_or(ActionError::NotFound("missing-count"))?;
    let count = count_of(&mut conn, standing, &vote).await?.ok_or(ActionError::NotFound("missing-count"))?;
    visit.show(Section::Proposals, &LiveCount { count })
}

/// A contribution to the thread.
pub async fn comment(Named(key): Named<String>, Posted { visit, fields }: Posted) -> Answer {
    let person = visit.logged_in()?;
    let (text, answered) = (fields.text("text"), fields.line("in_reply_to"));
    let answered = Some(answered.as_str()).filter(|answered| !answered.is_empty());
    match action::comment(&visit.app, person, &key, &text, answered, visit.now).await {
        Ok(id) => go(&format!("{}#{}", cards::url(&key), comments::short(&id)), Some(Done::CommentPosted)),
        Err(error) => {
            let problems = refusal(error, &[])?;
            let mut page = load(&visit, &key, &Turned::default()).await?;
            page.thread.text = text;
            page.thread.problems = problems;
            visit.mend(Section::Proposals, &page)
        }
    }
}

/// Everything that the page shows.
pub async fn load(visit: &Visit, key: &str, turned: &Turned) -> Result<ProposalPage, Failure> {
    let standing = visit.standing()?;
    let mut conn = visit.conn().await?;
    let view = view_proposal::load(&mut conn, &visit.app, standing, key, visit.now).await?;
    visit.must_read(view.line.question.visibility)?;
    let url = cards::url(key);
    let mut thread = comments::thread(&mut conn, standing, &view.line.row, &url, &turned.wanted("")?).await?;
    thread.can_write = visit.person().is_some();
    Ok(page(&mut conn, visit, standing, view, thread).await?)
}

async fn page(
    conn: &mut Conn,
    visit: &Visit,
    standing: &Standing,
    view: view_proposal::View,
    thread: Thread,
) -> Result<ProposalPage> {
    let epoch = view_decision::epoch_of(standing, &view.line.row);
    let charter = &epoch.charter;
    let (row, question) = (&view.line.row, &view.line.question);
    let count = match &view.vote {
        Some(vote) if !matches!(view.line.state, "announced" | "withdrawn") => count_of(conn, standing, vote).await?,
        _ => None,
    };
    let mut members = effects::members(&question.effects);
    members.push(&row.proposer);
    let names = Names::load(conn, &members).await?;
    let numbers = super::decisions::links(conn, visit, &question.supersedes).await?;
    let counting = matches!(view.line.state, "counting" | "uncertified") && !view.agreement.is_empty();
    let decided = row.number.filter(|_| matches!(view.line.state, "passed" | "not-passed"));
    let calls = calls(conn, standing, row).await?;
    let mut options = question.options.clone();
    if question.method == Method::Consent {
        options.clear();
    }
    Ok(ProposalPage {
        title: question.name.clone(),
        url: cards::url(&row.key),
        state: cards::state(view.line.state, row.opens, row.closes, visit.now),
        type_name: names::decision_type(charter, &question.decision_type),
        method: question.method,
        visibility: question.visibility,
        proposer: names.member(&row.proposer),
        node: names::party(standing, &row.node),
        opens: row.opens,
        closes: row.closes,
        reason: question.reason.clone(),
        source: question.source.clone(),
        options,
        version: row.version,
        versions: versions(&view),
        principles: names::principles(charter, &question.principles),
        supersedes: numbers,
        review: question.review,
        effects: effects::lines(visit.texts(), &question.effects, charter, standing, &names),
        rules: rules(&view, charter),
        ballot: ballot::panel(conn, visit, &view, charter).await?,
        live: view.line.state == "open" && count.is_some(),
        count,
        timeline: timeline(&view, charter, conn, visit).await?,
        awaited: awaited(visit.texts(), &view),
        counting: counting.then(|| counting::agreement(&view.agreement, epoch.quorum())),
        decision: decided.map(|n| Link { name: n.to_string(), url: cards::decision_url(&row.key) }),
        thread,
        deeds: deeds(conn, visit, &view, charter, &calls).await?,
        calls,
        digest: row.digest,
        electorate: view.vote.as_ref().map_or(0, |vote| cards::small(vote.roll.seats.len())),
        cast: cards::small(view.cast),
    })
}

/// The certified count, or that of what is stored here.
async fn count_of(conn: &mut Conn, standing: &Standing, vote: &counted_votes::Vote) -> Result<Option<Count>> {
    let counted = view_proposal::counted(conn, standing, vote).await?;
    let blocks = view_ballots::blocks(conn, vote, &counted.outcome).await?;
    Ok(counting::count(&counted.outcome, &vote.epoch.charter, blocks, counted.provisional))
}

/// The newest first, each against the one before. The opening freezes the last version and is not another one.
fn versions(view: &view_proposal::View) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    let by = difference::deadline();
    let mut before: Option<&view_proposal::Version> = None;
    for version in &view.versions {
        if before.is_some_and(|before| before.number == version.number) {
            continue;
        }
        let changes = before.map(|before| difference::compare(&before.question.source, &version.question.source, by));
        versions.push(Version { number: version.number, at: version.published, changes: changes.unwrap_or_default() });
        before = Some(version);
    }
    versions.reverse();
    // What the oldest one of many changed is not known here.
    if view.versions.first().map(|first| first.published) != view.drafted {
        versions.pop();
    }
    versions
}

fn rules(view: &view_proposal::View, charter: &Charter) -> RulesLine {
    let frozen = view.vote.as_ref().map(|vote| (vote.sitting.decision_type.as_str(), vote.sitting.rules.clone()));
    let asked = view.line.question.decision_type.as_str();
    let (id, rules) = frozen.map_or_else(|| (asked, charter.rules_for(asked)), |(id, rules)| (id, Some(rules)));
    let kind = charter.decision_type(id);
    let threshold = rules.as_ref().map(|rules| &rules.threshold);
    RulesLine {
        threshold: threshold.map_or_else(|| "1/2".to_owned(), |threshold| threshold.fraction.to_string()),
        strict: threshold.is_none_or(|threshold| threshold.strict),
        override_at_least: charter.blocks.override_at_least.to_string(),
        empty_class: match charter.empty_class {
            EmptyClass::Redistribute => "redistribute",
            EmptyClass::Lapse => "lapse",
            EmptyClass::Block => "block",
        },
        minimum_seconds: kind.map_or(0, |kind| kind.minimum_seconds),
        article: kind.map(|kind| kind.article.clone()).unwrap_or_default(),
    }
}

async fn timeline(view: &view_proposal::View, charter: &Charter, conn: &mut Conn, visit: &Visit) -> Result<Timeline> {
    let mut moments = Vec::new();
    moments.extend(view.drafted.map(|drafted| ("drafted", drafted)));
    moments.extend(view.line.row.opens.map(|opens| ("opened", opens)));
    moments.extend(view.line.row.closes.map(|closes| ("closes", closes)));
    if let Some(vote) = &view.vote {
        match view_proposal::decided(conn, vote.digest()).await? {
            Some(row) => moments.push(("certified", row.certified_at)),
            None => moments.push(("result", freezes_at(&vote.sitting, charter))),
        }
    }
    Ok(Timeline::of(&moments, visit.now))
}

/// Who is waited for; before the nodes compare their counts there is nothing to wait for.
fn awaited(texts: &Texts, view: &view_proposal::View) -> String {
    let closing = view.closing.as_ref().filter(|closing| matches!(closing.stage, Stage::Agreeing | Stage::Abandoned));
    closing.map(|closing| texts.tell_all(&closing.explanation)).unwrap_or_default()
}

/// Extensions, challenges and the withdrawal that journals hold about a vote. Whether they count is seen at closing.
async fn calls(conn: &mut Conn, standing: &Standing, row: &ProposalRow) -> Result<Vec<Call>> {
    let mut calls = Vec::new();
    let Some(digest) = row.digest else { return Ok(calls) };
    for kind in ["Extension", "Challenge", "Withdrawal"] {
        for stored in journals::of_kind_about(conn, kind, digest, CALLS_MOST).await? {
            let statement = stored.entry.statement;
            let Signer::Node(node) = &statement.signer else { continue };
            let (own, party) = (*node == row.node, names::party(standing, node));
            let (kind, by, reason, until) = match statement.body {
                Body::Extension { proposal, closes, reason } if proposal == digest && own => {
                    ("extend", party, reason, Some(closes))
                }
                Body::Withdrawal { proposal, reason } if proposal == digest && own => ("withdraw", party, reason, None),
                Body::Challenge { proposal, member, reason } if proposal == digest && !own => {
                    ("challenge", Names::load(conn, &[&member]).await?.member(&member), reason, None)
                }
                _ => continue,
            };
            calls.push(Call { kind, by, reason, at: statement.published, until });
        }
    }
    calls.sort_by_key(|call| call.at);
    Ok(calls)
}

/// What the person may try; the actions have the last word.
async fn deeds(
    conn: &mut Conn,
    visit: &Visit,
    view: &view_proposal::View,
    charter: &Charter,
    calls: &[Call],
) -> Result<Vec<Deed>> {
    let Some(person) = visit.person() else { return Ok(Vec::new()) };
    let row = &view.line.row;
    let own = row.node == visit.app.node;
    Ok(match view.line.state {
        "draft" => match draft_proposal::own_draft(conn, &visit.app, person, &row.key, visit.now).await {
            Ok(_) => vec![Deed::Edit, Deed::Open],
            Err(ActionError::Refused(_) | ActionError::Forbidden(_)) => Vec::new(),
            Err(error) => return Err(error),
        },
        _ if calls.iter().any(|call| call.kind == "withdraw") => Vec::new(),
        "announced" | "open" if own && person.steward => vec![Deed::Extend, Deed::Withdraw],
        "announced" | "open" if !own => {
            let Some(vote) = &view.vote else { return Ok(Vec::new()) };
            let kind = charter.decision_type(&vote.sitting.decision_type).filter(|kind| kind.challenge.is_some());
            let challenged = calls.iter().any(|call| call.kind == "challenge");
            let Some(kind) = kind.filter(|_| !challenged) else { return Ok(Vec::new()) };
            // Whoever may call such a vote may contest the call.
            let acts = view_members::acts_for(conn, &person.person).await?;
            let mut seats = acts.iter().filter_map(|member| vote.roll.seat_of(member));
            let may = seats.any(|seat| {
                let called = kind.callers.is_empty() || kind.callers.contains(&seat.class);
                called && seat.sponsor == visit.app.node && seat.member != vote.opening.question.proposer
            });
            if may { vec![Deed::Challenge] } else { Vec::new() }
        }
        _ => Vec::new(),
    })
}
