//! Making a JWS in two steps, so that keys that sign at once and keys that answer later both fit:
//! prepare gives the bytes to sign, finish takes the signature.

use crate::error::{Error, Part};
use crate::header::ProtectedHeader;
use crate::json::{StrictJson, to_ecmascript};
use crate::jws::Jws;
use crate::limits::{MAX_PAYLOAD_LEN, base64url_len, decoded_len};
use crate::template::HeaderTemplate;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cid::Cid;
use didkey::DidKey;
use serde_json::{Map, Value};

/// A payload and header members that wait for a key.
///
/// ```
/// use dag_jws::UnsignedJws;
/// use didkey::Ed25519SigningKey;
///
/// let key = Ed25519SigningKey::from_seed(&[7; 32]);
/// let input = UnsignedJws::object(&serde_json::json!({ "hello": "world" }))?
///     .with_header_member("typ", "JWT")
///     .prepare(key.did_key())?;
/// let signature = key.sign(input.as_bytes());
/// let jws = input.finish(signature.as_ref())?;
/// assert_eq!(jws.payload_bytes(), br#"{"hello":"world"}"#);
/// # Ok::<_, dag_jws::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct UnsignedJws {
    payload: Payload,
    algorithm_name: Option<String>,
    capability: Option<Cid>,
    /// `None` where there are none, so that nothing is taken for them.
    members: Option<Box<Map<String, Value>>>,
}

#[derive(Clone, Debug)]
enum Payload {
    Bytes(Vec<u8>),
    Base64Url(String),
}

impl UnsignedJws {
    /// A JSON payload, read strictly by [`StrictJson`]: what is signed is what was given. It is
    /// written as [`object`](Self::object) does.
    ///
    /// ```
    /// use dag_jws::UnsignedJws;
    ///
    /// assert!(UnsignedJws::json(r#"{"amount": 0.1}"#).is_ok());
    /// assert!(UnsignedJws::json(r#"{"amount": 0.1000000000000000055}"#).is_err());
    /// assert!(UnsignedJws::json(r#"{"amount": 1, "amount": 1000}"#).is_err());
    /// ```
    ///
    /// # Errors
    /// As [`StrictJson::parse`] and [`object`](Self::object).
    pub fn json(text: &str) -> Result<Self, Error> {
        Self::object(StrictJson::parse(text)?.value())
    }

    /// A JSON value, serialized as ECMAScript does after sorting: members that look like array
    /// indices first, ascending, then the others in the order of their UTF-16 code units, at
    /// every depth; numbers as `Number::toString`; no white space. If you have a text, pass it to
    /// [`json`](Self::json), since a value no longer shows what was lost when it was read.
    ///
    /// # Errors
    /// [`Error::Value`] for a text, which is ambiguous: choose [`base64url`](Self::base64url) or
    /// [`bytes`](Self::bytes). [`Error::InexactInteger`] for an integer whose digits ECMAScript
    /// would change, [`Error::TooDeep`], [`Error::TooLarge`].
    pub fn object(value: &Value) -> Result<Self, Error> {
        if value.is_string() {
            return Err(Error::Value {
                detail: "a text may be base64url or plain: hand it over as one of the two",
            });
        }
        Self::from_payload(Payload::Bytes(to_ecmascript(value)?.into_bytes()))
    }

