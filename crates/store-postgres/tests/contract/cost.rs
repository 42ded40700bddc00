//! What it costs, beside the client library alone: printed, for who looks.

use crate::server::{APP, Server, connect};
use futures_util::future::join_all;
use session_core::{ExpectedSlot, SessionStore};
use std::time::{Duration, Instant};
use store_testkit::fixtures::TestIssuer;

/// The middle of many measurements, of turns that alternate.
async fn compared(
    mut one: impl AsyncFnMut(),
    mut other: impl AsyncFnMut(),
) -> (Duration, Duration) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..400 {
        let began = Instant::now();
        one().await;
        ones.push(began.elapsed());
        let began = Instant::now();
        other().await;
        others.push(began.elapsed());
    }
    let middle = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    (middle(&mut ones), middle(&mut others))
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

#[test]
#[ignore = "a measurement, which wants the machine for itself: run it with --release --nocapture"]
fn cost_beside_the_client_library_alone() {
    store_testkit::run(async {
        let server = Server::shared();
        let schema = server.new_schema().await;
        let database = store_postgres::Postgres::open(server.config(&schema))
            .await
            .unwrap();
        let (store, issuer) = (database.sessions(), TestIssuer::ethereum());
        let record = issuer.record(&store, "nonce001").await;
        let slot = issuer.slot();
        let tag = store
            .save(slot, &record, ExpectedSlot::Anything)
            .await
            .unwrap();

        // the same statements on a connection with the same limits
        let client = connect(&server.url(APP)).await;
        let limits = "SET statement_timeout = 10000; SET lock_timeout = 10000; \
             SET plan_cache_mode = force_generic_plan";
        client.batch_execute(limits).await.unwrap();
        let get = format!(
            "SELECT record, tag, digest = sha256(record || tag), true FROM {schema}.sessions \
             WHERE issuer = $1 AND profile = $2"
        );
        let get = client.prepare(&get).await.unwrap();
        let put = format!(
            "WITH asked AS MATERIALIZED \
             (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint <= $5 AS ok, \
             EXISTS (SELECT FROM {schema}.seal) AS refused), \
             done AS (UPDATE {schema}.sessions SET record = $3, tag = $4, digest = sha256($3 || $4) \
             FROM asked WHERE asked.ok AND issuer = $1 AND profile = $2 AND NOT asked.refused \
             AND tag = $4 AND digest = sha256(record || tag) RETURNING 1) \
             SELECT ok, EXISTS (SELECT FROM done), refused FROM asked"
        );
        let put = client.prepare(&put).await.unwrap();
        let did = slot.issuer().did();
        let text = record.to_stored_string();
        let (bytes, tag_bytes) = (text.as_bytes(), tag.as_bytes().as_slice());

        let (ours, theirs) = compared(
            async || drop(store.load(slot).await.unwrap()),
            async || {
                let rows = client.query(&get, &[&did, &""]).await.unwrap();
                let text: &[u8] = rows[0].get(0);
                // whoever does it by hand reads the record, too
                let text = str::from_utf8(text).unwrap();
                session_core::SessionRecord::from_stored_string_unverified(text).unwrap();
            },
        )
        .await;
        println!(
            "get: {ours:?} / {theirs:?} by hand = {:.2}",
            ratio(ours, theirs)
        );
        let (saved, by_hand) = compared(
            async || {
                let saved = store.save(slot, &record, ExpectedSlot::Tag(tag)).await;
                assert_eq!(saved.unwrap(), tag);
            },
            async || {
                let rows = client
                    .query(&put, &[&did, &"", &bytes, &tag_bytes, &i64::MAX])
                    .await
                    .unwrap();
                assert_eq!(rows.len(), 1);
            },
        )
        .await;
        println!(
            "save: {saved:?} / {by_hand:?} by hand = {:.2}",
            ratio(saved, by_hand)
        );
        let many = async || {
            let gets = join_all((0..64).map(|_| store.load(slot))).await;
            assert!(gets.into_iter().all(|found| found.is_ok()));
        };
        let (many, one) = compared(many, async || drop(store.load(slot).await.unwrap())).await;
        println!(
            "64 gets: {:?} each / {one:?} one = {:.2}",
            many / 64,
            ratio(many / 64, one)
        );

        let (mut times, mut by_hand) = (Vec::new(), Vec::new());
        for accounts in [1_000, 1_000_000] {
            server.psql(&format!(
                "ALTER TABLE {schema}.sessions DISABLE TRIGGER ALL; \
                 INSERT INTO {schema}.sessions (issuer, profile, record, tag, digest) \
                 SELECT 'did:pkh:eip155:1:0x' || lpad(to_hex(n), 40, '0'), '', record, tag, digest \
                 FROM generate_series(1, {accounts}) AS n, {schema}.sessions AS one \
                 WHERE one.issuer = '{did}' ON CONFLICT DO NOTHING; \
                 ALTER TABLE {schema}.sessions ENABLE TRIGGER ALL; ANALYZE {schema}.sessions"
            ));
            let (mut taken, mut taken_by_hand) = (Vec::new(), Vec::new());
            for n in 0..2_000_u64 {
                let account = 1 + n.wrapping_mul(7_919) % accounts;
                let issuer: cacao::Issuer = format!("eip155:1:0x{account:040x}").parse().unwrap();
                let slot = session_core::SlotId::new(issuer);
                let began = Instant::now();
                assert!(store.load(&slot).await.unwrap().tag().is_some());
                taken.push(began.elapsed());
                let did = slot.issuer().did();
                let began = Instant::now();
                assert_eq!(client.query(&get, &[&did, &""]).await.unwrap().len(), 1);
                taken_by_hand.push(began.elapsed());
            }
            for (all, times) in [(taken, &mut times), (taken_by_hand, &mut by_hand)] {
                let mut all = all;
                all.sort();
                times.push(all[all.len() / 2]);
            }
        }
        println!(
            "of 1,000,000 accounts: {:?} / {:?} of 1,000 = {:.2}; by hand {:?} / {:?} = {:.2}",
            times[1],
            times[0],
            ratio(times[1], times[0]),
            by_hand[1],
            by_hand[0],
            ratio(by_hand[1], by_hand[0])
        );
    });
}
