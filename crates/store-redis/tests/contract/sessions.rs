//! The contract of stores, and what lies in the engine.

use super::engine::{open, options, own_server, prefix, server};
use cacao::UnixTime;
use session_core::{Clock, ExpectedSlot, Listed, SessionStore, Slot, SlotId};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use store_redis::{Options, Redis, RedisStore};
use store_testkit::__private::run_or_skip;
use store_testkit::fixtures::TestIssuer;
use store_testkit::{Kept, Lost};
use test_support::{Fault, Kind, Proxy, RedisServer};

/// A store behind a proxy, and what a test needs to get at its keys.
type Store = Kept<RedisStore, Medium>;

#[derive(Clone)]
pub(crate) struct Medium {
    kind: Kind,
    prefix: String,
    proxy: Arc<Proxy>,
}

/// How long the leases of these stores last.
pub(crate) const TTL: Duration = Duration::from_secs(1);

impl Medium {
    pub(crate) async fn new(kind: Kind) -> Self {
        Self {
            kind,
            prefix: prefix(),
            proxy: Arc::new(Proxy::start(server(kind).port()).await),
        }
    }

    pub(crate) fn open(&self) -> RedisStore {
        let options = Options::new().with_prefix(&*self.prefix).unwrap();
        let url = format!("redis://127.0.0.1:{}", self.proxy.port());
        let redis = Redis::lazy(&url, options).unwrap();
        RedisStore::new(&redis).with_lease(TTL)
    }

    /// Loses the next request, or its reply.
    pub(crate) fn lose(&self, lost: Lost) {
        self.proxy.once(match lost {
            Lost::Request => Fault::CutRequest,
            Lost::Reply => Fault::Cut,
        });
    }

    /// Leaves something in a slot that is no record.
    pub(crate) fn spoil(&self, slot: &SlotId) {
        let (records, index, did) = keys(&self.prefix, slot);
        let profile = slot.profile();
        for command in [
            format!("HSET {records} {profile} garbage"),
            format!("ZADD {index} 0 {did}"),
        ] {
            server(self.kind).tell_engine(&command).unwrap();
        }
    }
}

async fn store(kind: Kind) -> Store {
    let medium = Medium::new(kind).await;
    Kept::new(medium.open(), medium)
}

async fn reopen(store: Store) -> Store {
    store.reopen(Medium::open)
}

/// As another process opens it, by that clock.
async fn another(store: &Store, clock: Arc<dyn Clock>) -> Store {
    let medium = store.guard().clone();
    Kept::new(medium.open().with_clock(clock), medium)
}

async fn lossy(store: &Store, lost: Lost) {
    // the request is the next one, and not the making of a connection
    store.list().await.unwrap();
    store.guard().lose(lost);
}

/// Takes the prompt lock as another process does, and never gives it back.
async fn crash(store: &Store, slot: &SlotId) {
    let dies = store.guard().open();
    let held = dies.lock_prompt(slot, TTL).await.unwrap();
    std::mem::forget(held);
}

/// The keys of a slot's issuer: its records, and the index.
fn keys(prefix: &str, slot: &SlotId) -> (String, String, String) {
    use sha2::Digest;
    let did = slot.issuer().did();
    let part = sha2::Sha256::digest(&did)[0];
    (
        format!("{prefix}{{s{part:03}}}:{did}"),
        format!("{prefix}{{s{part:03}}}index"),
        did,
    )
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
            store_testkit::sealable_contract!(store($kind).await);
            store_testkit::store_durability!(store($kind).await, reopen = reopen);
        }
    };
}

contracts!(redis, Kind::Redis);
contracts!(valkey, Kind::Valkey);

