//! Folkmoot: a federated server with which co-operatives govern what they hold in common.

pub mod web;
