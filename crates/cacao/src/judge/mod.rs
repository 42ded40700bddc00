//! Judging a capability: whether it holds now, for this. Pure: what was proven is not proven
//! again, and nobody is asked.

mod inquiry;
mod passkeys;
mod policy;
mod requirement;
mod verdict;
mod verified;

pub use inquiry::{Inquiry, Judgement};
pub use policy::{ExactResources, Policy, ResourceMatcher};
pub use requirement::Requirement;
pub use verified::{IssuerProof, VerifiedCacao};
