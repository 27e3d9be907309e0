//! Folkmoot: a federated server with which co-operatives govern what they hold in common.
//!
//! In reading order; an arrow of imports never points up this list, see `docs/ARCHITECTURE.md`.

pub mod charters;
pub mod config;
pub mod words;

pub mod storage;

pub mod transport;

pub mod cache;
pub mod metrics;

pub mod app;

pub mod actions;

pub mod federation;

pub mod api;

pub mod web;

pub mod http;

pub mod tasks;

pub mod cli;
