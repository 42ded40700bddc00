//! A store whose keys lie in a token, over any store of records.

use crate::error::Pkcs11Error;
use crate::key::Pkcs11Key;
use crate::objects::{KeyId, Pkcs11Algorithm};
use crate::token::Pkcs11Token;
use async_trait::async_trait;
use blocking::unblock;
use didkey::Ed25519SigningKey;
use session_core::{
    ExpectedSlot, ListCursor, Listed, Page, PromptLockGuard, RecordTag, SessionKey, SessionRecord,
    SessionStore, Slot, SlotId, StoreError,
};
use std::num::NonZeroUsize;
use std::time::Duration;

/// A store whose session keys lie in a [`Pkcs11Token`], and whose records lie in another store,
/// whichever one that is.
///
/// Where that store would keep the seed of a key, it keeps 32 random bytes: the `CKA_ID` of the key
/// in the token. They are a name and not a secret: somebody who opens the records without the token
/// finds capabilities, each beside a key to which it does not delegate.
///
/// A key is copied into the token when its record is saved. It is destroyed there when the record is
/// removed, or when the record was replaced and the key is not in use any more. Conditional changes,
/// prompt locks and durability are those of the store beneath. A record whose key is not in the token
/// is [`Slot::Unreadable`]; a token that does not answer is an error.
///
/// ```no_run
/// use session_key_pkcs11::{Pin, Pkcs11Store, Pkcs11Token};
/// use store_memory::MemoryStore;
///
/// # let pin = "1234";
/// let token = Pkcs11Token::open("/usr/lib/softhsm/libsofthsm2.so", "sessions", &Pin::new(pin))?;
/// let store = Pkcs11Store::new(MemoryStore::new(), token);
/// # Ok::<_, session_key_pkcs11::Pkcs11Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pkcs11Store<S> {
    records: S,
    token: Pkcs11Token,
    algorithm: Pkcs11Algorithm,
}

impl<S> Pkcs11Store<S> {
    /// A store over a store of records. Its new keys are P-256 keys.
    pub const fn new(records: S, token: Pkcs11Token) -> Self {
        Self {
            records,
            token,
            algorithm: Pkcs11Algorithm::Es256,
        }
    }

    /// Makes keys of this kind. Keys that are there already are read, of whichever kind.
    #[must_use]
    pub fn with_algorithm(mut self, algorithm: Pkcs11Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The store of the records.
    pub const fn records(&self) -> &S {
        &self.records
    }

    /// The token of the keys.
    pub const fn token(&self) -> &Pkcs11Token {
        &self.token
    }

    /// Does something with the token, on a thread that may wait.
    async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Pkcs11Token) -> Result<T, Pkcs11Error> + Send + 'static,
    ) -> Result<T, Pkcs11Error> {
        let token = self.token.clone();
        unblock(move || work(&token)).await
    }

    async fn key_of(&self, id: KeyId) -> Result<Option<Pkcs11Key>, Pkcs11Error> {
        self.ask(move |token| Pkcs11Key::find(token, id)).await
    }
}

/// The content of a slot, and the name of its key.
struct Found {
    slot: Slot<Pkcs11Key>,
    id: Option<KeyId>,
    /// What the store of the records must find to change it.
    beneath: ExpectedSlot,
}

impl<S: SessionStore<Key = Ed25519SigningKey>> Pkcs11Store<S> {
    async fn look(&self, slot: &SlotId) -> Result<Found, StoreError> {
        let mut before = None;
        loop {
            let beneath = self.records.load(slot).await?;
            let expected = beneath.expected();
            let (record, tag) = match beneath {
                Slot::Record { record, tag } => (record, tag),
                Slot::Empty => return Ok(Found::nothing(Slot::Empty, expected)),
                Slot::Unreadable { tag, source } => {
                    return Ok(Found::nothing(Slot::Unreadable { tag, source }, expected));
                }
            };
            let id = *record.key().to_seed();
            let found = match self.key_of(id).await {
                Ok(found) => found.ok_or(None),
                // what the token has there is no key of ours
                Err(error @ Pkcs11Error::Malformed { .. }) => Err(Some(error)),
                Err(error) => return Err(error.into()),
            };
            let slot = match found {
                Ok(key) => {
                    let capability = record.capability().clone();
                    let evidence = record.evidence().cloned();
                    let record = SessionRecord::new(capability, key).with_evidence(evidence);
                    Slot::Record {
                        tag: record.tag(),
                        record,
                    }
                }
                // somebody may have replaced the record, and destroyed its key, meanwhile
                Err(None) if before != Some(tag) => {
                    before = Some(tag);
                    continue;
                }
                Err(error) => Slot::Unreadable {
                    tag: RecordTag::of_unreadable(
                        &[&id[..], &record.capability().cid().to_bytes()].concat(),
                    ),
                    source: match error {
                        Some(error) => error.into(),
                        None => "the key of the record is not in the token".into(),
                    },
                },
            };
            return Ok(Found {
                slot,
                id: Some(id),
                beneath: expected,
            });
        }
    }

