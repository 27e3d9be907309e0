//! `folkmoot recover`: a node that lost its database retires its key and follows the others until they admit a new one.

use std::path::Path;

use anyhow::Context;
use clap::Args;

use super::init;
use crate::actions::consortium;
use crate::config::Config;
use crate::transport::keys::NodeKeys;

/// After a lost or restored database: retire this node's key and catch up from another node.
#[derive(Debug, Args)]
pub struct Recover {
    /// Address of any other node of the consortium.
    #[arg(long)]
    from: String,
}

pub async fn run(command: Recover, path: &Path) -> anyhow::Result<i32> {
    let config = Config::load(path)?;
    let folder = config.keys_folder();
    // A node that forgot what it signed must never sign with that key again: it could contradict itself.
    let old = tokio::task::spawn_blocking(move || NodeKeys::retire_statement_key(&folder)).await??;
    println!("The key {old} is retired; its file is kept aside and never used again.");
    let app = init::open(path).await?;
    let peer = format!("{}/actor", command.from.trim_end_matches('/')).parse().context("--from")?;
    consortium::follow(&app, &peer, app.now()).await?;
    println!("New key: {}", app.keys.statement.public());
    println!("Start `folkmoot serve`: the node mirrors every journal, its own old one included.");
    println!("Then ask another party to put the change of this node's key to the vote. Once it is certified, this");
    println!("node publishes again; members' keys in its custody are unchanged.");
    Ok(0)
}
