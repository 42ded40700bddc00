//! Ethereum accounts: `personal_sign` over an EIP-4361 text (EIP-191, version 0x45).

use super::recovery::{Recovery, UncompressedKey};
use super::{Claim, Facts, Kind, Prover, secp256k1};
use crate::caip::eip55::parse_address;
use crate::error::Error;
use crate::model::{HeaderType, Payload, SignatureValue};
use crate::siwx::{AddressCase, Dialect, FieldOrder, Gap, LEGACY_UNTIL, Writer};
use alloc::string::String;
use core::fmt::Write;
use k256::ecdsa::VerifyingKey;
use sha3::{Digest, Keccak256};

/// Verifies `eip191` signatures of `eip155` accounts, under either header type.
#[derive(Clone, Copy, Debug, Default)]
pub struct Eip191;

impl Prover for Eip191 {
    fn kinds(&self) -> &[Kind] {
        const {
            &[
                Kind::new(HeaderType::Eip4361, "eip191", "eip155"),
                Kind::new(HeaderType::Caip122, "eip191", "eip155"),
            ]
        }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        let payload = claim.payload();
        let mut recovery = parse(claim.signature().value_alone()?)?;
        let writer = Writer::new(payload)?;
        let account = payload.issuer().account().ok_or(Error::SignatureMismatch)?;
        let address = parse_address(account.address()).ok_or(Error::SignatureMismatch)?;
        let mut text = String::with_capacity(1024);
        for dialect in dialects(payload) {
            text.clear();
            writer.write(dialect, &mut text);
            let key = recovery.key(&digest(text.as_bytes()));
            if key.is_some_and(|key| address_of_point(&key) == address) {
                return Ok(Facts::of_text(dialect));
            }
        }
        Err(Error::SignatureMismatch)
    }
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

/// The texts that may have been signed, the likeliest first.
pub(super) fn dialects(payload: &Payload) -> impl Iterator<Item = Dialect> {
    let may_be_legacy = payload.issued_at().unix_time() <= LEGACY_UNTIL;
    let no_statement = payload.statement().is_none();
    let layouts = [
        (FieldOrder::Current, Gap::OneLine, true),
        (FieldOrder::Legacy, Gap::OneLine, may_be_legacy),
        (FieldOrder::Current, Gap::TwoLines, no_statement),
    ];
    layouts
        .into_iter()
        .filter(|(.., possible)| *possible)
        .flat_map(|(order, gap, _)| {
            [AddressCase::Checksum, AddressCase::Lower].map(move |address| Dialect {
                address,
                order,
                gap,
                ..Dialect::default()
            })
        })
}

/// 65 bytes r ‖ s ‖ v, v one of 0, 1, 27, 28.
fn parse(value: &SignatureValue) -> Result<Recovery, Error> {
    const HEX: data_encoding::Encoding = data_encoding::HEXLOWER_PERMISSIVE;
    let mut bytes = [0_u8; 65];
    match value {
        SignatureValue::Text(text) => {
            let hex = text.strip_prefix("0x").unwrap_or(text);
            if hex.len() != 130 {
                return Err(Error::MalformedSignature("it is not 65 bytes in hex"));
            }
            HEX.decode_mut(hex.as_bytes(), &mut bytes)
                .map_err(|_| Error::MalformedSignature("it is no hex"))?;
        }
        SignatureValue::Bytes(raw) | SignatureValue::Numbers(raw) => {
            bytes = <[u8; 65]>::try_from(&**raw)
                .map_err(|_| Error::MalformedSignature("it is not 65 bytes"))?;
        }
    }
    let (rs, v) = bytes.split_at(64);
    let odd = match v {
        [0 | 27] => false,
        [1 | 28] => true,
        _ => return Err(Error::MalformedSignature("v is none of 0, 1, 27, 28")),
    };
    Ok(Recovery::new(secp256k1::read(rs)?, odd))
}
