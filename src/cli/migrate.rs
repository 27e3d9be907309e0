//! `folkmoot migrate`: brings the database up to this version before the servers start.

use std::path::Path;

use crate::config::Config;
use crate::storage::Database;

pub async fn run(config: &Path) -> anyhow::Result<i32> {
    let config = Config::load(config)?;
    Database::open(&config.database_url()).await?;
    println!("The database is up to date.");
    Ok(0)
}
