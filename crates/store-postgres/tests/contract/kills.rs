//! Processes that are killed with `kill -9` at any moment while they save, remove and reserve prompts:
//! nothing that was acknowledged is lost, and a prompt that a dead process had is free after its time.
//!
//! `STORE_POSTGRES_KILLS=500 cargo test -p store-postgres --test contract kill_9 -- --nocapture` kills
//! more.

use crate::server::Server;
use session_core::{ExpectedSlot, SessionStore, Slot, SlotId, StoreError};
use std::process::Command;
use std::time::{Duration, Instant};
use store_postgres::{Postgres, PostgresStore};
use store_testkit::fixtures::TestIssuer;
use test_support::killed::{Content, DONE, REMOVES, SAVES, Witness, kill_workers, say};

const KILLS: &str = "STORE_POSTGRES_KILLS";

/// How long a prompt stays reserved for a process that died.
const TTL: Duration = Duration::from_millis(400);
const WORKERS: u64 = 4;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// What the server calls the connections of a worker.
fn application(worker: u64) -> String {
    format!("worker-{worker}")
}

fn slot(worker: u64) -> SlotId {
    TestIssuer::ethereum().slot_in(&format!("worker-{worker}"))
}

#[test]
#[ignore = "the child process of kill_9_at_any_moment_loses_nothing"]
fn child_works_for_ever() {
    let Ok(worker) = variable("WORKER").parse() else {
        return;
    };
    let (slot, mut n): (_, u64) = (slot(worker), variable("NEXT").parse().unwrap());
    let issuer = TestIssuer::ethereum();
    store_testkit::run(async move {
        let store = open_as_child().await;
        for round in 0_u64.. {
            let lock = match round % 3 {
                // on a busy machine an answer may come too late
                0 => store.lock_prompt(&slot, TTL * 10).await.ok(),
                _ => None,
            };
            if round % 4 == 3 {
                say(REMOVES);
                store.remove(&slot, ExpectedSlot::Anything).await.unwrap();
            } else {
                let record = issuer.record(&store, &format!("nonce{n:06}")).await;
                say(&format!("{SAVES}{n}"));
                let saved = store.save(&slot, &record, ExpectedSlot::Anything);
                saved.await.unwrap();
                n += 1;
            }
            say(DONE);
            if let Some(lock) = lock {
                lock.release().await;
            }
        }
    });
}

/// Asks the store past whatever is killed.
struct Looks {
    runtime: tokio::runtime::Runtime,
    store: PostgresStore,
    variables: Vec<(&'static str, String)>,
}

impl Witness for Looks {
    fn worker(&self, worker: u64, next: u64) -> Command {
        let mut command = test_support::this_test("kills::child_works_for_ever");
        command.envs(self.variables.iter().cloned());
        command.env("WORKER", worker.to_string());
        command.env("NEXT", next.to_string());
        command
    }

    fn settle(&self, worker: u64) {
        let url = crate::server::url(crate::server::APP, Server::shared().port());
        let worker = application(worker);
        self.runtime.block_on(async {
            // a process of the server ends what it was told before it sees that nobody is there
            let client = crate::server::connect(&url).await;
            let there = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
            let end = Instant::now() + Duration::from_secs(30);
            loop {
                let row = client.query_one(there, &[&worker]).await.unwrap();
                if row.get::<_, i64>(0) == 0 {
                    return;
                }
                assert!(
                    Instant::now() < end,
                    "the connections of a dead process stay"
                );
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
    }

    fn content(&self, worker: u64) -> Content {
        let loaded = self.runtime.block_on(self.store.load(&slot(worker)));
        match loaded.unwrap() {
            Slot::Empty => None,
            Slot::Record { record, .. } => {
                let nonce = record.capability().payload().nonce();
                Some(nonce.strip_prefix("nonce").unwrap().parse().unwrap())
            }
            Slot::Unreadable { source, .. } => panic!("{source}"),
        }
    }

    fn await_prompt(&self, worker: u64) -> bool {
        let slot = slot(worker);
        self.runtime.block_on(async {
            let at_once = self.store.lock_prompt(&slot, Duration::ZERO).await;
            let is_reserved = matches!(at_once, Err(StoreError::Busy { .. }));
            if let Ok(lock) = at_once {
                lock.release().await;
                return false;
            }
            let began = Instant::now();
            let lock = loop {
                match self.store.lock_prompt(&slot, TTL * 10).await {
                    Ok(lock) => break lock,
                    // on a busy machine an answer may come too late
                    Err(error) => assert!(began.elapsed() < TTL * 20, "{error}"),
                }
            };
            lock.release().await;
            is_reserved
        })
    }
}

fn run(looks: &Looks, what: &str, few: u64) {
    let kills = variable(KILLS).parse().unwrap_or(few);
    let journals = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let figures = kill_workers(looks, WORKERS, kills, journals.path());
    println!("{what}: {figures}; {:?}", began.elapsed());
    assert_eq!(figures.kills, kills);
    assert!(figures.acknowledged > kills, "{figures}");
}

async fn open(url: &str, schema: &str) -> PostgresStore {
    // nothing but its death is to fail
    let config = crate::server::config(url, schema).with_max_wait(Duration::from_secs(20));
    let config = config.with_lease_ttl(TTL);
    Postgres::open(config).await.unwrap().sessions()
}

async fn open_as_child() -> PostgresStore {
    let (url, worker) = (
        variable("URL"),
        application(variable("WORKER").parse().unwrap()),
    );
    let url = format!("{url}?application_name={worker}");
    open(&url, &variable("SCHEMA")).await
}

#[test]
fn kill_9_at_any_moment_loses_nothing() {
    let server = Server::shared();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let schema = runtime.block_on(server.new_schema());
    let url = server.url(crate::server::APP);
    let looks = Looks {
        store: runtime.block_on(open(&url, &schema)),
        runtime,
        variables: vec![("URL", url), ("SCHEMA", schema)],
    };
    run(&looks, "postgres", 24);
}
