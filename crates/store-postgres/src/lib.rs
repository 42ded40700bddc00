//! Sessions in PostgreSQL, and what a server keeps between requests.
//!
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod batch;
mod changes;
mod config;
mod connect;
mod database;
mod error;
mod lease;
mod migrate;
mod revocations;
mod sealed;
mod server;
mod slot;
mod statements;
mod store;

pub use changes::{Change, Changes};
pub use config::PostgresConfig;
pub use database::Postgres;
pub use error::Error;
pub use migrate::{Migrated, migrate};
pub use revocations::PostgresRevocations;
pub use server::{
    PostgresCapabilities, PostgresChallenges, PostgresDevices, PostgresReplayWindow, Swept,
};
pub use store::PostgresStore;
