//! Solana accounts: Ed25519 over the text itself, or over an off-chain message that holds it.

mod offchain;

use super::bytes::{self, Encoding};
use super::texts::{self, Form};
use super::{Claim, Facts, Kind, Prover};
use crate::error::Error;
use crate::model::{HeaderType, Signature, SignatureKind, SignatureValue};
use crate::siwx::Envelope;
use alloc::string::String;
use alloc::vec::Vec;
use didkey::{Algorithm, KeyType, PublicKey};

pub use offchain::{ascii_offchain_message, legacy_offchain_message, offchain_message};

/// The main network, as a CAIP-2 chain id: the first 32 characters of the genesis hash.
pub const MAINNET: &str = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp";
/// The test network.
pub const TESTNET: &str = "solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z";
/// The network of developers.
pub const DEVNET: &str = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1";

/// Verifies `solana:ed25519` signatures of `solana` accounts: Ed25519, strict, over the UTF-8
/// text; the address is the public key. Header `caip122`.
///
/// Where a wallet put the header of an off-chain message before the text, the proof says so in
/// [`Dialect::envelope`](crate::siwx::Dialect): version 0 in both layouts, with one signer, the
/// [format that follows from the text](offchain_message) or [that of hardware
/// wallets](ascii_offchain_message), and an application domain of zeros or of the payload's `domain`
/// (in UTF-8, zeros behind it).
///
/// A [`SignedText`](crate::SignedText) is tried in each of these envelopes. A capability does not
/// tell which of its texts was signed: all of them are tried as they stand, then the likeliest in
/// these envelopes and, as far as eight messages reach, the next. So a text without a statement that
/// has two blank lines there and stands in an envelope is proven as a text only.
///
/// `s.s` is base58btc of the 64 bytes; a byte string and a list of numbers are read too.
#[derive(Clone, Copy, Debug, Default)]
pub struct SolanaEd25519;

impl Prover for SolanaEd25519 {
    fn kinds(&self) -> &[Kind] {
        const { &[Kind::new(HeaderType::Caip122, "solana:ed25519", "solana")] }
    }

    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
        let payload = claim.payload();
        let account = payload.issuer().account().ok_or(Error::SignatureMismatch)?;
        let signature = parse(claim.signature().value_alone()?)?;
        let key = key_of(account.address())?;
        let signer = <&[u8; 32]>::try_from(key.as_bytes()).map_err(|_| Error::SignatureMismatch)?;
        let site = offchain::application_of(payload.domain());
        let site = site.as_ref();
        let forms: [Form<'_, Message>; 6] = [
            (Envelope::Bare, &|_| Some(None)),
            // hardware wallets need an envelope, others do without
            (Envelope::SolanaOffchainAscii, &|text| {
                ascii_offchain_message(&[0; 32], signer, text).map(Some)
            }),
            (Envelope::SolanaOffchainLegacy, &|text| {
                legacy_offchain_message(text).map(Some)
            }),
            (Envelope::SolanaOffchain, &|text| {
                offchain_message(&[0; 32], signer, text).map(Some)
            }),
            (Envelope::SolanaOffchainAscii, &|text| {
                ascii_offchain_message(site?, signer, text).map(Some)
            }),
            (Envelope::SolanaOffchain, &|text| {
                offchain_message(site?, signer, text).map(Some)
            }),
        ];
        let dialect = texts::find(claim, &forms, |text, message| {
            let message = message.as_deref().unwrap_or(text.as_bytes());
            let verdict = key.verify(Algorithm::EdDsa, message, &signature);
            verdict.is_ok()
        })?;
        Ok(Facts::of_text(dialect))
    }
}

/// What is signed for a text, where that is not the text itself.
type Message = Option<Vec<u8>>;

/// The address of an Ed25519 public key: base58btc of its 32 bytes.
#[must_use]
pub fn address_of(key: &[u8; 32]) -> String {
    bs58::encode(key).into_string()
}

/// The signature as it is written in a capability: base58btc.
#[must_use]
pub fn signature(bytes: &[u8; 64]) -> Signature {
    let text = bs58::encode(bytes).into_string();
    Signature::of_text(SignatureKind::SOLANA_ED25519, text)
}

