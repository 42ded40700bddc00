//! The store over SoftHSM2: the contract, and what a token owes its keys.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]
#![cfg(not(target_family = "wasm"))]

mod machine;
#[cfg(feature = "seal")]
mod seal;

use cacao::Provers;
use cacao::eip191::Eip191;
use cryptoki::object::{Attribute, AttributeType};
use didkey::Ed25519SigningKey;
use machine::{Token, machine};
use session_core::{
    ExpectedSlot, Request, SessionKey, SessionRecord, SessionStore, Sessions, Slot, SlotId,
};
use session_key_pkcs11::{Pin, Pkcs11Algorithm, Pkcs11Error, Pkcs11Key, Pkcs11Store, Pkcs11Token};
use session_wallets::EthereumWallet;
use std::error::Error as StdError;
use std::time::Duration;
use store_fs::FsStore;
use store_memory::MemoryStore;
use store_testkit::fixtures::TestIssuer;
use store_testkit::{Kept, contract, durability, run};
use tempfile::TempDir;

const BOTH: [Pkcs11Algorithm; 2] = [Pkcs11Algorithm::Es256, Pkcs11Algorithm::EdDsa];

type InMemory = Pkcs11Store<MemoryStore>;
type OnDisk = Kept<Pkcs11Store<FsStore>, (TempDir, Token)>;

fn on_disk(token: Token) -> OnDisk {
    let home = tempfile::tempdir().unwrap();
    let store = open_in(&home, &token);
    Kept::new(store, (home, token))
}

fn open_in(home: &TempDir, token: &Token) -> Pkcs11Store<FsStore> {
    let records = FsStore::open(home.path().join("sessions"));
    Pkcs11Store::new(records, token.open()).with_algorithm(Pkcs11Algorithm::EdDsa)
}

/// A record whose key is in no token.
async fn spoil<S, T>(store: &T, slot: &SlotId, records: impl Fn(&T) -> &S)
where
    S: SessionStore<Key = Ed25519SigningKey>,
{
    let key = Ed25519SigningKey::from_seed(&[3; 32]);
    let capability = TestIssuer::ethereum().capability(key.did_key(), "nonce666");
    let record = SessionRecord::new(capability, key);
    let saved = records(store).save(slot, &record, ExpectedSlot::Anything);
    saved.await.unwrap();
}

/// Each sentence over records in memory with P-256 keys, and over files with Ed25519 keys.
macro_rules! sentences {
    ($($name:ident)+) => {
        mod in_memory {
            use super::*;
            $(#[test]
            fn $name() {
                let Some(machine) = machine() else { return };
                run(contract::$name(machine.token().store(Pkcs11Algorithm::Es256)));
            })+
        }

        mod on_disk {
            use super::*;
            $(#[test]
            fn $name() {
                let Some(machine) = machine() else { return };
                run(contract::$name(super::on_disk(machine.token())));
            })+
        }
    };
}

sentences! {
    contract_01_generate_key_keeps_nothing
    contract_02_save_replaces_whole_or_not_at_all
    contract_03_what_was_saved_is_loaded_and_signs
    contract_04_remove_leaves_no_trace
    contract_06_expired_records_are_returned
    contract_07_clones_share_contents
    contract_08_concurrent_saves_leave_one_whole_record
    contract_09_conditional_changes_conflict
    contract_10_one_prompt_lock_at_a_time
    contract_11_profiles_are_apart
    contract_12_evidence_comes_back
    contract_13_a_lock_says_whether_it_is_held
    contract_15_tags_are_bytes
    contract_16_lists_in_pages
    contract_17_purge_removes_what_has_expired
}

#[test]
fn contract_05_and_17_what_is_unreadable() {
    let Some(machine) = machine() else { return };
    let in_memory = async |store: &InMemory, slot: &SlotId| {
        spoil(store, slot, InMemory::records).await;
    };
    let spoil_on_disk = async |store: &OnDisk, slot: &SlotId| {
        spoil(store, slot, |store| store.store().records()).await;
    };
    let new = || machine.token().store(Pkcs11Algorithm::Es256);
    run(contract::contract_05_unreadable_is_never_empty(
        new(),
        in_memory,
    ));
    run(contract::contract_17_purge_leaves_what_is_unreadable(
        new(),
        in_memory,
    ));
    let new = || on_disk(machine.token());
    run(contract::contract_05_unreadable_is_never_empty(
        new(),
        spoil_on_disk,
    ));
    run(contract::contract_17_purge_leaves_what_is_unreadable(
        new(),
        spoil_on_disk,
    ));
}

