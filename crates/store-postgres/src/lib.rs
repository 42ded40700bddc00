#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod batch;
mod config;
mod connect;
mod database;
mod error;
mod migrate;
mod revocations;
mod server;

pub use config::PostgresConfig;
pub use database::Postgres;
pub use error::Error;
pub use migrate::{Migrated, migrate};
pub use revocations::PostgresRevocations;
pub use server::{
    PostgresCapabilities, PostgresChallenges, PostgresDevices, PostgresReplayWindow, Swept,
};
