//! Sessions that this browser cannot keep, in memory: gone with the page.

use crate::key::WebCryptoKey;
use session_core::{RecordTag, SessionRecord, Slot, SlotId};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Records by slot, shared by the clones of a store.
#[derive(Debug, Default)]
pub(crate) struct Memory(RefCell<BTreeMap<SlotId, SessionRecord<WebCryptoKey>>>);

impl Memory {
    pub(crate) fn slot(&self, id: &SlotId) -> Option<Slot<WebCryptoKey>> {
        let records = self.0.borrow();
        let record = records.get(id)?;
        Some(Slot::Record {
            record: record.clone(),
            tag: record.tag(),
        })
    }

    pub(crate) fn tag(&self, slot: &SlotId) -> Option<RecordTag> {
        self.0.borrow().get(slot).map(SessionRecord::tag)
    }

    pub(crate) fn put(&self, slot: &SlotId, record: &SessionRecord<WebCryptoKey>) {
        self.0.borrow_mut().insert(slot.clone(), record.clone());
    }

    pub(crate) fn remove(&self, slot: &SlotId) -> bool {
        self.0.borrow_mut().remove(slot).is_some()
    }

    pub(crate) fn slots(&self) -> Vec<SlotId> {
        self.0.borrow().keys().cloned().collect()
    }
}
