//! Real nodes over real HTTP on loopback: what a consortium must withstand, one file a scenario.

/// Names the scenario's tests: one on SQLite, and one on PostgreSQL where the tests have a server.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() -> anyhow::Result<()> {
                    super::$name(crate::harness::process::Database::Sqlite).await
                }
            )+
        }
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
