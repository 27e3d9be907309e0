//! A PostgreSQL database for one test, on the server that `FOLKMOOT_TEST_POSTGRES` names.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, bail};

const VARIABLE: &str = "FOLKMOOT_TEST_POSTGRES";

/// Removed with the value, so that the disk holds those of the running tests only.
#[derive(Debug)]
pub struct Scratch {
    server: String,
    name: String,
}

/// The server to test with, if there is one.
pub fn server() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|server| !server.is_empty())
}

impl Scratch {
    /// Makes an empty database.
    pub fn create() -> anyhow::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let server = server().with_context(|| format!("{VARIABLE} names no server"))?;
        let name = format!("scratch_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        psql(&server, &format!("create database {name}"))?;
        Ok(Self { server, name })
    }

    /// Its address: the server's, with another name and the same options.
    pub fn url(&self) -> String {
        let (base, options) = match self.server.split_once('?') {
            Some((base, options)) => (base, format!("?{options}")),
            None => (self.server.as_str(), String::new()),
        };
        let base = base.rsplit_once('/').map_or(base, |(base, _)| base);
        format!("{base}/{}{options}", self.name)
    }

    /// What a query gives, as text.
    #[allow(dead_code, reason = "not every test asks behind the program's back")]
    pub fn query(&self, sql: &str) -> anyhow::Result<String> {
        Ok(psql(&self.url(), sql)?.trim().to_owned())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whoever is still connected belongs to the test that is over.
        if let Err(error) = psql(&self.server, &format!("drop database {} with (force)", self.name)) {
            eprintln!("{} stays: {error:#}", self.name);
        }
    }
}

fn psql(url: &str, sql: &str) -> anyhow::Result<String> {
    let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, url];
    let output = Command::new("psql").args(arguments).output().context("psql cannot be run")?;
    if !output.status.success() {
        bail!("psql: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
