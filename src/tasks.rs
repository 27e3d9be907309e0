//! Background loops: send, pull, checkpoint, open and close votes. Each only calls actions; several processes on one
//! database may run them at once, because every action locks what it changes.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use folkmoot_governance::id::{NodeId, Time};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::actions::error::{ActionError, Result};
use crate::actions::project::Looked;
use crate::actions::standing::Standing;
use crate::actions::{broken_receipt, closing, decide, join, project, standing, witness};
use crate::app::App;
use crate::federation::{delivery, sync};
use crate::metrics::Work;
use crate::storage::{Conn, decisions, journals, leases, pending, proposals, requests};

/// How often loops look whether something is due. Times are whole seconds.
const TICK: Duration = Duration::from_millis(500);

/// Runs until `stop` turns true.
pub async fn run(app: App, stop: watch::Receiver<bool>) {
    tokio::join!(
        kept_up("deliver", || delivering(stop.clone(), app.clone())),
        kept_up("votes", || every(stop.clone(), app.clone(), "votes", votes)),
        kept_up("roll", || every(stop.clone(), app.clone(), "roll", roll)),
        kept_up("checkpoint", || checkpoints(stop.clone(), app.clone())),
        kept_up("pull", || pulling(stop.clone(), app.clone())),
        kept_up("search", || searching(stop.clone(), app.clone())),
    );
}

/// Runs a loop until it ends by itself. A panic is a defect of one loop: it begins again, and takes no other along. A
/// node that only answers, and says nothing by itself any more, would be the last to notice.
async fn kept_up<F>(name: &str, begin: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        // It ends with this future, should that be dropped.
        let mut running = JoinSet::new();
        running.spawn(begin());
        match running.join_next().await {
            Some(Err(error)) if error.is_panic() => {
                tracing::error!(name, "a background loop broke off, which is a defect; it begins again");
                tokio::time::sleep(TICK).await;
            }
            _ => return,
        }
    }
}

/// Calls `work` at every tick. What arrives from peers does not wake it: of fifty of them something always does.
async fn every<F>(mut stop: watch::Receiver<bool>, app: App, name: &str, work: F)
where
    F: AsyncFn(&App) -> Result<()>,
{
    let mut log = Log::new(name);
    while !*stop.borrow() {
        log.result(&work(&app).await);
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// How often a loop repeats that it fails: a database that is away for a night must not fill the disk with its log.
const REPEAT: Duration = Duration::from_secs(60);

/// What one loop has to tell: the first failure, then one a minute, and that it works again.
struct Log<'a> {
    name: &'a str,
    failing: Option<Instant>,
}

impl<'a> Log<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, failing: None }
    }

    fn result<T>(&mut self, result: &Result<T>) {
        let name = self.name;
        match result {
            Ok(_) => {
                if self.failing.take().is_some() {
                    tracing::info!(name, "the background loop works again");
                }
            }
            // An ordinary state of affairs, such as no consortium yet.
            Err(ActionError::Refused(refusal)) => tracing::debug!(name, %refusal, "nothing to do"),
            Err(error) => {
                if self.failing.is_none_or(|said| said.elapsed() >= REPEAT) {
                    self.failing = Some(Instant::now());
                    tracing::error!(name, %error, "a background loop failed; it tries again");
                }
            }
        }
    }
}

/// Tasks that a loop has begun, at most one under each name: one that hangs holds up no other.
struct Named<K, T> {
    tasks: JoinSet<Result<T>>,
    names: HashMap<tokio::task::Id, K>,
}

impl<K: PartialEq, T: Send + 'static> Named<K, T> {
    fn new() -> Self {
        Self { tasks: JoinSet::new(), names: HashMap::new() }
    }

    fn is_running(&self, name: &K) -> bool {
        self.names.values().any(|known| known == name)
    }

    fn spawn(&mut self, name: K, work: impl Future<Output = Result<T>> + Send + 'static) {
        let task = self.tasks.spawn(work);
        self.names.insert(task.id(), name);
    }

    /// What the next one comes to; `None` when none is running.
    async fn ended(&mut self) -> Option<Result<T>> {
        let (id, result) = match self.tasks.join_next_with_id().await? {
            Ok(ended) => ended,
            Err(error) => (error.id(), Err(ActionError::corrupt("task")(error))),
        };
        self.names.remove(&id);
        Some(result)
    }
}

