//! Judging a capability: who signed, for whom, for what, and whether it holds at a given time.

mod custom;
mod expected;
mod judge;
mod policy;
mod verified;
mod verifiers;

#[cfg(feature = "eip191")]
pub mod eip191;

pub use custom::{AsyncVerifier, Claim, Kind, Proof, Verifier};
pub use expected::Expected;
pub use policy::{ExactResources, Policy, ResourceMatcher};
pub use verified::{IssuerProof, VerifiedCacao};
pub use verifiers::Verifiers;
