//! Stacks accounts: recoverable secp256k1 over the prefixed text.

use super::bytes::{self, Encoding};
use super::recovery::{Recovery, UncompressedKey};
use super::{Claim, Facts, Kind, Prover, secp256k1, texts};
use crate::codec::c32check;
use crate::error::Error;
use crate::model::{HeaderType, Signature, SignatureKind, SignatureValue};
use crate::siwx::Envelope;
use alloc::string::String;
use k256::ecdsa::VerifyingKey;
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

/// The main network, as a CAIP-2 chain id.
pub const MAINNET: &str = "stacks:1";
/// The test network.
pub const TESTNET: &str = "stacks:2147483648";

/// Verifies `stacks:secp256k1` signatures of `stacks` accounts: ECDSA over the [`digest`] of the
/// text, with a low s; the recovered key, compressed, must have the issuer's address. Header
/// `caip122`.
///
/// `s.s` is r ‖ s ‖ v of 65 bytes, v being 0 or 1: 130 hex digits, a byte string or numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct StacksSecp256k1;

impl Prover for StacksSecp256k1 {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "stacks:secp256k1", "stacks")] }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        let payload = claim.payload();
        let account = payload.issuer().account().ok_or(Error::SignatureMismatch)?;
        let network = Network::of_reference(account.reference()).ok_or(Error::Refused(
            "the address version of this Stacks chain is not known",
        ))?;
        let mut recovery = parse(claim.signature().value_alone()?)?;
        let message = |text: &str| Some(digest(text));
        let dialect = texts::find(claim, &[(Envelope::Bare, &message)], |_, digest| {
            let key = recovery.key(digest);
            key.is_some_and(|key| address_of_point(&key, network) == account.address())
        })?;
        Ok(Facts::of_text(dialect))
    }
}

/// A network of Stacks: its chain id, and the version of its addresses (SIP-005).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Network {
    /// `stacks:1`, addresses `SP…`.
    Mainnet,
    /// `stacks:2147483648`, addresses `ST…`.
    Testnet,
}

impl Network {
    /// The network with this CAIP-2 reference.
    #[must_use]
    pub fn of_reference(reference: &str) -> Option<Self> {
        match reference {
            "1" => Some(Self::Mainnet),
            "2147483648" => Some(Self::Testnet),
            _ => None,
        }
    }

    /// The version of an address for one signature.
    const fn version(self) -> u8 {
        match self {
            Self::Mainnet => 22,
            Self::Testnet => 26,
        }
    }
}

/// What ECDSA signs: SHA-256 of the prefix, the length of the text in bytes as a variable-length
/// integer of Bitcoin, and the UTF-8 text.
#[must_use]
pub fn digest(text: &str) -> [u8; 32] {
    let mut hasher = Sha256::new_with_prefix(b"\x17Stacks Signed Message:\n");
    let len = text.len() as u64;
    let bytes = len.to_le_bytes();
    match len {
        0..0xfd => hasher.update(&bytes[..1]),
        0xfd..=0xffff => {
            hasher.update([0xfd]);
            hasher.update(&bytes[..2]);
        }
        0x1_0000..=0xffff_ffff => {
            hasher.update([0xfe]);
            hasher.update(&bytes[..4]);
        }
        _ => {
            hasher.update([0xff]);
            hasher.update(bytes);
        }
    }
    hasher.update(text);
    hasher.finalize().into()
}

/// The address of a public key: `S` and the c32check of RIPEMD-160 over SHA-256 of the compressed
/// point.
#[must_use]
pub fn address_of(key: &VerifyingKey, network: Network) -> String {
    let point = key.to_sec1_point(false);
    // a key is no identity: its encoding has 65 bytes
    address_of_point(point.as_bytes().try_into().unwrap_or(&[0; 65]), network)
}

