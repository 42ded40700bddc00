//! What servers share, while the engine, the network and clocks misbehave.

use super::engine::{open, options, own_server, prefix, server};
use cacao::UnixTime;
use dag_jws::Cid;
use session_core::Revocations as _;
use session_core::server::{
    Capabilities, ChallengeId, Challenges, Consumed, Device, Devices, ProofId, Remembered,
    ReplayWindow,
};
use std::error::Error as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store_redis::{
    Error, Options, Redis, RedisCapabilities, RedisChallenges, RedisDevices, RedisReplayWindow,
    RedisRevocations,
};
use store_testkit::__private::run_or_skip;
use test_support::{Fault, Kind, Proxy, times_as_many_faults};

const BOTH: [Kind; 2] = [Kind::Redis, Kind::Valkey];

fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixTime::EPOCH + since
}

fn proof(n: u64) -> ProofId {
    ProofId::new("did:key:z6Mk", &n.to_string())
}

fn cid(n: u64) -> Cid {
    cacao::car::dag_cbor_cid(&n.to_le_bytes())
}

const MINUTE: Duration = Duration::from_secs(60);

/// What the engine said, in this crate's words.
fn why(error: &session_core::StoreError) -> Error {
    let source = error.source().expect("a source");
    source
        .downcast_ref::<Error>()
        .expect("an error of ours")
        .clone()
}

/// Each operation once: for a server that refuses some.
pub(crate) async fn each_of_the_server_once(redis: &Redis) {
    let window = RedisReplayWindow::open(redis, now()).await.unwrap();
    let until = now() + MINUTE;
    let uses = (0..100).map(|n| window.remember(proof(n), until, now()));
    for first in futures_util::future::join_all(uses).await {
        assert_eq!(first.unwrap(), Remembered::First);
    }
    let challenges = RedisChallenges::new(redis).unwrap();
    let id = ChallengeId::new([1; 16]);
    let used = challenges.consume(id, &cid(1), until, now()).await;
    assert_eq!(used.unwrap(), Consumed::Now);
    let capabilities = RedisCapabilities::new(redis);
    capabilities.put(&cid(1), b"block", until).await.unwrap();
    assert!(capabilities.get(&cid(1)).await.unwrap().is_some());
    let issuer = "eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"
        .parse()
        .unwrap();
    let devices = RedisDevices::new(redis);
    let device = Device::new(
        &issuer,
        "a.example",
        cid(1),
        "did:key:z",
        now(),
        None,
        now(),
    );
    devices.add(&device, now()).await.unwrap();
    assert_eq!(
        devices
            .list(&issuer, "a.example", now())
            .await
            .unwrap()
            .len(),
        1
    );
    devices.remove(&issuer, &cid(1)).await.unwrap();
    assert_eq!(RedisRevocations::new(redis).purge(now()).await.unwrap(), 0);
}

/// Of 10,000 at once over two connections, one wins.
#[test]
fn of_many_uses_over_two_connections_one_wins() {
    for kind in BOTH {
        run_or_skip(async move {
            let url = server(kind).url();
            let same = Options::new().with_prefix(prefix()).unwrap();
            let same = same.with_reply_timeout(Duration::from_secs(20));
            let mut windows = Vec::new();
            let mut challenges = Vec::new();
            for _ in 0..2 {
                let redis = Redis::open_with(&url, same.clone()).await.unwrap();
                windows.push(RedisReplayWindow::open(&redis, now()).await.unwrap());
                challenges.push(RedisChallenges::new(&redis).unwrap());
            }
            let uses = (0..10_000).map(|n| {
                let window = windows[n % 2].clone();
                tokio::spawn(async move {
                    let now = now();
                    window.remember(proof(1), now + MINUTE, now).await
                })
            });
            let (mut firsts, mut again) = (0, 0);
            for one in uses.collect::<Vec<_>>() {
                match one.await.unwrap().unwrap() {
                    Remembered::First => firsts += 1,
                    Remembered::Again => again += 1,
                    Remembered::TooOld => panic!("it is not too old"),
                }
            }
            assert_eq!((firsts, again), (1, 9_999));
            let id = ChallengeId::new([7; 16]);
            let uses = (0..10_000_u64).map(|n| {
                let challenges = challenges[n as usize % 2].clone();
                tokio::spawn(async move {
                    let now = now();
                    challenges.consume(id, &cid(n), now + MINUTE, now).await
                })
            });
            let mut wins = 0;
            for one in uses.collect::<Vec<_>>() {
                match one.await.unwrap().unwrap() {
                    Consumed::Now => wins += 1,
                    Consumed::ByAnother => {}
                    Consumed::ByTheSame => panic!("each is another one"),
                }
            }
            assert_eq!(wins, 1);
        });
    }
}

