//! DID documents, which a did:key has without any lookup.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::did_key::key_id;
use crate::verify::Point;
use crate::{DidKey, DidUrl, Error, KeyType, multikey};

/// DID Core's terms, then those of `Multikey`, which version 1 of the former lacks.
const MULTIKEY_CONTEXT: &[&str] = &[
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
];

const PEER_CONTEXT: &str = "https://w3id.org/did/v1";

/// Which of the two forms in use a DID document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// The form of `key-did-resolver`, the resolver of the JavaScript `dids` package:
    /// `Ed25519VerificationKey2018` with `X25519KeyAgreementKey2019`,
    /// `Secp256k1VerificationKey2018`, and `JsonWebKey2020` for the NIST curves; `@context` in
    /// JSON-LD only.
    Peer,
    /// The form of the [did:key method]'s document creation algorithm: `Multikey` for every key
    /// type, and for Ed25519 the X25519 key derived from it as a second method for key agreement.
    /// `@context` names the published contexts that define these terms, those of DID Core 1.0 and
    /// of Multikey.
    ///
    /// [did:key method]: https://w3c-ccg.github.io/did-key-spec/#document-creation-algorithm
    Multikey,
}

impl Profile {
    /// The profile's name: `peer` or `multikey`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Multikey => "multikey",
        }
    }
}

/// How a document is written down (DID Core 1.0, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Representation {
    /// `application/did+json`.
    Json,
    /// `application/did+ld+json`: with an `@context`, whatever the profile.
    JsonLd,
}

impl Representation {
    /// The representation of a media type, as the resolution option `accept` names it.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedRepresentation`] for every other media type.
    pub fn from_media_type(media_type: &str) -> Result<Self, Error> {
        match media_type {
            "application/did+json" => Ok(Self::Json),
            "application/did+ld+json" => Ok(Self::JsonLd),
            _ => Err(Error::UnsupportedRepresentation),
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/did+json",
            Self::JsonLd => "application/did+ld+json",
        }
    }
}

/// A DID document (DID Core 1.0, section 5) of a did:key. It serializes to the document's JSON,
/// members in a fixed order.
///
/// ```
/// use didkey::{DidDocument, Profile};
///
/// let did = "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3";
/// let document = DidDocument::resolve(did, Profile::Multikey)?;
/// let json = serde_json::to_value(&document)?;
/// assert_eq!(json["id"], did);
/// assert_eq!(json["verificationMethod"][0]["type"], "Multikey");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DidDocument {
    #[serde(rename = "@context", skip_serializing_if = "<[_]>::is_empty")]
    context: &'static [&'static str],
    id: DidKey,
    verification_method: Vec<VerificationMethod>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authentication: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assertion_method: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    capability_delegation: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    capability_invocation: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    key_agreement: Vec<VerificationRelationship>,
    /// The peer profile writes its one context last.
    #[serde(rename = "@context", skip_serializing_if = "Option::is_none")]
    peer_context: Option<&'static str>,
}

/// A verification method (DID Core 1.0, section 5.2): one key of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerificationMethod {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    controller: DidKey,
    #[serde(flatten)]
    material: PublicKeyMaterial,
}

/// The member of a verification method that holds the public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum PublicKeyMaterial {
    /// `publicKeyBase58`: the key's bytes in base58btc.
    #[serde(rename = "publicKeyBase58")]
    Base58(String),
    /// `publicKeyMultibase`: multicodec code and key in multibase base58btc, as in the did:key.
    #[serde(rename = "publicKeyMultibase")]
    Multibase(String),
    /// `publicKeyJwk`: a JSON Web Key.
    #[serde(rename = "publicKeyJwk")]
    Jwk(EcJwk),
}

/// A public JSON Web Key on an elliptic curve (RFC 7518, section 6.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EcJwk {
    kty: &'static str,
    crv: &'static str,
    x: String,
    y: String,
}

/// A member of a verification relationship (DID Core 1.0, section 5.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum VerificationRelationship {
    /// The DID URL of one of the document's verification methods.
    Reference(String),
    /// A verification method for this relationship alone.
    Embedded(VerificationMethod),
}

impl DidKey {
    /// The key's DID document.
    ///
    /// # Errors
    ///
    /// [`Error::NoDocument`] for an X25519 key in the [`Peer`](Profile::Peer) profile.
    pub fn document(&self, profile: Profile) -> Result<DidDocument, Error> {
        match profile {
            Profile::Peer => peer(self),
            Profile::Multikey => Ok(multikey_document(self)),
        }
    }
}

impl DidDocument {
    /// Resolves a did:key, or a DID URL of one, to its document.
    ///
    /// # Errors
    ///
    /// As [`DidUrl::parse`], [`DidKey::from_did_url`] and [`DidKey::document`].
    pub fn resolve(did_url: &str, profile: Profile) -> Result<Self, Error> {
        DidKey::from_did_url(&DidUrl::parse(did_url)?)?.document(profile)
    }

    /// The document in another representation. A new document is JSON; the
    /// [`Multikey`](Profile::Multikey) profile writes its contexts there too, so that both
    /// representations of it are the same.
    #[must_use]
    pub fn with_representation(mut self, representation: Representation) -> Self {
        self.peer_context = match representation {
            Representation::JsonLd if self.context.is_empty() => Some(PEER_CONTEXT),
            _ => None,
        };
        self
    }

    /// The JSON-LD contexts (`@context`); empty if there are none.
    #[must_use]
    pub fn context(&self) -> &[&'static str] {
        if self.context.is_empty() {
            self.peer_context.as_slice()
        } else {
            self.context
        }
    }

    /// The document's subject.
    #[must_use]
    pub const fn id(&self) -> &DidKey {
        &self.id
    }