    /// A payload that is base64url already, unpadded.
    ///
    /// # Errors
    /// [`Error::Base64Url`], [`Error::Empty`], [`Error::TooLarge`].
    pub fn base64url(text: &str) -> Result<Self, Error> {
        let part = Part::Payload;
        // decoded only to be checked: trailing bits and length say whether it is canonical
        check_payload_len(decoded_len(text.len()).unwrap_or(text.len()))?;
        URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| Error::Base64Url { part })?;
        Self::from_payload(Payload::Base64Url(text.to_string()))
    }

    /// A payload of any bytes.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::TooLarge`].
    pub fn bytes(bytes: &[u8]) -> Result<Self, Error> {
        check_payload_len(bytes.len())?;
        Self::from_payload(Payload::Bytes(bytes.to_vec()))
    }

    /// An empty payload is refused: it could not be told from a detached one (RFC 7515,
    /// appendix F).
    fn from_payload(payload: Payload) -> Result<Self, Error> {
        let len = match &payload {
            Payload::Bytes(bytes) => bytes.len(),
            Payload::Base64Url(text) => text.len() / 4 * 3,
        };
        check_payload_len(len)?;
        let empty = match &payload {
            Payload::Bytes(bytes) => bytes.is_empty(),
            Payload::Base64Url(text) => text.is_empty(),
        };
        if empty {
            return Err(Error::Empty {
                part: Part::Payload,
            });
        }
        Ok(Self {
            payload,
            algorithm_name: None,
            capability: None,
            members: None,
        })
    }

    /// Adds a member to the protected header. `alg`, `kid` and `cap` cannot be chosen: values that
    /// are given here for them are dropped.
    pub fn with_header_member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let members = self.members.get_or_insert_default();
        members.insert(name.into(), value.into());
        self
    }

    /// Signs under the capability with this CID (header `cap`).
    pub fn with_capability(mut self, cid: &Cid) -> Self {
        self.capability = Some(*cid);
        self
    }

    /// Writes `alg` with this name of the key's algorithm. For keys on Ed25519 it may be
    /// `Ed25519` (RFC 9864), which not every reader knows yet, instead of `EdDSA`.
    pub fn with_algorithm_name(mut self, name: impl Into<String>) -> Self {
        self.algorithm_name = Some(name.into());
        self
    }

    /// The bytes that the key must sign.
    ///
    /// # Errors
    /// [`Error::CannotSign`] for keys of a type that does not sign, [`Error::HeaderMember`] for a
    /// name that is not one of the key's algorithm, [`Error::CriticalHeader`] when a member is
    /// called `crit` and [`Error::UnencodedPayload`] when `b64` is false,
    /// [`Error::InexactInteger`] and [`Error::TooLarge`] for header members.
    pub fn prepare(self, key: &DidKey) -> Result<SigningInput, Error> {
        self.prepare_with(&HeaderTemplate::new(key)?)
    }

    /// As [`prepare`](Self::prepare), with a header that was computed before; members set here are
    /// added to it.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare); [`Error::CapabilityMismatch`] when the capability set here
    /// is not that of the header.
    pub fn prepare_with(self, template: &HeaderTemplate) -> Result<SigningInput, Error> {
        let name = self.algorithm_name.as_deref();
        let template = template.extended(name, self.capability, self.members)?;
        let header = template.header().clone();
        let protected = template.base64url();
        let payload_len = match &self.payload {
            Payload::Bytes(bytes) => base64url_len(bytes.len()),
            Payload::Base64Url(text) => text.len(),
        };
        let signature_len = header.algorithm().signature_length();
        let total = protected.len() + payload_len + base64url_len(signature_len) + 2;
        let mut text = String::with_capacity(total);
        text.push_str(protected);
        text.push('.');
        match &self.payload {
            Payload::Bytes(bytes) => URL_SAFE_NO_PAD.encode_string(bytes, &mut text),
            Payload::Base64Url(payload) => text.push_str(payload),
        }
        Ok(SigningInput { text, header })
    }
}

fn check_payload_len(len: usize) -> Result<(), Error> {
    if len > MAX_PAYLOAD_LEN {
        return Err(Error::TooLarge {
            what: "payload",
            limit: MAX_PAYLOAD_LEN,
        });
    }
    Ok(())
}

/// What must be signed: header and payload in base64url with a dot between (RFC 7515,
/// section 5.1).
#[derive(Clone, Debug)]
pub struct SigningInput {
    text: String,
    header: ProtectedHeader,
}

impl SigningInput {
    /// The bytes that the key must sign, with the algorithm that the header names.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The header that is signed.
    #[must_use]
    pub const fn header(&self) -> &ProtectedHeader {
        &self.header
    }

    /// The JWS with this signature. [`Jws::verify`] decides whether the signature is the key's.
    ///
    /// # Errors
    /// [`Error::Signature`] when it does not have the exact length of the algorithm.
    pub fn finish(mut self, signature: &[u8]) -> Result<Jws, Error> {
        let algorithm = self.header.algorithm();
        let expected = algorithm.signature_length();
        if signature.len() != expected {
            return Err(Error::Signature(didkey::Error::SignatureLength {
                algorithm,
                length: signature.len(),
                expected,
            }));
        }
        let payload_end = self.text.len();
        self.text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut self.text);
        Ok(Jws::from_valid(self.text, payload_end, self.header))
    }
}
