//! `folkmoot verify`: checks a decision from one file, without network, database or node.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use folkmoot_governance::bundle::{self, Report};
use folkmoot_governance::tally::Count;
use serde_json::json;

use crate::words::Words;
use crate::words::outcome::sentences;

/// Check an exported decision: who decided what, and every step of the proof.
///
/// It needs neither network nor database nor a node. Status 0 when everything holds, 1 with the first fault.
#[derive(Debug, Args)]
pub struct Verify {
    /// What `folkmoot export` wrote, or a decision's page gave for download.
    file: PathBuf,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// 0 if everything holds; 1 with the name of the first fault.
pub fn run(command: Verify) -> anyhow::Result<i32> {
    let bytes = std::fs::read(&command.file).with_context(|| format!("{} cannot be read", command.file.display()))?;
    let mut randomness = |bytes: &mut [u8]| rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, bytes);
    match bundle::verify(&bytes, &mut randomness) {
        Ok(report) if command.json => {
            println!("{}", serde_json::to_string_pretty(&json!({"valid": true, "report": report}))?);
            Ok(0)
        }
        Ok(report) => {
            print(&report);
            Ok(0)
        }
        Err(fault) if command.json => {
            println!("{}", serde_json::to_string_pretty(&json!({"valid": false, "fault": fault}))?);
            Ok(1)
        }
        Err(fault) => {
            println!("NOT VALID – {fault}");
            Ok(1)
        }
    }
}

/// A line per class and the weighted result, as the decision's page shows them.
fn counts(report: &Report, count: &Count) {
    let options = &report.outcome.options;
    println!("\n  {:<24} {:>8} {:>6} {:>8} {:>8}", "class", "eligible", "cast", "strength", "counted");
    for class in &count.classes {
        let name = report.charter.class(&class.class).map_or(class.class.as_str(), |class| class.name.as_str());
        let (strength, used) = (class.strength.to_string(), class.used.to_string());
        println!("  {name:<24} {:>8} {:>6} {strength:>8} {used:>8}", class.eligible, class.cast);
        let votes: Vec<String> =
            options.iter().zip(&class.votes).map(|(option, votes)| format!("{option} {votes}")).collect();
        let shares: Vec<String> = class.shares.iter().map(ToString::to_string).collect();
        let shares =
            if shares.is_empty() { "nobody took a side".to_owned() } else { format!("share {}", shares.join(", ")) };
        println!("      {}; {shares}", votes.join(", "));
    }
    println!("  weighted result  {}", count.result);
}

fn print(report: &Report) {
    println!("{}", report.name);
    println!("{}\n", report.consortium);
    let number = report.outcome.number.map_or_else(String::new, |number| format!("Decision {number}: "));
    println!("{number}{}", report.question.name);
    let words = Words::default();
    for sentence in sentences(words.of(&report.charter.language), &report.outcome, &report.charter) {
        println!("  {sentence}");
    }
    if let Some(count) = &report.outcome.count {
        counts(report, count);
    }
    println!("\n  opened    {}", report.opens);
    println!("  closed    {}", report.closes);
    println!("  epoch     {}", report.epoch);
    println!("  signed by {} of {} nodes:", report.signers.len(), report.parties.len());
    for node in &report.signers {
        println!("            {node}");
    }
    println!(
        "  proposal  {}\n  cut       {}\n  outcome   {}\n  value     {}\n",
        report.proposal, report.cut, report.outcome_digest, report.value
    );
    for check in &report.checks {
        println!("  ok  {:<13} {}", check.step.to_string(), check.detail);
    }
    println!("\nVALID");
}
