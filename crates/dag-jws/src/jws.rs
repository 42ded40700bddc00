//! A JWS with exactly one signature, in its serializations.

use crate::error::{Error, Part};
use crate::forms::{JsonForm, SignatureForm, check_len, malformed, read_object};
use crate::header::ProtectedHeader;
use crate::json::deserialize_object;
use crate::limits::{MAX_PAYLOAD_LEN, MAX_SIGNATURE_LEN, base64url_len};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core::fmt;
use core::str::FromStr;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Map, Value};

/// A JSON Web Signature (RFC 7515) with exactly one signature, as it was read or made. It is not
/// verified until [`Jws::verify`] accepts it.
///
/// It is read from the compact form (`header.payload.signature`), from the general JSON form
/// (`{"payload", "signatures": [{"protected", "signature"}]}`) and from the flattened one
/// (`{"payload", "protected", "signature"}`), and written in the first two. Every part is unpadded
/// base64url in its only spelling, so that one JWS has one compact text. A JWS with several
/// signatures is read as [`GeneralJws`](crate::GeneralJws), which gives the one that is picked.
///
/// Only the protected header counts. Of a JSON form, the unprotected `header` and members that
/// RFC 7515 does not know are ignored and not kept (section 7.2.1); a name that appears in both
/// headers is refused.
///
/// ```
/// # let key = didkey::Ed25519SigningKey::from_seed(&[7; 32]);
/// # let input = dag_jws::UnsignedJws::bytes(b"payload")?.prepare(key.did_key())?;
/// # let signature = key.sign(input.as_bytes());
/// # let made = input.finish(signature.as_ref())?;
/// # let text = made.as_compact();
/// use dag_jws::Jws;
///
/// let jws = Jws::parse(text)?;
/// assert_eq!(Jws::parse(&jws.to_general())?, jws);
/// assert_eq!(jws.payload_bytes(), b"payload");
/// # Ok::<_, dag_jws::Error>(())
/// ```
#[derive(Clone)]
pub struct Jws {
    /// The compact form.
    text: String,
    /// Where the payload ends in it.
    payload_end: usize,
    header: ProtectedHeader,
}

impl Jws {
    /// Reads any of the forms.
    ///
    /// # Errors
    /// [`Error::Form`], [`Error::Json`], [`Error::Base64Url`], [`Error::Empty`],
    /// [`Error::HeaderMember`] or [`Error::TooLarge`] when it cannot be read;
    /// [`Error::UnknownAlgorithm`] and [`Error::CriticalHeader`] when its header is refused.
    pub fn parse(text: &str) -> Result<Self, Error> {
        check_len(text)?;
        if text.starts_with('{') {
            return Self::from_object(read_object(text)?);
        }
        let mut parts = text.split('.');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(protected), Some(payload), Some(signature), None) => {
                let header = check_parts(protected, payload, signature)?;
                let payload_end = protected.len() + 1 + payload.len();
                Ok(Self::from_valid(text.to_string(), payload_end, header))
            }
            _ => Err(Error::Form {
                detail: "the compact form has three parts with dots between",
            }),
        }
    }

    /// The protected header.
    #[must_use]
    pub const fn header(&self) -> &ProtectedHeader {
        &self.header
    }

    /// The payload, decoded.
    #[must_use]
    pub fn payload_bytes(&self) -> Vec<u8> {
        decode(self.payload_base64url())
    }

    /// The payload in base64url, as it is signed.
    #[must_use]
    pub fn payload_base64url(&self) -> &str {
        let start = self.protected_base64url().len() + 1;
        self.text.get(start..self.payload_end).unwrap_or_default()
    }

    /// The signature, decoded.
    #[must_use]
    pub fn signature_bytes(&self) -> Vec<u8> {
        decode(self.signature_base64url())
    }

    /// The compact form: `header.payload.signature`.
    #[must_use]
    pub fn as_compact(&self) -> &str {
        &self.text
    }

    /// The compact form, by value.
    #[must_use]
    pub fn to_compact(&self) -> String {
        self.text.clone()
    }

    /// The general JSON form, in one line without spaces.
    #[must_use]
    pub fn to_general(&self) -> String {
        let mut out = String::with_capacity(self.text.len() + 64);
        self.write_general(&mut out);
        out.push('}');
        out
    }

    pub(crate) fn write_general(&self, out: &mut String) {
        // base64url has nothing that JSON escapes
        out.push_str("{\"payload\":\"");
        out.push_str(self.payload_base64url());
        out.push_str("\",\"signatures\":[{\"protected\":\"");
        out.push_str(self.protected_base64url());
        out.push_str("\",\"signature\":\"");
        out.push_str(self.signature_base64url());
        out.push_str("\"}]");
    }

    /// Calls back with the signature, decoded without taking memory for it.
    pub(crate) fn with_signature<T>(&self, judge: impl FnOnce(&[u8]) -> T) -> T {
        let text = self.signature_base64url().as_bytes();
        let mut bytes = [0; MAX_SIGNATURE_LEN];
        // it was decoded once when the JWS was made, and is no longer than this
        let len = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes);
        let len = len.unwrap_or_default();
        judge(bytes.get(..len).unwrap_or_default())
    }

    pub(crate) fn protected_base64url(&self) -> &str {
        self.text
            .split_once('.')
            .map_or("", |(protected, _)| protected)
    }

    pub(crate) fn signature_base64url(&self) -> &str {
        self.text.get(self.payload_end + 1..).unwrap_or_default()
    }

    /// What is signed.
    pub(crate) fn signing_input(&self) -> &[u8] {
        self.text
            .as_bytes()
            .get(..self.payload_end)
            .unwrap_or_default()
    }

    /// `text` is a compact form whose parts are valid, and `header` its header.
    pub(crate) const fn from_valid(
        text: String,
        payload_end: usize,
        header: ProtectedHeader,
    ) -> Self {
        Self {
            text,
            payload_end,
            header,
        }
    }

    pub(crate) fn from_parts(
        protected: &str,
        payload: &str,
        signature: &str,
    ) -> Result<Self, Error> {
        let header = check_parts(protected, payload, signature)?;
        let mut text = String::with_capacity(protected.len() + payload.len() + signature.len() + 2);
        text.push_str(protected);
        text.push('.');
        text.push_str(payload);
        let payload_end = text.len();
        text.push('.');
        text.push_str(signature);
        Ok(Self::from_valid(text, payload_end, header))
    }

    /// The JWS of one signature of a JSON form.
    pub(crate) fn from_form(payload: &str, form: &SignatureForm) -> Result<Self, Error> {
        let jws = Self::from_parts(form.protected()?, payload, &form.signature)?;
        form.check_unprotected(&jws.header)?;
        Ok(jws)
    }

    fn from_object(mut object: Map<String, Value>) -> Result<Self, Error> {
        let form = JsonForm::take(&mut object)?;
        if object.contains_key("link") {
            return Err(malformed("link", "makes it a DagJWS, which is read as one"));
        }
        Self::from_form(&form.payload, form.only()?)
    }
}

