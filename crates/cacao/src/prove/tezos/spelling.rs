//! How the keys, signatures and addresses of one curve are written.

use crate::codec::base58check::{self, CHECKSUM_LEN};
use crate::error::Error;
use crate::model::{Signature, SignatureKind, SignatureValue};
use crate::prove::{Claim, bytes};
use alloc::string::String;
use blake2::digest::consts::U20;
use blake2::{Blake2b, Digest};

/// Base58Check prefix of `sig`, a signature that does not say of which curve.
pub const SIG: [u8; 3] = [4, 130, 43];

/// Characters of a signature that does not say of which curve.
pub(super) const SIG_CHARS: usize = 96;

/// The longest text that is read: a prefix, 64 bytes, a checksum.
const LONGEST: usize = 5 + 64 + CHECKSUM_LEN;

/// The prefixes of a curve whose public keys have `N` bytes.
pub(super) struct Spelling<const N: usize> {
    /// Of addresses.
    pub(super) address: [u8; 3],
    /// Of public keys.
    pub(super) key: [u8; 4],
    /// Of signatures.
    pub(super) signature: &'static [u8],
    /// What every signature of this curve starts with.
    pub(super) starts: &'static str,
    /// The characters of such a signature.
    pub(super) chars: usize,
    /// What is said of a text that is not a signature of this curve.
    pub(super) no_signature: &'static str,
    /// What is said when no key of this curve follows.
    pub(super) no_key: &'static str,
}

impl<const N: usize> Spelling<N> {
    /// The signature of a claim and the key that stands beside it, whose address must be the
    /// issuer's.
    pub(super) fn of(&self, claim: &Claim<'_>) -> Result<([u8; 64], [u8; N]), Error> {
        let account = claim.payload().issuer().account();
        let account = account.ok_or(Error::SignatureMismatch)?;
        let (signature, key) = self.parse(claim.signature().value_alone()?)?;
        if self.address_of(&key) != account.address() {
            return Err(Error::SignatureMismatch);
        }
        Ok((signature, key))
    }

    /// Signature and public key; each has one length.
    pub(super) fn parse(&self, value: &SignatureValue) -> Result<([u8; 64], [u8; N]), Error> {
        let text = bytes::text(value)?;
        let chars = if text.starts_with(self.starts) {
            self.chars
        } else {
            SIG_CHARS
        };
        let (signature, key) = text
            .split_at_checked(chars)
            .ok_or(Error::MalformedSignature("it is cut off"))?;
        let signature = self.read_signature(signature)?;
        let key = self
            .read_key(key)
            .map_err(|_| Error::MalformedSignature(self.no_key))?;
        Ok((signature, key))
    }

    pub(super) fn read_signature(&self, text: &str) -> Result<[u8; 64], Error> {
        let prefix = if text.starts_with(self.starts) {
            self.signature
        } else {
            &SIG[..]
        };
        read(prefix, text).map_err(|_| Error::MalformedSignature(self.no_signature))
    }

    pub(super) fn read_key(&self, text: &str) -> Result<[u8; N], Error> {
        read(&self.key, text)
    }

    pub(super) fn address_of(&self, key: &[u8; N]) -> String {
        base58check::encode(&self.address, &Blake2b::<U20>::digest(key))
    }

    pub(super) fn signature(
        &self,
        kind: SignatureKind,
        bytes: &[u8; 64],
        key: &[u8; N],
    ) -> Signature {
        let mut text = base58check::encode(self.signature, bytes);
        text.push_str(&base58check::encode(&self.key, key));
        Signature::of_text(kind, text)
    }
}

/// Exactly `L` bytes after this prefix.
fn read<const L: usize>(prefix: &[u8], text: &str) -> Result<[u8; L], Error> {
    let mut buffer = [0; LONGEST];
    let len = prefix.len() + L + CHECKSUM_LEN;
    let mut bytes = [0; L];
    let buffer = buffer.get_mut(..len).unwrap_or_default();
    bytes.copy_from_slice(base58check::decode(prefix, text, buffer)?);
    Ok(bytes)
}
