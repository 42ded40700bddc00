//! Encodings of a capability: DAG-CBOR and its CID, JSON in three member orders, CAR.
//!
//! Every reader is bounded, refuses values of another type, and keeps what it read so exactly that
//! the CID can be computed. What is written here is read straight into the model; what honest
//! software spells otherwise is read as a tree of values, slower, and keeps its block.

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
mod loose;
mod members;
mod wire;

#[cfg(feature = "webauthn")]
pub(crate) use dag_cbor::{cid_without_issuer, spelled_cid_without_issuer};
pub use json::MemberOrder;
