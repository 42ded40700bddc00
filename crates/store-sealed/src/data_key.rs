//! The data key of a store: seals records and opens them, and authenticates the seal.

use crate::error::Error;
use crate::names::StoreId;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, Payload};
use didkey::Ed25519SigningKey;
use hmac::{Hmac, KeyInit, Mac};
use session_core::{SealedRecord, SessionRecord, SlotId};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// 32 bytes that are secret, at one place of the heap, and wiped.
pub(crate) type Secret = Box<Zeroizing<[u8; 32]>>;

const NONCE_LEN: usize = 24;
const RECORD: &str = "did-session sealed 3 record";
const CHECK: &str = "did-session seal 2 check";
const WRAP: &str = "did-session seal 2 wrap";

type Record = SessionRecord<Ed25519SigningKey>;

/// What seals the records of one store. Keys for other purposes are derived from it.
pub(crate) struct DataKey {
    key: Secret,
    record: Secret,
}

impl DataKey {
    pub(crate) fn new(key: Secret) -> Self {
        Self {
            record: derived(&key, RECORD),
            key,
        }
    }

    /// Of the operating system's randomness.
    pub(crate) fn random() -> Result<Self, Error> {
        Ok(Self::new(random_secret()?))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// What authenticates the text of a seal.
    pub(crate) fn check(&self, text: &[u8]) -> [u8; 32] {
        mac(&derived(&self.key, CHECK), text)
    }

    pub(crate) fn is_check(&self, text: &[u8], check: &[u8; 32]) -> bool {
        self.check(text).ct_eq(check).into()
    }

    /// Seals a record for its slot in this store.
    pub(crate) fn seal(
        &self,
        store: StoreId,
        slot: &SlotId,
        record: &Record,
    ) -> Result<SealedRecord, Error> {
        // what would not come back is not written in the first place
        let written = record.to_checked_stored_string();
        let (text, _) = written.map_err(|source| Error::NotRepresentable {
            source: Some(source),
        })?;
        SealedRecord::seal(store.to_bytes(), slot, record, |head| {
            encrypt(&self.record, text.as_bytes(), head.as_bytes())
        })
    }

    /// Opens what was sealed for this slot in this store, and for no other.
    pub(crate) fn open(
        &self,
        store: StoreId,
        slot: &SlotId,
        sealed: &SealedRecord,
    ) -> Result<Record, Error> {
        let here = || Box::new(slot.clone());
        if sealed.store() != store.to_bytes() {
            return Err(Error::OtherStore {
                slot: here(),
                store: StoreId::from_bytes(sealed.store()),
            });
        }
        if sealed.slot() != slot {
            return Err(Error::OtherSlot {
                slot: here(),
                sealed_for: Box::new(sealed.slot().clone()),
            });
        }
        // a head has one spelling: it is the one that follows from store and slot
        let has_tag = sealed.format() == SealedRecord::FORMAT;
        let key = if has_tag { &self.record } else { &self.key };
        let text = decrypt(key, sealed.ciphertext(), sealed.head())
            .ok_or_else(|| Error::DoesNotOpen { slot: here() })?;
        // what is not UTF-8 has a character that no session string has
        let text = str::from_utf8(&text).unwrap_or("\u{fffd}");
        let record = Record::from_stored_string_unverified(text);
        let record = record.map_err(|source| Error::Malformed {
            slot: here(),
            source: Some(source),
        })?;
        if has_tag && record.tag() != sealed.tag() {
            return Err(Error::Malformed {
                slot: here(),
                source: None,
            });
        }
        Ok(record)
    }
}

/// Shows nothing.
impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

/// Wraps a data key by another key, bound to the context.
pub(crate) fn wrap(key: &Secret, data_key: &DataKey, context: &[u8]) -> Result<Vec<u8>, Error> {
    encrypt(&derived(key, WRAP), data_key.bytes(), context)
}

/// Unwraps a data key; none if the key is another one.
pub(crate) fn unwrap(key: &Secret, wrapped: &[u8], context: &[u8]) -> Option<Secret> {
    let bytes = decrypt(&derived(key, WRAP), wrapped, context)?;
    let bytes: &[u8; 32] = bytes.as_slice().try_into().ok()?;
    Some(secret(bytes))
}

/// Copies into a place of its own.
pub(crate) fn secret(bytes: &[u8; 32]) -> Secret {
    let mut secret = empty();
    secret.copy_from_slice(bytes);
    secret
}

pub(crate) fn empty() -> Secret {
    Box::new(Zeroizing::new([0; 32]))
}

pub(crate) fn random_secret() -> Result<Secret, Error> {
    let mut secret = empty();
    getrandom::fill(&mut **secret).map_err(Error::sealing)?;
    Ok(secret)
}

/// Bytes of the operating system's randomness.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::sealing)?;
    Ok(bytes)
}

/// XChaCha20-Poly1305: nonce, ciphertext, tag.
fn encrypt(key: &Secret, plaintext: &[u8], associated: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce: [u8; NONCE_LEN] = random()?;
    let payload = Payload {
        msg: plaintext,
        aad: associated,
    };
    let sealed = cipher(key).encrypt((&nonce).into(), payload);
    let sealed = sealed.map_err(Error::sealing)?;
    Ok([&nonce[..], &sealed].concat())
}

fn decrypt(key: &Secret, sealed: &[u8], associated: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let payload = Payload {
        msg: ciphertext,
        aad: associated,
    };
    let opened = cipher(key).decrypt(nonce.into(), payload);
    opened.ok().map(Zeroizing::new)
}

fn cipher(key: &Secret) -> XChaCha20Poly1305 {
    use chacha20poly1305::aead::KeyInit as _;
    XChaCha20Poly1305::new((&***key).into())
}

/// A key for one purpose.
fn derived(key: &Secret, purpose: &str) -> Secret {
    let mut derived = empty();
    mac_into(key, purpose.as_bytes(), &mut derived);
    derived
}

fn mac(key: &Secret, text: &[u8]) -> [u8; 32] {
    let mut mac = [0; 32];
    mac_into(key, text, &mut mac);
    mac
}

/// HMAC-SHA-256.
fn mac_into(key: &Secret, text: &[u8], to: &mut [u8; 32]) {
    // a key of any length will do
    if let Ok(mac) = Hmac::<Sha256>::new_from_slice(&***key) {
        to.copy_from_slice(&mac.chain_update(text).finalize().into_bytes());
    }
}
