//! The messages that an account may have signed, and which of them it did.

use super::Claim;
use crate::error::Error;
use crate::siwx::candidates::MOST_TRIED;
use crate::siwx::{Dialect, Envelope, Writer};
use alloc::string::String;

/// A form in which wallets of a chain sign a text: what stands around the text, and what is signed
/// then; `None` where this text has no such form.
pub(super) type Form<'a, M> = (Envelope, &'a dyn Fn(&str) -> Option<M>);

/// Finds the message that was signed by calling `is_signed` with each that may have been, the
/// likeliest first and never more than [`MOST_TRIED`]. Where a text was read, it is that one alone,
/// in each form.
///
/// Every text in the first form comes before any other form, since nearly all wallets sign in that
/// one; then the likeliest text in the other forms. Of rare payloads, which have many texts, the
/// rarest forms are left out.
pub(super) fn find<M>(
    claim: &Claim<'_>,
    forms: &[Form<'_, M>],
    mut is_signed: impl FnMut(&str, &M) -> bool,
) -> Result<Dialect, Error> {
    let mut left = MOST_TRIED;
    let mut attempt = |text: &str, dialect: Dialect, (envelope, message): &Form<'_, M>| {
        let fewer = left.checked_sub(1)?;
        let message = message(text)?;
        left = fewer;
        #[cfg(test)]
        tests::count();
        is_signed(text, &message).then_some(Dialect {
            envelope: *envelope,
            ..dialect
        })
    };
    let (first, others) = forms.split_at(forms.len().min(1));
    let mut found = None;
    for some in [first, others] {
        if found.is_none() && !some.is_empty() {
            found = each(claim, |text, dialect| {
                some.iter().find_map(|form| attempt(text, dialect, form))
            })?;
        }
    }
    found.ok_or(Error::SignatureMismatch)
}

/// Calls `call` with each text that may have been signed, the likeliest first, until it returns
/// something: where a text was read, with that one alone.
pub(super) fn each<T>(
    claim: &Claim<'_>,
    mut call: impl FnMut(&str, Dialect) -> Option<T>,
) -> Result<Option<T>, Error> {
    if let Some(shown) = claim.cacao().shown() {
        return Ok(call(&shown.text, shown.dialect));
    }
    let writer = Writer::new(claim.payload())?.with_spelling(claim.cacao().spelling());
    let mut text = String::with_capacity(1024);
    Ok(writer.candidates().find_map(|dialect| {
        text.clear();
        writer.write(dialect, &mut text);
        call(&text, dialect)
    }))
}

#[cfg(test)]
pub(super) mod tests;
