//! `folkmoot verify`: checks a decision from one file, without network, database or node.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use folkmoot_governance::bundle::{self, Report};
use folkmoot_governance::tally::sentences::sentences;
use serde_json::json;

/// Check an exported decision: who decided what, and every step of the proof.
#[derive(Debug, Args)]
pub struct Verify {
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

fn print(report: &Report) {
    println!("{}", report.name);
    println!("{}\n", report.consortium);
    let number = report.outcome.number.map_or_else(String::new, |number| format!("Decision {number}: "));
    println!("{number}{}", report.question.name);
    for sentence in sentences(&report.outcome, &report.charter) {
        println!("  {}", sentence.text);
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
