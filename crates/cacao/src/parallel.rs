//! Many capabilities at once, across the cores.
//!
//! Each one is judged by itself, exactly as [`Cacao::verify`] does. There is no batch equation: it
//! accepts signatures that strict verification refuses, and could not say which one is bad.

use crate::error::Error;
use crate::judge::{Policy, Requirement, VerifiedCacao};
use crate::model::Cacao;
use crate::prove::Provers;
use crate::time::UnixTime;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::vec::Vec;

/// Judges many capabilities on the threads of the current rayon pool; the verdicts are in the order
/// of the capabilities.
///
/// ```
/// use cacao::{Cacao, Policy, Provers, Requirement, UnixTime, parallel};
///
/// fn accepted(capabilities: &[Cacao], provers: &Provers, now: UnixTime) -> usize {
///     let requirement = Requirement::for_domain("app.example");
///     let verdicts =
///         parallel::verify(capabilities, provers, &Policy::default(), &requirement, now);
///     verdicts.iter().filter(|verdict| verdict.is_ok()).count()
/// }
/// ```
#[must_use]
pub fn verify(
    capabilities: &[Cacao],
    provers: &Provers,
    policy: &Policy,
    requirement: &Requirement,
    at: UnixTime,
) -> Vec<Result<VerifiedCacao, Error>> {
    capabilities
        .par_iter()
        .map(|capability| capability.verify(provers, policy, requirement, at))
        .collect()
}
