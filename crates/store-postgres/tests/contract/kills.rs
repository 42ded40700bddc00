//! Processes that are killed with `kill -9` at any moment while they save, remove and reserve prompts:
//! nothing that was acknowledged is lost, and a prompt that a dead process had is free after its time.
//!
//! `STORE_POSTGRES_KILLS=500 cargo test -p store-postgres --test contract kill_9 -- --nocapture` kills
//! more.

use crate::server::{APP, Server, config, connect, url};
use std::time::{Duration, Instant};
use store_postgres::{Postgres, PostgresStore};
use test_support::stores::kills::{Run, TTL, name_of, variable, work_for_ever, worker};
use tokio::runtime::Runtime;

async fn open(url: &str, schema: &str) -> PostgresStore {
    // nothing but its death is to fail
    let config = config(url, schema).with_max_wait(Duration::from_secs(20));
    let config = config.with_lease_ttl(TTL);
    Postgres::open(config).await.unwrap().sessions()
}

#[test]
#[ignore = "the child process of kill_9_at_any_moment_loses_nothing"]
fn child_works_for_ever() {
    let Some(worker) = worker() else { return };
    store_testkit::run(async move {
        let (url, name) = (variable("URL"), name_of(worker));
        let url = format!("{url}?application_name={name}");
        work_for_ever(open(&url, &variable("SCHEMA")).await, worker).await;
    });
}

/// A process of the server ends what it was told before it sees that nobody is there.
fn settle(runtime: &Runtime, worker: u64) {
    let url = url(APP, Server::shared().port());
    runtime.block_on(async {
        let client = connect(&url).await;
        let there = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let row = client.query_one(there, &[&name_of(worker)]).await.unwrap();
            if row.get::<_, i64>(0) == 0 {
                return;
            }
            let late = "the connections of a dead process stay";
            assert!(Instant::now() < end, "{late}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

#[test]
fn kill_9_at_any_moment_loses_nothing() {
    let server = Server::shared();
    let runtime = Runtime::new().unwrap();
    let schema = runtime.block_on(server.new_schema());
    let url = server.url(APP);
    let run = Run {
        what: "postgres",
        store: runtime.block_on(open(&url, &schema)),
        runtime,
        child: "kills::child_works_for_ever",
        variables: vec![("URL", url), ("SCHEMA", schema)],
        settle,
    };
    run.kill("STORE_POSTGRES_KILLS", 24);
}
