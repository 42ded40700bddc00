//! Sessions and their keys: each slot is one row, and each change is one statement.

use crate::batch::{Ask, Batches};
use crate::database::{Postgres, Values, nanos};
use crate::error::Error;
use crate::lease::PromptLeases;
use crate::slot::{columns, profile_of, slot_of};
use crate::statements::Statements;
use async_trait::async_trait;
use bytes::BytesMut;
use cacao::{Issuer, Timestamp, UnixTime};
use didkey::Ed25519SigningKey;
use session_core::{
    Clock, ExpectedSlot, Leases, ListCursor, Listed, Page, Profile, PromptLockGuard, RecordTag,
    SealError, SealableStore, SealedRecord, SessionRecord, SessionStore, Slot, SlotId, StoreError,
    SystemClock,
};
use std::error::Error as StdError;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use zeroize::Zeroizing;

type Record = SessionRecord<Ed25519SigningKey>;

/// A store in a database that many processes share. Its keys are Ed25519 keys, whose secrets are in
/// its rows. Clones share it.
///
/// Loads that come while a statement is under way go with the next one.
#[derive(Clone)]
pub struct PostgresStore {
    rows: Batches<Rows>,
    leases: Leases,
    statements: Arc<Statements>,
}

/// Loads one slot, or many at once.
struct Rows {
    database: Postgres,
    one: Arc<str>,
    many: Arc<str>,
}

impl Postgres {
    /// The sessions in this database.
    #[must_use]
    pub fn sessions(&self) -> PostgresStore {
        self.sessions_by(Arc::new(SystemClock))
    }

    /// The same, where this clock decides how long a caller waits for the prompt of another. The
    /// server's clock decides when the lease of a prompt ends.
    #[must_use]
    pub fn sessions_by(&self, clock: Arc<dyn Clock>) -> PostgresStore {
        let one = self.sql(
            "SELECT record, tag, digest = sha256(record || tag), true FROM {schema}.sessions \
             WHERE issuer = $1 AND profile = $2",
        );
        let many = self.sql(
            "SELECT kept.record, kept.tag, kept.digest = sha256(kept.record || kept.tag), \
             kept.issuer IS NOT NULL \
             FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (issuer, profile, place) \
             LEFT JOIN LATERAL (SELECT issuer, record, tag, digest FROM {schema}.sessions AS one \
             WHERE one.issuer = asked.issuer AND one.profile = asked.profile LIMIT 1) AS kept \
             ON true ORDER BY place",
        );
        let rows = Batches::new(
            Rows {
                database: self.clone(),
                one,
                many,
            },
            self.max_wait() * 2,
        );
        let mut leases = Leases::new(PromptLeases::new(self.clone()), clock).with_spawner(|task| {
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(task);
            }
        });
        if let Some(ttl) = self.config().lease_ttl {
            leases = leases.with_ttl(ttl);
        }
        PostgresStore {
            rows,
            leases,
            statements: Arc::new(self.session_statements()),
        }
    }
}

/// A session string, whose secret is shown by no log of the client library.
pub(crate) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

impl ToSql for Secret {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.0.as_slice().to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <&[u8] as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

/// What lies in a row.
pub(crate) enum Kept {
    Nothing,
    Record(Box<Record>),
    Sealed(SealedRecord),
    Unreadable(RecordTag, &'static str),
}

impl Kept {
    fn read(row: &Row) -> Result<Self, Error> {
        if !row.try_get::<_, bool>(3)? {
            return Ok(Self::Nothing);
        }
        let record: Option<&[u8]> = row.try_get(0)?;
        let tag: Option<&[u8]> = row.try_get(1)?;
        let (record, tag) = (record.unwrap_or_default(), tag.unwrap_or_default());
        let unreadable = |why| Ok(Self::Unreadable(RecordTag::of_unreadable(record), why));
        if row.try_get::<_, Option<bool>>(2)? != Some(true) {
            return unreadable("the row is not as it was written");
        }
        if SealedRecord::is_sealed(record) {
            return match SealedRecord::parse(record) {
                Some(sealed) if sealed.tag().as_bytes() == tag => Ok(Self::Sealed(sealed)),
                Some(_) => unreadable("its tag is that of another record"),
                None => unreadable("it is not a valid sealed record of a known format"),
            };
        }
        let text = str::from_utf8(record).unwrap_or_default();
        match Record::from_stored_string_unverified(text) {
            Ok(record) if record.tag().as_bytes() == tag => Ok(Self::Record(Box::new(record))),
            Ok(_) => unreadable("its tag is that of another record"),
            Err(_) => unreadable("it is not a valid session string"),
        }
    }
}

#[async_trait]
impl Ask for Rows {
    type Question = (String, String);
    type Answer = Kept;

