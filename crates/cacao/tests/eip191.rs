//! The rules of `eip191` signatures, one by one: each test fails without its rule.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![cfg(feature = "ethereum")]

use cacao::siwx::{self, AddressCase, Dialect, EmptyId, FieldOrder, Gap};
use cacao::{
    Cacao, Error, HeaderType, MemberOrder, Payload, Policy, Provers, Requirement, Signature,
    SignatureKind, SignatureValue, VerifiedCacao, eip191,
};
use k256::ecdsa::SigningKey;
use k256::elliptic_curve::ops::Neg;

const NEW: &str = "2023-04-06T16:15:19.058Z";
const OLD: &str = "2022-09-20T00:00:00Z";

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

fn address() -> String {
    let address = eip191::address_of(key().verifying_key());
    format!("0x{}", data_encoding::HEXLOWER.encode(&address))
}

fn payload(iat: &str, statement: Option<&str>, address: &str) -> Payload {
    let issuer = format!("did:pkh:eip155:1:{address}").parse().unwrap();
    let builder = Payload::builder(
        "a.example",
        issuer,
        "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
        "HPiCXGTXHI",
        iat.parse().unwrap(),
    );
    match statement {
        Some(statement) => builder.with_statement(statement),
        None => builder,
    }
    .build()
    .unwrap()
}

fn sign(text: &[u8]) -> [u8; 65] {
    let (signature, id) = key().sign_prehash_recoverable(&eip191::digest(text));
    let mut bytes = [0; 65];
    bytes[..64].copy_from_slice(&signature.to_bytes());
    bytes[64] = 27 + id.to_byte();
    bytes
}

fn text(payload: &Payload, dialect: Dialect) -> String {
    siwx::render(payload, dialect).unwrap()
}

fn verify(payload: &Payload, value: SignatureValue) -> Result<VerifiedCacao, Error> {
    let signature = Signature::new(SignatureKind::EIP191, value, None)?;
    let cacao = Cacao::new(HeaderType::Eip4361, payload.clone(), Some(signature));
    let at = payload.issued_at().unix_time();
    cacao.verify(
        &Provers::all_compiled_in(),
        &Policy::default(),
        &Requirement::any_domain(),
        at,
    )
}

fn hex(bytes: &[u8]) -> SignatureValue {
    SignatureValue::Text(format!("0x{}", data_encoding::HEXLOWER.encode(bytes)).into())
}

fn code(payload: &Payload, value: SignatureValue) -> &'static str {
    verify(payload, value).map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn every_dialect_of_a_reader_is_recognised() {
    for (iat, statement, order, gap) in [
        (NEW, Some("Hello"), FieldOrder::Current, Gap::OneLine),
        (NEW, None, FieldOrder::Current, Gap::OneLine),
        (NEW, None, FieldOrder::Current, Gap::TwoLines),
        (OLD, Some("Hello"), FieldOrder::Legacy, Gap::OneLine),
        (OLD, None, FieldOrder::Legacy, Gap::OneLine),
    ] {
        for address_case in [AddressCase::Checksum, AddressCase::Lower] {
            let payload = payload(iat, statement, &address());
            let dialect = Dialect {
                address: address_case,
                order,
                gap,
                ..Dialect::default()
            };
            let signature = sign(text(&payload, dialect).as_bytes());
            let verified = verify(&payload, hex(&signature)).unwrap();
            assert_eq!(verified.dialect(), Some(dialect));
        }
    }
}

#[test]
fn the_legacy_order_ends_with_its_day() {
    let old = payload(OLD, Some("Hello"), &address());
    let legacy = Dialect {
        order: FieldOrder::Legacy,
        ..Dialect::default()
    };
    let later = payload("2022-09-20T00:00:00.001Z", Some("Hello"), &address());
    let text = text(&old, legacy).replace(OLD, "2022-09-20T00:00:00.001Z");
    assert!(siwx::render(&later, legacy).is_err());
    // a text of its own is read by another name, and no capability is proven by it
    let (_, dialect) = siwx::parse(&text).unwrap();
    assert_eq!(dialect.order, FieldOrder::Caip122);
    assert!(siwx::render(&old, dialect).is_err());
    assert_eq!(
        code(&later, hex(&sign(text.as_bytes()))),
        "signature_mismatch"
    );
}