impl FromStr for Jws {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

/// Two JWS are equal when their texts are.
impl PartialEq for Jws {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Jws {}

impl fmt::Debug for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Jws").field(&self.text).finish()
    }
}

/// The general JSON form.
impl Serialize for Jws {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Jws", 2)?;
        serialize_members(self, &mut object)?;
        object.end()
    }
}

/// The JSON forms only.
impl<'de> Deserialize<'de> for Jws {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = deserialize_object(deserializer)?;
        Self::from_object(object).map_err(D::Error::custom)
    }
}

pub(crate) fn serialize_members<S: SerializeStruct>(
    jws: &Jws,
    object: &mut S,
) -> Result<(), S::Error> {
    #[derive(serde::Serialize)]
    struct Signature<'a> {
        protected: &'a str,
        signature: &'a str,
    }

    object.serialize_field("payload", jws.payload_base64url())?;
    object.serialize_field(
        "signatures",
        &[Signature {
            protected: jws.protected_base64url(),
            signature: jws.signature_base64url(),
        }],
    )
}

fn check_parts(protected: &str, payload: &str, signature: &str) -> Result<ProtectedHeader, Error> {
    check_part(Part::Payload, payload, MAX_PAYLOAD_LEN)?;
    check_part(Part::Signature, signature, MAX_SIGNATURE_LEN)?;
    if protected.is_empty() {
        return Err(Error::Empty { part: Part::Header });
    }
    ProtectedHeader::from_base64url(protected)
}

/// An empty payload could not be told from a detached one, an empty signature means none.
fn check_part(part: Part, text: &str, limit: usize) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::Empty { part });
    }
    if text.len() > base64url_len(limit) {
        let what = match part {
            Part::Header => "protected header",
            Part::Payload => "payload",
            Part::Signature => "signature",
        };
        return Err(Error::TooLarge { what, limit });
    }
    if is_base64url(text) {
        Ok(())
    } else {
        Err(Error::Base64Url { part })
    }
}

/// Whether a text is base64url in its only spelling, without keeping what it says.
fn is_base64url(text: &str) -> bool {
    // whole groups of four characters, three bytes each
    text.as_bytes().chunks(1024).all(|chunk| {
        let mut bytes = [0; 768];
        URL_SAFE_NO_PAD.decode_slice(chunk, &mut bytes).is_ok()
    })
}

/// Every part was decoded once when the JWS was made.
fn decode(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap_or_default()
}
