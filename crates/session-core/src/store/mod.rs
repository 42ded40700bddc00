//! What a store of sessions is: the contract, in numbered sentences, and its vocabulary.

mod error;
mod record;

pub use error::StoreError;
pub use record::{ExpectedSlot, Listed, RecordTag, SessionRecord, Slot};

use crate::key::SessionKey;
use async_trait::async_trait;
use cacao::{Issuer, MaybeSend, MaybeSync};
use std::sync::Arc;
use std::time::Duration;

/// The right to ask the wallet of one issuer, held while the prompt is open. Dropping it gives
/// the right back.
pub trait FlightGuard: MaybeSend + MaybeSync {}

/// Any value that gives the right back when it is dropped, a lock's guard for example.
impl<T: MaybeSend + MaybeSync> FlightGuard for T {}

/// Keeps at most one session for each issuer, together with its key.
///
/// The custody of keys belongs to the store: [`Key`](Self::Key) may be bytes on disk or a handle
/// that cannot be exported. A store has no clock and no policy: it keeps what it is given and
/// never judges it. Issuers are compared as [`Issuer`] does; use [`Issuer::normalized`] for
/// what becomes a file name or a database key.
///
/// # Contract
/// `store-testkit` holds a store to these sentences, one test each.
///
/// 1. `generate_key` keeps nothing: dropping the key undoes it.
/// 2. `save` replaces a record whole, or leaves the old one whole.
/// 3. After `save` returns, `load` gives the same capability, and a key of the same DID that
///    signs.
/// 4. `remove` of an absent record succeeds and leaves no trace; after `remove`, `load` is
///    [`Slot::Empty`].
/// 5. What cannot be read is [`Slot::Unreadable`], never `Empty`; it is not deleted, and it does
///    not stop `list`.
/// 6. Expired records are returned like any other.
/// 7. Clones of a store share their contents.
/// 8. Of concurrent saves, one whole record stays.
/// 9. A conditional `save` fails with [`StoreError::Conflict`] unless the slot is exactly as it
///    was loaded: what was removed or replaced while the wallet was open does not come back.
/// 10. One flight at a time for each issuer; patience ends with [`StoreError::Busy`]; a holder
///     that is dropped or cancelled frees it. `load`, `save` and `remove` never wait for a flight.
///
/// # Implementing
/// The example `custom_store` of `did-session` is a whole store over a plain map in about a
/// hundred lines.
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

    /// What lies in the slot of this issuer, unjudged.
    ///
    /// # Errors
    /// Of input and output only: a record that cannot be read is [`Slot::Unreadable`].
    async fn load(&self, issuer: &Issuer) -> Result<Slot<Self::Key>, StoreError>;

    /// Puts a record into the slot of this issuer, durably, if the slot is as `expected`.
    /// Comparison and write are one step. Answers the tag of what now lies there.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the slot is not as expected; else of input and output. After
    /// an error the old record is there, whole.
    async fn save(
        &self,
        issuer: &Issuer,
        record: &SessionRecord<Self::Key>,
        expected: ExpectedSlot,
    ) -> Result<RecordTag, StoreError>;

    /// Empties the slot of this issuer, whatever lies there; answers whether something did.
    ///
    /// # Errors
    /// Of input and output.
    async fn remove(&self, issuer: &Issuer) -> Result<bool, StoreError>;

    /// The issuers that have a record, readable or not, in no particular order.
    ///
    /// # Errors
    /// Of input and output.
    async fn list(&self) -> Result<Vec<Listed>, StoreError>;

    /// Waits for the right to ask the wallet of this issuer, for at most `patience`.
    ///
    /// It is not the lock that `save` takes for its one step: whoever holds a flight can save.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when somebody else still holds it.
    async fn flight(
        &self,
        issuer: &Issuer,
        patience: Duration,
    ) -> Result<Box<dyn FlightGuard>, StoreError>;
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

            async fn load(&self, issuer: &Issuer) -> Result<Slot<Self::Key>, StoreError> {
                (**self).load(issuer).await
            }

            async fn save(
                &self,
                issuer: &Issuer,
                record: &SessionRecord<Self::Key>,
                expected: ExpectedSlot,
            ) -> Result<RecordTag, StoreError> {
                (**self).save(issuer, record, expected).await
            }

            async fn remove(&self, issuer: &Issuer) -> Result<bool, StoreError> {
                (**self).remove(issuer).await
            }

            async fn list(&self) -> Result<Vec<Listed>, StoreError> {
                (**self).list().await
            }

            async fn flight(
                &self,
                issuer: &Issuer,
                patience: Duration,
            ) -> Result<Box<dyn FlightGuard>, StoreError> {
                (**self).flight(issuer, patience).await
            }
        }
    )+};
}

forward!(Arc, Box);
