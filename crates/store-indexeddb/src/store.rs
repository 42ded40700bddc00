//! The store: the contract of `SessionStore` over one database.

use crate::builder::{Builder, Unstorable};
use crate::changes::{Change, ChangeKind, Subscription, announce};
use crate::error::IndexedDbError;
use crate::flight;
use crate::idb::{self, Connection, Entry, Reading, Write};
use crate::key::{WebCryptoAlgorithm, WebCryptoKey};
use crate::memory::Memory;
use crate::record;
use crate::slot::{Contents, fingerprint, is_spelling_of, key_of, listed};
use async_trait::async_trait;
use cacao::Issuer;
use session_core::{
    ExpectedSlot, FlightGuard, Listed, RecordTag, SessionRecord, SessionStore, Slot, StoreError,
};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsValue;

const OBJECT_STORE: &str = "sessions";

/// Sessions in IndexedDB, under keys of Web Crypto that cannot be exported.
///
/// Of the records that lie under several spellings of one account, the one issued last counts;
/// `save` and `remove` delete the others. What the npm package `did-session` stored is read, and
/// the other way round.
///
/// Clones share the database with each other and with every store of the same origin.
#[derive(Clone, Debug)]
pub struct IndexedDbStore {
    shared: Rc<Shared>,
}

#[derive(Debug)]
struct Shared {
    database: String,
    algorithm: WebCryptoAlgorithm,
    unstorable: Unstorable,
    web_locks: bool,
    memory: Memory,
}

impl Default for IndexedDbStore {
    fn default() -> Self {
        Self::new()
    }
}

impl IndexedDbStore {
    /// P-256 keys in the database `did-session`, which the npm package of that name uses, too.
    #[must_use]
    pub fn new() -> Self {
        Self::from_builder(&Self::builder())
    }

    /// A store with another database, other keys, another policy.
    pub const fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn from_builder(builder: &Builder) -> Self {
        Self {
            shared: Rc::new(Shared {
                database: builder.database_name(),
                algorithm: builder.algorithm,
                unstorable: builder.unstorable,
                web_locks: builder.web_locks,
                memory: Memory::default(),
            }),
        }
    }

    /// The name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.shared.database
    }

    /// Hears of every change that a store of this package makes to the same database: in other
    /// tabs, in workers, and in this page. What other software writes is not heard.
    ///
    /// ```no_run
    /// # fn example(store: &store_indexeddb::IndexedDbStore) -> Result<(), session_core::StoreError> {
    /// use store_indexeddb::ChangeKind;
    ///
    /// let subscription = store.on_change(|change| {
    ///     if change.kind == ChangeKind::Removed {
    ///         // show that the user is logged out
    ///     }
    /// })?;
    /// # drop(subscription);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`StoreError::Medium`] where there is no `BroadcastChannel`.
    pub fn on_change(
        &self,
        hear: impl FnMut(Change) + 'static,
    ) -> Result<Subscription, StoreError> {
        Subscription::new(self.database(), hear)
            .map_err(|error| StoreError::medium("cannot hear of changes", error))
    }

    async fn open(&self) -> Result<Connection, IndexedDbError> {
        idb::open(self.database(), OBJECT_STORE).await
    }

    async fn contents(
        &self,
        connection: &Connection,
        issuer: &Issuer,
    ) -> Result<Contents, IndexedDbError> {
        let wanted = spellings_of(issuer);
        let entries = connection.read(Reading::Values, wanted).await?;
        Ok(Contents::read(entries, issuer, self.shared.algorithm, self.database()).await)
    }

    /// Reads and compares outside of the transaction (a key's DID takes a promise), then writes
    /// inside one if nothing changed in between; else starts again.
    async fn put(
        &self,
        issuer: &Issuer,
        value: &JsValue,
        expected: ExpectedSlot,
    ) -> Result<Stored, IndexedDbError> {
        let connection = self.open().await?;
        loop {
            let seen = match expected {
                ExpectedSlot::Tag(_) => {
                    let contents = self.contents(&connection, issuer).await?;
                    if !expected.allows(contents.tag()) {
                        return Ok(Stored::Conflict);
                    }
                    Some(contents.fingerprint())
                }
                ExpectedSlot::Anything | ExpectedSlot::Absent => None,
            };
            match self
                .put_if(&connection, issuer, value, expected, seen)
                .await?
            {
                Stored::Changed => {}
                done => return Ok(done),
            }
        }
    }

    /// The one step: compares, writes under the canonical spelling, deletes the others.
    async fn put_if(
        &self,
        connection: &Connection,
        issuer: &Issuer,
        value: &JsValue,
        expected: ExpectedSlot,
        seen: Option<Vec<u8>>,
    ) -> Result<Stored, IndexedDbError> {
        let outcome = Rc::new(Cell::new(Stored::Done));
        let (told, value, canonical) = (Rc::clone(&outcome), value.clone(), key_of(issuer));
        let decide = move |entries: Vec<Entry>| {
            let verdict = match (&seen, expected) {
                (Some(seen), _) if *seen != fingerprint(&entries) => Stored::Changed,
                (_, ExpectedSlot::Absent) if !entries.is_empty() => Stored::Conflict,
                _ => Stored::Done,
            };
            told.set(verdict);
            if verdict != Stored::Done {
                return Vec::new();
            }
            let canonical = JsValue::from(canonical);
            let others = entries.into_iter().filter(|entry| entry.key != canonical);
            let mut writes: Vec<Write> = others
                .map(|entry| Write::Delete { key: entry.key })
                .collect();
            writes.push(Write::Put {
                key: canonical,
                value,
            });
            writes
        };
        let reading = match expected {
            ExpectedSlot::Tag(_) => Reading::Values,
            ExpectedSlot::Anything | ExpectedSlot::Absent => Reading::Keys,
        };
        connection
            .update(reading, spellings_of(issuer), decide)
            .await?;
        Ok(outcome.get())
    }

    async fn delete(&self, issuer: &Issuer) -> Result<bool, IndexedDbError> {
        let found = Rc::new(Cell::new(false));
        let told = Rc::clone(&found);
        let decide = move |entries: Vec<Entry>| {
            told.set(!entries.is_empty());
            entries
                .into_iter()
                .map(|entry| Write::Delete { key: entry.key })
                .collect()
        };
        self.open()
            .await?
            .update(Reading::Keys, spellings_of(issuer), decide)
            .await?;
        Ok(found.get())
    }

    /// Whether the policy has an answer to this error.
    fn is_spared(&self, error: &IndexedDbError) -> bool {
        self.shared.unstorable == Unstorable::KeepInMemory
            && matches!(
                error,
                IndexedDbError::KeyNotStorable { .. } | IndexedDbError::Unavailable { .. }
            )
    }

    fn failed(&self, what: &str, error: IndexedDbError) -> StoreError {
        StoreError::medium(
            format!("cannot {what} the database {}", self.database()),
            error,
        )
    }

    fn conflict(issuer: &Issuer) -> StoreError {
        StoreError::Conflict {
            issuer: issuer.did(),
        }
    }
}

