//! Which keys of WebCrypto there are.

use crate::js::{self, Algorithm};
use std::fmt;
use wasm_bindgen::JsCast;
use web_sys::CryptoKey;

/// Which kind of key a store makes and keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebCryptoAlgorithm {
    /// ECDSA on P-256 with SHA-256, `ES256` in JOSE. Every browser has it.
    #[default]
    P256,
    /// Ed25519, `EdDSA` in JOSE. Newer browsers have it.
    Ed25519,
}

impl WebCryptoAlgorithm {
    pub(crate) fn for_key(self) -> Algorithm {
        let algorithm: Algorithm = js::dictionary();
        match self {
            Self::P256 => {
                algorithm.set_name("ECDSA");
                algorithm.set_named_curve("P-256");
            }
            Self::Ed25519 => algorithm.set_name("Ed25519"),
        }
        algorithm
    }

    pub(crate) fn for_signature(self) -> Algorithm {
        let algorithm: Algorithm = js::dictionary();
        match self {
            Self::P256 => {
                algorithm.set_name("ECDSA");
                algorithm.set_hash("SHA-256");
            }
            Self::Ed25519 => algorithm.set_name("Ed25519"),
        }
        algorithm
    }

    pub(crate) fn is_of(self, key: &CryptoKey) -> bool {
        let Ok(algorithm) = key.algorithm() else {
            return false;
        };
        let algorithm: Algorithm = algorithm.unchecked_into();
        match (self, algorithm.name().as_deref()) {
            (Self::P256, Some("ECDSA")) => algorithm.named_curve().as_deref() == Some("P-256"),
            (Self::Ed25519, Some("Ed25519")) => true,
            _ => false,
        }
    }
}

impl fmt::Display for WebCryptoAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "ECDSA P-256",
            Self::Ed25519 => "Ed25519",
        })
    }
}
