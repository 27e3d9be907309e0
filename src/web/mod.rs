//! The pages: one file per page or form, each with the struct of what it shows and the template that shows it.
//! Rules are not here: pages show what actions answer, and send actions what was typed.

pub mod agreement;
pub mod assets;
pub mod ballot;
pub mod charts;
pub mod count;
pub mod decision;
pub mod decisions;
pub mod difference;
pub mod form;
pub mod home;
pub mod layout;
pub mod markdown;
mod moment;
pub mod proposal;
pub mod proposals;
pub mod render;
pub mod text;

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod sample;
