//! `folkmoot serve`: the server and its background loops, until it is asked to stop.

use std::path::Path;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::init;
use crate::config::{Config, LogConfig};
use crate::{http, tasks};

pub async fn run(path: &Path) -> anyhow::Result<i32> {
    log_to_terminal(&Config::load(path)?.log)?;
    let app = init::open(path).await?;
    let listen = app.config.node.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("{listen} cannot be listened on"))?;
    let (stop, stopped) = watch::channel(false);
    let loops = tokio::spawn(tasks::run(app.clone(), stopped.clone()));
    if let Some(address) = app.config.node.metrics {
        let listener = TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))?;
        let server = axum::serve(listener, http::metrics::router(app.clone()));
        let mut stopped = stopped.clone();
        tokio::spawn(
            server
                .with_graceful_shutdown(async move { while !*stopped.borrow() && stopped.changed().await.is_ok() {} })
                .into_future(),
        );
    }
    tracing::info!(%listen, address = app.config.node.address, "the node is up");
    let mut terminate = signal(SignalKind::terminate())?;
    let asked = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping: requests under way are finished first");
        stop.send_replace(true);
    };
    let service = http::router(app).into_make_service_with_connect_info::<std::net::SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(asked).await?;
    loops.await?;
    tracing::info!("stopped");
    Ok(0)
}

fn log_to_terminal(log: &LogConfig) -> anyhow::Result<()> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(&log.filter).with_context(|| format!("log.filter: {}", log.filter))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    if log.json {
        subscriber.json().init();
    } else {
        subscriber.init();
    }
    Ok(())
}
