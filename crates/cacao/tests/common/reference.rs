//! What `serde_ipld_dagcbor` says of a block: the reference of the property tests and of the fuzz
//! target.

use cacao::{Cacao, MAX_RESOURCES, MAX_SIGNATURE_LEN, SignatureValue, Timestamp};
use ipld_core::ipld::Ipld;
use std::collections::BTreeMap;

/// The value of a block, if it is the one DAG-CBOR encoding of something that has the shape of a
/// capability, whatever stands in its texts.
pub(crate) fn read(block: &[u8]) -> Option<Ipld> {
    let value: Ipld = serde_ipld_dagcbor::from_slice(block).ok()?;
    let written = serde_ipld_dagcbor::to_vec(&value).ok()?;
    (written == block && has_shape(&value)).then_some(value)
}

/// Holds what was made of a block against the reference.
pub(crate) fn hold(block: &[u8], read: &Result<Cacao, cacao::Error>) {
    let reference = self::read(block);
    match read {
        Ok(cacao) => {
            if cacao.variations().next().is_none() {
                assert_eq!(reference, Some(value_of(cacao)));
            } else {
                // whatever members it has, its encoding is the one of what it holds
                let value = serde_ipld_dagcbor::from_slice::<Ipld>(block);
                let written = value.ok().and_then(|v| serde_ipld_dagcbor::to_vec(&v).ok());
                assert_eq!(written.as_deref(), Some(block));
            }
            assert_eq!(cacao.to_dag_cbor(), block);
        }
        Err(error) => match error.code() {
            "invalid_field" => {}
            "malformed_cbor" | "not_canonical" => assert_eq!(reference, None, "{error}"),
            code => panic!("{code} is not what a block is refused for: {error}"),
        },
    }
}

fn has_shape(value: &Ipld) -> bool {
    let Ipld::Map(capability) = value else {
        return false;
    };
    named(capability, &["h", "p"], &["s"])
        && map(&capability["h"]).is_some_and(|h| named(h, &["t"], &[]) && is_text(&h["t"]))
        && map(&capability["p"]).is_some_and(is_payload)
        && capability
            .get("s")
            .is_none_or(|s| map(s).is_some_and(is_signature))
}

fn is_payload(members: &BTreeMap<String, Ipld>) -> bool {
    let always = ["aud", "iat", "iss", "nonce", "domain", "version"];
    let optional = ["exp", "nbf", "requestId", "resources", "statement"];
    named(members, &always, &optional)
        && members.iter().all(|(name, value)| match value {
            Ipld::List(list) => {
                name == "resources" && list.len() <= MAX_RESOURCES && list.iter().all(is_text)
            }
            other => name != "resources" && is_text(other),
        })
}

fn is_signature(members: &BTreeMap<String, Ipld>) -> bool {
    let value = |value: &Ipld| match value {
        Ipld::String(_) | Ipld::Bytes(_) => true,
        Ipld::List(list) => {
            list.len() <= MAX_SIGNATURE_LEN
                && list
                    .iter()
                    .all(|number| matches!(number, Ipld::Integer(0..=255)))
        }
        _ => false,
    };
    named(members, &["s", "t"], &["m"])
        && is_text(&members["t"])
        && value(&members["s"])
        && members.get("m").is_none_or(|m| {
            map(m).is_some_and(|m| named(m, &["aad"], &[]) && matches!(m["aad"], Ipld::Bytes(_)))
        })
}

fn named(map: &BTreeMap<String, Ipld>, always: &[&str], optional: &[&str]) -> bool {
    always.iter().all(|name| map.contains_key(*name))
        && map
            .keys()
            .all(|name| always.contains(&&**name) || optional.contains(&&**name))
}

fn map(value: &Ipld) -> Option<&BTreeMap<String, Ipld>> {
    match value {
        Ipld::Map(map) => Some(map),
        _ => None,
    }
}

fn is_text(value: &Ipld) -> bool {
    matches!(value, Ipld::String(_))
}

/// What a capability holds, told by its getters.
pub(crate) fn value_of(cacao: &Cacao) -> Ipld {
    let payload = cacao.payload();
    let text = |text: &str| Ipld::String(text.to_owned());
    let issuer = payload.issuer().did();
    let list = || payload.resources().map(text).collect();
    let resources = payload.has_resource_list().then(list).map(Ipld::List);
    let payload = [
        ("aud", Some(text(payload.audience()))),
        ("domain", Some(text(payload.domain()))),
        ("exp", payload.expires_at().map(Timestamp::as_str).map(text)),
        ("iat", Some(text(payload.issued_at().as_str()))),
        ("iss", Some(text(&issuer))),
        ("nbf", payload.not_before().map(Timestamp::as_str).map(text)),
        ("nonce", Some(text(payload.nonce()))),
        ("requestId", payload.request_id().map(text)),
        ("resources", resources),
        ("statement", payload.statement().map(text)),
        ("version", Some(text(payload.version()))),
    ];
    let signature = cacao.signature().map(|signature| {
        let value = match signature.value() {
            SignatureValue::Bytes(bytes) => Ipld::Bytes(bytes.to_vec()),
            SignatureValue::Numbers(numbers) => {
                Ipld::List(numbers.iter().map(|n| Ipld::Integer((*n).into())).collect())
            }
            SignatureValue::Text(value) => text(value),
            other => panic!("{other:?} has no reference"),
        };
        let aad = |aad: &[u8]| object([("aad", Some(Ipld::Bytes(aad.to_vec())))]);
        object([
            ("m", signature.aad().map(aad)),
            ("s", Some(value)),
            ("t", Some(text(signature.kind().as_str()))),
        ])
    });
    let header = object([("t", Some(text(cacao.header().as_str())))]);
    object([
        ("h", Some(header)),
        ("p", Some(object(payload))),
        ("s", signature),
    ])
}

fn object<const N: usize>(members: [(&str, Option<Ipld>); N]) -> Ipld {
    let there = members.into_iter();
    Ipld::Map(
        there
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
    )
}
