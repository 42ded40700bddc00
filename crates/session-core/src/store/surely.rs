//! Changes whose reply may be lost: whoever is told so looks what became of them.

use super::record::{ExpectedSlot, SessionRecord};
use super::slot_id::{Profile, SlotId};
use super::{SessionStore, StoreError};
use cacao::Issuer;

/// How often a change is tried whose reply is lost.
const TRIES: usize = 3;

/// Removes; when the reply is lost, tries again. Something that is gone then counts as removed.
///
/// # Errors
/// As [`SessionStore::remove`].
pub(crate) async fn remove_surely<S: SessionStore + ?Sized>(
    store: &S,
    slot: &SlotId,
    expected: ExpectedSlot,
) -> Result<bool, StoreError> {
    let mut lost = None;
    for _ in 0..TRIES {
        match store.remove(slot, expected).await {
            Err(error @ StoreError::Unknown { .. }) => lost = Some(error),
            Ok(removed) => return Ok(removed || lost.is_some()),
            // what was expected is gone: we removed it, or somebody else did
            Err(StoreError::Conflict { .. }) if lost.is_some() => return Ok(true),
            Err(error) => return Err(error),
        }
    }
    lost.map_or(Ok(false), Err)
}

/// Removes every profile of an issuer; when the reply is lost, tries again. Profiles
/// that went by a call whose reply was lost are not named.
///
/// # Errors
/// As [`SessionStore::remove_issuer`].
pub(crate) async fn remove_issuer_surely<S: SessionStore + ?Sized>(
    store: &S,
    issuer: &Issuer,
) -> Result<Vec<Profile>, StoreError> {
    let mut lost = None;
    for _ in 0..TRIES {
        match store.remove_issuer(issuer).await {
            Err(error @ StoreError::Unknown { .. }) => lost = Some(error),
            result => return result,
        }
    }
    lost.map_or(Ok(Vec::new()), Err)
}

/// Saves whatever lies there; when the reply is lost, looks whether the record arrived.
///
/// # Errors
/// As [`SessionStore::save`]; [`StoreError::Unknown`] when something else lies there afterwards.
pub(crate) async fn put_surely<S: SessionStore + ?Sized>(
    store: &S,
    slot: &SlotId,
    record: &SessionRecord<S::Key>,
) -> Result<(), StoreError> {
    match store.save(slot, record, ExpectedSlot::Anything).await {
        Err(error @ StoreError::Unknown { .. }) => {
            let arrived = store.load(slot).await?.tag() == Some(record.tag());
            if arrived { Ok(()) } else { Err(error) }
        }
        saved => saved.map(drop),
    }
}
