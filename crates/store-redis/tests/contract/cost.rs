//! What the crate costs beside the same commands by the `redis` crate alone. Ignored: it wants a
//! machine of its own, an optimised build and 2 GB of memory.
//!
//! `cargo test -p store-redis --release --test contract -- --ignored --nocapture cost`

use super::engine::own_server;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use session_core::{ExpectedSlot, SessionStore, Slot, SlotId};
use sha2::Digest;
use std::time::{Duration, Instant};
use store_redis::{Options, Redis, RedisStore};
use store_testkit::__private::run_or_skip;
use store_testkit::fixtures::TestIssuer;
use test_support::Kind;

const ROUNDS: usize = 3_000;

/// The median of some.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn key(did: &str, rest: &str) -> String {
    let part = sha2::Sha256::digest(did)[0];
    format!("did-session:{{s{part:03}}}{rest}")
}

fn account(n: usize) -> SlotId {
    let issuer: cacao::Issuer = format!("eip155:1:0x{n:040x}").parse().unwrap();
    SlotId::new(issuer)
}

/// Fills accounts in by a pipeline, each with a copy of one record.
async fn fill(connection: &mut MultiplexedConnection, from: usize, to: usize, value: &[u8]) {
    for begin in (from..to).step_by(5_000) {
        let mut pipe = redis::pipe();
        for n in begin..(begin + 5_000).min(to) {
            let did = account(n).issuer().did();
            let records = key(&did, &format!(":{did}"));
            pipe.cmd("HSET")
                .arg(records)
                .arg("default")
                .arg(value)
                .ignore();
            pipe.cmd("ZADD")
                .arg(key(&did, "index"))
                .arg(0)
                .arg(&did)
                .ignore();
        }
        pipe.exec_async(connection).await.unwrap();
    }
}

/// A get by the store and one by hand, of two accounts among so many that were not asked for
/// before, in turns.
async fn loads(
    store: &RedisStore,
    hand: &mut MultiplexedConnection,
    accounts: usize,
) -> (f64, f64) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for n in 0..ROUNDS {
        let slot = account(2 * n * 7_919 % accounts);
        let begun = Instant::now();
        let lies = store.load(&slot).await.unwrap();
        ours.push(begun.elapsed());
        assert!(matches!(lies, Slot::Record { .. }));
        let did = account((2 * n + 1) * 7_919 % accounts).issuer().did();
        let records = key(&did, &format!(":{did}"));
        let begun = Instant::now();
        let lies: Vec<u8> = hand.hget(&records, "default").await.unwrap();
        read(&lies);
        theirs.push(begun.elapsed());
    }
    (median(ours), median(theirs))
}

/// Whoever gets a record by hand reads it, too.
fn read(value: &[u8]) {
    let text = str::from_utf8(&value[98..]).unwrap();
    session_core::SessionRecord::from_stored_string_unverified(text).unwrap();
}

#[test]
#[ignore = "it measures"]
fn cost() {
    run_or_skip(async {
        let server = own_server(Kind::Redis, &[]);
        let redis = Redis::open_with(&server.url(), Options::new())
            .await
            .unwrap();
        let store = RedisStore::new(&redis);
        let client = redis::Client::open(server.url()).unwrap();
        // accounts are filled in by thousands, which takes its time on a machine that is not alone
        let patient =
            redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(60)));
        let hand = client.get_multiplexed_async_connection_with_config(&patient);
        let mut hand = hand.await.unwrap();
        let issuer = TestIssuer::ethereum();
        let record = issuer.record(&store, "nonce001").await;
        let slot = issuer.slot();
        let tag = store
            .save(slot, &record, ExpectedSlot::Anything)
            .await
            .unwrap();
        let did = slot.issuer().did();
        let (records, index) = (key(&did, &format!(":{did}")), key(&did, "index"));
        let mark = key(&did, "sealed");
        let value: Vec<u8> = hand.hget(&records, "default").await.unwrap();

        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            store.load(slot).await.unwrap();
            ours.push(begun.elapsed());
            let begun = Instant::now();
            let lies: Vec<u8> = hand.hget(&records, "default").await.unwrap();
            read(&lies);
            theirs.push(begun.elapsed());
        }
        let (one, by_hand) = (median(ours), median(theirs));
        println!(
            "get: {one:.1} us, by hand {by_hand:.1} us, ratio {:.2} (<= 1.10)",
            one / by_hand
        );

        let script = redis::Script::new(concat!(
            include_str!("../../src/lua/in_time.lua"),
            include_str!("../../src/lua/expected.lua"),
            include_str!("../../src/lua/save.lua")
        ));
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            store
                .save(slot, &record, ExpectedSlot::Tag(tag))
                .await
                .unwrap();
            ours.push(begun.elapsed());
            let begun = Instant::now();
            // whoever does it by hand makes the record's text and its tag, too
            let (text, new) = (record.to_stored_string(), record.tag());
            let mut call = script.key(&records);
            call.key(&index)
                .key(&mark)
                .arg("default")
                .arg("tag")
                .arg(tag.as_bytes().as_slice());
            call.arg(new.as_bytes().as_slice())
                .arg(&value[36..58])
                .arg(text.as_bytes())
                .arg(&did)
                .arg("")
                .arg("plain")
                .arg(i64::MAX);
            let done: i64 = call.invoke_async(&mut hand).await.unwrap();
            theirs.push(begun.elapsed());
            assert_eq!(done, 1);
        }
        let (save, by_hand) = (median(ours), median(theirs));
        let ratio = save / by_hand;
        println!(
            "conditional save: {save:.1} us, by hand {by_hand:.1} us, ratio {ratio:.2} (<= 1.10)"
        );

        let mut together = Vec::new();
        for _ in 0..ROUNDS / 10 {
            let begun = Instant::now();
            futures_util::future::join_all((0..64).map(|_| store.load(slot))).await;
            together.push(begun.elapsed());
        }
        let each = median(together) / 64.0;
        // the same by hand: one pipeline, and each record read
        let mut together = Vec::new();
        for _ in 0..ROUNDS / 10 {
            let mut pipe = redis::pipe();
            for _ in 0..64 {
                pipe.hget(&records, "default");
            }
            let begun = Instant::now();
            let lie: Vec<Vec<u8>> = pipe.query_async(&mut hand).await.unwrap();
            lie.iter().for_each(|value| read(value));
            together.push(begun.elapsed());
        }
        let by_hand = median(together) / 64.0;
        println!(
            "64 gets at once: {each:.2} us each, ratio {:.3} (<= 0.15); by hand {by_hand:.2} us each, \
             ratio {:.2}",
            each / one,
            each / by_hand
        );

        fill(&mut hand, 0, 1_000, &value).await;
        let (few, few_by_hand) = loads(&store, &mut hand, 1_000).await;
        fill(&mut hand, 1_000, 1_000_000, &value).await;
        let (many, many_by_hand) = loads(&store, &mut hand, 1_000_000).await;
        println!(
            "get of 1,000 accounts {few:.1} us, of 1,000,000 {many:.1} us, ratio {:.2} (<= 1.2); by hand \
             {few_by_hand:.1} us, {many_by_hand:.1} us, ratio {:.2}",
            many / few,
            many_by_hand / few_by_hand
        );
    });
}
