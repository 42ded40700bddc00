//! The store of sessions.

use crate::error::{Error, Failure};
use crate::handle::Redis;
use crate::keys::{did, mark, part_of};
use crate::lease::RedisLeases;
use crate::list::{Indexed, issuers, keys, page};
use crate::record::{Read, Record, Written, expected};
use crate::reply::{array, bytes, int};
use crate::script::change;
use crate::time::{digits, millis_up, text};
use async_trait::async_trait;
use cacao::{Issuer, UnixTime};
use didkey::Ed25519SigningKey;
use session_core::{
    Clock, ExpectedSlot, Leases, ListCursor, Listed, Page, Profile, PromptLockGuard, RecordTag,
    SealError, SealableStore, SessionStore, Slot, SlotId, StoreError, SystemClock,
};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

change!(SAVE, "lua/expected.lua", "lua/save.lua");
change!(REMOVE, "lua/expected.lua", "lua/remove.lua");
change!(REMOVE_ISSUER, "lua/remove_issuer.lua");
change!(PURGE, "lua/expected.lua", "lua/purge.lua");

/// Sessions in Redis or Valkey, whose keys are [`Ed25519SigningKey`]s. Clones share their
/// contents, and so do all processes that use the same prefix of the same database.
///
/// The sessions of an issuer are one hash, by profile; each is a session string behind a head with
/// its tag. **The seeds of session keys are in it in plain text**: anyone who reads the database,
/// its files, its replicas or an unencrypted connection has the sessions. Where that must not be,
/// `store-sealed` seals the records before they come here, by
/// [`SealableStore`].
///
/// A saved session is as durable as the engine makes it, see [the crate](crate).
#[derive(Clone)]
pub struct RedisStore {
    redis: Redis,
    leases: Leases,
}

impl RedisStore {
    /// The sessions in this engine.
    #[must_use]
    pub fn new(redis: &Redis) -> Self {
        Self {
            redis: redis.clone(),
            leases: leases(redis, Arc::new(SystemClock)),
        }
    }

    /// Waits for the right to ask a wallet, and renews it, by this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.leases = leases(&self.redis, clock).with_ttl(self.leases.ttl());
        self
    }

    /// How long the right to ask a wallet lasts that its holder does not renew, because the
    /// machine died. See [`Leases::with_ttl`].
    #[must_use]
    pub fn with_lease(mut self, ttl: Duration) -> Self {
        self.leases = self.leases.with_ttl(ttl);
        self
    }

    fn keys(&self, did: &str) -> [Vec<u8>; 2] {
        keys(&self.redis, part_of(did), did)
    }

    pub(crate) const fn redis(&self) -> &Redis {
        &self.redis
    }

    /// The content of a slot, if there is any.
    pub(crate) async fn read(&self, slot: &SlotId) -> Result<Option<Read>, StoreError> {
        let [records, _] = self.keys(&did(slot.issuer()));
        let mut get = redis::cmd("HGET");
        get.arg(records).arg(slot.profile().to_string());
        let action = || self.redis.action(&format!("read the session of {slot}"));
        let reply = self.redis.query(&get).await;
        let reply = reply.map_err(|failure| failure.into_store_error(&action()))?;
        let value =
            bytes(reply, "a record").map_err(|error| StoreError::medium(action(), error))?;
        Ok(value.map(Zeroizing::new).map(|value| Read::of(&value)))
    }

    pub(crate) async fn put(
        &self,
        slot: &SlotId,
        written: &Written,
        as_expected: ExpectedSlot,
    ) -> Result<Saved, Failure> {
        let did = did(slot.issuer());
        let profile = slot.profile().to_string();
        let (what, which) = expected(as_expected);
        let deleted = match (self.redis.options().record_expiry, written.expires_at) {
            (None, _) => Vec::new(),
            (Some(_), None) => b"never".to_vec(),
            (Some(after), Some(exp)) => text(millis_up(exp + after)),
        };
        let arguments: [&[u8]; 9] = [
            profile.as_bytes(),
            what,
            &which,
            written.tag.as_bytes(),
            written.expires.as_bytes(),
            &written.body,
            did.as_bytes(),
            &deleted,
            if written.is_sealed {
                b"sealed"
            } else {
                b"plain"
            },
        ];
        let [records, index] = self.keys(&did);
        let keys = [
            records,
            index,
            mark(&self.redis.options().prefix, part_of(&did)),
        ];
        let keys = keys.each_ref().map(Vec::as_slice);
        let said = self.redis.change(&SAVE, &keys, &arguments).await?;
        Ok(match int(&said, "a number")? {
            1 => Saved::Done,
            -1 => Saved::Sealed,
            _ => Saved::Unexpected,
        })
    }

    async fn purge_issuer(&self, issuer: &Indexed, before: &[u8]) -> Result<i64, Failure> {
        let keys = issuer.keys(&self.redis);
        let keys = keys.each_ref().map(Vec::as_slice);
        let arguments = [issuer.did.as_bytes(), before];
        let said = self.redis.change(&PURGE, &keys, &arguments).await?;
        Ok(int(&said, "a number")?)
    }

    async fn purge_all(&self, before: UnixTime) -> Result<usize, Failure> {
        const AT_ONCE: usize = 500;
        let before = digits(before);
        let (mut purged, mut part, mut from) = (0, 0, String::new());
        loop {
            let found = issuers(&self.redis, (part, &from), AT_ONCE).await?;
            let mut runs = Vec::with_capacity(found.len());
            for issuer in &found {
                runs.push(self.purge_issuer(issuer, before.as_bytes()));
            }
            for count in futures_util::future::join_all(runs).await {
                purged += usize::try_from(count?).unwrap_or_default();
            }
            let Some(last) = found.last().filter(|_| found.len() == AT_ONCE) else {
                return Ok(purged);
            };
            (part, from) = (last.part, format!("{}\0", last.did));
        }
    }
}

