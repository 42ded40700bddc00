//! What the tests of several crates need. Without the feature `stores` it imports none of ours, so that
//! each of them may use it.
//!
//! - [`vectors`], [`Failures`] and [`hold_reasons`] read recorded cases and tell which of them fail.
//! - [`this_test`] is the test program once more, as a process of its own; [`Waiting`] looks through
//!   the memory of one (Linux), and [`killed`] kills many, and knows what they have said.
//! - [`serve`] is a node that is asked in JSON over HTTP.
//! - With the feature `engines`: [`RedisServer`] and [`PostgresServer`] start the engines that tests of
//!   stores need, on loopback and on a free port, and stop them when the test process ends, however it
//!   ends. A [`Proxy`] delays, cuts and swallows what goes between. The programs are looked for in
//!   `PATH`, or where an environment variable says.
//! - With the feature `stores`: [`stores`] has the rules that hold for every store that many processes
//!   share, whichever engine is below.
#![forbid(unsafe_code)]
// Whatever is called here is called by a test, and a test fails by a panic.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod cases;
mod child;
#[cfg(unix)]
pub mod killed;
mod node;
#[cfg(all(feature = "engines", unix))]
mod postgres;
#[cfg(feature = "engines")]
mod proxy;
#[cfg(feature = "engines")]
mod redis;
#[cfg(all(feature = "stores", unix))]
pub mod stores;
#[cfg(target_os = "linux")]
mod waiting;

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};

pub use cases::{Failures, hold_reasons, text, vectors};
pub use child::{say_and_wait, this_test, this_test_arguments};
pub use node::{read_request, response, serve};
#[cfg(all(feature = "engines", unix))]
pub use postgres::{PostgresServer, as_nobody, postgres_programs, run_postgres};
#[cfg(feature = "engines")]
pub use proxy::{Fault, Proxy};
#[cfg(feature = "engines")]
pub use redis::{Kind, RedisServer};
#[cfg(target_os = "linux")]
pub use waiting::Waiting;

/// How many times as long a run of faults is as usual: what `DID_SESSION_FAULTS` says, or once.
#[must_use]
pub fn times_as_many_faults() -> u32 {
    let said = std::env::var("DID_SESSION_FAULTS");
    said.ok().and_then(|said| said.parse().ok()).unwrap_or(1)
}

/// A port of loopback on which nobody listens.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its number").port()
}

/// An error with all of its sources, as a log shows it.
#[must_use]
pub fn with_sources(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
