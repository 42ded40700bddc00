//! The store itself: opens and seals on the way to the store beneath.

use crate::data_key::{DataKey, random};
use crate::error::Error;
use crate::header::{Header, SealInfo};
use crate::key::SealKey;
use crate::names::StoreId;
use async_trait::async_trait;
use cacao::Issuer;
use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, ListCursor, Listed, Page, Profile, PromptLockGuard, RecordTag, SealableStore,
    SealedSlot, SessionRecord, SessionStore, Slot, SlotId, StoreError,
};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// A store whose records are sealed, over one that keeps bytes. See the [crate](crate). Clones
/// share the key, and the store beneath if its clones do.
///
/// ```
/// use store_fs::FsStore;
/// use store_sealed::{SealKey, SealedStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let home = tempfile::tempdir()?;
/// # let directory = home.path();
/// let key = SealKey::from_bytes(&[7; 32]); // random, and from elsewhere
/// let store = SealedStore::open_or_create(FsStore::open(directory), &key).await?;
/// # let _ = store;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SealedStore<S> {
    inner: S,
    id: StoreId,
    data_key: Arc<DataKey>,
}

/// What [`SealedStore::seal_plain`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealedPlain {
    /// How many records it sealed.
    pub sealed: usize,
    /// The slots whose records it could not read; they are as they were.
    pub unreadable: Vec<SlotId>,
}

impl<S: SealableStore> SealedStore<S> {
    /// What the seal of a store says, unproven; `None` if it is not sealed. This needs no key.
    ///
    /// # Errors
    /// [`Error::Seal`] and [`Error::Store`].
    pub async fn info(inner: &S) -> Result<Option<SealInfo>, Error> {
        let seal = inner.load_seal().await?;
        seal.map(|seal| Ok(Header::parse(&seal)?.info()))
            .transpose()
    }

    /// Opens a sealed store. Writes nothing.
    ///
    /// # Errors
    /// [`Error::WrongKey`] and [`Error::OtherKind`] for another key, [`Error::NotSealed`] without a
    /// seal, [`Error::Seal`] and [`Error::SealAltered`] for a seal that was damaged; else of the
    /// store and of the key's custodian.
    pub async fn open(inner: S, key: &SealKey) -> Result<Self, Error> {
        let Some(seal) = inner.load_seal().await? else {
            let missing = has_sealed_records(&inner).await?;
            return Err(if missing {
                Error::SealMissing
            } else {
                Error::NotSealed
            });
        };
        let header = Header::parse(&seal)?;
        let data_key = match &header {
            Header::Wrapped(wrapped) => key.unwrap(wrapped).await?,
            Header::First { stretching, .. } => key.of_first_format(stretching).await?,
        };
        let store = Self {
            inner,
            id: header.id(),
            data_key: Arc::new(data_key),
        };
        if matches!(header, Header::First { .. }) {
            store.try_records().await?;
        }
        Ok(store)
    }

    /// Seals a store that is not sealed yet. Records that are in it stay plain, and are not read,
    /// until [`seal_plain`](Self::seal_plain) seals them.
    ///
    /// # Errors
    /// [`Error::AlreadySealed`], and [`Error::SealMissing`] when there are sealed records; else of
    /// the store and of the key.
    pub async fn create(inner: S, key: &SealKey) -> Result<Self, Error> {
        if inner.load_seal().await?.is_some() {
            return Err(Error::AlreadySealed);
        }
        if has_sealed_records(&inner).await? {
            return Err(Error::SealMissing);
        }
        let (id, data_key) = (StoreId::from_bytes(random()?), DataKey::random()?);
        let seal = key.wrap(id, &data_key).await?;
        if !inner.replace_seal(&seal.to_json(), None).await? {
            return Err(Error::AlreadySealed);
        }
        Ok(Self {
            inner,
            id,
            data_key: Arc::new(data_key),
        })
    }

    /// Opens a sealed store, or seals one that is not: for an application whose store is sealed
    /// from its first start on.
    ///
    /// # Errors
    /// Those of [`open`](Self::open) and [`create`](Self::create).
    pub async fn open_or_create(inner: S, key: &SealKey) -> Result<Self, Error>
    where
        S: Clone,
    {
        match Self::open(inner.clone(), key).await {
            Err(Error::NotSealed) => {}
            opened => return opened,
        }
        match Self::create(inner.clone(), key).await {
            // somebody else was first
            Err(Error::AlreadySealed) => Self::open(inner, key).await,
            created => created,
        }
    }

    /// Fails unless the store has this id: somebody who can write to the medium may have put
    /// another store there that is sealed with the same key.
    ///
    /// # Errors
    /// [`Error::OtherId`].
    pub fn expect_id(self, expected: StoreId) -> Result<Self, Error> {
        if self.id == expected {
            return Ok(self);
        }
        Err(Error::OtherId {
            expected,
            found: self.id,
        })
    }

