//! Object capabilities of CAIP-74 (CACAO): a wallet's signature over a Sign-in-with-X text that
//! delegates to somebody else, as a model, in every encoding, and strictly verified.
//!
//! # Where to look
//! - [`Cacao`], [`Payload`], [`Signature`]: the model, immutable and valid.
//! - [`AccountId`], [`ChainId`], [`Issuer`], [`Timestamp`]: its parts, strict, keeping their text.
//! - [`siwx`]: the text that wallets sign, both ways.
//! - [`Cacao::from_dag_cbor`], [`Cacao::from_json`], [`Cacao::from_car_base64url`] and their
//!   counterparts, [`Cacao::cid`], [`car`]: the encodings.
//! - [`Cacao::verify`] with [`Verifiers`], [`Policy`], [`Expected`]: the judgement.
//!
//! The crate is pure: no clock, no randomness, nothing stored; `no_std` with `alloc`.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(feature = "arbitrary")]
mod arbitrary;
mod caip;
mod codec;
mod error;
mod limits;
mod model;
pub mod siwx;
#[cfg(feature = "proptest")]
pub mod strategies;
mod sync;
mod time;
mod verify;

pub use caip::{AccountId, ChainId, Issuer};
#[cfg(feature = "tezos")]
pub use codec::base58check;
#[cfg(feature = "stacks")]
pub use codec::c32check;
pub use codec::{MemberOrder, car};
pub use error::{Error, Field, Problem};
pub use limits::{MAX_CAR_BLOCKS, MAX_ENCODED_LEN, MAX_RESOURCES, MAX_SIGNATURE_LEN, MAX_TEXT_LEN};
pub use model::{
    Cacao, HeaderType, Payload, PayloadBuilder, Signature, SignatureKind, SignatureValue,
};
pub use sync::{MaybeSend, MaybeSync};
pub use time::{Timestamp, UnixTime};
#[cfg(feature = "contract")]
pub use verify::contract;
#[cfg(feature = "eip191")]
pub use verify::eip191;
#[cfg(feature = "solana")]
pub use verify::solana;
#[cfg(feature = "stacks")]
pub use verify::stacks;
#[cfg(feature = "tezos")]
pub use verify::tezos;
#[cfg(feature = "webauthn")]
pub use verify::webauthn;
pub use verify::{
    AsyncVerifier, AsyncVerifiers, Block, Claim, ExactResources, Expected, IssuerProof, Kind,
    Policy, Proof, ResourceMatcher, VerifiedCacao, Verifier, Verifiers,
};
