//! Sealed records in the engine: the contract over them, and what of them lies there.

use super::engine::{own_server, prefix, server};
use super::sessions::{Medium, TTL};
use session_core::{
    Clock, ExpectedSlot, Listed, SealError, SealableStore, SealedSlot, SessionStore, Slot, SlotId,
    StoreError,
};
use std::error::Error as _;
use std::sync::Arc;
use store_redis::{Options, Redis, RedisStore};
use store_sealed::{SealKey, SealedStore};
use store_testkit::__private::run_or_skip;
use store_testkit::fixtures::TestIssuer;
use store_testkit::{Kept, Lost, secrets_in};
use test_support::{Kind, RedisServer};

type Store = Kept<SealedStore<RedisStore>, Medium>;

fn key() -> SealKey {
    SealKey::from_bytes(&[7; 32])
}

async fn store(kind: Kind) -> Store {
    let medium = Medium::new(kind).await;
    let store = SealedStore::create(medium.open(), &key()).await.unwrap();
    Kept::new(store, medium)
}

async fn reopen(store: Store) -> Store {
    let opened = SealedStore::open(store.guard().open(), &key()).await;
    store.reopen(|_| opened.unwrap())
}

async fn another(store: &Store, clock: Arc<dyn Clock>) -> Store {
    let medium = store.guard().clone();
    let inner = medium.open().with_clock(clock);
    Kept::new(SealedStore::open(inner, &key()).await.unwrap(), medium)
}

async fn lossy(store: &Store, lost: Lost) {
    store.list().await.unwrap();
    store.guard().lose(lost);
}

async fn crash(store: &Store, slot: &SlotId) {
    let held = store.guard().open().lock_prompt(slot, TTL).await;
    std::mem::forget(held.unwrap());
}

async fn spoil(store: &Store, slot: &SlotId) {
    store.guard().spoil(slot);
}

macro_rules! contracts {
    ($engine:ident, $kind:expr) => {
        mod $engine {
            use super::*;

            store_testkit::store_contract!(
                store($kind).await,
                corrupt = spoil,
                lossy = lossy,
                another = another,
                ttl = TTL,
                crash = crash,
                never = [foreign_key]
            );
            store_testkit::store_durability!(store($kind).await, reopen = reopen);
        }
    };
}

contracts!(redis, Kind::Redis);
contracts!(valkey, Kind::Valkey);

async fn open(server: &RedisServer, prefix: &str) -> RedisStore {
    let options = Options::new().with_prefix(prefix).unwrap();
    RedisStore::new(&Redis::open_with(&server.url(), options).await.unwrap())
}

fn is_sealed(error: &StoreError) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref());
    matches!(error, StoreError::Medium { .. }) && source == Some(&SealError::Sealed)
}

/// Whoever opened the store before it was sealed is refused, too, in whatever part of it.
#[test]
fn a_sealed_store_takes_no_plain_record() {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let (server, prefix) = (server(kind), prefix());
            let (plain, other) = (open(server, &prefix).await, open(server, &prefix).await);
            let record = TestIssuer::ethereum().record(&plain, "nonce001").await;
            let (anything, absent) = (ExpectedSlot::Anything, ExpectedSlot::Absent);
            let slots = (0..600).map(|n| {
                let issuer: cacao::Issuer = format!("eip155:1:0x{n:040x}").parse().unwrap();
                SlotId::new(issuer)
            });
            let slots: Vec<_> = slots.collect();
            plain.save(&slots[0], &record, absent).await.unwrap();
            // a seal that was not as expected forbids nothing
            assert!(!other.replace_seal(b"new", Some(b"old")).await.unwrap());
            plain.save(&slots[1], &record, absent).await.unwrap();
            let sealed = SealedStore::create(other.clone(), &key()).await.unwrap();
            assert!(!other.replace_seal(b"new", None).await.unwrap());
            for slot in &slots {
                let refused = plain.save(slot, &record, anything).await.unwrap_err();
                assert!(is_sealed(&refused), "{slot}: {refused:?}");
            }
            assert_eq!(plain.list().await.unwrap().len(), 2);
            assert!(matches!(
                plain.load_sealed(&slots[0]).await.unwrap(),
                SealedSlot::Unreadable { tag, .. } if tag == record.tag()
            ));
            assert_eq!(sealed.seal_plain().await.unwrap().sealed, 2);
            let Slot::Unreadable { tag, source } = plain.load(&slots[0]).await.unwrap() else {
                panic!("a sealed record was read in plain");
            };
            assert_eq!(
                (tag, source.downcast_ref()),
                (record.tag(), Some(&SealError::Sealed))
            );
            sealed.rekey(&SealKey::from_bytes(&[8; 32])).await.unwrap();
            SealedStore::open(other.clone(), &key()).await.unwrap_err();
            // logging out needs no key
            let removed = plain.remove(&slots[0], ExpectedSlot::Tag(tag)).await;
            assert!(removed.unwrap());
            assert_eq!(
                plain.list().await.unwrap(),
                [Listed::Slot(slots[1].clone())]
            );
        });
    }
}