    /// The keys that the relationships refer to.
    #[must_use]
    pub fn verification_methods(&self) -> &[VerificationMethod] {
        &self.verification_method
    }

    /// The DID URLs of the keys that authenticate the subject, assert for it, and delegate and
    /// invoke capabilities: the same for all four, empty for a key that cannot sign.
    #[must_use]
    pub fn signing_methods(&self) -> &[String] {
        &self.authentication
    }

    /// The keys for key agreement.
    #[must_use]
    pub fn key_agreement(&self) -> &[VerificationRelationship] {
        &self.key_agreement
    }

    /// `id` signs, and stands for the document's first verification method.
    fn new(did: &DidKey, method: VerificationMethod) -> Self {
        let ids = vec![method.id.clone()];
        Self {
            context: &[],
            id: did.clone(),
            verification_method: vec![method],
            authentication: ids.clone(),
            assertion_method: ids.clone(),
            capability_delegation: ids.clone(),
            capability_invocation: ids,
            key_agreement: Vec::new(),
            peer_context: None,
        }
    }
}

impl VerificationMethod {
    /// The method's DID URL.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The method's type, such as `Multikey`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// The DID that controls the key.
    #[must_use]
    pub const fn controller(&self) -> &DidKey {
        &self.controller
    }

    /// The public key.
    #[must_use]
    pub const fn material(&self) -> &PublicKeyMaterial {
        &self.material
    }

    fn new(did: &DidKey, fragment: &str, kind: &'static str, material: PublicKeyMaterial) -> Self {
        Self {
            id: key_id(did.as_str(), fragment),
            kind,
            controller: did.clone(),
            material,
        }
    }
}

impl EcJwk {
    /// The curve's name (`crv`).
    #[must_use]
    pub const fn curve(&self) -> &'static str {
        self.crv
    }

    /// The x coordinate: base64url of as many bytes as the field has, leading zeros included.
    #[must_use]
    pub fn x(&self) -> &str {
        &self.x
    }

    /// The y coordinate, like [`x`](Self::x).
    #[must_use]
    pub fn y(&self) -> &str {
        &self.y
    }

    fn new(crv: &'static str, x: &[u8], y: &[u8]) -> Self {
        let base64url = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Self {
            kty: "EC",
            crv,
            x: base64url(x),
            y: base64url(y),
        }
    }
}

fn peer(did: &DidKey) -> Result<DidDocument, Error> {
    let key = did.public_key();
    let base58 = |bytes: &[u8]| PublicKeyMaterial::Base58(bs58::encode(bytes).into_string());
    let (kind, material) = match key.point() {
        Point::Ed25519(_) => ("Ed25519VerificationKey2018", base58(key.as_bytes())),
        Point::Secp256k1(_) => ("Secp256k1VerificationKey2018", base58(key.as_bytes())),
        point => match jwk(key.key_type(), point) {
            Some(jwk) => ("JsonWebKey2020", PublicKeyMaterial::Jwk(jwk)),
            None => {
                let profile = Profile::Peer.name();
                return Err(Error::NoDocument {
                    key_type: key.key_type(),
                    profile,
                });
            }
        },
    };
    let method = VerificationMethod::new(did, did.fingerprint(), kind, material);
    let mut document = DidDocument::new(did, method);
    if let Some((fragment, x25519)) = derived_x25519(key.point()) {
        document.key_agreement = vec![VerificationRelationship::Embedded(VerificationMethod::new(
            did,
            &fragment,
            "X25519KeyAgreementKey2019",
            base58(&x25519),
        ))];
    }
    Ok(document)
}

fn multikey_document(did: &DidKey) -> DidDocument {
    let method = |fragment: &str| {
        let material = PublicKeyMaterial::Multibase(fragment.to_string());
        VerificationMethod::new(did, fragment, "Multikey", material)
    };
    let mut document = DidDocument::new(did, method(did.fingerprint()));
    document.context = MULTIKEY_CONTEXT;
    if did.key_type() == KeyType::X25519 {
        let ids = core::mem::take(&mut document.authentication);
        document.assertion_method.clear();
        document.capability_delegation.clear();
        document.capability_invocation.clear();
        document.key_agreement = ids
            .into_iter()
            .map(VerificationRelationship::Reference)
            .collect();
    }
    if let Some((fragment, _)) = derived_x25519(did.public_key().point()) {
        let derived = method(&fragment);
        document.key_agreement = vec![VerificationRelationship::Reference(derived.id.clone())];
        document.verification_method.push(derived);
    }
    document
}

/// The X25519 key of an Ed25519 key, as its `z…` text and its bytes: the same point in Montgomery
/// form (RFC 7748, section 4.1).
fn derived_x25519(point: &Point) -> Option<(String, [u8; 32])> {
    let Point::Ed25519(key) = point else {
        return None;
    };
    let bytes = key.to_montgomery().to_bytes();
    Some((multikey::encode("", KeyType::X25519, &bytes), bytes))
}

/// The key as a JWK, if it is one on a NIST curve.
fn jwk(key_type: KeyType, point: &Point) -> Option<EcJwk> {
    macro_rules! coordinates {
        ($key:expr) => {{
            let encoded = $key.to_sec1_point(false);
            Some(EcJwk::new(key_type.name(), encoded.x()?, encoded.y()?))
        }};
    }
    match point {
        Point::P256(key) => coordinates!(key),
        #[cfg(feature = "p384")]
        Point::P384(key) => coordinates!(key),
        #[cfg(feature = "p521")]
        Point::P521(key) => coordinates!(key),
        Point::Ed25519(_) | Point::X25519 | Point::Secp256k1(_) => None,
    }
}
