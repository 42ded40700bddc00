//! The protected header: which key signed, by which algorithm, under which capability.

mod algorithm;
mod cap;
mod read;

use self::algorithm::{default_name, from_name};
use self::read::{Known, Members};
use crate::error::{Error, Part};
use crate::json::{to_ecmascript, write_string};
use crate::limits::{MAX_HEADER_LEN, base64url_len, decoded_len};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use cid::Cid;
use didkey::{Algorithm, DidKey};
use serde_json::{Map, Value};

/// The protected header of a JWS (RFC 7515, section 4). It is signed. Cheap to clone.
///
/// `alg` and `kid` are always present, and `crit` never is, since no extension is known. Unknown
/// members are kept, but have no effect.
#[derive(Clone, Debug, PartialEq)]
pub struct ProtectedHeader {
    algorithm: Algorithm,
    algorithm_name: &'static str,
    key_id: Arc<str>,
    capability: Option<Cid>,
    /// `None` where there are none, so that nothing is taken for them.
    others: Option<Arc<Map<String, Value>>>,
}

impl ProtectedHeader {
    /// `alg`: the signature algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `alg` as it is written. One algorithm has two names: `EdDSA` (RFC 8037) and `Ed25519` (RFC
    /// 9864) are the same for keys on Ed25519.
    #[must_use]
    pub const fn algorithm_name(&self) -> &'static str {
        self.algorithm_name
    }

    /// `kid`: the DID URL of the key, as it is written.
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
        self.others.as_ref()?.get(name)
    }

    /// Every member other than `alg`, `kid` and `cap`.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        let others = self.others.iter().flat_map(|others| others.iter());
        others.map(|(name, value)| (name.as_str(), value))
    }

    /// The key that `kid` names: the only accepted form is `<did:key>#<its fingerprint>`.
    ///
    /// # Errors
    /// [`Error::KeyId`] when it does not name a `did:key`, [`Error::KeyIdFragment`] when the fragment is
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

    /// Whether a member of this name stands in the header.
    pub(crate) fn has(&self, name: &str) -> bool {
        match name {
            "alg" | "kid" => true,
            "cap" => self.capability.is_some(),
            other => self.member(other).is_some(),
        }
    }

    /// The header that a key signs with; `alg`, `kid` and `cap` among `others` are dropped, since
    /// they are not the caller's to choose.
    pub(crate) fn new(
        key: &DidKey,
        algorithm_name: Option<&str>,
        capability: Option<Cid>,
        given: Option<Box<Map<String, Value>>>,
    ) -> Result<Self, Error> {
        let key_type = key.key_type();
        let algorithm = key_type.algorithm().ok_or(Error::CannotSign { key_type })?;
        let algorithm_name = match algorithm_name {
            None => default_name(algorithm),
            Some(name) => from_name(name)
                .filter(|(named, _)| *named == algorithm)
                .map(|(_, name)| name)
                .ok_or(Error::HeaderMember {
                    member: "alg",
                    problem: "is not a name of the algorithm of the key",
                })?,
        };
        let others = given.map(|given| chosen(*given)).transpose()?.flatten();
        if capability.is_some_and(|cid| !cap::is_capability(&cid)) {
            return Err(NOT_A_CAPABILITY);
        }
        Ok(Self {
            algorithm,
            algorithm_name,
            key_id: key.key_id().into(),
            capability,
            others,
        })
    }

    /// The JSON that is signed: members sorted, no white space.
    pub(crate) fn to_json(&self) -> Result<String, Error> {
        let json = match self.others.as_deref() {
            None => self.usual_json(),
            Some(others) => self.json_with(others)?,
        };
        if json.len() > MAX_HEADER_LEN {
            return Err(TOO_LARGE);
        }
        Ok(json)
    }

    /// Of a header with no other members, which is what nearly all have.
    fn usual_json(&self) -> String {
        let mut json = String::with_capacity(256);
        json.push_str(r#"{"alg":"#);
        write_string(self.algorithm_name, &mut json);
        if let Some(cid) = &self.capability {
            json.push_str(r#","cap":"#);
            write_string(&cap::write(cid), &mut json);
        }
        json.push_str(r#","kid":"#);
        write_string(&self.key_id, &mut json);
        json.push('}');
        json
    }

    /// Of any header. It stands apart, since it brings along what writes any JSON.
    #[inline(never)]
    fn json_with(&self, others: &Map<String, Value>) -> Result<String, Error> {
        let mut all = others.clone();
        all.insert("alg".to_string(), self.algorithm_name.into());
        all.insert("kid".to_string(), (&*self.key_id).into());
        if let Some(cid) = &self.capability {
            all.insert("cap".to_string(), cap::write(cid).into());
        }
        to_ecmascript(&Value::Object(all))
    }

    /// Reads the base64url of a header.
    pub(crate) fn from_base64url(text: &str) -> Result<Self, Error> {
        if text.len() > base64url_len(MAX_HEADER_LEN) {
            return Err(TOO_LARGE);
        }
        // usual headers are decoded without taking memory
        let (mut few, mut many) = ([0; USUAL_LEN], Vec::new());
        let malformed = Error::Base64Url { part: Part::Header };
        let Some(len) = decoded_len(text.len()) else {
            return Err(malformed);
        };
        let json = match few.get_mut(..len) {
            Some(few) => few,
            None => {
                many.resize(len, 0);
                &mut many[..]
            }
        };
        if URL_SAFE_NO_PAD.decode_slice(text, json).is_err() {
            return Err(malformed);
        }
        let members = Members::read(json).map_err(|detail| Error::Json {
            what: "protected header",
            detail,
        })?;
        Self::from_members(members)
    }

    fn from_members(members: Members<'_>) -> Result<Self, Error> {
        check_extensions(&members.others)?;
        let alg = members.alg.ok_or(missing("alg"))?.text("alg")?;
        let kid = members.kid.ok_or(missing("kid"))?.text("kid")?;
        let cap = members.cap.map(|cap| cap.text("cap")).transpose()?;
        let capability = match cap {
            None => None,
            Some(text) => Some(cap::read(&text).ok_or(NOT_A_CAPABILITY)?),
        };
        let (algorithm, algorithm_name) = from_name(&alg).ok_or(Error::UnknownAlgorithm)?;
        Ok(Self {
            algorithm,
            algorithm_name,
            key_id: kid.into(),
            capability,
            others: shared(members.others),
        })
    }
}

/// So many bytes of JSON have headers of every kind of key, with a capability and more.
const USUAL_LEN: usize = 1 << 10;
const TOO_LARGE: Error = Error::TooLarge {
    what: "protected header",
    limit: MAX_HEADER_LEN,
};
const NOT_A_CAPABILITY: Error = Error::HeaderMember {
    member: "cap",
    problem: "is not ipfs:// and the CID of a dag-cbor block",
};

const fn missing(member: &'static str) -> Error {
    Error::HeaderMember {
        member,
        problem: "is missing",
    }
}

impl<'a> Known<'a> {
    fn text(self, member: &'static str) -> Result<Cow<'a, str>, Error> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Other => Err(Error::HeaderMember {
                member,
                problem: "is not a text",
            }),
        }
    }
}

/// Of the members that a caller gave, those that are the caller's to choose.
#[inline(never)]
fn chosen(given: Map<String, Value>) -> Result<Option<Arc<Map<String, Value>>>, Error> {
    let mut others = Map::new();
    for (name, value) in given {
        if !["alg", "kid", "cap"].contains(&&*name) {
            others.insert(name, value);
        }
    }
    check_extensions(&others)?;
    Ok(shared(others))
}

fn shared(others: Map<String, Value>) -> Option<Arc<Map<String, Value>>> {
    (!others.is_empty()).then(|| Arc::new(others))
}

/// What a header may ask of its reader beyond RFC 7515. `crit` (section 4.1.11) must be understood
/// name by name, and no extension is known, so that each of its forms is refused: an empty list,
/// names that are registered, that stand twice or that name a member that is not there, and
/// whatever is not a list.
/// `b64` (RFC 7797) changes what is signed: the payload as it is, not its base64url. It must be
/// named in `crit` unless it is `true`, which changes nothing.
fn check_extensions(others: &Map<String, Value>) -> Result<(), Error> {
    if others.contains_key("crit") {
        return Err(Error::CriticalHeader);
    }
    match others.get("b64") {
        None | Some(Value::Bool(true)) => Ok(()),
        Some(Value::Bool(false)) => Err(Error::UnencodedPayload),
        Some(_) => Err(Error::HeaderMember {
            member: "b64",
            problem: "is neither true nor false",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
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

    /// The one without other members has a way of its own.
    #[test]
    fn both_ways_to_write_a_header_agree() {
        for cap in ["", &*format!(r#""cap":"ipfs://{CID}","#)] {
            for kid in ["k", r#"a\"\\\u0001é"#] {
                let json = format!(r#"{{"alg":"EdDSA",{cap}"kid":"{kid}"}}"#);
                let header = read(&json).unwrap();
                assert_eq!(header.to_json().unwrap(), json);
                assert_eq!(header.json_with(&Map::new()).unwrap(), json);
            }
        }
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
            "ed25519", "Ed448", "ESP256",
        ] {
            let json = format!(r#"{{"alg":"{alg}","kid":"k"}}"#);
            assert_eq!(code(&json), "unknown_algorithm", "{alg}");
        }
    }

    #[test]
    fn one_algorithm_has_two_names() {
        for name in ["EdDSA", "Ed25519"] {
            let json = format!(r#"{{"alg":"{name}","kid":"k"}}"#);
            let header = read(&json).unwrap();
            assert_eq!(header.algorithm(), Algorithm::EdDsa);
            assert_eq!(header.algorithm_name(), name);
            assert_eq!(header.to_json().unwrap(), json);
        }
    }

    /// RFC 7515, section 4.1.11.
    #[test]
    fn crit_is_refused() {
        for crit in [
            // not a list, an empty one
            "null",
            "{}",
            "\"b64\"",
            "[]",
            // unknown, registered, twice, not there, not a name
            "[\"exp\"]",
            "[\"alg\"]",
            "[\"b64\",\"b64\"]",
            "[\"http://example.com/x\"]",
            "[1]",
        ] {
            for more in ["", ",\"b64\":true,\"exp\":1", ",\"b64\":false"] {
                let json = format!(r#"{{"alg":"EdDSA","crit":{crit},"kid":"k"{more}}}"#);
                assert_eq!(code(&json), "critical_header", "{json}");
            }
        }
    }

    /// RFC 7797, sections 3 and 6.
    #[test]
    fn a_payload_that_is_not_encoded_is_refused() {
        for (b64, expected) in [
            ("true", "read"),
            ("false", "unencoded_payload"),
            ("null", "malformed_header"),
            ("0", "malformed_header"),
            ("\"false\"", "malformed_header"),
        ] {
            let json = format!(r#"{{"alg":"EdDSA","b64":{b64},"kid":"k"}}"#);
            assert_eq!(code(&json), expected, "{b64}");
        }
        assert!(Error::UnencodedPayload.is_refusal());
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
        let large = "k".repeat(MAX_HEADER_LEN);
        let large = format!(r#"{{"alg":"EdDSA","kid":"{large}"}}"#);
        assert_eq!(code(&large), "too_large");
    }
}
