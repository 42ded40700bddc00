//! Keys as objects of a token: what is asked for, and how a public key is spelled.

use crate::error::Pkcs11Error;
use cryptoki::error::{Error as Cryptoki, Result as Said, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{
    Attribute, AttributeType, KeyType as ObjectKeyType, ObjectClass, ObjectHandle,
};
use cryptoki::session::Session;
use didkey::{DidKey, KeyType, PublicKey};

/// The kind of the keys that are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pkcs11Algorithm {
    /// ECDSA on P-256 with SHA-256 (`ES256`), which nearly every token has.
    #[default]
    Es256,
    /// Ed25519 (`EdDSA`), of PKCS#11 3.0.
    EdDsa,
}

/// What `CKA_ID` of a saved key is, and what its record names it by.
pub(crate) type KeyId = [u8; 32];

/// The two objects of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) private: ObjectHandle,
    pub(crate) public: ObjectHandle,
}

/// prime256v1 as DER (RFC 5480, section 2.1.1.1).
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// Ed25519 as DER (RFC 8410, section 3), and by its name as PKCS#11 3.0 has it.
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
const ED25519_BY_NAME: &[u8] = b"\x13\x0cedwards25519";

impl Pkcs11Algorithm {
    const fn parameters(self) -> &'static [&'static [u8]] {
        match self {
            Self::Es256 => &[P256],
            Self::EdDsa => &[ED25519, ED25519_BY_NAME],
        }
    }

    const fn generation(self) -> Mechanism<'static> {
        match self {
            Self::Es256 => Mechanism::EccKeyPairGen,
            Self::EdDsa => Mechanism::EccEdwardsKeyPairGen,
        }
    }

    /// How it signs what [`didkey`] verifies: for ES256 the token is given the SHA-256 digest.
    pub(crate) fn signing(self) -> Mechanism<'static> {
        match self {
            Self::Es256 => Mechanism::Ecdsa,
            Self::EdDsa => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
        }
    }

    pub(crate) fn of(did: &DidKey) -> Option<Self> {
        match did.public_key().key_type() {
            KeyType::P256 => Some(Self::Es256),
            KeyType::Ed25519 => Some(Self::EdDsa),
            _ => None,
        }
    }

    /// A public key as tokens spell it: a DER octet string, as PKCS#11 2.40 has it, or, as others
    /// do, a DER bit string or the bytes alone.
    fn public_key(self, point: &[u8]) -> Option<PublicKey> {
        match (self, point) {
            (Self::EdDsa, [0x04, 0x20, key @ ..] | [0x03, 0x21, 0x00, key @ ..] | key)
                if key.len() == 32 =>
            {
                PublicKey::from_bytes(KeyType::Ed25519, key).ok()
            }
            (
                Self::Es256,
                [0x04, 0x41, 0x04, xy @ ..] | [0x03, 0x42, 0x00, 0x04, xy @ ..] | [0x04, xy @ ..],
            ) if xy.len() == 64 => {
                let (x, y) = xy.split_at(32);
                let parity = 2 | (y.last()? & 1);
                PublicKey::from_bytes(KeyType::P256, &[&[parity], x].concat()).ok()
            }
            _ => None,
        }
    }
}

/// Makes a pair that ends with the session. That the private key cannot leave is read back from the
/// token.
pub(crate) fn generate(
    session: &Session,
    algorithm: Pkcs11Algorithm,
    label: &str,
) -> Result<(Pair, DidKey), Pkcs11Error> {
    const ACTION: &str = "make a session key";
    let mut made = Err(Pkcs11Error::Malformed { what: "no curve" });
    for parameters in algorithm.parameters() {
        let public = [
            Attribute::Token(false),
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::Label(label.into()),
            Attribute::EcParams(parameters.to_vec()),
        ];
        let private = [
            Attribute::Token(false),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            Attribute::Label(label.into()),
        ];
        let mechanism = algorithm.generation();
        made = session
            .generate_key_pair(&mechanism, &public, &private)
            .map(|(public, private)| Pair { private, public })
            .map_err(|said| Pkcs11Error::said(ACTION, said));
        if made.is_ok() {
            break;
        }
    }
    let pair = made?;
    let checked = check_confined(session, pair.private).and_then(|()| did_of(session, pair.public));
    checked.map(|did| (pair, did)).inspect_err(|_| {
        // the session would end it in any case
        let _ = destroy(session, pair);
    })
}

/// Copies a pair into the token, where it stays under this id; false where the pair is not there any
/// more.
pub(crate) fn keep(
    session: &Session,
    pair: Pair,
    id: &KeyId,
    label: &str,
) -> Result<bool, Pkcs11Error> {
    const ACTION: &str = "keep a session key";
    let template = [
        Attribute::Token(true),
        Attribute::Id(id.to_vec()),
        Attribute::Label(label.into()),
    ];
    let copy = |object| match session.copy_object(object, &template) {
        Ok(copied) => Ok(Some(copied)),
        Err(Cryptoki::Pkcs11(RvError::ObjectHandleInvalid | RvError::KeyHandleInvalid, _)) => {
            Ok(None)
        }
        Err(said) => Err(Pkcs11Error::said(ACTION, said)),
    };
    let kept = (|| {
        let Some(private) = copy(pair.private)? else {
            return Ok(false);
        };
        check_confined(session, private)?;
        Ok(copy(pair.public)?.is_some())
    })();
    if !matches!(kept, Ok(true)) {
        let _ = destroy_by_id(session, id, label);
    }
    kept
}

