//! Reads the wire form with serde, whatever the format; checks happen in the model.

use crate::caip::Issuer;
use crate::error::{Error, Field, Problem};
use crate::limits::{MAX_RESOURCES, MAX_SIGNATURE_LEN};
use crate::model::{Cacao, HeaderType, Payload, Signature, SignatureKind, SignatureValue};
use crate::time::Timestamp;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wire<'a> {
    #[serde(borrow, deserialize_with = "object")]
    h: WireHeader<'a>,
    #[serde(borrow, deserialize_with = "object")]
    p: WirePayload<'a>,
    #[serde(borrow, default, deserialize_with = "present_object")]
    s: Option<WireSignature<'a>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireHeader<'a> {
    #[serde(borrow)]
    t: Text<'a>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WirePayload<'a> {
    #[serde(borrow)]
    domain: Text<'a>,
    #[serde(borrow)]
    iss: Text<'a>,
    #[serde(borrow)]
    aud: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
    #[serde(borrow)]
    nonce: Text<'a>,
    #[serde(borrow)]
    iat: Text<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    nbf: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    exp: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    statement: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present", rename = "requestId")]
    request_id: Option<Text<'a>>,
    #[serde(default, deserialize_with = "present")]
    resources: Option<Resources>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature<'a> {
    #[serde(borrow)]
    t: Text<'a>,
    s: SignatureValue,
    #[serde(default, deserialize_with = "present_object")]
    m: Option<WireMetadata>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireMetadata {
    aad: Bytes,
}

impl Wire<'_> {
    pub(super) fn into_cacao(self) -> Result<Cacao, Error> {
        let header = HeaderType::from_name(&self.h.t)?;
        let payload = self.p.into_payload()?;
        let signature = match self.s {
            None => None,
            Some(s) => {
                let kind = SignatureKind::new(&s.t)?;
                let aad = s.m.map(|m| m.aad.0.into_boxed_slice());
                Some(Signature::new(kind, s.s, aad)?)
            }
        };
        Ok(Cacao::new(header, payload, signature))
    }
}

impl WirePayload<'_> {
    fn into_payload(self) -> Result<Payload, Error> {
        if &*self.version != Payload::VERSION {
            return Err(Error::field(Field::Version, Problem::Unregistered));
        }
        let issuer =
            Issuer::from_did(&self.iss).map_err(|problem| Error::field(Field::Issuer, problem))?;
        let issued_at = date(Field::IssuedAt, &self.iat)?;
        let mut builder = Payload::builder(&self.domain, issuer, &self.aud, &self.nonce, issued_at);
        if let Some(nbf) = &self.nbf {
            builder = builder.not_before(date(Field::NotBefore, nbf)?);
        }
        if let Some(exp) = &self.exp {
            builder = builder.expires_at(date(Field::ExpiresAt, exp)?);
        }
        if let Some(statement) = &self.statement {
            builder = builder.statement(statement);
        }
        if let Some(request_id) = &self.request_id {
            builder = builder.request_id(request_id);
        }
        if let Some(resources) = self.resources {
            builder = builder.resources(resources.0);
        }
        builder.build()
    }
}

fn date(field: Field, text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|error| match error {
        Error::Value { problem, .. } => Error::Field { field, problem },
        other => other,
    })
}

/// A member that is there must have a value: null is not the same as absent.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// Members by name only: what serde derives would also take a list of them in order.
pub(super) fn object<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct ObjectVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    d.deserialize_map(ObjectVisitor(PhantomData))
}

fn present_object<'de, D, T>(d: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    object(d).map(Some)
}

/// A text, borrowed from the input where the format allows it.
struct Text<'a>(Cow<'a, str>);

impl core::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.into())))
            }

            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }

        d.deserialize_str(TextVisitor)
    }
}

/// The resource list; stops reading at the bound.
struct Resources(Vec<Box<str>>);

impl<'de> Deserialize<'de> for Resources {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct ListVisitor;

