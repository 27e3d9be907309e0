//! Bringing the tables up to this version, under a lock: several processes may start on a fresh database at once.

use diesel::{Connection as _, SqliteConnection};
use diesel_async::{AsyncConnection as _, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::error::{Error, Result};

/// Durable at every commit, patient with other processes, strict about references.
pub(super) const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number that other programs on the same database are unlikely to lock: "folkmoot" as bytes.
const ADVISORY_LOCK: i64 = 0x666f_6c6b_6d6f_6f74;

/// Runs what is pending; refuses a database that a newer version has written.
pub async fn run(url: &str) -> Result<()> {
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let path = path.to_owned();
            tokio::task::spawn_blocking(move || sqlite(&path)).await.map_err(Error::away)?
        }
        None => postgres(url).await,
    }
}

fn sqlite(path: &str) -> Result<()> {
    // SQLite's own lock covers one migration at a time, not the choice of what is pending.
    let lock = private(&format!("{path}.lock")).map_err(|error| Error::Gone(format!("{path}: {error}")))?;
    // SQLite's own files take the permissions of this one.
    private(path).map_err(|error| Error::Gone(format!("{path}: {error}")))?;
    lock.lock().map_err(Error::away)?;
    let mut conn = SqliteConnection::establish(path).map_err(Error::away)?;
    diesel::connection::SimpleConnection::batch_execute(&mut conn, SQLITE_PRAGMAS)?;
    apply(&mut conn, SQLITE)
}

/// The file at `path`, which is made for its owner alone where it is missing: it holds digests of passwords.
fn private(path: &str) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

async fn postgres(url: &str) -> Result<()> {
    let mut lock = AsyncPgConnection::establish(url).await.map_err(Error::away)?;
    lock.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).await?;
    let conn = AsyncPgConnection::establish(url).await.map_err(Error::away)?;
    let mut harness = AsyncMigrationHarness::new(conn);
    tokio::task::spawn_blocking(move || apply(&mut harness, POSTGRES)).await.map_err(Error::away)??;
    lock.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).await?;
    Ok(())
}

fn apply<DB, H>(harness: &mut H, embedded: EmbeddedMigrations) -> Result<()>
where
    DB: diesel::backend::Backend,
    H: MigrationHarness<DB>,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    use diesel::migration::MigrationSource as _;
    let other = |error: Box<dyn std::error::Error + Send + Sync>| Error::Other(error.to_string());
    let known: Vec<String> =
        embedded.migrations().map_err(other)?.iter().map(|m| m.name().version().to_string()).collect();
    let applied = harness.applied_migrations().map_err(other)?;
    if let Some(newer) = applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        return Err(Error::Newer(newer));
    }
    harness.run_pending_migrations(embedded).map_err(other)?;
    Ok(())
}
