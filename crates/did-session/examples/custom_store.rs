//! A store of your own in about a hundred lines: session strings in a plain map.
//!
//! `cargo run --example custom_store -p did-session` gets a session and finds it again;
//! `cargo test --example custom_store -p did-session` holds the store to the contract.
#![allow(clippy::print_stdout)] // an example says what it did

use async_trait::async_trait;
use cacao::{Provers, eip191::Eip191};
use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, Listed, PromptLockGuard, PromptLocks, RecordTag, Request, SessionRecord,
    SessionStore, Sessions, Slot, SlotId, StoreError,
};
use session_wallets::EthereumWallet;
use std::{collections::BTreeMap, error::Error, sync::Arc, time::Duration};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// What a medium would keep: a session string for each slot. It holds the key: wipe it.
type SessionStrings = BTreeMap<SlotId, Zeroizing<String>>;

/// Clones share their contents (sentence 7), hence the `Arc`; clones of `PromptLocks` do, too.
#[derive(Clone, Default)]
struct MapStore {
    sessions: Arc<Mutex<SessionStrings>>,
    prompt_locks: PromptLocks,
}

/// What lies in a slot, and why it is unreadable if it is (sentence 5).
fn slot_of(text: Option<&Zeroizing<String>>) -> Slot<Ed25519SigningKey> {
    let Some(text) = text else {
        return Slot::Empty;
    };
    match SessionRecord::from_stored_string_unverified(text) {
        Ok(record) => Slot::Record {
            tag: record.tag(),
            record,
        },
        Err(error) => Slot::Unreadable {
            tag: RecordTag::of_unreadable(text.as_bytes()),
            source: error.into(),
        },
    }
}

#[async_trait]
impl SessionStore for MapStore {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        Ed25519SigningKey::generate().map_err(|error| StoreError::Key {
            reason: error.to_string(),
        })
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        Ok(slot_of(self.sessions.lock().await.get(slot)))
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Ed25519SigningKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        // one lock for both: nobody comes between comparison and write (sentence 9)
        let mut sessions = self.sessions.lock().await;
        if !expected.allows(slot_of(sessions.get(slot)).tag()) {
            return Err(StoreError::conflict(slot));
        }
        // with its evidence, if it has any (sentence 12); what would not come back is an error
        let (text, tag) = record
            .to_checked_stored_string()
            .map_err(|error| StoreError::medium(format!("cannot save {slot}"), error))?;
        sessions.insert(slot.clone(), text);
        Ok(tag)
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let mut sessions = self.sessions.lock().await;
        if !expected.allows(slot_of(sessions.get(slot)).tag()) {
            return Err(StoreError::conflict(slot));
        }
        Ok(sessions.remove(slot).is_some())
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let sessions = self.sessions.lock().await;
        Ok(sessions.keys().cloned().map(Listed::Slot).collect())
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        // enough for one process; a medium that several share takes `Leases`
        Ok(Box::new(self.prompt_locks.acquire(slot, max_wait).await?))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let sessions = Sessions::new(MapStore::default(), Provers::none().with(Eip191)?);
    let wallet = EthereumWallet::generate(&"eip155:1".parse()?)?;
    let request = Request::new("app.example", ["ceramic://*"]);

    let made = sessions.get(&wallet, &request).await?; // the wallet signs, the store saves
    let found = sessions.get(&wallet, &request).await?; // the store loads, nobody is asked
    assert_eq!(made.key_did(), found.key_did());
    println!("{} signs for {}", found.key_did(), found.issuer());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn spoil(store: &MapStore, slot: &SlotId) {
        let garbage = Zeroizing::new(String::from("no session"));
        store.sessions.lock().await.insert(slot.clone(), garbage);
    }

    // a map in memory keeps any key, loses no reply, and ends with its only process
    store_testkit::store_contract!(
        MapStore::default(),
        corrupt = spoil,
        never = [foreign_key, lossy, another, crash]
    );
}
