//! The texts that an account may have signed, and which of them it did.

use super::Claim;
use crate::error::Error;
use crate::siwx::{Dialect, Writer};
use alloc::string::String;

/// Calls `is_signed` with each text that may have been signed, the likeliest first: where a text
/// was read, that one alone.
pub(super) fn find(
    claim: &Claim<'_>,
    mut is_signed: impl FnMut(&str) -> bool,
) -> Result<Dialect, Error> {
    each(claim, |text, dialect| is_signed(text).then_some(dialect))?.ok_or(Error::SignatureMismatch)
}

/// As [`find`], for who wants something else of a text than to know whether it was signed.
pub(super) fn each<T>(
    claim: &Claim<'_>,
    mut call: impl FnMut(&str, Dialect) -> Option<T>,
) -> Result<Option<T>, Error> {
    if let Some(shown) = claim.cacao().shown() {
        return Ok(call(&shown.text, shown.dialect));
    }
    let writer = Writer::new(claim.payload())?;
    let mut text = String::with_capacity(1024);
    Ok(writer.candidates().find_map(|dialect| {
        text.clear();
        writer.write(dialect, &mut text);
        call(&text, dialect)
    }))
}
