//! The protected header: which key signed, by which algorithm, under which capability.

mod read;

use self::read::Members;
use crate::error::{Error, Part};
use crate::json::to_ecmascript;
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

    /// As [`key`](Self::key), where one of `known` may be the key: to find that out costs less
    /// than to read a key.
    pub(crate) fn key_among<'a>(
        &self,
        known: impl IntoIterator<Item = &'a DidKey>,
    ) -> Result<DidKey, Error> {
        let (did, fragment) = self.key_id.split_once('#').ok_or(Error::KeyIdFragment)?;
        let is_named = |key: &&DidKey| did == key.as_str() && fragment == key.fingerprint();
        known
            .into_iter()
            .find(is_named)
            .map_or_else(|| self.key(), |key| Ok(key.clone()))
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
        Self::from_members(Members::read(&bytes).map_err(malformed)?)
    }

    fn from_members(members: Members) -> Result<Self, Error> {
        if members.others.contains_key("crit") {
            return Err(Error::CriticalHeader);
        }
        let algorithm = text_of(members.alg, "alg")?.ok_or(MISSING_ALG)?;
        let key_id = text_of(members.kid, "kid")?.ok_or(MISSING_KID)?;
        let capability = match text_of(members.cap, "cap")? {
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
            others: members.others,
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

fn text_of(value: Option<Value>, member: &'static str) -> Result<Option<String>, Error> {
    match value {
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
    let cid = match sha256_cid(name) {
        Some(cid) => cid,
        None => name
            .parse()
            .ok()
            .filter(|cid: &Cid| cid.to_string() == name)?,
    };
    is_capability(&cid).then_some(cid)
}

/// A CID of the usual length, that of a SHA-256, in base32, of which there is one text.
fn sha256_cid(name: &str) -> Option<Cid> {
    let mut upper = <[u8; 58]>::try_from(name.strip_prefix('b')?.as_bytes()).ok()?;
    if !upper
        .iter()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
    {
        return None;
    }
    upper.make_ascii_uppercase();
    let mut bytes = [0; 36];
    data_encoding::BASE32_NOPAD
        .decode_mut(&upper, &mut bytes)
        .ok()?;
    // what follows a shorter hash, or a longer number, would be no part of the CID
    Cid::try_from(&bytes[..])
        .ok()
        .filter(|cid| cid.encoded_len() == bytes.len())
}

fn is_capability(cid: &Cid) -> bool {
    cid.version() == cid::Version::V1 && cid.codec() == DAG_CBOR
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};

    const DID: &str = "did:key:z6Mkupwg9k3DjUftw7VSZELA6XFVNY75KCj6Y1QiHyekZZRr";
    const FINGERPRINT: &str = "z6Mkupwg9k3DjUftw7VSZELA6XFVNY75KCj6Y1QiHyekZZRr";
    const CID: &str = "bafyreigxtx4kzvrrxmxym2gzmtzxiujieatzqiyzqhcwysf6bo2f4pdsja";

    fn read(json: &str) -> Result<ProtectedHeader, Error> {
        ProtectedHeader::from_base64url(&BASE64URL_NOPAD.encode(json.as_bytes()))
    }

    fn code(json: &str) -> &'static str {
        read(json).map_or_else(|error| error.code(), |_| "read")
    }

    #[test]
    fn members_are_read_and_the_others_kept() {
        let json = format!(
            r#"{{"alg":"EdDSA","cap":"ipfs://{CID}","foo":[1],"kid":"{DID}#{FINGERPRINT}"}}"#
        );
        let header = read(&json).unwrap();
        assert_eq!(header.algorithm(), Algorithm::EdDsa);
        assert_eq!(header.key().unwrap().as_str(), DID);
        assert_eq!(header.capability().unwrap().to_string(), CID);
        assert_eq!(header.members().count(), 1);
        assert_eq!(header.member("foo"), Some(&serde_json::json!([1])));
        assert_eq!(header.member("alg"), None);
        assert_eq!(header.to_json().unwrap(), json);
    }

    #[test]
    fn alg_and_kid_are_required_texts() {
        assert_eq!(code(r#"{"kid":"k"}"#), "malformed_header");
        assert_eq!(code(r#"{"alg":"EdDSA"}"#), "malformed_header");
        assert_eq!(code(r#"{"alg":1,"kid":"k"}"#), "malformed_header");
        assert_eq!(code(r#"{"alg":"EdDSA","kid":null}"#), "malformed_header");
        assert_eq!(
            code(r#"{"alg":"EdDSA","kid":"k","cap":null}"#),
            "malformed_header"
        );
        assert_eq!(code(r#"["EdDSA","k"]"#), "malformed_json");
        assert_eq!(code(r#"{"alg":"EdDSA","kid":"k"}"#), "read");
    }

    #[test]
    fn unknown_algorithms_are_refused() {
        for alg in [
            "none", "None", "", "eddsa", "EDDSA", "HS256", "RS256", "EdDSA ", "ES256K-R",
        ] {
            let json = format!(r#"{{"alg":"{alg}","kid":"k"}}"#);
            assert_eq!(code(&json), "unknown_algorithm", "{alg}");
        }
    }

    #[test]
    fn crit_is_refused() {
        for crit in ["[]", "[\"exp\"]", "null", "{}"] {
            let json = format!(r#"{{"alg":"EdDSA","crit":{crit},"kid":"k"}}"#);
            assert_eq!(code(&json), "critical_header", "{crit}");
        }
    }

    #[test]
    fn duplicate_members_are_refused() {
        assert_eq!(
            code(r#"{"alg":"none","alg":"EdDSA","kid":"k"}"#),
            "malformed_json"
        );
        assert_eq!(
            code(r#"{"alg":"EdDSA","kid":"k","x":{"a":1,"a":2}}"#),
            "malformed_json"
        );
    }

    #[test]
    fn a_capability_has_one_text() {
        let upper = CID.to_ascii_uppercase();
        let raw = "bafkreigxtx4kzvrrxmxym2gzmtzxiujieatzqiyzqhcwysf6bo2f4pdsja";
        // as long as a usual CID, yet its hash has 20 bytes, and 12 follow; the last character has
        // bits that belong to no byte
        let mut bytes = [0; 36];
        bytes[..4].copy_from_slice(&[1, 0x71, 0x12, 20]);
        let short_and_more = format!("b{}", BASE32_NOPAD.encode(&bytes).to_ascii_lowercase());
        let not_zero = format!("{}b", &CID[..CID.len() - 1]);
        for cap in [
            "",
            CID,
            "ipfs://",
            "ipfs://bafyother",
            "ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
            &format!("ipfs://{upper}"),
            &format!("ipfs://{raw}"),
            &format!("IPFS://{CID}"),
            &format!("ipfs://{CID}/"),
            &format!("ipfs://{short_and_more}"),
            &format!("ipfs://{not_zero}"),
            &format!("ipfs://{CID} "),
            &format!("/ipfs/{CID}"),
        ] {
            let json = format!(r#"{{"alg":"EdDSA","cap":"{cap}","kid":"k"}}"#);
            assert_eq!(code(&json), "malformed_header", "{cap}");
        }
    }

    #[test]
    fn a_key_has_one_kid() {
        let other = "z6MksqLkmjEQCKFTbkNWgXEvc2bDSZPMREzLfsevKYBH26YQ";
        for kid in [
            "",
            "hello",
            DID,
            &format!("{DID}#"),
            &format!("{DID}#{other}"),
            &format!("{DID}#{FINGERPRINT}#"),
            &format!("{DID}#{FINGERPRINT} "),
            &format!(" {DID}#{FINGERPRINT}"),
            &format!("{DID}?versionTime=2023-01-01T00:00:00Z#{FINGERPRINT}"),
            &format!("{DID}/path#{FINGERPRINT}"),
            &format!("did:web:example.com#{FINGERPRINT}"),
            &format!("DID:KEY:{FINGERPRINT}#{FINGERPRINT}"),
        ] {
            let header = read(&format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#)).unwrap();
            let error = header.key().unwrap_err();
            assert_eq!(error.code(), "invalid_key_id", "{kid}");
            assert!(error.is_refusal());
        }
    }

    #[test]
    fn what_is_no_header() {
        assert_eq!(code("{}x"), "malformed_json");
        assert_eq!(code(""), "malformed_json");
        let bytes = BASE64URL_NOPAD.encode(b"{\"alg\":\"\xff\"}");
        assert_eq!(
            ProtectedHeader::from_base64url(&bytes).unwrap_err().code(),
            "malformed_json"
        );
        let large = format!(
            r#"{{"alg":"EdDSA","kid":"{}"}}"#,
            "k".repeat(MAX_HEADER_LEN)
        );
        assert_eq!(code(&large), "too_large");
    }
}
