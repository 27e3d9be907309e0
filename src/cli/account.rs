//! `folkmoot account`: people who sign in at this node, from the node's own machine.

use std::path::Path;

use anyhow::Context;
use clap::Subcommand;

use super::init;
use crate::actions::accounts;
use crate::storage::accounts as rows;

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Add somebody.
    Add {
        login: String,
        #[arg(long, env = "FOLKMOOT_PASSWORD", hide_env_values = true)]
        password: String,
        /// Shown name.
        #[arg(long, default_value = "")]
        name: String,
        /// Member id that the person votes as or holds mandates under; the login when absent.
        #[arg(long)]
        person: Option<String>,
        /// May admit members and look after the node.
        #[arg(long)]
        steward: bool,
    },
    /// Everybody who has an account.
    List,
}

pub async fn run(command: Account, config: &Path) -> anyhow::Result<i32> {
    let app = init::open(config).await?;
    match command {
        Account::Add { login, password, name, person, steward } => {
            let person = person.map(|text| text.parse()).transpose().context("--person")?;
            accounts::create(&app, &login, &password, person, &name, steward, app.now()).await?;
            println!("{login} can sign in.");
        }
        Account::List => {
            let mut conn = app.db.read().await?;
            for row in rows::all(&mut conn).await? {
                let role = if row.steward { "steward" } else { "" };
                println!("{:<24} {:<24} {:<30} {role}", row.login, row.person, row.name);
            }
        }
    }
    Ok(0)
}
