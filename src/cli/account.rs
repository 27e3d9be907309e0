//! `folkmoot account`: people who sign in at this node, from the node's own machine.

use std::path::Path;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::init;
use crate::actions::accounts;
use crate::storage::accounts as rows;

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Add somebody who can sign in. For a member who asked to join, the stewards' page does this by itself.
    Add {
        login: String,
        #[command(flatten)]
        password: Password,
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
    /// Give somebody a new password. Every browser and program that was signed in with the account is signed out.
    Password {
        login: String,
        #[command(flatten)]
        password: Password,
    },
    /// Make somebody a steward, who may admit members and look after the node.
    Steward {
        login: String,
        /// Take it back instead.
        #[arg(long)]
        remove: bool,
    },
    /// Everybody who has an account.
    List,
}

#[derive(Debug, Args)]
pub struct Password {
    /// Made and printed once when absent. Better in the environment than on the command line, where others see it.
    #[arg(long, env = "FOLKMOOT_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

impl Password {
    /// The password, and what to tell about it.
    fn choose(self) -> (String, String) {
        match self.password {
            Some(password) => (password, String::new()),
            None => {
                let made = init::make_password();
                let told = format!(" The password is {made} (shown this once).");
                (made, told)
            }
        }
    }
}

pub async fn run(command: Account, config: &Path) -> anyhow::Result<i32> {
    let app = init::open(config).await?;
    match command {
        Account::Add { login, password, name, person, steward } => {
            let person = person.map(|text| text.parse()).transpose().context("--person")?;
            let (password, told) = password.choose();
            accounts::create(&app, &login, &password, person, &name, steward, app.now()).await?;
            println!("{login} can sign in.{told}");
        }
        Account::Password { login, password } => {
            let (password, told) = password.choose();
            accounts::reset_password(&app, &login, &password).await?;
            println!("{login} has a new password and is signed out everywhere.{told}");
        }
        Account::Steward { login, remove } => {
            accounts::set_steward(&app, &login, !remove).await?;
            println!("{login} is {} steward.", if remove { "no longer a" } else { "a" });
        }
        Account::List => {
            let mut conn = app.db.read().await?;
            println!("{:<24} {:<24} {:<30} ROLE", "LOGIN", "PERSON", "NAME");
            for row in rows::all(&mut conn).await? {
                let role = if row.steward { "steward" } else { "" };
                println!("{}", format!("{:<24} {:<24} {:<30} {role}", row.login, row.person, row.name).trim_end());
            }
        }
    }
    Ok(0)
}
