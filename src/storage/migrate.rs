//! Bringing the tables up to this version, under a lock: several processes may start on a fresh database at once.

use std::fs::TryLockError;
use std::time::{Duration, Instant};

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

/// How long a start waits for another process that changes the tables.
const LOCK_MOST: Duration = Duration::from_secs(60);

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
    let away = |error: &dyn std::fmt::Display| Error::Gone(format!("{path}: {error}"));
    // SQLite's own lock covers one migration at a time, not the choice of what is pending.
    let lock = private(&format!("{path}.lock")).map_err(|error| away(&error))?;
    // SQLite's own files take the permissions of this one.
    private(path).map_err(|error| away(&error))?;
    let given_up = Instant::now() + LOCK_MOST;
    while let Err(error) = lock.try_lock() {
        match error {
            TryLockError::WouldBlock if Instant::now() < given_up => std::thread::sleep(Duration::from_millis(20)),
            TryLockError::WouldBlock => return Err(Error::Busy("another process is changing its tables".into())),
            TryLockError::Error(error) => return Err(away(&error)),
        }
    }
    let mut conn = SqliteConnection::establish(path).map_err(|error| away(&error))?;
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
    lock.batch_execute(&format!("SET lock_timeout = '{}s'", LOCK_MOST.as_secs())).await?;
    // Goes with the connection, whatever happens.
    lock.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).await?;
    let conn = AsyncPgConnection::establish(url).await.map_err(Error::away)?;
    let mut harness = AsyncMigrationHarness::new(conn);
    tokio::task::spawn_blocking(move || apply(&mut harness, POSTGRES)).await.map_err(Error::away)?
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

/// Makes only the tables of the first version.
#[cfg(test)]
pub(super) async fn run_first(url: &str) -> Result<()> {
    let other = |error: Box<dyn std::error::Error + Send + Sync>| Error::Other(error.to_string());
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let mut conn = SqliteConnection::establish(path).map_err(Error::away)?;
            conn.run_next_migration(SQLITE).map_err(other)?;
        }
        None => {
            let conn = AsyncPgConnection::establish(url).await.map_err(Error::away)?;
            let mut harness = AsyncMigrationHarness::new(conn);
            let run = move || harness.run_next_migration(POSTGRES).map(drop);
            tokio::task::spawn_blocking(run).await.map_err(Error::away)?.map_err(other)?;
        }
    }
    Ok(())
}

/// The versions that the program knows for SQLite and for PostgreSQL.
#[cfg(test)]
pub(super) fn versions() -> (Vec<String>, Vec<String>) {
    use diesel::migration::MigrationSource;
    fn of<DB: diesel::backend::Backend>(embedded: &impl MigrationSource<DB>) -> Vec<String> {
        let all = embedded.migrations().expect("embedded migrations");
        all.iter().map(|migration| migration.name().version().to_string()).collect()
    }
    (of::<diesel::sqlite::Sqlite>(&SQLITE), of::<diesel::pg::Pg>(&POSTGRES))
}

/// Undoes every migration, for the tests of `down.sql`.
#[cfg(test)]
pub(super) async fn revert(url: &str) -> Result<()> {
    let other = |error: Box<dyn std::error::Error + Send + Sync>| Error::Other(error.to_string());
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let mut conn = SqliteConnection::establish(path).map_err(Error::away)?;
            conn.revert_all_migrations(SQLITE).map_err(other)?;
        }
        None => {
            let conn = AsyncPgConnection::establish(url).await.map_err(Error::away)?;
            let mut harness = AsyncMigrationHarness::new(conn);
            let revert = move || harness.revert_all_migrations(POSTGRES).map(drop);
            tokio::task::spawn_blocking(revert).await.map_err(Error::away)?.map_err(other)?;
        }
    }
    Ok(())
}
