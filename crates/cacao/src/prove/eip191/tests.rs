//! Signatures of keys: their spellings, their forms, and what finding one costs.

use super::*;
use crate::prove::recovery::counted;
use crate::prove::samples::{code, judge, of_text, payload, text, value};
use crate::siwx::{self, Dialect, Gap};
use crate::{Cacao, Payload, Signature, SignatureKind};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use data_encoding::{HEXLOWER, HEXUPPER};
use k256::ecdsa::SigningKey;
use k256::elliptic_curve::ops::Neg;

const KIND: SignatureKind = SignatureKind::EIP191;

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

fn the_payload() -> Payload {
    let address = address_of(key().verifying_key());
    payload(&format!("eip155:1:0x{}", HEXLOWER.encode(&address)))
        .build()
        .unwrap()
}

/// r ‖ s ‖ v over a text.
fn sign(key: &SigningKey, text: &str) -> [u8; 65] {
    let (signature, id) = key.sign_prehash_recoverable(&digest(text.as_bytes()));
    let mut bytes = [27 + u8::from(id.is_y_odd()); 65];
    bytes[..64].copy_from_slice(&signature.to_bytes());
    bytes
}

/// The same as EIP-2098 has it.
fn compact(bytes: &[u8; 65]) -> [u8; 64] {
    let mut compact = [0; 64];
    compact.copy_from_slice(&bytes[..64]);
    assert_eq!(compact[32] & 0x80, 0, "a low s leaves the bit free");
    if bytes[64] == 28 {
        compact[32] |= 0x80;
    }
    compact
}

fn spellings(bytes: &[u8]) -> Vec<Signature> {
    let hex = HEXLOWER.encode(bytes);
    Vec::from([
        of_text(KIND, &format!("0x{hex}")),
        of_text(KIND, &hex),
        of_text(KIND, &format!("0x{}", HEXUPPER.encode(bytes))),
        of_text(KIND, &HEXUPPER.encode(bytes)),
        value(KIND, SignatureValue::Bytes(bytes.into())),
        value(KIND, SignatureValue::Numbers(bytes.into())),
    ])
}

/// The vectors of EIP-2098: key, message, signature, compact signature.
#[test]
fn published_compact_signatures() {
    let decode = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
    let secret = "1234567890123456789012345678901234567890123456789012345678901234";
    let key = SigningKey::from_slice(&decode(secret)).unwrap();
    for (message, signature, y_parity_and_s) in [
        (
            "Hello World",
            "68a020a209d3d56c46f38cc50a33f704f4a9a10a59377f8dd762ac66910e9b90\
             7e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea5206400",
            "7e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea52064",
        ),
        (
            "It's a small(er) world",
            "9328da16089fcba9bececa81663203989f2df5fe1faa6291a45381c81bd17f76\
             139c6d6b623b42da56557e5e734a43dc83345ddfadec52cbe24d0cc64f55079301",
            "939c6d6b623b42da56557e5e734a43dc83345ddfadec52cbe24d0cc64f550793",
        ),
    ] {
        let whole = decode(signature);
        let digest = digest(message.as_bytes());
        let address = address_of(key.verifying_key());
        let compact = [&whole[..32], &decode(y_parity_and_s)].concat();
        for bytes in [whole, compact] {
            assert!(is_by(&mut recovery(&bytes).unwrap(), &digest, &address));
        }
    }
}

#[test]
fn every_spelling_of_both_forms_is_one_identity() {
    // of one payload the parity is even, of the other odd
    for minute in ["a", "b", "c", "d"] {
        let issuer = the_payload().issuer().account().unwrap().to_string();
        let payload = payload(&issuer).with_statement(minute).build().unwrap();
        let bytes = sign(&key(), &text(&payload, Gap::OneLine));
        let mut identities = Vec::new();
        let mut cids = Vec::new();
        for spelling in [spellings(&bytes), spellings(&compact(&bytes))].concat() {
            let verified = judge(&payload, spelling).unwrap();
            let account = crate::AccountKind::ExternallyOwned;
            assert_eq!(verified.account(), Some(account));
            identities.push(verified.cacao().identity());
            cids.push(verified.cacao().cid());
        }
        identities.dedup();
        assert_eq!(identities.len(), 1);
        cids.sort();
        cids.dedup();
        assert_eq!(cids.len(), 12);
    }
}

