//! Between client and server everything goes wrong, thousands of times, and is counted: nothing
//! acknowledged is lost, and nothing that was removed comes back.

use crate::server::{APP, OWNER, Server, config, url};
use didkey::Ed25519SigningKey;
use session_core::{ExpectedSlot, RecordTag, SessionRecord, SessionStore, Slot, StoreError};
use std::time::{Duration, Instant};
use store_postgres::{Postgres, PostgresStore};
use store_testkit::fixtures::TestIssuer;
use test_support::{Fault, Proxy, times_as_many_faults};

/// Longer than whoever asks waits for it in these tests.
const DELAY: Duration = Duration::from_millis(900);

type Record = SessionRecord<Ed25519SigningKey>;

/// Opens until it succeeds: the connection may be cut.
async fn open(port: u16, schema: &str, max_wait: Duration) -> Postgres {
    loop {
        let config = config(&url(APP, port), schema).with_max_wait(max_wait);
        if let Ok(database) = Postgres::open(config).await {
            return database;
        }
    }
}

#[test]
fn a_lost_reply_is_unknown_and_the_change_is_made() {
    store_testkit::run(async {
        let server = Server::shared();
        let schema = server.new_schema().await;
        let proxy = Proxy::start(server.port()).await;
        let store = open(proxy.port(), &schema, Duration::from_secs(5))
            .await
            .sessions();
        let issuer = TestIssuer::ethereum();
        let record = issuer.record(&store, "nonce001").await;
        let slot = issuer.slot();
        // prepared, so that the next reply is that of the change
        let tag = store
            .save(slot, &record, ExpectedSlot::Anything)
            .await
            .unwrap();
        store.remove(slot, ExpectedSlot::Anything).await.unwrap();
        proxy.once(Fault::Cut);
        let saved = store.save(slot, &record, ExpectedSlot::Anything).await;
        assert!(
            matches!(saved, Err(StoreError::Unknown { .. })),
            "{saved:?}"
        );
        assert_eq!(store.load(slot).await.unwrap().tag(), Some(tag));
        store.remove(slot, ExpectedSlot::Anything).await.unwrap();
        store
            .save(slot, &record, ExpectedSlot::Anything)
            .await
            .unwrap();
        store.load(slot).await.unwrap();
        store
            .save(slot, &record, ExpectedSlot::Anything)
            .await
            .unwrap();
        proxy.once(Fault::Cut);
        let removed = store.remove(slot, ExpectedSlot::Anything).await;
        // the statement was prepared on this connection or not: known, or not known
        assert!(
            matches!(removed, Err(StoreError::Unknown { .. }) | Ok(_)),
            "{removed:?}"
        );
        // what only reads is asked again, and a connection that is lost while it is made is made anew
        for _ in 0..4 {
            proxy.once(Fault::Cut);
            store.load(slot).await.unwrap();
        }
    });
}

#[test]
fn a_save_that_arrives_too_late_does_nothing() {
    store_testkit::run(async {
        let server = Server::shared();
        let schema = server.new_schema().await;
        let proxy = Proxy::start(server.port()).await;
        let store = open(proxy.port(), &schema, Duration::from_millis(300))
            .await
            .sessions();
        let direct = open(server.port(), &schema, Duration::from_secs(5))
            .await
            .sessions();
        let issuer = TestIssuer::ethereum();
        let record = issuer.record(&store, "nonce001").await;
        let slot = issuer.slot();
        store
            .save(slot, &record, ExpectedSlot::Anything)
            .await
            .unwrap();
        proxy.once(Fault::DelayRequest(DELAY));
        let saved = store.save(slot, &record, ExpectedSlot::Anything).await;
        assert!(
            matches!(saved, Err(StoreError::Unknown { .. })),
            "{saved:?}"
        );
        assert!(direct.remove(slot, ExpectedSlot::Anything).await.unwrap());
        tokio::time::sleep(DELAY * 2).await;
        let back = direct.load(slot).await.unwrap();
        assert!(matches!(back, Slot::Empty), "what was removed came back");
    });
}

/// Now one thing, now another: to one of about fifteen.
fn by_number(n: u64) -> Fault {
    match n % 223 {
        17 | 61 | 117 | 163 | 211 => Fault::Cut,
        31 | 92 | 150 => Fault::CutRequest,
        47 | 131 | 190 => Fault::DelayRequest(Duration::from_millis(5)),
        79 | 177 => Fault::Delay(Duration::from_millis(5)),
        // longer than whoever asked waits for it
        201 => Fault::DelayRequest(DELAY),
        101 if n.is_multiple_of(3) => Fault::Swallow,
        _ => Fault::None,
    }
}

/// What one client knows of its own slot.
#[derive(Debug)]
enum Knows {
    /// Exactly this lies there.
    This(Option<RecordTag>),
    /// One of these.
    OneOf(Vec<Option<RecordTag>>),
}

impl Knows {
    fn allows(&self, found: Option<RecordTag>) -> bool {
        match self {
            Self::This(tag) => *tag == found,
            Self::OneOf(tags) => tags.contains(&found),
        }
    }

