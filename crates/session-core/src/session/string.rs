//! The session string: base64url of a JSON with the key's seed and the capability.
//!
//! Whoever has the string has the session, so every buffer that holds it is wiped.

use crate::error::Error;
use crate::key::ExportableKey;
use crate::store::SessionRecord;
use cacao::{Cacao, MAX_ENCODED_LEN, MemberOrder};
use data_encoding::{BASE64, BASE64URL_NOPAD, DecodeError, Encoding};
use didkey::Ed25519SigningKey;
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// Most characters of a session string.
const MAX_LEN: usize = (MAX_ENCODED_LEN + 128) / 3 * 4 + 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(rename = "sessionKeySeed")]
    session_key_seed: Zeroizing<String>,
    #[serde(borrow)]
    cacao: &'a RawValue,
}

impl SessionRecord<Ed25519SigningKey> {
    /// Reads a session string and proves nothing: neither the signature of the capability nor
    /// that the key is its audience. For stores, whose records are judged when they are used;
    /// everybody else wants [`DidSession::from_session`](crate::DidSession::from_session).
    ///
    /// # Errors
    /// [`Error::SessionString`] when the text is no session string, [`Error::Capability`] when
    /// the capability inside cannot be read.
    pub fn from_session_string_unverified(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_LEN {
            return Err(malformed(format!("it is longer than {MAX_LEN} characters")));
        }
        let json = decode(&BASE64URL_NOPAD, text.as_bytes()).map_err(|error| {
            malformed(format!(
                "no unpadded base64url: {:?} at {}",
                error.kind, error.position
            ))
        })?;
        if json.first() != Some(&b'{') {
            return Err(malformed("it holds no JSON object"));
        }
        // the decoder's own message could quote the seed: only its position is told
        let wire: Wire<'_> = serde_json::from_slice(&json).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Data => {
                    "its JSON is not {\"sessionKeySeed\": …, \"cacao\": …}"
                }
                _ => "it holds no JSON",
            };
            malformed(format!("{what} (column {})", error.column()))
        })?;
        let seed = decode(&BASE64, wire.session_key_seed.as_bytes())
            .map_err(|_| malformed("sessionKeySeed is no padded base64"))?;
        let seed = <&[u8; 32]>::try_from(seed.as_slice())
            .map_err(|_| malformed(format!("sessionKeySeed has {} bytes, not 32", seed.len())))?;
        let key = Ed25519SigningKey::from_seed(seed);
        let capability = Cacao::from_json(wire.cacao.get())?;
        Ok(Self::new(capability, key))
    }
}

impl<K: ExportableKey> SessionRecord<K> {
    /// Writes the session string. **It holds the secret key**: whoever reads it has the session.
    #[must_use]
    pub fn to_session_string(&self) -> Zeroizing<String> {
        let seed = self.key().export_seed();
        let seed = Zeroizing::new(BASE64.encode(seed.as_slice()));
        let capability = self.capability().to_json(MemberOrder::Session);
        let mut json = Zeroizing::new(String::with_capacity(96 + capability.len()));
        for part in [
            r#"{"sessionKeySeed":""#,
            &seed,
            r#"","cacao":"#,
            &capability,
            "}",
        ] {
            json.push_str(part);
        }
        Zeroizing::new(BASE64URL_NOPAD.encode(json.as_bytes()))
    }
}

/// Decodes into a buffer that is wiped even when the text ends badly: by then most of a secret may
/// stand in it.
fn decode(encoding: &Encoding, text: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    let mut bytes = Zeroizing::new(vec![0; encoding.decode_len(text.len())?]);
    let len = encoding
        .decode_mut(text, &mut bytes)
        .map_err(|partial| partial.error)?;
    bytes.truncate(len);
    Ok(bytes)
}

fn malformed(problem: impl Into<String>) -> Error {
    Error::SessionString {
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_named_never_listed() {
        let file = include_str!("../../tests/vectors/sessions.json");
        let file: serde_json::Value = serde_json::from_str(file).unwrap();
        let session = file["cases"][0]["session"].as_str().unwrap();
        let json = BASE64URL_NOPAD.decode(session.as_bytes()).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let listed = serde_json::json!([json["sessionKeySeed"], json["cacao"]]).to_string();
        let listed = BASE64URL_NOPAD.encode(listed.as_bytes());
        assert!(SessionRecord::from_session_string_unverified(session).is_ok());
        let error = SessionRecord::from_session_string_unverified(&listed).unwrap_err();
        assert_eq!(error.code(), "malformed_session");
    }
}