    async fn ask(&self, slots: Vec<(String, String)>) -> Result<Vec<Kept>, Error> {
        if let [(issuer, profile)] = &*slots {
            let rows = self.database.read(&self.one, &[issuer, profile]).await?;
            let kept = rows.first().map_or(Ok(Kept::Nothing), Kept::read)?;
            return Ok(vec![kept]);
        }
        let (issuers, profiles): (Vec<_>, Vec<_>) = slots.into_iter().unzip();
        let values: Values<'_> = &[&issuers, &profiles];
        let rows = self.database.read(&self.many, values).await?;
        rows.iter().map(Kept::read).collect()
    }
}

/// What is put into a row.
pub(crate) struct Written {
    pub(crate) tag: RecordTag,
    pub(crate) content: Secret,
    pub(crate) expires_at: Option<UnixTime>,
    /// Whether it may lie in a store that is sealed.
    pub(crate) is_sealed: bool,
}

impl PostgresStore {
    pub(crate) fn database(&self) -> &Postgres {
        &self.rows.asker().database
    }

    pub(crate) fn statements(&self) -> &Statements {
        &self.statements
    }

    /// The content of a slot.
    pub(crate) async fn kept(&self, slot: &SlotId) -> Result<Kept, StoreError> {
        let kept = self.rows.ask(columns(slot)).await;
        kept.map_err(|error| error.at(format!("cannot load {slot}")))
    }

    /// Puts something into a slot that is as expected.
    pub(crate) async fn put(
        &self,
        slot: &SlotId,
        written: &Written,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError> {
        let (issuer, profile) = columns(slot);
        let new = written.tag.as_bytes().as_slice();
        let expires_at = written.expires_at.map(nanos);
        let usual: Values<'_> = &[
            &issuer,
            &profile,
            &written.content,
            &new,
            &expires_at,
            &written.is_sealed,
        ];
        let with_tag;
        let found;
        let (statement, values): (_, Values<'_>) = match &expected {
            ExpectedSlot::Anything => (&self.statements.save_anything, usual),
            ExpectedSlot::Absent => (&self.statements.save_absent, usual),
            ExpectedSlot::Tag(tag) => {
                found = tag.as_bytes().as_slice();
                with_tag = [usual, &[&found]].concat();
                (&self.statements.save_tag, &*with_tag)
            }
        };
        let action = || format!("cannot save {slot}");
        let read = |row: &Row| Ok((row.try_get(1)?, row.try_get(2)?));
        let saved = self.change(statement, values, Some(slot), action, read);
        match saved.await? {
            (true, _) => Ok(()),
            (false, true) => Err(StoreError::medium(action(), SealError::Sealed)),
            (false, false) => Err(StoreError::conflict(slot)),
        }
    }

    /// Runs a change and reads what it tells.
    pub(crate) async fn change<T>(
        &self,
        statement: &str,
        values: Values<'_>,
        slot: Option<&SlotId>,
        action: impl Fn() -> String,
        read: impl Fn(&Row) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        let changed = self.database().change(statement, values).await;
        let told = match changed {
            Ok(row) => read(&row).map_err(Error::from),
            Err(failure) => match slot {
                Some(slot) if failure.may_be_done => return Err(StoreError::unknown(slot)),
                _ => Err(failure.error),
            },
        };
        told.map_err(|error| error.at(action()))
    }
}

#[async_trait]
impl SessionStore for PostgresStore {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        Ed25519SigningKey::generate().map_err(|error| StoreError::key(error.to_string()))
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        Ok(match self.kept(slot).await? {
            Kept::Nothing => Slot::Empty,
            Kept::Record(record) => Slot::Record {
                tag: record.tag(),
                record: *record,
            },
            Kept::Sealed(sealed) => Slot::Unreadable {
                tag: sealed.tag(),
                source: SealError::Sealed.into(),
            },
            Kept::Unreadable(tag, why) => Slot::Unreadable {
                tag,
                source: unreadable(slot, why),
            },
        })
    }

