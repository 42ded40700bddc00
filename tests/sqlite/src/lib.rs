//! A session store over SQLite in 220 lines, with 70 more for its lease: a file and a query.
//! Statements run where they are called, as the file is near; a server with many callers gives them
//! a thread of their own.

mod lease;

use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use didkey::Ed25519SigningKey;
use rusqlite::{Connection, OptionalExtension, Params, Result as SqlResult, Row, params};
use session_core::{
    Clock, ExpectedSlot, Leases, ListCursor, Listed, Page, PromptLockGuard, RecordTag,
    SessionRecord, SessionStore, Slot, SlotId, StoreError,
};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// `exp` is in milliseconds since 1970, or NULL. Keys that are deleted are overwritten.
const SCHEMA: &str = "
    PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS sessions (
        issuer TEXT NOT NULL, profile TEXT NOT NULL,
        tag BLOB NOT NULL CHECK (length(tag) = 32), exp INTEGER, record TEXT NOT NULL,
        PRIMARY KEY (issuer, profile)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS leases (
        slot TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/// One connection, which callers use in turn. Clones share it.
#[derive(Clone)]
pub struct Database(Arc<Mutex<Connection>>);

impl Database {
    /// Does something with the connection.
    ///
    /// # Errors
    /// [`StoreError::Medium`] when the database refuses it.
    pub fn run<T>(&self, work: impl FnOnce(&Connection) -> SqlResult<T>) -> Result<T, StoreError> {
        // nobody panics while holding it; were it so, a statement was made or was not
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(&connection).map_err(|error| StoreError::medium("cannot use the database", error))
    }

    /// One statement; answers how many rows it changed.
    fn change(&self, statement: &str, values: impl Params) -> Result<usize, StoreError> {
        self.run(|connection| connection.execute(statement, values))
    }
}

/// Sessions in a file of SQLite, which the processes of a machine may share.
#[derive(Clone)]
pub struct SqliteStore {
    database: Database,
    leases: Leases,
}

impl SqliteStore {
    /// The store in this file, which is made if it is not there. A prompt lock lasts for `ttl`
    /// when nobody renews it.
    ///
    /// # Errors
    /// [`StoreError::Medium`] when it cannot be opened.
    pub fn open(path: &Path, clock: Arc<dyn Clock>, ttl: Duration) -> Result<Self, StoreError> {
        let open = || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(5))?;
            connection.execute_batch(SCHEMA)?;
            Ok(Database(Arc::new(Mutex::new(connection))))
        };
        let database = open().map_err(|error: rusqlite::Error| {
            StoreError::medium(format!("cannot open {}", path.display()), error)
        })?;
        let leases = lease::leases(&database, clock, ttl);
        Ok(Self { database, leases })
    }

    /// The database, for queries of one's own.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }
}

/// What the first two columns hold: the canonical DID, and the name of the profile.
fn columns(slot: &SlotId) -> (String, String) {
    (slot.issuer().did(), slot.profile().to_string())
}

fn listed((issuer, profile): &(String, String)) -> Listed {
    match (issuer.parse::<Issuer>(), profile.parse()) {
        (Ok(issuer), Ok(profile)) => Listed::Slot(SlotId::new(issuer).with_profile(profile)),
        _ => Listed::Foreign(format!("{issuer} {profile}")),
    }
}

