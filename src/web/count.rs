//! A count as pages show it, provisional or certified: per class, the weighted result, and the other readings.

use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::statement::Method;
use serde::Serialize;

use super::charts::ClassBar;
use super::render::Page;

/// What was counted. Fractions are exact and written as `247/360`.
#[derive(Debug, Clone, Serialize)]
pub struct Count {
    /// Voting is open, or the nodes have not certified it yet.
    pub provisional: bool,
    pub method: Method,
    pub eligible: u32,
    pub cast: u32,
    /// The weighted agreement; absent while nobody agreed or disagreed.
    pub result: Option<Fraction>,
    pub threshold: Fraction,
    /// More than the threshold; otherwise at least.
    pub strict: bool,
    pub verdict: Verdict,
    pub classes: Vec<ClassCount>,
    /// Only for single choice and approval; in ballot order.
    pub options: Vec<OptionCount>,
    /// Names of the options that lead; several of them are a tie. Empty for consent, and before the first vote.
    pub leading: Vec<String>,
    pub blocks: Vec<Block>,
    /// The same votes read in other ways.
    pub readings: Vec<Reading>,
    /// How the result comes about: `2/5 · 7/9 + 7/20 · 1/2 + 1/4 · 4/5 = 247/360`.
    pub sum: String,
    pub bar: ClassBar,
}

/// The count alone, for the script that keeps an open proposal fresh (`/proposals/KEY/count`).
#[derive(Debug, Serialize)]
pub struct LiveCount {
    pub count: Count,
}

impl Page for LiveCount {
    const TEMPLATE: &'static str = "live_count.html";
}

/// The verdict in one word; the message is `verdict-NAME`, and `verdict-choice-NAME` for a choice between options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Passes,
    /// In spite of standing blocks.
    PassesOverBlocks,
    NotEnough,
    Tie,
    Blocked,
    NoQuorum,
    /// Nobody of a class took a side, where the charter asks for every class.
    ClassMissing,
    NobodyVoted,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassCount {
    pub class: String,
    pub name: String,
    /// As in the charter.
    pub strength: Fraction,
    /// As counted, after classes that cast nothing gave up theirs.
    pub used: Fraction,
    pub eligible: u32,
    pub cast: u32,
    /// This and the following three only for consent.
    pub agree: u32,
    pub disagree: u32,
    pub abstain: u32,
    pub block: u32,
    /// How many took a side: agreed, disagreed or blocked.
    pub sides: u32,
    /// Agreement among those who took a side; absent where nobody did.
    pub share: Option<Fraction>,
}

#[derive(Debug, Clone, Serialize)]
pub struct OptionCount {
    pub name: String,
    /// Votes in each class, in the order of the classes.
    pub votes: Vec<u32>,
    pub result: Fraction,
    pub wins: bool,
}

/// A standing block: heard out in the open, with its reason.
#[derive(Debug, Clone, Serialize)]
pub struct Block {
    pub by: String,
    pub ground: String,
    pub text: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    pub kind: ReadingKind,
    pub result: Option<Fraction>,
    pub passes: bool,
    /// The reading that the charter prescribes.
    pub ours: bool,
}

/// The message is `reading-NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingKind {
    Redistribute,
    Lapse,
    HeadCount,
}

#[cfg(test)]
mod tests {
    use folkmoot_governance::fraction::Fraction;

    use super::*;
    use crate::web::sample;

    #[test]
    fn the_live_count_is_a_piece_of_the_page() {
        let piece = sample::render(&sample::member(), &LiveCount { count: sample::count(true) });
        assert!(!piece.contains("<html"), "{piece}");
        assert!(sample::render(&sample::member(), &sample::open_proposal()).contains(piece.trim()), "{piece}");
    }

    #[test]
    fn a_choice_is_counted_by_its_options() {
        let html = sample::render(&sample::visitor(), &sample::choice_decision());
        for words in ["“In Bristol” is chosen", "62.5 % of the weighted vote", "In Barcelona", "Votes for each option"]
        {
            assert!(html.contains(words), "{words}: {html}");
        }
        for words in ["nobody blocks", ">Disagree<", ">Abstain<", ">Block<"] {
            assert!(!html.contains(words), "{words}: {html}");
        }
    }

    #[test]
    fn a_choice_has_a_sentence_for_every_verdict() {
        use Verdict::{ClassMissing, NoQuorum, NobodyVoted, NotEnough, Passes, Tie};
        let mut sentences = std::collections::BTreeSet::new();
        for provisional in [true, false] {
            for verdict in [Passes, NotEnough, Tie, NoQuorum, ClassMissing, NobodyVoted] {
                let mut count = Count { verdict, provisional, ..sample::choice_count() };
                if verdict == Tie {
                    count.leading.push("Online".into());
                }
                sentences.insert(sample::render(&sample::visitor(), &LiveCount { count }));
            }
        }
        assert_eq!(sentences.len(), 12);
    }

    /// Who blocks has taken a side, as the rules count it: 3 of 5, not 3 of 4.
    #[test]
    fn a_block_is_among_those_who_took_a_side() {
        let mut count = sample::count(true);
        let class = &mut count.classes[0];
        (class.agree, class.disagree, class.block, class.sides) = (3, 1, 1, 5);
        class.share = Some(Fraction::new(3, 5));
        let html = sample::render(&sample::visitor(), &LiveCount { count });
        assert!(html.contains("Producers: 3 of 5 agree."), "{html}");
    }

    #[test]
    fn every_verdict_has_its_sentence() {
        use Verdict::{Blocked, ClassMissing, NoQuorum, NobodyVoted, NotEnough, Passes, PassesOverBlocks, Tie};
        for provisional in [true, false] {
            let mut sentences = std::collections::BTreeSet::new();
            for verdict in [Passes, PassesOverBlocks, NotEnough, Tie, Blocked, NoQuorum, ClassMissing, NobodyVoted] {
                let count = Count { verdict, ..sample::count(provisional) };
                sentences.insert(sample::render(&sample::visitor(), &LiveCount { count }));
            }
            assert_eq!(sentences.len(), 8);
        }
    }
}
