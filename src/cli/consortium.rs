//! `folkmoot consortium`: founding, invitations and acceptance, from the node's own machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use folkmoot_governance::id::MemberId;
use folkmoot_governance::statement::{FoundingMember, Genesis};

use super::init;
use crate::actions::consortium::{self, Founding};
use crate::actions::{Person, standing};
use crate::app::App;
use crate::charters;
use crate::storage::consortium as rows;

#[derive(Debug, Subcommand)]
pub enum Consortium {
    /// Found a consortium under a charter and invite the other parties by address.
    Found {
        /// Charter file (TOML); see `folkmoot charter preset`.
        charter: PathBuf,
        /// Address of a party's node; once for each, in the order of the parties.
        #[arg(long = "invite")]
        invite: Vec<String>,
        /// An organisation that is a member from the start: CLASS:ID:NAME, or CLASS:ID:NAME:ADDRESS of its node.
        #[arg(long = "member")]
        members: Vec<String>,
    },
    /// Read the charter of an invitation in sentences.
    Read { id: String },
    /// Accept an invitation for this co-op. From then on the node belongs to that consortium.
    Accept { id: String },
    /// Mirror the consortium of another node, before this one is admitted as a party or gets its new key.
    Follow { address: String },
    /// Where this node stands.
    Status,
}

/// Whoever may use the node's machine and keys is its steward.
fn operator() -> anyhow::Result<Person> {
    let person: MemberId = "operator".parse()?;
    Ok(Person { login: "operator".into(), person, name: "Operator of the node".into(), steward: true })
}

pub async fn run(command: Consortium, config: &Path) -> anyhow::Result<i32> {
    let app = init::open(config).await?;
    match command {
        Consortium::Found { charter, invite, members } => {
            let text =
                std::fs::read_to_string(&charter).with_context(|| format!("{} cannot be read", charter.display()))?;
            let charter = charters::parse(&text).with_context(|| format!("{} is not a charter", charter.display()))?;
            let members = members.iter().map(|text| member(&app, text)).collect::<anyhow::Result<Vec<_>>>()?;
            let founding = Founding { charter, parties: invite, members };
            let id = consortium::found(&app, &operator()?, founding, app.now()).await?;
            println!("{id}");
            println!("The invitations are on their way; they are delivered while `folkmoot serve` runs.");
        }
        Consortium::Read { id } => {
            let mut conn = app.db.read().await?;
            let rows = rows::invitations(&mut conn).await?;
            let row = rows.into_iter().find(|row| row.id.to_string() == id).context("there is no such invitation")?;
            let genesis: Genesis = serde_json::from_slice(&row.genesis)?;
            for party in &genesis.parties {
                println!("Party: {} ({})", party.name, party.node);
            }
            for sentence in genesis.charter.explain() {
                println!("{sentence}");
            }
        }
        Consortium::Accept { id } => {
            consortium::accept(&app, &operator()?, id.parse()?, app.now()).await?;
            println!("Accepted. The other parties learn of it while `folkmoot serve` runs.");
        }
        Consortium::Follow { address } => {
            let peer = format!("{}/actor", address.trim_end_matches('/')).parse()?;
            println!("{}", consortium::follow(&app, &peer, app.now()).await?);
            println!("This node's key: {}", app.keys.statement.public());
        }
        Consortium::Status => status(&app).await?,
    }
    Ok(0)
}

/// `CLASS:ID:NAME[:ADDRESS]`; the address may hold colons itself.
fn member(app: &App, text: &str) -> anyhow::Result<FoundingMember> {
    let parts: Vec<&str> = text.splitn(4, ':').collect();
    let [class, member, name, rest @ ..] = parts.as_slice() else {
        bail!("{text}: write CLASS:ID:NAME or CLASS:ID:NAME:ADDRESS");
    };
    let sponsor = match rest.first() {
        Some(address) => format!("{}/actor", address.trim_end_matches('/')).parse()?,
        None => app.node.clone(),
    };
    Ok(FoundingMember { member: member.parse()?, name: (*name).to_owned(), class: (*class).to_owned(), sponsor })
}

async fn status(app: &App) -> anyhow::Result<()> {
    let mut conn = app.db.read().await?;
    for row in rows::invitations(&mut conn).await? {
        println!("Invitation to {} ({}), from {}", row.name, row.id, row.invited_by.unwrap_or_default());
    }
    let Some(standing) = standing::find(&mut conn).await? else {
        println!("This node belongs to no consortium.");
        return Ok(());
    };
    let ratification = standing::ratification(&mut conn, &standing).await?;
    println!("{} ({})", standing.epoch().charter.name, standing.id);
    println!(
        "Epoch {}, {} parties, {} must agree",
        standing.epoch().number,
        standing.epoch().n(),
        standing.epoch().quorum()
    );
    for party in &standing.epoch().parties {
        let state =
            if ratification.missing.contains(&party.node) { "has not accepted the charter yet" } else { "accepted" };
        println!("  {:<30} {:<40} {state}", party.name, party.node);
    }
    Ok(())
}
