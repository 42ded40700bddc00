//! Judging a capability: who signed, for whom, for what, and whether it holds at a given time.

mod async_verifiers;
mod block;
mod custom;
mod expected;
mod judge;
#[cfg(feature = "std")]
mod known;
mod passkey_rules;
mod policy;
#[cfg(any(feature = "eip191", feature = "stacks"))]
pub mod recovery;
#[cfg(test)]
mod samples;
#[cfg(any(feature = "eip191", feature = "stacks", feature = "tezos-ecdsa"))]
mod secp256k1;
#[cfg(any(feature = "solana", feature = "stacks", feature = "tezos"))]
mod texts;
mod verified;
mod verifiers;

#[cfg(feature = "contract")]
pub mod contract;
#[cfg(feature = "eip191")]
pub mod eip191;
#[cfg(feature = "solana")]
pub mod solana;
#[cfg(feature = "stacks")]
pub mod stacks;
#[cfg(feature = "tezos")]
pub mod tezos;
#[cfg(feature = "webauthn")]
pub mod webauthn;

pub use async_verifiers::AsyncVerifiers;
pub use block::Block;
pub use custom::{AsyncVerifier, Claim, Kind, Proof, Verifier};
pub use expected::Expected;
#[cfg(feature = "std")]
pub use known::{KnownCapabilities, KnownStats};
pub use policy::{ExactResources, Policy, ResourceMatcher};
pub use verified::{IssuerProof, VerifiedCacao};
pub use verifiers::Verifiers;
