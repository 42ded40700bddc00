//! Tezos accounts: Ed25519 over the hash of the text as a Micheline string.

use super::{Claim, Kind, Proof, Verifier, texts};
use crate::codec::base58check::{self, CHECKSUM_LEN};
use crate::error::Error;
use crate::model::{HeaderType, Signature, SignatureKind, SignatureValue};
use alloc::string::String;
use alloc::vec::Vec;
use blake2::digest::consts::{U20, U32};
use blake2::{Blake2b, Digest};
use didkey::{Algorithm, KeyType, PublicKey};

/// Base58Check prefix of `tz1`, the hash of an Ed25519 public key.
pub const TZ1: [u8; 3] = [6, 161, 159];
/// Base58Check prefix of `edpk`, an Ed25519 public key.
pub const EDPK: [u8; 4] = [13, 15, 37, 217];
/// Base58Check prefix of `edsig`, an Ed25519 signature.
pub const EDSIG: [u8; 5] = [9, 245, 205, 134, 18];
/// Base58Check prefix of `sig`, a signature that does not say of which curve.
pub const SIG: [u8; 3] = [4, 130, 43];

/// The main network, as a CAIP-2 chain id.
pub const MAINNET: &str = "tezos:NetXdQprcVkpaWU";

const EDSIG_CHARS: usize = 99;
const SIG_CHARS: usize = 96;

/// Verifies `tezos:ed25519` signatures of `tz1` accounts: Ed25519, strict, over BLAKE2b-256 of
/// [the text as a packed Micheline string](payload_of). Header `caip122`.
///
/// `s.s` is the signature (`edsig…`, or `sig…`) followed by the public key (`edpk…`), both whole
/// Base58Check; the address must be the key's. The length within the signed bytes is counted in
/// UTF-16 units, as issuing software does, or in bytes, as Micheline has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TezosEd25519;

impl Verifier for TezosEd25519 {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "tezos:ed25519", "tezos")] }
    }

    fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        let payload = claim.payload();
        let account = payload.issuer().account().ok_or(Error::SignatureMismatch)?;
        let (signature, key) = parse(claim.signature().value_alone()?)?;
        if address_of(&key) != account.address() {
            return Err(Error::SignatureMismatch);
        }
        let key = PublicKey::from_bytes(KeyType::Ed25519, &key)
            .map_err(|_| Error::MalformedSignature("the edpk is no Ed25519 public key"))?;
        let dialect = texts::find(payload, |text| {
            let units = text.encode_utf16().count();
            let bytes = Some(text.len()).filter(|bytes| *bytes != units);
            [Some(units), bytes].into_iter().flatten().any(|len| {
                packed(text, len).is_some_and(|packed| {
                    key.verify(Algorithm::EdDsa, &digest(&packed), &signature)
                        .is_ok()
                })
            })
        })?;
        Ok(Proof::of_text(dialect))
    }

    fn verify_known(&self, _: &Claim<'_>, proof: &Proof) -> Option<Result<Proof, Error>> {
        Some(Ok(proof.clone()))
    }
}

/// What a wallet is given to sign: 0x05 (packed data), 0x01 (a string), the length in four bytes,
/// big-endian, and the UTF-8 text. The length counts UTF-16 units, as issuing software does; for
/// ASCII that is the number of bytes.
///
/// # Errors
/// [`Error::TooLarge`] when the text has 2^32 units or more.
pub fn payload_of(text: &str) -> Result<Vec<u8>, Error> {
    packed(text, text.encode_utf16().count()).ok_or(Error::TooLarge {
        what: "sign-in text",
        limit: u32::MAX as usize,
    })
}

fn packed(text: &str, len: usize) -> Option<Vec<u8>> {
    let len = u32::try_from(len).ok()?.to_be_bytes();
    Some([&[0x05, 0x01], &len[..], text.as_bytes()].concat())
}

/// What Ed25519 signs: BLAKE2b-256 of the bytes.
#[must_use]
pub fn digest(payload: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(payload).into()
}

/// The address of an Ed25519 public key: `tz1` and BLAKE2b-160 of the key, in Base58Check.
#[must_use]
pub fn address_of(key: &[u8; 32]) -> String {
    base58check::encode(&TZ1, &Blake2b::<U20>::digest(key))
}