        impl<'de> Visitor<'de> for ListVisitor {
            type Value = Resources;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX_RESOURCES} texts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(text) = seq.next_element::<Box<str>>()? {
                    if list.len() == MAX_RESOURCES {
                        return Err(de::Error::invalid_length(list.len() + 1, &self));
                    }
                    list.push(text);
                }
                Ok(Resources(list))
            }
        }

        d.deserialize_seq(ListVisitor)
    }
}

impl<'de> Deserialize<'de> for SignatureValue {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct ValueVisitor;

        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = SignatureValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a signature as text, bytes or a list of bytes")
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(SignatureValue::Text(text.into()))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(SignatureValue::Bytes(bytes.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                Ok(SignatureValue::Numbers(numbers(seq)?.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Ok(SignatureValue::Bytes(bytes_from_map(map, false)?.into()))
            }
        }

        d.deserialize_any(ValueVisitor)
    }
}

/// Bytes in any of the spellings that occur: CBOR bytes, DAG-JSON, and the two ways in which
/// JavaScript's `JSON.stringify` writes byte arrays.
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct BytesVisitor;

        impl<'de> Visitor<'de> for BytesVisitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Bytes(bytes.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                bytes_from_map(map, true).map(Bytes)
            }
        }

        d.deserialize_any(BytesVisitor)
    }
}

fn numbers<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Vec<u8>, A::Error> {
    let mut bytes = Vec::new();
    while let Some(byte) = seq.next_element::<u8>()? {
        if bytes.len() == MAX_SIGNATURE_LEN {
            return Err(de::Error::custom("too many numbers"));
        }
        bytes.push(byte);
    }
    Ok(bytes)
}

/// A list of numbers, for use inside a map.
struct Numbers(Vec<u8>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct NumbersVisitor;

        impl<'de> Visitor<'de> for NumbersVisitor {
            type Value = Numbers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of bytes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                numbers(seq).map(Numbers)
            }
        }

        d.deserialize_seq(NumbersVisitor)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DagJsonBytes<'a> {
    #[serde(borrow)]
    bytes: Text<'a>,
}

/// `{"/": {"bytes": "…"}}`; where `loose`, also `{"type": "Buffer", "data": […]}` and
/// `{"0": …, "1": …}`.
fn bytes_from_map<'de, A: MapAccess<'de>>(mut map: A, loose: bool) -> Result<Vec<u8>, A::Error> {
    let unknown = || de::Error::custom("bytes are written {\"/\": {\"bytes\": …}}");
    let Some(first) = map.next_key::<Text<'de>>()? else {
        return Err(unknown());
    };
    let bytes = match &*first {
        "/" => {
            let inner: DagJsonBytes<'_> = map.next_value()?;
            data_encoding::BASE64_NOPAD
                .decode(inner.bytes.as_bytes())
                .map_err(|_| de::Error::custom("the bytes are no unpadded base64"))?
        }
        "type" if loose => {
            if &*map.next_value::<Text<'de>>()? != "Buffer" {
                return Err(unknown());
            }
            match map.next_key::<Text<'de>>()? {
                Some(key) if &*key == "data" => map.next_value::<Numbers>()?.0,
                _ => return Err(unknown()),
            }
        }
        "0" if loose => {
            let mut bytes = Vec::from([map.next_value::<u8>()?]);
            while let Some(key) = map.next_key::<Text<'de>>()? {
                // one index has one text: none of "01" and "+1", which parse
                let is_next =
                    key.starts_with(|c| matches!(c, '1'..='9')) && key.parse() == Ok(bytes.len());
                if !is_next || bytes.len() == MAX_SIGNATURE_LEN {
                    return Err(unknown());
                }
                bytes.push(map.next_value()?);
            }
            return Ok(bytes);
        }
        _ => return Err(unknown()),
    };
    match map.next_key::<Text<'de>>()? {
        None => Ok(bytes),
        Some(_) => Err(unknown()),
    }
}