fn address_of_point(key: &UncompressedKey, network: Network) -> String {
    // compressed: x, and whether y is odd
    let [_, x @ .., last] = key;
    let compressed = Sha256::new_with_prefix([2 | (last & 1)])
        .chain_update(&x[..32])
        .finalize();
    let hash = Ripemd160::digest(compressed);
    let mut address = String::from("S");
    // the versions are below 32: there is nothing to refuse
    address.push_str(&c32check::encode(network.version(), &hash).unwrap_or_default());
    address
}

/// The signature as it is written in a capability: 130 hex digits of r, s and v.
#[must_use]
pub fn signature(bytes: &[u8; 65]) -> Signature {
    Signature::of_text(
        SignatureKind::STACKS_SECP256K1,
        base16ct::lower::encode_string(bytes),
    )
}

/// v is 0 or 1. The values 2 and 3 would stand for an r above the order of the group, which no
/// signer ever meets.
fn parse(value: &SignatureValue) -> Result<Recovery, Error> {
    let bytes: [u8; 65] = bytes::exactly(value, Encoding::BareHex, "it is not 65 bytes")?;
    let (rs, v) = bytes.split_at(64);
    let odd = match v {
        [0] => false,
        [1] => true,
        _ => return Err(Error::MalformedSignature("v is neither 0 nor 1")),
    };
    Ok(Recovery::new(secp256k1::read(rs)?, odd))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Payload;
    use crate::prove::samples::{code, judge, of_text, payload, text, text_of, value};
    use crate::siwx::Gap;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use data_encoding::HEXLOWER;
    use k256::ecdsa::SigningKey;
    use k256::elliptic_curve::ops::Neg;

    const KIND: SignatureKind = SignatureKind::STACKS_SECP256K1;

    fn key() -> SigningKey {
        SigningKey::from_slice(&[7; 32]).unwrap()
    }

    fn issuer() -> String {
        format!(
            "stacks:1:{}",
            address_of(key().verifying_key(), Network::Mainnet)
        )
    }

    fn signed(payload: &Payload, gap: Gap) -> [u8; 65] {
        let digest = digest(&text(payload, gap));
        let (signature, id) = key().sign_prehash_recoverable(&digest);
        let mut bytes = [id.to_byte(); 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes
    }

    /// The key and the addresses are those of Stacks' own library.
    #[test]
    fn addresses_of_both_networks() {
        let secret = "b244296d5907de9864c0b0d51f98a13c52890be0404e83f273144cd5b9960eed";
        let secret = HEXLOWER.decode(secret.as_bytes()).unwrap();
        let key = SigningKey::from_slice(&secret).unwrap();
        let address = |network| address_of(key.verifying_key(), network);
        assert_eq!(
            address(Network::Mainnet),
            "SP2ZD731ANQZT6J4K3F5N8A40ZXWXC1XFXHVVQFKE"
        );
        assert_eq!(
            address(Network::Testnet),
            "ST2ZD731ANQZT6J4K3F5N8A40ZXWXC1XFXH4HF6PF"
        );
    }

    #[test]
    fn lengths_are_variable_length_integers() {
        for (len, prefix) in [
            (0, &[0][..]),
            (0xfc, &[0xfc]),
            (0xfd, &[0xfd, 0xfd, 0]),
            (0xffff, &[0xfd, 0xff, 0xff]),
            (0x1_0000, &[0xfe, 0, 0, 1, 0]),
        ] {
            let text = "x".repeat(len);
            let mut bytes = b"\x17Stacks Signed Message:\n".to_vec();
            bytes.extend(prefix);
            bytes.extend(text.as_bytes());
            assert_eq!(
                digest(&text),
                <[u8; 32]>::from(Sha256::digest(bytes)),
                "{len}"
            );
        }
    }

    #[test]
    fn either_gap_and_the_proof_says_which() {
        let payload = payload(&issuer()).build().unwrap();
        for gap in [Gap::OneLine, Gap::TwoLines] {
            let verified = judge(&payload, signature(&signed(&payload, gap))).unwrap();
            assert_eq!(verified.dialect().unwrap().gap, gap);
        }
    }

    #[test]
    fn a_signature_has_65_bytes_in_hex() {
        let payload = payload(&issuer()).build().unwrap();
        let bytes = signed(&payload, Gap::OneLine);
        let hex = text_of(&signature(&bytes)).to_string();
        for good in [
            of_text(KIND, &hex.to_ascii_uppercase()),
            value(KIND, SignatureValue::Bytes(bytes.into())),
            value(KIND, SignatureValue::Numbers(bytes.into())),
        ] {
            assert_eq!(code(&payload, good), "accepted");
        }
        let vrs: Vec<u8> = [&bytes[64..], &bytes[..64]].concat();
        for bad in [
            of_text(KIND, ""),
            of_text(KIND, &format!("0x{hex}")),
            of_text(KIND, &format!("0x{}", &hex[..128])),
            of_text(KIND, &hex[..128]),
            of_text(KIND, &format!("{hex}00")),
            of_text(KIND, &format!("{hex} ")),
            of_text(KIND, &format!("{}g", &hex[..129])),
            of_text(KIND, &HEXLOWER.encode(&vrs)),
            value(KIND, SignatureValue::Bytes(bytes[..64].into())),
            value(KIND, SignatureValue::Numbers(bytes[..64].into())),
            Signature::new(KIND, SignatureValue::Text(hex.into()), Some([].into())).unwrap(),
        ] {
            assert_eq!(
                code(&payload, bad.clone()),
                "malformed_signature",
                "{bad:?}"
            );
        }
    }

    #[test]
    fn v_is_0_or_1() {
        let payload = payload(&issuer()).build().unwrap();
        let mut bytes = signed(&payload, Gap::OneLine);
        let good = bytes[64];
        for v in 0..=255 {
            bytes[64] = v;
            let expected = match v {
                _ if v == good => "accepted",
                0 | 1 => "signature_mismatch",
                _ => "malformed_signature",
            };
            assert_eq!(code(&payload, signature(&bytes)), expected, "{v}");
        }
    }

    /// The same signature with the other s and v recovers the same key.
    #[test]
    fn s_is_low_and_neither_number_zero() {
        let payload = payload(&issuer()).build().unwrap();
        let bytes = signed(&payload, Gap::OneLine);
        let (r, s) = k256::ecdsa::Signature::from_slice(&bytes[..64])
            .unwrap()
            .split_scalars();
        let mut high = bytes;
        high[32..64].copy_from_slice(&s.neg().to_bytes());
        high[64] ^= 1;
        assert_eq!(high[..32], r.to_bytes()[..]);
        assert_eq!(code(&payload, signature(&high)), "malformed_signature");
        for zeroed in [0..32, 32..64] {
            let mut bytes = bytes;
            bytes[zeroed].fill(0);
            assert_eq!(code(&payload, signature(&bytes)), "malformed_signature");
        }
    }

    /// The version of an address is the chain's, its key compressed.
    #[test]
    fn the_address_is_that_of_the_chain() {
        let verifying = key();
        let verifying = verifying.verifying_key();
        let main = address_of(verifying, Network::Mainnet);
        let test = address_of(verifying, Network::Testnet);
        let point = verifying.to_sec1_point(false);
        let hash = Ripemd160::digest(Sha256::digest(point));
        let uncompressed = format!("S{}", c32check::encode(22, &hash).unwrap());
        for (issuer, expected) in [
            (format!("stacks:1:{main}"), "accepted"),
            (format!("stacks:2147483648:{test}"), "accepted"),
            (format!("stacks:1:{test}"), "signature_mismatch"),
            (format!("stacks:2147483648:{main}"), "signature_mismatch"),
            (format!("stacks:1:{uncompressed}"), "signature_mismatch"),
            (
                format!("stacks:1:{}", main.to_ascii_lowercase()),
                "signature_mismatch",
            ),
            (format!("stacks:2:{main}"), "refused"),
            (format!("stacks:01:{main}"), "refused"),
        ] {
            let payload = payload(&issuer).build().unwrap();
            let signature = signature(&signed(&payload, Gap::OneLine));
            assert_eq!(code(&payload, signature), expected, "{issuer}");
        }
    }
}
