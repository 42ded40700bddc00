//! The proof: a compact JWS (RFC 7515) with exactly these header members and claims.

use crate::names::MAX_PROOF_LEN;
use dag_jws::Cid;
use data_encoding::BASE64URL_NOPAD;
use didkey::{Algorithm, DidKey};
use serde::{Deserialize, Deserializer, Serialize};
use session_core::server::PROOF_TYPE;
use std::str;

/// A proof that was read; nothing about it is verified.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) algorithm: Algorithm,
    /// The `did:key`, without a fragment.
    pub(crate) key: String,
    pub(crate) capability: Cid,
    pub(crate) htd: [u8; 32],
    pub(crate) iat: u64,
    pub(crate) jti: String,
    pub(crate) nonce: Option<String>,
    text: String,
    signed: usize,
    signature: [u8; 64],
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: &'a str,
    cap: &'a str,
    kid: &'a str,
    typ: &'a str,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Claims<'a> {
    htd: &'a str,
    iat: u64,
    jti: &'a str,
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        borrow,
        deserialize_with = "present"
    )]
    nonce: Option<&'a str>,
}

/// A member that may be missing is a text where it is there; `null` is refused.
fn present<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Option<&'a str>, D::Error> {
    <&str>::deserialize(deserializer).map(Some)
}

/// The greatest integer that every reader of JSON reads as it stands (RFC 8259, section 6).
const MAX_INTEGER: u64 = (1 << 53) - 1;

impl Proof {
    /// Reads the compact form. The error says what is wrong, in words that hold nothing of the
    /// text.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > MAX_PROOF_LEN {
            const { assert!(MAX_PROOF_LEN == 1024) };
            return Err("the proof is longer than 1,024 bytes");
        }
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("the proof is not a JWS in compact form");
        };
        let header_json = decode(header).ok_or("the header is not base64url")?;
        let claims_json = decode(claims).ok_or("the claims are not base64url")?;
        let signature = decode(signature).ok_or("the signature is not base64url")?;
        let signature = signature
            .try_into()
            .map_err(|_| "the signature does not have 64 bytes")?;
        let fields: Header<'_> = object(&header_json).ok_or("the header is not that of a proof")?;
        if fields.typ != PROOF_TYPE {
            return Err("typ is not that of a proof");
        }
        let algorithm = match fields.alg {
            "EdDSA" | "Ed25519" => Algorithm::EdDsa,
            "ES256" => Algorithm::Es256,
            _ => return Err("alg is not one of a session key"),
        };
        let key = read_key(fields.kid).ok_or("kid is not a did:key")?;
        let capability = read_cid(fields.cap).ok_or("cap is not the CID of a capability")?;
        let stated: Claims<'_> =
            object(&claims_json).ok_or("the claims are not those of a proof")?;
        let htd = decode(stated.htd).and_then(|htd| htd.try_into().ok());
        if stated.iat > MAX_INTEGER {
            return Err("iat is not a number of seconds");
        }
        if !is_token(stated.jti, 16, 64) {
            return Err("jti is not 16 to 64 characters of base64url");
        }
        if stated.nonce.is_some_and(|nonce| !is_nonce(nonce)) {
            return Err("nonce is not 1 to 64 characters of base64url");
        }
        Ok(Self {
            algorithm,
            key: key.to_owned(),
            capability,
            htd: htd.ok_or("htd is not a SHA-256 in base64url")?,
            iat: stated.iat,
            jti: stated.jti.to_owned(),
            nonce: stated.nonce.map(str::to_owned),
            text: text.to_owned(),
            signed: header.len() + 1 + claims.len(),
            signature,
        })
    }

    /// Whether this key signed it.
    pub(crate) fn is_signed_by(&self, key: &DidKey) -> bool {
        let input = self.text.as_bytes().get(..self.signed).unwrap_or_default();
        key.public_key()
            .verify(self.algorithm, input, &self.signature)
            .is_ok()
    }
}

/// What a proof is made of.
pub(crate) struct Unsigned<'a> {
    pub(crate) key: &'a DidKey,
    pub(crate) capability: &'a Cid,
    pub(crate) htd: &'a str,
    pub(crate) iat: u64,
    pub(crate) jti: &'a str,
    pub(crate) nonce: Option<&'a str>,
}

impl Unsigned<'_> {
    /// What is signed; `None` for keys that are not session keys.
    pub(crate) fn signing_input(&self) -> Option<String> {
        let alg = match self.key.key_type().algorithm()? {
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Es256 => "ES256",
            _ => return None,
        };
        let header = Header {
            alg,
            cap: &self.capability.to_string(),
            kid: self.key.as_str(),
            typ: PROOF_TYPE,
        };
        let claims = Claims {
            htd: self.htd,
            iat: self.iat,
            jti: self.jti,
            nonce: self.nonce,
        };
        let mut text = BASE64URL_NOPAD.encode(&serde_json::to_vec(&header).ok()?);
        text.push('.');
        text.push_str(&BASE64URL_NOPAD.encode(&serde_json::to_vec(&claims).ok()?));
        Some(text)
    }
}

/// Puts the signature behind what was signed.
pub(crate) fn finish(mut input: String, signature: &[u8]) -> String {
    input.push('.');
    input.push_str(&BASE64URL_NOPAD.encode(signature));
    input
}

/// Base64url in its only spelling.
fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

/// An object with exactly these members, none twice, no name and no text with escapes: `serde`
/// would take a list for a struct, and a name in any spelling.
fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    let is_bare = json.first() == Some(&b'{') && json.last() == Some(&b'}');
    let is_plain = is_bare && !json.contains(&b'\\');
    is_plain
        .then(|| serde_json::from_slice(json).ok())
        .flatten()
}

