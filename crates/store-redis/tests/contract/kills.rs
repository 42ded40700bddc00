//! Processes that are killed with `kill -9` at any moment while they save, remove and reserve prompts:
//! nothing that was acknowledged is lost, and a prompt that a dead process had is free after its time.
//!
//! `STORE_REDIS_KILLS=500 cargo test -p store-redis --test contract kill_9 -- --nocapture` kills more.

use super::engine::own_server;
use std::time::Duration;
use store_redis::{Options, Redis, RedisStore};
use store_testkit::__private::run_or_skip;
use test_support::Kind;
use test_support::stores::kills::{Run, TTL, variable, work_for_ever, worker};
use tokio::runtime::Runtime;

#[test]
#[ignore = "the child process of kill_9_at_any_moment_loses_nothing"]
fn child_works_for_ever() {
    let Some(worker) = worker() else { return };
    store_testkit::run(async move {
        // nothing but its death is to fail
        let options = Options::new().with_reply_timeout(Duration::from_secs(20));
        let redis = Redis::open_with(&variable("URL"), options).await.unwrap();
        work_for_ever(RedisStore::new(&redis).with_lease(TTL), worker).await;
    });
}

/// What was sent lies in a socket of the engine, which reads it before what comes later.
fn settle(_: &Runtime, _: u64) {
    std::thread::sleep(Duration::from_millis(30));
}

#[test]
fn kill_9_at_any_moment_loses_nothing() {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let server = own_server(kind, &[]);
            // the witness waits for its own runtime
            let watch = move || {
                let runtime = Runtime::new().unwrap();
                let redis = runtime.block_on(Redis::open(&server.url())).unwrap();
                let run = Run {
                    what: kind.program(),
                    runtime,
                    store: RedisStore::new(&redis).with_lease(TTL),
                    child: "kills::child_works_for_ever",
                    variables: vec![("URL", server.url())],
                    settle,
                };
                run.kill("STORE_REDIS_KILLS", 24);
            };
            tokio::task::spawn_blocking(watch).await.unwrap();
        });
    }
}
