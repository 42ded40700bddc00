//! The session string: base64url of a JSON with the key's seed and the capability.
//!
//! Whoever has the string has the session, so every buffer that holds it is wiped.

use crate::base64::decode;
use crate::error::Error;
use crate::key::{ExportableKey, SessionKey};
use crate::store::{Evidence, RecordTag, SessionRecord};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use cacao::{Cacao, MAX_ENCODED_LEN, MemberOrder};
use didkey::Ed25519SigningKey;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The largest number of characters of a session string.
const MAX_LEN: usize = encoded_len(MAX_ENCODED_LEN + 128);
/// The largest number of characters of a session string with evidence.
const MAX_STORED_LEN: usize = encoded_len(MAX_ENCODED_LEN + 128 + Evidence::MAX_LEN);

const fn encoded_len(bytes: usize) -> usize {
    bytes / 3 * 4 + 4
}

/// The form of a session string, as errors tell it.
const FORM: &str = r#"its JSON is not {"sessionKeySeed": …, "cacao": …}"#;

/// Bytes of an Ed25519 seed.
const SEED_LEN: usize = 32;

type Seed = Zeroizing<[u8; SEED_LEN]>;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(rename = "sessionKeySeed", borrow)]
    session_key_seed: Secret<'a>,
    #[serde(borrow)]
    cacao: &'a RawValue,
    /// Of stored ones only.
    #[serde(borrow, default, deserialize_with = "present")]
    evidence: Option<&'a RawValue>,
}

/// A member that is there, even if it is `null`.
fn present<'de, D: Deserializer<'de>>(member: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(member).map(Some)
}

/// A text that is secret: where the JSON has it without escapes, in no other buffer.
enum Secret<'a> {
    Borrowed(&'a str),
    Unescaped(Zeroizing<String>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Secret<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SecretVisitor;

        impl<'de> Visitor<'de> for SecretVisitor {
            type Value = Secret<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Secret::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Secret::Unescaped(Zeroizing::new(text.to_owned())))
            }
        }

        deserializer.deserialize_str(SecretVisitor)
    }
}

impl Secret<'_> {
    /// Reads the 32 bytes of padded base64, and nothing else, to where they stay: what is moved
    /// leaves a copy where it was. Whether that is what it is.
    fn read_to(&self, seed: &mut Seed) -> bool {
        let text = match self {
            Self::Borrowed(text) => text,
            Self::Unescaped(text) => text.as_str(),
        };
        // 32 bytes are padded by one character
        let digits = text.strip_suffix('=');
        let len = digits.map(|digits| STANDARD_NO_PAD.decode_slice(digits, &mut **seed));
        matches!(len, Some(Ok(SEED_LEN)))
    }
}

impl SessionRecord<Ed25519SigningKey> {
    /// Reads a session string without verifying it: neither the signature of the capability nor
    /// that the key is its audience. It is for stores, whose records are judged when they are used;
    /// all other code should use [`DidSession::from_session`](crate::DidSession::from_session).
    ///
    /// # Errors
    /// [`Error::SessionString`] when the text is not a session string, [`Error::Capability`] when
    /// the capability inside cannot be read.
    pub fn from_session_string_unverified(text: &str) -> Result<Self, Error> {
        let (record, evidence) = read(text, MAX_LEN)?;
        match evidence {
            None => Ok(record),
            Some(_) => Err(malformed(FORM)),
        }
    }

    /// Reads what [`to_stored_string`](Self::to_stored_string) writes, a session string that may
    /// have evidence as one more member, without verifying it. It is for stores.
    ///
    /// # Errors
    /// As [`from_session_string_unverified`](Self::from_session_string_unverified), and
    /// [`Error::SessionString`] when the evidence is not valid.
    pub fn from_stored_string_unverified(text: &str) -> Result<Self, Error> {
        let (record, evidence) = read(text, MAX_STORED_LEN)?;
        let evidence = evidence.map(|json| Evidence::from_json(&json)).transpose();
        let evidence = evidence.map_err(|error| malformed(error.to_string()))?;
        Ok(record.with_evidence(evidence))
    }

