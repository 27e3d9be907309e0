//! `folkmoot vote`: a ballot signed with one's own key, cast at any node of the consortium.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use clap::Args;
use folkmoot_governance::codec::Unsigned;
use folkmoot_governance::id::Time;
use folkmoot_governance::proposal::CONSENT;
use folkmoot_governance::statement::{Ballot, BlockReason, Body, Signer};

use serde_json::json;

use super::key;
use super::node_client::NodeClient;
use crate::actions::cast_ballot::SEQUENCE_AHEAD_MOST;

/// Cast a ballot with a key of your own; no node can vote in your name.
///
/// Voting again replaces the earlier ballot. Any node of the consortium takes it, not only your own.
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
    /// A token of yours at that node, as the Account page of its site makes them: for a vote that only the consortium sees.
    #[arg(long, env = "FOLKMOOT_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// What you choose; several times in an approval vote.
    #[arg(long = "choice", required = true)]
    choices: Vec<String>,
    /// Ground of a block, as the charter names it.
    #[arg(long, requires = "reason")]
    ground: Option<String>,
    /// Reason of a block.
    #[arg(long, requires = "ground")]
    reason: Option<String>,
    /// Where the node's signed receipt is kept, with the ballot: what any node wants to see (POST /api/v1/faults) should
    /// the ballot ever be missing; `receipt-….json` in this folder by default.
    #[arg(long)]
    receipt: Option<PathBuf>,
}

pub async fn run(vote: Vote) -> anyhow::Result<i32> {
    let key = key::read_private(&vote.key)?;
    let node = NodeClient::new(&vote.node, vote.token)?;
    let path = format!("/api/v1/proposals/{}/seats/{}", vote.proposal, vote.member);
    let seat = node.get(&path).await?;
    let number = |name: &str| seat[name].as_u64().with_context(|| format!("the node did not say the {name}"));
    let text = |name: &str| seat[name].as_str().with_context(|| format!("the node did not say the {name}"));
    let options: Vec<&str> = seat["options"].as_array().into_iter().flatten().filter_map(|o| o.as_str()).collect();
    let choices = positions(&options, &vote.choices)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let block = vote.ground.zip(vote.reason).map(|(ground, text)| BlockReason { ground, text });
    let proposal = text("proposal")?;
    let unsigned = Unsigned {
        signer: Signer::Member(key.public()),
        published: Time(i64::try_from(now)?),
        consortium: text("consortium")?.parse()?,
        epoch: number("epoch")?,
        body: Body::Ballot(Ballot {
            proposal: proposal.parse()?,
            index: u32::try_from(number("index")?)?,
            sequence: next_sequence(number("sequence")?, now)?,
            choices,
            block,
        }),
    };
    let signed = unsigned.sign(&key)?;
    let digest = signed.digest.to_string();
    let ballot = signed.to_value();
    let receipt = node.post_bytes("/api/v1/ballots", signed.bytes).await?;
    println!("Your vote is cast: {}", vote.choices.join(", "));
    if receipt["counts"] == false {
        println!("It does not count: this node knows a later ballot of yours.");
    }
    println!("  proposal  {proposal}");
    println!("  ballot    {digest}");
    println!("  follow    {}/ballots/{digest}", vote.node.trim_end_matches('/'));
    let file = vote.receipt.unwrap_or_else(|| PathBuf::from(format!("receipt-{}.json", &digest[..16])));
    // The ballot is cast by now, whatever becomes of the file.
    let both = json!({"receipt": receipt["receipt"], "ballot": ballot});
    match std::fs::write(&file, serde_json::to_vec_pretty(&both)?) {
        Ok(()) => println!("  receipt   {}, the node's signed promise with your ballot: keep it", file.display()),
        Err(error) => println!("  receipt   {} cannot be written ({error}); it is on the page above", file.display()),
    }
    Ok(0)
}

/// Positions of the chosen options, ascending and each once.
fn positions(options: &[&str], chosen: &[String]) -> anyhow::Result<Vec<u32>> {
    // A ballot says numbers. A node that shows the four words in another order would turn the vote around.
    if options.len() == CONSENT.len() && CONSENT.iter().all(|word| options.contains(word)) && options != CONSENT {
        bail!("this node shows the choices of the vote in a wrong order: do not vote there, and tell its people");
    }
    let mut positions = Vec::new();
    for choice in chosen {
        let Some(position) = options.iter().position(|option| option == choice) else {
            bail!("“{choice}” is not a choice of this vote. Choose: {}", options.join(", "));
        };
        positions.push(u32::try_from(position)?);
    }
    positions.sort_unstable();
    positions.dedup();
    Ok(positions)
}

