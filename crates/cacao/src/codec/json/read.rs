//! Reads JSON with serde into what the model is made of; checks happen there.

use crate::codec::members::Member;
use crate::codec::wire::{Wire, WirePayload, WireSignature};
use crate::limits::{MAX_RESOURCES, MAX_SIGNATURE_LEN};
use crate::model::SignatureValue;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use core::fmt;
use core::marker::PhantomData;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

impl<'de: 'a, 'a> Deserialize<'de> for Wire<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let Capability { h, p, s } = object(d)?;
        Ok(Self {
            header: h.t.0,
            payload: p,
            signature: s.map(|s| WireSignature {
                kind: s.t.0,
                value: s.s,
                aad: s.m.map(|m| m.aad.0.into()),
            }),
        })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Capability<'a> {
    #[serde(borrow, deserialize_with = "object")]
    h: Header<'a>,
    #[serde(borrow)]
    p: WirePayload<'a>,
    #[serde(borrow, default, deserialize_with = "present_object")]
    s: Option<Sealed<'a>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    #[serde(borrow)]
    t: Text<'a>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<'a> {
    #[serde(borrow)]
    t: Text<'a>,
    #[serde(deserialize_with = "signature_value")]
    s: SignatureValue,
    #[serde(default, deserialize_with = "present_object")]
    m: Option<Metadata>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    aad: Bytes,
}

impl<'de: 'a, 'a> Deserialize<'de> for WirePayload<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct PayloadVisitor;

        impl<'de> Visitor<'de> for PayloadVisitor {
            type Value = WirePayload<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut payload = WirePayload::default();
                while let Some(Name(member)) = map.next_key()? {
                    let again = if member == Member::Resources {
                        let Resources(list) = map.next_value()?;
                        payload.resources.replace(list).is_some()
                    } else {
                        let Text(text) = map.next_value()?;
                        payload.text(member).replace(text).is_some()
                    };
                    if again {
                        return Err(de::Error::duplicate_field(member.name()));
                    }
                }
                match payload.missing() {
                    None => Ok(payload),
                    Some(member) => Err(de::Error::missing_field(member.name())),
                }
            }
        }

        d.deserialize_map(PayloadVisitor)
    }
}

/// The name of a member of the payload.
struct Name(Member);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Name, E> {
                let member = Member::from_name(name);
                member
                    .map(Name)
                    .ok_or_else(|| E::unknown_field(name, &Member::NAMES))
            }
        }

        d.deserialize_identifier(NameVisitor)
    }
}

/// Members by name only: what serde derives would also take a list of them in order.
fn object<'de, D, T>(d: D) -> Result<T, D::Error>
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

/// A value that is read by [`object`].
struct Named<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        object(d).map(Self)
    }
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
struct Resources<'a>(Vec<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Resources<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct ListVisitor;

        impl<'de> Visitor<'de> for ListVisitor {
            type Value = Resources<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX_RESOURCES} texts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                // most have a few
                let mut list = Vec::with_capacity(8);
                while let Some(Text(text)) = seq.next_element()? {
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

fn signature_value<'de, D: Deserializer<'de>>(d: D) -> Result<SignatureValue, D::Error> {
    struct ValueVisitor;

    impl<'de> Visitor<'de> for ValueVisitor {
        type Value = SignatureValue;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a signature as text, bytes or a list of bytes")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(SignatureValue::Text(text.into()))
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

/// Bytes in any of the spellings that occur: DAG-JSON, and the two ways in which JavaScript's
/// `JSON.stringify` writes byte arrays.
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct BytesVisitor;

        impl<'de> Visitor<'de> for BytesVisitor {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                bytes_from_map(map, true).map(Bytes)
            }
        }

        d.deserialize_map(BytesVisitor)
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
            let Named(inner) = map.next_value::<Named<DagJsonBytes<'de>>>()?;
            STANDARD_NO_PAD
                .decode(&*inner.bytes)
                .map_err(|_| de::Error::custom("the bytes are not valid unpadded base64"))?
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
