//! What is changed about a request, so that it is another one.

use data_encoding::BASE64URL_NOPAD;
use didkey::Ed25519SigningKey;
use serde_json::{Value, json};

pub(crate) type Change = Box<dyn Fn(&mut Value)>;

pub(crate) fn header(name: &'static str, to: impl Fn(&str) -> String + 'static) -> Change {
    Box::new(move |request| {
        for header in request["headers"].as_array_mut().unwrap() {
            if header[0] == name {
                header[1] = json!(to(header[1].as_str().unwrap()));
            }
        }
    })
}

pub(crate) fn add(name: &'static str, value: &'static str) -> Change {
    Box::new(move |request| {
        request["headers"]
            .as_array_mut()
            .unwrap()
            .push(json!([name, value]));
    })
}

pub(crate) fn member(name: &'static str, value: &'static str) -> Change {
    Box::new(move |request| request[name] = json!(value))
}

/// Signs other parts with the key of the session.
pub(crate) fn sign_again(to: impl Fn(&str, &str) -> (String, String) + 'static) -> Change {
    header("authorization", move |value| {
        let mut parts = value.strip_prefix("DIDSession ").unwrap().split('.');
        let mut next = || {
            let part = parts.next().unwrap().as_bytes();
            String::from_utf8(BASE64URL_NOPAD.decode(part).unwrap()).unwrap()
        };
        let (header, claims) = (next(), next());
        let (header, claims) = to(&header, &claims);
        let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let input = format!("{}.{}", encode(&header), encode(&claims));
        let key = Ed25519SigningKey::from_seed(&[7; 32]);
        let signature = key.sign(input.as_bytes());
        format!(
            "DIDSession {input}.{}",
            BASE64URL_NOPAD.encode(signature.as_bytes())
        )
    })
}

pub(crate) fn in_header(from: &'static str, to: &'static str) -> Change {
    sign_again(move |header, claims| (header.replace(from, to), claims.to_owned()))
}

pub(crate) fn in_claims(from: &'static str, to: &'static str) -> Change {
    sign_again(move |header, claims| (header.to_owned(), claims.replace(from, to)))
}

pub(crate) fn spoil(value: &str) -> String {
    let last = value.len() - 4;
    let other = if value[last..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &value[..last], &value[last + 1..])
}

pub(crate) fn with_fragment(header: &str, claims: &str) -> (String, String) {
    let key = Ed25519SigningKey::from_seed(&[7; 32]);
    let did = key.did_key().as_str();
    (
        header.replace(did, &key.did_key().key_id()),
        claims.to_owned(),
    )
}

pub(crate) fn with_other_fragment(header: &str, claims: &str) -> (String, String) {
    let key = Ed25519SigningKey::from_seed(&[7; 32]);
    let other = Ed25519SigningKey::from_seed(&[8; 32]);
    let kid = format!("{}#{}", key.did_key(), other.did_key().fingerprint());
    (
        header.replace(key.did_key().as_str(), &kid),
        claims.to_owned(),
    )
}

pub(crate) fn short_jti(header: &str, claims: &str) -> (String, String) {
    let start = claims.find(r#""jti":""#).unwrap() + 7;
    (
        header.to_owned(),
        format!("{}{}", &claims[..start], &claims[start + 1..]),
    )
}

/// The other signature by ECDSA on P-256 that says the same: `(r, n - s)`.
pub(crate) fn other_s(value: &str) -> String {
    const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let (input, signature) = value.rsplit_once('.').unwrap();
    let mut signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let order = data_encoding::HEXLOWER.decode(ORDER.as_bytes()).unwrap();
    let mut borrow = false;
    for (s, n) in signature[32..].iter_mut().zip(order).rev() {
        let (difference, less) = n.overflowing_sub(*s);
        let (difference, less_still) = difference.overflowing_sub(borrow.into());
        (*s, borrow) = (difference, less || less_still);
    }
    format!("{input}.{}", BASE64URL_NOPAD.encode(&signature))
}
