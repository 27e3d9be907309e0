//! A party leaves and another gets a new key by one decision: who remains decides by the next epoch's numbers.

use serde_json::{Value, json};

use crate::harness::process::{Database, folkmoot, text_of};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{PATIENCE_SECONDS, Plan};

on_both_databases!(parties_that_remain_decide_in_the_next_epoch);

async fn parties_that_remain_decide_in_the_next_epoch(database: Database) -> anyhow::Result<()> {
    let mut consortium = Plan::new(5).on(database).found().await?;
    let members = consortium.members.len();
    let next_key = consortium.nodes[3].folder.join("next.key");
    let next_key = next_key.to_str().expect("a path in UTF-8").to_owned();
    let key = text_of(&["key", "new"], &folkmoot(&["key", "new", "--output", &next_key]).await?)?;
    let [changing, leaving] = [3, 4].map(|position: usize| format!("{}/actor", consortium.nodes[position].address));
    let remove = json!({"type": "RemoveParty", "node": leaving});
    let change = json!({"type": "ChangeKey", "node": changing, "key": key.trim()});
    let mut draft = Draft::constitutional("Let the fifth co-op go, and give the fourth a new key", remove);
    draft.effects.push(change);
    let vote = consortium.open(draft.lasting(8)).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    let decided = consortium.decided(&vote).await?;
    assert!(Counted(&decided).passed());
    assert_eq!(Counted(&decided).turnout(), (cast as u64, members as u64), "the leaving party's members still vote");
    let remaining = |state: &Value| {
        let parties = state["parties"].as_array();
        state["epoch"] == 1
            && parties
                .is_some_and(|parties| parties.len() == 4 && parties.iter().all(|p| p["node"] != leaving.as_str()))
    };
    for node in &consortium.nodes {
        node.until("/api/v1/consortium", "four parties remain in epoch 1", PATIENCE_SECONDS, remaining).await?;
    }

    consortium.nodes[4].stop().await?;
    consortium.nodes[3].stop().await?;
    std::fs::rename(&next_key, consortium.nodes[3].folder.join("data/keys/statement.key"))?;
    consortium.nodes[3].start().await?;
    let gone = consortium.members.iter().filter(|member| member.node == 4).count();
    consortium.rolls_hold(members - gone).await?;

    // With another node down, three of four must agree, and one of them by its new key.
    let next = consortium.open(Draft::regular("Rent a second server").lasting(10)).await?;
    let cast = consortium.cast_planned(&next, |member| member.node < 4).await?;
    consortium.journals_are_certified().await?;
    consortium.nodes[2].stop().await?;
    let decided = consortium.decided(&next).await?;
    assert_eq!(decided["epoch"], 1);
    assert_eq!(Counted(&decided).turnout(), (cast as u64, (members - gone) as u64));
    consortium.nodes[2].start().await?;
    assert_eq!(consortium.decided(&next).await?["value"], decided["value"]);
    consortium.nobody_is_at_fault().await?;
    consortium.stop().await
}
