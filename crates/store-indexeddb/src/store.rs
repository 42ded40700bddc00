//! The store: the contract of `SessionStore` over one database.

use crate::algorithm::WebCryptoAlgorithm;
use crate::changes::{Change, ChangeKind, Subscription, announce};
use crate::error::IndexedDbError;
use crate::idb::{self, Connection, Entry, Reading, Write};
use crate::key::WebCryptoKey;
use crate::memory::Memory;
use crate::prompt_lock;
use crate::record;
use crate::revocations::IndexedDbRevocations;
use crate::slot::{Contents, fingerprint, listed, slot_of};
use crate::unstorable::Unstorable;
use async_trait::async_trait;
use session_core::{
    ExpectedSlot, Listed, PromptLockGuard, RecordTag, SessionRecord, SessionStore, Slot, SlotId,
    StoreError,
};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsValue;

const OBJECT_STORE: &str = "sessions";

/// Sessions in IndexedDB, under keys of WebCrypto that cannot be exported.
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

/// How a store behaves.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) database: String,
    pub(crate) algorithm: WebCryptoAlgorithm,
    pub(crate) unstorable: Unstorable,
    pub(crate) web_locks: bool,
}

#[derive(Debug)]
struct Shared {
    database: String,
    /// For the profiles that are not the default one: other software reads the first database,
    /// and would take their sessions for somebody else's.
    profiles: String,
    algorithm: WebCryptoAlgorithm,
    unstorable: Unstorable,
    web_locks: bool,
    memory: Memory,
    revocations: IndexedDbRevocations,
}

impl Default for IndexedDbStore {
    fn default() -> Self {
        Self::new()
    }
}

impl IndexedDbStore {
    pub(crate) fn with_settings(settings: Settings) -> Self {
        let Settings {
            database,
            algorithm,
            unstorable,
            web_locks,
        } = settings;
        Self {
            shared: Rc::new(Shared {
                revocations: IndexedDbRevocations::of(&database, unstorable),
                profiles: format!("{database}-profiles"),
                database,
                algorithm,
                unstorable,
                web_locks,
                memory: Memory::default(),
            }),
        }
    }

    /// The name of the database. The sessions of profiles that are not the default one lie in
    /// another, whose name has `-profiles` behind it.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.shared.database
    }

    /// Where it is kept which sessions were revoked. The name of its database has `-revocations`
    /// behind that of the store.
    #[must_use]
    pub fn revocations(&self) -> &IndexedDbRevocations {
        &self.shared.revocations
    }

    fn database_of(&self, slot: &SlotId) -> &str {
        if slot.profile().is_default() {
            &self.shared.database
        } else {
            &self.shared.profiles
        }
    }

    /// Calls `hear` for every change that a store of this package makes to the same database: in
    /// other tabs, in workers, and in this page. Changes by other software are not reported.
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
    /// [`StoreError::Medium`] if there is no `BroadcastChannel`.
    pub fn on_change(
        &self,
        hear: impl FnMut(Change) + 'static,
    ) -> Result<Subscription, StoreError> {
        Subscription::new(&[&self.shared.database, &self.shared.profiles], hear)
            .map_err(|error| StoreError::medium("changes cannot be observed", error))
    }

    async fn open(&self, slot: &SlotId) -> Result<Connection, IndexedDbError> {
        idb::open(self.database_of(slot), OBJECT_STORE).await
    }

    /// The keys in one of the databases.
    async fn keys(&self, database: &str) -> Result<Vec<Entry>, IndexedDbError> {
        let connection = idb::open(database, OBJECT_STORE).await?;
        connection.read(Reading::Keys, |_| true).await
    }

    async fn contents(
        &self,
        connection: &Connection,
        slot: &SlotId,
    ) -> Result<Contents, IndexedDbError> {
        let wanted = spellings_of(slot);
        let entries = connection.read(Reading::Values, wanted).await?;
        Ok(Contents::read(entries, slot, self.shared.algorithm, self.database_of(slot)).await)
    }

    /// Puts a value into the slot, or empties it. Reads and compares outside of the transaction (a
    /// key's DID takes a promise), then writes inside one if nothing changed in between; else
    /// starts again.
    async fn change(
        &self,
        slot: &SlotId,
        value: Option<&JsValue>,
        expected: ExpectedSlot,
    ) -> Result<Changed, IndexedDbError> {
        let connection = self.open(slot).await?;
        loop {
            let seen = match expected {
                ExpectedSlot::Tag(_) => {
                    let contents = self.contents(&connection, slot).await?;
                    if !expected.allows(contents.tag()) {
                        return Ok(Changed::Conflict);
                    }
                    Some(contents.fingerprint())
                }
                ExpectedSlot::Anything | ExpectedSlot::Absent => None,
            };
            let changed = Self::change_if(&connection, slot, value, expected, seen);
            match changed.await? {
                Changed::Otherwise => {}
                done => return Ok(done),
            }
        }
    }

    /// The one step: compares, writes under the canonical spelling if there is something to write,
    /// deletes what lies there under others.
    async fn change_if(
        connection: &Connection,
        slot: &SlotId,
        value: Option<&JsValue>,
        expected: ExpectedSlot,
        seen: Option<Vec<u8>>,
    ) -> Result<Changed, IndexedDbError> {
        let outcome = Rc::new(Cell::new(Changed::Otherwise));
        let told = Rc::clone(&outcome);
        let put = value.map(|value| (JsValue::from(slot.to_key()), value.clone()));
        let decide = move |entries: Vec<Entry>| {
            let verdict = match (&seen, expected) {
                (Some(seen), _) if *seen != fingerprint(&entries) => Changed::Otherwise,
                (_, ExpectedSlot::Absent) if !entries.is_empty() => Changed::Conflict,
                _ => Changed::Done {
                    was_there: !entries.is_empty(),
                },
            };
            told.set(verdict);
            if !matches!(verdict, Changed::Done { .. }) {
                return Vec::new();
            }
            let is_written = |key: &JsValue| put.as_ref().is_some_and(|(put, _)| put == key);
            let others = entries.into_iter().filter(|entry| !is_written(&entry.key));
            let mut writes: Vec<Write> = others
                .map(|entry| Write::Delete { key: entry.key })
                .collect();
            writes.extend(put.map(|(key, value)| Write::Put { key, value }));
            writes
        };
        let reading = match expected {
            ExpectedSlot::Tag(_) => Reading::Values,
            ExpectedSlot::Anything | ExpectedSlot::Absent => Reading::Keys,
        };
        connection
            .update(reading, spellings_of(slot), decide)
            .await?;
        Ok(outcome.get())
    }

    /// What a change must find in the database. If the slot's record is in memory, and is the
    /// expected one, the database may hold anything.
    fn expected_in_database(
        &self,
        slot: &SlotId,
        expected: ExpectedSlot,
    ) -> Result<ExpectedSlot, StoreError> {
        match self.shared.memory.tag(slot) {
            Some(tag) if expected.allows(Some(tag)) => Ok(ExpectedSlot::Anything),
            Some(_) => Err(StoreError::conflict(slot)),
            None => Ok(expected),
        }
    }

    /// Whether the policy says what to do after this error.
    fn is_spared(&self, error: &IndexedDbError) -> bool {
        self.shared.unstorable.spares(error)
    }
}