#[test]
fn contract_18_a_key_of_another_custody_is_refused() {
    let Some(machine) = machine() else { return };
    let there = machine.token().store(Pkcs11Algorithm::Es256);
    let store = machine.token().store(Pkcs11Algorithm::Es256);
    let foreign = async |_: &InMemory| there.generate_key().await.unwrap();
    run(contract::contract_18_a_key_of_another_custody_is_refused(
        store, foreign,
    ));
}

#[test]
fn what_was_saved_outlives_the_store() {
    let Some(machine) = machine() else { return };
    let reopen = async |store: OnDisk| store.reopen(|(home, token)| open_in(home, token));
    run(durability::durability_what_was_saved_is_there(
        on_disk(machine.token()),
        reopen,
    ));
    run(durability::durability_what_was_removed_stays_away(
        on_disk(machine.token()),
        reopen,
    ));
    run(durability::durability_a_prompt_lock_does_not_survive(
        on_disk(machine.token()),
        reopen,
    ));
}

/// A saved key.
async fn saved<S>(store: &Pkcs11Store<S>, nonce: &str) -> SessionRecord<Pkcs11Key>
where
    S: SessionStore<Key = Ed25519SigningKey>,
{
    let issuer = TestIssuer::ethereum();
    let record = issuer.record(store, nonce).await;
    let saved = store.save(issuer.slot(), &record, ExpectedSlot::Anything);
    saved.await.unwrap();
    record
}

async fn loaded<S>(store: &Pkcs11Store<S>) -> SessionRecord<Pkcs11Key>
where
    S: SessionStore<Key = Ed25519SigningKey>,
{
    match store.load(TestIssuer::ethereum().slot()).await.unwrap() {
        Slot::Record { record, .. } => record,
        other => panic!("{other:?}"),
    }
}

