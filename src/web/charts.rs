//! The geometry of the charts, as text for SVG attributes. Templates draw them (`templates/charts.html`), put a title and a
//! description into each, and a table underneath. Widths come from exact fractions; only drawing rounds.

use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::id::Time;
use serde::Serialize;

use super::count::ClassCount;

/// The weighted vote as one bar (agreement from the left, disagreement from the right) over one bar per class whose
/// height is its strength. All x and widths are percentages of the chart's width, so that text never shrinks with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassBar {
    pub agree: Vec<Piece>,
    pub disagree: Vec<Piece>,
    pub rows: Vec<Row>,
    /// Where the agreement has to reach.
    pub mark: String,
    pub mark_label_at_end: bool,
    pub height: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub x: String,
    pub width: String,
    /// Position of the class, for its shade.
    pub class: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub label_y: u32,
    pub y: u32,
    pub height: u32,
    /// Absent where nobody of the class agreed or disagreed.
    pub agree: Option<String>,
    pub disagree_x: String,
    pub disagree: String,
}

/// Height of the part above the rows: its label, the whole bar and the label of the mark.
const WHOLE: u32 = 92;
/// Label and space of a row beside its bar.
const ROW_LABEL: u32 = 26;
const ROW_GAP: u32 = 14;

impl ClassBar {
    pub fn of(classes: &[ClassCount], threshold: &Fraction) -> Self {
        let (mut agree, mut disagree, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let (mut left, mut right, mut y) = (Fraction::zero(), Fraction::one(), WHOLE);
        for (class, count) in classes.iter().enumerate() {
            let height = row_height(&count.used);
            let mut row = Row { label_y: y + 16, y: y + ROW_LABEL, height, ..Row::empty() };
            if let Some(share) = &count.share {
                let against = &Fraction::one() - share;
                row.agree = Some(share.percent(2));
                row.disagree_x = share.percent(2);
                row.disagree = against.percent(2);
                let width = &count.used * share;
                agree.push(Piece { x: left.percent(2), width: width.percent(2), class });
                left = &left + &width;
                let width = &count.used * &against;
                right = &right - &width;
                disagree.push(Piece { x: right.percent(2), width: width.percent(2), class });
            }
            y += ROW_LABEL + height + ROW_GAP;
            rows.push(row);
        }
        let mark_label_at_end = *threshold > Fraction::new(3, 5);
        Self { agree, disagree, rows, mark: threshold.percent(2), mark_label_at_end, height: y }
    }
}

impl Row {
    fn empty() -> Self {
        Self { label_y: 0, y: 0, height: 0, agree: None, disagree_x: "0".into(), disagree: "0".into() }
    }
}

/// 0.7 pixels for each percent of strength, within what can be seen and fits a phone.
fn row_height(strength: &Fraction) -> u32 {
    let percent: u32 = strength.percent(0).parse().unwrap_or(0);
    (percent * 7 / 10).clamp(6, 48)
}

/// Where a node stands towards a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stand {
    Agrees,
    Silent,
    Fault,
}

/// The nodes as a circle: one dot each, in the order of the epoch, the first on top, in a square of 200 by 200.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ring {
    pub dots: Vec<Dot>,
    pub radius: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dot {
    pub x: String,
    pub y: String,
    pub stand: Stand,
}

impl Ring {
    pub fn of(stands: &[Stand]) -> Self {
        const MIDDLE: f64 = 100.0;
        const RING: f64 = 82.0;
        let step = std::f64::consts::TAU / stands.len().max(1) as f64;
        let dot = |(position, stand): (usize, &Stand)| {
            let angle = step * position as f64 - std::f64::consts::FRAC_PI_2;
            let (x, y) = (MIDDLE + RING * angle.cos(), MIDDLE + RING * angle.sin());
            Dot { x: format!("{x:.1}"), y: format!("{y:.1}"), stand: *stand }
        };
        let radius = format!("{:.1}", (step * RING / 2.6).min(12.0));
        Self { dots: stands.iter().enumerate().map(dot).collect(), radius }
    }
}

