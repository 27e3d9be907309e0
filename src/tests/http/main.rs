//! The node's API as its users meet it: requests in, answers out, over the whole router on a fresh database.
//! On SQLite, or on PostgreSQL where `FOLKMOOT_TEST_POSTGRES` names a database.

mod accounts;
mod app;
mod ballots;
mod bodies;
mod closing;
mod consortium;
mod database;
mod decisions;
mod deliveries;
mod doors;
mod epochs;
mod feeds;
mod inbox;
mod journals;
mod layers;
mod lists;
mod members;
mod openings;
mod other_branch;
mod pages_browser;
mod pages_deciding;
mod pages_drafts;
mod pages_join;
mod pages_walk;
mod peer;
mod proposals;
mod rebuild;
mod receipts;
mod relay;
mod requests;
mod scene;
#[path = "../scratch.rs"]
mod scratch;
mod sessions;
mod start;
mod visibility;
