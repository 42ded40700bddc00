//! `DidKey`: a did:key in its one canonical spelling, with its validated key.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use crate::{Error, KeyType, PublicKey, multikey};

/// A `did:key` ([the did:key method]), in its canonical text only, with its validated public key.
///
/// One key has one text: base58btc (`z`), a minimal multicodec code, the exact length of the key
/// type, a compressed canonical point, no version part, no white space. Everything else is
/// refused, so that comparing texts compares identities. Cloning copies a pointer.
///
/// ```
/// use didkey::{DidKey, KeyType};
///
/// let text = "did:key:z6MksFbF9EwLtgULXutkTTihLF2kSbWpQQzJziffm2bJKYc3";
/// let did: DidKey = text.parse()?;
/// assert_eq!(did.key_type(), KeyType::Ed25519);
/// assert_eq!(did.to_string(), text);
/// assert_eq!(DidKey::from(did.public_key().clone()), did);
/// # Ok::<(), didkey::Error>(())
/// ```
///
/// [the did:key method]: https://w3c-ccg.github.io/did-key-spec/
#[derive(Clone)]
pub struct DidKey(Arc<Inner>);

struct Inner {
    text: Box<str>,
    key: PublicKey,
}

impl DidKey {
    /// The longest did:key in bytes, that of a P-521 key; longer texts are refused undecoded.
    pub const MAX_LENGTH: usize = multikey::MAX_DID_KEY_LENGTH;

    /// The DID's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The validated key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0.key
    }

    /// The key's type.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.0.key.key_type()
    }

    /// The method-specific identifier: the `z…` part.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        self.0
            .text
            .get(multikey::PREFIX.len()..)
            .unwrap_or_default()
    }

    /// The DID URL of the key's verification method, `<did>#<fingerprint>`: what JWS writes into
    /// `kid`.
    #[must_use]
    pub fn key_id(&self) -> String {
        key_id(self.as_str(), self.fingerprint())
    }
}

/// The DID URL of a verification method.
pub(crate) fn key_id(did: &str, fragment: &str) -> String {
    let mut id = String::with_capacity(did.len() + 1 + fragment.len());
    id.push_str(did);
    id.push('#');
    id.push_str(fragment);
    id
}

impl From<PublicKey> for DidKey {
    fn from(key: PublicKey) -> Self {
        let text = multikey::to_text(multikey::PREFIX, &key).into_boxed_str();
        Self(Arc::new(Inner { text, key }))
    }
}

impl FromStr for DidKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let key = PublicKey::from_did_key(text)?;
        Ok(Self(Arc::new(Inner {
            text: text.into(),
            key,
        })))
    }
}

impl TryFrom<&str> for DidKey {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<String> for DidKey {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<DidKey> for String {
    fn from(did: DidKey) -> Self {
        did.as_str().into()
    }
}

impl AsRef<str> for DidKey {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for DidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for DidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DidKey").field(&self.as_str()).finish()
    }
}

impl PartialEq for DidKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for DidKey {}

impl PartialOrd for DidKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DidKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for DidKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for DidKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for DidKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = DidKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a did:key")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<DidKey, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}
