//! `folkmoot vote`: a ballot signed with one's own key, cast at any node of the consortium.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use clap::Args;
use folkmoot_governance::codec::Unsigned;
use folkmoot_governance::id::Time;
use folkmoot_governance::statement::{Ballot, BlockReason, Body, Signer};

use super::key;
use super::node_client::NodeClient;

/// Cast a ballot with a key of your own; no node can vote in your name.
#[derive(Debug, Args)]
pub struct Vote {
    /// Address of any node of the consortium.
    #[arg(long)]
    node: String,
    /// The proposal's key, as in the address of its page.
    #[arg(long)]
    proposal: String,
    /// Your member id on the roll.
    #[arg(long = "as")]
    member: String,
    /// File of your secret key.
    #[arg(long)]
    key: PathBuf,
    /// What you choose; several times in an approval vote.
    #[arg(long = "choice", required = true)]
    choices: Vec<String>,
    /// Ground of a block, as the charter names it.
    #[arg(long, requires = "reason")]
    ground: Option<String>,
    /// Reason of a block.
    #[arg(long, requires = "ground")]
    reason: Option<String>,
}

pub async fn run(vote: Vote) -> anyhow::Result<i32> {
    let key = key::read_private(&vote.key)?;
    let node = NodeClient::new(&vote.node, None)?;
    let path = format!("/api/v1/proposals/{}/seats/{}", vote.proposal, vote.member);
    let seat = node.get(&path).await?;
    let number = |name: &str| seat[name].as_u64().with_context(|| format!("the node did not say the {name}"));
    let text = |name: &str| seat[name].as_str().with_context(|| format!("the node did not say the {name}"));
    let options: Vec<&str> = seat["options"].as_array().into_iter().flatten().filter_map(|o| o.as_str()).collect();
    let mut choices = Vec::new();
    for choice in &vote.choices {
        let Some(position) = options.iter().position(|option| option == choice) else {
            bail!("“{choice}” is not a choice of this vote. Choose: {}", options.join(", "));
        };
        choices.push(u32::try_from(position)?);
    }
    choices.sort_unstable();
    choices.dedup();
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let block = vote.ground.zip(vote.reason).map(|(ground, text)| BlockReason { ground, text });
    let unsigned = Unsigned {
        signer: Signer::Member(key.public()),
        published: Time(i64::try_from(now)?),
        consortium: text("consortium")?.parse()?,
        epoch: number("epoch")?,
        body: Body::Ballot(Ballot {
            proposal: text("proposal")?.parse()?,
            index: u32::try_from(number("index")?)?,
            sequence: number("sequence")? + 1,
            choices,
            block,
        }),
    };
    let signed = unsigned.sign(&key)?;
    let digest = signed.digest;
    let receipt = node.post_bytes("/api/v1/ballots", signed.bytes).await?;
    println!("Your vote is cast: {}", vote.choices.join(", "));
    println!("  ballot   {digest}");
    println!("  receipt  {}", serde_json::to_string(&receipt)?);
    Ok(0)
}
