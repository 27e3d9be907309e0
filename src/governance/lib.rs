//! The rules of Folkmoot: statements, journals, rolls, votes, counts and certificates.
//! Pure: no clock, no randomness, no files, no network. Time and seeds are arguments; equal inputs give equal
//! results on every node, and an outsider can verify a decision with this package alone.

pub mod ballot;
pub mod bundle;
pub mod certification;
pub mod charter;
pub mod codec;
pub mod epoch;
pub mod extract;
pub mod fraction;
pub mod id;
pub mod journal;
pub mod json;
pub mod key;
pub mod proof;
pub mod proposal;
pub mod roll;
pub mod statement;
pub mod tally;
#[cfg(test)]
mod testdata;
