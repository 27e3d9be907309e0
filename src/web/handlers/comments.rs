//! The thread of a proposal in the order of reading.

use std::collections::BTreeMap;

use folkmoot_governance::id::Digest;

use crate::actions::standing::Standing;
use crate::storage::comments::CommentRow;
use crate::web::proposal::Comment;

/// Deepest indentation.
const DEPTH_MOST: u8 = 3;

/// A contribution's id within a page.
pub fn short(id: &str) -> String {
    format!("c-{}", Digest::of(id.as_bytes()).short(16))
}

/// Answers follow what they answer; what answers something unknown stands at the end of its time.
pub fn ordered(rows: &[CommentRow], standing: &Standing) -> Vec<Comment> {
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
        let parent = known.get(row.in_reply_to.as_str()).map(|parent| author(parent));
        ordered.push(shown(row, depth, parent, standing));
        below(&mut waiting, Some(&row.id), (depth + 1).min(DEPTH_MOST));
    }
    ordered
}

fn author(row: &CommentRow) -> String {
    if row.author_name.is_empty() { row.author.clone() } else { row.author_name.clone() }
}

fn shown(row: &CommentRow, depth: u8, answers: Option<String>, standing: &Standing) -> Comment {
    // The node that signed it answers for who wrote it, whatever name it gives: its own members or anybody else's.
    let host = host(&row.id).unwrap_or(&row.author);
    let parties = standing.epochs.iter().rev().flat_map(|epoch| &epoch.parties);
    let party = parties.into_iter().find(|party| party.node.authority() == host);
    let from = party.map_or_else(|| host.to_owned(), |party| party.name.clone());
    Comment {
        id: short(&row.id),
        author: author(row),
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
