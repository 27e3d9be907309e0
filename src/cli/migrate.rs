//! `folkmoot migrate`: brings the database up to this version before the servers start.

use std::path::Path;

use super::init;
use crate::config::Config;

pub async fn run(config: &Path) -> anyhow::Result<i32> {
    let config = Config::load(config)?;
    init::open_database(&config).await?;
    println!("The database {} is up to date.", config.shown_database_url());
    Ok(0)
}
