//! Two server processes of one node on one PostgreSQL: they share the work and contradict nobody.

use crate::harness::process::{Database, free_address};
use crate::harness::votes::{Counted, Draft};
use crate::harness::{Plan, postgres};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_database_are_one_node() -> anyhow::Result<()> {
    if !postgres::is_available() {
        eprintln!("left out: FOLKMOOT_TEST_POSTGRES names no server");
        return Ok(());
    }
    let consortium = Plan::new(4).on(Database::Postgres).found().await?;
    let mut others = Vec::new();
    for node in &consortium.nodes {
        let listen = free_address()?;
        others.push(node.spawn(listen)?);
        let twin = crate::harness::api::Api::new(format!("http://{listen}"))?;
        crate::harness::process::until_up(&twin).await?;
        node.relay.set_targets(vec![node.listen, listen]);
    }
    for title in ["Rent a second server", "Rent a third server"] {
        let vote = consortium.open(Draft::regular(title).lasting(8)).await?;
        let cast = consortium.everybody_votes(&vote).await?;
        let decided = consortium.decided(&vote).await?;
        assert_eq!(Counted(&decided).turnout().0, cast as u64);
    }
    consortium.nobody_is_at_fault().await?;
    for other in &mut others {
        other.kill().await?;
    }
    consortium.stop().await
}
