//! A database of its own for a node, on the server that `FOLKMOOT_TEST_POSTGRES` names.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, bail};
use tokio::process::Command;

const VARIABLE: &str = "FOLKMOOT_TEST_POSTGRES";

/// Whether there is a server to test with.
pub fn is_available() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty())
}

/// Makes an empty database and gives its URL.
pub async fn create_database() -> anyhow::Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = std::env::var(VARIABLE).with_context(|| format!("{VARIABLE} is set"))?;
    let name = format!("federation_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    psql(&server, &format!("create database {name}")).await?;
    let (before, _) = server.rsplit_once('/').context("the URL names a database")?;
    Ok(format!("{before}/{name}"))
}

/// Removes a database while its node is down.
pub async fn drop_database(url: &str) -> anyhow::Result<()> {
    let server = std::env::var(VARIABLE).with_context(|| format!("{VARIABLE} is set"))?;
    let (_, name) = url.rsplit_once('/').context("the URL names a database")?;
    psql(&server, &format!("drop database {name} with (force)")).await?;
    Ok(())
}

/// The one number that a query gives.
pub async fn number(url: &str, sql: &str) -> anyhow::Result<u64> {
    let text = psql(url, sql).await?;
    text.trim().parse().with_context(|| format!("{sql}: {text}"))
}

async fn psql(url: &str, sql: &str) -> anyhow::Result<String> {
    let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, url];
    let output = Command::new("psql").args(arguments).output().await?;
    if !output.status.success() {
        bail!("psql: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
