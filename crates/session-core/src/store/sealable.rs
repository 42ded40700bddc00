//! What a store implements so that the code above it can seal its records.

use super::record::ExpectedSlot;
use super::sealed::{SealError, SealedRecord, SealedSlot};
use super::slot_id::SlotId;
use super::{SessionStore, StoreError};
use async_trait::async_trait;
use didkey::Ed25519SigningKey;

/// A store whose records can be sealed: it keeps [`SealedRecord`]s beside one header, the *seal*,
/// and looks into neither. `store-sealed` makes a [`SessionStore`] of it.
///
/// # Contract
/// 1. A slot holds one record, sealed or not; saving a sealed record replaces what was there.
///    [`remove`](SessionStore::remove), `remove_issuer`, `list` and `lock_prompt` treat the two
///    alike. The tag of a sealed record is [`SealedRecord::tag`].
/// 2. `load_sealed` gives the bytes that were saved. [`load`](SessionStore::load) of a sealed record
///    is [`Slot::Unreadable`](crate::Slot::Unreadable) by [`SealError::Sealed`](crate::SealError::Sealed) or an error of the store that says the same.
/// 3. Once there is a seal, [`save`](SessionStore::save) fails with [`StoreError::Medium`] and
///    writes nothing. A store that several processes share looks for the seal at the latest when
///    it is opened anew. `save` does not replace a sealed record either, even without a seal: it
///    fails in the same way if the slot is as expected, so that somebody who deletes the seal does
///    not cause records to be written in plain.
/// 4. `replace_seal` compares and writes in one step, durably. A store has one seal, which is not
///    secret.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait SealableStore: SessionStore<Key = Ed25519SigningKey> {
    /// The content of this slot, unopened. [`SealedSlot::of_bytes`] makes it from bytes.
    ///
    /// # Errors
    /// Only when input or output fails.
    async fn load_sealed(&self, slot: &SlotId) -> Result<SealedSlot, StoreError>;

    /// Puts a sealed record into its slot ([`SealedRecord::slot`]), as
    /// [`save`](SessionStore::save) does a record.
    ///
    /// # Errors
    /// As those of [`save`](SessionStore::save).
    async fn save_sealed(
        &self,
        record: &SealedRecord,
        expected: ExpectedSlot,
    ) -> Result<(), StoreError>;

    /// The seal, if the store has one: at most [`MAX_SEAL_LEN`] bytes of UTF-8.
    ///
    /// # Errors
    /// When input or output fails, and when the seal is longer.
    async fn load_seal(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// Whether a plain record could be saved: what such a store answers to
    /// [`may_save`](SessionStore::may_save), so that no wallet is asked for a session that would be
    /// refused for the seal.
    ///
    /// # Errors
    /// [`StoreError::Medium`] by [`SealError::Sealed`](crate::SealError::Sealed), or by an error of the
    /// store that says the same, where there is a seal, or a sealed record in this slot; and when input
    /// or output fails.
    async fn check_unsealed(&self, slot: Option<&SlotId>) -> Result<(), StoreError> {
        let is_sealed = match slot {
            _ if self.load_seal().await?.is_some() => true,
            Some(slot) => matches!(self.load_sealed(slot).await?, SealedSlot::Sealed(_)),
            None => false,
        };
        match is_sealed {
            true => Err(StoreError::medium("cannot save", SealError::Sealed)),
            false => Ok(()),
        }
    }

    /// Replaces the seal, if it is as expected: none, or exactly these bytes. Returns whether it
    /// was as expected; otherwise nothing is written.
    ///
    /// # Errors
    /// When input or output fails.
    async fn replace_seal(&self, seal: &[u8], expected: Option<&[u8]>) -> Result<bool, StoreError>;
}

/// The largest number of bytes of a seal.
pub const MAX_SEAL_LEN: usize = 4096;
