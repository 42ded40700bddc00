//! What the browser said (WebAuthn, section 5.8.1).

use crate::error::Error;
use crate::json_values::AnyValue;
use alloc::collections::BTreeSet;
use alloc::string::String;
use core::fmt;
use serde::de::{self, MapAccess, Visitor};

/// The members of `clientDataJSON` that are judged; others may stand there, once each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientData {
    pub(super) challenge: String,
    pub(super) origin: String,
    pub(super) cross_origin: bool,
    pub(super) top_origin: Option<String>,
}

impl ClientData {
    /// Reads the client data of an assertion.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(json).map_err(|_| {
            Error::MalformedSignature(
                "clientDataJSON is not valid JSON of a webauthn.get with challenge and origin",
            )
        })
    }
}

impl<'de> serde::Deserialize<'de> for ClientData {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClientDataVisitor)
    }
}

struct ClientDataVisitor;

impl<'de> Visitor<'de> for ClientDataVisitor {
    type Value = ClientData;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the client data of an assertion")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ClientData, A::Error> {
        let (mut kind, mut challenge, mut origin) = (None, None, None);
        let (mut cross_origin, mut top_origin) = (None, None);
        let mut seen = BTreeSet::new();
        while let Some(member) = map.next_key::<String>()? {
            match &*member {
                "type" => kind = Some(map.next_value::<String>()?),
                "challenge" => challenge = Some(map.next_value()?),
                "origin" => origin = Some(map.next_value()?),
                "crossOrigin" => cross_origin = Some(map.next_value()?),
                "topOrigin" => top_origin = Some(map.next_value()?),
                _ => {
                    // read as strictly as the others: what is skipped may be no Unicode at all
                    map.next_value::<AnyValue>()?;
                }
            }
            // two readers may differ on which of two members counts
            if !seen.insert(member) {
                return Err(de::Error::custom("a member stands there twice"));
            }
        }
        if kind.as_deref() != Some("webauthn.get") {
            return Err(de::Error::custom("the type is not webauthn.get"));
        }
        Ok(ClientData {
            challenge: challenge.ok_or(de::Error::missing_field("challenge"))?,
            origin: origin.ok_or(de::Error::missing_field("origin"))?,
            cross_origin: cross_origin.unwrap_or(false),
            top_origin,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str =
        r#"{"type":"webauthn.get","challenge":"AA","origin":"https://a","crossOrigin":false}"#;

    #[test]
    fn members() {
        let read = ClientData::from_json(WHOLE.as_bytes()).unwrap();
        assert_eq!((&*read.challenge, &*read.origin), ("AA", "https://a"));
        assert!(!read.cross_origin);
        let more = WHOLE.replace("false}", r#"true,"topOrigin":"https://b","x":[{}]}"#);
        assert!(ClientData::from_json(more.as_bytes()).unwrap().cross_origin);
        let fewer = WHOLE.replace(r#","crossOrigin":false"#, "");
        assert!(
            !ClientData::from_json(fewer.as_bytes())
                .unwrap()
                .cross_origin
        );
    }

    #[test]
    fn what_is_refused() {
        for (from, to) in [
            ("webauthn.get", "webauthn.create"),
            ("webauthn.get", "WebAuthn.get"),
            (r#""type":"webauthn.get","#, ""),
            (r#""challenge":"AA","#, ""),
            (r#","origin":"https://a""#, ""),
            ("\"AA\"", "1"),
            ("false", "\"no\""),
            ("false}", r#"false,"challenge":"BB"}"#),
            ("false}", r#"false,"\u0063hallenge":"BB"}"#),
            ("false}", r#"false,"x":1,"x":1}"#),
            ("false}", r#"false,"x":1e400}"#),
            ("false}", r#"false,"x":"\ud83d"}"#),
            ("false}", "false} {}"),
            ("{", "\u{feff}{"),
            ("false}", "false"),
        ] {
            let changed = WHOLE.replacen(from, to, 1);
            assert_ne!(changed, WHOLE);
            assert!(
                ClientData::from_json(changed.as_bytes()).is_err(),
                "{changed}"
            );
        }
        assert!(ClientData::from_json(b"").is_err());
        assert!(ClientData::from_json(b"[]").is_err());
        assert!(ClientData::from_json(b"\xff").is_err());
        // in a member that is not looked at
        for bad in [&b"\xff"[..], b"\\ud800", b"\x0a"] {
            let more = [WHOLE.replace('}', r#","x":""#).as_bytes(), bad, b"\"}"].concat();
            assert!(ClientData::from_json(&more).is_err(), "{bad:x?}");
        }
    }
}
