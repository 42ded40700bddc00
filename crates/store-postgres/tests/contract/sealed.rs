//! Sealed records in the database: the contract over them, and what of them stands there.

use crate::contracts::{Medium, TTL};
use crate::server::{ADMIN, APP, Server, connect};
use session_core::{
    Clock, ExpectedSlot, Listed, SealError, SealableStore, SealedSlot, SessionStore, Slot, SlotId,
    StoreError,
};
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;
use store_postgres::{Postgres, PostgresStore};
use store_sealed::{SealKey, SealedStore};
use store_testkit::fixtures::TestIssuer;
use store_testkit::{Kept, Lost, secrets_in};

type Store = Kept<SealedStore<PostgresStore>, Medium>;

fn key() -> SealKey {
    SealKey::from_bytes(&[7; 32])
}

async fn open() -> Store {
    let medium = Medium::new().await;
    let inner = medium.database.sessions();
    Kept::new(SealedStore::create(inner, &key()).await.unwrap(), medium)
}

async fn reopen(store: Store) -> Store {
    let inner = store.guard().reopen().await.sessions();
    let opened = SealedStore::open(inner, &key()).await.unwrap();
    store.reopen(|_| opened)
}

async fn another(store: &Store, clock: Arc<dyn Clock>) -> Store {
    let inner = store.guard().reopen().await.sessions_by(clock);
    let opened = SealedStore::open(inner, &key()).await.unwrap();
    store.clone().reopen(|_| opened)
}

async fn lossy(store: &Store, lost: Lost) {
    store.guard().lose(lost);
}

async fn crash(store: &Store, slot: &SlotId) {
    store.guard().crash(slot).await;
}

async fn spoil(store: &Store, slot: &SlotId) {
    store.guard().spoil(slot).await;
}

store_testkit::store_contract!(
    open().await,
    corrupt = spoil,
    lossy = lossy,
    another = another,
    ttl = TTL,
    crash = crash,
    never = [foreign_key]
);
store_testkit::store_durability!(open().await, reopen = reopen);

fn is_sealed(error: &StoreError) -> bool {
    let source = error.source().and_then(|source| source.downcast_ref());
    matches!(error, StoreError::Medium { .. }) && source == Some(&SealError::Sealed)
}

/// Two pools in a schema of their own.
async fn two() -> [Postgres; 2] {
    let server = Server::shared();
    let schema = server.new_schema().await;
    let open = || Postgres::open(server.config(&schema));
    [open().await.unwrap(), open().await.unwrap()]
}

#[test]
fn a_sealed_store_takes_no_plain_record() {
    store_testkit::run(async {
        let [plain, other] = two().await.map(|database| database.sessions());
        let issuer = TestIssuer::ethereum();
        let record = issuer.record(&plain, "nonce001").await;
        let (slot, work) = (issuer.slot(), issuer.slot_in("work"));
        let tag = plain.save(slot, &record, ExpectedSlot::Absent).await;
        let tag = tag.unwrap();
        // a seal that was not as expected forbids nothing
        assert!(!other.replace_seal(b"new", Some(b"old")).await.unwrap());
        let absent = ExpectedSlot::Absent;
        plain.save(&work, &record, absent).await.unwrap();
        assert!(other.load_seal().await.unwrap().is_none());
        let long = vec![b'x'; session_core::MAX_SEAL_LEN + 1];
        other.replace_seal(&long, None).await.unwrap_err();
        let sealed = SealedStore::create(other.clone(), &key()).await.unwrap();
        assert!(!other.replace_seal(b"new", None).await.unwrap());
        for expected in [
            ExpectedSlot::Anything,
            ExpectedSlot::Absent,
            ExpectedSlot::Tag(tag),
        ] {
            for slot in [slot, &work, &issuer.slot_in("new")] {
                let refused = plain.save(slot, &record, expected).await.unwrap_err();
                assert!(is_sealed(&refused), "{expected:?}: {refused:?}");
            }
        }
        assert_eq!(plain.list().await.unwrap().len(), 2);
        assert!(matches!(
            plain.load_sealed(slot).await.unwrap(),
            SealedSlot::Unreadable { tag: found, .. } if found == tag
        ));
        assert_eq!(sealed.seal_plain().await.unwrap().sealed, 2);
        let Slot::Unreadable { tag: found, source } = plain.load(slot).await.unwrap() else {
            panic!("a sealed record was read in plain");
        };
        assert_eq!(
            (found, source.downcast_ref()),
            (tag, Some(&SealError::Sealed))
        );
        sealed.rekey(&SealKey::from_bytes(&[8; 32])).await.unwrap();
        SealedStore::open(other.clone(), &key()).await.unwrap_err();
        // logging out needs no key
        assert!(plain.remove(slot, ExpectedSlot::Tag(tag)).await.unwrap());
        assert_eq!(plain.list().await.unwrap(), [Listed::Slot(work)]);
    });
}