/// The `did:key` that `kid` names, with the fragment that says so again, or without.
fn read_key(kid: &str) -> Option<&str> {
    let (did, fragment) = match kid.split_once('#') {
        None => (kid, None),
        Some((did, fragment)) => (did, Some(fragment)),
    };
    let fingerprint = did.strip_prefix("did:key:")?;
    let is_plain =
        !fingerprint.is_empty() && fingerprint.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_plain && fragment.is_none_or(|fragment| fragment == fingerprint)).then_some(did)
}

/// The CID that `cap` names, alone or as an `ipfs:` URI, in its only spelling.
fn read_cid(cap: &str) -> Option<Cid> {
    let text = cap.strip_prefix("ipfs://").unwrap_or(cap);
    let cid: Cid = text.parse().ok()?;
    let hash = cid.hash();
    let is_capability = cid.codec() == 0x71 && hash.code() == 0x12 && hash.size() == 32;
    (is_capability && cid.to_string() == text).then_some(cid)
}

/// Whether a text has the form of a nonce.
pub(crate) fn is_nonce(text: &str) -> bool {
    is_token(text, 1, 64)
}

/// Some characters of base64url.
fn is_token(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codec, hash function and length are those of a capability, and the spelling is the only one.
    #[test]
    fn cap_is_the_cid_of_a_capability() {
        let cid = cacao::car::dag_cbor_cid(b"x");
        let text = cid.to_string();
        assert_eq!(read_cid(&text), Some(cid));
        assert_eq!(read_cid(&format!("ipfs://{text}")), Some(cid));
        let with = |codec: u8, code: u8, digest: &[u8]| {
            let len = u8::try_from(digest.len()).unwrap();
            let bytes = [&[1, codec, code, len], digest].concat();
            let text = data_encoding::BASE32_NOPAD.encode(&bytes);
            format!("b{}", text.to_ascii_lowercase())
        };
        let digest = cid.hash().digest();
        assert_eq!(with(0x71, 0x12, digest), text);
        for other in [
            with(0x55, 0x12, digest),
            with(0x71, 0x13, digest),
            with(0x71, 0x12, &digest[..31]),
            with(0x71, 0x12, &[digest, &[0]].concat()),
            format!("ipfs://ipfs://{text}"),
            format!("/ipfs/{text}"),
            text.to_ascii_uppercase(),
            format!("{text}/"),
            String::new(),
        ] {
            assert_eq!(read_cid(&other), None, "{other}");
        }
    }

    #[test]
    fn kid_is_a_did_key_with_its_own_fragment_or_none() {
        for good in ["did:key:z6Mk", "did:key:z6Mk#z6Mk"] {
            assert_eq!(read_key(good), Some("did:key:z6Mk"));
        }
        for bad in [
            "",
            "did:key:",
            "did:key:#",
            "z6Mk",
            "did:web:z6Mk",
            "did:key:z6Mk#",
            "did:key:z6Mk#z6Ml",
            "did:key:z6Mk#z6Mk#z6Mk",
            "did:key:z6Mk/x",
        ] {
            assert_eq!(read_key(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_token_has_bounds_and_an_alphabet() {
        for len in [16, 64] {
            assert!(is_token(&"a".repeat(len), 16, 64), "{len}");
        }
        for len in [0, 15, 65] {
            assert!(!is_token(&"a".repeat(len), 16, 64), "{len}");
        }
        assert!(is_nonce("a") && is_nonce("A-_9"));
        for bad in ["", "a b", "a=", "a+", "a/", "\u{e9}"] {
            assert!(!is_nonce(bad), "{bad}");
        }
    }

    #[test]
    fn a_proof_has_a_longest_length() {
        for (len, is_too_long) in [(MAX_PROOF_LEN, false), (MAX_PROOF_LEN + 1, true)] {
            let problem = Proof::parse(&"a".repeat(len)).unwrap_err();
            assert_eq!(problem.contains("longer than"), is_too_long, "{problem}");
        }
    }

    #[test]
    fn an_object_is_bare_and_plain() {
        let read = |json: &str| object::<serde_json::Value>(json.as_bytes()).is_some();
        assert!(read("{}") && read(r#"{"a":1}"#));
        for bad in ["", "[]", " {}", "{} ", "{", "}", r#"{"\u0061":1}"#] {
            assert!(!read(bad), "{bad}");
        }
    }

    #[test]
    fn a_proof_says_which_algorithm_its_key_has() {
        let cid = cacao::car::dag_cbor_cid(b"x");
        let header = |key: &DidKey| {
            let unsigned = Unsigned {
                key,
                capability: &cid,
                htd: "x",
                iat: 1,
                jti: "x",
                nonce: None,
            };
            let input = unsigned.signing_input()?;
            let json = decode(input.split_once('.')?.0)?;
            let header: serde_json::Value = serde_json::from_slice(&json).ok()?;
            Some(header["alg"].as_str()?.to_owned())
        };
        let ed25519 = didkey::Ed25519SigningKey::generate().unwrap();
        assert_eq!(header(ed25519.did_key()).as_deref(), Some("EdDSA"));
        let p256 = didkey::P256SigningKey::generate().unwrap();
        assert_eq!(header(p256.did_key()).as_deref(), Some("ES256"));
        // a curve of wallets, and one that only agrees on keys
        for other in [
            "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
            "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
        ] {
            assert_eq!(header(&other.parse().unwrap()), None, "{other}");
        }
    }
}
