//! The thread of a proposal in the order of reading.

use std::collections::BTreeMap;

use folkmoot_governance::id::Digest;

use crate::actions::error::Result;
use crate::actions::standing::Standing;
use crate::storage::comments::{self, CommentRow};
use crate::storage::proposals::ProposalRow;
use crate::storage::{Conn, Wanted};
use crate::web::form::Problems;
use crate::web::proposal::{Comment, Thread};
use crate::web::turns::Turns;

/// Deepest indentation.
const DEPTH_MOST: u8 = 3;

/// A contribution's id within a page.
pub fn short(id: &str) -> String {
    format!("c-{}", Digest::of(id.as_bytes()).short(16))
}

/// A part of the thread, the latest where nothing else is wanted. Within it, answers follow what they answer; what
/// answers something that is not in it stands at its time.
pub async fn thread(
    conn: &mut Conn,
    standing: &Standing,
    proposal: &ProposalRow,
    url: &str,
    wanted: &Wanted<i64, String>,
) -> Result<Thread> {
    let mut page = comments::of_proposal(conn, &proposal.id, wanted).await?;
    let turns = Turns::newest_first(&page, &format!("{url}#thread"));
    page.rows.reverse();
    let elsewhere: Vec<&str> = page
        .rows
        .iter()
        .map(|row| row.in_reply_to.as_str())
        .filter(|answered| *answered != proposal.id && !page.rows.iter().any(|row| row.id == *answered))
        .collect();
    let authors = comments::authors(conn, &elsewhere).await?;
    let authors = authors.into_iter().map(|(id, author, name)| (id, called(&author, &name))).collect();
    Ok(Thread {
        comments: ordered(&page.rows, &authors, standing),
        count: super::cards::small(comments::count(conn, &proposal.id).await?),
        turns,
        can_write: false,
        action: format!("{url}/comments"),
        text: String::new(),
        problems: Problems::default(),
    })
}

/// `elsewhere`: who wrote what is answered in this part and stands in another one, by id.
fn ordered(rows: &[CommentRow], elsewhere: &BTreeMap<String, String>, standing: &Standing) -> Vec<Comment> {
    let known: BTreeMap<&str, &CommentRow> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut answers: BTreeMap<Option<&str>, Vec<&CommentRow>> = BTreeMap::new();
    for row in rows {
        let parent = known.get(row.in_reply_to.as_str()).map(|parent| parent.id.as_str());
        answers.entry(parent.filter(|parent| *parent != row.id)).or_default().push(row);
    }
    let mut ordered = Vec::with_capacity(rows.len());
    let mut waiting: Vec<(u8, &CommentRow)> = Vec::new();
    let below = |waiting: &mut Vec<(u8, _)>, parent: Option<&str>, depth: u8| {
        let children = answers.get(&parent).into_iter().flatten().rev();
        waiting.extend(children.map(|child| (depth, *child)));
    };
    below(&mut waiting, None, 0);
    while let Some((depth, row)) = waiting.pop() {
        let parent = known.get(row.in_reply_to.as_str()).map(|parent| called(&parent.author, &parent.author_name));
        let parent = parent.or_else(|| elsewhere.get(&row.in_reply_to).cloned());
        ordered.push(shown(row, depth, parent, standing));
        below(&mut waiting, Some(&row.id), (depth + 1).min(DEPTH_MOST));
    }
    ordered
}

fn called(author: &str, name: &str) -> String {
    if name.is_empty() { author.to_owned() } else { name.to_owned() }
}

fn shown(row: &CommentRow, depth: u8, answers: Option<String>, standing: &Standing) -> Comment {
    // The node that signed it answers for who wrote it, whatever name it gives: its own members or anybody else's.
    let host = host(&row.id).unwrap_or(&row.author);
    let parties = standing.epochs.iter().rev().flat_map(|epoch| &epoch.parties);
    let party = parties.into_iter().find(|party| party.node.authority() == host);
    let from = party.map_or_else(|| host.to_owned(), |party| party.name.clone());
    Comment {
        id: short(&row.id),
        address: row.id.clone(),
        author: called(&row.author, &row.author_name),
        from,
        at: row.published,
        source: row.source.clone(),
        depth,
        answers,
    }
}

/// The host of an address.
fn host(address: &str) -> Option<&str> {
    address.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or(rest))
}
