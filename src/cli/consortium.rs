//! `folkmoot consortium`: founding, invitations and acceptance, from the node's own machine.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Subcommand;
use folkmoot_governance::epoch::Epoch;
use folkmoot_governance::statement::FoundingMember;

use super::{charter, init};
use crate::actions::consortium::{self, Founding};
use crate::actions::standing::{self, State};
use crate::app::App;
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
    Read {
        /// The consortium's id (ni:///sha-256;…), as `folkmoot consortium status` shows it.
        id: String,
        /// Address of a party that has accepted: the invitation is fetched from there, should it not be here.
        #[arg(long)]
        from: Option<String>,
    },
    /// Accept an invitation for this co-op. From then on the node belongs to that consortium, and to no other.
    Accept {
        /// The consortium's id (ni:///sha-256;…), as `folkmoot consortium status` shows it.
        id: String,
        /// Address of a party that has accepted: the invitation is fetched from there, should it not be here.
        #[arg(long)]
        from: Option<String>,
    },
    /// Decline an invitation: it is forgotten, and nobody is told.
    Decline {
        /// The consortium's id (ni:///sha-256;…), as `folkmoot consortium status` shows it.
        id: String,
    },
    /// Mirror the consortium of another node, before this one is admitted as a party.
    Follow {
        /// Address of any node of the consortium. After a lost database run `folkmoot recover` instead.
        address: String,
    },
    /// Where this node stands: invitations, its consortium, and which parties have accepted.
    Status,
}

pub async fn run(command: Consortium, config: &Path) -> anyhow::Result<i32> {
    let app = init::open(config).await?;
    match command {
        Consortium::Found { charter, invite, members } => {
            let charter = charter::read(&charter)?;
            let members = members.iter().map(|text| member(&app, text)).collect::<anyhow::Result<Vec<_>>>()?;
            let founding = Founding { charter, parties: invite, members };
            let id = consortium::found(&app, &init::operator(), founding, app.now()).await?;
            println!("{id}");
            println!("The invitations are on their way; they are delivered while `folkmoot serve` runs.");
            println!("Nothing binding can be decided before every party has accepted on its own node.");
            let mut conn = app.db.read().await?;
            warn_of_few(standing::load(&mut conn).await?.epoch());
        }
        Consortium::Read { id, from } => {
            let (genesis, _) = consortium::invited(&app, id.parse()?, from.as_deref()).await?;
            for party in &genesis.parties {
                println!("Party: {} ({})", party.name, party.node);
            }
            for member in &genesis.members {
                println!("Member from the start: {} ({}), at {}", member.name, member.class, member.sponsor);
            }
            println!();
            charter::explain(&genesis.charter);
            let from = from.map(|address| format!(" --from '{address}'")).unwrap_or_default();
            println!("\nAccept it with: folkmoot consortium accept '{id}'{from}");
        }
        Consortium::Accept { id, from } => {
            consortium::accept(&app, &init::operator(), id.parse()?, from.as_deref(), app.now()).await?;
            println!("Accepted. The other parties learn of it while `folkmoot serve` runs.");
        }
        Consortium::Decline { id } => {
            consortium::decline(&app, &init::operator(), id.parse()?).await?;
            println!("Declined.");
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

/// Below four parties a single node that is lost for good stops all decisions, the one that would replace it included.
fn warn_of_few(epoch: &Epoch) {
    if epoch.quorum() == epoch.n() && epoch.n() > 1 {
        println!("With {} parties every node must answer: when one is lost, nothing can be decided.", epoch.n());
        println!("From four parties on one may be down, from seven two, and so on.");
    }
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
        println!("  read it with: folkmoot consortium read '{}'", row.id);
    }
    let Some(standing) = standing::find(&mut conn).await? else {
        println!("This node belongs to no consortium.");
        return Ok(());
    };
    let ratification = standing::ratification(&mut conn, &standing).await?;
    println!("{} ({})", standing.epoch().charter.name, standing.id);
    let in_force = match standing.state {
        State::Ratified => "The charter is in force",
        State::Proposed => "The charter is proposed: nothing binding can be decided before every party has accepted it",
    };
    println!("{in_force}.");
    println!(
        "Epoch {}, {} parties, {} must agree",
        standing.epoch().number,
        standing.epoch().n(),
        standing.epoch().quorum()
    );
    warn_of_few(standing.epoch());
    if standing.own_journal(app).is_none() {
        println!("The consortium does not know this node with its key: it follows, and signs nothing.");
    }
    for party in &standing.epoch().parties {
        // Only founding parties accept; later ones are admitted by decision.
        let missing = ratification.missing.contains(&party.node);
        let state = if missing { "has not accepted the charter yet, as far as this node knows" } else { "accepted" };
        println!("  {:<30} {:<40} {state}", party.name, party.node);
    }
    Ok(())
}
