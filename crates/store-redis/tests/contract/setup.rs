//! Users, passwords, replicas, policies, TLS: how an engine is set up, and what is said when it is
//! set up otherwise.

use super::engine::{options, own_server, server};
use session_core::{ExpectedSlot, SessionStore, StoreError};
use std::error::Error as _;
use std::time::{Duration, Instant};
use store_redis::{Error, Options, Redis, RedisStore};
use store_testkit::__private::run_or_skip;
use store_testkit::fixtures::TestIssuer;
use test_support::Kind;

const SECRET: &str = "cleverly-secret";

fn why(error: &StoreError) -> &Error {
    let source = error.source().expect("a source");
    source.downcast_ref().expect("an error of ours")
}

async fn saves(redis: &Redis) -> Result<(), StoreError> {
    let store = RedisStore::new(redis);
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(&store, "nonce001").await;
    store
        .save(issuer.slot(), &record, ExpectedSlot::Anything)
        .await?;
    store.list().await?;
    drop(
        store
            .lock_prompt(issuer.slot(), Duration::from_secs(1))
            .await?,
    );
    store.remove(issuer.slot(), ExpectedSlot::Anything).await?;
    Ok(())
}

#[test]
fn users_and_passwords_stand_in_the_url_and_in_no_error() {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let server = own_server(kind, &["--requirepass", SECRET]);
            let port = server.port();
            let url = |who: &str| format!("redis://{who}127.0.0.1:{port}/3");
            let right = Redis::open_with(&url(&format!(":{SECRET}@")), options())
                .await
                .unwrap();
            saves(&right).await.unwrap();
            assert!(!format!("{right:?}").contains(SECRET));
            for who in [
                "",
                ":cleverly-wrong@",
                "cleverly:wrong@",
                "default:cleverly@",
            ] {
                let error = Redis::open(&url(who)).await.unwrap_err();
                assert_eq!(error, Error::Authentication, "{who}");
                assert!(
                    !format!("{error} {error:?}").contains("cleverly"),
                    "{error}"
                );
            }
            // a user who may what the documentation says, on the keys of the prefix
            let setup = format!(
                "AUTH {SECRET}\r\nACL SETUSER app on >{SECRET} ~app:* -@all +eval +evalsha +hget \
                 +hmget +hset +hdel +hkeys +hgetall +hincrby +zadd +zrem +zcard +zrange \
                 +zrangebylex +zrangebyscore +get +set +del +exists +pexpire +pexpireat +persist \
                 +pttl +time +info +select\r\n\
                 ACL SETUSER reader on >{SECRET} ~app:* -@all +hget +info +select"
            );
            server.tell_engine(&setup).unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            let app = Options::new().with_prefix("app:").unwrap();
            let allowed = Redis::open_with(&url(&format!("app:{SECRET}@")), app.clone()).await;
            saves(&allowed.unwrap()).await.unwrap();
            let reader = Redis::open_with(&url(&format!("reader:{SECRET}@")), app)
                .await
                .unwrap();
            let store = RedisStore::new(&reader);
            assert!(store.load(TestIssuer::ethereum().slot()).await.is_ok());
            let error = saves(&reader).await.unwrap_err();
            assert_eq!(*why(&error), Error::NotPermitted, "{error:?}");
            assert!(!format!("{error:?}").contains(SECRET));
        });
    }
}

#[test]
fn databases_are_apart() {
    run_or_skip(async {
        let server = server(Kind::Redis);
        let same = options();
        let mut stores = Vec::new();
        for database in [0, 1] {
            let url = format!("{}/{database}", server.url());
            let redis = Redis::open_with(&url, same.clone()).await.unwrap();
            stores.push(RedisStore::new(&redis));
        }
        let issuer = TestIssuer::ethereum();
        let record = issuer.record(&stores[0], "nonce001").await;
        stores[0]
            .save(issuer.slot(), &record, ExpectedSlot::Absent)
            .await
            .unwrap();
        assert_eq!(stores[0].list().await.unwrap().len(), 1);
        assert_eq!(stores[1].list().await.unwrap(), []);
    });
}

