//! How the database is used: migrations, privileges, errors, and what the server logs.

use crate::server::{ADMIN, APP, OWNER, PASSWORD, Server, config, url};
use didkey::Ed25519SigningKey;
use session_core::{ExpectedSlot, ExportableKey, SessionStore, StoreError};
use std::error::Error as StdError;
use std::time::Duration;
use store_postgres::{Error, Migrated, Postgres, migrate};
use store_testkit::fixtures::TestIssuer;

fn typed(error: &StoreError) -> &Error {
    let source = error.source().unwrap();
    source.downcast_ref::<Error>().unwrap()
}

#[test]
fn migrations_run_twice_and_by_eight_at_once() {
    store_testkit::run(async {
        let server = Server::shared();
        let owners = config(&server.url(OWNER), "at_once");
        let unmigrated = Postgres::open(owners.clone()).await;
        assert!(matches!(unmigrated, Err(Error::NotMigrated { .. })));
        let all = (0..8).map(|_| {
            let owners = owners.clone();
            tokio::spawn(async move { migrate(&owners).await.unwrap() })
        });
        let mut made = 0;
        for one in all.collect::<Vec<_>>() {
            let Migrated { from, to } = one.await.unwrap();
            assert_eq!(to, 1);
            made += usize::from(from == 0);
        }
        assert_eq!(made, 1);
        let again = migrate(&owners).await.unwrap();
        assert_eq!(again, Migrated { from: 1, to: 1 });
        Postgres::open(owners.clone()).await.unwrap();
        server.psql("INSERT INTO at_once.migrations (version) VALUES (99)");
        let newer = Postgres::open(owners.clone()).await;
        assert!(matches!(
            newer,
            Err(Error::Newer {
                found: 99,
                known: 1
            })
        ));
        let newer = migrate(&owners).await;
        assert!(matches!(
            newer,
            Err(Error::Newer {
                found: 99,
                known: 1
            })
        ));
    });
}

#[test]
fn what_goes_wrong_is_a_typed_error_without_a_secret() {
    store_testkit::run(async {
        let server = Server::shared();
        let schema = server.new_schema().await;
        let wrong = url(APP, server.port()).replace(PASSWORD, "not-the-password");
        let login = Postgres::open(config(&wrong, &schema)).await.unwrap_err();
        assert!(
            matches!(&login, Error::Login { code } if code == "28P01"),
            "{login:?}"
        );
        let nobody = Postgres::open(config(&url(APP, 1), &schema))
            .await
            .unwrap_err();
        assert!(matches!(nobody, Error::Unreachable { .. }), "{nobody:?}");
        let database = Postgres::open(server.config(&schema)).await.unwrap();
        let migrated = migrate(&config(&server.url(APP), "apps_own"))
            .await
            .unwrap_err();
        assert!(matches!(migrated, Error::Privilege { .. }), "{migrated:?}");

        let (store, issuer) = (database.sessions(), TestIssuer::ethereum());
        let record = issuer.record(&store, "nonce001").await;
        let anything = ExpectedSlot::Anything;
        store.save(issuer.slot(), &record, anything).await.unwrap();
        server.psql(&format!(
            "REVOKE INSERT, UPDATE ON {schema}.sessions FROM {APP}"
        ));
        let denied = store
            .save(issuer.slot(), &record, anything)
            .await
            .unwrap_err();
        assert!(
            matches!(typed(&denied), Error::Privilege { .. }),
            "{denied:?}"
        );
        server.psql(&format!(
            "GRANT INSERT, UPDATE ON {schema}.sessions TO {APP}"
        ));

        let read_only = format!(
            "{}?options=-c%20default_transaction_read_only%3Don",
            server.url(APP)
        );
        let reader = Postgres::open(config(&read_only, &schema)).await.unwrap();
        let reader = reader.sessions();
        assert!(reader.load(issuer.slot()).await.unwrap().tag().is_some());
        let refused = reader.remove(issuer.slot(), anything).await.unwrap_err();
        assert!(matches!(typed(&refused), Error::ReadOnly), "{refused:?}");
        assert!(reader.load(issuer.slot()).await.unwrap().tag().is_some());

        let late = server
            .config(&schema)
            .with_max_wait(Duration::from_millis(300));
        let late = Postgres::open(late).await.unwrap().sessions();
        let admin = crate::server::connect(&server.url(ADMIN)).await;
        let lock = format!("BEGIN; LOCK {schema}.sessions IN ACCESS EXCLUSIVE MODE");
        admin.batch_execute(&lock).await.unwrap();
        let hangs = late.load(issuer.slot()).await;
        assert!(hangs.is_err(), "a statement ends that waits for too long");
        admin.batch_execute("ROLLBACK").await.unwrap();
        assert!(late.load(issuer.slot()).await.unwrap().tag().is_some());

        let errors: [&dyn StdError; 5] = [&login, &nobody, &migrated, &denied, &refused];
        for error in errors {
            let mut text = format!("{error} {error:?}");
            let mut source = error.source();
            while let Some(inner) = source {
                text += &format!(" {inner} {inner:?}");
                source = inner.source();
            }
            assert!(
                !text.contains(PASSWORD) && !text.contains("not-the-password"),
                "{text}"
            );
        }
        assert!(!format!("{database:?} {store:?}").contains(PASSWORD));
    });
}