#[async_trait]
impl SessionStore for SqliteStore {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        Ed25519SigningKey::generate().map_err(|error| StoreError::key(error.to_string()))
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        let select = "SELECT tag, record FROM sessions WHERE (issuer, profile) = (?1, ?2)";
        let columns = |row: &Row<'_>| Ok((row.get(0)?, Zeroizing::new(row.get(1)?)));
        let row = |sql: &Connection| {
            sql.query_row(select, self::columns(slot), columns)
                .optional()
        };
        let Some((tag, text)): Option<([u8; 32], Zeroizing<String>)> = self.database.run(row)?
        else {
            return Ok(Slot::Empty);
        };
        // the tag is what a change will be compared with, whatever lies beside it (sentence 5)
        let tag = RecordTag::from_bytes(tag);
        Ok(match SessionRecord::from_stored_string_unverified(&text) {
            Ok(record) if record.tag() == tag => Slot::Record { record, tag },
            Ok(_) => Slot::Unreadable {
                tag,
                source: "the tag is another record's".into(),
            },
            Err(error) => Slot::Unreadable {
                tag,
                source: error.into(),
            },
        })
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Ed25519SigningKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let (issuer, profile) = columns(slot);
        // what would not come back is not written in the first place
        let (text, tag) = record
            .to_checked_stored_string()
            .map_err(|error| StoreError::medium(format!("cannot save {slot}"), error))?;
        let exp = record.capability().payload().expires_at();
        let exp = exp.and_then(|exp| i64::try_from(exp.unix_time().as_millis()).ok());
        // one statement: nobody comes between comparison and write (sentence 9)
        let insert = "INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO";
        let set = "UPDATE SET tag = ?3, exp = ?4, record = ?5";
        let new = params![issuer, profile, tag.as_bytes(), exp, *text];
        let changed = match expected {
            ExpectedSlot::Anything => self.database.change(&format!("{insert} {set}"), new),
            ExpectedSlot::Absent => self.database.change(&format!("{insert} NOTHING"), new),
            ExpectedSlot::Tag(seen) => self.database.change(
                "UPDATE sessions SET tag = ?3, exp = ?4, record = ?5
                 WHERE (issuer, profile, tag) = (?1, ?2, ?6)",
                params![issuer, profile, tag.as_bytes(), exp, *text, seen.as_bytes()],
            ),
        };
        if changed? == 1 {
            Ok(tag)
        } else {
            Err(StoreError::conflict(slot))
        }
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let (issuer, profile) = columns(slot);
        let seen = match expected {
            ExpectedSlot::Absent if self.load(slot).await?.tag().is_none() => return Ok(false),
            ExpectedSlot::Absent => return Err(StoreError::conflict(slot)),
            ExpectedSlot::Anything => None,
            ExpectedSlot::Tag(seen) => Some(seen.to_bytes()),
        };
        let delete = "DELETE FROM sessions
                      WHERE (issuer, profile) = (?1, ?2) AND (?3 IS NULL OR tag = ?3)";
        match self
            .database
            .change(delete, params![issuer, profile, seen])?
        {
            0 if seen.is_some() => Err(StoreError::conflict(slot)),
            removed => Ok(removed == 1),
        }
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        Ok(self.list_page(None, NonZeroUsize::MAX).await?.entries)
    }

    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        // in the order of the key, so that whatever comes and goes moves nobody (sentence 16)
        let (issuer, profile) = after
            .map_or("", ListCursor::as_str)
            .split_once(' ')
            .unwrap_or_default();
        let select = "SELECT issuer, profile FROM sessions WHERE (issuer, profile) > (?1, ?2)
                      ORDER BY issuer, profile LIMIT ?3";
        let limit = i64::try_from(limit.get()).unwrap_or(i64::MAX);
        let rows: Vec<(String, String)> = self.database.run(|sql| {
            let mut select = sql.prepare(select)?;
            let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
            select
                .query_map(params![issuer, profile, limit], row)?
                .collect()
        })?;
        let last = rows
            .last()
            .filter(|_| i64::try_from(rows.len()) == Ok(limit));
        let next = last.map(|(issuer, profile)| ListCursor::new(format!("{issuer} {profile}")));
        Ok(Page::new(rows.iter().map(listed).collect(), next))
    }

    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        let before = i64::try_from(before.as_millis()).unwrap_or(i64::MAX);
        self.database
            .change("DELETE FROM sessions WHERE exp < ?1", [before])
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        Ok(Box::new(self.leases.acquire(slot, max_wait).await?))
    }
}
