//! Encodings of a capability: DAG-CBOR and its CID, JSON in three member orders, CAR.
//!
//! Every reader is bounded, refuses unknown members and values of another type, and keeps what
//! it read so exactly that the CID can be computed from the model.

pub mod car;
mod dag_cbor;
mod json;
mod read;
mod write;

pub use json::MemberOrder;
