//! `folkmoot charter`: charter files (TOML), explained before anybody accepts them.

use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use crate::charters;

#[derive(Debug, Subcommand)]
pub enum Charter {
    /// Explain a charter file in sentences and list its blanks; ends with status 1 when it cannot be used.
    Check { file: PathBuf },
    /// Print the preset of The Online Meeting Cooperative, to start from.
    Preset,
}

pub fn run(command: Charter) -> anyhow::Result<i32> {
    match command {
        Charter::Preset => print!("{}", charters::OCM),
        Charter::Check { file } => {
            let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            let charter = charters::parse(&text).with_context(|| format!("{} is not a charter", file.display()))?;
            for sentence in charter.explain() {
                println!("{sentence}");
            }
            let problems = charter.check();
            if !problems.is_empty() {
                println!("\nIt cannot be used yet:");
                for problem in &problems {
                    println!("  {problem}");
                }
                return Ok(1);
            }
            println!("\nDigest of this charter: {}", charter.digest());
        }
    }
    Ok(0)
}