fn why<T: std::fmt::Debug, E: StdError + 'static>(result: Result<T, E>) -> String {
    let error = result.unwrap_err();
    let found = Pkcs11Error::of(&error).map(|error| format!("{error:?}"));
    let found = found.unwrap_or_else(|| format!("another error: {error:?}"));
    found
        .split([' ', '{'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn both_algorithms_sign_and_didkey_verifies() {
    let Some(machine) = machine() else { return };
    for algorithm in BOTH {
        run(async {
            let store = machine.token().store(algorithm);
            let made = saved(&store, "nonce001").await;
            let found = loaded(&store).await;
            assert_eq!(found.key().did(), made.key().did());
            assert_eq!(found.key().algorithm(), algorithm);
            for key in [made.key(), found.key()] {
                for message in [&b""[..], b"message", &[7; 10_000]] {
                    let signature = key.sign(message).await.unwrap();
                    let public = key.did().public_key();
                    let algorithm = public.key_type().algorithm().unwrap();
                    public
                        .verify(algorithm, message, signature.as_bytes())
                        .unwrap();
                    public
                        .verify(algorithm, b"other", signature.as_bytes())
                        .unwrap_err();
                }
            }
        });
    }
}

/// A server's requests, or the tabs of a desktop: all at once, and in one session of the token.
#[test]
fn many_sign_at_once() {
    let Some(machine) = machine() else { return };
    for algorithm in BOTH {
        run(async {
            let store = machine.token().store(algorithm);
            let key = saved(&store, "nonce001").await.key().clone();
            let all = (0..200_u8).map(|n| {
                let key = key.clone();
                async move { key.sign(&[n]).await.unwrap() }
            });
            let signatures = futures(all).await;
            let public = key.did().public_key();
            let algorithm = public.key_type().algorithm().unwrap();
            for (n, signature) in signatures.iter().enumerate() {
                let message = [u8::try_from(n).unwrap()];
                public
                    .verify(algorithm, &message, signature.as_bytes())
                    .unwrap();
            }
        });
    }
}

async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures_util::future::join_all(all).await
}

#[test]
fn a_session_is_had_found_and_signs() {
    let Some(machine) = machine() else { return };
    for algorithm in BOTH {
        run(async {
            let token = machine.token();
            let store = token.store(algorithm);
            let provers = Provers::none().with(Eip191).unwrap();
            let sessions = Sessions::new(store.clone(), provers);
            let wallet = EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap();
            let request = Request::new("app.example", ["ceramic://*"]);
            let made = sessions.get(&wallet, &request).await.unwrap();
            drop(sessions);

            let provers = Provers::none().with(Eip191).unwrap();
            let sessions = Sessions::new(store, provers);
            let found = sessions.get(&wallet, &request).await.unwrap();
            assert_eq!(found.key_did(), made.key_did());
            let payload = serde_json::json!({ "hello": "world" });
            found.create_jws(&payload).await.unwrap();
            assert_eq!(token.count(true), 2, "one key, public and private");
        });
    }
}

/// In the token's own words.
#[test]
fn the_secret_cannot_leave() {
    let Some(machine) = machine() else { return };
    for algorithm in BOTH {
        run(async {
            let token = machine.token();
            let store = token.store(algorithm);
            let record = saved(&store, "nonce001").await;
            let wanted = [
                AttributeType::Sensitive,
                AttributeType::AlwaysSensitive,
                AttributeType::Extractable,
                AttributeType::NeverExtractable,
                AttributeType::Private,
            ];
            let expected = vec![
                Attribute::Sensitive(true),
                Attribute::AlwaysSensitive(true),
                Attribute::Extractable(false),
                Attribute::NeverExtractable(true),
                Attribute::Private(true),
            ];
            // the one that was made, and its copy in the token
            assert_eq!(token.private_keys(&wanted), [expected.clone(), expected]);
            for value in token.private_keys(&[AttributeType::Value]) {
                assert_eq!(value, [], "the token gives its secret away");
            }
            assert_eq!(why(record.key().export()), "NotExportable");
        });
    }
}

#[test]
fn a_token_is_opened_with_its_label_and_its_pin() {
    let Some(machine) = machine() else { return };
    let token = machine.token();
    let open = |label: &str, pin: Pin| Pkcs11Token::open(token.module(), label, &pin);
    for pin in ["4321", "", "12345", "1"] {
        assert_eq!(
            why(open(&token.label, Pin::new(pin))),
            "WrongPin",
            "{pin:?}"
        );
    }
    assert_eq!(why(open("no such token", Token::pin())), "NoToken");
    let module = token.module().with_file_name("no-such-module.so");
    assert_eq!(
        why(Pkcs11Token::open(module, &token.label, &Token::pin())),
        "Module"
    );
    let shown = format!("{:?} {:?}", Token::pin(), token.open());
    assert!(!shown.contains("1234"), "{shown}");
}

#[test]
fn a_token_that_is_lost_is_an_error_until_it_is_connected_again() {
    let Some(machine) = machine() else { return };
    for algorithm in BOTH {
        run(async {
            let token = machine.token();
            let store = token.store(algorithm);
            let kept = saved(&store, "nonce001").await;
            let found = loaded(&store).await;
            let unsaved = store.generate_key().await.unwrap();
            token.session().logout().unwrap();

            let slot = TestIssuer::ethereum().slot().clone();
            for _ in 0..2 {
                assert_eq!(why(found.key().sign(b"message").await), "TokenLost");
                assert_eq!(why(store.load(&slot).await), "TokenLost");
                assert_eq!(why(store.generate_key().await), "TokenLost");
                let saved = store.save(&slot, &kept, ExpectedSlot::Anything).await;
                assert_eq!(why(saved), "TokenLost");
                let removed = store.remove(&slot, ExpectedSlot::Anything).await;
                assert_eq!(why(removed), "TokenLost");
            }
            assert_eq!(
                store.list().await.unwrap().len(),
                1,
                "the record is where it was"
            );
            assert_eq!(why(store.token().reconnect(&Pin::new("4321"))), "WrongPin");
            assert_eq!(why(store.load(&slot).await), "TokenLost");
            store.token().reconnect(&Token::pin()).unwrap();

            found.key().sign(b"message").await.unwrap();
            assert_eq!(loaded(&store).await.key().did(), kept.key().did());
            assert_eq!(why(unsaved.sign(b"message").await), "KeyGone");
            drop(unsaved);
            let again = store.save(&slot, &kept, ExpectedSlot::Anything).await;
            again.unwrap();
            loaded(&store).await.key().sign(b"message").await.unwrap();
        });
    }
}

#[test]
fn a_removed_or_replaced_key_is_destroyed() {
    let Some(machine) = machine() else { return };
    for algorithm in BOTH {
        run(async {
            let token = machine.token();
            let store = token.store(algorithm);
            assert_eq!(token.count(true), 0);
            drop(saved(&store, "nonce001").await);
            let first = loaded(&store).await;
            drop(saved(&store, "nonce002").await);
            // a request that is under way is not cut off
            first.key().sign(b"message").await.unwrap();
            assert_eq!(token.count(true), 4);
            assert_eq!(store.remove_unnamed_keys().await.unwrap(), 0);
            drop(first);
            assert_eq!(token.count(true), 2, "one key, public and private");
            let second = loaded(&store).await;
            second.key().sign(b"message").await.unwrap();

            let slot = TestIssuer::ethereum().slot().clone();
            let refused = store.remove(&slot, ExpectedSlot::Absent).await;
            refused.unwrap_err();
            assert_eq!(token.count(true), 2, "what is not removed is not destroyed");
            store.remove(&slot, ExpectedSlot::Anything).await.unwrap();
            assert_eq!(token.count(true), 0);
            assert_eq!(why(second.key().sign(b"message").await), "KeyGone");
            let saved = store.save(&slot, &second, ExpectedSlot::Anything).await;
            assert_eq!(saved.unwrap_err().code(), "no_session_key");
        });
    }
}

#[test]
fn a_dropped_key_leaves_nothing() {
    let Some(machine) = machine() else { return };
    for algorithm in BOTH {
        run(async {
            let token = machine.token();
            let store = token.store(algorithm);
            let key = store.generate_key().await.unwrap();
            assert_eq!((token.count(true), token.count(false)), (0, 2));
            drop(key);
            assert_eq!((token.count(true), token.count(false)), (0, 0));

            // one that is dropped before anybody has it
            for _ in 0..20 {
                let making = std::pin::pin!(store.generate_key());
                let now = std::future::ready(());
                drop(futures_util::future::select(making, now).await);
            }
            drop(store.generate_key().await);
            for _ in 0..100 {
                if token.count(false) == 0 {
                    break;
                }
                // one that was begun ends in its own time
                std::thread::sleep(Duration::from_millis(50));
                drop(store.generate_key().await);
            }
            assert_eq!((token.count(true), token.count(false)), (0, 0));

            // a save that is refused
            let record = saved(&store, "nonce001").await;
            let slot = TestIssuer::ethereum().slot().clone();
            let other = TestIssuer::ethereum().record(&store, "nonce002").await;
            let refused = store.save(&slot, &other, ExpectedSlot::Absent).await;
            assert_eq!(refused.unwrap_err().code(), "store_conflict");
            drop((record, other));
            assert_eq!((token.count(true), token.count(false)), (2, 0));
        });
    }
}

/// What a program leaves that ends in the middle of a save.
#[test]
fn keys_without_a_record_are_found_and_destroyed() {
    let Some(machine) = machine() else { return };
    run(async {
        let token = machine.token();
        let store = token.store(Pkcs11Algorithm::Es256);
        let slot = TestIssuer::ethereum().slot().clone();
        for nonce in ["nonce001", "nonce002"] {
            drop(saved(&store, nonce).await);
            store
                .records()
                .remove(&slot, ExpectedSlot::Anything)
                .await
                .unwrap();
        }
        drop(saved(&store, "nonce003").await);
        assert_eq!(token.count(true), 6);
        assert_eq!(store.remove_unnamed_keys().await.unwrap(), 2);
        assert_eq!(token.count(true), 2);
        loaded(&store).await.key().sign(b"message").await.unwrap();
        assert_eq!(store.remove_unnamed_keys().await.unwrap(), 0);

        // another store's keys in the same token
        let label = "another";
        let opened = Pkcs11Token::open_labelled(token.module(), &token.label, &Token::pin(), label);
        let other = Pkcs11Store::new(MemoryStore::new(), opened.unwrap());
        drop(saved(&other, "nonce004").await);
        assert_eq!(store.remove_unnamed_keys().await.unwrap(), 0);
        loaded(&other).await.key().sign(b"message").await.unwrap();
    });
}

#[test]
fn a_key_of_another_token_is_refused() {
    let Some(machine) = machine() else { return };
    run(async {
        let (here, there) = (machine.token(), machine.token());
        let (store, other) = (
            here.store(Pkcs11Algorithm::Es256),
            there.store(Pkcs11Algorithm::Es256),
        );
        let record = TestIssuer::ethereum().record(&other, "nonce001").await;
        let slot = TestIssuer::ethereum().slot().clone();
        let saved = store.save(&slot, &record, ExpectedSlot::Anything).await;
        let error = saved.unwrap_err();
        assert_eq!(error.code(), "no_session_key");
        assert!(
            error.to_string().ends_with("is in another token"),
            "{error}"
        );
        assert!(matches!(store.load(&slot).await.unwrap(), Slot::Empty));
        // opened once more it is the same token
        let again = Pkcs11Store::new(MemoryStore::new(), there.open());
        again
            .save(&slot, &record, ExpectedSlot::Anything)
            .await
            .unwrap();
        loaded(&again).await.key().sign(b"message").await.unwrap();
    });
}