#[test]
fn a_replica_a_full_engine_and_one_that_evicts_are_named() {
    for kind in [Kind::Redis, Kind::Valkey] {
        run_or_skip(async move {
            let server = own_server(kind, &[]);
            let redis = Redis::open(&server.url()).await.unwrap();
            saves(&redis).await.unwrap();
            server.tell_engine("CONFIG SET maxmemory 1mb").unwrap();
            let error = saves(&redis).await.unwrap_err();
            assert_eq!(*why(&error), Error::OutOfMemory);
            server.tell_engine("CONFIG SET maxmemory 0").unwrap();
            saves(&redis).await.unwrap();
            server
                .tell_engine("CONFIG SET maxmemory-policy allkeys-lru")
                .unwrap();
            let error = Redis::open(&server.url()).await.unwrap_err();
            let policy = "allkeys-lru".to_owned();
            assert_eq!(error, Error::Evicts { policy });
            // of a main server that is not there
            server.tell_engine("REPLICAOF 127.0.0.1 1").unwrap();
            let error = saves(&redis).await.unwrap_err();
            assert_eq!(*why(&error), Error::ReadOnly);
        });
    }
}

#[test]
fn an_engine_that_is_not_there_is_an_error_soon_and_is_found_when_it_comes() {
    run_or_skip(async {
        let server = own_server(Kind::Redis, &[]);
        let redis = Redis::lazy(&server.url(), options()).unwrap();
        let store = RedisStore::new(&redis);
        let slot = TestIssuer::ethereum().slot().clone();
        for _ in 0..3 {
            server.kill();
            let begun = Instant::now();
            let error = store.load(&slot).await.unwrap_err();
            assert!(
                matches!(why(&error), Error::Connect { .. } | Error::Lost { .. }),
                "{error:?}"
            );
            assert!(begun.elapsed() < Duration::from_secs(3));
            server.restart();
            // a connection that broke is known to be broken: nobody is told so twice
            store.load(&slot).await.unwrap();
        }
        let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", nobody.local_addr().unwrap());
        let options = Options::new().with_connect_timeout(Duration::from_millis(200));
        let begun = Instant::now();
        let error = Redis::open_with(&url, options).await.unwrap_err();
        assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(2));
    });
}

#[test]
fn without_a_runtime_there_is_a_typed_error() {
    let redis = Redis::lazy("redis://127.0.0.1:1", Options::new()).unwrap();
    let store = RedisStore::new(&redis);
    let issuer = TestIssuer::ethereum();
    let error = futures_util::FutureExt::now_or_never(store.load(issuer.slot()));
    assert_eq!(*why(&error.unwrap().unwrap_err()), Error::NoRuntime);
}

#[cfg(feature = "tls")]
#[test]
fn by_tls_to_whom_the_certificate_names() {
    run_or_skip(async {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let port = test_support::free_port().to_string();
        let server = own_server(
            Kind::Redis,
            &[
                "--tls-port",
                &port,
                "--tls-cert-file",
                certificate.to_str().unwrap(),
                "--tls-key-file",
                key.to_str().unwrap(),
                "--tls-auth-clients",
                "no",
            ],
        );
        let trusts = options().with_root_certificates(made.cert.pem());
        let url = format!("rediss://localhost:{port}");
        let redis = Redis::open_with(&url, trusts.clone()).await.unwrap();
        saves(&redis).await.unwrap();
        // another name, another authority, no TLS at all
        let url = format!("rediss://127.0.0.1:{port}");
        let error = Redis::open_with(&url, trusts.clone()).await.unwrap_err();
        assert!(matches!(error, Error::Connect { .. }), "{error:?}");
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let other = options().with_root_certificates(other.cert.pem());
        let url = format!("rediss://localhost:{port}");
        let error = Redis::open_with(&url, other).await.unwrap_err();
        assert!(matches!(error, Error::Connect { .. }), "{error:?}");
        let url = format!("rediss://127.0.0.1:{}", server.port());
        assert!(Redis::open_with(&url, trusts).await.is_err());
    });
}