    /// The store's id.
    pub const fn id(&self) -> StoreId {
        self.id
    }

    /// The store beneath.
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// Makes the store open with this key, and no longer with the present one. This is one write:
    /// no record is rewritten, and programs that have the store open can go on.
    ///
    /// The data key stays: who has a copy of the old seal and its key can read records as before.
    /// After an error of the store the old key holds, or the new one.
    ///
    /// # Errors
    /// [`Error::Changed`] when somebody else changed the seal meanwhile, [`Error::SealAltered`] when
    /// it is not the one of this store; else of the store and of the key.
    pub async fn rekey(&self, key: &SealKey) -> Result<(), Error> {
        let old = self.inner.load_seal().await?.ok_or(Error::SealMissing)?;
        let is_ours = match Header::parse(&old)? {
            Header::Wrapped(wrapped) => wrapped.is_of(&self.data_key),
            Header::First { id, .. } => id == self.id,
        };
        if !is_ours {
            return Err(Error::SealAltered);
        }
        let seal = key.wrap(self.id, &self.data_key).await?.to_json();
        if self.inner.replace_seal(&seal, Some(&old)).await? {
            Ok(())
        } else {
            Err(Error::Changed)
        }
    }

    /// Seals the plain records from before the store was sealed. If it is interrupted, the next
    /// call continues. Tags stay the same.
    ///
    /// # Errors
    /// Those of the store; records that were sealed before the error stay sealed.
    pub async fn seal_plain(&self) -> Result<SealedPlain, Error> {
        let mut done = SealedPlain::default();
        for entry in self.inner.list().await? {
            let Listed::Slot(slot) = entry else { continue };
            let found = self.inner.load_sealed(&slot).await?;
            if matches!(found, SealedSlot::Empty | SealedSlot::Sealed(_)) {
                continue;
            }
            match self.inner.load(&slot).await? {
                Slot::Record { record, tag } => {
                    match self.save(&slot, &record, ExpectedSlot::Tag(tag)).await {
                        Ok(_) => done.sealed += 1,
                        // somebody replaced it, by a sealed one
                        Err(StoreError::Conflict { .. }) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Slot::Unreadable { .. } => done.unreadable.push(slot),
                Slot::Empty => {}
            }
        }
        Ok(done)
    }

    /// A seal of the first format has no check value: the records tell. One that opens is enough,
    /// since others may be damaged.
    async fn try_records(&self) -> Result<(), Error> {
        let mut refused = false;
        for entry in self.inner.list().await? {
            let Listed::Slot(slot) = entry else { continue };
            if let SealedSlot::Sealed(sealed) = self.inner.load_sealed(&slot).await? {
                match self.data_key.open(self.id, &slot, &sealed) {
                    Ok(_) => return Ok(()),
                    Err(Error::DoesNotOpen { .. }) => refused = true,
                    Err(_) => {}
                }
            }
        }
        if refused {
            Err(Error::WrongKey)
        } else {
            Ok(())
        }
    }
}

async fn has_sealed_records<S: SealableStore>(inner: &S) -> Result<bool, Error> {
    for entry in inner.list().await? {
        if let Listed::Slot(slot) = entry
            && matches!(inner.load_sealed(&slot).await?, SealedSlot::Sealed(_))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Shows the store beneath and the id.
impl<S: fmt::Debug> fmt::Debug for SealedStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedStore")
            .field("inner", &self.inner)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<S: SealableStore> SessionStore for SealedStore<S> {
    type Key = Ed25519SigningKey;

    async fn generate_key(&self) -> Result<Ed25519SigningKey, StoreError> {
        self.inner.generate_key().await
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Ed25519SigningKey>, StoreError> {
        let sealed = match self.inner.load_sealed(slot).await? {
            SealedSlot::Empty => return Ok(Slot::Empty),
            SealedSlot::Unreadable { tag, source } => return Ok(Slot::Unreadable { tag, source }),
            SealedSlot::Sealed(sealed) => sealed,
        };
        let tag = sealed.tag();
        Ok(match self.data_key.open(self.id, slot, &sealed) {
            Ok(record) => Slot::Record { record, tag },
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
        let sealed = self.data_key.seal(self.id, slot, record);
        let sealed = sealed.map_err(|error| {
            StoreError::medium(format!("cannot seal the record of {slot}"), error)
        })?;
        self.inner.save_sealed(&sealed, expected).await?;
        Ok(sealed.tag())
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        self.inner.remove(slot, expected).await
    }

    async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        self.inner.profiles(issuer).await
    }

    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        self.inner.remove_issuer(issuer).await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.inner.list().await
    }

    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        self.inner.list_page(after, limit).await
    }

    // `purge` is the trait's own: the end of a record counts once it is opened

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        self.inner.lock_prompt(slot, max_wait).await
    }
}
