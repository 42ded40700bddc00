//! Sessions that this browser cannot keep, in memory: gone with the page.

use crate::key::WebCryptoKey;
use cacao::Issuer;
use session_core::{RecordTag, SessionRecord, Slot};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Records by issuer, shared by the clones of a store.
#[derive(Debug, Default)]
pub(crate) struct Memory(RefCell<BTreeMap<Issuer, SessionRecord<WebCryptoKey>>>);

impl Memory {
    pub(crate) fn slot(&self, issuer: &Issuer) -> Option<Slot<WebCryptoKey>> {
        let records = self.0.borrow();
        let record = records.get(issuer)?;
        Some(Slot::Record {
            record: record.clone(),
            tag: record.tag(),
        })
    }

    pub(crate) fn tag(&self, issuer: &Issuer) -> Option<RecordTag> {
        self.0.borrow().get(issuer).map(SessionRecord::tag)
    }

    pub(crate) fn put(&self, issuer: &Issuer, record: &SessionRecord<WebCryptoKey>) {
        self.0
            .borrow_mut()
            .insert(issuer.normalized(), record.clone());
    }

    pub(crate) fn remove(&self, issuer: &Issuer) -> bool {
        self.0.borrow_mut().remove(issuer).is_some()
    }

    pub(crate) fn issuers(&self) -> Vec<Issuer> {
        self.0.borrow().keys().cloned().collect()
    }
}