/// Checks that wait go together: the engine sees far fewer commands than there are checks.
#[test]
fn checks_that_wait_are_one_batch() {
    run_or_skip(async {
        let server = own_server(Kind::Redis, &[]);
        let redis = Redis::open_with(&server.url(), options()).await.unwrap();
        let window = RedisReplayWindow::open(&redis, now()).await.unwrap();
        server.tell_engine("CONFIG RESETSTAT").unwrap();
        let uses = (0..2_000).map(|n| {
            let window = window.clone();
            tokio::spawn(async move { window.remember(proof(n), now() + MINUTE, now()).await })
        });
        for one in uses.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap().unwrap(), Remembered::First);
        }
        let stats = server.tell_engine("INFO commandstats").unwrap();
        let calls = |line: &str| -> Option<u64> {
            let rest = line.strip_prefix("cmdstat_evalsha:calls=")?;
            rest.split(',').next()?.parse().ok()
        };
        let calls = stats.lines().find_map(calls).unwrap();
        assert!(calls < 500, "{calls} scripts for 2,000 checks");
    });
}

/// A server that is killed forgets everything, or nothing, or what it did last: nobody's proof
/// counts twice, and the memory says that it began anew.
#[test]
fn no_restart_brings_a_proof_back() {
    for kind in BOTH {
        for settings in [
            &[][..],
            &["--appendonly", "yes", "--appendfsync", "always"],
            &["--save", "3600 1"],
        ] {
            run_or_skip(async move {
                let server = own_server(kind, settings);
                let redis = Redis::open(&server.url()).await.unwrap();
                let window = RedisReplayWindow::open(&redis, now()).await.unwrap();
                let before = window.memory().unwrap();
                let used = now();
                for n in 0..50 {
                    let first = window.remember(proof(n), used + MINUTE, used).await;
                    assert_eq!(first.unwrap(), Remembered::First);
                    if n == 20 && settings.contains(&"--save") {
                        server.tell_engine("SAVE").unwrap();
                    }
                }
                server.kill();
                let away = window.remember(proof(99), used + MINUTE, now()).await;
                assert!(away.is_err(), "{away:?}");
                server.restart();
                let mut firsts = 0;
                for n in 0..50 {
                    let again = window.remember(proof(n), used + MINUTE, now()).await;
                    let is_first = again.unwrap() == Remembered::First;
                    // whoever judged it fresh under the memory before is told by the memory
                    firsts += usize::from(is_first && window.memory() == Some(before));
                }
                assert_eq!(firsts, 0);
                let after = window.memory().unwrap();
                assert_ne!(after.id, before.id);
                assert!(after.since >= used, "{:?} {used:?}", after.since);
                // another process agrees
                let redis = Redis::open(&server.url()).await.unwrap();
                let other = RedisReplayWindow::open(&redis, now()).await.unwrap();
                assert_eq!(other.memory().unwrap().id, after.id);
                let fresh = window.remember(proof(1_000), now() + MINUTE, now()).await;
                assert_eq!(fresh.unwrap(), Remembered::First);
                let program = kind.program();
                println!("{program} {settings:?}: 50 proofs, 1 kill, {firsts} came back");
            });
        }
    }
}

/// A challenge that was used before the engine lost its memory is not used again.
#[test]
fn no_restart_brings_a_challenge_back() {
    const LIFE: Duration = Duration::from_secs(600);
    for settings in [
        &[][..],
        &["--appendonly", "yes", "--appendfsync", "always"],
        &["--save", "3600 1"],
    ] {
        run_or_skip(async move {
            let server = own_server(Kind::Redis, settings);
            let redis = Redis::open(&server.url()).await.unwrap();
            let challenges = RedisChallenges::new(&redis).unwrap();
            let issued = now();
            let keeps = settings.contains(&"--appendonly");
            for n in 0..10 {
                let id = ChallengeId::new([n; 16]);
                let used = challenges.consume(id, &cid(1), issued + LIFE, issued).await;
                assert_eq!(used.unwrap(), Consumed::Now);
                if n == 5 && settings.contains(&"--save") {
                    server.tell_engine("SAVE").unwrap();
                }
            }
            server.kill();
            server.restart();
            // a process that knows nothing comes first
            let new = Redis::open(&server.url()).await.unwrap();
            let new = RedisChallenges::new(&new).unwrap();
            let id = ChallengeId::new([100; 16]);
            let used = new.consume(id, &cid(1), now() + LIFE, now()).await;
            assert_eq!(
                used.unwrap(),
                Consumed::Now,
                "what was issued after it counts"
            );
            for n in 0..10 {
                let id = ChallengeId::new([n; 16]);
                for by in [1, 2] {
                    let used = challenges.consume(id, &cid(by), issued + LIFE, now()).await;
                    let used = used.unwrap();
                    assert_ne!(used, Consumed::Now);
                    if keeps && by == 1 {
                        assert_eq!(used, Consumed::ByTheSame);
                    }
                }
            }
            let id = ChallengeId::new([101; 16]);
            let used = challenges.consume(id, &cid(1), now() + LIFE, now()).await;
            assert_eq!(used.unwrap(), Consumed::Now);
            println!("{settings:?}: 10 challenges, 1 kill, 0 came back");
        });
    }
}

