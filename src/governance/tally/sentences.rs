//! The outcome in plain English: why it passed or not, with the articles of the charter that say so.
//! Every sentence has a code and its parameters, from which pages in other languages are made.

use super::outcome::{ClassCount, Effects, Outcome, ReadingKind, Readings, Reason, Verdict};
use crate::charter::{Charter, EmptyClass};
use crate::fraction::Fraction;
use crate::statement::Method;

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Sentence {
    pub code: &'static str,
    pub parameters: Vec<(&'static str, String)>,
    /// In English, with the article at its end.
    pub text: String,
    /// Id of the charter's article that it rests on.
    pub article: Option<String>,
}

struct Writer<'a> {
    charter: &'a Charter,
    sentences: Vec<Sentence>,
}

/// What came out and why, verdict first.
pub fn sentences(outcome: &Outcome, charter: &Charter) -> Vec<Sentence> {
    let mut writer = Writer { charter, sentences: Vec::new() };
    writer.verdict(outcome);
    if let Some(count) = &outcome.count {
        for class in &count.classes {
            writer.class(class, outcome);
        }
    }
    for reason in &outcome.reasons {
        writer.reason(reason, outcome);
    }
    if let Some(count) = &outcome.count {
        writer.readings(&count.readings, outcome);
    }
    writer.effects(outcome);
    writer.sentences
}

