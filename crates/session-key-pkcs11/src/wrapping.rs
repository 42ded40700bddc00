//! A key in a token that a store is sealed with.

use crate::error::Pkcs11Error;
use crate::token::Pkcs11Token;
use async_trait::async_trait;
use blocking::unblock;
use cryptoki::error::{Error as Cryptoki, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use std::fmt;
use std::fmt::Write as _;
use store_sealed::{WrapError, WrappingKey};
use zeroize::Zeroizing;

/// The first byte of a wrapped key, which says how it was wrapped.
const AES_GCM: u8 = 1;
/// Bytes of an initialization vector, and of a tag (NIST SP 800-38D).
const IV_LEN: usize = 12;
const TAG_LEN: usize = 16;
/// Bytes of a data key.
const KEY_LEN: usize = 32;
/// The purpose of the key, which is authenticated beside it.
const PURPOSE: &[u8] = b"did-session: data key of a sealed store";

/// An AES key in a token that wraps the data key of a sealed store, and never leaves the token:
/// [`SealKey::from_wrapping_key`](store_sealed::SealKey::from_wrapping_key).
///
/// ```no_run
/// # async fn open(token: session_key_pkcs11::Pkcs11Token) -> Result<(), Box<dyn std::error::Error>> {
/// use session_key_pkcs11::Pkcs11WrappingKey;
/// use store_sealed::{SealKey, SealedStore};
///
/// // `create`, the first time
/// let key = Pkcs11WrappingKey::open(token, "sessions at rest")?;
/// let key = SealKey::from_wrapping_key(std::sync::Arc::new(key));
/// # let records = store_memory::MemoryStore::new();
/// let store = SealedStore::open_or_create(records, &key).await?;
/// # Ok(())
/// # }
/// ```
///
/// It wraps by `CKM_AES_GCM` within the token. The seal names it by its PKCS#11 URI (RFC 7512): the
/// labels of token and key, so that a copy of the token with the same labels opens the store, too.
/// The key is looked for each time, so that it can be used again after [`Pkcs11Token::reconnect`].
#[derive(Clone)]
pub struct Pkcs11WrappingKey {
    token: Pkcs11Token,
    label: String,
}

impl Pkcs11WrappingKey {
    /// The AES key of this label in a token. It waits for the token, as [`Pkcs11Token::open`] does.
    ///
    /// # Errors
    /// [`Pkcs11Error::NoKey`], [`Pkcs11Error::SeveralKeys`]; [`Pkcs11Error::CouldLeave`] if the
    /// token would give it away; else what the token says.
    pub fn open(token: Pkcs11Token, label: &str) -> Result<Self, Pkcs11Error> {
        let key = Self {
            token,
            label: label.to_owned(),
        };
        key.with("look for a wrapping key", |_, _| Ok(()))?;
        Ok(key)
    }

    /// Makes an AES key of 256 bits under this label, which stays in the token. It waits for the
    /// token. **Whatever it wrapped is lost with it**: a token that can be copied, or a second store
    /// under another key, is the only backup.
    ///
    /// # Errors
    /// [`Pkcs11Error::KeyExists`]; [`Pkcs11Error::CouldLeave`] if the token made one that it would
    /// give away, which is destroyed; else what the token says.
    pub fn create(token: Pkcs11Token, label: &str) -> Result<Self, Pkcs11Error> {
        const ACTION: &str = "make a wrapping key";
        let said = |said| Pkcs11Error::said(ACTION, said);
        let template = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::ValueLen(KEY_LEN.try_into().map_err(said)?),
            Attribute::Label(label.into()),
        ];
        token.in_session(ACTION, |session| {
            if !find(session, label)?.is_empty() {
                let label = label.to_owned();
                return Err(Pkcs11Error::KeyExists { label });
            }
            let made = session.generate_key(&Mechanism::AesKeyGen, &template);
            let made = made.map_err(said)?;
            crate::objects::check_confined(session, made).inspect_err(|_| {
                let _ = session.destroy_object(made);
            })
        })?;
        // somebody may have made another one at the same time
        Self::open(token, label)
    }

    /// The label of the key.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Does something with the key, in the session of the token.
    fn with<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Session, ObjectHandle) -> Result<T, Pkcs11Error>,
    ) -> Result<T, Pkcs11Error> {
        self.token.in_session(action, |session| {
            let label = || self.label.clone();
            let key = match *find(session, &self.label)? {
                [] => return Err(Pkcs11Error::NoKey { label: label() }),
                [key] => key,
                _ => return Err(Pkcs11Error::SeveralKeys { label: label() }),
            };
            crate::objects::check_confined(session, key)?;
            work(session, key)
        })
    }

    fn wrap_now(&self, data_key: &[u8; KEY_LEN]) -> Result<Vec<u8>, Pkcs11Error> {
        self.with("wrap a key", |session, key| encrypt(session, key, data_key))
    }

    fn unwrap_now(&self, wrapped: &[u8]) -> Result<Unwrapped, Pkcs11Error> {
        let Some((iv, sealed)) = wrapped
            .strip_prefix(&[AES_GCM])
            .and_then(|rest| rest.split_first_chunk::<IV_LEN>())
            .filter(|(_, sealed)| sealed.len() == KEY_LEN + TAG_LEN)
        else {
            return Ok(None);
        };
        const ACTION: &str = "unwrap a key";
        self.with(ACTION, |session, key| {
            let refusal = match decrypt(session, key, *iv, sealed) {
                Ok(opened) => return Ok(opened.as_slice().try_into().ok().map(Zeroizing::new)),
                Err(refusal) => refusal,
            };
            let says_so = matches!(
                refusal,
                Cryptoki::Pkcs11(
                    RvError::EncryptedDataInvalid | RvError::EncryptedDataLenRange,
                    _
                )
            );
            // many tokens have one error for this and for every other failure; a token that unwraps
            // what it has just wrapped works, and so has refused this key
            if says_so || unwraps(session, key)? {
                return Ok(None);
            }
            Err(Pkcs11Error::said(ACTION, refusal))
        })
    }
}