    fn or(self, other: Option<RecordTag>) -> Self {
        let mut tags = match self {
            Self::This(tag) => vec![tag],
            Self::OneOf(tags) => tags,
        };
        tags.push(other);
        Self::OneOf(tags)
    }
}

#[derive(Debug, Default)]
struct Counts {
    acknowledged: usize,
    unknown: usize,
    failed: usize,
    killed: usize,
}

/// Saves and removes in a slot of its own, checks after each what lies there, and is killed at
/// times.
async fn client(
    store: PostgresStore,
    slot: session_core::SlotId,
    records: [Record; 2],
    (rounds, max_wait): (usize, Duration),
) -> Counts {
    let mut counts = Counts::default();
    let mut knows = Knows::This(None);
    for round in 0..rounds {
        let record = &records[round % 2];
        let (expected, after) = match (round % 3, &knows) {
            (0, Knows::This(Some(tag))) => (ExpectedSlot::Tag(*tag), Some(record.tag())),
            (0 | 1, _) => (ExpectedSlot::Anything, Some(record.tag())),
            _ => (ExpectedSlot::Anything, None),
        };
        let change = async {
            match after {
                Some(_) => store.save(&slot, record, expected).await.map(drop),
                None => store.remove(&slot, expected).await.map(drop),
            }
        };
        // given up at any moment
        let time = match round % 40 {
            7 => Duration::from_micros(200 * (1 + round as u64 % 9)),
            _ => Duration::from_secs(30),
        };
        match tokio::time::timeout(time, change).await {
            Err(_) => {
                counts.killed += 1;
                knows = knows.or(after);
                // it may still be made for so long
                tokio::time::sleep(max_wait).await;
            }
            Ok(Ok(())) => {
                counts.acknowledged += 1;
                knows = Knows::This(after);
            }
            Ok(Err(StoreError::Unknown { .. })) => {
                counts.unknown += 1;
                knows = knows.or(after);
            }
            // before it was sent, or taken back
            Ok(Err(StoreError::Medium { .. })) => {
                counts.failed += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(Err(error)) => panic!("{error} with {knows:?}"),
        }
        if round % 5 == 0
            && let Ok(found) = store.load(&slot).await
        {
            assert!(knows.allows(found.tag()), "{knows:?}, found {found:?}");
        }
    }
    // those that were given up on the way have ended now
    tokio::time::sleep(Duration::from_secs(1)).await;
    let found = loop {
        if let Ok(found) = store.load(&slot).await {
            break found.tag();
        }
    };
    assert!(knows.allows(found), "at the end {knows:?}, found {found:?}");
    counts
}

async fn clients(stores: &[PostgresStore], rounds: usize, max_wait: Duration) -> Counts {
    let issuer = TestIssuer::ethereum();
    let mut clients = Vec::new();
    for n in 0..8 {
        let store = stores[n % stores.len()].clone();
        let slot = issuer.slot_in(&format!("p{n}"));
        let records = [
            issuer.record(&store, "nonce001").await,
            issuer.record(&store, "nonce002").await,
        ];
        clients.push(tokio::spawn(client(
            store,
            slot,
            records,
            (rounds, max_wait),
        )));
    }
    let mut all = Counts::default();
    for client in clients {
        let counts = client.await.unwrap();
        all.acknowledged += counts.acknowledged;
        all.unknown += counts.unknown;
        all.failed += counts.failed;
        all.killed += counts.killed;
    }
    all
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_removed_comes_back() {
    store_testkit::run(async {
        let server = Server::shared();
        let schema = server.new_schema().await;
        let proxy = Proxy::start(server.port()).await;
        let max_wait = Duration::from_millis(500);
        let pools = [
            open(proxy.port(), &schema, max_wait).await.sessions(),
            open(proxy.port(), &schema, max_wait).await.sessions(),
        ];
        proxy.set(by_number);
        let began = Instant::now();
        let rounds = 400 * times_as_many_faults() as usize;
        let counts = clients(&pools, rounds, max_wait).await;
        let faults = proxy.faults();
        println!("faults: {faults} among {counts:?} in {:?}", began.elapsed());
        assert!(counts.acknowledged > 1_000 && counts.unknown > 10 && faults > 100);
    });
}

#[test]
fn a_server_that_is_killed_keeps_what_it_acknowledged() {
    let mut server = Server::start_or_skip(&[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let schema = runtime.block_on(server.new_schema());
    let owners = config(&server.url(OWNER), &schema);
    runtime.block_on(store_postgres::migrate(&owners)).unwrap();
    let max_wait = Duration::from_secs(2);
    let store = runtime.block_on(open(server.port(), &schema, max_wait));
    let stores = [store.sessions()];
    let times = times_as_many_faults();
    let rounds = 250 * times as usize;
    let clients = runtime.spawn(async move { clients(&stores, rounds, max_wait).await });
    for _ in 0..3 * times {
        std::thread::sleep(Duration::from_millis(400));
        server.kill_and_restart();
    }
    let counts = runtime.block_on(clients).unwrap();
    println!("{} kills of the server: {counts:?}", 3 * times);
    assert!(counts.acknowledged > 100);
}