fn failed(what: &str, database: &str, error: IndexedDbError) -> StoreError {
    StoreError::medium(format!("cannot {what} the database {database}"), error)
}

/// What became of a conditional change.
#[derive(Clone, Copy)]
enum Changed {
    Done {
        /// Whether something lay in the slot.
        was_there: bool,
    },
    /// The slot is not as the caller expects.
    Conflict,
    /// The slot is not as we saw it a moment ago.
    Otherwise,
}

fn spellings_of(slot: &SlotId) -> impl Fn(&JsValue) -> bool + 'static {
    let slot = slot.clone();
    move |key| slot_of(key).as_ref() == Some(&slot)
}

#[async_trait(?Send)]
impl SessionStore for IndexedDbStore {
    type Key = WebCryptoKey;

    async fn generate_key(&self) -> Result<WebCryptoKey, StoreError> {
        WebCryptoKey::generate(self.shared.algorithm).await
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<WebCryptoKey>, StoreError> {
        if let Some(slot) = self.shared.memory.slot(slot) {
            return Ok(slot);
        }
        let contents = async { self.contents(&self.open(slot).await?, slot).await };
        match contents.await {
            Ok(contents) => Ok(contents.into_slot()),
            Err(error) if self.is_spared(&error) => Ok(Slot::Empty),
            Err(error) => Err(failed("read", self.database_of(slot), error)),
        }
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<WebCryptoKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let memory = &self.shared.memory;
        let in_database = self.expected_in_database(slot, expected)?;
        let database = self.database_of(slot);
        let value = record::to_js(record);
        match self.change(slot, Some(&value), in_database).await {
            Ok(Changed::Done { .. }) => {
                memory.remove(slot);
            }
            Ok(_) => return Err(StoreError::conflict(slot)),
            Err(error) if self.is_spared(&error) => {
                // another caller may have put one there while the browser was asked
                self.expected_in_database(slot, expected)?;
                tracing::warn!(%error, "the session is kept in memory");
                memory.put(slot, record);
            }
            Err(error) => return Err(failed("write", database, error)),
        }
        announce(database, slot, ChangeKind::Saved);
        Ok(record.tag())
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let in_database = self.expected_in_database(slot, expected)?;
        let in_memory = self.shared.memory.remove(slot);
        let database = self.database_of(slot);
        let removed = match self.change(slot, None, in_database).await {
            Ok(Changed::Done { was_there }) => was_there || in_memory,
            Ok(_) => return Err(StoreError::conflict(slot)),
            Err(error) if self.is_spared(&error) => in_memory,
            Err(error) => return Err(failed("write", database, error)),
        };
        if removed {
            announce(database, slot, ChangeKind::Removed);
        }
        Ok(removed)
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let in_memory = self.shared.memory.slots().into_iter();
        let mut all: BTreeSet<_> = in_memory.map(Listed::Slot).collect();
        for (database, default_profiles) in [
            (&self.shared.database, true),
            (&self.shared.profiles, false),
        ] {
            match self.keys(database).await {
                Ok(keys) => all.extend(
                    keys.iter()
                        .map(|entry| listed(&entry.key, default_profiles)),
                ),
                Err(error) if self.is_spared(&error) => {}
                Err(error) => return Err(failed("read", database, error)),
            }
        }
        Ok(all.into_iter().collect())
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        // one name for both databases: the slot's key tells the profile
        prompt_lock::acquire(self.database(), slot, max_wait, self.shared.web_locks).await
    }
}
