//! Session keys whose secret is in a PKCS#11 token (a hardware security module, a smart card or
//! SoftHSM2), and cannot leave it.
//!
//! [`Pkcs11Token`] is an open token, [`Pkcs11Key`] a key in it, and [`Pkcs11Store`] makes any store
//! keep such keys. With the feature `seal`, `Pkcs11WrappingKey` is a key in the token with which a
//! store is sealed.
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// what is called through the module is C, and none on wasm
#![cfg(not(target_family = "wasm"))]

mod error;
mod key;
mod objects;
mod store;
mod token;
#[cfg(feature = "seal")]
mod wrapping;

pub use error::Pkcs11Error;
pub use key::Pkcs11Key;
pub use objects::Pkcs11Algorithm;
pub use store::Pkcs11Store;
pub use token::{Pin, Pkcs11Token};
#[cfg(feature = "seal")]
pub use wrapping::Pkcs11WrappingKey;
