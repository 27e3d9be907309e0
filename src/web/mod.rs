//! The pages: one file per page or form, each with the struct of what it shows and the template that shows it.
//! Rules are not here: pages show what actions answer, and send actions what was typed.

pub mod accent;
pub mod account;
pub mod agreement;
pub mod assets;
pub mod ballot;
pub mod charter;
pub mod charts;
pub mod consortium;
pub mod count;
pub mod decision;
pub mod decisions;
pub mod deeds;
pub mod difference;
pub mod draft;
pub mod failure;
pub mod feeds;
pub mod form;
mod handlers;
pub mod headers;
pub mod home;
pub mod join;
pub mod layout;
pub mod log_in;
pub mod markdown;
pub mod members;
mod moment;
pub mod proposal;
pub mod proposals;
pub mod render;
pub mod session;
pub mod stewards;
pub mod text;
pub mod turns;
pub mod visit;

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod sample;

pub use handlers::router;
