//! The readable difference of two versions of a text: changed passages word by word, unchanged ones only as surroundings.

use std::time::{Duration, Instant};

use serde::Serialize;
use similar::{ChangeTag, DiffOp, TextDiff};

/// Unchanged lines shown around a change.
const SURROUNDINGS: usize = 2;
/// How long the shortest differences of one page are looked for; after that, longer ones are shown. Texts that differ in
/// every word take time that grows with the square of their length, and a page may compare hundreds.
const LONGEST: Duration = Duration::from_millis(100);

/// By when a page that begins now has all its differences.
pub fn deadline() -> Instant {
    Instant::now() + LONGEST
}

/// One paragraph or line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Passage {
    Same {
        text: String,
    },
    /// Anything from one word to whole paragraphs that came, went or changed.
    Changed {
        pieces: Vec<Piece>,
    },
    /// This many unchanged lines are left out.
    Skipped {
        lines: usize,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub kind: PieceKind,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PieceKind {
    Same,
    Added,
    Removed,
}

/// How `new` differs from `old`, in reading order, see [`deadline`]; empty where they are the same.
pub fn compare(old: &str, new: &str, by: Instant) -> Vec<Passage> {
    if old == new {
        return Vec::new();
    }
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = TextDiff::configure().deadline(by).diff_slices(&old_lines, &new_lines);
    let ops = lines.ops();
    let mut passages = Vec::new();
    for (position, op) in ops.iter().enumerate() {
        if let DiffOp::Equal { old_index, len, .. } = *op {
            let (first, last) = (position == 0, position + 1 == ops.len());
            unchanged(&mut passages, &old_lines[old_index..old_index + len], first, last);
        } else {
            let (old, new) = (old_lines[op.old_range()].join("\n"), new_lines[op.new_range()].join("\n"));
            passages.push(Passage::Changed { pieces: words(&old, &new, by) });
        }
    }
    passages
}

/// The lines next to a change; those further away are counted, not shown.
fn unchanged(passages: &mut Vec<Passage>, lines: &[&str], first: bool, last: bool) {
    let head = if first { 0 } else { SURROUNDINGS.min(lines.len()) };
    let tail = if last { 0 } else { SURROUNDINGS.min(lines.len() - head) };
    let skipped = lines.len() - head - tail;
    let show = |passages: &mut Vec<Passage>, lines: &[&str]| {
        let told = lines.iter().filter(|line| !line.trim().is_empty());
        passages.extend(told.map(|line| Passage::Same { text: (*line).to_owned() }));
    };
    show(passages, &lines[..head]);
    if skipped > 0 {
        passages.push(Passage::Skipped { lines: skipped });
    }
    show(passages, &lines[lines.len() - tail..]);
}

/// The change word by word; neighbours of one kind are joined.
fn words(old: &str, new: &str, by: Instant) -> Vec<Piece> {
    let diff = TextDiff::configure().deadline(by).diff_words(old, new);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => PieceKind::Same,
            ChangeTag::Insert => PieceKind::Added,
            ChangeTag::Delete => PieceKind::Removed,
        };
        match pieces.last_mut() {
            Some(piece) if piece.kind == kind => piece.text.push_str(change.value()),
            _ => pieces.push(Piece { kind, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_have_nothing_in_common_are_compared_all_the_same() {
        let text = |step: usize| (0..200_000).map(|word| format!("{} ", word * step)).collect::<String>();
        let passages = compare(&text(1), &text(3), deadline());
        let [Passage::Changed { pieces }] = passages.as_slice() else { panic!("one change") };
        let of = |kind| pieces.iter().filter(|piece| piece.kind != kind).map(|piece| piece.text.as_str()).collect();
        let both: [String; 2] = [of(PieceKind::Added), of(PieceKind::Removed)];
        assert!(both == [text(1), text(3)], "nothing is lost");
    }

    fn told(old: &str, new: &str) -> String {
        let piece = |piece: &Piece| match piece.kind {
            PieceKind::Same => piece.text.clone(),
            PieceKind::Added => format!("+{}+", piece.text),
            PieceKind::Removed => format!("-{}-", piece.text),
        };
        let passage = |passage: &Passage| match passage {
            Passage::Same { text } => text.clone(),
            Passage::Changed { pieces } => pieces.iter().map(piece).collect(),
            Passage::Skipped { lines } => format!("({lines})"),
        };
        compare(old, new, deadline()).iter().map(passage).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_changed_number_is_all_that_is_marked() {
        assert_eq!(told("We pay 200 € a month.", "We pay 240 € a month."), "We pay -200-+240+ € a month.");
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(compare("a\nb", "a\nb", deadline()), []);
    }

    #[test]
    fn far_unchanged_lines_are_counted_only() {
        let old = "1\n2\n3\n4\n5\n6";
        assert_eq!(told(old, "1\n2\n3\n4\n5\nsix"), "(3)|4|5|-6-+six+");
        assert_eq!(told(old, "one\n2\n3\n4\n5\n6"), "-1-+one+|2|3|(3)");
    }

    #[test]
    fn new_paragraphs_are_added_whole() {
        assert_eq!(told("a", "a\n\nb"), "a|+\nb+");
        assert_eq!(told("", "first"), "+first+");
    }
}
