//! An empty database for each test.

use std::path::Path;

use diesel_async::SimpleAsyncConnection as _;
use folkmoot::storage::{Conn, Error};

use super::scratch::{self, Scratch};

/// An address at which there is nothing yet: a file in `folder`, or a database of the server that the environment
/// names, which goes when the second value goes.
pub fn fresh(folder: &Path) -> (String, Option<Scratch>) {
    if scratch::server().is_none() {
        return (format!("sqlite:{}", folder.join("node.sqlite").display()), None);
    }
    let scratch = Scratch::create().expect("a new database");
    (scratch.url(), Some(scratch))
}

/// Changes a database behind the program's back.
pub async fn run(conn: &mut Conn, sql: &str) -> Result<(), Error> {
    let done = match conn {
        Conn::Sqlite(conn) => conn.batch_execute(sql).await,
        Conn::Postgres(conn) => conn.batch_execute(sql).await,
    };
    done.map_err(Error::from)
}