/// What became of a conditional write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    Done,
    /// The slot is not as the caller expects.
    Conflict,
    /// The slot is not as we saw it a moment ago.
    Changed,
}

fn spellings_of(issuer: &Issuer) -> impl Fn(&JsValue) -> bool + 'static {
    let issuer = issuer.normalized();
    move |key| is_spelling_of(key, &issuer)
}

#[async_trait(?Send)]
impl SessionStore for IndexedDbStore {
    type Key = WebCryptoKey;

    async fn generate_key(&self) -> Result<WebCryptoKey, StoreError> {
        WebCryptoKey::generate(self.shared.algorithm).await
    }

    async fn load(&self, issuer: &Issuer) -> Result<Slot<WebCryptoKey>, StoreError> {
        if let Some(slot) = self.shared.memory.slot(issuer) {
            return Ok(slot);
        }
        let contents = async { self.contents(&self.open().await?, issuer).await };
        match contents.await {
            Ok(contents) => Ok(contents.into_slot()),
            Err(error) if self.is_spared(&error) => Ok(Slot::Empty),
            Err(error) => Err(self.failed("read", error)),
        }
    }

    async fn save(
        &self,
        issuer: &Issuer,
        record: &SessionRecord<WebCryptoKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let memory = &self.shared.memory;
        let expected = match memory.tag(issuer) {
            Some(tag) if expected.allows(Some(tag)) => ExpectedSlot::Anything,
            Some(_) => return Err(Self::conflict(issuer)),
            None => expected,
        };
        match self.put(issuer, &record::to_js(record), expected).await {
            Ok(Stored::Done) => {
                memory.remove(issuer);
            }
            Ok(_) => return Err(Self::conflict(issuer)),
            Err(error) if self.is_spared(&error) => {
                tracing::warn!(%error, "the session is kept in memory");
                memory.put(issuer, record);
            }
            Err(error) => return Err(self.failed("write", error)),
        }
        announce(self.database(), issuer, ChangeKind::Saved);
        Ok(record.tag())
    }

    async fn remove(&self, issuer: &Issuer) -> Result<bool, StoreError> {
        let in_memory = self.shared.memory.remove(issuer);
        let removed = match self.delete(issuer).await {
            Ok(removed) => removed || in_memory,
            Err(error) if self.is_spared(&error) => in_memory,
            Err(error) => return Err(self.failed("write", error)),
        };
        if removed {
            announce(self.database(), issuer, ChangeKind::Removed);
        }
        Ok(removed)
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let keys = async { self.open().await?.read(Reading::Keys, |_| true).await };
        let entries = match keys.await {
            Ok(entries) => entries,
            Err(error) if self.is_spared(&error) => Vec::new(),
            Err(error) => return Err(self.failed("read", error)),
        };
        let stored = entries.iter().map(|entry| listed(&entry.key));
        let in_memory = self.shared.memory.issuers().into_iter();
        let all: BTreeSet<_> = stored.chain(in_memory.map(Listed::Issuer)).collect();
        Ok(all.into_iter().collect())
    }

    async fn flight(
        &self,
        issuer: &Issuer,
        patience: Duration,
    ) -> Result<Box<dyn FlightGuard>, StoreError> {
        flight::acquire(self.database(), issuer, patience, self.shared.web_locks).await
    }
}