fn key_of(address: &str) -> Result<PublicKey, Error> {
    let bytes: [u8; 32] =
        base58(address).ok_or(Error::Refused("the address is not 32 bytes in base58btc"))?;
    PublicKey::from_bytes(KeyType::Ed25519, &bytes)
        .map_err(|_| Error::Refused("the address is not a valid Ed25519 public key"))
}

fn parse(value: &SignatureValue) -> Result<[u8; 64], Error> {
    bytes::exactly(value, Encoding::Base58Btc, "it is not 64 bytes")
}

/// Exactly `N` bytes; base58btc has one text for them.
fn base58<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let written = bs58::decode(text).onto(&mut bytes[..]).ok()?;
    (written == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Payload;
    use crate::prove::samples::{code, judge, of_text, payload, text, text_of, value};
    use crate::siwx::Gap;
    use alloc::format;
    use didkey::Ed25519SigningKey;

    const KIND: SignatureKind = SignatureKind::SOLANA_ED25519;

    fn key() -> Ed25519SigningKey {
        Ed25519SigningKey::from_seed(&[7; 32])
    }

    fn issuer() -> String {
        let key = key();
        let bytes = key.did_key().public_key().as_bytes().try_into().unwrap();
        format!(
            "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:{}",
            address_of(&bytes)
        )
    }

    fn signed(payload: &Payload, gap: Gap) -> [u8; 64] {
        key().sign(text(payload, gap).as_bytes()).to_bytes()
    }

    #[test]
    fn every_spelling_of_a_signature() {
        let payload = payload(&issuer())
            .with_statement("東京 👍")
            .build()
            .unwrap();
        let bytes = signed(&payload, Gap::OneLine);
        for spelling in [
            signature(&bytes),
            value(KIND, SignatureValue::Bytes(bytes.into())),
            value(KIND, SignatureValue::Numbers(bytes.into())),
        ] {
            judge(&payload, spelling).unwrap();
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
    fn a_signature_has_64_bytes_in_base58btc() {
        let payload = payload(&issuer()).build().unwrap();
        let bytes = signed(&payload, Gap::OneLine);
        let text = String::from(text_of(&signature(&bytes)));
        let longer = [&bytes[..], &[0]].concat();
        for bad in [
            of_text(KIND, &format!("1{text}")),
            of_text(KIND, &format!("z{text}")),
            of_text(KIND, &format!("{text}\n")),
            of_text(KIND, &text[2..]),
            of_text(KIND, &data_encoding::HEXLOWER.encode(&bytes)),
            of_text(KIND, ""),
            of_text(KIND, &bs58::encode(&bytes[..63]).into_string()),
            of_text(KIND, &bs58::encode(&longer).into_string()),
            value(KIND, SignatureValue::Bytes(bytes[..63].into())),
            value(KIND, SignatureValue::Numbers(longer.into())),
            Signature::new(KIND, SignatureValue::Text(text.into()), Some([].into())).unwrap(),
        ] {
            assert_eq!(code(&payload, bad), "malformed_signature");
        }
    }

    #[test]
    fn another_key_another_text() {
        let payload = payload(&issuer()).build().unwrap();
        let other = Ed25519SigningKey::from_seed(&[8; 32]);
        let foreign = other
            .sign(text(&payload, Gap::OneLine).as_bytes())
            .to_bytes();
        assert_eq!(code(&payload, signature(&foreign)), "signature_mismatch");
        let mut changed = signed(&payload, Gap::OneLine);
        changed[40] ^= 1;
        assert_eq!(code(&payload, signature(&changed)), "signature_mismatch");
    }

    /// The first is no 32 bytes, the second a key of small order, for which strict verification
    /// would accept nothing, the third not on the curve.
    #[test]
    fn an_address_is_an_ed25519_key() {
        for address in [
            "6BcW5WQdw2PkjMDfqLVRX8q2dNQWNdYgeW7VZv1iM",
            "11111111111111111111111111111111",
            &address_of(&[2; 32]),
        ] {
            let issuer = format!("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:{address}");
            let payload = payload(&issuer).build().unwrap();
            assert_eq!(code(&payload, signature(&[0; 64])), "refused", "{address}");
        }
    }
}
