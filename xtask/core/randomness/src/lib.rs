//! In the place of `getrandom` where there is no platform: whoever needs randomness is told that
//! there is none.
#![no_std]
#![forbid(unsafe_code)]

use core::fmt;

/// There is no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no randomness here")
    }
}

impl core::error::Error for Error {}

/// Fills nothing.
///
/// # Errors
/// Always.
pub const fn fill(_: &mut [u8]) -> Result<(), Error> {
    Err(Error)
}
