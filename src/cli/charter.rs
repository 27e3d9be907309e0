//! `folkmoot charter`: charter files (TOML), explained before anybody accepts them.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use folkmoot_governance::charter::Charter as Rules;

use crate::charters;
use crate::words;
use crate::words::charter::sentences;
use crate::words::setting::told;

#[derive(Debug, Subcommand)]
pub enum Charter {
    /// Explain a charter file in sentences and list its blanks; ends with status 1 when it cannot be used.
    Check {
        /// A charter file (TOML).
        file: PathBuf,
    },
    /// Print the preset of The Online Meeting Cooperative, to start from.
    Preset,
}

pub fn run(command: Charter) -> anyhow::Result<i32> {
    match command {
        Charter::Preset => print!("{}", charters::OCM),
        Charter::Check { file } => {
            let charter = read(&file)?;
            explain(&charter);
            let problems = charter.check();
            if !problems.is_empty() {
                println!("\nIt cannot be used yet:");
                for problem in &problems {
                    println!("  {problem}");
                }
                return Ok(1);
            }
            println!("\nIt can be used. Its digest is {}", charter.digest());
        }
    }
    Ok(0)
}

/// Reads a charter file; an error names the line.
pub fn read(file: &Path) -> anyhow::Result<Rules> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    charters::parse(&text).with_context(|| format!("{} is not a charter", file.display()))
}

/// The rules in sentences, then the blanks with what holds until the members decide.
pub fn explain(charter: &Rules) {
    for sentence in sentences(words::fallback(), &charter.rules()) {
        println!("{sentence}");
    }
    let blanks = charter.blanks();
    if blanks.is_empty() {
        println!("\nNothing in it is provisional.");
        return;
    }
    println!("\n{} settings are provisional: they hold until the members decide otherwise.", blanks.len());
    for blank in &blanks {
        println!("  {}: {}", blank.path, short(&told(words::fallback(), &blank.value)));
        println!("      {}", blank.why);
    }
}

/// A long value by its beginning, on one line.
fn short(value: &str) -> String {
    const CHARS: usize = 90;
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.is_empty() => "nothing yet".to_owned(),
        None => line,
    }
}