    /// The name under which a key lies in the token, and whether it was put there for this record.
    async fn keep(
        &self,
        key: &Pkcs11Key,
        found: &Found,
    ) -> Result<(Ed25519SigningKey, bool), StoreError> {
        if let (Slot::Record { record, .. }, Some(id)) = (&found.slot, found.id)
            && record.key().did() == key.did()
        {
            return Ok((Ed25519SigningKey::from_seed(&id), false));
        }
        // random bytes, of which nothing is kept
        let name = self.records.generate_key().await?;
        let id = *name.to_seed();
        let key = key.clone();
        let kept = self.ask(move |token| key.keep(token, &id)).await;
        kept.map_err(|error| match error {
            Pkcs11Error::KeyGone { .. }
            | Pkcs11Error::OtherToken { .. }
            | Pkcs11Error::Unsupported { .. }
            | Pkcs11Error::CouldLeave => StoreError::key(error.to_string()),
            error => error.into(),
        })?;
        Ok((name, true))
    }

    /// Destroys the keys in the token that no record names, and that are not being saved by this
    /// program; returns how many. Such keys are left behind when a program ends in the middle of a
    /// save or a removal, or when the reply of the store of the records was lost.
    ///
    /// No other program may save in the same store meanwhile, and no other store may have keys of
    /// the same [label](Pkcs11Token::open_labelled) in the token: theirs are not named here.
    ///
    /// # Errors
    /// Of the records or the token; [`Pkcs11Error::UnknownRecord`] where a record cannot be read.
    pub async fn remove_unnamed_keys(&self) -> Result<usize, StoreError> {
        let mut named = Vec::new();
        for entry in self.records.list().await? {
            let Listed::Slot(slot) = entry else { continue };
            match self.records.load(&slot).await? {
                Slot::Record { record, .. } => named.push(*record.key().to_seed()),
                Slot::Empty => {}
                Slot::Unreadable { .. } => return Err(Pkcs11Error::UnknownRecord.into()),
            }
        }
        let destroyed = self.ask(move |token| token.destroy_all_but(&named));
        Ok(destroyed.await?)
    }
}

impl Found {
    const fn nothing(slot: Slot<Pkcs11Key>, beneath: ExpectedSlot) -> Self {
        Self {
            slot,
            id: None,
            beneath,
        }
    }

    fn allows(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<(), StoreError> {
        if expected.allows(self.slot.tag()) {
            return Ok(());
        }
        Err(StoreError::conflict(slot))
    }
}

#[async_trait]
impl<S: SessionStore<Key = Ed25519SigningKey>> SessionStore for Pkcs11Store<S> {
    type Key = Pkcs11Key;

    async fn generate_key(&self) -> Result<Pkcs11Key, StoreError> {
        let algorithm = self.algorithm;
        let made = self.ask(move |token| Pkcs11Key::generate(token, algorithm));
        made.await.map_err(|error| match error {
            Pkcs11Error::Unsupported { .. } | Pkcs11Error::CouldLeave => {
                StoreError::key(error.to_string())
            }
            error => error.into(),
        })
    }

    async fn load(&self, slot: &SlotId) -> Result<Slot<Pkcs11Key>, StoreError> {
        Ok(self.look(slot).await?.slot)
    }

    async fn may_save(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        self.records.may_save(slot).await
    }

    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Pkcs11Key>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError> {
        loop {
            let found = self.look(slot).await?;
            found.allows(slot, expected)?;
            let (name, is_new) = self.keep(record.key(), &found).await?;
            let id = *name.to_seed();
            let named = SessionRecord::new(record.capability().clone(), name)
                .with_evidence(record.evidence().cloned());
            // a caller that is cancelled here may have saved: the key stays, and is destroyed later
            // if no record names it
            let saved = self.records.save(slot, &named, found.beneath).await;
            let replaced = found.id.filter(|replaced| *replaced != id);
            match saved {
                Ok(_) => {
                    self.token.saved(&id);
                    if let Some(replaced) = replaced {
                        // the record is saved: what cannot be destroyed now is destroyed later
                        let _ = self.ask(move |token| token.replaced(&replaced)).await;
                    }
                    return Ok(record.tag());
                }
                Err(error) => {
                    if is_new && !matches!(error, StoreError::Unknown { .. }) {
                        let _ = self.ask(move |token| token.destroy(&id)).await;
                    }
                    self.token.saved(&id);
                    // somebody else was faster: the slot is loaded again
                    if !matches!(error, StoreError::Conflict { .. }) {
                        return Err(error);
                    }
                }
            }
        }
    }

    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError> {
        loop {
            let found = self.look(slot).await?;
            found.allows(slot, expected)?;
            match self.records.remove(slot, found.beneath).await {
                Ok(removed) => {
                    if let Some(id) = found.id {
                        self.ask(move |token| token.destroy(&id)).await?;
                    }
                    return Ok(removed);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        self.records.list().await
    }

    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        self.records.list_page(after, limit).await
    }

    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
        self.records.lock_prompt(slot, max_wait).await
    }
}