    async fn may_save(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        self.check_unsealed(slot).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Ed25519SigningKey>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        // what would not come back is not written in the first place; the error could quote it
        let (text, tag) = record.to_checked_stored_string().map_err(|_| {
            let action = format!("cannot save {slot}");
            StoreError::medium(action, "the record cannot be written")
        })?;
        let expires_at = record.capability().payload().expires_at();
        let written = Written {
            tag,
            content: Secret::of(text.as_bytes()),
            expires_at: expires_at.map(Timestamp::unix_time),
            is_sealed: false,
        };
        self.put(slot, &written, expected).await?;
        Ok(tag)
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        let (issuer, profile) = columns(slot);
        let action = || format!("cannot remove {slot}");
        let read = |row: &Row| row.try_get::<_, bool>(1);
        let usual: Values<'_> = &[&issuer, &profile];
        match expected {
            ExpectedSlot::Anything => {
                let statement = &self.statements.remove_anything;
                self.change(statement, usual, Some(slot), action, read)
                    .await
            }
            ExpectedSlot::Absent => {
                let statement = &self.statements.remove_absent;
                let there = self.change(statement, usual, Some(slot), action, read);
                match there.await? {
                    true => Err(StoreError::conflict(slot)),
                    false => Ok(false),
                }
            }
            ExpectedSlot::Tag(tag) => {
                let tag = tag.as_bytes().as_slice();
                let statement = &self.statements.remove_tag;
                let values: Values<'_> = &[&issuer, &profile, &tag];
                let removed = self.change(statement, values, Some(slot), action, read);
                match removed.await? {
                    true => Ok(true),
                    false => Err(StoreError::conflict(slot)),
                }
            }
        }
    }

    async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let slot = SlotId::from(issuer);
        let (issuer, _) = columns(&slot);
        let values: Values<'_> = &[&issuer];
        let rows = self
            .database()
            .read(&self.statements.profiles, values)
            .await;
        let names = rows.and_then(|rows| {
            let names = rows.iter().map(|row| row.try_get(0));
            Ok(names.collect::<Result<Vec<String>, _>>()?)
        });
        let names = names.map_err(|error| error.at(format!("cannot list {slot}")))?;
        Ok(names.iter().filter_map(|name| profile_of(name)).collect())
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let slot = SlotId::from(issuer);
        let (issuer, _) = columns(&slot);
        let statement = &self.statements.remove_issuer;
        let action = || format!("cannot remove {slot}");
        let read = |row: &Row| row.try_get::<_, Vec<String>>(1);
        let values: Values<'_> = &[&issuer];
        let removed = self.change(statement, values, Some(&slot), action, read);
        let removed = removed.await?;
        Ok(removed.iter().filter_map(|name| profile_of(name)).collect())
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let rows = self.database().read(&self.statements.list, &[]).await;
        let rows = rows.and_then(|rows| rows.iter().map(listed).collect());
        rows.map_err(|error| error.at("cannot list sessions"))
    }

    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        let action = "cannot list sessions";
        let after = after.map_or(Some(("", "")), |cursor| cursor.as_str().split_once(' '));
        let (issuer, profile) = after
            .ok_or_else(|| StoreError::medium(action, "the cursor is not one of this store"))?;
        // one more shows whether there is another page
        let many = i64::try_from(limit.get()).unwrap_or(i64::MAX - 1) + 1;
        let values: Values<'_> = &[&issuer, &profile, &many];
        let rows = self
            .database()
            .read(&self.statements.list_page, values)
            .await;
        let mut rows = rows.map_err(|error| error.at(action))?;
        let is_last = rows.len() <= limit.get();
        rows.truncate(limit.get());
        let cursor = |row: &Row| -> Result<ListCursor, Error> {
            let (issuer, profile): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
            Ok(ListCursor::new(format!("{issuer} {profile}")))
        };
        let next = rows.last().filter(|_| !is_last).map(cursor).transpose();
        let entries = rows.iter().map(listed).collect::<Result<_, _>>();
        let page = entries.and_then(|entries| Ok(Page::new(entries, next?)));
        page.map_err(|error| error.at(action))
    }

    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        // what cannot be read stays, whatever its row says of its end
        let expired = "ended AS (SELECT issuer, profile FROM {schema}.sessions \
             WHERE (SELECT ok FROM asked) AND expires_at < $2::text::numeric \
             AND digest = sha256(record || tag) LIMIT 5000 FOR UPDATE SKIP LOCKED), \
             gone AS (DELETE FROM {schema}.sessions AS kept USING ended \
             WHERE (kept.issuer, kept.profile) = (ended.issuer, ended.profile) RETURNING 1)";
        let purged = self.database().delete_all(expired, &[&nanos(before)]).await;
        let purged = purged.map_err(|error| error.at("cannot purge sessions"))?;
        Ok(usize::try_from(purged).unwrap_or(usize::MAX))
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        Ok(Box::new(self.leases.acquire(slot, max_wait).await?))
    }
}

/// Why a row cannot be read.
pub(crate) fn unreadable(slot: &SlotId, why: &str) -> Box<dyn StdError + Send + Sync> {
    format!("the row of {slot} cannot be read: {why}").into()
}

fn listed(row: &Row) -> Result<Listed, Error> {
    let (issuer, profile): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
    Ok(match slot_of(issuer, profile) {
        Some(slot) => Listed::Slot(slot),
        None => Listed::Foreign(format!("{issuer} {profile}")),
    })
}

/// Shows the database's schema.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("database", self.database())
            .finish_non_exhaustive()
    }
}
