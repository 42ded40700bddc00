//! One tab at a time asks the wallet for a slot.

mod lease;
mod web_lock;

use crate::error::IndexedDbError;
use crate::js;
use session_core::{PromptLockGuard, SlotId, StoreError};
use std::time::Duration;

/// Waits for the prompt lock of a slot, for at most `max_wait`.
pub(crate) async fn acquire(
    database: &str,
    slot: &SlotId,
    max_wait: Duration,
    web_locks: bool,
) -> Result<Box<dyn PromptLockGuard>, StoreError> {
    let mut key = slot.issuer().did();
    if let Some(profile) = slot.profile().name() {
        key = format!("{key}@{profile}");
    }
    let locks = js::scope()
        .navigator()
        .and_then(|navigator| navigator.locks())
        .filter(|_| web_locks);
    let acquired: Result<Option<Box<dyn PromptLockGuard>>, IndexedDbError> = match locks {
        Some(locks) => {
            // pages that were loaded earlier use the same name
            let name = format!("did-session:{database}:flight:{key}");
            web_lock::acquire(&locks, &name, max_wait)
                .await
                .map(|guard| guard.map(|guard| Box::new(guard) as Box<dyn PromptLockGuard>))
        }
        None => lease::acquire(database, &key, max_wait)
            .await
            .map(|guard| guard.map(|guard| Box::new(guard) as Box<dyn PromptLockGuard>)),
    };
    match acquired {
        Ok(Some(guard)) => Ok(guard),
        Ok(None) => Err(StoreError::busy(slot, max_wait)),
        Err(error) => Err(StoreError::medium(
            format!("cannot reserve the wallet of {slot}"),
            error,
        )),
    }
}