/// The one server of a cluster refuses a script whose keys lie in several slots: none has such.
#[test]
fn the_keys_of_one_operation_lie_in_one_slot_of_a_cluster() {
    run_or_skip(async {
        // its own choice would be 10,000 above the port, which may be too high
        let bus = test_support::free_port().to_string();
        let settings = ["--cluster-enabled", "yes", "--cluster-port", &bus];
        let server = own_server(Kind::Redis, &settings);
        server.tell_engine("CLUSTER ADDSLOTSRANGE 0 16383").unwrap();
        let is_up = || {
            server
                .tell_engine("CLUSTER INFO")
                .unwrap()
                .contains("cluster_state:ok")
        };
        for _ in 0..200 {
            if is_up() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(is_up(), "the cluster does not come up");
        let redis = Redis::open_with(&server.url(), options()).await.unwrap();
        let store = RedisStore::new(&redis);
        for issuer in TestIssuer::each() {
            let record = issuer.record(&store, "nonce001").await;
            for slot in [issuer.slot().clone(), issuer.slot_in("work")] {
                store
                    .save(&slot, &record, ExpectedSlot::Absent)
                    .await
                    .unwrap();
                drop(
                    store
                        .lock_prompt(&slot, Duration::from_secs(1))
                        .await
                        .unwrap(),
                );
            }
            assert_eq!(store.list().await.unwrap().len(), 2);
            store
                .remove(issuer.slot(), ExpectedSlot::Anything)
                .await
                .unwrap();
            store.purge(UnixTime::EPOCH).await.unwrap();
            assert_eq!(store.remove_issuer(issuer.issuer()).await.unwrap().len(), 1);
        }
        super::server_faults::each_of_the_server_once(&redis).await;
    });
}

/// Pages have what the list has, each once, in any size.
#[test]
fn pages_are_the_list() {
    run_or_skip(async {
        let store = RedisStore::new(&open(Kind::Redis).await);
        let record = TestIssuer::ethereum().record(&store, "nonce001").await;
        let mut saved = Vec::new();
        for n in 0..150 {
            let issuer: cacao::Issuer = format!("eip155:1:0x{n:040x}").parse().unwrap();
            let slot = SlotId::new(issuer);
            let work = slot.clone().with_profile("work".parse().unwrap());
            for slot in [slot, work].into_iter().take(1 + n % 2) {
                store
                    .save(&slot, &record, ExpectedSlot::Absent)
                    .await
                    .unwrap();
                saved.push(Listed::Slot(slot));
            }
        }
        saved.sort();
        for limit in [1, 2, 7, 100, 224, 225, 226, 1000] {
            let (mut all, mut after) = (Vec::new(), None);
            loop {
                let limit = NonZeroUsize::new(limit).unwrap();
                let page = store.list_page(after.as_ref(), limit).await.unwrap();
                assert!(page.entries.len() <= limit.get());
                all.extend(page.entries);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            all.sort();
            assert_eq!(all, saved, "{limit}");
        }
        let cursor = session_core::ListCursor::new("not a cursor");
        let one = NonZeroUsize::MIN;
        assert!(store.list_page(Some(&cursor), one).await.is_err());
    });
}

/// Where it is asked for, the engine deletes what has expired, and what lasts stays.
#[test]
fn the_engine_deletes_what_has_expired_where_it_is_asked_to() {
    run_or_skip(async {
        let server = server(Kind::Redis);
        let options = Options::new().with_prefix(prefix()).unwrap();
        let options = options.with_record_expiry(Duration::from_millis(300));
        let redis = Redis::open_with(&server.url(), options).await.unwrap();
        let store = RedisStore::new(&redis);
        let issuer = TestIssuer::ethereum();
        let short = issuer.record_with(&store, "nonce001", |payload| {
            payload.with_expires_at("2024-01-02T00:00:00.000Z".parse().unwrap())
        });
        let (short, long) = (short.await, issuer.record(&store, "nonce002").await);
        store
            .save(issuer.slot(), &short, ExpectedSlot::Absent)
            .await
            .unwrap();
        let other = TestIssuer::solana();
        let mixed = [
            (other.slot().clone(), &short),
            (other.slot_in("work"), &long),
        ];
        for (slot, record) in &mixed {
            store
                .save(slot, record, ExpectedSlot::Anything)
                .await
                .unwrap();
        }
        // what ended long ago is deleted at once
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(matches!(
            store.load(issuer.slot()).await.unwrap(),
            Slot::Empty
        ));
        assert!(matches!(
            store.load(&mixed[1].0).await.unwrap(),
            Slot::Record { .. }
        ));
        let listed = store.list().await.unwrap();
        assert!(
            !listed.contains(&Listed::Slot(issuer.slot().clone())),
            "{listed:?}"
        );
        // purge sweeps what is left in the index
        store
            .purge(UnixTime::from_secs(1_800_000_000))
            .await
            .unwrap();
        assert!(matches!(
            store.load(&mixed[1].0).await.unwrap(),
            Slot::Record { .. }
        ));
    });
}

/// What was saved is there after the server was killed, if it writes everything down; and what
/// was removed stays away.
#[test]
fn nothing_that_was_acknowledged_is_lost_with_appendonly_always() {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let always = ["--appendonly", "yes", "--appendfsync", "always"];
            let server: RedisServer = own_server(kind, &always);
            let redis = Redis::open(&server.url()).await.unwrap();
            let store = RedisStore::new(&redis);
            let mut acknowledged = 0_u32;
            for round in 0..4 {
                let mut expected = Vec::new();
                for issuer in TestIssuer::each() {
                    for profile in ["a", "b", "c"] {
                        let slot = issuer.slot_in(profile);
                        let record = issuer.record(&store, &format!("nonce{round:03}")).await;
                        let tag = store.save(&slot, &record, ExpectedSlot::Anything).await;
                        let tag = Some(tag.unwrap());
                        acknowledged += 1;
                        if profile == "b" {
                            store.remove(&slot, ExpectedSlot::Anything).await.unwrap();
                            expected.push((slot, None));
                        } else {
                            expected.push((slot, tag));
                        }
                    }
                }
                server.kill();
                let slot = &expected[0].0;
                assert!(store.load(slot).await.is_err(), "there is no engine");
                server.restart();
                for (slot, tag) in &expected {
                    let lies = store.load(slot).await.unwrap();
                    assert_eq!(lies.tag(), *tag, "{slot} after {round}");
                }
            }
            println!("{acknowledged} changes acknowledged, none lost");
        });
    }
}
