//! Starts the engines that tests of stores need, on loopback and on a free port, and stops them
//! when the test process ends, however it ends. A [`Proxy`] delays, cuts and swallows what goes
//! between. [`Waiting`] is a child process whose memory its parent looks through (Linux).
//!
//! The programs are looked for in `PATH`, or where an environment variable says.
#![forbid(unsafe_code)]
// Whatever is called here is called by a test, and a test fails by a panic.
#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic)]

#[cfg(unix)]
mod postgres;
mod proxy;
mod redis;
#[cfg(target_os = "linux")]
mod waiting;

#[cfg(unix)]
pub use postgres::PostgresServer;
pub use proxy::{Fault, Proxy};
pub use redis::{Kind, RedisServer};
#[cfg(target_os = "linux")]
pub use waiting::Waiting;
