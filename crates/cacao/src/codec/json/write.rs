//! Writes JSON with serde, in the member order that the caller names.

use crate::codec::members::{Member, Value};
use crate::model::{Cacao, Payload, Signature, SignatureValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// In which order the members of a capability are written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemberOrder {
    /// Sorted by name, as DAG-JSON has it.
    DagJson,
    /// As a session string holds them: for wallets `domain iat iss aud version nonce nbf exp
    /// statement requestId resources`, for passkeys `domain aud version nonce resources exp nbf
    /// iat iss`.
    Session,
}

/// Serializes a capability, its members in `order`.
pub(super) struct Ordered<'a> {
    pub(super) cacao: &'a Cacao,
    pub(super) order: MemberOrder,
}

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { cacao, order } = self;
        let passkey = cacao.payload().issuer().account().is_none();
        let members: &[Member] = match order {
            MemberOrder::DagJson => &Member::DAG_JSON,
            MemberOrder::Session if passkey => &Member::PASSKEY,
            MemberOrder::Session => &Member::WALLET,
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
        let mut map = serializer.serialize_map(None)?;
        for member in self.members {
            match member.of(self.payload) {
                Some(Value::Text(text)) => map.serialize_entry(member.name(), text)?,
                Some(Value::Issuer(issuer)) => {
                    map.serialize_entry(member.name(), &issuer.did())?;
                }
                Some(Value::List) => map.serialize_entry(member.name(), &List(self.payload))?,
                None => {}
            }
        }
        map.end()
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

/// Bytes as DAG-JSON writes them.
struct ByteString<'a>(&'a [u8]);

impl Serialize for ByteString<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Inner<'a>(&'a [u8]);

        impl Serialize for Inner<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let text = STANDARD_NO_PAD.encode(self.0);
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("bytes", &text)?;
                map.end()
            }
        }

        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("/", &Inner(self.0))?;
        map.end()
    }
}
