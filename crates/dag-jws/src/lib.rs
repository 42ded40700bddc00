//! JSON Web Signatures by `did:key` session keys, made under a capability (CACAO, CAIP-74) and
//! strictly verified: compact and JSON forms (RFC 7515), and `DagJWS` over linked blocks
//! (DAG-JOSE).
//!
//! # Where to look
//! - [`UnsignedJws`], [`UnsignedDagJws`]: make one in two steps, which works with keys that sign at
//!   once and with keys that answer later; [`HeaderTemplate`]: a header that is computed only once.
//! - [`Jws`], [`ProtectedHeader`], [`DagJws`], [`SignedDagJws`]: what was read or made, as JSON,
//!   as a dag-jose block, as a CAR; [`GeneralJws`]: several signatures, of which one is picked.
//! - [`Jws::verify`], [`DagJws::verify`], [`SignedDagJws::verify`] with [`Verification`]: the
//!   judgement; [`VerifiedJws`], [`VerifiedDagJws`] and [`Principal`]: what was verified.
//! - `parallel` (a feature): many JWS at once, across the cores.
//! - [`StrictJson`]: JSON that every reader reads alike; [`dag_json`]: values of the IPLD data
//!   model as text.
//!
//! # Signing and verifying
//! ```
//! use cacao::{Issuer, Requirement, UnixTime};
//! use dag_jws::{Jws, UnsignedJws, Verification};
//! use didkey::Ed25519SigningKey;
//!
//! // the signer
//! let key = Ed25519SigningKey::from_seed(&[7; 32]);
//! let payload = serde_json::json!({ "hello": "world" });
//! let input = UnsignedJws::object(&payload)?.prepare(key.did_key())?;
//! let signature = key.sign(input.as_bytes());
//! let text = input.finish(signature.as_ref())?.to_compact();
//!
//! // the verifier; the time comes from a clock
//! let now = UnixTime::from_secs(1_680_797_719);
//! let requirement = Requirement::any_domain().with_issuer(Issuer::Key(key.did_key().clone()));
//! let verification = Verification::new(now, requirement);
//! let verified = Jws::parse(&text)?.verify(&verification)?;
//! assert_eq!(verified.payload_json(), Some(payload));
//! assert_eq!(verified.principal().did(), key.did_key().as_str());
//! # Ok::<_, dag_jws::Error>(())
//! ```
//!
//! If a session key signs on behalf of an account, sign with [`UnsignedJws::with_capability`] or
//! [`HeaderTemplate::with_capability`], verify with [`Verification::with_capability`] and a
//! [`Requirement`](cacao::Requirement) that names the issuer and the domain. A capability that is
//! supplied is always judged. If the header names a capability, no other one is accepted.
//!
//! # What is signed
//! An object payload is serialized as ECMAScript does after sorting its members, so that the bytes
//! are the same as in JavaScript programs. A text is read by [`StrictJson`], which refuses a member
//! that appears twice, and a number that would be rounded.
//!
//! The crate is pure: it has no clock, no randomness and no runtime, and stores nothing. It is
//! `no_std` with `alloc`. Signing keys are not part of it: it works with any keys that sign bytes,
//! such as those of `didkey`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod dag;
mod error;
mod forms;
mod general;
mod header;
mod json;
mod jws;
mod limits;
#[cfg(all(feature = "parallel", not(target_family = "wasm")))]
pub mod parallel;
mod template;
mod unsigned;
mod verify;

pub use cid::Cid;
pub use dag::json as dag_json;
pub use dag::{BlockWriter, DagJws, DagSigningInput, SignedDagJws, UnsignedDagJws, VerifiedDagJws};
pub use error::{Error, Part};
pub use general::GeneralJws;
pub use header::ProtectedHeader;
pub use ipld_core::ipld::Ipld;
pub use json::StrictJson;
pub use jws::Jws;
pub use limits::{MAX_BLOCK_LEN, MAX_DEPTH, MAX_HEADER_LEN, MAX_PAYLOAD_LEN};
pub use template::HeaderTemplate;
pub use unsigned::{SigningInput, UnsignedJws};
pub use verify::{Principal, Verification, VerifiedJws};

/// The examples of the README are compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
