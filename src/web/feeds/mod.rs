//! What others subscribe to: decisions as an Atom feed, deadlines as a calendar. Public ones only, as for visitors.

mod atom;
mod calendar;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use folkmoot_governance::charter::Charter;
use folkmoot_governance::id::Time;
use folkmoot_governance::statement::Visibility;

use crate::actions::error::Result;
use crate::actions::standing::{self, Standing};
use crate::actions::view_decision;
use crate::actions::view_proposal::{self, Which};
use crate::app::App;
use crate::storage::Wanted;
use crate::storage::proposals::{self, ProposalRow};
use crate::words::outcome::sentences;
use crate::words::{self, Message, Texts};

/// The most entries of a feed: the latest decisions, and the votes and reviews that come first. Nothing that is over is
/// in the calendar, and older decisions stay in the register.
const ENTRIES_MOST: usize = 100;

/// Under the node's base address.
pub fn routes() -> Router<App> {
    Router::new().route("/decisions.atom", get(decisions)).route("/deadlines.ics", get(deadlines))
}

async fn decisions(State(app): State<App>) -> Result<impl IntoResponse> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let mut entries = Vec::new();
    let latest = view_decision::list(&mut conn, Visibility::Public, "", &Wanted::first(ENTRIES_MOST)).await?;
    entries.extend(latest.rows.iter().map(|line| entry(&app, &standing, line)));
    let charter = &standing.epoch().charter;
    let title = Message::new("feed-decisions-title").naming("consortium", &charter.name);
    let feed = atom::Feed {
        address: format!("{}/decisions.atom", app.node.base()),
        site: format!("{}/decisions", app.node.base()),
        title: texts(&app, charter).tell(&title),
        author: app.config.node.name.clone(),
        language: charter.language.clone(),
    };
    Ok(answer("application/atom+xml; charset=utf-8", atom::write(&feed, &entries)))
}

fn entry(app: &App, standing: &Standing, line: &view_decision::Line) -> atom::Entry {
    let charter = &view_decision::epoch_of(standing, &line.proposal).charter;
    let texts = texts(app, charter);
    let title = Message::new("feed-decision").with("number", line.number).naming("title", &line.proposal.title);
    atom::Entry {
        id: format!("{}#decision", line.proposal.id),
        title: texts.tell(&title),
        url: format!("{}/decisions/{}", app.node.base(), line.proposal.key),
        published: line.row.closed_at,
        updated: line.row.certified_at,
        author: line.proposal.proposer.to_string(),
        category: if line.outcome.passed() { "passed" } else { "not-passed" },
        summary: sentences(texts, &line.outcome, charter).join(" "),
    }
}

async fn deadlines(State(app): State<App>) -> Result<impl IntoResponse> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let charter = &standing.epoch().charter;
    let texts = texts(&app, charter);
    let (now, wanted) = (app.now(), Wanted::first(ENTRIES_MOST));
    let votes = view_proposal::list(&mut conn, &standing, Visibility::Public, Which::AtHand, &wanted, now).await?;
    let mut events: Vec<_> = votes.rows.iter().flat_map(|line| dates(&app, texts, &line.row)).collect();
    for row in proposals::to_review(&mut conn, Visibility::Public, now, Time(i64::MAX), ENTRIES_MOST).await? {
        events.extend(row.review.map(|at| event(&app, texts, &row, "feed-review", at)));
    }
    let name = texts.tell(&Message::new("feed-votes-title").naming("consortium", &charter.name));
    Ok(answer("text/calendar; charset=utf-8", calendar::write(&name, &events)))
}

/// A feed is read by anybody, so that it speaks the language of the charter.
fn texts<'a>(app: &'a App, charter: &Charter) -> &'a Texts {
    app.words.of(words::choose(Some(&charter.language)))
}

/// When a vote opens and closes.
fn dates(app: &App, texts: &Texts, row: &ProposalRow) -> impl Iterator<Item = calendar::Event> {
    let opens = row.opens.map(|at| event(app, texts, row, "feed-opens", at));
    let closes = row.closes.map(|at| event(app, texts, row, "feed-closes", at));
    opens.into_iter().chain(closes)
}

fn event(app: &App, texts: &Texts, row: &ProposalRow, key: &'static str, at: Time) -> calendar::Event {
    let (_, what) = key.split_once('-').unwrap_or(("", key));
    calendar::Event {
        uid: format!("{}-{what}@{}", row.key, app.node.authority()),
        stamp: row.updated_at,
        at,
        summary: texts.tell(&Message::new(key).naming("title", &row.title)),
        url: format!("{}/proposals/{}", app.node.base(), row.key),
    }
}

fn answer(kind: &'static str, text: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=300")], text)
}
