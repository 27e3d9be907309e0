//! A node that lost its database and kept its keys gets everything back from its peers before it signs again.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::harness::process::Database;
use crate::harness::scratch::Scratch;
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_both_databases!(node_without_database_recovers_from_its_peers);

async fn node_without_database_recovers_from_its_peers(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let copy = consortium.root.as_ref().context("kept")?.path().join("old-copy");
    if consortium.nodes[2].database.is_none() {
        consortium.nodes[2].stop().await?;
        copy_files(&consortium.nodes[2].folder.join("data"), &copy)?;
        consortium.nodes[2].start().await?;
    }
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    consortium.everybody_votes(&vote).await?;
    let decided = consortium.decided(&vote).await?;
    consortium.nodes[2].stop().await?;
    match consortium.nodes[2].database.take() {
        Some(lost) => {
            let fresh = Scratch::create()?;
            let file = consortium.nodes[2].folder.join("folkmoot.toml");
            std::fs::write(&file, std::fs::read_to_string(&file)?.replace(&lost.url(), &fresh.url()))?;
            consortium.nodes[2].database = Some(fresh);
        }
        None => {
            // An old copy is no help: with it, the node would contradict what it has signed since.
            let data = consortium.nodes[2].folder.join("data");
            remove_database(&data)?;
            copy_files(&copy, &data)?;
            let output = consortium.nodes[2].command(&["serve"]).stdin(Stdio::null()).output().await?;
            let said = String::from_utf8_lossy(&output.stderr);
            ensure!(
                !output.status.success() && said.contains("is not the one that this node published from"),
                "{said}"
            );
            remove_database(&data)?;
        }
    }
    let peer = consortium.nodes[0].address.clone();
    consortium.nodes[2].run(&["recover", "--from", &peer]).await?;
    // Accounts were in the database alone.
    consortium.nodes[2].steward = consortium.nodes[2].public.clone();
    consortium.nodes[2].start().await?;
    assert_eq!(consortium.decided(&vote).await?["value"], decided["value"]);
    // It was not there when the vote opened, and yet can prove the decision to anybody.
    let bundle = format!("/api/v1/decisions/{}/bundle", decided["number"]);
    let proven = |bundle: &Value| bundle["announced"].is_string();
    consortium.nodes[2].until(&bundle, "it has the decision's whole proof", PATIENCE_SECONDS, proven).await?;

    let shown = consortium.nodes[2].public.get("/api/v1/node").await?;
    let effect = json!({"type": "ChangeKey", "node": shown["node"], "key": shown["key"]});
    let change = consortium.open(Draft::constitutional("Let the third co-op sign again", effect)).await?;
    consortium.cast_planned(&change, |member| member.node != 2).await?;
    assert!(Counted(&consortium.decided(&change).await?).passed());
    let epoch = |state: &Value| state["epoch"] == 1;
    for node in &consortium.nodes {
        node.until("/api/v1/consortium", "epoch 1 has begun", PATIENCE_SECONDS, epoch).await?;
    }

    // It takes part again: with another node down, its signature is needed.
    consortium.nodes[3].stop().await?;
    let next = consortium.open(Draft::regular("Rent a third server").lasting(8)).await?;
    consortium.cast(&next, "producer-1", "agree").await?;
    consortium.journals_are_certified().await?;
    let decided = consortium.decided(&next).await?;
    assert_eq!(Counted(&decided).turnout().0, 1);
    consortium.nobody_is_at_fault().await?;

    consortium.nodes[3].start().await?;
    consortium.decided(&next).await?;
    consortium.rebuild_changes_nothing(2, &next).await?;
    consortium.stop().await
}

fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            std::fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}

fn remove_database(data: &Path) -> anyhow::Result<()> {
    for file in std::fs::read_dir(data)? {
        let path = file?.path();
        if path.file_name().and_then(|name| name.to_str()).context("a name")?.contains("sqlite") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
