//! A whole consortium in memory, with real signatures: founded, voting, closing by the product's own state machine.
//! Tests certificates, proofs of faults, and bundles with every kind of tampering.

mod bundles;
mod certificates;
mod closing;
mod faults;
mod world;
