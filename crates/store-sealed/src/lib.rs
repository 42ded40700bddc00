//! Sessions encrypted at rest, in any store that keeps bytes.
//!
//! A [`SealedStore`] wraps a store of files, in memory or in a database
//! ([`SealableStore`](session_core::SealableStore)), and is a
//! [`SessionStore`](session_core::SessionStore) itself. The wrapped store gets only encrypted
//! records, which are authenticated together with their slot and store.
//!
//! ```
//! use session_core::SessionStore;
//! use store_memory::MemoryStore;
//! use store_sealed::{Error, SealKey, SealedStore};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let inner = MemoryStore::new();
//! let key = SealKey::from_passphrase("correct horse battery staple")?;
//! let store = SealedStore::create(inner.clone(), &key).await?;
//! // The id of a store is not secret. If you keep it, you notice another store in its place.
//! let id = store.id();
//!
//! let again = SealedStore::open(inner.clone(), &key).await?.expect_id(id)?;
//! # again.list().await?;
//! let wrong = SealKey::from_passphrase("Tr0ub4dor&3")?;
//! let refused = SealedStore::open(inner, &wrong).await;
//! assert!(matches!(refused, Err(Error::WrongKey)));
//! # Ok(())
//! # }
//! ```
//!
//! # What is stored
//! The inner store keeps one header, the *seal*, and in each slot a sealed record.
//!
//! The **seal** is a JSON of at most 4096 bytes without secrets: the store's id (16 random bytes),
//! how the key is obtained (the salt and the parameters of Argon2id for a passphrase, or the name
//! of a key that a custodian keeps), the *data key* wrapped by that key, and a check value
//! (HMAC-SHA-256 under the data key over all of it). Records are sealed with the data key, so that
//! a change of the passphrase is one write, see [`SealedStore::rekey`].
//!
//! A **record** is the head of a [`SealedRecord`](session_core::SealedRecord), a random nonce of 24
//! bytes, and the session string under XChaCha20-Poly1305, with the head as associated data: the
//! format, the store's id, the slot, the record's tag and when it expires.
//!
//! # What it promises
//! - A wrong key is an error when the store is opened, before anything is written.
//! - Without the key, nobody can read a record, make one, change a byte of one, or move one to
//!   another issuer, profile or store: such a record is
//!   [`Slot::Unreadable`](session_core::Slot::Unreadable).
//! - The seal says how much work a passphrase takes. Less than is written today (64 MiB, 3 passes)
//!   is refused, and so is so much that a program would wait for minutes (more than four times as
//!   much).
//! - A crash while the key is changed leaves a store that opens with the old key or with the new.
//! - A sealed store does not take plain records, and does not read them.
//!
//! # What stays visible
//! Somebody who reads the medium sees how many records there are, and of each one: its issuer's DID
//! and the name of its profile (also in names of files and keys of databases), when it was written,
//! when it expires, how long it is, and its tag. The tag is a hash of the capability's CID and the
//! session key's DID, by which somebody who knows the capability recognises it. Revocations are not
//! secret, and are not sealed.
//!
//! # What it cannot promise
//! Somebody who can write to the medium can delete records or the seal, and can put back an older
//! record of the same slot, or an older seal, which opens with the key of its time. If a passphrase
//! became known, change it *and* revoke and renew the sessions, since somebody who copied the old
//! seal has the data key.
#![forbid(unsafe_code)]

mod data_key;
mod error;
mod file;
mod header;
mod key;
#[cfg(feature = "keyring")]
mod keyring;
mod names;
mod store;

pub use error::Error;
pub use header::SealInfo;
pub use key::{SealKey, WrapError, WrappingKey};
pub use names::{KeyKind, StoreId, StoreIdError};
pub use store::{SealedPlain, SealedStore};

/// The examples of the README are compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