/// The signature as it stands in a capability: `edsig…` followed by `edpk…`.
#[must_use]
pub fn signature(bytes: &[u8; 64], key: &[u8; 32]) -> Signature {
    let mut text = base58check::encode(&EDSIG, bytes);
    text.push_str(&base58check::encode(&EDPK, key));
    Signature::of_text(SignatureKind::TEZOS_ED25519, text)
}

/// Reads a signature as wallets write it: 64 bytes as `edsig…` or as `sig…`.
///
/// # Errors
/// [`Error::MalformedSignature`].
pub fn read_signature(text: &str) -> Result<[u8; 64], Error> {
    let mut buffer = [0; EDSIG.len() + 64 + CHECKSUM_LEN];
    let prefix = if text.starts_with("edsig") {
        &EDSIG[..]
    } else {
        &SIG[..]
    };
    let len = prefix.len() + 64 + CHECKSUM_LEN;
    base58check::decode(prefix, text, buffer.get_mut(..len).unwrap_or_default())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(Error::MalformedSignature(
            "neither edsig nor sig of 64 bytes in Base58Check",
        ))
}

/// Reads an Ed25519 public key as wallets write it: `edpk…`.
///
/// # Errors
/// [`Error::Value`] when it is no `edpk`. That its point lies on the curve is not checked here.
pub fn read_public_key(text: &str) -> Result<[u8; 32], Error> {
    let mut buffer = [0; EDPK.len() + 32 + CHECKSUM_LEN];
    let mut key = [0; 32];
    key.copy_from_slice(base58check::decode(&EDPK, text, &mut buffer)?);
    Ok(key)
}

