//! One slot: the records under every spelling of its account id, and which of them counts.

use crate::algorithm::WebCryptoAlgorithm;
use crate::describe::describe;
use crate::error::RecordError;
use crate::idb::Entry;
use crate::key::WebCryptoKey;
use crate::record;
use cacao::{Issuer, UnixTime};
use session_core::{Listed, RecordTag, SessionKey, SessionRecord, Slot, SlotId};
use std::error::Error as StdError;
use std::fmt;
use wasm_bindgen::JsValue;

/// The slot whose key this is, in any spelling of its issuer.
pub(crate) fn slot_of(key: &JsValue) -> Option<SlotId> {
    SlotId::from_key(&key.as_string()?)
}

/// What a key of the object store stands for, in the database of default profiles or in the other
/// one.
pub(crate) fn listed(key: &JsValue, default_profiles: bool) -> Listed {
    match slot_of(key) {
        Some(slot) if slot.profile().is_default() == default_profiles => Listed::Slot(slot),
        _ => Listed::Foreign(key.as_string().unwrap_or_else(|| format!("{key:?}"))),
    }
}

/// The content of a slot, read outside of any transaction.
pub(crate) struct Contents {
    entries: Vec<Entry>,
    records: Vec<Result<SessionRecord<WebCryptoKey>, RecordError>>,
    issuer: Issuer,
    database: String,
}

impl Contents {
    /// Reads what a transaction gave.
    pub(crate) async fn read(
        entries: Vec<Entry>,
        slot: &SlotId,
        algorithm: WebCryptoAlgorithm,
        database: &str,
    ) -> Self {
        let mut records = Vec::with_capacity(entries.len());
        for entry in &entries {
            records.push(match &entry.value {
                Ok(value) => record::from_js(value, algorithm).await,
                Err(error) => Err(RecordError::Browser(error.clone())),
            });
        }
        Self {
            entries,
            records,
            issuer: slot.issuer().clone(),
            database: database.to_owned(),
        }
    }

    /// What the same transaction would see if nothing had changed.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        fingerprint(&self.entries)
    }

    /// The tag of the slot, if anything lies there.
    pub(crate) fn tag(&self) -> Option<RecordTag> {
        match self.newest() {
            Some(record) => Some(record.tag()),
            None if self.entries.is_empty() => None,
            None => Some(RecordTag::of_unreadable(&self.fingerprint())),
        }
    }

    /// The slot as the contract has it.
    pub(crate) fn into_slot(self) -> Slot<WebCryptoKey> {
        if let Some(record) = self.newest() {
            return Slot::Record {
                record: record.clone(),
                tag: record.tag(),
            };
        }
        let Some(tag) = self.tag() else {
            return Slot::Empty;
        };
        let first = self.entries.iter().zip(self.records).next();
        let source = match first {
            Some((entry, Err(source))) => Unreadable {
                key: entry.key.as_string().unwrap_or_default(),
                database: self.database,
                source,
            },
            // a readable one would have been the newest
            _ => return Slot::Empty,
        };
        Slot::Unreadable {
            tag,
            source: Box::new(source),
        }
    }

    /// Of several spellings, the record that was issued last counts. One that can never be used,
    /// since it is another issuer's or its key is not its audience, counts only if there is no
    /// better one.
    fn newest(&self) -> Option<&SessionRecord<WebCryptoKey>> {
        self.records
            .iter()
            .filter_map(|record| record.as_ref().ok())
            .max_by_key(|record| self.rank(record))
    }

    fn rank(&self, record: &SessionRecord<WebCryptoKey>) -> (bool, UnixTime) {
        let payload = record.capability().payload();
        let fits =
            *payload.issuer() == self.issuer && payload.audience() == record.key().did().as_str();
        (fits, payload.issued_at().unix_time())
    }
}

/// Describes what a transaction saw.
pub(crate) fn fingerprint(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        out.extend(describe(&entry.key));
        match &entry.value {
            Ok(value) => out.extend(describe(value)),
            Err(error) => out.extend(format!("unreadable: {error}").into_bytes()),
        }
    }
    out
}

/// A record that cannot be read, and where it lies.
#[derive(Debug)]
struct Unreadable {
    database: String,
    key: String,
    source: RecordError,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the record {} of the database {} cannot be read",
            self.key, self.database
        )
    }
}

impl StdError for Unreadable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}