impl Writer<'_> {
    fn say(&mut self, code: &'static str, setting: &str, parameters: Vec<(&'static str, String)>, text: String) {
        let article = self.charter.article_for(setting).map(|article| article.id.clone());
        self.push(code, article, parameters, text);
    }

    fn push(
        &mut self,
        code: &'static str,
        article: Option<String>,
        parameters: Vec<(&'static str, String)>,
        text: String,
    ) {
        let text = match &article {
            Some(id) => format!("{text} (Article {id}.)"),
            None => text,
        };
        self.sentences.push(Sentence { code, parameters, text, article });
    }

    fn class_name(&self, id: &str) -> String {
        self.charter.class(id).map_or_else(|| id.to_owned(), |class| class.name.clone())
    }

    fn type_name(&self, id: &str) -> String {
        self.charter.decision_type(id).map_or_else(|| id.to_owned(), |found| found.name.clone())
    }

    /// The article of the decision type, for what the type decides.
    fn type_article(&self, id: &str) -> Option<String> {
        self.charter.decision_type(id).map(|found| found.article.clone()).filter(|article| !article.is_empty())
    }

    fn verdict(&mut self, outcome: &Outcome) {
        let names = |winners: &[u32]| winners.iter().map(|winner| option(outcome, *winner)).collect::<Vec<_>>();
        match &outcome.verdict {
            Verdict::Decided { passed: true, winners } if winners.is_empty() => {
                self.push("passed", None, vec![], "The proposal passes.".to_owned());
            }
            Verdict::Decided { passed: true, winners } => {
                let winner = names(winners).join(", ");
                let text = format!("The choice is “{winner}”.");
                self.push("chosen", None, vec![("option", winner)], text);
            }
            Verdict::Decided { passed: false, .. } if outcome.method == Method::Consent => {
                self.push("not-passed", None, vec![], "The proposal does not pass.".to_owned());
            }
            Verdict::Decided { passed: false, .. } => {
                self.push("nothing-chosen", None, vec![], "No option is chosen.".to_owned());
            }
            Verdict::Extended { .. } | Verdict::Withdrawn => {}
        }
    }

    fn class(&mut self, class: &ClassCount, outcome: &Outcome) {
        let name = self.class_name(&class.class);
        let mut parameters = vec![("class", class.class.clone()), ("name", name.clone())];
        let votes = |option: usize| class.votes.get(option).copied().unwrap_or(0);
        let Some(share) = class.shares.first() else { return };
        if outcome.method == Method::Consent {
            let (agree, sides) = (votes(0), votes(0) + votes(2) + votes(3));
            let agrees = if agree == 1 { "agrees" } else { "agree" };
            let text = format!("{agree} of {sides} {name} who took a side {agrees}.");
            parameters.extend([
                ("agree", agree.to_string()),
                ("sides", sides.to_string()),
                ("share", share.to_string()),
            ]);
            parameters.push(("used", class.used.to_string()));
            self.say("class-agrees", "classes", parameters, text);
            return;
        }
        let Some(best) = class.votes.iter().max() else { return };
        let favourites: Vec<_> = (0..).zip(&class.votes).filter(|(_, votes)| *votes == best).map(|(i, _)| i).collect();
        let favourites =
            favourites.iter().map(|favourite| option(outcome, *favourite)).collect::<Vec<_>>().join("” and “");
        let text = format!("Most {name} chose “{favourites}”: {best} of {} who voted.", class.cast);
        parameters.extend([("options", favourites), ("votes", best.to_string()), ("cast", class.cast.to_string())]);
        self.say("class-chooses", "classes", parameters, text);
    }

    fn reason(&mut self, reason: &Reason, outcome: &Outcome) {
        match reason {
            Reason::Challenged { from, to } => {
                let (from_name, to_name) = (self.type_name(from), self.type_name(to));
                let text =
                    format!("Another member contested the call: the vote counts as {to_name}, not as {from_name}.");
                let parameters = vec![("from", from.clone()), ("to", to.clone())];
                self.push("challenged", self.type_article(from), parameters, text);
            }
            Reason::Extended { closes } => {
                let text = format!("Voting goes on until {closes}.");
                let article = self.type_article(&outcome.decision_type);
                self.push("extended", article, vec![("closes", closes.to_string())], text);
            }
            Reason::Withdrawn => {
                self.push(
                    "withdrawn",
                    None,
                    vec![],
                    "The proposer took the proposal back; nothing was counted.".into(),
                );
            }
            Reason::ClassEmpty { .. } | Reason::QuorumUnmet { .. } | Reason::EmptyClassBlocks { .. } => {
                self.class_reason(reason);
            }
            Reason::NobodyTookASide => {
                let text = "Nobody took a side, so nothing is decided.".to_owned();
                self.push("nobody-took-a-side", self.type_article(&outcome.decision_type), vec![], text);
            }
            Reason::ThresholdMet { .. } | Reason::ThresholdMissed { .. } => self.threshold(reason, outcome),
            Reason::Tie => {
                let text = "Exactly half of the weighted vote agrees. A tie does not pass.".to_owned();
                self.say("tie", "tie", vec![], text);
            }
            Reason::OptionsTie { winners } => {
                let names = winners.iter().map(|winner| option(outcome, *winner)).collect::<Vec<_>>().join("” and “");
                let text = format!("“{names}” lead with the same weighted share. A tie stays a tie.");
                self.say("options-tie", "tie", vec![("options", names)], text);
            }
            Reason::BlocksStand { .. } | Reason::BlocksOverruled { .. } => self.blocks(reason),
            // Said with the other readings.
            Reason::ReadingDiffers { .. } => {}
            Reason::EffectsVoid => {
                let text =
                    "It passes, but what it was to do can no longer be done: parties or charter changed meanwhile.";
                self.push("effects-void", None, Vec::new(), text.to_owned());
            }
        }
    }

    fn class_reason(&mut self, reason: &Reason) {
        match reason {
            Reason::ClassEmpty { class, rule, strength } => {
                let name = self.class_name(class);
                let what = match rule {
                    EmptyClass::Redistribute | EmptyClass::Block => "is spread over the other classes",
                    EmptyClass::Lapse => "lapses",
                };
                let text = format!("None of the {name} took a side: their {} {what}.", percent(strength));
                let rule = match rule {
                    EmptyClass::Redistribute => "redistribute",
                    EmptyClass::Lapse => "lapse",
                    EmptyClass::Block => "block",
                };
                let parameters = vec![
                    ("class", class.clone()),
                    ("name", name),
                    ("rule", rule.to_owned()),
                    ("strength", strength.to_string()),
                ];
                self.say("class-empty", "empty_class", parameters, text);
            }
            Reason::QuorumUnmet { class, cast, eligible, quorum } => {
                let name = self.class_name(class);
                let text = format!("Only {cast} of {eligible} {name} voted; their quorum is {}.", percent(quorum));
                let parameters = vec![
                    ("class", class.clone()),
                    ("name", name),
                    ("cast", cast.to_string()),
                    ("eligible", eligible.to_string()),
                    ("quorum", quorum.to_string()),
                ];
                self.say("quorum-unmet", &format!("classes.{class}.quorum"), parameters, text);
            }
            Reason::EmptyClassBlocks { class } => {
                let name = self.class_name(class);
                let text = format!("None of the {name} took a side, and without them nothing passes.");
                self.say("empty-class-blocks", "empty_class", vec![("class", class.clone()), ("name", name)], text);
            }
            _ => {}
        }
    }

    fn threshold(&mut self, reason: &Reason, outcome: &Outcome) {
        let (code, result, threshold) = match reason {
            Reason::ThresholdMet { result, threshold } => ("threshold-met", result, threshold),
            Reason::ThresholdMissed { result, threshold } => ("threshold-missed", result, threshold),
            _ => return,
        };
        let share = percent(result);
        let asked = threshold.in_words();
        let subject = if outcome.method == Method::Consent {
            format!("{share} of the weighted vote agrees")
        } else {
            format!("The leading option has {share} of the weighted vote")
        };
        let text = match code {
            "threshold-met" => format!("{subject}: {asked}, as this type of decision asks."),
            _ => format!("{subject}: this type of decision asks for {asked}."),
        };
        let parameters = vec![
            ("result", result.to_string()),
            ("threshold", threshold.fraction.to_string()),
            ("strict", threshold.strict.to_string()),
        ];
        self.push(code, self.type_article(&outcome.decision_type), parameters, text);
    }

    fn blocks(&mut self, reason: &Reason) {
        let (code, blocks, result, bound) = match reason {
            Reason::BlocksStand { blocks, result, override_at_least } => {
                ("blocks-stand", blocks, result, override_at_least)
            }
            Reason::BlocksOverruled { blocks, result, override_at_least } => {
                ("blocks-overruled", blocks, result, override_at_least)
            }
            _ => return,
        };
        let (subject, stands) =
            if *blocks == 1 { ("One block".to_owned(), "stands") } else { (format!("{blocks} blocks"), "stand") };
        let (share, bound_share) = (percent(result), percent(bound));
        let text = if code == "blocks-stand" {
            format!("{subject} {stands}: to overrule it takes {bound_share} of the weighted vote, and {share} agrees.")
        } else {
            format!("{subject} {stands}, overruled: {share} of the weighted vote agrees and {bound_share} is enough.")
        };
        let parameters =
            vec![("blocks", blocks.to_string()), ("result", result.to_string()), ("override", bound.to_string())];
        self.say(code, "blocks", parameters, text);
    }

    fn readings(&mut self, readings: &Readings, outcome: &Outcome) {
        let all = [
            (ReadingKind::HeadCount, &readings.head_count, "With one weight for every member"),
            (ReadingKind::Lapse, &readings.lapse, "If the strength of empty classes lapsed"),
            (
                ReadingKind::Redistribute,
                &readings.redistribute,
                "If the strength of empty classes were spread over the others",
            ),
        ];
        for (kind, reading, lead) in all {
            let differs = outcome
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::ReadingDiffers { reading, .. } if *reading == kind));
            let (code, id) = match (kind, differs) {
                (ReadingKind::HeadCount, false) => ("reading-agrees", "head-count"),
                (ReadingKind::Lapse, false) => ("reading-agrees", "lapse"),
                (ReadingKind::Redistribute, false) => ("reading-agrees", "redistribute"),
                (ReadingKind::HeadCount, true) => ("reading-differs", "head-count"),
                (ReadingKind::Lapse, true) => ("reading-differs", "lapse"),
                (ReadingKind::Redistribute, true) => ("reading-differs", "redistribute"),
            };
            let share = percent(&reading.result);
            let end = match (outcome.method, reading.passes) {
                (Method::Consent, true) => format!("{share} would agree: it would pass."),
                (Method::Consent, false) => format!("{share} would agree: it would not pass."),
                (_, true) => format!("“{}” would win with {share}.", options(outcome, &reading.leading)),
                (_, false) => format!("no option would win; {share} would lead."),
            };
            let parameters = vec![
                ("reading", id.to_owned()),
                ("result", reading.result.to_string()),
                ("passes", reading.passes.to_string()),
                ("options", options(outcome, &reading.leading)),
            ];
            self.push(code, None, parameters, format!("{lead}, {end}"));
        }
    }

    fn effects(&mut self, outcome: &Outcome) {
        if outcome.effects != Effects::Taken {
            return;
        }
        match outcome.becomes_epoch {
            Some(epoch) => {
                let text = format!("It takes effect with epoch {epoch}.");
                self.push("begins-epoch", None, vec![("epoch", epoch.to_string())], text);
            }
            None => self.push("effects-taken", None, vec![], "It takes effect at once.".to_owned()),
        }
    }
}

fn option(outcome: &Outcome, option: u32) -> String {
    let known = usize::try_from(option).ok().and_then(|option| outcome.options.get(option));
    known.cloned().unwrap_or_else(|| option.to_string())
}

fn options(outcome: &Outcome, chosen: &[u32]) -> String {
    chosen.iter().map(|chosen| option(outcome, *chosen)).collect::<Vec<_>>().join("” and “")
}

/// `68.6 %`, and `40 %` where it is exact.
fn percent(share: &Fraction) -> String {
    let rounded = share.percent(1);
    format!("{} %", rounded.strip_suffix(".0").unwrap_or(&rounded))
}
