//! An empty database for each test.

use std::sync::atomic::{AtomicU32, Ordering};

use diesel_async::{AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection as _};
use folkmoot::storage::{Conn, Error};

/// The address of an empty database: a file in `folder`, or a new one on the server that the environment names.
pub async fn fresh(folder: &std::path::Path) -> String {
    let Ok(server) = std::env::var("FOLKMOOT_TEST_POSTGRES") else {
        return format!("sqlite:{}", folder.join("node.sqlite").display());
    };
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("http_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut conn = AsyncPgConnection::establish(&server).await.expect("the PostgreSQL server answers");
    conn.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    let (base, options) = server.split_once('?').unwrap_or((&server, ""));
    let (base, _) = base.rsplit_once('/').expect("the address names a database");
    format!("{base}/{name}?{options}").trim_end_matches('?').to_owned()
}

/// Changes a database behind the program's back.
pub async fn run(conn: &mut Conn, sql: &str) -> Result<(), Error> {
    let done = match conn {
        Conn::Sqlite(conn) => conn.batch_execute(sql).await,
        Conn::Postgres(conn) => conn.batch_execute(sql).await,
    };
    done.map_err(Error::from)
}
