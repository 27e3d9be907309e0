//! What others subscribe to: decisions as an Atom feed, deadlines as a calendar. Public ones only, as for visitors.

mod atom;
mod calendar;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use folkmoot_governance::charter::Charter;
use folkmoot_governance::statement::Visibility;

use crate::actions::error::{ActionError, Result};
use crate::actions::standing::{self, Standing};
use crate::actions::{view_decision, view_proposal};
use crate::app::App;
use crate::words::outcome::sentences;
use crate::words::{self, Message, Texts};

/// The most entries of a feed; older decisions stay in the register.
const ENTRIES_MOST: usize = 100;

/// Under the node's base address.
pub fn routes() -> Router<App> {
    Router::new().route("/decisions.atom", get(decisions)).route("/deadlines.ics", get(deadlines))
}

async fn decisions(State(app): State<App>) -> Result<impl IntoResponse> {
    let mut conn = app.db.read().await?;
    let standing = standing::load(&mut conn).await?;
    let mut entries = Vec::new();
    for line in view_decision::list(&mut conn).await? {
        let question = line.proposal.question().map_err(ActionError::from)?;
        if question.visibility == Visibility::Public && entries.len() < ENTRIES_MOST {
            entries.push(entry(&app, &standing, &line));
        }
    }
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
    let mut events = Vec::new();
    for line in view_proposal::list(&mut conn, &standing, app.now()).await? {
        if line.question.visibility == Visibility::Public {
            events.extend(dates(&app, texts, &line));
        }
    }
    let name = texts.tell(&Message::new("feed-votes-title").naming("consortium", &charter.name));
    Ok(answer("text/calendar; charset=utf-8", calendar::write(&name, &events)))
}

/// A feed is read by anybody, so that it speaks the language of the charter.
fn texts<'a>(app: &'a App, charter: &Charter) -> &'a Texts {
    app.words.of(words::choose(Some(&charter.language)))
}

/// When a vote opens and closes, and when its decision is to be looked at again.
fn dates(app: &App, texts: &Texts, line: &view_proposal::Line) -> Vec<calendar::Event> {
    let view_proposal::Line { row, question, state } = line;
    let host = app.node.authority();
    let url = format!("{}/proposals/{}", app.node.base(), row.key);
    let event = |what: &str, at, key: &'static str| calendar::Event {
        uid: format!("{}-{what}@{host}", row.key),
        stamp: row.updated_at,
        at,
        summary: texts.tell(&Message::new(key).naming("title", &row.title)),
        url: url.clone(),
    };
    let voted_on = matches!(*state, "announced" | "open" | "counting" | "uncertified");
    let opens = row.opens.filter(|_| voted_on).map(|at| event("opens", at, "feed-opens"));
    let closes = row.closes.filter(|_| voted_on).map(|at| event("closes", at, "feed-closes"));
    let review = question.review.filter(|_| *state == "passed").map(|at| event("review", at, "feed-review"));
    [opens, closes, review].into_iter().flatten().collect()
}

fn answer(kind: &'static str, text: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=300")], text)
}
