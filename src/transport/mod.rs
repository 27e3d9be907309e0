//! How nodes reach each other: keys, addresses, HTTP signatures, actor documents, WebFinger and NodeInfo.
//! Nothing here decides a rule or touches storage; callers hand in what is known and keep what comes back.

pub mod actor;
pub mod addresses;
pub mod client;
pub mod keys;
pub mod nodeinfo;
pub mod signatures;
#[cfg(test)]
mod testing;
pub mod webfinger;
