//! Who joins after a vote opened takes part in the next one.

use crate::harness::Plan;
use crate::harness::people::{AGREE, INDIVIDUAL, Member};
use crate::harness::process::Database;
use crate::harness::votes::{Counted, Draft};

on_both_databases!(entry_after_the_opening_does_not_count);

async fn entry_after_the_opening_does_not_count(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(4).on(database).found().await?;
    let before = consortium.members.len();
    let vote = consortium.open(Draft::regular("Rent a second server").lasting(12)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    let late = Member { id: "latecomer".into(), class: INDIVIDUAL, node: 1, choice: AGREE };
    consortium.join(&late).await?;
    consortium.members.push(late);
    consortium.rolls_hold(before + 1).await?;
    let refused = consortium.cast(&vote, "latecomer", "agree").await;
    assert!(refused.is_err_and(|error| format!("{error:#}").contains("answered 4")));
    let decided = consortium.decided(&vote).await?;
    assert_eq!(Counted(&decided).turnout(), (cast as u64, before as u64));

    let next = consortium.open(Draft::regular("Rent a third server")).await?;
    consortium.cast(&next, "latecomer", "agree").await?;
    let decided = consortium.decided(&next).await?;
    assert_eq!(Counted(&decided).turnout(), (1, before as u64 + 1));
    consortium.stop().await
}
