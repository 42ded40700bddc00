//! Sessions, while replies are delayed, cut and swallowed and callers are killed.

use super::engine::{own_server, prefix, server};
use session_core::{
    ExpectedSlot, PromptLockGuard, RecordTag, SealableStore, SessionStore, Slot, SlotId, StoreError,
};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use store_redis::{Options, Redis, RedisStore};
use store_testkit::__private::run_or_skip;
use store_testkit::fixtures::TestIssuer;
use test_support::{Fault, Kind, Proxy, times_as_many_faults};

async fn through(proxy: &Proxy, prefix: &str) -> RedisStore {
    let options = Options::new()
        .with_prefix(prefix)
        .unwrap()
        .with_reply_timeout(Duration::from_millis(60));
    let url = format!("redis://127.0.0.1:{}", proxy.port());
    RedisStore::new(&Redis::open_with(&url, options).await.unwrap())
}

fn tag(slot: &Slot<didkey::Ed25519SigningKey>) -> Option<RecordTag> {
    assert!(!matches!(slot, Slot::Unreadable { .. }), "{slot:?}");
    slot.tag()
}

/// Nobody waits for it any more, and what came after it was acknowledged: it must not be undone.
#[test]
fn a_change_that_arrives_too_late_does_nothing() {
    const DELAY: Duration = Duration::from_millis(900);
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let server = server(kind);
            let prefix = prefix();
            let proxy = Proxy::start(server.port()).await;
            let options = Options::new().with_prefix(&*prefix).unwrap();
            let direct = Redis::open_with(&server.url(), options.clone()).await;
            let direct = RedisStore::new(&direct.unwrap());
            let url = format!("redis://127.0.0.1:{}", proxy.port());
            let options = options.with_reply_timeout(Duration::from_millis(300));
            let store = RedisStore::new(&Redis::open_with(&url, options).await.unwrap());
            let issuer = TestIssuer::ethereum();
            let slot = issuer.slot();
            let old = issuer.record(&store, "nonce001").await;
            let new = issuer.record(&store, "nonce002").await;
            let any = ExpectedSlot::Anything;
            // the engine knows each script, so that the next request is the change itself
            store.save(slot, &old, any).await.unwrap();
            store.remove(slot, any).await.unwrap();
            store.remove_issuer(slot.issuer()).await.unwrap();

            store.load(slot).await.unwrap();
            proxy.once(Fault::DelayRequest(DELAY));
            let saved = store.save(slot, &old, any).await;
            assert!(
                matches!(saved, Err(StoreError::Unknown { .. })),
                "{saved:?}"
            );
            assert!(!direct.remove(slot, any).await.unwrap());
            tokio::time::sleep(DELAY).await;
            let back = direct.load(slot).await.unwrap();
            assert!(matches!(back, Slot::Empty), "what was removed came back");

            for of_issuer in [false, true] {
                store.load(slot).await.unwrap();
                proxy.once(Fault::DelayRequest(DELAY));
                let removed = match of_issuer {
                    false => store.remove(slot, any).await.map(drop),
                    true => store.remove_issuer(slot.issuer()).await.map(drop),
                };
                assert!(
                    matches!(removed, Err(StoreError::Unknown { .. })),
                    "{removed:?}"
                );
                direct.save(slot, &new, any).await.unwrap();
                tokio::time::sleep(DELAY).await;
                let kept = tag(&direct.load(slot).await.unwrap());
                assert_eq!(kept, Some(new.tag()), "what was saved since is gone");
            }

            // neither the seal, nor the marks that refuse plain records
            store.load(slot).await.unwrap();
            proxy.once(Fault::DelayRequest(DELAY));
            assert!(store.replace_seal(b"late", None).await.is_err());
            tokio::time::sleep(DELAY).await;
            assert_eq!(direct.load_seal().await.unwrap(), None);
            direct.save(slot, &old, any).await.unwrap();
            assert!(direct.replace_seal(b"one", None).await.unwrap());
            store.load(slot).await.unwrap();
            proxy.once(Fault::DelayRequest(DELAY));
            assert!(store.replace_seal(b"late", Some(b"one")).await.is_err());
            tokio::time::sleep(DELAY).await;
            assert_eq!(
                direct.load_seal().await.unwrap().as_deref(),
                Some(&b"one"[..])
            );
        });
    }
}

