//! Many JWS at once, across the cores.
//!
//! Each one is judged by itself, exactly as [`Jws::verify`] does. There is no batch equation: it
//! accepts signatures that strict verification refuses, and could not say which one is bad.

use crate::error::Error;
use crate::jws::Jws;
use crate::verify::{Verification, VerifiedJws};
use alloc::vec::Vec;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

/// Judges many JWS on the threads of the current rayon pool; the verdicts are in the order of the
/// JWS. With provers that [remember](cacao::Provers::with_memory), a capability that many of them
/// share is checked once (or once for each thread that meets it first).
///
/// ```
/// use cacao::{Requirement, UnixTime};
/// use dag_jws::{Jws, Verification, parallel};
///
/// fn accepted(many: &[Jws], now: UnixTime) -> usize {
///     let verdicts = parallel::verify(many, &Verification::new(now, Requirement::any_domain()));
///     verdicts.iter().filter(|verdict| verdict.is_ok()).count()
/// }
/// ```
#[must_use]
pub fn verify(many: &[Jws], verification: &Verification) -> Vec<Result<VerifiedJws, Error>> {
    many.par_iter()
        .map(|jws| jws.verify(verification))
        .collect()
}

/// As [`verify`], for texts that are still to be read, in compact or general form.
#[must_use]
pub fn verify_texts<T: AsRef<str> + Sync>(
    many: &[T],
    verification: &Verification,
) -> Vec<Result<VerifiedJws, Error>> {
    many.par_iter()
        .map(|text| Jws::parse(text.as_ref())?.verify(verification))
        .collect()
}
