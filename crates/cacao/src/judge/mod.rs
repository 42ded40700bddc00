//! Judging a capability: whether it holds now and for this use. This is pure: it proves nothing
//! again, and asks nobody.

mod for_passkeys;
mod inquiry;
mod passkeys;
mod policy;
mod recaps;
mod requirement;
mod signed_text;
mod verdict;
mod verified;

pub use inquiry::{Inquiry, Judgement};
pub use policy::{ExactResources, Policy, ResourceMatcher};
pub use recaps::RecapResources;
pub use requirement::Requirement;
pub use verified::{IssuerProof, VerifiedCacao};
