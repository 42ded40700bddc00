//! The protected header: which key signed, by which algorithm, under which capability.

use crate::error::{Error, Part};
use crate::json::{read_strict, to_ecmascript};
use crate::limits::MAX_HEADER_LEN;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use cid::Cid;
use didkey::{Algorithm, DidKey};
use serde_json::{Map, Value};

/// What stands before a capability's CID in `cap`.
const CAP_SCHEME: &str = "ipfs://";
/// Multicodec of dag-cbor.
const DAG_CBOR: u64 = 0x71;

/// The protected header of a JWS (RFC 7515, section 4). It is signed.
///
/// `alg` and `kid` are always there, `crit` never is: no extension is known. Members that are not
/// known are kept, and mean nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct ProtectedHeader {
    algorithm: Algorithm,
    key_id: Box<str>,
    capability: Option<Cid>,
    others: Map<String, Value>,
}

impl ProtectedHeader {
    /// `alg`: the signature algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid`: the DID URL of the key, as it stands.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// `cap`: the CID of the capability under which the key signed.
    #[must_use]
    pub const fn capability(&self) -> Option<&Cid> {
        self.capability.as_ref()
    }

    /// A member other than `alg`, `kid` and `cap`.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.others.get(name)
    }

    /// Every member other than `alg`, `kid` and `cap`.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.others
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The key that `kid` names: the only accepted form is `<did:key>#<its fingerprint>`.
    ///
    /// # Errors
    /// [`Error::KeyId`] when it names no `did:key`, [`Error::KeyIdFragment`] when the fragment is
    /// not that key's.
    pub fn key(&self) -> Result<DidKey, Error> {
        let (did, fragment) = self.key_id.split_once('#').ok_or(Error::KeyIdFragment)?;
        let key: DidKey = did.parse().map_err(Error::KeyId)?;
        if fragment != key.fingerprint() {
            return Err(Error::KeyIdFragment);
        }
        Ok(key)
    }

    /// The header that a key signs with; `alg`, `kid` and `cap` among `others` are dropped, since
    /// they are not the caller's to choose.
    pub(crate) fn new(
        key: &DidKey,
        capability: Option<Cid>,
        mut others: Map<String, Value>,
    ) -> Result<Self, Error> {
        let key_type = key.key_type();
        let algorithm = key_type.algorithm().ok_or(Error::CannotSign { key_type })?;
        for own in ["alg", "kid", "cap"] {
            others.remove(own);
        }
        if others.contains_key("crit") {
            return Err(Error::CriticalHeader);
        }
        if capability.is_some_and(|cid| !is_capability(&cid)) {
            return Err(Error::HeaderMember {
                member: "cap",
                problem: NOT_A_CAPABILITY,
            });
        }
        Ok(Self {
            algorithm,
            key_id: key.key_id().into_boxed_str(),
            capability,
            others,
        })
    }

    /// The JSON that is signed: members sorted, no white space.
    pub(crate) fn to_json(&self) -> Result<String, Error> {
        let mut all = self.others.clone();
        all.insert("alg".to_string(), self.algorithm.name().into());
        all.insert("kid".to_string(), (&*self.key_id).into());
        if let Some(cid) = &self.capability {
            all.insert("cap".to_string(), format!("{CAP_SCHEME}{cid}").into());
        }
        let json = to_ecmascript(&Value::Object(all))?;
        if json.len() > MAX_HEADER_LEN {
            return Err(TOO_LARGE);
        }
        Ok(json)
    }

    /// Reads the base64url of a header.
    pub(crate) fn from_base64url(text: &str) -> Result<Self, Error> {
        let part = Part::Header;
        if text.len() > MAX_HEADER_LEN.div_ceil(3) * 4 {
            return Err(TOO_LARGE);
        }
        let bytes = data_encoding::BASE64URL_NOPAD
            .decode(text.as_bytes())
            .map_err(|_| Error::Base64Url { part })?;
        let malformed = |detail: String| Error::Json {
            what: "protected header",
            detail,
        };
        let json = String::from_utf8(bytes).map_err(|_| malformed("it is no UTF-8".to_string()))?;
        match read_strict(&json).map_err(malformed)? {
            Value::Object(members) => Self::from_members(members),
            _ => Err(malformed("it is no object".to_string())),
        }
    }

    fn from_members(mut members: Map<String, Value>) -> Result<Self, Error> {
        if members.contains_key("crit") {
            return Err(Error::CriticalHeader);
        }
        let algorithm = take_text(&mut members, "alg")?.ok_or(MISSING_ALG)?;
        let key_id = take_text(&mut members, "kid")?.ok_or(MISSING_KID)?;
        let capability = match take_text(&mut members, "cap")? {
            None => None,
            Some(text) => Some(read_capability(&text).ok_or(Error::HeaderMember {
                member: "cap",
                problem: NOT_A_CAPABILITY,
            })?),
        };
        Ok(Self {
            algorithm: Algorithm::from_name(&algorithm).map_err(|_| Error::UnknownAlgorithm)?,
            key_id: key_id.into_boxed_str(),
            capability,
            others: members,
        })
    }
}

const NOT_A_CAPABILITY: &str = "is not ipfs:// and the CID of a dag-cbor block";
const TOO_LARGE: Error = Error::TooLarge {
    what: "protected header",
    limit: MAX_HEADER_LEN,
};
const MISSING_ALG: Error = Error::HeaderMember {
    member: "alg",
    problem: "is missing",
};
const MISSING_KID: Error = Error::HeaderMember {
    member: "kid",
    problem: "is missing",
};

fn take_text(
    members: &mut Map<String, Value>,
    member: &'static str,
) -> Result<Option<String>, Error> {
    match members.remove(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::HeaderMember {
            member,
            problem: "is no text",
        }),
    }
}

/// One capability has one text: the scheme, and its CID in base32.
fn read_capability(text: &str) -> Option<Cid> {
    let name = text.strip_prefix(CAP_SCHEME)?;
    let cid: Cid = name.parse().ok()?;
    (is_capability(&cid) && cid.to_string() == name).then_some(cid)
}

fn is_capability(cid: &Cid) -> bool {
    cid.version() == cid::Version::V1 && cid.codec() == DAG_CBOR
}
