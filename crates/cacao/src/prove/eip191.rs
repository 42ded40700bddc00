//! Ethereum accounts: `personal_sign` over an EIP-4361 text (EIP-191, version 0x45).

use super::bytes::{self, Encoding};
use super::recovery::{Recovery, UncompressedKey};
use super::{Claim, Facts, Kind, Prover, secp256k1, texts};
use crate::caip::eip55::parse_address;
use crate::error::Error;
use crate::model::{HeaderType, SignatureValue};
use crate::siwx::Envelope;
use core::fmt::Write;
use k256::ecdsa::VerifyingKey;
use sha3::{Digest, Keccak256};

/// Verifies signatures of the keys of `eip155` accounts (externally owned accounts), under either
/// header type.
///
/// `s.s` is r ‖ s ‖ v of 65 bytes, or the 64 bytes of EIP-2098, as hex, as a byte string or as
/// numbers. The label is `eip191`; within a set of [`Provers`](crate::Provers) a key's signature is
/// found under the labels of contracts, too, since a label is not signed: see
/// [`AccountKind`](crate::AccountKind).
#[derive(Clone, Copy, Debug, Default)]
pub struct Eip191;

impl Eip191 {
    pub(super) const KINDS: &[Kind] = &[
        Kind::new(HeaderType::Eip4361, "eip191", "eip155"),
        Kind::new(HeaderType::Caip122, "eip191", "eip155"),
    ];
}

impl Prover for Eip191 {
    fn kinds(&self) -> &[Kind] {
        Self::KINDS
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        let payload = claim.payload();
        let mut recovery = parse(claim.signature().value_alone()?)?;
        let account = payload.issuer().account().ok_or(Error::SignatureMismatch)?;
        let address = parse_address(account.address()).ok_or(Error::SignatureMismatch)?;
        let message = |text: &str| Some(digest(text.as_bytes()));
        let dialect = texts::find(claim, &[(Envelope::Bare, &message)], |_, digest| {
            is_by(&mut recovery, digest, &address)
        })?;
        Ok(Facts::of_key(dialect))
    }
}

/// Whether the key of this address made the signature over a digest.
pub(super) fn is_by(recovery: &mut Recovery, digest: &[u8; 32], address: &[u8; 20]) -> bool {
    let key = recovery.key(digest);
    key.is_some_and(|key| address_of_point(&key) == *address)
}

/// keccak256 of the EIP-191 prefix, the length of the text in bytes, and the text.
#[must_use]
pub fn digest(text: &[u8]) -> [u8; 32] {
    let mut hasher = Keccak256::new_with_prefix("\x19Ethereum Signed Message:\n");
    let mut len = Decimal::default();
    // twenty digits hold every length
    let _ = write!(len, "{}", text.len());
    hasher.update(&len.digits[..len.used]);
    hasher.update(text);
    hasher.finalize().into()
}

/// A number as text, without an allocation.
#[derive(Default)]
struct Decimal {
    digits: [u8; 20],
    used: usize,
}

impl Write for Decimal {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.used + text.len();
        self.digits
            .get_mut(self.used..end)
            .ok_or(core::fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}

/// The address of an uncompressed secp256k1 public key: the last twenty bytes of its keccak256.
#[must_use]
pub fn address_of(key: &VerifyingKey) -> [u8; 20] {
    let point = key.to_sec1_point(false);
    // a key is no identity: its encoding has 65 bytes
    address_of_point(point.as_bytes().try_into().unwrap_or(&[0; 65]))
}

fn address_of_point(key: &UncompressedKey) -> [u8; 20] {
    let [_, coordinates @ ..] = key;
    let hash = Keccak256::digest(coordinates);
    let mut address = [0; 20];
    address.copy_from_slice(&hash[12..]);
    address
}

/// A signature as wallets answer it, written out in full: r ‖ s ‖ v of 65 bytes, also where v stands
/// in the uppermost bit of s (64 bytes, EIP-2098). `None` for any other length; nothing is proven.
#[must_use]
pub fn in_full(answer: &[u8]) -> Option<[u8; 65]> {
    let Ok(mut rs) = <[u8; 64]>::try_from(answer) else {
        return answer.try_into().ok();
    };
    let v = 27 + (rs[32] >> 7);
    rs[32] &= 0x7f;
    let mut bytes = [v; 65];
    let (to, _) = bytes.split_first_chunk_mut::<64>()?;
    *to = rs;
    Some(bytes)
}

/// The longest signature of a key: r ‖ s ‖ v.
const LONGEST: usize = 65;

const LENGTH: &str = "it is neither 65 nor 64 bytes";

/// Reads the signature of a key, in whatever spelling.
fn parse(value: &SignatureValue) -> Result<Recovery, Error> {
    let mut buffer = [0; LONGEST];
    recovery(bytes::at_most(value, Encoding::Hex, &mut buffer, LENGTH)?)
}

/// 65 bytes r ‖ s ‖ v, v one of 0, 1, 27, 28; or 64 bytes r ‖ s, whose uppermost bit of s, which a
/// low s leaves free, is the parity of y (EIP-2098).
pub(super) fn recovery(bytes: &[u8]) -> Result<Recovery, Error> {
    let malformed = Error::MalformedSignature(LENGTH);
    let (rs, v) = bytes.split_first_chunk::<64>().ok_or(malformed)?;
    let mut rs = *rs;
    let odd = match v {
        [] => {
            let odd = rs[32] & 0x80 != 0;
            rs[32] &= 0x7f;
            odd
        }
        [0 | 27] => false,
        [1 | 28] => true,
        [_] => return Err(Error::MalformedSignature("v is none of 0, 1, 27, 28")),
        _ => return Err(Error::MalformedSignature(LENGTH)),
    };
    Ok(Recovery::new(secp256k1::read(&rs)?, odd))
}

/// Whether as many bytes are spelled as the signature of a key has. Nothing else is looked at.
pub(super) fn has_the_length_of_a_key_s(value: &SignatureValue) -> bool {
    let len = match value {
        SignatureValue::Text(text) => bytes::digits(text).len() / 2,
        SignatureValue::Bytes(bytes) | SignatureValue::Numbers(bytes) => bytes.len(),
    };
    matches!(len, 64 | LONGEST)
}

#[cfg(test)]
mod tests;