/// A key that was unwrapped; `None` if this key did not wrap it.
type Unwrapped = Option<Zeroizing<[u8; KEY_LEN]>>;

fn find(session: &Session, label: &str) -> Result<Vec<ObjectHandle>, Pkcs11Error> {
    let template = [
        Attribute::Token(true),
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Label(label.into()),
    ];
    let found = session.find_objects(&template);
    found.map_err(|said| Pkcs11Error::said("look for a wrapping key", said))
}

/// `01`, initialization vector, ciphertext and tag.
fn encrypt(
    session: &Session,
    key: ObjectHandle,
    data_key: &[u8; KEY_LEN],
) -> Result<Vec<u8>, Pkcs11Error> {
    let said = |said| Pkcs11Error::said("wrap a key", said);
    let mut iv = [0; IV_LEN];
    session.generate_random_slice(&mut iv).map_err(said)?;
    let sealed = {
        let parameters = gcm(&mut iv).map_err(said)?;
        let mechanism = Mechanism::AesGcm(parameters);
        session.encrypt(&mechanism, key, data_key).map_err(said)?
    };
    if sealed.len() != KEY_LEN + TAG_LEN {
        let what = "a wrapped key";
        return Err(Pkcs11Error::Malformed { what });
    }
    // a token may have put a vector of its own there
    Ok([&[AES_GCM], &iv[..], &sealed].concat())
}

fn decrypt(
    session: &Session,
    key: ObjectHandle,
    mut iv: [u8; IV_LEN],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Cryptoki> {
    let mechanism = Mechanism::AesGcm(gcm(&mut iv)?);
    session.decrypt(&mechanism, key, sealed).map(Zeroizing::new)
}

fn gcm(iv: &mut [u8; IV_LEN]) -> Result<GcmParams<'_>, Cryptoki> {
    GcmParams::new(iv, PURPOSE, (TAG_LEN * 8).try_into()?)
}

/// Whether the token unwraps what it wraps.
fn unwraps(session: &Session, key: ObjectHandle) -> Result<bool, Pkcs11Error> {
    const PROBE: [u8; KEY_LEN] = [0x55; KEY_LEN];
    let wrapped = encrypt(session, key, &PROBE)?;
    let opened = match wrapped.split_at_checked(1 + IV_LEN) {
        Some(([_, iv @ ..], sealed)) => match iv.try_into() {
            Ok(iv) => decrypt(session, key, iv, sealed).ok(),
            Err(_) => None,
        },
        _ => None,
    };
    Ok(opened.is_some_and(|opened| **opened == PROBE))
}

#[async_trait]
impl WrappingKey for Pkcs11WrappingKey {
    fn name(&self) -> String {
        let mut uri = String::from("pkcs11:token=");
        push_encoded(&mut uri, self.token.label());
        uri.push_str(";object=");
        push_encoded(&mut uri, &self.label);
        uri.push_str(";type=secret-key");
        uri
    }

    async fn wrap(&self, data_key: &[u8; KEY_LEN]) -> Result<Vec<u8>, WrapError> {
        let (key, data_key) = (self.clone(), Zeroizing::new(*data_key));
        let wrapped = unblock(move || key.wrap_now(&data_key)).await;
        wrapped.map_err(|error| WrapError::Custodian(error.into()))
    }

    async fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; KEY_LEN]>, WrapError> {
        let (key, wrapped) = (self.clone(), wrapped.to_vec());
        let unwrapped = unblock(move || key.unwrap_now(&wrapped)).await;
        let unwrapped = unwrapped.map_err(|error| WrapError::Custodian(error.into()))?;
        unwrapped.ok_or(WrapError::Refused)
    }
}

/// The text of an attribute of a PKCS#11 URI, in which every character that could have a meaning is
/// percent-encoded.
fn push_encoded(uri: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(byte.into());
            }
            // a String takes whatever is written to it
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
}

impl fmt::Debug for Pkcs11WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs11WrappingKey({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_in_a_uri_is_one_attribute() {
        for (label, encoded) in [
            ("sessions", "sessions"),
            ("token 1", "token%201"),
            ("a;object=b%", "a%3Bobject%3Db%25"),
            ("é", "%C3%A9"),
        ] {
            let mut uri = String::new();
            push_encoded(&mut uri, label);
            assert_eq!(uri, encoded);
        }
    }
}
