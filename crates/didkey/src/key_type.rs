//! The key types of did:key and the JOSE algorithms that go with them.

use core::fmt;

/// A type of public key that a did:key can hold.
///
/// The codes are those of the [multicodec table], section "key".
///
/// [multicodec table]: https://github.com/multiformats/multicodec/blob/master/table.csv
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// Ed25519 (RFC 8032), for signatures.
    Ed25519,
    /// X25519 (RFC 7748), for key agreement only.
    X25519,
    /// secp256k1 (SEC 2), for signatures.
    Secp256k1,
    /// NIST P-256, also known as secp256r1.
    P256,
    /// NIST P-384, also known as secp384r1.
    P384,
    /// NIST P-521, also known as secp521r1.
    P521,
}

impl KeyType {
    /// Every key type, in the order of the enum.
    pub const ALL: [Self; 6] = [
        Self::Ed25519,
        Self::X25519,
        Self::Secp256k1,
        Self::P256,
        Self::P384,
        Self::P521,
    ];

    /// The multicodec code, which stands as a varint in front of the key's bytes.
    #[must_use]
    pub const fn multicodec(self) -> u64 {
        match self {
            Self::Ed25519 => 0xed,
            Self::X25519 => 0xec,
            Self::Secp256k1 => 0xe7,
            Self::P256 => 0x1200,
            Self::P384 => 0x1201,
            Self::P521 => 0x1202,
        }
    }

    /// The key type of a multicodec code.
    #[must_use]
    pub const fn from_multicodec(code: u64) -> Option<Self> {
        match code {
            0xed => Some(Self::Ed25519),
            0xec => Some(Self::X25519),
            0xe7 => Some(Self::Secp256k1),
            0x1200 => Some(Self::P256),
            0x1201 => Some(Self::P384),
            0x1202 => Some(Self::P521),
            _ => None,
        }
    }

    /// The curve's name as JOSE writes it in `crv` (RFC 7518, RFC 8037, RFC 8812).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
            Self::Secp256k1 => "secp256k1",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The one algorithm that keys of this type sign with; `None` for X25519, which cannot sign.
    #[must_use]
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::Ed25519 => Some(Algorithm::EdDsa),
            Self::X25519 => None,
            Self::Secp256k1 => Some(Algorithm::Es256k),
            Self::P256 => Some(Algorithm::Es256),
            Self::P384 => Some(Algorithm::Es384),
            Self::P521 => Some(Algorithm::Es512),
        }
    }

    /// Whether keys of this type can be read: P-384 and P-521 need the feature of their name.
    #[must_use]
    pub const fn is_supported(self) -> bool {
        match self {
            Self::Ed25519 | Self::X25519 | Self::Secp256k1 | Self::P256 => true,
            Self::P384 => cfg!(feature = "p384"),
            Self::P521 => cfg!(feature = "p521"),
        }
    }

    /// The length of the public key in bytes: 32 for Ed25519 and X25519, otherwise that of the
    /// compressed point (SEC 1, section 2.3.3).
    #[must_use]
    pub const fn public_key_length(self) -> usize {
        match self {
            Self::Ed25519 | Self::X25519 => 32,
            Self::Secp256k1 | Self::P256 => 33,
            Self::P384 => 49,
            Self::P521 => 67,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A signature algorithm, by its JOSE name (the JWS `alg` header).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// `EdDSA` with Ed25519 (RFC 8037).
    EdDsa,
    /// `ES256`: ECDSA with P-256 and SHA-256 (RFC 7518, section 3.4).
    Es256,
    /// `ES256K`: ECDSA with secp256k1 and SHA-256 (RFC 8812), low S only.
    Es256k,
    /// `ES384`: ECDSA with P-384 and SHA-384 (RFC 7518, section 3.4).
    Es384,
    /// `ES512`: ECDSA with P-521 and SHA-512 (RFC 7518, section 3.4).
    Es512,
}

impl Algorithm {
    /// The JOSE name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es256k => "ES256K",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
        }
    }

    /// The exact length of a signature in bytes: R ‖ S for `EdDSA`, r ‖ s for ECDSA.
    #[must_use]
    pub const fn signature_length(self) -> usize {
        match self {
            Self::EdDsa | Self::Es256 | Self::Es256k => 64,
            Self::Es384 => 96,
            Self::Es512 => 132,
        }
    }

    /// The type of the keys that sign with this algorithm.
    #[must_use]
    pub const fn key_type(self) -> KeyType {
        match self {
            Self::EdDsa => KeyType::Ed25519,
            Self::Es256 => KeyType::P256,
            Self::Es256k => KeyType::Secp256k1,
            Self::Es384 => KeyType::P384,
            Self::Es512 => KeyType::P521,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_algorithms_map_both_ways() {
        for key_type in KeyType::ALL {
            assert_eq!(
                KeyType::from_multicodec(key_type.multicodec()),
                Some(key_type)
            );
            match key_type.algorithm() {
                Some(algorithm) => {
                    assert_eq!(algorithm.key_type(), key_type);
                    assert_eq!(algorithm.name().parse(), Ok(algorithm));
                }
                None => assert_eq!(key_type, KeyType::X25519),
            }
        }
        assert_eq!(
            KeyType::from_multicodec(0x1205),
            None,
            "RSA is not supported"
        );
    }

    #[test]
    fn names_match_exactly() {
        for name in [
            "", "none", "eddsa", "EDDSA", "Ed25519", "es256", "ES256 ", "ES256k", "ES521",
        ] {
            assert_eq!(
                Algorithm::from_name(name),
                Err(crate::Error::UnknownAlgorithm),
                "{name:?}"
            );
        }
    }
}
