//! Opening a database by its address, and the one way to read and to write.
//! SQLite writes share commits: callers run one after another on the one writing connection, each in a savepoint of
//! its own, and whoever comes to the lock with nobody waiting before it commits for all.

use std::sync::Arc;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use tokio::sync::{Mutex, MutexGuard, watch};

use super::error::{Error, Result};
use super::migrate;

pub(super) type Lite = SyncConnectionWrapper<SqliteConnection>;
pub(super) type Pg = AsyncPgConnection;

/// Most writes that share one commit.
const GROUP_MOST: usize = 256;
/// Connections for reading (SQLite), or altogether (PostgreSQL).
const CONNECTIONS: usize = 8;
/// How long a caller waits for a free connection before the database counts as away.
const WAIT: Duration = Duration::from_secs(10);

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
    Sqlite { writer: Arc<Mutex<Writer>>, readers: Pool<Lite> },
    Postgres(Pool<Pg>),
}

/// The one connection that writes to SQLite.
struct Writer {
    conn: Conn,
    group: Option<Group>,
    /// A caller went away in the middle of its savepoint; that is undone before anything else.
    abandoned: bool,
}

/// Writes that will be committed together.
struct Group {
    size: usize,
    done: watch::Sender<Option<Result<(), String>>>,
}

impl Database {
    /// Opens `sqlite:PATH` or `postgres://…` and brings its tables up to this version.
    pub async fn open(url: &str) -> Result<Self> {
        migrate::run(url).await?;
        let Some(path) = url.strip_prefix("sqlite:") else {
            let mut config = ManagerConfig::default();
            config.recycling_method = RecyclingMethod::Fast;
            let manager = AsyncDieselConnectionManager::<Pg>::new_with_config(url, config);
            let pool = Pool::builder(manager).max_size(CONNECTIONS);
            return Ok(Self(Kind::Postgres(pool.build().map_err(Error::away)?)));
        };
        let readers = lite_pool(path, CONNECTIONS)?;
        let conn = Conn::Sqlite(lite_pool(path, 1)?.get().await.map_err(Error::away)?);
        let writer = Arc::new(Mutex::new(Writer { conn, group: None, abandoned: false }));
        Ok(Self(Kind::Sqlite { writer, readers }))
    }

    /// A connection for reading. What is written on it is not part of any transaction: use [`Database::write`].
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
        match &self.0 {
            Kind::Sqlite { writer, .. } => write_sqlite(writer, action).await,
            Kind::Postgres(pool) => write_postgres(Conn::Postgres(Box::new(checkout(pool.get()).await?)), action).await,
        }
    }
}

/// A connection from a pool, or word that the database does not answer.
async fn checkout<T, E: std::fmt::Display>(get: impl Future<Output = Result<T, E>>) -> Result<T> {
    match tokio::time::timeout(WAIT, get).await {
        Ok(object) => object.map_err(Error::away),
        Err(_) => Err(Error::Gone("every connection is busy".into())),
    }
}

/// A pool whose connections are durable at every commit, patient with other processes, and strict about references.
fn lite_pool(path: &str, size: usize) -> Result<Pool<Lite>> {
    let mut config = ManagerConfig::<Lite>::default();
    // The default asks the database a question on every checkout.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|path| {
        Box::pin(async move {
            let mut conn = Lite::establish(path).await?;
            let prepared = conn.batch_execute(migrate::SQLITE_PRAGMAS).await;
            prepared.map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?;
            Ok(conn)
        })
    });
    let manager = AsyncDieselConnectionManager::<Lite>::new_with_config(path, config);
    let builder = Pool::builder(manager).max_size(size);
    builder.build().map_err(Error::away)
}

/// Takes a connection whose transaction was left open out of the pool: put back, it would hold its locks until the
/// next checkout.
struct Checkout(Option<Conn>);

impl Drop for Checkout {
    fn drop(&mut self) {
        if let Some(Conn::Postgres(object)) = self.0.take() {
            drop(Object::take(*object));
        }
    }
}

async fn write_postgres<T, E, F>(conn: Conn, action: F) -> Result<T, E>
where
    F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
    E: From<Error>,
{
    let mut checkout = Checkout(Some(conn));
    let conn = checkout.0.as_mut().expect("just put there");
    conn.batch("BEGIN").await?;
    let result = action(conn).await;
    match result {
        Ok(value) => {
            conn.batch("COMMIT").await?;
            // Whole again: it may go back.
            drop(checkout.0.take());
            Ok(value)
        }
        Err(error) => {
            if conn.batch("ROLLBACK").await.is_ok() {
                drop(checkout.0.take());
            }
            Err(error)
        }
    }
}

/// Marks the writer when its caller goes away in the middle of a savepoint.
struct Attempt<'a> {
    writer: MutexGuard<'a, Writer>,
    finished: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.writer.abandoned |= !self.finished;
    }
}

async fn write_sqlite<T, E, F>(writer: &Mutex<Writer>, action: F) -> Result<T, E>
where
    F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
    E: From<Error>,
{
    let (value, mut done) = {
        let mut attempt = Attempt { writer: writer.lock().await, finished: true };
        attempt.writer.begin().await?;
        attempt.finished = false;
        attempt.writer.conn.batch("SAVEPOINT one").await?;
        let result = action(&mut attempt.writer.conn).await;
        let after = match &result {
            Ok(_) => attempt.writer.conn.batch("RELEASE one").await,
            Err(_) => attempt.writer.conn.batch("ROLLBACK TO one; RELEASE one").await,
        };
        attempt.finished = after.is_ok();
        after?;
        let value = match result {
            Ok(value) => value,
            Err(error) => {
                // Others may wait for this commit; alone, there is nothing to commit.
                if attempt.writer.group.as_ref().is_some_and(|group| group.size == 0) {
                    attempt.writer.commit().await?;
                }
                return Err(error);
            }
        };
        let group = attempt.writer.group.as_mut().expect("begun above");
        group.size += 1;
        let done = group.done.subscribe();
        if group.size >= GROUP_MOST {
            attempt.writer.commit().await?;
        }
        (value, done)
    };
    // The lock is fair: whoever was waiting writes first, and joins the group.
    loop {
        if let Some(result) = done.borrow_and_update().clone() {
            return result.map(|()| value).map_err(|detail| Error::of_commit(detail).into());
        }
        tokio::select! {
            biased;
            _ = done.changed() => {}
            mut writer = writer.lock() => {
                if done.borrow().is_none() {
                    writer.begin().await?;
                    writer.commit().await?;
                }
            }
        }
    }
}

impl Writer {
    /// Opens a group's transaction unless one is open, and undoes what a vanished caller left.
    async fn begin(&mut self) -> Result<()> {
        if self.abandoned {
            // Its savepoint may or may not exist; either way nothing of it stays.
            let _ = self.conn.batch("ROLLBACK TO one; RELEASE one").await;
            self.abandoned = false;
        }
        if self.group.is_none() {
            self.conn.batch("BEGIN IMMEDIATE").await?;
            self.group = Some(Group { size: 0, done: watch::Sender::new(None) });
        }
        Ok(())
    }

    /// Commits for everybody in the group and tells them.
    async fn commit(&mut self) -> Result<()> {
        let Some(group) = self.group.take() else { return Ok(()) };
        let result = self.conn.batch("COMMIT").await;
        if result.is_err() {
            // A commit that failed for want of space leaves the transaction open.
            let _ = self.conn.batch("ROLLBACK").await;
        }
        group.done.send_replace(Some(result.map_err(|error| error.to_string())));
        Ok(())
    }
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