/// Sends what waits for peers, one task for each, so that a peer that hangs holds up no other.
async fn delivering(mut stop: watch::Receiver<bool>, app: App) {
    let (mut log, mut sending) = (Log::new("queue"), Log::new("deliver"));
    let mut tasks = Named::new();
    while !*stop.borrow() {
        let due = delivery::peers_due(&app).await;
        log.result(&due);
        for peer in due.unwrap_or_default() {
            if tasks.is_running(&peer) {
                continue;
            }
            let (app, to, stop) = (app.clone(), peer.clone(), stop.clone());
            tasks.spawn(peer, async move {
                let sent = delivery::deliver_to(&app, &to, &stop).await;
                if sent.is_err() {
                    // What could not be claimed or recorded is still due; not at once again.
                    tokio::time::sleep(TICK).await;
                }
                sent
            });
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = app.wake.notified() => {}
            Some(sent) = tasks.ended() => {
                sending.result(&sent);
                if matches!(sent, Ok(true)) {
                    app.metrics.work(Work::Delivery);
                }
            }
            () = tokio::time::sleep(TICK) => {}
        }
    }
    while tasks.ended().await.is_some() {}
}

/// Opens what is certified in time, applies what waited, closes what is over. Closings go on whatever else fails.
async fn votes(app: &App) -> Result<()> {
    let now = app.now();
    let Some(standing) = standing::find(&mut app.db.read().await?).await? else { return Ok(()) };
    let opened = open_announced(app, now).await;
    let applied = apply_waiting(app, now).await;
    closing::tick_all(app, now).await?;
    let said = say_what_is_held(app, &standing, now).await;
    opened.and(applied).and(said)
}

async fn say_what_is_held(app: &App, standing: &Standing, now: Time) -> Result<()> {
    if decide::unsaid(&mut app.db.read().await?, app, standing).await?.is_none() {
        return Ok(());
    }
    let app_in = app.clone();
    app.db.write(async move |conn| decide::say_what_is_held(conn, &app_in, now).await).await
}

async fn open_announced(app: &App, now: Time) -> Result<()> {
    if proposals::announced(&mut app.db.read().await?).await?.is_empty() {
        return Ok(());
    }
    app.db.write(async move |conn| project::settle_openings(conn, now).await).await
}

/// Looks again at what came before what it rests on, if anything came since.
async fn apply_waiting(app: &App, now: Time) -> Result<()> {
    let stored = {
        let mut conn = app.db.read().await?;
        if pending::after(&mut conn, None, 1).await?.is_empty() {
            return Ok(());
        }
        journals::all(&mut conn).await?.iter().map(|journal| journal.size).sum()
    };
    if app.caches.entries_seen.load(Ordering::Relaxed) == stored {
        return Ok(());
    }
    let mut all = Looked::default();
    loop {
        let (app_in, after) = (app.clone(), all.rest.take());
        let look = async move |conn: &mut Conn| {
            let before = decisions::sittings(conn).await?;
            let looked = project::apply_pending(conn, &app_in, after.as_ref(), now).await?;
            broken_receipt::notice_since(conn, &app_in, &before, now).await?;
            Ok::<_, ActionError>(looked)
        };
        let looked = app.db.write(look).await?;
        all = Looked { applied: all.applied || looked.applied, rest: looked.rest };
        if all.rest.is_none() {
            break;
        }
    }
    if !all.applied {
        app.caches.entries_seen.store(stored, Ordering::Relaxed);
    }
    Ok(())
}

/// Publishes roll entries that have become due.
async fn roll(app: &App) -> Result<()> {
    let now = app.now();
    let (persons, organisations) = {
        let mut conn = app.db.read().await?;
        if standing::find(&mut conn).await?.is_none() {
            return Ok(());
        }
        let persons = !requests::endorsed_waiting(&mut conn).await?.is_empty();
        (persons, join::admitted_here(&mut conn, app).await?)
    };
    if !persons && organisations.is_empty() {
        return Ok(());
    }
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            // Two processes must not enter the same member twice.
            if let Some(journal) = standing.own_journal(&app_in) {
                journals::lock(conn, &journal).await?;
            }
            join::enter_due(conn, &app_in, &standing, now).await?;
            join::enter_decided(conn, &app_in, &standing, now).await
        })
        .await
}