#[test]
fn a_signature_has_65_or_64_bytes() {
    let payload = the_payload();
    let bytes = sign(&key(), &text(&payload, Gap::OneLine));
    let compact = compact(&bytes);
    for bad in [
        &bytes[..63],
        &bytes[1..],
        &compact[..63],
        &[&bytes[..], &[0]].concat(),
        &[&compact[..], &[0, 0]].concat(),
        &[],
    ] {
        for spelling in spellings(bad) {
            let found = code(&payload, spelling);
            // 64 bytes that are another signature may recover another key
            assert!(
                found == "malformed_signature" || (bad.len() == 64 && found != "accepted"),
                "{found} {bad:?}"
            );
        }
    }
    for bad in ["0X", "0x0x"] {
        let text = format!("{bad}{}", HEXLOWER.encode(&bytes));
        assert_eq!(code(&payload, of_text(KIND, &text)), "malformed_signature");
    }
}

#[test]
fn v_is_0_1_27_or_28() {
    let payload = the_payload();
    let mut bytes = sign(&key(), &text(&payload, Gap::OneLine));
    let parity = bytes[64] - 27;
    for v in 0..=255 {
        bytes[64] = v;
        let expected = match v {
            0 | 1 | 27 | 28 if v % 27 == parity => "accepted",
            0 | 1 | 27 | 28 => "signature_mismatch",
            _ => "malformed_signature",
        };
        assert_eq!(code(&payload, Signature::eip191(&bytes)), expected, "{v}");
    }
    let mut other = compact(&sign(&key(), &text(&payload, Gap::OneLine)));
    other[32] ^= 0x80;
    let other = value(KIND, SignatureValue::Bytes(other.into()));
    assert_eq!(code(&payload, other), "signature_mismatch");
}

/// The same signature with the other s and parity recovers the same key; a compact one has no room
/// for it, yet for numbers that are no low s.
#[test]
fn s_is_low_and_neither_number_zero() {
    let payload = the_payload();
    let bytes = sign(&key(), &text(&payload, Gap::OneLine));
    let (_, s) = k256::ecdsa::Signature::from_slice(&bytes[..64])
        .unwrap()
        .split_scalars();
    let mut high = bytes;
    high[32..64].copy_from_slice(&s.neg().to_bytes());
    high[64] = 55 - high[64];
    assert_eq!(
        code(&payload, Signature::eip191(&high)),
        "malformed_signature"
    );
    let mut compact = compact(&bytes);
    compact[32..].fill(0xff);
    for top in [0x7f, 0xff] {
        compact[32] = top;
        let high = value(KIND, SignatureValue::Bytes(compact.into()));
        assert_eq!(code(&payload, high), "malformed_signature");
    }
    for zeroed in [0..32, 32..64] {
        let mut bytes = bytes;
        bytes[zeroed].fill(0);
        assert_eq!(
            code(&payload, Signature::eip191(&bytes)),
            "malformed_signature"
        );
    }
}

/// What proving costs, counted in keys that are recovered.
#[test]
fn one_recovery_for_the_likeliest_text_and_at_most_eight_for_a_refusal() {
    let issuer = the_payload().issuer().account().unwrap().to_string();
    // with a statement and without, which has more layouts
    for payload in [
        payload(&issuer)
            .with_statement("a statement")
            .build()
            .unwrap(),
        payload(&issuer).build().unwrap(),
    ] {
        let prove = |by: &SigningKey, text: &str| {
            let signature = Signature::eip191(&sign(by, text));
            let cacao = Cacao::new(HeaderType::Eip4361, payload.clone(), Some(signature));
            counted(|| Eip191.prove(&Claim::new(&cacao).unwrap()).is_ok())
        };
        let likeliest = siwx::render(&payload, Dialect::default()).unwrap();
        assert_eq!(prove(&key(), &likeliest), (true, 1));
        let other = SigningKey::from_slice(&[8; 32]).unwrap();
        let (accepted, recoveries) = prove(&other, &likeliest);
        assert!(!accepted && (2..=8).contains(&recoveries), "{recoveries}");
        for (_, text) in siwx::candidates(&payload).unwrap() {
            let (accepted, recoveries) = prove(&key(), &text);
            assert!(accepted && (1..=8).contains(&recoveries), "{recoveries}");
        }
    }
    // what is malformed costs nothing
    let payload = the_payload();
    let (found, recoveries) = counted(|| code(&payload, of_text(KIND, "0xabcd")));
    assert_eq!((found, recoveries), ("malformed_signature", 0));
}
