//! The node's database, SQLite or PostgreSQL behind one set of functions. The only place that names diesel.
//! One file per noun; every query is written once and checked for both databases.

/// Runs one query on a connection of either kind.
macro_rules! query {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::storage::Conn::Sqlite(object) => {
                let $c = &mut **object;
                $query.await.map_err($crate::storage::Error::from)
            }
            $crate::storage::Conn::Postgres(object) => {
                let $c = &mut ***object;
                $query.await.map_err($crate::storage::Error::from)
            }
        }
    };
}

pub mod accounts;
pub mod ballots;
pub mod checkpoints;
pub mod closings;
pub mod comments;
pub mod consortium;
mod database;
pub mod decisions;
pub mod deliveries;
pub mod entries;
pub mod epoch_votes;
pub mod epochs;
mod error;
pub mod faults;
mod group;
pub mod journals;
pub mod leases;
pub mod members;
pub mod migrate;
pub mod notices;
pub mod page;
pub mod peers;
pub mod pending;
pub mod proposals;
pub mod rates;
pub mod rebuild;
pub mod receipts;
pub mod register;
pub mod requests;
pub mod roll_entries;
mod schema;
#[cfg(test)]
mod tests;
mod thread;

pub use database::{Conn, Database};
pub use error::{Error, Result};
pub use page::{Page, Place, Wanted};

use folkmoot_governance::id::{Digest, Time};
use folkmoot_governance::statement::Visibility;

/// A size or position as the databases keep it.
fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Back from the databases' only integer type.
fn nat(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// At most so many rows.
fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn digest(bytes: &[u8]) -> Result<Digest> {
    Digest::from_slice(bytes).map_err(Error::unreadable)
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(Error::unreadable)
}

fn time(value: Option<i64>) -> Option<Time> {
    value.map(Time)
}

/// As the databases keep it.
fn visible(to: Visibility) -> &'static str {
    match to {
        Visibility::Public => "public",
        Visibility::Consortium => "consortium",
    }
}

/// What is shown to whom: strangers are shown what is public, people of the consortium what is for them as well.
fn shown_to(reader: Visibility) -> &'static [&'static str] {
    match reader {
        Visibility::Public => &["public"],
        Visibility::Consortium => &["public", "consortium"],
    }
}
