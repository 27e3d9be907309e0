//! `folkmoot recover`: a node that lost its database retires its key and follows the others until they admit a new one.

use std::path::Path;

use anyhow::{Context, bail};
use clap::Args;
use folkmoot_governance::id::NodeId;

use super::init;
use crate::actions::{consortium, standing};
use crate::transport::keys::NodeKeys;

/// After a lost database: retire this node's key and catch up from another node.
///
/// A database that was restored from a copy counts as lost: move it away first. Nothing is done while the database still
/// knows its consortium, or while the other node does not answer.
#[derive(Debug, Args)]
pub struct Recover {
    /// Address of any other node of the consortium.
    #[arg(long)]
    from: String,
}

pub async fn run(command: Recover, path: &Path) -> anyhow::Result<i32> {
    let peer: NodeId = format!("{}/actor", command.from.trim_end_matches('/')).parse().context("--from")?;
    // Nothing is retired before it is certain that it has to be, and that there is somebody to come back from.
    let app = init::open(path).await?;
    if standing::find(&mut app.db.read().await?).await?.is_some() {
        bail!(
            "the database {} still knows its consortium, and nothing is changed. If it is an old copy, move it away \
             first; if it was never lost, this node does not need to be recovered",
            app.config.shown_database_url()
        );
    }
    consortium::ask_genesis(&app, &peer).await?;
    let folder = app.config.keys_folder();
    drop(app);
    // A node that forgot what it signed must never sign with that key again: it could contradict itself.
    let old = tokio::task::spawn_blocking(move || NodeKeys::retire_statement_key(&folder)).await??;
    println!("The key {old} is retired; its file is kept aside and never used again.");
    let app = init::open(path).await?;
    consortium::follow(&app, &peer, app.now()).await?;
    println!("New key: {}", app.keys.statement.public());
    println!("\nWhat to do now:");
    println!("  1. folkmoot account add LOGIN --steward   (accounts were in the database alone)");
    println!("  2. folkmoot serve                         (the node mirrors every journal, its own old one included)");
    println!("  3. Ask another party to put the change of this node's key to the vote. Once that is certified, this");
    println!("     node publishes again. Members' keys in its custody are unchanged.");
    Ok(0)
}