/// Signs a checkpoint when the journal grew, at most once per configured interval.
async fn checkpoints(mut stop: watch::Receiver<bool>, app: App) {
    let pause = Duration::from_millis(app.config.federation.checkpoint_ms);
    let mut log = Log::new("checkpoint");
    while !*stop.borrow() {
        let signed = checkpoint(&app).await;
        log.result(&signed);
        if matches!(signed, Ok(true)) {
            app.metrics.work(Work::Checkpoint);
            app.wake.notify_one();
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn checkpoint(app: &App) -> Result<bool> {
    let now = app.now();
    {
        let mut conn = app.db.read().await?;
        let Some(standing) = standing::find(&mut conn).await? else { return Ok(false) };
        let Some(journal) = standing.own_journal(app) else { return Ok(false) };
        let size = journals::find(&mut conn, &journal).await?.map_or(0, |row| row.size);
        let signed = crate::storage::checkpoints::latest(&mut conn, &journal).await?.map_or(0, |row| row.size);
        if size <= signed {
            return Ok(false);
        }
    }
    let app_in = app.clone();
    app.db
        .write(async move |conn| {
            let standing = standing::lock(conn).await?;
            witness::checkpoint_own(conn, &app_in, &standing, now).await
        })
        .await
}

/// Asks one peer after the other what it mirrors.
async fn pulling(mut stop: watch::Receiver<bool>, app: App) {
    let holder = format!("{:016x}", rand::random::<u64>());
    let mut turn = rand::random::<u8>() as usize;
    let mut log = Log::new("pull");
    while !*stop.borrow() {
        let pulled = match next_peer(&app, &holder, &mut turn).await {
            Ok(Some(peer)) => {
                app.metrics.work(Work::Pull);
                sync::sync_with(&app, &peer).await
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        log.result(&pulled);
        let pause = Duration::from_millis(app.config.federation.sync_ms);
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Looks for the proposals that closings lack, a task for each, so that a holder that hangs holds up no other search.
/// What was not found is looked for again after a pause as long as that between two pulls.
async fn searching(mut stop: watch::Receiver<bool>, app: App) {
    let pause = Duration::from_millis(app.config.federation.sync_ms);
    let (mut log, mut searched) = (Log::new("lacks"), Log::new("search"));
    let mut tasks = Named::new();
    while !*stop.borrow() {
        let searches = closing::searches(&app, app.now()).await;
        log.result(&searches);
        for search in searches.unwrap_or_default() {
            let name = search.name();
            if tasks.is_running(&name) {
                continue;
            }
            let app = app.clone();
            tasks.spawn(name, async move {
                // Most often it is on its way from its chair.
                tokio::time::sleep(TICK).await;
                let ended = sync::look_for(&app, &search).await;
                tokio::time::sleep(pause).await;
                ended
            });
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = app.search.notified() => {}
            Some(ended) = tasks.ended() => searched.result(&ended),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn next_peer(app: &App, holder: &str, turn: &mut usize) -> Result<Option<NodeId>> {
    let now = app.now();
    let peers = {
        let mut conn = app.db.read().await?;
        standing::find(&mut conn).await?.map(|standing| standing.peers(&app.node)).unwrap_or_default()
    };
    if peers.is_empty() {
        return Ok(None);
    }
    let seconds = i64::try_from(app.config.federation.sync_ms / 1000).unwrap_or(60) + 5;
    let holder = holder.to_owned();
    let mine =
        app.db.write(async move |conn| leases::take(conn, "pull", &holder, now, now.plus(seconds)).await).await?;
    *turn += 1;
    Ok(mine.then(|| peers[*turn % peers.len()].clone()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    static BEGUN: AtomicU32 = AtomicU32::new(0);

    #[tokio::test]
    async fn a_loop_that_panics_begins_again_until_it_ends_by_itself() {
        kept_up("test", || async {
            assert!(BEGUN.fetch_add(1, Ordering::SeqCst) >= 2, "the first two break off");
        })
        .await;
        assert_eq!(BEGUN.load(Ordering::SeqCst), 3);
    }
}
