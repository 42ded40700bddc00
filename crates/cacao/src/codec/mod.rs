//! Encodings of a capability: DAG-CBOR and its CID, JSON in three member orders, CAR.
//!
//! Every reader is bounded, refuses unknown members and values of another type, and keeps what
//! it read so exactly that the CID can be computed from the model.

#[cfg(feature = "tezos")]
pub mod base58check;
mod block;
#[cfg(feature = "stacks")]
pub mod c32check;
pub mod car;
mod cbor;
mod dag_cbor;
#[cfg(any(feature = "stacks", feature = "tezos"))]
mod double_sha256;
mod json;
mod members;
mod wire;

pub(crate) use dag_cbor::BlockDigest;
#[cfg(feature = "webauthn")]
pub(crate) use dag_cbor::cid_without_issuer;
pub use json::MemberOrder;
