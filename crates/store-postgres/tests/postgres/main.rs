//! Tests against a PostgreSQL server that they start themselves.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod contracts;
mod server;
