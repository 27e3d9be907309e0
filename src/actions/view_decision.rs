//! The register of decisions, and everything that one was certified with. Reads only.

use std::collections::BTreeSet;

use folkmoot_governance::ballot::Cast;
use folkmoot_governance::certification::Certificate;
use folkmoot_governance::charter::Charter;
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::extract::{CertifiedSize, cut_digest};
use folkmoot_governance::id::{Digest, MemberId, NodeId};
use folkmoot_governance::json;
use folkmoot_governance::statement::{Method, Visibility};
use folkmoot_governance::tally::points::{Point, points};
use folkmoot_governance::tally::{self, Outcome};
use serde::Serialize;

use super::error::{ActionError, Result};
use super::standing::Standing;
use super::view_agreement::{self, Stand};
use super::{count, decide, journals};
use crate::app::App;
use crate::storage::decisions::{self, DecisionRow};
use crate::storage::proposals::{self, ProposalRow};
use crate::storage::{self, Conn, Page, Wanted};

/// A decision in the register.
#[derive(Debug, Clone)]
pub struct Line {
    pub number: u64,
    pub row: DecisionRow,
    pub proposal: ProposalRow,
    pub outcome: Outcome,
}

/// A decision with what anybody needs to check it.
pub struct View {
    pub line: Line,
    pub certificate: Certificate,
    pub vote: count::Vote,
    pub cut: Vec<CertifiedSize>,
    pub cut_digest: Digest,
    pub certificate_digest: Digest,
    pub points: Vec<Point>,
    pub agreement: Vec<Stand>,
}

/// An outcome in the terms of the charter, for tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutcomeTable {
    /// The weighted result as a fraction; absent where nothing was counted.
    pub result: Option<String>,
    pub passed: bool,
    pub options: Vec<String>,
    pub classes: Vec<ClassLine>,
    /// Names of the options that won a choice.
    pub winners: Vec<String>,
}

/// The votes of one class. The four counts of a consent vote stand by name, those of a choice in `votes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassLine {
    pub class: String,
    pub name: String,
    pub eligible: u64,
    pub cast: u64,
    pub votes: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    pub consent: Option<ConsentVotes>,
    /// Consent: the share that agrees; absent where nobody took a side.
    pub share: Option<String>,
    /// For each option of a choice.
    pub shares: Vec<String>,
    /// That it counted with.
    pub strength: String,
    pub quorum_met: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ConsentVotes {
    pub agree: u64,
    pub abstain: u64,
    pub disagree: u64,
    pub block: u64,
}

/// A ballot that was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountedBallot {
    pub index: u32,
    pub member: MemberId,
    pub class: String,
    pub sponsor: NodeId,
    pub ballot: Digest,
    pub sequence: u64,
    pub choices: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
}

/// The most characters of a search that are looked at: every text is gone through once for each word.
const SEARCH_MOST: usize = 200;

/// The register as a reader may know of it, the newest first: decisions with all of these words in their number, title or
/// text.
pub async fn list(
    conn: &mut Conn,
    reader: Visibility,
    search: &str,
    wanted: &Wanted<i64, Digest>,
) -> Result<Page<Line>> {
    let search: String = search.chars().take(SEARCH_MOST).collect();
    let words: BTreeSet<String> = search.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let page = decisions::register(conn, reader, wanted, |proposal| contains(proposal, &words)).await?;
    page.try_map(line)
}

fn contains(proposal: &ProposalRow, words: &BTreeSet<String>) -> storage::Result<bool> {
    if words.is_empty() {
        return Ok(true);
    }
    let question = proposal.question()?;
    let number = proposal.number.map(|number| number.to_string()).unwrap_or_default();
    let text = format!("{number} {} {}", question.name, question.source).to_lowercase();
    Ok(words.iter().all(|word| text.contains(word)))
}

/// The latest decisions that passed, the newest first.
pub async fn latest_passed(conn: &mut Conn, most: usize) -> Result<Vec<Line>> {
    decisions::latest_passed(conn, most).await?.into_iter().map(line).collect()
}

/// The decisions that these openings became, as far as the reader may know of them; the newest first.
pub async fn of_openings(conn: &mut Conn, reader: Visibility, openings: &[Digest]) -> Result<Vec<Line>> {
    decisions::of_openings(conn, reader, openings).await?.into_iter().map(line).collect()
}

/// The decision that passed and replaced another one, if there is one that the reader may know of.
pub async fn replacing(conn: &mut Conn, reader: Visibility, decision: Digest) -> Result<Option<Line>> {
    decisions::replacing(conn, reader, decision).await?.map(line).transpose()
}

fn line((row, proposal): (DecisionRow, ProposalRow)) -> Result<Line> {
    let number = row.number.ok_or(ActionError::NotFound("missing-decision"))?;
    Ok(Line { number, outcome: read_outcome(&row)?, row, proposal })
}

fn read_outcome(row: &DecisionRow) -> Result<Outcome> {
    serde_json::from_slice(&row.outcome).map_err(ActionError::corrupt("outcome"))
}

