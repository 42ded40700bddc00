//! tz1: what is accepted, and what is not.

use super::*;
use crate::Payload;
use crate::SignatureValue;
use crate::codec::base58check;
use crate::prove::samples::{code, judge, of_text, payload, text, text_of, value};
use crate::siwx::Gap;
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
    let payload = payload(&issuer())
        .with_statement("東京 👍")
        .build()
        .unwrap();
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
    assert_eq!(
        (edsig.len(), sig.len()),
        (ED25519.chars, spelling::SIG_CHARS)
    );
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

/// As wallets hand them over, each on its own.
#[test]
fn signatures_and_keys_are_read_alone() {
    let (bytes, key) = ([9; 64], public());
    let [edsig, sig] = [&EDSIG[..], &SIG].map(|prefix| base58check::encode(prefix, &bytes));
    let edpk = base58check::encode(&EDPK, &key);
    assert_eq!(read_signature(&edsig).unwrap(), bytes);
    assert_eq!(read_signature(&sig).unwrap(), bytes);
    assert_eq!(read_public_key(&edpk).unwrap(), key);
    let short = base58check::encode(&EDSIG, &bytes[..63]);
    let spsig = base58check::encode(&[13, 115, 101, 19, 63], &bytes);
    for bad in ["", &edpk, &short, &spsig, &format!("{edsig}{edpk}")] {
        let error = read_signature(bad).unwrap_err();
        assert_eq!(error.code(), "malformed_signature", "{bad}");
        assert!(
            read_public_key(&bad.replace("edpk", "edpl")).is_err(),
            "{bad}"
        );
    }
    assert!(read_public_key(&edsig).is_err());
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
