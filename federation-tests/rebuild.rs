//! What a node shows is a function of what was signed: made anew, it is the same.

use crate::harness::Plan;
use crate::harness::process::Database;
use crate::harness::votes::Draft;

on_both_databases!(rebuilt_views_are_the_same);

async fn rebuilt_views_are_the_same(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(8)).await?;
    consortium.everybody_votes(&vote).await?;
    consortium.decided(&vote).await?;
    consortium.rebuild_changes_nothing(1, &vote).await?;
    consortium.stop().await
}
