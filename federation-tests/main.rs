//! Real nodes over real HTTP on loopback: what a consortium must withstand, one file a scenario.

/// Names the scenario's tests on SQLite.
macro_rules! on_sqlite {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() -> anyhow::Result<()> {
                    super::$name(crate::harness::process::Database::Sqlite).await
                }
            )+
        }
    };
}

/// Names the scenario's tests on PostgreSQL, where the tests have a server.
macro_rules! on_postgres {
    ($($name:ident),+ $(,)?) => {
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() -> anyhow::Result<()> {
                    if crate::harness::scratch::server().is_none() {
                        eprintln!("left out: FOLKMOOT_TEST_POSTGRES names no server");
                        return Ok(());
                    }
                    super::$name(crate::harness::process::Database::Postgres).await
                }
            )+
        }
    };
}

macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        on_sqlite!($($name),+);
        on_postgres!($($name),+);
    };
}

mod admit_party;
mod amendment;
mod away_at_opening;
mod bad_requests;
mod crash;
mod database_lost;
mod departure;
mod empty_class;
mod harness;
mod home_drops_ballot;
mod late_roll_entry;
mod liar;
mod partition;
mod rebuild;
mod silent;
mod steered_votes;
mod twelve_nodes;
mod two_processes;
