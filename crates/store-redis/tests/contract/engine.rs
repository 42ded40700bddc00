//! The engines that the tests of this binary share, each test with a prefix of its own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use store_redis::{Options, Redis};
use test_support::{Kind, RedisServer};

/// One server of each engine, or why there is none.
fn shared(kind: Kind) -> &'static Result<RedisServer, String> {
    static REDIS: OnceLock<Result<RedisServer, String>> = OnceLock::new();
    static VALKEY: OnceLock<Result<RedisServer, String>> = OnceLock::new();
    let server = match kind {
        Kind::Redis => &REDIS,
        Kind::Valkey => &VALKEY,
    };
    server.get_or_init(|| RedisServer::start(kind, &[]))
}

/// A server that others use, too; else the test is skipped.
pub(crate) fn server(kind: Kind) -> &'static RedisServer {
    match shared(kind) {
        Ok(server) => server,
        Err(why) => store_testkit::end_skipped(why),
    }
}

/// A server for one test alone; else the test is skipped.
pub(crate) fn own_server(kind: Kind, settings: &[&str]) -> RedisServer {
    match RedisServer::start(kind, settings) {
        Ok(server) => server,
        Err(why) => store_testkit::end_skipped(why),
    }
}

/// A prefix that no other test has.
pub(crate) fn prefix() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("test-{}:", NEXT.fetch_add(1, Ordering::SeqCst))
}

/// Options of tests, which have clocks of their own.
pub(crate) fn options() -> Options {
    Options::new()
        .with_any_clock()
        .with_prefix(prefix())
        .unwrap()
}

/// An empty database.
pub(crate) async fn open(kind: Kind) -> Redis {
    Redis::open_with(&server(kind).url(), options())
        .await
        .unwrap()
}