/// Whoever saves in plain while the store is sealed has ended before, and is found by
/// `seal_plain`, or is refused.
#[test]
fn no_plain_record_slips_in_while_the_store_is_sealed() {
    store_testkit::run(async {
        for round in 0..20 {
            let [plain, other] = two().await.map(|database| database.sessions());
            let record = TestIssuer::ethereum().record(&plain, "nonce001").await;
            let savers: Vec<_> = (0..8)
                .map(|n| {
                    let (plain, record) = (plain.clone(), record.clone());
                    tokio::spawn(async move {
                        let mut saved = 0;
                        loop {
                            let slot = TestIssuer::ethereum().slot_in(&format!("p{n}-{saved}"));
                            let absent = ExpectedSlot::Absent;
                            match plain.save(&slot, &record, absent).await {
                                Ok(_) => saved += 1,
                                Err(error) if is_sealed(&error) => return saved,
                                Err(error) => panic!("{error:?}"),
                            }
                        }
                    })
                })
                .collect();
            tokio::time::sleep(Duration::from_millis(5 * (round % 4))).await;
            let sealed = SealedStore::create(other, &key()).await.unwrap();
            let found = sealed.seal_plain().await.unwrap().sealed;
            let mut saved = 0;
            for saver in savers {
                saved += saver.await.unwrap();
            }
            assert_eq!(found, saved, "round {round}: some were saved too late");
        }
    });
}

#[test]
fn sealed_records_that_expired_are_purged_in_the_engine() {
    store_testkit::run(async {
        let [database, _] = two().await;
        let inner = database.sessions();
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
        let after = second + Duration::from_nanos(1);
        assert_eq!(inner.purge(after).await.unwrap(), 1);
        assert_eq!(inner.list().await.unwrap(), [Listed::Slot(work)]);
    });
}

/// All columns of all tables, with bytes as they are.
async fn all_columns(server: &Server) -> Vec<u8> {
    let client = connect(&server.url(ADMIN)).await;
    let columns = "SELECT format('%I.%I', table_schema, table_name), \
         format('%I', column_name), data_type \
         FROM information_schema.columns JOIN information_schema.tables \
         USING (table_schema, table_name) WHERE table_type = 'BASE TABLE' \
         AND table_schema NOT IN ('pg_catalog', 'information_schema')";
    let mut all = Vec::new();
    for row in client.query(columns, &[]).await.unwrap() {
        let (table, column, kind): (&str, &str, &str) = (row.get(0), row.get(1), row.get(2));
        let bytes = match kind {
            "bytea" => column.to_owned(),
            _ => format!("convert_to({column}::text, 'UTF8')"),
        };
        let get = format!("SELECT coalesce({bytes}, '') FROM {table}");
        for row in client.query(&get, &[]).await.unwrap() {
            all.extend(row.get::<_, Vec<u8>>(0));
            all.push(b'\n');
        }
    }
    all
}

/// Even where parameters are logged.
#[test]
fn no_secret_of_a_sealed_record_stands_in_a_column_or_in_the_log() {
    let server = Server::start_or_skip(&[
        "log_statement = all",
        "log_min_duration_statement = 0",
        "log_parameter_max_length = -1",
        "log_parameter_max_length_on_error = -1",
        "log_error_verbosity = verbose",
    ]);
    store_testkit::run(async {
        let [ours, theirs] = [server.new_schema().await, server.new_schema().await];
        server.psql(&format!(
            "ALTER ROLE {APP} RESET log_parameter_max_length; \
             ALTER ROLE {APP} RESET log_parameter_max_length_on_error"
        ));
        let open = |schema: &str| Postgres::open(server.config(schema).with_logged_parameters());
        let inner = open(&ours).await.unwrap().sessions();
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
            sealed.save(slot, &first, absent).await.unwrap_err();
            sealed.load(slot).await.unwrap();
            records.extend([first, second]);
        }
        let (columns, log) = (all_columns(&server).await, server.log());
        // the log has what was saved, and that is sealed
        assert!(log.contains(&data_encoding::HEXLOWER.encode(b"did-session sealed 3")));
        for record in &records {
            let found = secrets_in(&columns, record);
            assert!(found.is_empty(), "the tables have {found:?}");
            let found = secrets_in(log.as_bytes(), record);
            assert!(found.is_empty(), "the log has {found:?}");
        }
        // they are where records are: those that are not sealed are found
        let plain = open(&theirs).await.unwrap().sessions();
        let (slot, anything) = (TestIssuer::ethereum(), ExpectedSlot::Anything);
        plain
            .save(slot.slot(), &records[0], anything)
            .await
            .unwrap();
        assert!(!secrets_in(&all_columns(&server).await, &records[0]).is_empty());
        assert!(!secrets_in(server.log().as_bytes(), &records[0]).is_empty());
    });
}
