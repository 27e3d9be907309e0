//! Pulling: what peers mirror, so that a node that was away, or that somebody withholds entries from, catches up.

use folkmoot_governance::certification::message;
use folkmoot_governance::id::{Digest, JournalId, NodeId};
use folkmoot_governance::journal::Entry;
use folkmoot_governance::statement::{Body, Statement};
use serde_json::Value;

use super::delivery::note_size;
use super::journal_page::{JournalPage, journal_path};
use crate::actions::closing::{self, Search};
use crate::actions::error::{ActionError, Result};
use crate::actions::other_branch::{self, Wanted};
use crate::actions::peers::ask;
use crate::actions::receive_journal::{self, Incoming, Received};
use crate::actions::{opening_note, standing};
use crate::app::App;
use crate::storage::{closings, journals, peers, proposals};
use crate::words::Message;

/// Most pages pulled of one journal or closing in one go.
const PAGES_MOST: usize = 100;
/// Most entries that are held back for want of a checkpoint.
const HELD_MOST: usize = 2000;
/// Most openings asked about in one go.
const OPENINGS_MOST: i64 = 20;

/// Asks one peer what it mirrors, and pulls what is missing here.
pub async fn sync_with(app: &App, peer: &NodeId) -> Result<()> {
    let listed = ask(app, peer, "journals").await;
    let now = app.now();
    let recorded = peer.clone();
    match &listed {
        Ok(_) => app.db.write(async move |conn| peers::answered(conn, &recorded, now).await).await?,
        Err(error) => {
            let error = error.to_string();
            app.db.write(async move |conn| peers::failed(conn, &recorded, &error).await).await?;
            return Ok(());
        }
    }
    let listed = listed?;
    let own = {
        let mut conn = app.db.read().await?;
        standing::load(&mut conn).await?.own_journal(app)
    };
    for item in listed["items"].as_array().into_iter().flatten() {
        let Some(journal) = item["journal"].as_str().and_then(|text| text.parse::<JournalId>().ok()) else { continue };
        let synced = if own.as_ref() == Some(&journal) {
            let note = item["note"].as_str().unwrap_or_default();
            receive_journal::receive_own_note(app, note, app.now()).await
        } else {
            sync_journal(app, peer, &journal, item).await
        };
        if let Err(error) = synced {
            tracing::debug!(%peer, %journal, %error, "a journal could not be pulled");
        }
    }
    sync_openings(app, peer).await?;
    sync_closings(app, peer).await
}

async fn sync_journal(app: &App, peer: &NodeId, journal: &JournalId, item: &Value) -> Result<()> {
    let (size, note) = (item["size"].as_u64().unwrap_or(0), item["note"].as_str().unwrap_or_default());
    let certified = item["certified"].as_str().unwrap_or(note);
    let known = {
        let mut conn = app.db.read().await?;
        journals::find(&mut conn, journal).await?.map_or(0, |row| row.size)
    };
    // Of most journals a mirror has nothing new to tell.
    let is_known = receive_journal::receive_note(app, certified, app.now()).await?;
    if size <= known {
        if certified != note {
            receive_journal::receive_note(app, note, app.now()).await?;
        }
        return if is_known { Ok(()) } else { sync_branch(app, peer, certified, false).await };
    }
    match pull(app, peer, journal, known, size).await {
        Err(ActionError::Refused(refusal)) if matches!(refusal.code.as_ref(), "root" | "rewritten") => {
            let leaves = leaves_of(app, peer, journal, size).await?;
            receive_journal::receive_other_history(app, journal.clone(), note, leaves, app.now()).await?;
            sync_branch(app, peer, certified, true).await
        }
        pulled => {
            sync_branch(app, peer, certified, false).await?;
            pulled
        }
    }
}

/// Pulls the certified branch of a journal where this node stores another one, or cosigns the journal no more.
async fn sync_branch(app: &App, peer: &NodeId, note: &str, refused: bool) -> Result<()> {
    let Some(Wanted { journal, start, size }) = other_branch::wanted(app, note, refused).await? else {
        return Ok(());
    };
    let mut entries = Vec::new();
    for _ in 0..PAGES_MOST {
        let page = page(app, peer, &journal, start + entries.len() as u64).await?;
        let received = page.entries.len();
        entries.extend(page.entries);
        if received == 0 || start + entries.len() as u64 >= size {
            break;
        }
    }
    let branch = Incoming { journal, start, entries, note: note.to_owned() };
    other_branch::take(app, branch, app.now()).await
}

/// Pulls pages until nothing is missing. Pages are held back until one brings a checkpoint that covers them: a mirror
/// that invents entries of somebody else's journal must not get them stored.
async fn pull(app: &App, peer: &NodeId, journal: &JournalId, mut start: u64, size: u64) -> Result<()> {
    let mut held: Vec<Value> = Vec::new();
    for _ in 0..PAGES_MOST {
        let page = page(app, peer, journal, start + held.len() as u64).await?;
        let received = page.entries.len();
        held.extend(page.entries);
        let end = start + held.len() as u64;
        if received > 0 && note_size(&page.note) > end && held.len() < HELD_MOST {
            continue;
        }
        let (journal, note) = (page.journal, page.note);
        let end = end.min(note_size(&note));
        let incoming = Incoming { journal, start, entries: std::mem::take(&mut held), note };
        match receive_journal::receive_journal(app, peer, incoming, app.now()).await? {
            Received::Behind { from } if from > start => start = from,
            Received::Cosigned { .. } if end > start && end < size => start = end,
            _ => return Ok(()),
        }
    }
    Ok(())
}

