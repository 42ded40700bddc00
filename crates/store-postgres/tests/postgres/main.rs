//! Tests against a PostgreSQL server that they start themselves.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod contracts;
mod cost;
mod faults;
mod proxy;
mod server;
mod shared;
mod use_of;
