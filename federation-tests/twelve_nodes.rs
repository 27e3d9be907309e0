//! The worked example on twelve nodes: 247/360 on each of them, and anybody can check it without a node.

use std::time::Instant;

use anyhow::{Context, ensure};
use folkmoot_governance::fraction::Fraction;
use folkmoot_governance::json::canonical;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Plan;
use crate::harness::process::{Database, folkmoot};
use crate::harness::votes::{Counted, Draft};

on_both_databases!(twelve_nodes_certify_one_decision_that_verifies_offline);

async fn twelve_nodes_certify_one_decision_that_verifies_offline(database: Database) -> anyhow::Result<()> {
    let started = Instant::now();
    let consortium = Plan::new(12).on(database).with_worked_example().found().await?;
    eprintln!("twelve nodes, forty members: {:.1} s", started.elapsed().as_secs_f32());
    let draft = Draft::regular("Rent a second server").lasting(consortium.pace.voting_seconds);
    let vote = consortium.open(draft).await?;
    let cast = consortium.everybody_votes(&vote).await?;
    consortium.voting_is_over(&vote).await?;
    let closed = Instant::now();
    let decision = consortium.decided(&vote).await?;
    eprintln!("certified {:.1} s after the vote closed", closed.elapsed().as_secs_f32());
    let counted = Counted(&decision);
    assert_eq!(counted.result()?, Fraction::new(247, 360));
    assert_eq!(counted.turnout(), (cast as u64, 40));
    assert!(counted.passed());
    consortium.nobody_is_at_fault().await?;

    for position in [0, 7] {
        let node = &consortium.nodes[position];
        let file = node.folder.join("decision.bundle");
        let file = file.to_str().context("a path in UTF-8")?;
        node.run(&["export", &decision["number"].to_string(), "--output", file]).await?;
        let path = format!("/api/v1/decisions/{}/bundle", decision["number"]);
        let bundle = node.public.send(Method::GET, &path, &[], Vec::new()).await?;
        ensure!(bundle.status == 200 && bundle.body == std::fs::read(file)?, "another bundle over HTTP");
        let verified = folkmoot(&["verify", "--json", file]).await?;
        let text = String::from_utf8_lossy(&verified.stdout);
        ensure!(verified.status.success(), "{text}{}", String::from_utf8_lossy(&verified.stderr));
        let verified: Value = serde_json::from_str(&text)?;
        assert_eq!(verified["report"]["outcome"]["count"]["result"], "247/360", "{text}");

        // One ballot turned around: the signature no longer fits.
        let mut changed: Value = serde_json::from_slice(&bundle.body)?;
        let rows = changed["journals"].as_array_mut().into_iter().flatten();
        let mut rows = rows.flat_map(|journal| journal["ballots"].as_array_mut().into_iter().flatten());
        let row = rows.find(|row| row[3] == json!([0])).context("somebody agreed")?;
        row[3] = json!([2]);
        std::fs::write(file, canonical(&changed))?;
        let refused = folkmoot(&["verify", file]).await?;
        let said = String::from_utf8_lossy(&refused.stdout).into_owned() + &String::from_utf8_lossy(&refused.stderr);
        ensure!(!refused.status.success() && said.to_lowercase().contains("ballot"), "{said}");
    }
    consortium.stop().await
}
