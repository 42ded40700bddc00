//! Solana accounts: Ed25519 over the text itself, or over an off-chain message that holds it.

mod offchain;

use super::bytes::{self, Encoding};
use super::{Claim, Facts, Kind, Prover, texts};
use crate::error::Error;
use crate::model::{HeaderType, Signature, SignatureKind, SignatureValue};
use crate::siwx::{Dialect, Envelope};
use alloc::string::String;
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
        let mut attempts = Attempts {
            key: &key,
            signature: &signature,
            left: MOST_ATTEMPTS,
        };
        // every text as it stands first: that is what nearly all wallets sign
        let mut found = texts::each(claim, |text, dialect| {
            attempts.signed(text.as_bytes()).then_some(dialect)
        })?;
        if found.is_none() {
            found = texts::each(claim, |text, dialect| {
                let envelope = attempts.envelope(payload.domain(), text)?;
                Some(Dialect {
                    envelope,
                    ..dialect
                })
            })?;
        }
        found.map(Facts::of_text).ok_or(Error::SignatureMismatch)
    }
}

/// Most verifications that a refusal costs. Sixteen of Ed25519 cost less than eight recoveries of a
/// key of Ethereum, which are the bound of the other chains. Of rare texts (no statement, and an
/// empty list or a whole chain id besides) the rarest envelopes are left out by it.
const MOST_ATTEMPTS: usize = 16;

/// The messages of one signature that may still be looked at.
struct Attempts<'a> {
    key: &'a PublicKey,
    signature: &'a [u8; 64],
    left: usize,
}

impl Attempts<'_> {
    fn signed(&mut self, message: &[u8]) -> bool {
        let Some(left) = self.left.checked_sub(1) else {
            return false;
        };
        self.left = left;
        let verdict = self.key.verify(Algorithm::EdDsa, message, self.signature);
        verdict.is_ok()
    }

    /// What the wallet put around this text, the likeliest first.
    fn envelope(&mut self, domain: &str, text: &str) -> Option<Envelope> {
        let key = self.key;
        let signer = <&[u8; 32]>::try_from(key.as_bytes()).ok()?;
        let with_application = offchain::application_domains(domain).flat_map(|application| {
            let by_specification = offchain_message(&application, signer, text);
            let by_hardware = ascii_offchain_message(&application, signer, text);
            [
                (Envelope::SolanaOffchain, by_specification),
                (Envelope::SolanaOffchainAscii, by_hardware),
            ]
        });
        let legacy = legacy_offchain_message(text);
        with_application
            .chain([(Envelope::SolanaOffchainLegacy, legacy)])
            .find_map(|(envelope, message)| self.signed(&message?).then_some(envelope))
    }
}

/// The address of an Ed25519 public key: base58btc of its 32 bytes.
#[must_use]
pub fn address_of(key: &[u8; 32]) -> String {
    bs58::encode(key).into_string()
}

/// The signature as it stands in a capability: base58btc.
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

    /// What a refusal costs is bounded, whatever the payload leaves open.
    #[test]
    fn there_are_so_many_attempts_and_no_more() {
        let key = key();
        let signature = key.sign(b"text").to_bytes();
        let mut attempts = Attempts {
            key: key.did_key().public_key(),
            signature: &signature,
            left: 2,
        };
        assert!(!attempts.signed(b"another"));
        assert!(attempts.signed(b"text"));
        assert!(!attempts.signed(b"text"));
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