/// By the head, in the engine, without the key; and what lasts stays.
#[test]
fn sealed_records_that_expired_are_purged_in_the_engine() {
    run_or_skip(async {
        let inner = open(server(Kind::Redis), &prefix()).await;
        let sealed = SealedStore::create(inner.clone(), &key()).await.unwrap();
        let issuer = TestIssuer::ethereum();
        let ends: cacao::Timestamp = "2024-01-02T00:00:00.500Z".parse().unwrap();
        let short = issuer
            .record_with(&sealed, "nonce001", |payload| payload.with_expires_at(ends))
            .await;
        let long = issuer.record(&sealed, "nonce002").await;
        let absent = ExpectedSlot::Absent;
        sealed.save(issuer.slot(), &short, absent).await.unwrap();
        let work = issuer.slot_in("work");
        sealed.save(&work, &long, absent).await.unwrap();
        // a part of a second counts as a whole one
        let second: cacao::Timestamp = "2024-01-02T00:00:01.000Z".parse().unwrap();
        let second = second.unix_time();
        assert_eq!(inner.purge(second).await.unwrap(), 0);
        let after = second + std::time::Duration::from_nanos(1);
        assert_eq!(inner.purge(after).await.unwrap(), 1);
        assert_eq!(inner.list().await.unwrap(), [Listed::Slot(work)]);
    });
}

/// All keys and values of the engine, and all of its files.
async fn all_of(server: &RedisServer) -> Vec<u8> {
    let client = ::redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut all = Vec::new();
    let keys: Vec<Vec<u8>> = ::redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut connection)
        .await
        .unwrap();
    for key in keys {
        let kind: String = ::redis::cmd("TYPE")
            .arg(&key)
            .query_async(&mut connection)
            .await
            .unwrap();
        let mut get = match &*kind {
            "string" => ::redis::cmd("GET"),
            "hash" => ::redis::cmd("HGETALL"),
            "zset" => ::redis::cmd("ZRANGE"),
            other => panic!("a {other} of ours?"),
        };
        get.arg(&key);
        if kind == "zset" {
            get.arg(0).arg(-1);
        }
        let values: Vec<Vec<u8>> = if kind == "string" {
            vec![get.query_async(&mut connection).await.unwrap()]
        } else {
            get.query_async(&mut connection).await.unwrap()
        };
        all.extend(key);
        all.extend(values.concat());
    }
    let mut folders = vec![server.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.extend(std::fs::read(path).unwrap());
            }
        }
    }
    all
}

#[test]
fn no_secret_of_a_sealed_record_lies_in_a_key_a_value_or_a_file() {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let settings = ["--appendonly", "yes", "--loglevel", "debug"];
            let server = own_server(kind, &settings);
            let inner = open(&server, "sealed:").await;
            let sealed = SealedStore::create(inner, &key()).await.unwrap();
            let mut records = Vec::new();
            for issuer in TestIssuer::each() {
                let first = issuer.record(&sealed, "nonce001").await;
                let second = issuer.record(&sealed, "nonce002").await;
                let slot = issuer.slot();
                let absent = ExpectedSlot::Absent;
                let tag = sealed.save(slot, &first, absent).await.unwrap();
                let tag = ExpectedSlot::Tag(tag);
                sealed.save(slot, &second, tag).await.unwrap();
                sealed.load(slot).await.unwrap();
                records.extend([first, second]);
            }
            let all = all_of(&server).await;
            for record in &records {
                let found = secrets_in(&all, record);
                assert!(found.is_empty(), "the engine has {found:?}");
            }
            // it looks where records are: those that are not sealed are found
            let plain = open(&server, "plain:").await;
            let slot = TestIssuer::ethereum();
            let anything = ExpectedSlot::Anything;
            plain
                .save(slot.slot(), &records[0], anything)
                .await
                .unwrap();
            assert!(!secrets_in(&all_of(&server).await, &records[0]).is_empty());
        });
    }
}
