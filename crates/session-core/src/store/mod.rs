//! What a store of sessions is: the contract, in numbered sentences, and its vocabulary.

mod error;
mod evidence;
mod guard;
mod page;
mod record;
mod sealable;
mod sealed;
mod slot_id;
mod surely;

pub use error::StoreError;
pub use evidence::{Evidence, EvidenceError};
pub use guard::{AlwaysHeld, PromptLockGuard};
pub use page::{ListCursor, Page};
pub use record::{ExpectedSlot, Listed, RecordTag, SessionRecord, Slot};
pub use sealable::{MAX_SEAL_LEN, SealableStore};
pub use sealed::{SealError, SealedRecord, SealedSlot};
pub use slot_id::{Profile, ProfileError, SlotId};
pub(crate) use surely::{put_seen, remove_issuer_surely, remove_seen, remove_surely};

use crate::key::SessionKey;
use async_trait::async_trait;
use cacao::{Issuer, MaybeSend, MaybeSync, UnixTime};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// Keeps at most one session in each slot, together with its key. A slot is an issuer and one of
/// the issuer's profiles.
///
/// The store has custody of keys: [`Key`](Self::Key) may be bytes on disk or a handle that cannot
/// be exported. A store has no clock and no policy: it keeps what it is given and never judges it.
///
/// # Contract
/// `store-testkit` has a test for each of these sentences.
///
/// 1. `generate_key` keeps nothing: dropping the key undoes it.
/// 2. `save` replaces a record whole, or leaves the old one whole.
/// 3. After `save` returns, `load` gives the same capability, and a key of the same DID that
///    signs; however the capability spells its issuer, the record is in the slot that was named.
/// 4. `remove` of an absent record succeeds and leaves no trace; after `remove`, `load` is
///    [`Slot::Empty`].
/// 5. A record that cannot be read is [`Slot::Unreadable`], never `Empty`; it is not deleted, and
///    it does not stop `list`.
/// 6. Expired records are returned like any other.
/// 7. Clones of a store share their contents.
/// 8. After concurrent saves, one of the records is there, whole.
/// 9. A conditional `save` or `remove` fails with [`StoreError::Conflict`] unless the slot is
///    exactly as it was loaded: a record that was removed or replaced while the wallet was open
///    does not come back, and a newer record is not removed in the place of an older one.
/// 10. Only one caller holds the prompt lock of a slot at a time. A caller that waits longer than
///     `max_wait` gets [`StoreError::Busy`]. A holder that is dropped or cancelled frees the lock,
///     and so does a caller that is cancelled while it takes a free one. `load`, `save` and
///     `remove` never wait for it.
/// 11. Profiles are independent: a change in one slot of an issuer changes no other slot, and none
///     waits for the prompt of another. `remove_issuer` empties every slot of the issuer, and of no
///     other issuer; `profiles` names the profiles of the issuer in which something is.
/// 12. Evidence that was saved with a record is loaded with it, unchanged; a save without
///     evidence leaves none. It is not part of the tag.
/// 13. A prompt lock says truly whether it is held: one that runs out or is lost says so before
///     anybody else has it, whatever the clocks of the machines show. If its holder dies, it
///     becomes free, perhaps after some time.
/// 14. When a request was sent and its reply was lost, `save`, `remove` and `remove_issuer` end
///     with [`StoreError::Unknown`]: the change was made whole, or not at all. The caller then
///     loads again, and decides by the tag.
/// 15. The tag of a record is [`SessionRecord::tag`], in every process and version; a tag that
///     was kept as bytes is as good as one that was loaded just now.
/// 16. `list_page` names what `list` names, in parts of at most `limit`, and comes to an end.
///     Whatever comes and goes meanwhile, a slot that is there from the beginning to the end is
///     named exactly once.
/// 17. `purge` removes the records that expired before the given time, and returns how many. It
///     removes nothing else: no record that has not expired or never expires, nothing unreadable,
///     and no record that has replaced an expired one meanwhile.
/// 18. `save` keeps a key that [`generate_key`](Self::generate_key) of this store made, and any
///     other that it can keep. A key that cannot leave its custody, and is in another one, is
///     refused with [`StoreError::Key`], which says why, and the slot stays as it was.
///
/// Sentence 13 is about stores whose lock can be lost under its holder, sentence 14 about stores
/// that are reached over a network.
///
/// # Implementing
/// The example `custom_store` of `did-session` is a whole store over a plain map in about a
/// hundred lines. A store that several machines share gets its prompt lock from
/// [`Leases`](crate::Leases), which needs three operations of it. Methods with a default body need
/// not be written, but a store over a database can do better: `purge` and `list_page` in the
/// engine.
// one file, run as an example, as tests and here, so that the three cannot drift apart
#[cfg_attr(
    doc,
    doc = concat!("\n```\n", include_str!("../../docs/custom_store.rs"), "```")
)]
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait SessionStore: MaybeSend + MaybeSync {
    /// The keys that this store can keep.
    type Key: SessionKey;

    /// Makes a fresh session key and keeps nothing of it.
    ///
    /// # Errors
    /// [`StoreError::Key`] when there is no randomness, or no such key here.
    async fn generate_key(&self) -> Result<Self::Key, StoreError>;

    /// The content of this slot, unjudged.
    ///
    /// # Errors
    /// Only when input or output fails: a record that cannot be read is [`Slot::Unreadable`].
    async fn load(&self, slot: &SlotId) -> Result<Slot<Self::Key>, StoreError>;

    /// Whether a record could be saved now: in this slot, or where it is not known yet in which, in
    /// any. It is asked before a wallet is, so that nobody signs in vain. It promises nothing: the
    /// step that saves judges again.
    ///
    /// Unless a store does better, it says yes.
    ///
    /// # Errors
    /// The error with which [`save`](Self::save) would refuse the record, where the store is
    /// sealed for example; or when input or output fails.
    async fn may_save(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        let _ = slot;
        Ok(())
    }

    /// Puts a record into this slot, durably, if the slot is as `expected`. Comparison and write
    /// are one step. Returns the tag of the new content.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the slot is not as expected, [`StoreError::Key`] when the key
    /// cannot be kept here, [`StoreError::Unknown`] when the reply was lost; else of input and
    /// output. After every error but `Unknown` the old record is there, whole.
    async fn save(
        &self,
        slot: &SlotId,
        record: &SessionRecord<Self::Key>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError>;

    /// Empties this slot, if it is as `expected`; returns whether something was there. Comparison
    /// and removal are one step.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the slot is not as expected, [`StoreError::Unknown`] when the
    /// reply was lost; otherwise when input or output fails.
    async fn remove(&self, slot: &SlotId, expected: ExpectedSlot) -> Result<bool, StoreError>;

    /// The profiles of this issuer in which something is, in no particular order.
    ///
    /// Unless a store does better, they are taken from [`list`](Self::list).
    ///
    /// # Errors
    /// When input or output fails.
    async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let listed = self.list().await?.into_iter();
        let profiles = listed.filter_map(|entry| match entry {
            Listed::Slot(slot) if slot.issuer() == issuer => Some(slot.into_parts().1),
            _ => None,
        });
        Ok(profiles.collect())
    }

    /// Empties every slot that this issuer has when it is called; returns the profiles in which
    /// something was, the default one first. A slot that cannot be emptied does not keep the others
    /// from being emptied.
    ///
    /// Unless a store does better, it removes what [`profiles`](Self::profiles) names, and the
    /// default profile's slot in any case.
    ///
    /// # Errors
    /// The first failure of input or output; the other slots are then empty.
    /// [`StoreError::Unknown`] when the reply was lost: what was to be removed is there or not.
    async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
        let (mut profiles, mut failed) = (BTreeSet::from([Profile::default()]), None);
        match self.profiles(issuer).await {
            Ok(known) => profiles.extend(known),
            Err(error) => failed = Some(error),
        }
        let mut removed = Vec::new();
        for profile in profiles {
            let slot = SlotId::from(issuer).with_profile(profile);
            match remove_surely(self, &slot, ExpectedSlot::Anything).await {
                Ok(true) => removed.push(slot.profile().clone()),
                Ok(false) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(removed), Err)
    }

    /// The slots that have a record, readable or not, in no particular order.
    ///
    /// # Errors
    /// When input or output fails.
    async fn list(&self) -> Result<Vec<Listed>, StoreError>;

    /// A part of what [`list`](Self::list) names: the entries after the cursor, or from the
    /// beginning without one, and where the next part begins.
    ///
    /// Unless a store does better, it cuts [`list`](Self::list) into pages, each of which costs a
    /// whole list.
    ///
    /// # Errors
    /// When input or output fails, and [`StoreError::Medium`] for a cursor that this store did not
    /// make.
    async fn list_page(
        &self,
        after: Option<&ListCursor>,
        limit: NonZeroUsize,
    ) -> Result<Page, StoreError> {
        Page::of(self.list().await?, after, limit)
    }

    /// Removes the records whose capability expired before this time; returns how many. A store
    /// whose engine forgets such records by itself may have done so before.
    ///
    /// Unless a store does better, it loads whatever [`list`](Self::list) names, one after the
    /// other.
    ///
    /// # Errors
    /// The first failure of input or output; the other records are then removed.
    async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
        let (mut purged, mut failed) = (0, None);
        for entry in self.list().await? {
            let Listed::Slot(slot) = entry else { continue };
            let expired = match self.load(&slot).await {
                Ok(Slot::Record { record, tag }) if record.expired_before(before) => tag,
                Ok(_) => continue,
                Err(error) => {
                    failed = failed.or(Some(error));
                    continue;
                }
            };
            match remove_surely(self, &slot, ExpectedSlot::Tag(expired)).await {
                Ok(true) => purged += 1,
                // somebody replaced it, or removed it
                Ok(false) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(purged), Err)
    }

    /// Waits for the right to ask the wallet for this slot, for at most `max_wait`.
    ///
    /// It is not the lock that `save` takes for its one step: the holder of this right can save.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another caller still holds it.
    async fn lock_prompt(
        &self,
        slot: &SlotId,
        max_wait: Duration,
    ) -> Result<Box<dyn PromptLockGuard>, StoreError>;
}