#[test]
fn no_seed_stands_in_a_log_of_the_server_that_logs_all_it_can() {
    let server = Server::start_or_skip(&[
        "log_statement = all",
        "log_min_duration_statement = 0",
        "log_parameter_max_length = -1",
        "log_error_verbosity = verbose",
    ]);
    store_testkit::run(async {
        let schema = server.new_schema().await;
        // the role's own setting hides them
        let database = Postgres::open(server.config(&schema)).await.unwrap();
        let (store, issuer) = (database.sessions(), TestIssuer::ethereum());
        let key: Ed25519SigningKey = store.generate_key().await.unwrap();
        let capability = issuer.capability(key.did_key(), "nonce001");
        let seed = key.export_seed();
        let record = session_core::SessionRecord::new(capability, key);
        let text = record.to_stored_string();
        let slot = issuer.slot();
        let tag = store
            .save(slot, &record, ExpectedSlot::Absent)
            .await
            .unwrap();
        store
            .save(slot, &record, ExpectedSlot::Tag(tag))
            .await
            .unwrap();
        store
            .save(slot, &record, ExpectedSlot::Anything)
            .await
            .unwrap();
        // one that fails in the server
        server.psql(&format!("REVOKE INSERT ON {schema}.sessions FROM {APP}"));
        store
            .save(slot, &record, ExpectedSlot::Absent)
            .await
            .unwrap_err();
        let log = server.log();
        assert!(log.contains("ON CONFLICT"), "it logs statements");
        for secret in [
            data_encoding::HEXLOWER.encode(seed.as_slice()),
            data_encoding::BASE64.encode(seed.as_slice()),
            data_encoding::HEXLOWER.encode(text.as_bytes()),
            text.to_string(),
        ] {
            // a part of it would do
            assert!(!log.contains(&secret[..24]), "the log holds a secret");
        }
        // a role whose parameters would be logged is refused, unless somebody says so
        server.psql(&format!("ALTER ROLE {APP} RESET log_parameter_max_length"));
        let refused = Postgres::open(server.config(&schema)).await;
        assert!(matches!(refused, Err(Error::ParametersLogged)));
        let logged = server.config(&schema).with_logged_parameters();
        Postgres::open(logged).await.unwrap();
    });
}

#[test]
fn sessions_of_two_pools_last_and_expire_in_the_engine() {
    store_testkit::run(async {
        let database = Server::shared().database().await;
        let store = database.sessions();
        let issuer = TestIssuer::ethereum();
        let ends: cacao::Timestamp = "2024-02-01T00:00:00.000Z".parse().unwrap();
        let record = issuer
            .record_with(&store, "nonce001", |payload| payload.with_expires_at(ends))
            .await;
        store
            .save(issuer.slot(), &record, ExpectedSlot::Absent)
            .await
            .unwrap();
        let lasting = issuer.record(&store, "nonce002").await;
        store
            .save(&issuer.slot_in("work"), &lasting, ExpectedSlot::Absent)
            .await
            .unwrap();
        let at: cacao::Timestamp = "2024-02-01T00:00:00.000Z".parse().unwrap();
        assert_eq!(store.purge(at.unix_time()).await.unwrap(), 0);
        let after = at.unix_time() + Duration::from_millis(1);
        assert_eq!(store.purge(after).await.unwrap(), 1);
        assert_eq!(store.list().await.unwrap().len(), 1);
    });
}