/// A model of one slot, held against what a store behind a bad network says: what was acknowledged
/// is there, what conflicted did nothing, and what is unknown was done whole or not at all.
#[test]
fn what_is_acknowledged_is_so_whatever_the_network_does() {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let server = server(kind);
            let prefix = prefix();
            let proxy = Proxy::start(server.port()).await;
            let store = through(&proxy, &prefix).await;
            let direct = Options::new().with_prefix(&*prefix).unwrap();
            let direct = Redis::open_with(&server.url(), direct).await.unwrap();
            let direct = RedisStore::new(&direct);
            let issuer = TestIssuer::ethereum();
            let slot = issuer.slot();
            let records = [
                issuer.record(&store, "nonce001").await,
                issuer.record(&store, "nonce002").await,
                issuer.record(&store, "nonce003").await,
            ];
            proxy.set(|n| match n % 23 {
                3 => Fault::Cut,
                7 => Fault::CutRequest,
                13 => Fault::Delay(Duration::from_millis(10)),
                19 if n % 115 == 19 => Fault::Swallow,
                _ => Fault::None,
            });
            let mut there: Option<RecordTag> = None;
            let (mut changes, mut unknown, mut refused) = (0_u32, 0_u32, 0_u32);
            let times = times_as_many_faults();
            let end = Instant::now() + Duration::from_secs(7) * times;
            while Instant::now() < end && changes < 2_000 * times {
                let n = changes as usize;
                changes += 1;
                let before = there;
                let expected = match n % 4 {
                    0 => ExpectedSlot::Anything,
                    1 => before.map_or(ExpectedSlot::Absent, ExpectedSlot::Tag),
                    2 => ExpectedSlot::Tag(records[n % 3].tag()),
                    _ => ExpectedSlot::Absent,
                };
                let (wanted, done) = if n % 5 == 4 {
                    (None, store.remove(slot, expected).await.map(|_| None))
                } else {
                    let record = &records[(n / 2) % 3];
                    let saved = store.save(slot, record, expected).await;
                    (Some(record.tag()), saved.map(Some))
                };
                let lies = tag(&direct.load(slot).await.unwrap());
                match done {
                    Ok(answered) => {
                        assert!(expected.allows(before), "{n}");
                        assert_eq!(answered, wanted, "{n}");
                        assert_eq!(lies, wanted, "{n}: what was acknowledged");
                    }
                    Err(StoreError::Conflict { .. }) => {
                        assert!(!expected.allows(before), "{n}");
                        assert_eq!(lies, before, "{n}: what conflicted");
                        refused += 1;
                    }
                    Err(StoreError::Unknown { .. }) => {
                        unknown += 1;
                        let may = expected.allows(before) && lies == wanted;
                        assert!(lies == before || may, "{n}: what is unknown");
                    }
                    Err(_) => assert_eq!(lies, before, "{n}: what failed"),
                }
                there = lies;
            }
            let (program, faults) = (kind.program(), proxy.faults());
            println!(
                "{program}: {changes} changes, {faults} faults, {refused} conflicts, {unknown} unknown"
            );
            assert!(changes > 300 && unknown > 10, "{changes} {unknown}");
            proxy.set(|_| Fault::None);
            let _ = store.load(slot).await;
            store.load(slot).await.expect("it recovers by itself");
        });
    }
}

/// Callers of several machines, of whom many are dropped at any moment: one asks the wallet at a
/// time.
#[test]
fn one_prompt_under_any_race() {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let server = server(kind);
            let prefix = prefix();
            let proxy = Proxy::start(server.port()).await;
            let mut machines = Vec::new();
            for n in 0..6 {
                let store = through(&proxy, &prefix).await;
                machines.push(store.with_lease(Duration::from_millis(400 + n)));
            }
            proxy.set(|n| match n % 41 {
                11 => Fault::Cut,
                29 => Fault::Delay(Duration::from_millis(10)),
                _ => Fault::None,
            });
            let slot = TestIssuer::ethereum().slot().clone();
            let inside = Inside::default();
            let prompts = Arc::new(AtomicU32::new(0));
            let given_up = Arc::new(AtomicU32::new(0));
            let end = Instant::now() + Duration::from_secs(4) * times_as_many_faults();
            let mut callers = Vec::new();
            for (n, store) in machines.iter().cycle().take(12).enumerate() {
                let (store, slot) = (store.clone(), slot.clone());
                let (inside, prompts) = (Arc::clone(&inside), Arc::clone(&prompts));
                let given_up = Arc::clone(&given_up);
                callers.push(tokio::spawn(async move {
                    let mut round = n as u64;
                    while Instant::now() < end {
                        round += 1;
                        let turn = prompt(&store, &slot, &inside, &prompts);
                        // every third caller is killed in the middle
                        let life = match round % 3 {
                            0 => Duration::from_millis(round * 7 % 40),
                            _ => Duration::from_secs(2),
                        };
                        if tokio::time::timeout(life, turn).await.is_err() {
                            given_up.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                }));
            }
            for caller in callers {
                caller.await.unwrap();
            }
            let (prompts, given_up) = (
                prompts.load(Ordering::SeqCst),
                given_up.load(Ordering::SeqCst),
            );
            let (program, faults) = (kind.program(), proxy.faults());
            println!(
                "{program}: {prompts} prompts, one at a time; {given_up} callers dropped, {faults} faults"
            );
            assert!(prompts > 5, "{prompts}");
        });
    }
}

/// Those who have a prompt open, each with its right.
type Inside = Arc<Mutex<HashMap<u64, Arc<dyn PromptLockGuard>>>>;

/// Leaves also when it is dropped.
struct Leaves(Inside, u64);

impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.lock().unwrap().remove(&self.1);
    }
}

async fn prompt(store: &RedisStore, slot: &SlotId, inside: &Inside, prompts: &AtomicU32) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Ok(lock) = store.lock_prompt(slot, Duration::from_secs(1)).await else {
        return;
    };
    let lock: Arc<dyn PromptLockGuard> = Arc::from(lock);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let open = async {
        {
            let mut inside = inside.lock().unwrap();
            let others = inside.values().filter(|other| other.is_held()).count();
            // one that was lost says so before another one is had
            assert!(others == 0 || !lock.is_held(), "two prompts are open");
            inside.insert(number, Arc::clone(&lock));
        }
        let _leaves = Leaves(Arc::clone(inside), number);
        prompts.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(15)).await;
    };
    tokio::select! {
        () = open => {}
        () = lock.keep() => {}
    }
    lock.release().await;
}

/// A holder that dies frees the prompt when its lease is over, and no earlier.
#[test]
fn a_holder_that_dies_frees_the_prompt_late() {
    run_or_skip(async {
        let server = server(Kind::Redis);
        let prefix = prefix();
        let proxy = Proxy::start(server.port()).await;
        let dies = through(&proxy, &prefix)
            .await
            .with_lease(Duration::from_millis(600));
        let slot = TestIssuer::ethereum().slot().clone();
        let held = dies
            .lock_prompt(&slot, Duration::from_secs(1))
            .await
            .unwrap();
        let taken = Instant::now();
        // the machine is gone: nothing that it sends arrives
        proxy.stop();
        let direct = Options::new().with_prefix(&*prefix).unwrap();
        let direct = Redis::open_with(&server.url(), direct).await.unwrap();
        let direct = RedisStore::new(&direct);
        let early = direct.lock_prompt(&slot, Duration::from_millis(100)).await;
        assert!(matches!(early, Err(StoreError::Busy { .. })));
        let next = direct
            .lock_prompt(&slot, Duration::from_secs(5))
            .await
            .unwrap();
        assert!(
            taken.elapsed() >= Duration::from_millis(500),
            "{:?}",
            taken.elapsed()
        );
        assert!(next.is_held() && !held.is_held());
    });
}

/// Of many who save what they expect to be the first, one wins; and the server is killed again
/// and again meanwhile: nothing that was acknowledged is lost.
#[test]
fn a_server_that_is_killed_again_and_again_loses_nothing() {
    run_or_skip(async {
        let always = ["--appendonly", "yes", "--appendfsync", "always"];
        let server = Arc::new(own_server(Kind::Redis, &always));
        let options = Options::new().with_reply_timeout(Duration::from_millis(500));
        let redis = Redis::open_with(&server.url(), options).await.unwrap();
        let store = RedisStore::new(&redis);
        let issuer = TestIssuer::ethereum();
        let record = issuer.record(&store, "nonce001").await;
        let end = Instant::now() + Duration::from_secs(6) * times_as_many_faults();
        let saves = (0..8).map(|caller: u32| {
            let (store, record) = (store.clone(), record.clone());
            let issuer = issuer.clone();
            tokio::spawn(async move {
                let (mut saved, mut failed) = (Vec::new(), 0_u32);
                for n in 0.. {
                    if Instant::now() > end {
                        break;
                    }
                    let slot = issuer.slot_in(&format!("p{caller}-{n}"));
                    match store.save(&slot, &record, ExpectedSlot::Absent).await {
                        Ok(_) => saved.push(slot),
                        Err(StoreError::Conflict { .. }) => panic!("nobody else saves {slot}"),
                        Err(_) => {
                            failed += 1;
                            tokio::time::sleep(Duration::from_millis(2)).await;
                        }
                    }
                }
                (saved, failed)
            })
        });
        let saves: Vec<_> = saves.collect();
        let kills = {
            let server = Arc::clone(&server);
            tokio::task::spawn_blocking(move || {
                let mut kills = 0;
                while Instant::now() + Duration::from_millis(500) < end {
                    std::thread::sleep(Duration::from_millis(300));
                    server.kill();
                    server.restart();
                    kills += 1;
                }
                kills
            })
        };
        let (mut acknowledged, mut failed) = (Vec::new(), 0);
        for task in saves {
            let (saved, errors) = task.await.unwrap();
            acknowledged.extend(saved);
            failed += errors;
        }
        let kills = kills.await.unwrap();
        let there: HashSet<SlotId> = store
            .list()
            .await
            .unwrap()
            .into_iter()
            .filter_map(|listed| match listed {
                session_core::Listed::Slot(slot) => Some(slot),
                _ => None,
            })
            .collect();
        let lost = acknowledged
            .iter()
            .filter(|slot| !there.contains(slot))
            .count();
        let count = acknowledged.len();
        println!("{kills} kills, {count} saves acknowledged, {failed} failed, {lost} lost");
        assert!(kills > 2 && count > 100, "{kills} {count}");
        assert_eq!(lost, 0);
    });
}
