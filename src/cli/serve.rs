//! `folkmoot serve`: the server and its background loops, until it is asked to stop.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::init;
use crate::actions::own_history::{self, Forgotten};
use crate::actions::standing;
use crate::app::App;
use crate::config::{Config, LogConfig, unknown_variables};
use crate::http::connections;
use crate::{http, tasks};

pub async fn run(path: &Path) -> anyhow::Result<i32> {
    let config = Config::load(path)?;
    log_to_terminal(&config.log)?;
    for variable in unknown_variables() {
        tracing::warn!(variable, "this environment variable overrides nothing; is it misspelt?");
    }
    // A port that is taken ends the program before anything runs.
    let listener = listen(config.node.listen, "node.listen").await?;
    let metrics = match config.node.metrics {
        Some(address) => Some(listen(address, "node.metrics").await?),
        None => None,
    };
    let app = init::open(path).await?;
    say_hello(&app).await?;
    must_know_its_history(&app).await?;
    let (stop, stopped) = watch::channel(false);
    let loops = tokio::spawn(tasks::run(app.clone(), stopped.clone()));
    let metrics = metrics.map(|listener| {
        let server = axum::serve(listener, http::metrics::router(app.clone()));
        tokio::spawn(server.with_graceful_shutdown(wait(stopped.clone())).into_future())
    });
    let mut terminate = signal(SignalKind::terminate())?;
    let asked = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping: requests under way are finished first");
        stop.send_replace(true);
    };
    let limits = connections::Limits {
        connections: config.limits.connections,
        headers: Duration::from_secs(config.limits.request_seconds),
        answer: Duration::from_secs(config.limits.request_seconds) * 4,
    };
    let server = connections::serve(listener, http::router(app), limits, asked);
    let everything = async {
        server.await;
        loops.await?;
        if let Some(metrics) = metrics {
            metrics.await??;
        }
        anyhow::Ok(())
    };
    finish(everything, stopped, PATIENCE).await?;
    tracing::info!("stopped");
    Ok(0)
}

/// How long requests under way have after the node was asked to stop: less than the half minute that containers and
/// other supervisors wait before they kill.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs until the end, but no longer than `patience` after the stop: somebody who opened a connection and says nothing
/// on it must not hold the node up. What was answered is in the database by then.
async fn finish(
    everything: impl Future<Output = anyhow::Result<()>>,
    stopped: watch::Receiver<bool>,
    patience: Duration,
) -> anyhow::Result<()> {
    let late = async {
        wait(stopped).await;
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        result = everything => result,
        () = late => {
            tracing::warn!("some connections did not end in time and are cut off");
            Ok(())
        }
    }
}

async fn listen(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{key}: {address} cannot be listened on"))
}

async fn wait(mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() && stopped.changed().await.is_ok() {}
}

/// What somebody who reads the log wants to know first.
async fn say_hello(app: &App) -> anyhow::Result<()> {
    let config = &app.config;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen = %config.node.listen,
        address = config.node.address,
        database = config.shown_database_url(),
        key = %app.keys.statement.public(),
        "the node is up"
    );
    let mut conn = app.db.read().await?;
    match standing::find(&mut conn).await? {
        Some(standing) if standing.own_journal(app).is_none() => tracing::warn!(
            consortium = standing.epoch().charter.name,
            "the consortium does not know this node's address with this key: it follows, and signs nothing"
        ),
        Some(standing) => tracing::info!(consortium = standing.epoch().charter.name, "the node is a party"),
        None => tracing::info!("the node belongs to no consortium yet"),
    }
    Ok(())
}

/// A node on an old copy of its database would contradict what it has signed: it does not start.
async fn must_know_its_history(app: &App) -> anyhow::Result<()> {
    if let Some(Forgotten { peer, theirs, ours }) = own_history::forgotten(app).await? {
        anyhow::bail!(
            "the database {} is not the one that this node published from: {peer} holds {theirs} entries of this node's \
             journal, this database {ours}, or other ones. The node signs nothing with it. Bring back the right \
             database, or move this one away and run `folkmoot recover`",
            app.config.shown_database_url()
        );
    }
    Ok(())
}

fn log_to_terminal(log: &LogConfig) -> anyhow::Result<()> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(&log.filter)
        .with_context(|| format!("log.filter: {} is no filter such as info or folkmoot=debug,info", log.filter))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    if log.json {
        subscriber.json().init();
    } else {
        subscriber.init();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_that_never_ends_does_not_hold_up_the_stop() {
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(finish(std::future::pending(), stopped, Duration::from_millis(1)));
        stop.send_replace(true);
        running.await.expect("no panic").expect("stopped");
    }

    #[tokio::test]
    async fn nothing_is_cut_off_before_the_stop() {
        let (_stop, stopped) = watch::channel(false);
        let (done, wait) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(finish(
            async move {
                wait.await?;
                anyhow::bail!("it ran to its own end")
            },
            stopped,
            Duration::ZERO,
        ));
        done.send(()).expect("somebody waits");
        running.await.expect("no panic").expect_err("its own end");
    }
}