/// The life of a proposal as numbered dots on a line; the list underneath names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeline {
    pub moments: Vec<Moment>,
    /// How far along the line today is.
    pub now: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// The message is `moment-NAME`.
    pub name: &'static str,
    pub at: Time,
    pub passed: bool,
    pub x: String,
}

impl Timeline {
    /// `moments` in the order of time. Dots keep apart: nearness in time is told by the list.
    pub fn of(moments: &[(&'static str, Time)], now: Time) -> Self {
        let steps = moments.len().saturating_sub(1).max(1) as i64;
        let x = |position: i64| 4 + position * 92 / steps;
        let place = |(position, (name, at)): (i64, &(&'static str, Time))| Moment {
            name,
            at: *at,
            passed: *at <= now,
            x: x(position).to_string(),
        };
        let placed = (0..).zip(moments).map(place).collect();
        let after = moments.iter().take_while(|(_, at)| *at <= now).count() as i64;
        let now = match after {
            0 => x(0),
            // Everything has passed; a draft has a single moment, and nowhere to go yet.
            n if n >= moments.len() as i64 => x(n - 1),
            // Part of the way between two dots, in proportion to the time.
            n => {
                let (from, to) = (moments[n as usize - 1].1.0, moments[n as usize].1.0);
                x(n - 1) + (x(n) - x(n - 1)) * (now.0 - from) / (to - from).max(1)
            }
        };
        Self { moments: placed, now: now.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::sample;

    #[test]
    fn the_bar_adds_up_to_the_worked_example() {
        let bar = ClassBar::of(&sample::worked_example(), &Fraction::new(1, 2));
        let widths: Vec<&str> = bar.agree.iter().map(|piece| piece.width.as_str()).collect();
        // 14/45, 7/40 and 1/5 of the whole.
        assert_eq!(widths, ["31.11", "17.50", "20.00"]);
        let last = &bar.agree[2];
        assert_eq!((last.x.as_str(), last.width.as_str()), ("48.61", "20.00"));
        // Agreement ends at 247/360; there the disagreement begins.
        assert_eq!(bar.disagree[2].x, "68.61");
        assert_eq!(bar.mark, "50.00");
    }

    #[test]
    fn a_class_that_cast_nothing_has_an_empty_row() {
        let mut classes = sample::worked_example();
        classes[2].share = None;
        let bar = ClassBar::of(&classes, &Fraction::new(2, 3));
        assert_eq!((bar.rows.len(), bar.agree.len()), (3, 2));
        assert_eq!(bar.rows[2].agree, None);
        assert!(bar.mark_label_at_end);
    }

    #[test]
    fn dots_of_fifty_nodes_do_not_touch() {
        for nodes in [1, 2, 12, 50] {
            let ring = Ring::of(&vec![Stand::Agrees; nodes]);
            assert_eq!(ring.dots.len(), nodes);
            let radius: f64 = ring.radius.parse().expect("a number");
            assert!(nodes == 1 || 2.0 * radius < 2.0 * 82.0 * (std::f64::consts::PI / nodes as f64).sin());
        }
        assert!(Ring::of(&[]).dots.is_empty());
    }

    #[test]
    fn the_timeline_stands_between_what_was_and_what_comes() {
        let moments = [("opened", Time(0)), ("closes", Time(100)), ("certified", Time(200))];
        let line = Timeline::of(&moments, Time(50));
        assert_eq!(line.moments.iter().map(|m| m.passed).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(line.now, "27");
        assert_eq!(Timeline::of(&moments, Time(900)).now, "96");
        assert_eq!(Timeline::of(&[], Time(900)).moments.len(), 0);
    }

    #[test]
    fn the_timeline_of_a_draft_has_one_moment() {
        let line = Timeline::of(&[("drafted", Time(0))], Time(50));
        assert_eq!((line.moments.len(), line.now.as_str()), (1, "4"));
    }
}