/// Machines whose clocks are five minutes apart share a window: both are served, and nothing
/// counts twice.
#[test]
fn clocks_five_minutes_apart() {
    for kind in BOTH {
        run_or_skip(async move {
            let same = Options::new().with_prefix(prefix()).unwrap();
            let url = server(kind).url();
            let mut machines = Vec::new();
            for ahead in [true, false] {
                let redis = Redis::open_with(&url, same.clone()).await.unwrap();
                let clock = move || {
                    let half = Duration::from_secs(149);
                    let nanos = i128::try_from(half.as_nanos()).unwrap();
                    let sign = if ahead { 1 } else { -1 };
                    UnixTime::from_nanos(now().as_nanos() + sign * nanos)
                };
                let window = RedisReplayWindow::open(&redis, clock()).await.unwrap();
                machines.push((window, RedisChallenges::new(&redis).unwrap(), clock));
            }
            for n in 0..200_u64 {
                let (window, challenges, clock) = &machines[n as usize % 2];
                let until = clock() + MINUTE;
                let first = window.remember(proof(n), until, clock()).await.unwrap();
                assert_eq!(first, Remembered::First, "{n}");
                let id = ChallengeId::new(u128::from(n).to_le_bytes());
                let used = challenges.consume(id, &cid(1), until, clock()).await;
                assert_eq!(used.unwrap(), Consumed::Now, "{n}");
                for (window, challenges, clock) in &machines {
                    let again = window.remember(proof(n), until, clock()).await.unwrap();
                    assert_eq!(again, Remembered::Again, "{n}");
                    let other = challenges.consume(id, &cid(2), until, clock()).await;
                    assert_eq!(other.unwrap(), Consumed::ByAnother, "{n}");
                }
            }
            let program = kind.program();
            println!("{program}: 200 proofs and challenges, clocks 298 s apart, each counted once");
        });
    }
}

/// A clock that is an hour ahead or behind is named, and spoils nothing for others.
#[test]
fn a_clock_that_is_wrong_is_named() {
    run_or_skip(async {
        let same = Options::new().with_prefix(prefix()).unwrap();
        let redis = Redis::open_with(&server(Kind::Redis).url(), same)
            .await
            .unwrap();
        let window = RedisReplayWindow::open(&redis, now()).await.unwrap();
        let challenges = RedisChallenges::new(&redis).unwrap();
        for hour in [3_600, -3_600] {
            let wrong = UnixTime::from_nanos(now().as_nanos() + hour * 1_000_000_000);
            let error = window
                .remember(proof(1), wrong + MINUTE, wrong)
                .await
                .unwrap_err();
            let Error::Clocks { seconds } = why(&error) else {
                panic!("{error:?}");
            };
            assert!((i128::from(seconds) - hour).abs() <= 1, "{seconds}");
            let id = ChallengeId::new([1; 16]);
            let error = challenges.consume(id, &cid(1), wrong + MINUTE, wrong).await;
            assert!(matches!(why(&error.unwrap_err()), Error::Clocks { .. }));
        }
        let first = window
            .remember(proof(1), now() + MINUTE, now())
            .await
            .unwrap();
        assert_eq!(first, Remembered::First);
    });
}