/// The sequence of the next ballot: the time in seconds, or one more than the node knows. Somebody who votes at one node
/// and changes the vote at another, which has not heard of the first ballot yet, must not use one sequence twice: that
/// would be shown as a fault of the voter, and the smaller digest would count instead of the later choice.
fn next_sequence(known: u64, now: u64) -> anyhow::Result<u64> {
    if known >= now + SEQUENCE_AHEAD_MOST {
        bail!(
            "this node knows a ballot of yours with the sequence {known}, which `folkmoot vote` does not make: ask your \
               node's steward, and whether somebody else has your key"
        );
    }
    Ok(now.max(known + 1))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::{get, post};
    use axum::{Json, Router};
    use clap::Parser as _;

    use super::*;

    /// What a node answers about a vote that is for the consortium alone, to whoever has the token.
    async fn seat(headers: HeaderMap) -> (StatusCode, Json<serde_json::Value>) {
        if headers.get("authorization").is_none_or(|token| token != "Bearer secret") {
            return (StatusCode::UNAUTHORIZED, Json(json!({"detail": "This needs somebody who is signed in."})));
        }
        let (consortium, proposal) = (format!("ni:///sha-256;{}", "A".repeat(43)), "0".repeat(64));
        let seat = json!({"consortium": consortium, "proposal": proposal, "epoch": 0, "index": 3, "sequence": 0,
            "options": CONSENT});
        (StatusCode::OK, Json(seat))
    }

    #[tokio::test]
    async fn a_vote_that_only_the_consortium_sees_takes_a_token() {
        let node = Router::new()
            .route("/api/v1/proposals/{key}/seats/{member}", get(seat))
            .route("/api/v1/ballots", post(async || Json(json!({"receipt": {}}))));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let server = tokio::spawn(async move { axum::serve(listener, node).await });
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ada.key").display().to_string();
        let made = key::Key::New { output: file.clone().into() };
        key::run(made).expect("a key");
        let receipt = folder.path().join("receipt.json").display().to_string();
        let vote = |token: &[&str]| {
            let common = ["vote", "--node", &address, "--proposal", "0123456789abcdef", "--as", "ada", "--key", &file];
            let more = ["--choice", "agree", "--receipt", &receipt];
            let vote = OneVote::try_parse_from([&common[..], &more, token].concat()).expect("a vote");
            run(vote.vote)
        };
        let refused = vote(&["--token", "wrong"]).await.expect_err("nobody the node knows");
        assert!(refused.to_string().contains("signed in"), "{refused}");
        vote(&["--token", "secret"]).await.expect("cast");
        // Any node can be shown both, should the ballot ever be missing.
        let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&receipt).expect("kept")).expect("JSON");
        assert_eq!((&kept["receipt"], kept["ballot"]["object"]["type"].as_str()), (&json!({}), Some("Ballot")));
        server.abort();
    }

    #[derive(clap::Parser)]
    struct OneVote {
        #[command(flatten)]
        vote: Vote,
    }

    #[test]
    fn a_changed_vote_never_has_the_sequence_of_the_first() {
        let first = next_sequence(0, 1_800_000_000).expect("a sequence");
        // A second later, at a node that has not heard of the first ballot; and in the same second, at the same node.
        assert!(next_sequence(0, 1_800_000_001).expect("a sequence") > first);
        assert!(next_sequence(first, 1_800_000_000).expect("a sequence") > first);
        assert!(next_sequence(u64::MAX, 1_800_000_000).is_err());
        // No node would take one more.
        assert!(next_sequence(1_800_000_000 + SEQUENCE_AHEAD_MOST, 1_800_000_000).is_err());
    }

    #[test]
    fn a_node_cannot_turn_a_vote_around() {
        let chosen = ["agree".to_owned()];
        assert_eq!(positions(&CONSENT, &chosen).expect("known"), [0]);
        assert!(positions(&["disagree", "abstain", "agree", "block"], &chosen).is_err());
        assert!(positions(&["red", "green"], &chosen).expect_err("unknown").to_string().contains("red, green"));
        let both = ["green".to_owned(), "red".to_owned(), "green".to_owned()];
        assert_eq!(positions(&["red", "green"], &both).expect("known"), [0, 1]);
    }
}
