//! did:key for Rust: strict parsing, verification, DID documents and in-memory signing keys.
//!
//! A [`DidKey`] is an identifier that consists of a public key (the [did:key method]). Only its
//! canonical spelling is read, and the key is validated when it is read. So a text that parses is a
//! usable key, and two texts are equal exactly if their keys are.
//!
//! ```
//! use didkey::{Algorithm, DidKey};
//! # #[cfg(feature = "signing")]
//! # {
//! use didkey::Ed25519SigningKey;
//!
//! // Sign with a key from the operating system's randomness.
//! let key = Ed25519SigningKey::generate()?;
//! let (text, signature) = (key.did_key().to_string(), key.sign(b"message"));
//!
//! // Elsewhere: the text says which key to verify with.
//! let did: DidKey = text.parse()?;
//! did.public_key().verify(Algorithm::EdDsa, b"message", signature.as_ref())?;
//! # }
//! # Ok::<(), didkey::Error>(())
//! ```
//!
//! | key type | verification | signing key |
//! |---|---|---|
//! | Ed25519 | `EdDSA`, strict | [`Ed25519SigningKey`] |
//! | P-256 | `ES256` | [`P256SigningKey`] |
//! | secp256k1 | `ES256K`, low S only | [`Secp256k1SigningKey`] |
//! | P-384, P-521 | `ES384`, `ES512` | |
//! | X25519 | key agreement only | |
//!
//! [`DidUrl`] reads DID URLs of any method. A did:key, or a DID URL of one, resolves to a
//! [`DidDocument`].
//!
//! # Features
//!
//! The crate is `no_std` and needs `alloc`.
//!
//! - `std` (default): builds with the standard library.
//! - `precomputed-tables` (default): precomputed curve tables, which make signing and verifying
//!   faster, for more memory and code.
//! - `signing` (default): the signing keys. Without it the crate needs no randomness and holds no
//!   secret. On `wasm32-unknown-unknown` the randomness comes from WebCrypto.
//! - `document` (default): DID documents; includes `serde`.
//! - `p384`, `p521` (default): these key types. Without them such a did:key is refused with
//!   [`Error::UnsupportedKeyType`].
//! - `serde`: [`DidKey`] as a string.
//! - `native-curves`: P-256 verification and Ed25519 signing by AWS-LC, secp256k1 verification by
//!   libsecp256k1: two to five times faster, and they need a C compiler. Verdicts and signatures
//!   are the same. No effect on wasm.
//! - `arbitrary`: `arbitrary::Arbitrary` for [`KeyType`], [`PublicKey`] and [`DidKey`].
//! - `proptest`: the module `strategies` with valid keys and texts close to valid ones.
//!
//! [did:key method]: https://w3c-ccg.github.io/did-key-spec/
#![cfg_attr(not(feature = "signing"), doc = "")]
#![cfg_attr(not(feature = "signing"), doc = "[`Ed25519SigningKey`]: #features")]
#![cfg_attr(not(feature = "signing"), doc = "[`P256SigningKey`]: #features")]
#![cfg_attr(not(feature = "signing"), doc = "[`Secp256k1SigningKey`]: #features")]
#![cfg_attr(not(feature = "document"), doc = "")]
#![cfg_attr(not(feature = "document"), doc = "[`DidDocument`]: #features")]
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod algorithm_name;
#[cfg(feature = "arbitrary")]
mod arbitrary;
mod backend;
mod did_key;
mod did_url;
#[cfg(feature = "document")]
mod document;
mod error;
mod key_type;
mod multikey;
#[cfg(test)]
mod properties;
mod public_key;
#[cfg(any(test, feature = "arbitrary", feature = "proptest"))]
mod samples;
mod signature;
#[cfg(feature = "signing")]
mod signing;
#[cfg(any(test, feature = "proptest"))]
pub mod strategies;
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

/// The examples of the README are compiled, too.
#[cfg(all(doctest, feature = "signing"))]
#[doc = include_str!("../README.md")]
struct Readme;