    /// As [`to_stored_string`](Self::to_stored_string), together with the record's tag; and makes
    /// sure that reading the text gives this record back, so that a store which writes it loses
    /// nothing. **It holds the secret key.**
    ///
    /// # Errors
    /// Those of [`from_stored_string_unverified`](Self::from_stored_string_unverified), and
    /// [`Error::SessionString`] when another record would come back.
    pub fn to_checked_stored_string(&self) -> Result<(Zeroizing<String>, RecordTag), Error> {
        let text = self.to_stored_string();
        let tag = self.tag();
        // the key is not derived from its seed again, which costs more than all the rest
        let mut seed = Seed::default();
        let parts = Parts::read(&text, MAX_STORED_LEN, &mut seed)?;
        let same_key: bool = seed.ct_eq(&*self.key().export_seed()).into();
        let same_evidence = parts.evidence.as_deref() == self.evidence().map(Evidence::as_str);
        if same_key
            && same_evidence
            && RecordTag::of_record(&parts.capability, self.key().did()) == tag
        {
            return Ok((text, tag));
        }
        Err(malformed("another record would be read from it"))
    }
}

/// The record in a session string, and the text of the evidence beside it.
fn read(
    text: &str,
    max_len: usize,
) -> Result<(SessionRecord<Ed25519SigningKey>, Option<String>), Error> {
    let mut seed = Seed::default();
    let parts = Parts::read(text, max_len, &mut seed)?;
    let key = Ed25519SigningKey::from_seed(&seed);
    let record = SessionRecord::new(parts.capability, key);
    Ok((record, parts.evidence))
}

/// What stands in a session string beside the seed.
struct Parts {
    capability: Cacao,
    evidence: Option<String>,
}

impl Parts {
    /// Reads the seed to where its caller keeps it.
    fn read(text: &str, max_len: usize, seed: &mut Seed) -> Result<Self, Error> {
        if text.len() > max_len {
            return Err(malformed(format!("it is longer than {max_len} characters")));
        }
        let json = decode(text.as_bytes())
            .map_err(|error| malformed(format!("it is not valid unpadded base64url: {error}")))?;
        if json.first() != Some(&b'{') {
            return Err(malformed("it does not hold a JSON object"));
        }
        // the decoder's own message could quote the seed: only its position is told
        let wire: Wire<'_> = serde_json::from_slice(&json).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Data => FORM,
                _ => "it does not hold valid JSON",
            };
            malformed(format!("{what} (column {})", error.column()))
        })?;
        if !wire.session_key_seed.read_to(seed) {
            return Err(malformed("sessionKeySeed is not 32 bytes in padded base64"));
        }
        let capability = Cacao::from_json(wire.cacao.get())?;
        let evidence = wire.evidence.map(|json| json.get().to_owned());
        Ok(Self {
            capability,
            evidence,
        })
    }
}

impl<K: ExportableKey> SessionRecord<K> {
    /// Writes the session string. **It holds the secret key**: anyone who reads it has the session.
    /// It does not include evidence.
    #[must_use]
    pub fn to_session_string(&self) -> Zeroizing<String> {
        self.write(None)
    }

    /// Writes the session string with the evidence as one more member, `evidence`, the last; for
    /// stores. Without evidence it is the session string. **It holds the secret key.**
    #[must_use]
    pub fn to_stored_string(&self) -> Zeroizing<String> {
        self.write(self.evidence())
    }