/// The pair that lies in the token under this id, and whose it is.
pub(crate) fn find(
    session: &Session,
    id: &KeyId,
    label: &str,
) -> Result<Option<(Pair, DidKey)>, Pkcs11Error> {
    let one = |class| {
        let template = [
            Attribute::Token(true),
            Attribute::Class(class),
            Attribute::Id(id.to_vec()),
            Attribute::Label(label.into()),
        ];
        match session.find_objects(&template) {
            Ok(found) => Ok(found.first().copied()),
            Err(said) => Err(Pkcs11Error::said("look for a session key", said)),
        }
    };
    let (Some(private), Some(public)) = (
        one(ObjectClass::PRIVATE_KEY)?,
        one(ObjectClass::PUBLIC_KEY)?,
    ) else {
        return Ok(None);
    };
    let did = did_of(session, public)?;
    Ok(Some((Pair { private, public }, did)))
}

/// Whose key a public key is.
fn did_of(session: &Session, public: ObjectHandle) -> Result<DidKey, Pkcs11Error> {
    let wanted = [AttributeType::KeyType, AttributeType::EcPoint];
    let attributes = session
        .get_attributes(public, &wanted)
        .map_err(|said| Pkcs11Error::said("read a public key", said))?;
    let (mut algorithm, mut point) = (None, None);
    for attribute in attributes {
        match attribute {
            Attribute::KeyType(ObjectKeyType::EC) => algorithm = Some(Pkcs11Algorithm::Es256),
            Attribute::KeyType(ObjectKeyType::EC_EDWARDS) => {
                algorithm = Some(Pkcs11Algorithm::EdDsa);
            }
            Attribute::EcPoint(bytes) => point = Some(bytes),
            _ => {}
        }
    }
    algorithm
        .zip(point)
        .and_then(|(algorithm, point)| algorithm.public_key(&point))
        .map(DidKey::from)
        .ok_or(Pkcs11Error::Malformed {
            what: "a public key",
        })
}

/// Asks the token whether the secret can leave it, which is an error.
pub(crate) fn check_confined(session: &Session, secret: ObjectHandle) -> Result<(), Pkcs11Error> {
    let wanted = [AttributeType::Sensitive, AttributeType::Extractable];
    let attributes = session
        .get_attributes(secret, &wanted)
        .map_err(|said| Pkcs11Error::said("read a key's attributes", said))?;
    let is = |wanted: Attribute| attributes.contains(&wanted);
    if is(Attribute::Sensitive(true)) && is(Attribute::Extractable(false)) {
        Ok(())
    } else {
        Err(Pkcs11Error::CouldLeave)
    }
}

pub(crate) fn destroy(session: &Session, pair: Pair) -> Said<()> {
    let private = session.destroy_object(pair.private);
    session.destroy_object(pair.public).and(private)
}

/// Destroys what lies in the token under this id.
pub(crate) fn destroy_by_id(session: &Session, id: &KeyId, label: &str) -> Said<()> {
    let template = [
        Attribute::Token(true),
        Attribute::Id(id.to_vec()),
        Attribute::Label(label.into()),
    ];
    let mut done = Ok(());
    for object in session.find_objects(&template)? {
        done = session.destroy_object(object).and(done);
    }
    done
}

/// The ids of the private keys that lie in the token under this label.
pub(crate) fn ids(session: &Session, label: &str) -> Said<Vec<KeyId>> {
    let template = [
        Attribute::Token(true),
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Label(label.into()),
    ];
    let mut ids = Vec::new();
    for object in session.find_objects(&template)? {
        for attribute in session.get_attributes(object, &[AttributeType::Id])? {
            if let Attribute::Id(id) = attribute
                && let Ok(id) = id.try_into()
            {
                ids.push(id);
            }
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use didkey::{Ed25519SigningKey, P256SigningKey};

    #[test]
    fn a_public_key_in_every_spelling_of_tokens() {
        let key = Ed25519SigningKey::from_seed(&[7; 32]);
        let bytes = key.did_key().public_key().as_bytes();
        for front in [&[][..], &[0x04, 0x20], &[0x03, 0x21, 0x00]] {
            let found = Pkcs11Algorithm::EdDsa.public_key(&[front, bytes].concat());
            assert_eq!(
                found.as_ref(),
                Some(key.did_key().public_key()),
                "{front:?}"
            );
        }
        let point = p256_point();
        let key = P256SigningKey::from_seed(&[7; 32]).unwrap();
        for front in [&[][..], &[0x04, 0x41], &[0x03, 0x42, 0x00]] {
            let found = Pkcs11Algorithm::Es256.public_key(&[front, &point].concat());
            assert_eq!(
                found.as_ref(),
                Some(key.did_key().public_key()),
                "{front:?}"
            );
        }
        for algorithm in [Pkcs11Algorithm::EdDsa, Pkcs11Algorithm::Es256] {
            for bad in [
                &[][..],
                &[0x04],
                &[0x04, 0x20],
                &[7; 31],
                &[7; 65],
                &[4; 64],
            ] {
                assert_eq!(algorithm.public_key(bad), None, "{algorithm:?}: {bad:?}");
            }
        }
    }

    /// The point of the seed of sevens, uncompressed.
    fn p256_point() -> Vec<u8> {
        let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let key = key.verifying_key().to_sec1_point(false);
        key.as_bytes().to_vec()
    }
}
