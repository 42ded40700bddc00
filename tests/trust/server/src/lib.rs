//! A server that trusts signatures of Ethereum accounts, and no others: what it was built with is
//! all that it names.
#![forbid(unsafe_code)]

use cacao::{Cacao, Error, Policy, Provers, Requirement, UnixTime, eip191::Eip191};

/// Whom the server trusts.
///
/// # Errors
/// None in truth: the set has one prover.
pub fn provers() -> Result<Provers, Error> {
    Provers::none().with(Eip191)
}

/// The server's verdict on a capability for its domain at this time: `accepted`, or why not.
#[must_use]
pub fn verdict(capability: &Cacao, domain: &str, at: UnixTime) -> &'static str {
    let requirement = Requirement::for_domain(domain);
    let judged = provers()
        .and_then(|provers| capability.verify(&provers, &Policy::default(), &requirement, at));
    judged.map_or_else(|error| error.code(), |_| "accepted")
}