/// A member that is there and holds nothing may have been printed: where the capability is spelled
/// so, those texts are tried, too, and no more than eight.
#[test]
fn what_holds_nothing_may_have_been_printed() {
    let payload = payload(NEW, None, &address());
    let (three, line) = (Gap::ThreeLines, EmptyId::Line);
    for (members, gap, empty_id, expected) in [
        (r#""statement":"","#, three, EmptyId::Nothing, "ok"),
        (r#""statement":null,"#, three, EmptyId::Nothing, "ok"),
        (r#""requestId":"","#, Gap::TwoLines, line, "ok"),
        (r#""request_id":"","#, Gap::TwoLines, line, "ok"),
        (r#""requestId":"","statement":"","#, three, line, "ok"),
        // where there is no such member, nobody printed it
        ("", three, EmptyId::Nothing, "signature_mismatch"),
        ("", Gap::TwoLines, line, "signature_mismatch"),
        (r#""requestId":"","#, three, line, "signature_mismatch"),
        (
            r#""exp":null,"#,
            three,
            EmptyId::Nothing,
            "signature_mismatch",
        ),
    ] {
        let dialect = Dialect {
            gap,
            empty_id,
            ..Dialect::default()
        };
        let signature = Signature::eip191(&sign(text(&payload, dialect).as_bytes()));
        let made = Cacao::new(HeaderType::Eip4361, payload.clone(), Some(signature));
        let json = made.to_json(MemberOrder::Session);
        let json = json.replacen(r#""p":{"#, &format!(r#""p":{{{members}"#), 1);
        let cacao = Cacao::from_json(&json).unwrap();
        let judge = |policy: &Policy| {
            let (provers, any) = (Provers::all_compiled_in(), Requirement::any_domain());
            cacao.verify(&provers, policy, &any, payload.issued_at().unix_time())
        };
        let judged = judge(&Policy::default());
        let found = judged.as_ref().map_or_else(Error::code, |_| "ok");
        assert_eq!(found, expected, "{members} {dialect:?}");
        let Ok(verified) = judged else { continue };
        assert_eq!(verified.dialect(), Some(dialect));
        for name in dialect.variations() {
            let forbidden = judge(&Policy::default().with_forbidden_dialect(name));
            assert_eq!(forbidden.unwrap_err().code(), "forbidden_dialect");
        }
    }
}

#[test]
fn the_spelling_of_the_issuer_does_not_matter() {
    let lower = payload(NEW, Some("Hello"), &address());
    let signature = sign(text(&lower, Dialect::default()).as_bytes());
    let upper = address().to_ascii_uppercase().replacen("0X", "0x", 1);
    assert_eq!(
        code(&payload(NEW, Some("Hello"), &upper), hex(&signature)),
        "ok"
    );
}

#[test]
fn all_spellings_of_the_signature_are_read() {
    let payload = payload(NEW, Some("Hello"), &address());
    let signature = sign(text(&payload, Dialect::default()).as_bytes());
    let plain = data_encoding::HEXLOWER.encode(&signature);
    let text = |text: String| SignatureValue::Text(text.into());
    assert_eq!(code(&payload, text(plain.clone())), "ok");
    assert_eq!(
        code(&payload, text(format!("0x{}", plain.to_ascii_uppercase()))),
        "ok"
    );
    assert_eq!(
        code(&payload, SignatureValue::Bytes(signature.into())),
        "ok"
    );
    assert_eq!(
        code(&payload, SignatureValue::Numbers(signature.into())),
        "ok"
    );
    for bad in [
        format!("0X{plain}"),
        format!("0x0x{plain}"),
        format!("0x{plain} "),
        "0x".into(),
    ] {
        assert_eq!(
            code(&payload, text(bad.clone())),
            "malformed_signature",
            "{bad}"
        );
    }
}

#[test]
fn lengths_and_v_are_exact() {
    let payload = payload(NEW, Some("Hello"), &address());
    let signature = sign(text(&payload, Dialect::default()).as_bytes());
    for len in [0, 32, 63] {
        assert_eq!(
            code(&payload, hex(&signature[..len])),
            "malformed_signature",
            "{len}"
        );
    }
    let longer = [&signature[..], &[0]].concat();
    assert_eq!(code(&payload, hex(&longer)), "malformed_signature");
    for v in 0..=255 {
        let mut changed = signature;
        changed[64] = v;
        let parity = signature[64] - 27;
        let expected = match v {
            0 | 1 | 27 | 28 if v % 27 == parity => "ok",
            0 | 1 | 27 | 28 => "signature_mismatch",
            _ => "malformed_signature",
        };
        assert_eq!(code(&payload, hex(&changed)), expected, "v {v}");
    }
}

#[test]
fn the_twin_with_high_s_is_refused() {
    let payload = payload(NEW, Some("Hello"), &address());
    let mut signature = sign(text(&payload, Dialect::default()).as_bytes());
    let low = k256::ecdsa::Signature::from_slice(&signature[..64]).unwrap();
    let (r, s) = low.split_scalars();
    let high = k256::ecdsa::Signature::from_scalars(*r, s.neg()).unwrap();
    signature[..64].copy_from_slice(&high.to_bytes());
    signature[64] ^= 27 ^ 28;
    assert_eq!(code(&payload, hex(&signature)), "malformed_signature");
}

#[test]
fn zero_and_unreduced_scalars_are_refused() {
    let payload = payload(NEW, Some("Hello"), &address());
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let order = data_encoding::HEXLOWER.decode(order.as_bytes()).unwrap();
    for range in [0..32, 32..64] {
        for bytes in [&[0; 32][..], &order, &[255; 32]] {
            let mut signature = sign(text(&payload, Dialect::default()).as_bytes());
            signature[range.clone()].copy_from_slice(bytes);
            assert_eq!(code(&payload, hex(&signature)), "malformed_signature");
        }
    }
}

#[test]
fn the_length_in_the_prefix_counts_bytes() {
    let payload = payload(NEW, Some("Zürich 東京"), &address());
    let text = text(&payload, Dialect::default());
    assert_eq!(code(&payload, hex(&sign(text.as_bytes()))), "ok");
    let units = text.encode_utf16().count();
    let mut other = format!("\x19Ethereum Signed Message:\n{units}").into_bytes();
    other.extend_from_slice(text.as_bytes());
    let digest: [u8; 32] = {
        use sha3::Digest;
        sha3::Keccak256::digest(&other).into()
    };
    let (signature, id) = key().sign_prehash_recoverable(&digest);
    let signature = [&signature.to_bytes()[..], &[27 + id.to_byte()]].concat();
    assert_eq!(code(&payload, hex(&signature)), "signature_mismatch");
}

#[test]
fn the_namespace_must_be_ethereums() {
    let lower = payload(NEW, Some("Hello"), &address());
    let signature = sign(text(&lower, Dialect::default()).as_bytes());
    let other = Payload::builder(
        "a.example",
        format!("did:pkh:bip122:1:{}", address()).parse().unwrap(),
        "did:key:z6Mkhg9cPjWj64A5RvWjVAi7ufC4UNfoQd6dCLkpFxVrmzbn",
        "HPiCXGTXHI",
        NEW.parse().unwrap(),
    )
    .with_statement("Hello")
    .build()
    .unwrap();
    assert_eq!(code(&other, hex(&signature)), "unsupported_kind");
}
