//! Changes whose reply may be lost: whoever is told so looks what became of them.

use super::record::{ExpectedSlot, SessionRecord, Slot};
use super::slot_id::{Profile, SlotId};
use super::{SessionStore, StoreError};
use cacao::{Cacao, Issuer};

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

/// What was removed.
pub(crate) struct Removed {
    /// `None` where it was not seen, or cannot be read.
    pub(crate) capability: Option<Cacao>,
}

/// Removes whatever lies there, and answers what that was, if anything: it is looked at first,
/// and what comes meanwhile is looked at, too. That it cannot be looked at keeps nothing from
/// being removed.
///
/// # Errors
/// As [`SessionStore::remove`], but for a conflict.
pub(crate) async fn remove_seen<S: SessionStore + ?Sized>(
    store: &S,
    slot: &SlotId,
) -> Result<Option<Removed>, StoreError> {
    for _ in 0..TRIES {
        let (capability, expected) = match store.load(slot).await {
            Ok(Slot::Record { record, tag }) => {
                (Some(record.capability().clone()), ExpectedSlot::Tag(tag))
            }
            _ => (None, ExpectedSlot::Anything),
        };
        match remove_surely(store, slot, expected).await {
            Ok(removed) => return Ok(removed.then_some(Removed { capability })),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    // somebody replaces it over and over
    let removed = remove_surely(store, slot, ExpectedSlot::Anything).await?;
    Ok(removed.then_some(Removed { capability: None }))
}

/// Saves whatever lies there; when the reply is lost, looks whether the record arrived. Answers
/// whether something else lay there, as it was looked at just before.
///
/// # Errors
/// As [`SessionStore::save`], but for a conflict; [`StoreError::Unknown`] when something else
/// lies there afterwards.
pub(crate) async fn put_seen<S: SessionStore + ?Sized>(
    store: &S,
    slot: &SlotId,
    record: &SessionRecord<S::Key>,
) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        let Ok(seen) = store.load(slot).await.map(|slot| slot.tag()) else {
            break;
        };
        let expected = seen.map_or(ExpectedSlot::Absent, ExpectedSlot::Tag);
        match put_surely(store, slot, record, expected).await {
            Ok(()) => return Ok(seen.is_some_and(|tag| tag != record.tag())),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    // it cannot be looked at, or somebody replaces it over and over
    put_surely(store, slot, record, ExpectedSlot::Anything).await?;
    Ok(false)
}

async fn put_surely<S: SessionStore + ?Sized>(
    store: &S,
    slot: &SlotId,
    record: &SessionRecord<S::Key>,
    expected: ExpectedSlot,
) -> Result<(), StoreError> {
    match store.save(slot, record, expected).await {
        Err(error @ StoreError::Unknown { .. }) => {
            let arrived = store.load(slot).await?.tag() == Some(record.tag());
            if arrived { Ok(()) } else { Err(error) }
        }
        saved => saved.map(drop),
    }
}