    fn write(&self, evidence: Option<&Evidence>) -> Zeroizing<String> {
        let seed = self.key().export_seed();
        let seed = Zeroizing::new(STANDARD_NO_PAD.encode(seed.as_slice()));
        let capability = self.capability().to_json(MemberOrder::Session);
        let (name, evidence) = match evidence {
            Some(evidence) => (r#","evidence":"#, evidence.as_str()),
            None => ("", ""),
        };
        let room = 112 + capability.len() + evidence.len();
        let mut json = Zeroizing::new(String::with_capacity(room));
        for part in [
            r#"{"sessionKeySeed":""#,
            &seed,
            r#"=","cacao":"#,
            &capability,
            name,
            evidence,
            "}",
        ] {
            json.push_str(part);
        }
        Zeroizing::new(URL_SAFE_NO_PAD.encode(json.as_bytes()))
    }
}

fn malformed(problem: impl Into<String>) -> Error {
    Error::SessionString {
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE64, BASE64URL_NOPAD};

    fn vector() -> String {
        let file = include_str!("../../tests/vectors/sessions.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        file["cases"][0]["session"].as_str().unwrap().to_owned()
    }

    #[test]
    fn evidence_is_stored_and_not_serialized() {
        let session = vector();
        let record = SessionRecord::from_session_string_unverified(&session).unwrap();
        assert_eq!(*record.to_stored_string(), session);
        let evidence = Evidence::from_json(r#"{"block": "0x1", "a":[]}"#).unwrap();
        let record = record.with_evidence(evidence.clone());
        assert_eq!(*record.to_session_string(), session);
        let stored = record.to_stored_string();
        let json = BASE64URL_NOPAD.decode(stored.as_bytes()).unwrap();
        let json = String::from_utf8(json).unwrap();
        assert!(json.ends_with(r#"},"evidence":{"block": "0x1", "a":[]}}"#));

        let back = SessionRecord::from_stored_string_unverified(&stored).unwrap();
        assert_eq!(back.evidence(), Some(&evidence));
        assert_eq!(back.tag(), record.tag());
        let bare = SessionRecord::from_stored_string_unverified(&session).unwrap();
        assert_eq!(bare.evidence(), None);
        // nobody hands evidence in by a session string
        let refused = SessionRecord::from_session_string_unverified(&stored).unwrap_err();
        assert_eq!(refused.code(), "malformed_session");

        for wrong in ["null", "[]", "\"{}\"", "1"] {
            let json = json.replace(r#"{"block": "0x1", "a":[]}"#, wrong);
            let text = BASE64URL_NOPAD.encode(json.as_bytes());
            for read in [
                SessionRecord::from_stored_string_unverified,
                SessionRecord::from_session_string_unverified,
            ] {
                assert_eq!(read(&text).unwrap_err().code(), "malformed_session");
            }
        }
        let twice = json.replace("}}", r#"},"evidence":{}}"#);
        let stranger = json.replace("evidence", "proof");
        for json in [twice, stranger] {
            let text = BASE64URL_NOPAD.encode(json.as_bytes());
            let refused = SessionRecord::from_stored_string_unverified(&text).unwrap_err();
            assert_eq!(refused.code(), "malformed_session");
        }
    }

    #[test]
    fn what_would_come_back_as_another_record_is_refused() {
        let record = SessionRecord::from_session_string_unverified(&vector()).unwrap();
        let (text, tag) = record.to_checked_stored_string().unwrap();
        assert_eq!((&text, tag), (&record.to_stored_string(), record.tag()));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(4_000));
        let record = record.with_evidence(Evidence::from_json(&long).unwrap());
        let (text, _) = record.to_checked_stored_string().unwrap();
        let back = SessionRecord::from_stored_string_unverified(&text).unwrap();
        assert_eq!(back.evidence(), record.evidence());
    }

    #[test]
    fn members_are_named_never_listed() {
        let session = &*vector();
        let json = BASE64URL_NOPAD.decode(session.as_bytes()).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let listed = serde_json::json!([json["sessionKeySeed"], json["cacao"]]).to_string();
        let listed = BASE64URL_NOPAD.encode(listed.as_bytes());
        assert!(SessionRecord::from_session_string_unverified(session).is_ok());
        let error = SessionRecord::from_session_string_unverified(&listed).unwrap_err();
        assert_eq!(error.code(), "malformed_session");
    }

    #[test]
    fn a_seed_is_32_bytes_whose_text_may_have_escapes() {
        let seed = |text: &str| {
            let json = format!("\"{text}\"");
            let secret: Secret<'_> = serde_json::from_str(&json).unwrap();
            let mut seed = Seed::default();
            secret.read_to(&mut seed).then_some(*seed)
        };
        let of = |len: usize| BASE64.encode(&vec![7; len]);
        assert_eq!(seed(&of(32)), Some([7; 32]));
        assert_eq!(seed(&of(32).replace('=', "\\u003d")), Some([7; 32]));
        for len in [0, 30, 31, 33, 34, 35] {
            assert_eq!(seed(&of(len)), None, "{len}");
        }
        for text in [
            of(32).replace('=', ""),
            of(32).replace("c=", "d="),
            "=".repeat(44),
            // padding stands at the end alone
            format!("AAA={}", "B".repeat(40)),
        ] {
            assert_eq!(seed(&text), None, "{text}");
        }
    }
}
