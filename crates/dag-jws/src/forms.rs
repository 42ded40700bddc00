//! The JSON serializations (RFC 7515, section 7.2), taken apart: the payload, and each signature
//! with its headers. Nothing in them is decoded yet.

use crate::error::Error;
use crate::header::ProtectedHeader;
use crate::json::read_unique;
use crate::limits::{MAX_JWS_LEN, MAX_SIGNATURES};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Map, Value};

/// What a JSON form holds, in general (`signatures`) or flattened (`protected`, `signature`).
/// Members that are not known are left out: they must be ignored (section 7.2.1).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonForm {
    pub(crate) payload: String,
    pub(crate) signatures: Vec<SignatureForm>,
}

/// One signature and its headers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SignatureForm {
    protected: Option<String>,
    unprotected: Map<String, Value>,
    pub(crate) signature: String,
}

impl JsonForm {
    /// Takes the members of a JWS out of an object.
    pub(crate) fn take(object: &mut Map<String, Value>) -> Result<Self, Error> {
        let payload = take_text(object, "payload")?;
        let is_flattened = ["protected", "header", "signature"]
            .iter()
            .any(|member| object.contains_key(*member));
        let signatures = match object.remove("signatures") {
            None if is_flattened => Vec::from([SignatureForm::take(object)?]),
            Some(_) if is_flattened => {
                return Err(Error::Form {
                    detail: "it is in the general and in the flattened form at once",
                });
            }
            Some(Value::Array(list)) => Self::take_list(list)?,
            _ => return Err(malformed("signatures", "is not a list")),
        };
        Ok(Self {
            payload,
            signatures,
        })
    }

    fn take_list(list: Vec<Value>) -> Result<Vec<SignatureForm>, Error> {
        if list.len() > MAX_SIGNATURES {
            return Err(Error::Form {
                detail: "it has more signatures than are read",
            });
        }
        list.into_iter()
            .map(|entry| match entry {
                Value::Object(mut entry) => SignatureForm::take(&mut entry),
                _ => Err(malformed("signatures", "is not a list of objects")),
            })
            .collect()
    }

    /// The one signature of a JWS that has no other.
    pub(crate) fn only(&self) -> Result<&SignatureForm, Error> {
        match &self.signatures[..] {
            [only] => Ok(only),
            [] => Err(Error::Form {
                detail: "it has no signature",
            }),
            _ => Err(Error::Form {
                detail: "it has several signatures, of which one must be picked",
            }),
        }
    }
}

impl SignatureForm {
    fn take(object: &mut Map<String, Value>) -> Result<Self, Error> {
        let protected = match object.contains_key("protected") {
            true => Some(take_text(object, "protected")?),
            false => None,
        };
        let unprotected = match object.remove("header") {
            None => Map::new(),
            Some(Value::Object(header)) => header,
            Some(_) => return Err(malformed("header", "is not an object")),
        };
        Ok(Self {
            protected,
            unprotected,
            signature: take_text(object, "signature")?,
        })
    }

    /// The base64url of the protected header.
    pub(crate) fn protected(&self) -> Result<&str, Error> {
        let protected = self.protected.as_deref();
        protected.ok_or_else(|| malformed("protected", "is missing"))
    }

    /// What is not protected has no say, and must not seem to have one: no name stands in both
    /// headers (section 7.2.1), and what asks for extensions stands in the protected one only
    /// (section 4.1.11, and RFC 7797, section 3).
    pub(crate) fn check_unprotected(&self, protected: &ProtectedHeader) -> Result<(), Error> {
        for name in self.unprotected.keys() {
            if name == "crit" {
                return Err(Error::CriticalHeader);
            }
            if name == "b64" {
                return Err(Error::HeaderMember {
                    member: "b64",
                    problem: "is not in the protected header",
                });
            }
            if protected.has(name) {
                return Err(malformed(name, "is in both headers"));
            }
        }
        Ok(())
    }
}

fn take_text(object: &mut Map<String, Value>, member: &str) -> Result<String, Error> {
    match object.remove(member) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(malformed(member, "is not a text")),
    }
}

/// A member is not as it must be.
pub(crate) fn malformed(member: &str, problem: &str) -> Error {
    Error::Json {
        what: "JWS",
        detail: format!("the member {member:?} {problem}"),
    }
}

pub(crate) fn check_len(text: &str) -> Result<(), Error> {
    if text.len() > MAX_JWS_LEN {
        return Err(Error::TooLarge {
            what: "JWS",
            limit: MAX_JWS_LEN,
        });
    }
    Ok(())
}

/// Reads a JSON object without white space around it.
pub(crate) fn read_object(text: &str) -> Result<Map<String, Value>, Error> {
    check_len(text)?;
    let is_bare = text.starts_with('{') && text.ends_with('}');
    match read_unique(text) {
        Ok(Value::Object(object)) if is_bare => Ok(object),
        Err(detail) if is_bare => Err(Error::Json {
            what: "JWS",
            detail,
        }),
        _ => Err(Error::Form {
            detail: "a JSON form begins with { and ends with }",
        }),
    }
}