/// The decision of this name, see [`decide::named`].
pub async fn load(conn: &mut Conn, app: &App, standing: &Standing, name: &str) -> Result<View> {
    let row = decide::named(conn, name).await?;
    let (certificate, outcome) = (decide::certificate(conn, &row).await?, read_outcome(&row)?);
    let number = row.number.ok_or(ActionError::NotFound("missing-decision"))?;
    let proposal =
        proposals::by_digest(conn, row.proposal).await?.ok_or(ActionError::NotFound("missing-proposal-of-decision"))?;
    let vote = count::load_vote(conn, app, standing, row.proposal).await?;
    let cut = decide::cut_of(&vote.epoch, &certificate);
    let agreement = view_agreement::of_decision(conn, &vote.epoch, row.proposal, row.sitting, row.value).await?;
    Ok(View {
        points: points(&outcome, &vote.epoch.charter),
        cut_digest: cut_digest(&cut),
        certificate_digest: Digest::of(&json::canonical(&certificate)),
        line: Line { number, row, proposal, outcome },
        certificate,
        vote,
        cut,
        agreement,
    })
}

/// The ballots that the decision counted, by place on the frozen roll.
pub async fn ballots(conn: &mut Conn, view: &View) -> Result<Vec<CountedBallot>> {
    let owned = journals::about(conn, view.line.row.proposal, &view.cut).await?;
    let extracts: Vec<_> = owned.iter().map(journals::Owned::lend).collect();
    let settled = tally::ballots(&view.vote.lend(), &extracts);
    Ok(settled.counted.into_values().filter_map(|cast| counted_ballot(view, cast)).collect())
}

fn counted_ballot(view: &View, cast: Cast) -> Option<CountedBallot> {
    let seat = view.vote.roll.seat(cast.index)?;
    let option = |choice: &u32| view.line.outcome.options.get(usize::try_from(*choice).ok()?).cloned();
    Some(CountedBallot {
        index: cast.index,
        member: seat.member.clone(),
        class: seat.class.clone(),
        sponsor: seat.sponsor.clone(),
        ballot: cast.digest,
        sequence: cast.sequence,
        choices: cast.choices.iter().filter_map(option).collect(),
        ground: cast.block.map(|block| block.ground),
    })
}

/// Which epoch a vote was made in, by its name in the chain.
pub fn epoch_of<'a>(standing: &'a Standing, row: &ProposalRow) -> &'a Epoch {
    standing.epoch_number(row.epoch).unwrap_or(standing.epoch())
}

/// An outcome as a table with the charter's names.
pub fn table(outcome: &Outcome, charter: &Charter) -> OutcomeTable {
    let count = outcome.count.as_ref();
    let classes = count.map(|count| count.classes.iter().map(|class| class_line(class, outcome, charter)).collect());
    let winners = match &outcome.verdict {
        tally::Verdict::Decided { winners, .. } => winners.as_slice(),
        _ => &[],
    };
    let name = |winner: &u32| outcome.options.get(usize::try_from(*winner).ok()?).cloned();
    OutcomeTable {
        result: count.map(|count| count.result.to_string()),
        passed: outcome.passed(),
        options: outcome.options.clone(),
        classes: classes.unwrap_or_default(),
        winners: winners.iter().filter_map(name).collect(),
    }
}

fn class_line(class: &tally::ClassCount, outcome: &Outcome, charter: &Charter) -> ClassLine {
    let consent = match (outcome.method, class.votes.as_slice()) {
        (Method::Consent, &[agree, abstain, disagree, block]) => Some(ConsentVotes { agree, abstain, disagree, block }),
        _ => None,
    };
    let shares: Vec<String> = class.shares.iter().map(ToString::to_string).collect();
    ClassLine {
        class: class.class.clone(),
        name: charter.class(&class.class).map_or_else(|| class.class.clone(), |known| known.name.clone()),
        eligible: class.eligible,
        cast: class.cast,
        votes: class.votes.clone(),
        share: consent.and_then(|_| shares.first().cloned()),
        consent,
        shares,
        strength: class.used.to_string(),
        quorum_met: class.quorum_met,
    }
}

/// The counted ballots as CSV (RFC 4180) with a header.
///
/// Cells that a spreadsheet would take for a formula get an apostrophe in front.
pub fn csv(ballots: &[CountedBallot]) -> String {
    let mut text = String::from("index,member,class,sponsor,ballot,sequence,choices,ground\r\n");
    for ballot in ballots {
        let cells = [
            ballot.index.to_string(),
            ballot.member.to_string(),
            ballot.class.clone(),
            ballot.sponsor.to_string(),
            ballot.ballot.to_string(),
            ballot.sequence.to_string(),
            ballot.choices.join("; "),
            ballot.ground.clone().unwrap_or_default(),
        ];
        text.push_str(&cells.map(|cell| csv_cell(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

fn csv_cell(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_run_as_formulas() {
        for (cell, written) in [
            ("agree", "agree"),
            ("red, or green", "\"red, or green\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("@sum(a1,b1)", "\"'@sum(a1,b1)\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(cell), written);
        }
    }

    #[test]
    fn every_ballot_is_one_record_under_the_header() {
        let ballot = CountedBallot {
            index: 3,
            member: "ada".parse().expect("a member id"),
            class: "producer".into(),
            sponsor: "https://a.example/actor".parse().expect("an address"),
            ballot: Digest([0xab; 32]),
            sequence: 2,
            choices: vec!["red".into(), "green".into()],
            ground: None,
        };
        let text = csv(&[ballot]);
        let lines: Vec<_> = text.split("\r\n").collect();
        let digest = "ab".repeat(32);
        assert_eq!(lines[1], format!("3,ada,producer,https://a.example/actor,{digest},2,red; green,"));
        assert_eq!((lines[0].matches(',').count(), lines.len()), (7, 3));
    }
}
