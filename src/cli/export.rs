//! `folkmoot export`: a decision as one file that anybody can verify.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::init;
use crate::actions::export;

/// Write a certified decision with everything that proves it into one file.
#[derive(Debug, Args)]
pub struct Export {
    /// Number in the register of decisions, or the key of the proposal.
    #[arg(value_name = "NUMBER")]
    decision: String,
    /// The file to write.
    #[arg(short, long)]
    output: PathBuf,
}

pub async fn run(command: Export, config: &Path) -> anyhow::Result<i32> {
    let app = init::open(config).await?;
    let exported = export::bundle(&app, &command.decision).await?;
    std::fs::write(&command.output, &exported.bytes)
        .with_context(|| format!("{} cannot be written", command.output.display()))?;
    println!("{} ({} bytes). Check it with: folkmoot verify {0}", command.output.display(), exported.bytes.len());
    Ok(0)
}
