//! Seeds that were dropped are in no heap page of the process. A child process uses a store and
//! drops it; its parent, who knows the secrets, looks through its memory.
//!
//! What the client library read and wrote lies in its buffers, which it does not wipe: a plain
//! record passes through them as a session string. A seed is in no other spelling anywhere, and of
//! sealed records nothing is.

use crate::server::{APP, Server, config};
use store_postgres::Postgres;
use store_sealed::{SealKey, SealedStore};
use store_testkit::run;
use test_support::stores::memory;
use test_support::{say_and_wait, this_test};

const URL: &str = "STORE_POSTGRES_TEST_URL";
const SCHEMA: &str = "STORE_POSTGRES_TEST_SCHEMA";
const SEALED: &str = "STORE_POSTGRES_TEST_SEALED";
const KEY: [u8; 32] = *b"thirty-two bytes, nowhere else: ";

#[test]
#[ignore = "the child process of the tests below"]
fn child_uses_a_store() {
    let Some(url) = std::env::var_os(URL) else {
        println!("skipped: this is the child process of another test");
        return;
    };
    let is_sealed = std::env::var_os(SEALED).is_some();
    run(async {
        let schema = std::env::var(SCHEMA).unwrap();
        let config = config(url.to_str().unwrap(), &schema);
        let store = Postgres::open(config).await.unwrap().sessions();
        if is_sealed {
            let key = SealKey::from_bytes(&KEY);
            memory::use_it(SealedStore::open(store, &key).await.unwrap()).await;
        } else {
            memory::use_it(store).await;
        }
    });
    say_and_wait("dropped");
}

/// The spellings of secrets that were found after all was dropped.
async fn found_after_drop(is_sealed: bool) -> Vec<String> {
    let server = Server::shared();
    let schema = server.new_schema().await;
    let database = Postgres::open(server.config(&schema)).await.unwrap();
    let store = database.sessions();
    let mut child = this_test("memory::child_uses_a_store");
    child.env(URL, server.url(APP)).env(SCHEMA, schema);
    if is_sealed {
        child.env(SEALED, "1");
        let key = SealKey::from_bytes(&KEY);
        let store = SealedStore::create(store, &key).await.unwrap();
        return memory::found_after_drop(store, &mut child).await;
    }
    memory::found_after_drop(store, &mut child).await
}

#[test]
fn a_dropped_seed_is_in_no_page_when_records_are_sealed() {
    run(async { assert_eq!(found_after_drop(true).await, [""; 0]) });
}

#[test]
fn a_dropped_seed_is_in_no_page_but_for_the_buffers_of_the_client() {
    run(async {
        let found = found_after_drop(false).await;
        let in_buffers = "the session string, as it is";
        assert!(found.iter().all(|name| name == in_buffers), "{found:?}");
    });
}