/// What came of a save.
pub(crate) enum Saved {
    Done,
    /// The slot was not as expected.
    Unexpected,
    /// The store is sealed, and the record is not.
    Sealed,
}

fn leases(redis: &Redis, clock: Arc<dyn Clock>) -> Leases {
    Leases::new(RedisLeases(redis.clone()), clock).with_spawner(|task| {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(task);
        }
    })
}

#[async_trait]
impl SessionStore for RedisStore {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        Ed25519SigningKey::generate().map_err(|error| StoreError::Key {
            reason: error.to_string(),
        })
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        Ok(match self.read(slot).await? {
            None => Slot::Empty,
            Some(Read::Record(record, tag)) => Slot::Record {
                record: *record,
                tag,
            },
            Some(Read::Sealed(sealed)) => Slot::Unreadable {
                tag: sealed.tag(),
                source: SealError::Sealed.into(),
            },
            Some(Read::Unreadable(tag, error)) => Slot::Unreadable {
                tag,
                source: error.into(),
            },
        })
    }

    async fn may_save(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        self.check_unsealed(slot).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &Record,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        let action = || self.redis.action(&format!("save the session of {slot}"));
        let written = Written::of(record).map_err(|error| StoreError::medium(action(), error))?;
        match self.put(slot, &written, expected).await {
            Ok(Saved::Done) => Ok(written.tag),
            Ok(Saved::Unexpected) => Err(StoreError::conflict(slot)),
            Ok(Saved::Sealed) => Err(StoreError::medium(action(), SealError::Sealed)),
            Err(failure) => Err(failure.into_slot_error(&action(), slot)),
        }
    }

    async fn remove(&self, slot: &SlotId, as_expected: ExpectedSlot) -> Result<bool, StoreError> {
        let did = did(slot.issuer());
        let profile = slot.profile().to_string();
        let (what, which) = expected(as_expected);
        let keys = self.keys(&did);
        let keys = keys.each_ref().map(Vec::as_slice);
        let arguments = [profile.as_bytes(), what, &which, did.as_bytes()];
        let ran = self.redis.change(&REMOVE, &keys, &arguments).await;
        let said = ran.and_then(|reply| Ok::<_, Failure>(int(&reply, "a number")?));
        let action = || self.redis.action(&format!("remove the session of {slot}"));
        match said.map_err(|failure| failure.into_slot_error(&action(), slot))? {
            -1 => Err(StoreError::conflict(slot)),
            removed => Ok(removed > 0),
        }
    }

    async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let [records, _] = self.keys(&did(issuer));
        let mut keys = redis::cmd("HKEYS");
        keys.arg(records);
        let named = self.redis.query(&keys).await.and_then(profiles);
        let action = || self.redis.action(&format!("list the sessions of {issuer}"));
        named.map_err(|failure| failure.into_store_error(&action()))
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let did = did(issuer);
        let keys = self.keys(&did);
        let keys = keys.each_ref().map(Vec::as_slice);
        let ran = self
            .redis
            .change(&REMOVE_ISSUER, &keys, &[did.as_bytes()])
            .await;
        let removed = ran.and_then(profiles);
        let action = || {
            self.redis
                .action(&format!("remove the sessions of {issuer}"))
        };
        let slot = SlotId::from(issuer);
        removed.map_err(|failure| failure.into_slot_error(&action(), &slot))
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        const AT_ONCE: usize = 499;
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let listed = page(&self.redis, after.as_ref(), AT_ONCE).await;
            let action = || self.redis.action("list sessions");
            let listed = listed.map_err(|failure| failure.into_store_error(&action()))?;
            all.extend(listed.entries);
            after = listed.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        let listed = page(&self.redis, after, limit.get()).await;
        listed.map_err(|failure| failure.into_store_error(&self.redis.action("list sessions")))
    }

    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        let purged = self.purge_all(before).await;
        let action = || self.redis.action("purge sessions");
        purged.map_err(|failure| failure.into_store_error(&action()))
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        Ok(Box::new(self.leases.acquire(slot, max_wait).await?))
    }
}

/// The profiles that a reply names, the default one first.
fn profiles(reply: redis::Value) -> Result<Vec<Profile>, Failure> {
    const EXPECTED: &str = "names of profiles";
    let names = array(reply, EXPECTED)?.into_iter();
    let names = names.map(|name| bytes(name, EXPECTED));
    let names = names.collect::<Result<Vec<_>, Error>>()?;
    let names = names.iter().flatten();
    let names = names.filter_map(|name| str::from_utf8(name).ok()?.parse().ok());
    let mut profiles: Vec<Profile> = names.collect();
    profiles.sort();
    Ok(profiles)
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("redis", &self.redis)
            .finish_non_exhaustive()
    }
}
