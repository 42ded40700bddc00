//! Many capabilities at once, across the cores.
//!
//! Each one is judged by itself, exactly as [`Cacao::verify`] does. There is no batch equation: it
//! accepts signatures that strict verification refuses, and could not say which one is bad.

use crate::error::Error;
use crate::model::Cacao;
use crate::time::UnixTime;
use crate::verify::{Expected, Policy, VerifiedCacao, Verifiers};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::vec::Vec;

/// Judges many capabilities on the threads of the current rayon pool; the verdicts stand in the
/// order of the capabilities.
///
/// ```
/// use cacao::{Cacao, Expected, Policy, UnixTime, Verifiers, bulk};
///
/// fn accepted(capabilities: &[Cacao], now: UnixTime) -> usize {
///     let (verifiers, policy) = (Verifiers::default(), Policy::default());
///     let verdicts = bulk::verify(capabilities, &verifiers, &policy, &Expected::anything(), now);
///     verdicts.iter().filter(|verdict| verdict.is_ok()).count()
/// }
/// ```
#[must_use]
pub fn verify(
    capabilities: &[Cacao],
    verifiers: &Verifiers,
    policy: &Policy,
    expected: &Expected,
    at: UnixTime,
) -> Vec<Result<VerifiedCacao, Error>> {
    capabilities
        .par_iter()
        .map(|capability| capability.verify(verifiers, policy, expected, at))
        .collect()
}
