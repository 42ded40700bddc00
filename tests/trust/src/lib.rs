//! The neighbour of the server: it enables every kind of signature, for itself.
#![forbid(unsafe_code)]

use did_session::cacao::{Cacao, Policy, Provers, Requirement, UnixTime};

/// The verdict of the neighbour, which accepts everything that is compiled in.
#[must_use]
pub fn verdict(capability: &Cacao, domain: &str, at: UnixTime) -> &'static str {
    let (provers, requirement) = (Provers::all_compiled_in(), Requirement::for_domain(domain));
    let judged = capability.verify(&provers, &Policy::default(), &requirement, at);
    judged.map_or_else(|error| error.code(), |_| "accepted")
}
