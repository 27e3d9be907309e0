//! `folkmoot account`: people who sign in at this node, from the node's own machine.

use std::path::Path;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::init;
use crate::actions::accounts;
use crate::storage::accounts as rows;

/// How many accounts are read at a time.
const LISTED_AT_ONCE: usize = 500;

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Add somebody who can sign in. For a member who asked to join, the stewards' page does this by itself.
    Add {
        login: String,
        #[command(flatten)]
        password: NewPassword,
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
        password: NewPassword,
    },
    /// Make somebody a steward, who may admit members and look after the node.
    Steward {
        login: String,
        /// Take it back instead.
        #[arg(long)]
        remove: bool,
    },
    /// Take somebody's account away. Whoever is signed in with it is signed out; a membership on the roll stays.
    Remove { login: String },
    /// Everybody who has an account.
    List,
}

#[derive(Debug, Args)]
pub struct NewPassword {
    /// Made and printed once when absent. Better in the environment than on the command line, where others see it.
    #[arg(long, env = "FOLKMOOT_PASSWORD", hide_env_values = true)]
    password: Option<String>,
}

impl NewPassword {
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
        Account::Remove { login } => {
            accounts::remove(&app, &init::operator(), &login).await?;
            println!("{login} has no account here any more.");
        }
        Account::List => {
            let mut conn = app.db.read().await?;
            println!("{:<24} {:<24} {:<30} ROLE", "LOGIN", "PERSON", "NAME");
            let mut last = String::new();
            while let some = rows::after(&mut conn, &last, LISTED_AT_ONCE).await?
                && !some.is_empty()
            {
                for row in &some {
                    let role = if row.steward { "steward" } else { "" };
                    println!("{}", format!("{:<24} {:<24} {:<30} {role}", row.login, row.person, row.name).trim_end());
                }
                last = some.last().map(|row| row.login.clone()).unwrap_or_default();
            }
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const PASSWORD: &str = "a long password";

    async fn run_on(path: &Path, command: Account) -> anyhow::Result<i32> {
        run(command, path).await
    }

    fn password(text: &str) -> NewPassword {
        NewPassword { password: Some(text.into()) }
    }

    #[tokio::test]
    async fn a_sysadmin_lets_people_in_and_out() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("folkmoot.toml");
        let text = format!(
            "[node]\nname = 'A'\nhandle = 'a'\naddress = 'https://a.example'\ndata = '{}'\n",
            place.path().join("data").display()
        );
        let config = Config::parse(&text, std::iter::empty()).expect("valid");
        let token = init::set_up(&config, &text, &path, "steward", PASSWORD).await.expect("set up");
        let app = init::open(&path).await.expect("opened");
        let session =
            accounts::open_session(&app, "steward", PASSWORD, init::HERE, app.now()).await.expect("signed in");

        let reset = Account::Password { login: "steward".into(), password: password("another password") };
        run_on(&path, reset).await.expect("a new password");
        // Whoever had the old password is out, browsers and programs alike.
        assert!(accounts::by_bearer(&app, &token).await.expect("asked").is_none());
        assert!(accounts::session(&app, &session.secret, app.now()).await.expect("asked").is_none());
        accounts::check(&app, "steward", PASSWORD, init::HERE, app.now()).await.expect_err("the old password");
        accounts::check(&app, "steward", "another password", init::HERE, app.now()).await.expect("the new password");

        let remove = || Account::Steward { login: "steward".into(), remove: true };
        let last = run_on(&path, remove()).await.expect_err("the only steward");
        assert!(last.to_string().contains("only steward"), "{last}");
        let ada = || "ada".to_owned();
        let add = |login| Account::Add {
            login,
            password: password(PASSWORD),
            name: String::new(),
            person: None,
            steward: false,
        };
        run_on(&path, add(ada())).await.expect("added");
        run_on(&path, add(ada())).await.expect_err("taken");
        run_on(&path, Account::Steward { login: ada(), remove: false }).await.expect("a steward");
        run_on(&path, remove()).await.expect("another one is left");
        assert!(accounts::check(&app, "ada", PASSWORD, init::HERE, app.now()).await.expect("signed in").steward);
        let nobody = Account::Password { login: "nobody".into(), password: password(PASSWORD) };
        run_on(&path, nobody).await.expect_err("no such account");

        // Whoever is taken away is out at once, and cannot come back.
        let session = accounts::open_session(&app, "ada", PASSWORD, init::HERE, app.now()).await.expect("signed in");
        let remove = |login: &str| Account::Remove { login: login.into() };
        let last = run_on(&path, remove("ada")).await.expect_err("the only steward");
        assert!(last.to_string().contains("only steward"), "{last}");
        run_on(&path, Account::Steward { login: "steward".into(), remove: false }).await.expect("a steward again");
        run_on(&path, remove("ada")).await.expect("taken away");
        assert!(accounts::session(&app, &session.secret, app.now()).await.expect("asked").is_none());
        accounts::check(&app, "ada", PASSWORD, init::HERE, app.now()).await.expect_err("no account");
        run_on(&path, remove("ada")).await.expect_err("no such account");
    }
}