macro_rules! forward {
    ($($pointer:ident),+) => {$(
        #[cfg_attr(not(target_family = "wasm"), async_trait)]
        #[cfg_attr(target_family = "wasm", async_trait(?Send))]
        impl<S: SessionStore + ?Sized> SessionStore for $pointer<S> {
            type Key = S::Key;

            async fn generate_key(&self) -> Result<Self::Key, StoreError> {
                (**self).generate_key().await
            }

            async fn load(&self, slot: &SlotId) -> Result<Slot<Self::Key>, StoreError> {
                (**self).load(slot).await
            }

            async fn may_save(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
                (**self).may_save(slot).await
            }

            async fn save(
                &self,
                slot: &SlotId,
                record: &SessionRecord<Self::Key>,
                expected: ExpectedSlot,
            ) -> Result<RecordTag, StoreError> {
                (**self).save(slot, record, expected).await
            }

            async fn remove(
                &self,
                slot: &SlotId,
                expected: ExpectedSlot,
            ) -> Result<bool, StoreError> {
                (**self).remove(slot, expected).await
            }

            async fn profiles(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
                (**self).profiles(issuer).await
            }

            async fn remove_issuer(&self, issuer: &Issuer) -> Result<Vec<Profile>, StoreError> {
                (**self).remove_issuer(issuer).await
            }

            async fn list(&self) -> Result<Vec<Listed>, StoreError> {
                (**self).list().await
            }

            async fn list_page(
                &self,
                after: Option<&ListCursor>,
                limit: NonZeroUsize,
            ) -> Result<Page, StoreError> {
                (**self).list_page(after, limit).await
            }

            async fn purge(&self, before: UnixTime) -> Result<usize, StoreError> {
                (**self).purge(before).await
            }

            async fn lock_prompt(
                &self,
                slot: &SlotId,
                max_wait: Duration,
            ) -> Result<Box<dyn PromptLockGuard>, StoreError> {
                (**self).lock_prompt(slot, max_wait).await
            }
        }
    )+};
}

forward!(Arc, Box);
