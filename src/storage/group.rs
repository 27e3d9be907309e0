//! SQLite's one writing connection. Callers run one after another, each in a savepoint of its own, and share commits:
//! whoever finds no transaction opens one and sends for a commit, which takes its place behind all who wait by then.
//! The commit is no caller's work, so callers may leave at any time.

use std::sync::Arc;
use std::time::Duration;

use diesel_async::pooled_connection::deadpool::{Object, Pool};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::timeout;

use super::database::{Conn, Lite, WAIT, too_long};
use super::error::{Error, Result};

/// Most writes that share one commit.
const GROUP_MOST: usize = 1024;

/// Callers queue for it in order of arrival.
#[derive(Clone)]
pub(super) struct Writer(Arc<Mutex<State>>);

struct State {
    conn: Conn,
    /// Where another connection comes from when this one is beyond repair.
    pool: Pool<Lite>,
    group: Option<Group>,
    groups: u64,
    /// A turn ended where nothing could be undone at once.
    abandoned: bool,
}

/// Writes that will be committed together: an open transaction, and in it the savepoint of whoever has the turn.
struct Group {
    number: u64,
    size: usize,
    done: watch::Sender<Option<Result<()>>>,
}

impl Writer {
    /// `pool` has room for two: the connection, and the one that takes its place.
    pub(super) async fn open(pool: Pool<Lite>) -> Result<Self> {
        let conn = Conn::Sqlite(pool.get().await.map_err(Error::away)?);
        Ok(Self(Arc::new(Mutex::new(State { conn, pool, group: None, groups: 0, abandoned: false }))))
    }

    /// Runs `action` in a savepoint. It answers after the commit; on an error nothing of the action remains.
    pub(super) async fn write<T, E, F>(&self, limit: Duration, action: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&mut Conn) -> Result<T, E>,
        E: From<Error>,
    {
        let state = timeout(WAIT, self.0.clone().lock_owned()).await;
        let state = state.map_err(|_| Error::Busy("too many people save something at once".into()))?;
        let mut turn = Turn(Some(state));
        turn.state().begin(self).await?;
        let result = timeout(limit, action(&mut turn.state().conn)).await;
        let value = match result.unwrap_or_else(|_| Err(too_long(limit).into())) {
            Ok(value) => value,
            Err(error) => {
                turn.state().undo().await;
                turn.end();
                return Err(error);
            }
        };
        let done = turn.state().join().await;
        turn.end();
        committed(done?).await?;
        Ok(value)
    }

    #[cfg(test)]
    pub(super) async fn commits(&self) -> u64 {
        self.0.lock().await.groups
    }
}

/// Waits until a group is committed.
async fn committed(mut done: watch::Receiver<Option<Result<()>>>) -> Result<()> {
    let result = done.wait_for(Option::is_some).await.map(|result| result.clone());
    result.ok().flatten().unwrap_or_else(|| Err(Error::Gone("the node is being stopped".into())))
}

/// Somebody's turn on the connection. One that is dropped before its end is undone behind the caller's back.
struct Turn(Option<OwnedMutexGuard<State>>);

impl Turn {
    fn state(&mut self) -> &mut State {
        self.0.as_mut().expect("held until the end of the turn")
    }

    /// The next caller's turn, or that of a commit where the group is large enough. The caller does not do it itself:
    /// one that left in the middle would have nobody to tell the others.
    fn end(&mut self) {
        let Some(mut state) = self.0.take() else { return };
        if state.group.as_ref().is_some_and(|group| group.size >= GROUP_MOST) {
            tokio::spawn(async move { state.commit().await });
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(mut state) = self.0.take() else { return };
        match Handle::try_current() {
            // The thread of the connection runs this after the statement that the caller did not wait for.
            Ok(runtime) => drop(runtime.spawn(async move { state.undo().await })),
            Err(_) => state.abandoned = true,
        }
    }
}

impl State {
    /// Opens a transaction unless one is open. From here until the end of the turn, the savepoint is this caller's.
    async fn begin(&mut self, writer: &Writer) -> Result<()> {
        if std::mem::take(&mut self.abandoned) {
            self.undo().await;
        }
        if self.group.is_some() {
            return Ok(());
        }
        const BEGIN: &str = "BEGIN IMMEDIATE; SAVEPOINT one";
        match self.conn.batch(BEGIN).await {
            Ok(()) => {}
            Err(error @ Error::Busy(_)) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "the database is opened again");
                self.reopen().await?;
                self.conn.batch(BEGIN).await?;
            }
        }
        self.groups += 1;
        let number = self.groups;
        self.group = Some(Group { number, size: 0, done: watch::Sender::new(None) });
        let writer = writer.clone();
        tokio::spawn(async move {
            let mut state = writer.0.lock_owned().await;
            if state.group.as_ref().is_some_and(|group| group.number == number) {
                state.commit().await;
            }
        });
        Ok(())
    }

    /// A new connection in place of one whose state nobody knows; what it had not committed is gone.
    async fn reopen(&mut self) -> Result<()> {
        let fresh = Conn::Sqlite(self.pool.get().await.map_err(Error::away)?);
        if let Conn::Sqlite(old) = std::mem::replace(&mut self.conn, fresh) {
            drop(Object::take(old));
        }
        Ok(())
    }

    /// The savepoint's content becomes part of the group, and the next caller gets an empty one.
    async fn join(&mut self) -> Result<watch::Receiver<Option<Result<()>>>> {
        if let Err(error) = self.conn.batch("RELEASE one; SAVEPOINT one").await {
            // SQLite undoes a whole transaction when the disk is full, and an action that goes on all the same ends here.
            self.fail(error.clone()).await;
            return Err(error);
        }
        let group = self.group.as_mut().expect("begun before");
        group.size += 1;
        Ok(group.done.subscribe())
    }

    /// Empties the savepoint. An empty transaction is not kept open, and one that SQLite undid is over for everybody.
    async fn undo(&mut self) {
        let undone = self.conn.batch("ROLLBACK TO one").await;
        match (&self.group, undone) {
            (Some(group), Ok(())) if group.size > 0 => {}
            (Some(group), Err(_)) if group.size > 0 => {
                // That takes a full or failing disk; which, was told to the caller whose statement met it.
                self.fail(Error::Full("the disk did not take a write of the same commit".into())).await;
            }
            _ => {
                let _ = self.conn.batch("ROLLBACK").await;
                self.group = None;
            }
        }
    }

    /// Nothing of the group is saved, and everybody in it is told.
    async fn fail(&mut self, error: Error) {
        let _ = self.conn.batch("ROLLBACK").await;
        if let Some(group) = self.group.take() {
            group.done.send_replace(Some(Err(error)));
        }
    }

    /// Commits for everybody in the group and tells them.
    async fn commit(&mut self) {
        // The savepoint of whoever would come next is empty, and goes with the transaction.
        match self.conn.batch("COMMIT").await {
            Ok(()) => {
                if let Some(group) = self.group.take() {
                    group.done.send_replace(Some(Ok(())));
                }
            }
            // A commit that failed for want of space may leave the transaction open.
            Err(error) => self.fail(error).await,
        }
    }
}
