//! Writes the wire form with serde, in the member order that the caller names.

use super::json::MemberOrder;
use crate::model::{Cacao, Payload, Signature, SignatureValue};
use alloc::string::String;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Serializes a capability; text formats get the members in `order`, DAG-CBOR sorts by itself.
pub(super) struct Ordered<'a> {
    pub(super) cacao: &'a Cacao,
    pub(super) order: MemberOrder,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Domain,
    Iat,
    Iss,
    Aud,
    Version,
    Nonce,
    Nbf,
    Exp,
    Statement,
    RequestId,
    Resources,
}

use Member::{Aud, Domain, Exp, Iat, Iss, Nbf, Nonce, RequestId, Resources, Statement, Version};

const SORTED: [Member; 11] = [
    Aud, Domain, Exp, Iat, Iss, Nbf, Nonce, RequestId, Resources, Statement, Version,
];
const WALLET: [Member; 11] = [
    Domain, Iat, Iss, Aud, Version, Nonce, Nbf, Exp, Statement, RequestId, Resources,
];
const PASSKEY: [Member; 11] = [
    Domain, Aud, Version, Nonce, Resources, Exp, Nbf, Iat, Iss, Statement, RequestId,
];

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { cacao, order } = self;
        let passkey = cacao.payload().issuer().account().is_none();
        let members: &[Member] = match order {
            MemberOrder::DagJson => &SORTED,
            MemberOrder::Session if passkey => &PASSKEY,
            MemberOrder::Session => &WALLET,
        };
        let mut map =
            serializer.serialize_map(Some(2 + usize::from(cacao.signature().is_some())))?;
        map.serialize_entry("h", &Header(cacao.header().as_str()))?;
        map.serialize_entry(
            "p",
            &OrderedPayload {
                payload: cacao.payload(),
                members,
            },
        )?;
        if let Some(signature) = cacao.signature() {
            map.serialize_entry(
                "s",
                &OrderedSignature {
                    signature,
                    order: *order,
                },
            )?;
        }
        map.end()
    }
}

struct Header(&'static str);

impl Serialize for Header {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("t", self.0)?;
        map.end()
    }
}

struct OrderedPayload<'a> {
    payload: &'a Payload,
    members: &'a [Member],
}

impl Serialize for OrderedPayload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let p = self.payload;
        let optional = [
            p.not_before().is_some(),
            p.expires_at().is_some(),
            p.statement().is_some(),
            p.request_id().is_some(),
            p.has_resource_list(),
        ];
        let len = 6 + optional.iter().filter(|there| **there).count();
        let mut map = serializer.serialize_map(Some(len))?;
        for member in self.members {
            let (name, text) = match member {
                Domain => ("domain", Some(p.domain())),
                Iat => ("iat", Some(p.issued_at().as_str())),
                Iss => {
                    map.serialize_entry("iss", &DisplayText(p.issuer()))?;
                    continue;
                }
                Aud => ("aud", Some(p.audience())),
                Version => ("version", Some(p.version())),
                Nonce => ("nonce", Some(p.nonce())),
                Nbf => ("nbf", p.not_before().map(crate::Timestamp::as_str)),
                Exp => ("exp", p.expires_at().map(crate::Timestamp::as_str)),
                Statement => ("statement", p.statement()),
                RequestId => ("requestId", p.request_id()),
                Resources => {
                    if p.has_resource_list() {
                        map.serialize_entry("resources", &List(p))?;
                    }
                    continue;
                }
            };
            if let Some(text) = text {
                map.serialize_entry(name, text)?;
            }
        }
        map.end()
    }
}

struct DisplayText<'a>(&'a crate::Issuer);

impl Serialize for DisplayText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

struct List<'a>(&'a Payload);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.resources())
    }
}

struct OrderedSignature<'a> {
    signature: &'a Signature,
    order: MemberOrder,
}

impl Serialize for OrderedSignature<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let signature = self.signature;
        let metadata = signature.aad().map(|aad| Metadata(ByteString(aad)));
        let mut map = serializer.serialize_map(Some(2 + usize::from(metadata.is_some())))?;
        // sorted, m comes first and s before t; sessions have t, s, m
        let session = matches!(self.order, MemberOrder::Session);
        if session {
            map.serialize_entry("t", signature.kind().as_str())?;
        } else if let Some(metadata) = &metadata {
            map.serialize_entry("m", metadata)?;
        }
        match signature.value() {
            SignatureValue::Text(text) => map.serialize_entry("s", &**text)?,
            SignatureValue::Bytes(bytes) => map.serialize_entry("s", &ByteString(bytes))?,
            SignatureValue::Numbers(bytes) => map.serialize_entry("s", &**bytes)?,
        }
        if !session {
            map.serialize_entry("t", signature.kind().as_str())?;
        } else if let Some(metadata) = &metadata {
            map.serialize_entry("m", metadata)?;
        }
        map.end()
    }
}

struct Metadata<'a>(ByteString<'a>);

impl Serialize for Metadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("aad", &self.0)?;
        map.end()
    }
}

/// CBOR bytes; in JSON what DAG-JSON writes for them.
struct ByteString<'a>(&'a [u8]);

impl Serialize for ByteString<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Inner<'a>(&'a [u8]);

        impl Serialize for Inner<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let text: String = data_encoding::BASE64_NOPAD.encode(self.0);
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("bytes", &text)?;
                map.end()
            }
        }

        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(self.0);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("/", &Inner(self.0))?;
        map.end()
    }
}
