//! One thread for each SQLite connection: statements run in the order in which they were asked for, whoever waits for
//! them. The ready-made runtime of diesel-async lets a caller that leaves block its worker until the statement is done.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

use diesel_async::sync_connection_wrapper::SpawnBlocking;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// Ends with the connection that it belongs to.
pub struct OwnThread {
    jobs: mpsc::Sender<Job>,
}

impl SpawnBlocking for OwnThread {
    fn spawn_blocking<'a, R>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn Error + Send + Sync + 'static>>>
    where
        R: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // Sent before anybody awaits: what is undone later comes later. A thread that is gone drops the answer.
        let _ = self.jobs.send(Box::new(move || drop(answer.send(task()))));
        Box::pin(async move { answered.await.map_err(|_| Box::from("the thread of the database has ended")) })
    }

    fn get_runtime() -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let run = move || {
            while let Ok(job) = queue.recv() {
                // A panic is told to the one who asked, by the answer that never comes.
                let _ = catch_unwind(AssertUnwindSafe(job));
            }
        };
        // Where the system gives no thread, the queue is gone with it and every job says so.
        let _ = std::thread::Builder::new().name("sqlite".into()).spawn(run);
        Self { jobs }
    }
}
