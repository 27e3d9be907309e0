//! `folkmoot rebuild`: makes every governance table again from the journals and says what differed.

use std::path::Path;

use clap::Args;

use super::init;
use crate::actions::rebuild;

/// Make every governance table again from the journals and compare; status 1 when something differed.
#[derive(Debug, Args)]
pub struct Rebuild {}

pub async fn run(_: Rebuild, config: &Path) -> anyhow::Result<i32> {
    let app = init::open(config).await?;
    let differences = rebuild::rebuild(&app).await?;
    if differences.is_empty() {
        println!("Every governance table was made again from the journals; nothing differs.");
        return Ok(0);
    }
    for difference in &differences {
        println!("{}: {} rows are gone, {} are new", difference.table, difference.lost.len(), difference.new.len());
        for row in &difference.lost {
            println!("  - {row}");
        }
        for row in &difference.new {
            println!("  + {row}");
        }
    }
    println!("The tables now hold what the journals say.");
    Ok(1)
}
