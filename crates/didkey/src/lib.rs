//! did:key for Rust: strict parsing, verification, DID documents and in-memory signing keys.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod did_key;
mod did_url;
#[cfg(feature = "document")]
mod document;
mod error;
mod key_type;
mod multikey;
mod public_key;
mod signature;
#[cfg(feature = "signing")]
mod signing;
mod verify;

pub use did_key::DidKey;
pub use did_url::DidUrl;
#[cfg(feature = "document")]
pub use document::{
    DidDocument, EcJwk, Profile, PublicKeyMaterial, Representation, VerificationMethod,
    VerificationRelationship,
};
pub use error::Error;
pub use key_type::{Algorithm, KeyType};
pub use public_key::PublicKey;
pub use signature::Signature;
#[cfg(feature = "signing")]
pub use signing::{Ed25519SigningKey, P256SigningKey, Secp256k1SigningKey};
