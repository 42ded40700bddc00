//! A session key in a token.

use crate::error::Pkcs11Error;
use crate::objects::{KeyId, Pair, Pkcs11Algorithm};
use crate::token::Pkcs11Token;
use async_trait::async_trait;
use blocking::unblock;
use didkey::{DidKey, Signature};
use session_core::{SessionKey, SigningError};
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

/// A session key whose secret lies in a token, and that the token does not give away
/// (`CKA_SENSITIVE`, not `CKA_EXTRACTABLE`).
///
/// A key that was just made is in the session with the token only, and is gone when it is dropped. A
/// key that was loaded is in the token itself. It is destroyed when its record is removed or, if its
/// record is replaced, as soon as nobody in the program uses it any more.
#[derive(Clone)]
pub struct Pkcs11Key(Arc<Held>);

struct Held {
    did: DidKey,
    algorithm: Pkcs11Algorithm,
    token: Pkcs11Token,
    place: Place,
    handles: (u64, Pair),
}

/// Where it lies.
enum Place {
    /// In the session, until it is dropped.
    Session,
    /// In the token, under an id.
    Token(KeyId),
}

impl Pkcs11Key {
    pub(crate) fn generate(
        token: &Pkcs11Token,
        algorithm: Pkcs11Algorithm,
    ) -> Result<Self, Pkcs11Error> {
        let (era, pair, did) = token.generate(algorithm)?;
        Ok(Self(Arc::new(Held {
            did,
            algorithm,
            token: token.clone(),
            place: Place::Session,
            handles: (era, pair),
        })))
    }

    pub(crate) fn find(token: &Pkcs11Token, id: KeyId) -> Result<Option<Self>, Pkcs11Error> {
        let Some((era, pair, did)) = token.load(&id)? else {
            return Ok(None);
        };
        let Some(algorithm) = Pkcs11Algorithm::of(&did) else {
            token.unused(id);
            return Err(Pkcs11Error::Malformed {
                what: "a public key",
            });
        };
        Ok(Some(Self(Arc::new(Held {
            did,
            algorithm,
            token: token.clone(),
            place: Place::Token(id),
            handles: (era, pair),
        }))))
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Pkcs11Algorithm {
        self.0.algorithm
    }

    /// Says why the secret cannot be had.
    ///
    /// A session over such a key has no `serialize`, which the compiler says. This is for programs
    /// that export whatever key they have, and must tell their user.
    ///
    /// ```compile_fail
    /// fn export<K: session_core::ExportableKey>(_: &K) {}
    /// fn test(key: &session_key_pkcs11::Pkcs11Key) {
    ///     export(key);
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Pkcs11Error::NotExportable`], always.
    pub fn export(&self) -> Result<Infallible, Pkcs11Error> {
        Err(Pkcs11Error::NotExportable {
            did: self.0.did.clone(),
        })
    }

    /// Copies it into this token under this id.
    pub(crate) fn keep(&self, token: &Pkcs11Token, id: &KeyId) -> Result<(), Pkcs11Error> {
        let held = &*self.0;
        if !held.token.is_same(token) {
            return Err(Pkcs11Error::OtherToken {
                did: held.did.clone(),
            });
        }
        let (era, pair) = held.handles;
        if held.token.keep(era, pair, id)? {
            return Ok(());
        }
        match held.found_again()? {
            Some((era, pair)) if held.token.keep(era, pair, id)? => Ok(()),
            _ => Err(held.gone()),
        }
    }
}

impl Held {
    /// Signs, and verifies the signature: a token is somebody else's program, and may be wrong.
    fn sign(&self, message: &[u8]) -> Result<Signature, Pkcs11Error> {
        let digest;
        let given = match self.algorithm {
            Pkcs11Algorithm::EdDsa => message,
            Pkcs11Algorithm::Es256 => {
                digest = Sha256::digest(message);
                &digest[..]
            }
        };
        let mut signed = self.token.sign(self.algorithm, self.handles, given)?;
        if signed.is_none() {
            // the token was connected again: the handle is another
            let handles = self.found_again()?.ok_or_else(|| self.gone())?;
            signed = self.token.sign(self.algorithm, handles, given)?;
        }
        let malformed = Pkcs11Error::Malformed {
            what: "a signature",
        };
        let bytes: [u8; 64] = match signed.ok_or_else(|| self.gone())?.try_into() {
            Ok(bytes) => bytes,
            Err(_) => return Err(malformed),
        };
        let key = self.did.public_key();
        let algorithm = key.key_type().algorithm();
        match algorithm.map(|algorithm| key.verify(algorithm, message, &bytes)) {
            Some(Ok(())) => Ok(bytes.into()),
            _ => Err(malformed),
        }
    }

    /// The handles of a key that lies in the token, as they are now.
    fn found_again(&self) -> Result<Option<(u64, Pair)>, Pkcs11Error> {
        let Place::Token(id) = &self.place else {
            return Ok(None);
        };
        let found = self.token.find(id)?;
        Ok(found
            .filter(|(.., did)| *did == self.did)
            .map(|(era, pair, _)| (era, pair)))
    }

    fn gone(&self) -> Pkcs11Error {
        Pkcs11Error::KeyGone {
            did: self.did.clone(),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        match self.place {
            Place::Session => {
                let (era, pair) = self.handles;
                self.token.discard(era, pair);
            }
            Place::Token(id) => self.token.unused(id),
        }
    }
}

#[async_trait]
impl SessionKey for Pkcs11Key {
    fn did(&self) -> &DidKey {
        &self.0.did
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SigningError> {
        let (held, message) = (Arc::clone(&self.0), message.to_vec());
        let signed = unblock(move || held.sign(&message)).await;
        signed.map_err(|error| error.signing(&self.0.did))
    }
}

impl fmt::Debug for Pkcs11Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs11Key({})", self.0.did)
    }
}
