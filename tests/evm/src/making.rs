//! What wallets and their owners make: payloads, signatures, wrappers, capabilities.

use crate::{personal_sign, word};
use cacao::siwx::{self, Dialect};
use cacao::{
    Cacao, HeaderType, Payload, Signature, SignatureKind, SignatureValue, UnixTime, eip191,
};
use data_encoding::HEXLOWER;
use k256::ecdsa::SigningKey;

/// When everything is signed: 2023-04-06T16:15:19.058Z.
pub const NOW: UnixTime = UnixTime::from_millis(1_680_797_719_058);

/// A number as a word of the ABI.
#[must_use]
pub fn number(number: usize) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&(number as u64).to_be_bytes());
    word
}

/// `deploy(address,bytes32)`
#[must_use]
pub fn deploy(owner: &SigningKey, salt: [u8; 32]) -> Vec<u8> {
    let address = eip191::address_of(owner.verifying_key());
    [&[0x32, 0xc0, 0x2a, 0x14][..], &word(address), &salt].concat()
}

/// What a wallet at this address is asked to sign.
#[must_use]
pub fn payload(wallet: [u8; 20]) -> Payload {
    let issuer = format!("eip155:1:0x{}", HEXLOWER.encode(&wallet));
    Payload::builder(
        "app.example",
        issuer.parse().unwrap(),
        "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
        "HPiCXGTXHI",
        "2023-04-06T16:15:19.058Z".parse().unwrap(),
    )
    .with_statement("a statement")
    .build()
    .unwrap()
}

/// r ‖ s ‖ v over the text in this dialect.
#[must_use]
pub fn sign(wallet: [u8; 20], key: &SigningKey, dialect: Dialect) -> Vec<u8> {
    let text = siwx::render(&payload(wallet), dialect).unwrap();
    personal_sign(key, &text)
}

/// The 64 bytes of EIP-2098 for r ‖ s ‖ v.
#[must_use]
pub fn compact(signature: &[u8]) -> Vec<u8> {
    let mut compact = signature[..64].to_vec();
    compact[32] |= (signature[64] - 27) << 7;
    compact
}

/// `abi.encode(factory, data, signature)` and the suffix of ERC-6492.
#[must_use]
pub fn wrap(factory: [u8; 20], data: &[u8], signature: &[u8]) -> Vec<u8> {
    let padded = |bytes: &[u8]| {
        let mut out = [&number(bytes.len())[..], bytes].concat();
        out.resize(out.len().div_ceil(32) * 32, 0);
        out
    };
    let (data, signature) = (padded(data), padded(signature));
    let mut out = Vec::new();
    out.extend(word(factory));
    out.extend(number(96));
    out.extend(number(96 + data.len()));
    out.extend(data);
    out.extend(signature);
    out.extend([0x64, 0x92].repeat(16));
    out
}

/// A capability of a wallet, whose signature has this label.
#[must_use]
pub fn capability(wallet: [u8; 20], label: SignatureKind, signature: &[u8]) -> Cacao {
    let text = format!("0x{}", HEXLOWER.encode(signature));
    let signature = Signature::new(label, SignatureValue::Text(text.into()), None).unwrap();
    Cacao::new(HeaderType::Eip4361, payload(wallet), Some(signature))
}