/// Signature and public key; each has one length.
fn parse(value: &SignatureValue) -> Result<([u8; 64], [u8; 32]), Error> {
    let SignatureValue::Text(text) = value else {
        return Err(Error::MalformedSignature("it is no text"));
    };
    let chars = if text.starts_with("edsig") {
        EDSIG_CHARS
    } else {
        SIG_CHARS
    };
    let (signature, key) = text
        .split_at_checked(chars)
        .ok_or(Error::MalformedSignature("it is cut off"))?;
    let signature = read_signature(signature)?;
    let key = read_public_key(key).map_err(|_| {
        Error::MalformedSignature("no edpk of 32 bytes in Base58Check follows the signature")
    })?;
    Ok((signature, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Payload;
    use crate::siwx::Gap;
    use crate::verify::samples::{code, judge, of_text, payload, text, text_of, value};
    use alloc::format;
    use alloc::string::ToString;
    use didkey::Ed25519SigningKey;

    const KIND: SignatureKind = SignatureKind::TEZOS_ED25519;

    fn key() -> Ed25519SigningKey {
        Ed25519SigningKey::from_seed(&[7; 32])
    }

    fn public() -> [u8; 32] {
        key().did_key().public_key().as_bytes().try_into().unwrap()
    }

    fn issuer() -> String {
        format!("tezos:NetXdQprcVkpaWU:{}", address_of(&public()))
    }

    /// Signs the text with this length in front of it.
    fn signed(payload: &Payload, gap: Gap, len: impl Fn(&str) -> usize) -> [u8; 64] {
        let text = text(payload, gap);
        key()
            .sign(&digest(&packed(&text, len(&text)).unwrap()))
            .to_bytes()
    }

    fn units(text: &str) -> usize {
        text.encode_utf16().count()
    }

    /// Tezos' sandbox account "bootstrap1", as published.
    #[test]
    fn published_address() {
        let mut buffer = [0; 4 + 32 + 4];
        let edpk = "edpkuBknW28nW72KG6RoHtYW7p12T6GKc7nAbwYX5m8Wd9sDVC9yav";
        let key = base58check::decode(&EDPK, edpk, &mut buffer).unwrap();
        assert_eq!(
            address_of(key.try_into().unwrap()),
            "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx"
        );
    }

    #[test]
    fn the_length_counts_utf_16_units_or_bytes() {
        let payload = payload(&issuer()).statement("東京 👍").build().unwrap();
        let by = |len: fn(&str) -> usize| {
            code(
                &payload,
                signature(&signed(&payload, Gap::OneLine, len), &public()),
            )
        };
        assert_eq!(by(units), "accepted");
        assert_eq!(by(str::len), "accepted");
        assert_eq!(by(|text| text.chars().count()), "signature_mismatch");
        assert_eq!(by(|_| 0), "signature_mismatch");
        let text = text(&payload, Gap::OneLine);
        assert_eq!(
            payload_of(&text).unwrap(),
            packed(&text, units(&text)).unwrap()
        );
        assert_eq!(payload_of("ab").unwrap(), b"\x05\x01\0\0\0\x02ab");
    }

    #[test]
    fn either_gap_and_the_proof_says_which() {
        let payload = payload(&issuer()).build().unwrap();
        for gap in [Gap::OneLine, Gap::TwoLines] {
            let signature = signature(&signed(&payload, gap, units), &public());
            let verified = judge(&payload, signature).unwrap();
            assert_eq!(verified.dialect().unwrap().gap, gap);
        }
    }

    #[test]
    fn edsig_or_sig_then_edpk_each_whole() {
        let payload = payload(&issuer()).build().unwrap();
        let bytes = signed(&payload, Gap::OneLine, units);
        let edsig = base58check::encode(&EDSIG, &bytes);
        let sig = base58check::encode(&SIG, &bytes);
        let edpk = base58check::encode(&EDPK, &public());
        assert_eq!((edsig.len(), sig.len()), (EDSIG_CHARS, SIG_CHARS));
        let code = |text: &str| code(&payload, of_text(KIND, text));
        assert_eq!(code(&format!("{edsig}{edpk}")), "accepted");
        assert_eq!(code(&format!("{sig}{edpk}")), "accepted");
        let spsig = base58check::encode(&[13, 115, 101, 19, 63], &bytes);
        let sppk = base58check::encode(&[3, 254, 226, 86], &[2; 33]);
        let short = base58check::encode(&EDSIG, &bytes[..63]);
        let long_key = base58check::encode(&EDPK, &[public().as_slice(), &[0]].concat());
        let bad_checksum = |text: &str| {
            let last = if text.ends_with('1') { "2" } else { "1" };
            format!("{}{last}", &text[..text.len() - 1])
        };
        for bad in [
            String::new(),
            edsig.clone(),
            edpk.clone(),
            format!("{edpk}{edsig}"),
            format!("{edsig}{edpk}1"),
            format!("{edsig}{edpk} "),
            format!("{edsig} {edpk}"),
            format!("1{edsig}{edpk}"),
            format!("{}{edpk}", bad_checksum(&edsig)),
            format!("{edsig}{}", bad_checksum(&edpk)),
            format!("{spsig}{edpk}"),
            format!("{edsig}{sppk}"),
            format!("{short}{edpk}"),
            format!("{edsig}{long_key}"),
            format!("{edsig}{}é", &edpk[1..]),
            "sigé".repeat(40),
        ] {
            assert_eq!(code(&bad), "malformed_signature", "{bad}");
        }
    }

    #[test]
    fn bytes_and_metadata_are_not_of_this_kind() {
        let payload = payload(&issuer()).build().unwrap();
        let good = signature(&signed(&payload, Gap::OneLine, units), &public());
        let text = text_of(&good).to_string();
        for bad in [
            value(KIND, SignatureValue::Bytes(text.as_bytes().into())),
            value(KIND, SignatureValue::Numbers(text.as_bytes().into())),
            Signature::new(KIND, SignatureValue::Text(text.into()), Some([].into())).unwrap(),
        ] {
            assert_eq!(code(&payload, bad), "malformed_signature");
        }
    }

    /// The key stands in the signature: it must be that of the address.
    #[test]
    fn the_key_is_the_address_s_own() {
        let payload = payload(&issuer()).build().unwrap();
        let other = Ed25519SigningKey::from_seed(&[8; 32]);
        let text = text(&payload, Gap::OneLine);
        let foreign = other.sign(&digest(&payload_of(&text).unwrap())).to_bytes();
        let other = other.did_key().public_key().as_bytes().try_into().unwrap();
        assert_eq!(
            code(&payload, signature(&foreign, &other)),
            "signature_mismatch"
        );
        assert_eq!(
            code(&payload, signature(&foreign, &public())),
            "signature_mismatch"
        );
    }

    /// For a key of small order anybody can make signatures.
    #[test]
    fn a_weak_key_is_refused() {
        let mut weak = [0; 32];
        weak[0] = 1;
        let issuer = format!("tezos:NetXdQprcVkpaWU:{}", address_of(&weak));
        let payload = payload(&issuer).build().unwrap();
        let mut forged = [0; 64];
        forged[0] = 1;
        assert_eq!(
            code(&payload, signature(&forged, &weak)),
            "malformed_signature"
        );
    }
}
