//! JWS and DagJWS of session keys.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod dag;
mod error;
mod header;
mod json;
mod jws;
mod limits;
mod template;
mod unsigned;
mod verify;

pub use cid::Cid;
pub use dag::json as dag_json;
pub use dag::{DagJws, DagSigningInput, SignedDagJws, UnsignedDagJws, VerifiedDagJws};
pub use error::{Error, Part};
pub use header::ProtectedHeader;
pub use ipld_core::ipld::Ipld;
pub use jws::Jws;
pub use limits::{MAX_BLOCK_LEN, MAX_DEPTH, MAX_HEADER_LEN, MAX_PAYLOAD_LEN};
pub use template::HeaderTemplate;
pub use unsigned::{SigningInput, UnsignedJws};
pub use verify::{Principal, Verification, VerifiedJws};