async fn page(app: &App, peer: &NodeId, journal: &JournalId, start: u64) -> Result<JournalPage<Value>> {
    let value = ask(app, peer, &format!("{}?from={start}", journal_path(journal))).await?;
    let page = JournalPage::from_value(value).map_err(|error| unusable(peer, error))?;
    if page.journal != *journal || page.start != start {
        return Err(ActionError::Peer(Message::new("failed-peer-page").naming("node", peer)));
    }
    Ok(page)
}

fn unusable(peer: &NodeId, error: impl std::fmt::Display) -> ActionError {
    ActionError::Peer(Message::new("failed-peer-answer").naming("node", peer).naming("detail", error))
}

/// All leaf hashes of a journal as a peer mirrors it.
async fn leaves_of(app: &App, peer: &NodeId, journal: &JournalId, size: u64) -> Result<Vec<Digest>> {
    let mut leaves = Vec::new();
    for _ in 0..PAGES_MOST {
        let page = page(app, peer, journal, leaves.len() as u64).await?;
        if page.entries.is_empty() {
            break;
        }
        for value in &page.entries {
            let entry = Entry::from_value(value).map_err(|error| unusable(peer, error))?;
            leaves.push(entry.leaf());
        }
        if leaves.len() as u64 >= size {
            break;
        }
    }
    Ok(leaves)
}

/// Checkpoints that votes were opened by while this node was away.
async fn sync_openings(app: &App, peer: &NodeId) -> Result<()> {
    let wanted = {
        let mut conn = app.db.read().await?;
        let mut wanted = proposals::unopened(&mut conn, app.now(), OPENINGS_MOST).await?;
        wanted.extend(proposals::unproven(&mut conn, OPENINGS_MOST).await?);
        wanted
    };
    for opening in wanted {
        let Ok(answer) = ask(app, peer, &format!("openings/{opening}")).await else { continue };
        let note = answer["note"].as_str().unwrap_or_default();
        opening_note::receive(app, opening, note, app.now()).await?;
    }
    Ok(())
}

/// Messages of closings that are not certified here.
async fn sync_closings(app: &App, peer: &NodeId) -> Result<()> {
    let due = {
        let mut conn = app.db.read().await?;
        closings::unsettled(&mut conn, app.now()).await?
    };
    for proposal in due {
        sync_closing(app, peer, proposal).await?;
    }
    Ok(())
}

/// Asks one holder after the other for a proposal, until it is here or nobody is left. What cannot be counted yet may be
/// it: once an honest holder has given such a one, leaves are missing. Should another have taken its place meanwhile, the
/// next search brings it again.
pub async fn look_for(app: &App, search: &Search) -> Result<()> {
    let (mut uncounted, mut last) = (0, None);
    for holder in &search.holders {
        if uncounted >= search.one_honest || !closing::is_lacking(app, search).await? {
            return Ok(());
        }
        match ask_for_proposal(app, holder, search, last).await {
            Ok(Some(given)) => (uncounted, last) = (uncounted + 1, Some(given)),
            Ok(None) => {}
            Err(error) => tracing::debug!(%holder, %error, "a proposal could not be had"),
        }
    }
    Ok(())
}

/// What the holder gave of that value, if it was taken or held. The `last` that was is not looked at once more.
async fn ask_for_proposal(app: &App, holder: &NodeId, search: &Search, last: Option<Digest>) -> Result<Option<Digest>> {
    let Search { subject, round, value, .. } = search;
    let mut answer = ask(app, holder, &format!("closings/{}?round={round}&value={value}", subject.proposal)).await?;
    let Some(Value::Array(items)) = answer.get_mut("items").map(Value::take) else { return Ok(None) };
    let says_so = |item: &Value| {
        let object = &item["object"];
        object["type"] == "CutProposal" && object["round"] == *round && object["value"] == value.to_string()
    };
    let Some(item) = items.into_iter().find(says_so) else { return Ok(None) };
    let read = tokio::task::spawn_blocking(move || Statement::from_value(&item));
    let Ok(signed) = read.await.map_err(ActionError::corrupt("message"))? else { return Ok(None) };
    let digest = signed.digest;
    if last != Some(digest) {
        if message::of_body(&signed.statement.body).is_none_or(|(of, _)| of != *subject) {
            return Ok(None);
        }
        closing::receive_asked(app, signed, app.now()).await?;
    }
    Ok(Some(digest))
}

/// Messages of one closing, page by page.
async fn sync_closing(app: &App, peer: &NodeId, proposal: Digest) -> Result<()> {
    let mut next = Some(0);
    for _ in 0..PAGES_MOST {
        let Some(round) = next else { return Ok(()) };
        let Ok(mut answer) = ask(app, peer, &format!("closings/{proposal}?round={round}")).await else { return Ok(()) };
        next = answer["nextRound"].as_u64().filter(|later| *later > round);
        let Some(Value::Array(items)) = answer.get_mut("items").map(Value::take) else { return Ok(()) };
        let read = tokio::task::spawn_blocking(move || {
            let signed = items.iter().filter_map(|item| Statement::from_value(item).ok());
            let closing = |body: &Body| message::of_body(body).is_some_and(|(subject, _)| subject.proposal == proposal);
            signed.filter(|signed| closing(&signed.statement.body)).collect::<Vec<_>>()
        });
        let messages = read.await.map_err(ActionError::corrupt("message"))?;
        if messages.is_empty() {
            continue;
        }
        if let Err(error) = closing::receive(app, messages, app.now()).await {
            tracing::debug!(%peer, %error, "closing messages could not be used");
        }
    }
    Ok(())
}
