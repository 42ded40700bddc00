//! The stores beside a database and a concurrent map that keep the same bytes.

use benches::rows::record;
use benches::{Row, fixtures};
use dashmap::DashMap;
use rusqlite::{Connection, params};
use session_core::{ExpectedSlot, SessionStore, SlotId};
use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use store_fs::FsStore;
use store_memory::MemoryStore;

fn database(directory: &std::path::Path) -> Connection {
    let database = Connection::open(directory.join("sessions.db")).unwrap();
    let setup = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
                 CREATE TABLE sessions(issuer TEXT PRIMARY KEY, record BLOB NOT NULL)";
    database.execute_batch(setup).unwrap();
    database
}

const UPSERT: &str = "INSERT INTO sessions VALUES(?1, ?2) \
                      ON CONFLICT(issuer) DO UPDATE SET record = excluded.record";

pub fn rows() -> Vec<Row> {
    vec![put(), get(), memory()]
}

fn put() -> Row {
    let directory = tempfile::tempdir().unwrap();
    let (slot, record, mut bytes) = record();
    let (store, runtime) = (
        FsStore::open(directory.path().join("store")),
        fixtures::runtime(),
    );
    let (database, name) = (database(directory.path()), slot.issuer().did());
    Row::new(
        "S1",
        "durable put, file store",
        "SQLite, WAL, synchronous=FULL: upsert",
        move || {
            let saved = store.save(&slot, &record, ExpectedSlot::Anything);
            runtime.block_on(saved).unwrap()
        },
        move || {
            let _kept = &directory;
            // SQLite writes nothing when a row does not change
            bytes[0] ^= 1;
            let mut statement = database.prepare_cached(UPSERT).unwrap();
            statement.execute(params![name, bytes]).unwrap()
        },
    )
    .waiting()
}

fn get() -> Row {
    let directory = tempfile::tempdir().unwrap();
    let (slot, record, bytes) = record();
    let (store, runtime) = (
        FsStore::open(directory.path().join("store")),
        fixtures::runtime(),
    );
    let saved = store.save(&slot, &record, ExpectedSlot::Anything);
    runtime.block_on(saved).unwrap();
    let (database, name) = (database(directory.path()), slot.issuer().did());
    database.execute(UPSERT, params![name, bytes]).unwrap();
    Row::new(
        "S4",
        "get, file store",
        "SQLite: point select, statement kept",
        move || runtime.block_on(store.load(&slot)).unwrap(),
        move || {
            let _kept = &directory;
            let select = "SELECT record FROM sessions WHERE issuer = ?1";
            let mut statement = database.prepare_cached(select).unwrap();
            let found: Vec<u8> = statement.query_row([&name], |row| row.get(0)).unwrap();
            found
        },
    )
    .waiting()
}

/// Operations of one thread in one call.
const OPERATIONS: usize = 20_000;

fn on_two_threads(work: &(impl Fn(usize) + Sync)) {
    thread::scope(|scope| {
        for start in [0, 1] {
            scope.spawn(move || (start..OPERATIONS).for_each(work));
        }
    });
}

/// 1,000 accounts, every tenth operation a put.
fn memory() -> Row {
    let (_, record, bytes) = record();
    let slots: Vec<SlotId> = (0..1000)
        .map(|i| format!("eip155:1:0x{i:040x}").parse::<cacao::Issuer>())
        .map(|issuer| SlotId::new(issuer.unwrap()))
        .collect();
    let names: Vec<String> = slots.iter().map(|slot| slot.issuer().did()).collect();
    let (store, runtime) = (MemoryStore::new(), fixtures::runtime());
    let map: DashMap<String, Arc<[u8]>> = DashMap::new();
    let bytes: Arc<[u8]> = bytes.into();
    for (slot, name) in slots.iter().zip(&names) {
        let saved = store.save(slot, &record, ExpectedSlot::Anything);
        runtime.block_on(saved).unwrap();
        map.insert(name.clone(), Arc::clone(&bytes));
    }
    Row::new(
        "S8",
        "memory store, two threads, one put in ten",
        "dashmap of Arc<[u8]>",
        move || {
            on_two_threads(&|i| {
                let slot = &slots[i * 7 % slots.len()];
                if i % 10 == 0 {
                    let saved = store.save(slot, &record, ExpectedSlot::Anything);
                    now(saved).unwrap();
                } else {
                    black_box(now(store.load(slot)).unwrap());
                }
            });
        },
        move || {
            on_two_threads(&|i| {
                let name = &names[i * 7 % names.len()];
                if i % 10 == 0 {
                    map.insert(name.clone(), Arc::clone(&bytes));
                } else {
                    black_box(map.get(name).map(|found| Arc::clone(&found)));
                }
            });
        },
    )
    .waiting()
}

/// A future that never waits, without a runtime in the way.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("the memory store never waits"),
    }
}
