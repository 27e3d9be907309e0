//! Opening a database by its address, and the one way to read and to write.

use std::time::Duration;

use diesel::SqliteConnection;
use diesel_async::pooled_connection::deadpool::{Hook, HookError, Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use tokio::time::timeout;

use super::error::{Error, Result};
use super::group::Writer;
use super::migrate;
use super::thread::OwnThread;

pub(super) type Lite = SyncConnectionWrapper<SqliteConnection, OwnThread>;
pub(super) type Pg = AsyncPgConnection;

/// Connections for reading (SQLite), or altogether (PostgreSQL).
const CONNECTIONS: usize = 8;
/// How long a caller waits for a connection, or for its turn to write, before the database counts as busy.
pub(super) const WAIT: Duration = Duration::from_secs(10);
/// How long one action may take: on SQLite nobody else writes meanwhile, and on PostgreSQL it holds its locks.
const ACTION_MOST: Duration = Duration::from_secs(30);
/// COMMIT alone would answer an aborted transaction with a friendly ROLLBACK; the query before it makes it an error.
const COMMIT: &str = "SELECT 1; COMMIT";
/// The server ends what waits or works longer: a client that is cut off cannot say that it has given up.
const POSTGRES_LIMITS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'";

/// A connection of either kind; queries are written once and checked for both, see the `query!` macro.
pub enum Conn {
    Sqlite(Object<Lite>),
    Postgres(Box<Object<Pg>>),
}

/// Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Database(Kind);

#[derive(Clone)]
enum Kind {
    Sqlite { writer: Writer, readers: Pool<Lite> },
    Postgres(Pool<Pg>),
}

impl Database {
    /// Opens `sqlite:PATH` or `postgres://…` and brings its tables up to this version.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, CONNECTIONS).await
    }

    /// As [`Database::open`], with this many connections (SQLite: for reading). With a single one, whoever asks for a
    /// second while it holds the first waits in vain: so tests find what could stand still.
    pub async fn open_with(url: &str, connections: usize) -> Result<Self> {
        migrate::run(url).await?;
        Self::open_as_it_is(url, connections).await
    }

    /// With whatever tables are there.
    pub(super) async fn open_as_it_is(url: &str, connections: usize) -> Result<Self> {
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Ok(Self(Kind::Postgres(postgres_pool(url, connections)?)));
        };
        let readers = lite_pool(path, connections, "PRAGMA query_only = ON;")?;
        Ok(Self(Kind::Sqlite { writer: Writer::open(lite_pool(path, 2, "")?).await?, readers }))
    }

    /// A connection for reading. What is written on it is not part of any transaction: use [`Database::write`].
    /// Give it back before asking for another one, or for a transaction: there may be no more than one.
    pub async fn read(&self) -> Result<Conn> {
        Ok(match &self.0 {
            Kind::Sqlite { readers, .. } => Conn::Sqlite(checkout(readers.get()).await?),
            Kind::Postgres(pool) => Conn::Postgres(Box::new(checkout(pool.get()).await?)),
        })
    }

    /// Runs `action` in one transaction. It answers after the commit; on an error nothing of the action remains.
    pub async fn write<T, E, F>(&self, action: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
        E: From<Error>,
    {
        self.write_within(ACTION_MOST, action).await
    }

    /// As [`Database::write`], with another limit on the time that `action` may take.
    pub async fn write_within<T, E, F>(&self, limit: Duration, action: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
        E: From<Error>,
    {
        match &self.0 {
            Kind::Sqlite { writer, .. } => writer.write(limit, action).await,
            Kind::Postgres(pool) => {
                write_postgres(Conn::Postgres(Box::new(checkout(pool.get()).await?)), limit, action).await
            }
        }
    }
}

#[cfg(test)]
impl Database {
    /// How many commits were begun.
    pub(super) async fn commits(&self) -> u64 {
        match &self.0 {
            Kind::Sqlite { writer, .. } => writer.commits().await,
            Kind::Postgres(_) => panic!("only SQLite's are counted"),
        }
    }
}

/// A connection from a pool, or word that the database does not answer.
async fn checkout<T, E: std::fmt::Display>(get: impl Future<Output = Result<T, E>>) -> Result<T> {
    match timeout(WAIT, get).await {
        Ok(object) => object.map_err(Error::away),
        Err(_) => Err(Error::Busy("every connection is in use".into())),
    }
}

pub(super) fn too_long(limit: Duration) -> Error {
    Error::Busy(format!("it took longer than {} seconds and was given up", limit.as_secs()))
}

/// A pool whose connections are durable at every commit, patient with other processes, and strict about references.
fn lite_pool(path: &str, size: usize, further: &'static str) -> Result<Pool<Lite>> {
    let mut config = ManagerConfig::<Lite>::default();
    // The default asks the database a question on every checkout.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |path| {
        Box::pin(async move {
            let mut conn = Lite::establish(path).await?;
            let prepared = conn.batch_execute(&format!("{}{further}", migrate::SQLITE_PRAGMAS)).await;
            prepared.map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?;
            Ok(conn)
        })
    });
    let manager = AsyncDieselConnectionManager::<Lite>::new_with_config(path, config);
    // Whoever had it may have left in the middle of a statement, and its thread still holds it: the pool would look at
    // its state at once, and panic. What is asked now comes after that statement.
    let free = Hook::async_fn(|conn: &mut Lite, _| {
        Box::pin(async move { conn.batch_execute("").await.map_err(|error| HookError::message(error.to_string())) })
    });
    Pool::builder(manager).max_size(size).pre_recycle(free).build().map_err(Error::away)
}