/// Replies that are delayed, swallowed and lost: an answer that is given is true.
#[test]
fn a_lost_reply_is_an_error_and_never_a_wrong_answer() {
    run_or_skip(async {
        let server = server(Kind::Redis);
        let proxy = Proxy::start(server.port()).await;
        let options = Options::new()
            .with_prefix(prefix())
            .unwrap()
            .with_reply_timeout(Duration::from_millis(60));
        let url = format!("redis://127.0.0.1:{}", proxy.port());
        let redis = Redis::open_with(&url, options).await.unwrap();
        let window = RedisReplayWindow::open(&redis, now()).await.unwrap();
        let challenges = RedisChallenges::new(&redis).unwrap();
        proxy.set(|n| match n % 29 {
            3 => Fault::Cut,
            9 => Fault::CutRequest,
            17 => Fault::Delay(Duration::from_millis(20)),
            23 if n % 58 == 23 => Fault::Swallow,
            _ => Fault::None,
        });
        let (mut operations, mut errors) = (0_u32, 0_u32);
        let times = times_as_many_faults();
        let end = std::time::Instant::now() + Duration::from_secs(8) * times;
        for n in 0..1_000 * u64::from(times) {
            let until = now() + MINUTE;
            let (mut firsts, mut nows) = (0, 0);
            let id = ChallengeId::new(u128::from(n).to_le_bytes());
            for by in 0..3 {
                operations += 2;
                match window.remember(proof(n), until, now()).await {
                    Ok(Remembered::First) => firsts += 1,
                    Ok(Remembered::Again) => {}
                    Ok(Remembered::TooOld) => panic!("the engine did not end"),
                    Err(_) => errors += 1,
                }
                match challenges.consume(id, &cid(by), until, now()).await {
                    Ok(Consumed::Now) => nows += 1,
                    Ok(_) => {}
                    Err(_) => errors += 1,
                }
            }
            assert!(firsts <= 1 && nows <= 1, "{n}: {firsts} {nows}");
            if std::time::Instant::now() > end {
                break;
            }
        }
        println!(
            "{operations} operations, {} faults, {errors} errors",
            proxy.faults()
        );
        assert!(
            errors > 50 && errors < operations / 2,
            "{errors} of {operations}"
        );
        // and it recovers by itself
        proxy.set(|_| Fault::None);
        let _ = window
            .remember(proof(u64::MAX), now() + MINUTE, now())
            .await;
        let first = window
            .remember(proof(u64::MAX - 1), now() + MINUTE, now())
            .await;
        assert_eq!(first.unwrap(), Remembered::First);
    });
}

/// An engine whose memory is full refuses, forgets nothing for it, and says so.
#[test]
fn a_full_engine_refuses_and_forgets_nothing() {
    for kind in BOTH {
        run_or_skip(async move {
            let server = own_server(kind, &["--maxmemory-policy", "noeviction"]);
            let redis = Redis::open(&server.url()).await.unwrap();
            let window = RedisReplayWindow::open(&redis, now()).await.unwrap();
            let challenges = RedisChallenges::new(&redis).unwrap();
            let capabilities = RedisCapabilities::new(&redis);
            let until = now() + MINUTE;
            for n in 0..100 {
                let first = window.remember(proof(n), until, now()).await.unwrap();
                assert_eq!(first, Remembered::First);
            }
            let id = |n: u8| ChallengeId::new([n; 16]);
            challenges
                .consume(id(1), &cid(1), until, now())
                .await
                .unwrap();
            server.tell_engine("CONFIG SET maxmemory 1mb").unwrap();
            let full = window
                .remember(proof(1_000), until, now())
                .await
                .unwrap_err();
            assert_eq!(why(&full), Error::OutOfMemory);
            let full = challenges.consume(id(2), &cid(1), until, now()).await;
            assert_eq!(why(&full.unwrap_err()), Error::OutOfMemory);
            let full = capabilities.put(&cid(1), &[0; 600], until).await;
            assert_eq!(why(&full.unwrap_err()), Error::OutOfMemory);
            // what is there is known
            for n in 0..100 {
                let again = window.remember(proof(n), until, now()).await.unwrap();
                assert_eq!(again, Remembered::Again);
            }
            let had = challenges.consume(id(1), &cid(2), until, now()).await;
            assert_eq!(had.unwrap(), Consumed::ByAnother);
            server.tell_engine("CONFIG SET maxmemory 0").unwrap();
            let first = window.remember(proof(1_000), until, now()).await.unwrap();
            assert_eq!(first, Remembered::First);
        });
    }
}

/// A flood of capabilities takes the room of capabilities.
#[test]
fn a_flood_of_capabilities_takes_its_own_room() {
    run_or_skip(async {
        let redis = open(Kind::Redis).await;
        let capabilities = RedisCapabilities::with_capacity(&redis, 512);
        let mut there = 0;
        for n in 0..3_000 {
            capabilities
                .put(&cid(n), &[7; 100], now() + MINUTE)
                .await
                .unwrap();
        }
        for n in 0..3_000 {
            there += usize::from(capabilities.get(&cid(n)).await.unwrap().is_some());
        }
        assert!((300..=512).contains(&there), "{there}");
        assert!(capabilities.get(&cid(2_999)).await.unwrap().is_some());
    });
}
