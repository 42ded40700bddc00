//! Tezos accounts: a signature over the hash of the text as a Micheline string.

mod spelling;

#[cfg(feature = "tezos-ecdsa")]
mod ecdsa;
#[cfg(test)]
mod tests;

#[cfg(feature = "tezos-ecdsa")]
pub use ecdsa::{P2PK, P2SIG, SPPK, SPSIG1, TZ2, TZ3, TezosP256, TezosSecp256k1};

pub use self::spelling::SIG;
use self::spelling::Spelling;
use super::{Claim, Facts, Kind, Prover, texts};
use crate::error::Error;
use crate::model::{HeaderType, Signature, SignatureKind};
use crate::siwx::Envelope;
use alloc::string::String;
use alloc::vec::Vec;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use didkey::{Algorithm, KeyType, PublicKey};

/// Base58Check prefix of `tz1`, the hash of an Ed25519 public key.
pub const TZ1: [u8; 3] = [6, 161, 159];
/// Base58Check prefix of `edpk`, an Ed25519 public key.
pub const EDPK: [u8; 4] = [13, 15, 37, 217];
/// Base58Check prefix of `edsig`, an Ed25519 signature.
pub const EDSIG: [u8; 5] = [9, 245, 205, 134, 18];
/// The main network, as a CAIP-2 chain id.
pub const MAINNET: &str = "tezos:NetXdQprcVkpaWU";

const ED25519: Spelling<32> = Spelling {
    address: TZ1,
    key: EDPK,
    signature: &EDSIG,
    starts: "edsig",
    chars: 99,
    no_signature: "neither edsig nor sig of 64 bytes in Base58Check",
    no_key: "no edpk of 32 bytes in Base58Check follows the signature",
};

/// Verifies `tezos:ed25519` signatures of `tz1` accounts: Ed25519, strict, over BLAKE2b-256 of
/// [the text as a packed Micheline string](payload_of). Header `caip122`.
///
/// `s.s` is the signature (`edsig…`, or `sig…`) followed by the public key (`edpk…`), both whole
/// Base58Check; the address must be the key's. The length within the signed bytes is counted in
/// UTF-16 units, as issuing software does, or in bytes, as Micheline has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TezosEd25519;

impl Prover for TezosEd25519 {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "tezos:ed25519", "tezos")] }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        let (signature, key) = ED25519.of(claim)?;
        let key = PublicKey::from_bytes(KeyType::Ed25519, &key)
            .map_err(|_| Error::MalformedSignature("the edpk is not a valid Ed25519 public key"))?;
        find(claim, |digest| {
            key.verify(Algorithm::EdDsa, digest, &signature).is_ok()
        })
    }
}

/// Finds the text whose digest is signed, with either length in front of it.
fn find(claim: &Claim<'_>, is_signed: impl Fn(&[u8; 32]) -> bool) -> Result<Facts, Error> {
    let with_len = |text: &str, len| packed(text, len).map(|packed| digest(&packed));
    let by_units = |text: &str| with_len(text, units(text));
    let by_bytes = |text: &str| (text.len() != units(text)).then(|| with_len(text, text.len()))?;
    let forms: [texts::Form<'_, _>; 2] = [(Envelope::Bare, &by_units), (Envelope::Bare, &by_bytes)];
    texts::find(claim, &forms, |_, digest| is_signed(digest)).map(Facts::of_text)
}

/// The length of a text in UTF-16 units.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// What a wallet is given to sign: 0x05 (packed data), 0x01 (a string), the length in four bytes,
/// big-endian, and the UTF-8 text. The length counts UTF-16 units, as issuing software does; for
/// ASCII that is the number of bytes.
///
/// # Errors
/// [`Error::TooLarge`] when the text has 2^32 units or more.
pub fn payload_of(text: &str) -> Result<Vec<u8>, Error> {
    packed(text, units(text)).ok_or(Error::TooLarge {
        what: "sign-in text",
        limit: u32::MAX as usize,
    })
}

fn packed(text: &str, len: usize) -> Option<Vec<u8>> {
    let len = u32::try_from(len).ok()?.to_be_bytes();
    Some([&[0x05, 0x01], &len[..], text.as_bytes()].concat())
}

/// What is signed, on each curve: BLAKE2b-256 of the bytes.
#[must_use]
pub fn digest(payload: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(payload).into()
}

/// The address of an Ed25519 public key: `tz1` and BLAKE2b-160 of the key, in Base58Check.
#[must_use]
pub fn address_of(key: &[u8; 32]) -> String {
    ED25519.address_of(key)
}

/// The signature as it is written in a capability: `edsig…` followed by `edpk…`.
#[must_use]
pub fn signature(bytes: &[u8; 64], key: &[u8; 32]) -> Signature {
    ED25519.signature(SignatureKind::TEZOS_ED25519, bytes, key)
}

/// Reads a signature as wallets write it: 64 bytes as `edsig…` or as `sig…`.
///
/// # Errors
/// [`Error::MalformedSignature`].
pub fn read_signature(text: &str) -> Result<[u8; 64], Error> {
    ED25519.read_signature(text)
}

/// Reads an Ed25519 public key as wallets write it: `edpk…`.
///
/// # Errors
/// [`Error::Value`] when it is not a valid `edpk`. That its point lies on the curve is not checked
/// here.
pub fn read_public_key(text: &str) -> Result<[u8; 32], Error> {
    ED25519.read_key(text)
}
