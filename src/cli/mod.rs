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
#[command(name = "folkmoot", version, after_help = AFTER_HELP)]
struct Arguments {
    /// The node's configuration file; every value in it can be overridden, see `folkmoot help serve`.
    #[arg(long, global = true, env = "FOLKMOOT_CONFIG", default_value = "folkmoot.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
First steps:
  folkmoot demo --nodes 4        a whole consortium on this machine, to look at
  folkmoot init --help           set up the node of a co-op
  folkmoot serve                 run it
  folkmoot doctor                what is wrong, and what to mend

Every command ends with status 0 when all is well, 1 when something is wrong, 2 when it was called wrongly.";

const SERVE_HELP: &str = "\
Each value of the configuration can be overridden by an environment variable FOLKMOOT_SECTION_KEY, such as
FOLKMOOT_DATABASE_URL=postgres://… or FOLKMOOT_LOG_FILTER=folkmoot=debug,info.

SIGTERM and Ctrl-C stop the node: requests under way are answered first, and nothing that was answered is lost. Several
processes may serve one PostgreSQL database with the same configuration and keys.";

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    /// Run the node until it is asked to stop.
    #[command(after_help = SERVE_HELP)]
    Serve,
    Doctor(doctor::Doctor),
    /// Bring the database up to this version and end; `serve` does the same when it starts.
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
    end_quietly_when_nobody_reads();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run(arguments)));
    match outcome {
        Ok(status) => u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("folkmoot: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes in one line. Many of our errors repeat their cause in their own words: it is said once.
fn sentence(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        let cause = cause.trim();
        if said.contains(cause) {
            continue;
        }
        if !said.is_empty() {
            said.push_str(": ");
        }
        said.push_str(cause);
    }
    said
}

/// `folkmoot verify FILE | head -3` closes the pipe early, and `println!` panics then. The panic may run its course, so
/// that a demonstration still stops its nodes, but nobody is shown a backtrace for it.
fn end_quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if !text.starts_with("failed printing to std") {
            usual(panic);
        }
    }));
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

#[cfg(test)]
mod tests {
    use anyhow::Context as _;
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_cause_is_said_once() {
        let cause = std::io::Error::from(std::io::ErrorKind::NotFound);
        let twice = format!("a.toml cannot be read: {cause}. Run init.");
        let error = anyhow::Error::from(cause).context(twice.clone());
        assert_eq!(sentence(&error), twice);
        let error = Err::<(), _>(std::fmt::Error).context("the file is gone").expect_err("failed");
        assert_eq!(sentence(&error), format!("the file is gone: {}", std::fmt::Error));
    }
}
