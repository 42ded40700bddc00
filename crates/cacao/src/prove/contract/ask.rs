//! What both kinds have in common: the texts that may have been signed, and what an answer means.

use super::abi::IS_VALID_SIGNATURE;
use crate::caip::eip55::parse_address;
use crate::error::Error;
use crate::prove::bytes::{self, Encoding};
use crate::prove::{Claim, eip191, texts};
use crate::siwx::Dialect;
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// An issuer before its contract.
pub(super) struct Asked<'a> {
    pub(super) chain: &'a str,
    pub(super) address: [u8; 20],
    pub(super) signature: Cow<'a, [u8]>,
    /// What may have been signed, the likeliest first.
    pub(super) digests: Vec<(Dialect, [u8; 32])>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(claim: &Claim<'a>) -> Result<Self, Error> {
        let payload = claim.payload();
        let account = payload.issuer().account().ok_or(Error::SignatureMismatch)?;
        let mut digests = Vec::new();
        texts::each(claim, |text, dialect| {
            digests.push((dialect, eip191::digest(text.as_bytes())));
            None::<()>
        })?;
        Ok(Self {
            chain: account.reference(),
            address: parse_address(account.address()).ok_or(Error::SignatureMismatch)?,
            signature: bytes::all(claim.signature().value_alone()?, Encoding::Hex)?,
            digests,
        })
    }

    /// The text that the account's own key signed, if these bytes are its signature.
    pub(super) fn signed_by_key(&self, signature: &[u8]) -> Option<Dialect> {
        let mut recovery = eip191::recovery(signature).ok()?;
        let mut texts = self.digests.iter();
        let signed = texts.find(|(_, digest)| eip191::is_by(&mut recovery, digest, &self.address));
        signed.map(|(dialect, _)| *dialect)
    }
}

/// Judges what `isValidSignature` returned: the magic value in the first four bytes of a word, and
/// zeros.
pub(super) fn judge(returned: &[u8]) -> Result<(), Error> {
    if returned.is_empty() {
        return Err(Error::NotAContract);
    }
    let word = <&[u8; 32]>::try_from(returned)
        .map_err(|_| Error::ContractAnswer("it is not one word of 32 bytes"))?;
    let (value, padding) = word.split_at(4);
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Error::ContractAnswer("its padding is not zero"));
    }
    if value == IS_VALID_SIGNATURE {
        Ok(())
    } else {
        Err(Error::SignatureMismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let word = |value: [u8; 4]| {
            let mut word = [0; 32];
            word[..4].copy_from_slice(&value);
            word
        };
        let code = |returned: &[u8]| judge(returned).map_or_else(|error| error.code(), |()| "yes");
        let yes = word(IS_VALID_SIGNATURE);
        assert_eq!(code(&yes), "yes");
        assert_eq!(code(&word([0xff; 4])), "signature_mismatch");
        assert_eq!(code(&[0; 32]), "signature_mismatch");
        assert_eq!(code(&word([0x20, 0xc1, 0x3b, 0x0b])), "signature_mismatch");
        assert_eq!(code(&[]), "not_a_contract");
        assert_eq!(code(&IS_VALID_SIGNATURE), "malformed_contract_answer");
        assert_eq!(code(&yes[..31]), "malformed_contract_answer");
        assert_eq!(code(&[yes, [0; 32]].concat()), "malformed_contract_answer");
        for at in 4..32 {
            let mut dirty = yes;
            dirty[at] = 1;
            assert_eq!(code(&dirty), "malformed_contract_answer", "{at}");
        }
        // the magic value at the other end, as a number
        let mut number = [0; 32];
        number[28..].copy_from_slice(&IS_VALID_SIGNATURE);
        assert_eq!(code(&number), "malformed_contract_answer");
    }
}
