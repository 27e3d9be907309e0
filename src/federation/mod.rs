//! The door for other servers: inbox, journals, what is sent and pulled. Every effect goes through an action.

pub mod delivery;
mod inbox;
pub mod journal_page;
mod routes;
pub mod sync;

pub use routes::router;