fn postgres_pool(url: &str, size: usize) -> Result<Pool<Pg>> {
    let mut config = ManagerConfig::<Pg>::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|url| {
        Box::pin(async move {
            let mut conn = Pg::establish(url).await?;
            let prepared = conn.batch_execute(POSTGRES_LIMITS).await;
            prepared.map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?;
            Ok(conn)
        })
    });
    let manager = AsyncDieselConnectionManager::<Pg>::new_with_config(url, config);
    Pool::builder(manager).max_size(size).build().map_err(Error::away)
}

/// Takes a connection whose transaction was left open out of the pool: put back, it would hold its locks until the
/// next checkout.
struct Checkout(Option<Conn>);

impl Checkout {
    /// The transaction is over.
    fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        if let Some(Conn::Postgres(object)) = self.0.take() {
            drop(Object::take(*object));
        }
    }
}

async fn write_postgres<T, E, F>(conn: Conn, limit: Duration, action: F) -> Result<T, E>
where
    F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
    E: From<Error>,
{
    let mut checkout = Checkout(Some(conn));
    let conn = checkout.0.as_mut().expect("just put there");
    let begun = async {
        conn.batch("BEGIN").await?;
        action(conn).await
    };
    // On a timeout the connection is closed, and the server undoes the transaction.
    let result = timeout(limit, begun).await.map_err(|_| too_long(limit))?;
    let conn = checkout.0.as_mut().expect("still there");
    let failed = match result {
        Ok(value) => match within(conn.batch(COMMIT)).await {
            Ok(()) => {
                checkout.give_back();
                return Ok(value);
            }
            Err(error) => Failed::Commit(error),
        },
        Err(error) => Failed::Action(error),
    };
    let undone = within(conn.batch("ROLLBACK")).await.is_ok();
    if undone {
        checkout.give_back();
    }
    Err(match failed {
        Failed::Action(error) => error,
        Failed::Commit(error) if undone => error.into(),
        Failed::Commit(error) => Error::Unsure(error.to_string()).into(),
    })
}

/// Where a transaction failed.
enum Failed<E> {
    Action(E),
    Commit(Error),
}

/// For statements that end a transaction.
async fn within(statement: impl Future<Output = Result<()>>) -> Result<()> {
    timeout(WAIT, statement).await.unwrap_or_else(|_| Err(Error::Gone("it does not answer".into())))
}

impl Conn {
    /// Runs statements without parameters.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql).await?,
            Self::Postgres(conn) => conn.batch_execute(sql).await?,
        }
        Ok(())
    }
}
