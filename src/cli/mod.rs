//! The command line: one file per subcommand. Commands act through the same actions as every other door.

mod account;
mod charter;
mod consortium;
mod demo;
mod doctor;
mod export;
mod init;
mod key;
mod migrate;
mod node_client;
mod rebuild;
mod recover;
mod serve;
mod verify;
mod vote;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Co-operatives govern what they hold in common, each on its own node.
#[derive(Debug, Parser)]
#[command(name = "folkmoot", version)]
struct Arguments {
    /// The node's configuration file.
    #[arg(long, global = true, env = "FOLKMOOT_CONFIG", default_value = "folkmoot.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    /// Run the node.
    Serve,
    /// Check configuration, keys, database, clock and peers, and say what to mend.
    Doctor(doctor::Doctor),
    /// Bring the database up to this version and end.
    Migrate,
    /// Read and check charter files.
    #[command(subcommand)]
    Charter(charter::Charter),
    /// Found a consortium, read an invitation, accept it.
    #[command(subcommand)]
    Consortium(consortium::Consortium),
    /// People who sign in at this node.
    #[command(subcommand)]
    Account(account::Account),
    /// Keys that members hold themselves.
    #[command(subcommand)]
    Key(key::Key),
    Vote(vote::Vote),
    Export(export::Export),
    Verify(verify::Verify),
    Rebuild(rebuild::Rebuild),
    Recover(recover::Recover),
}

/// Runs the command line and gives the status of the process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run(arguments)));
    match outcome {
        Ok(status) => u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("folkmoot: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<i32> {
    let config = &arguments.config;
    match arguments.command {
        Command::Demo(command) => demo::run(command).await,
        Command::Init(command) => init::run(command, config).await,
        Command::Serve => serve::run(config).await,
        Command::Doctor(command) => doctor::run(command, config).await,
        Command::Migrate => migrate::run(config).await,
        Command::Charter(command) => charter::run(command),
        Command::Consortium(command) => consortium::run(command, config).await,
        Command::Account(command) => account::run(command, config).await,
        Command::Key(command) => key::run(command),
        Command::Vote(command) => vote::run(command).await,
        Command::Export(command) => export::run(command, config).await,
        Command::Verify(command) => verify::run(command),
        Command::Rebuild(command) => rebuild::run(command, config).await,
        Command::Recover(command) => recover::run(command, config).await,
    }
}
