//! The one error type of this crate.

use crate::{Algorithm, KeyType};

/// Why a text is not a did:key, a signature is not valid, or a key cannot do what was asked.
///
/// Errors never carry key material, and carry positions and lengths rather than copies of the
/// input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is longer than any valid one; it was not decoded.
    #[error("the text has {length} bytes, more than the limit of {limit}")]
    TooLong {
        /// Length of the text in bytes.
        length: usize,
        /// The longest accepted length in bytes.
        limit: usize,
    },
    /// The text does not begin with `did:key:`, in lower case.
    #[error("the text is not a valid did:key: it does not begin with \"did:key:\"")]
    NotDidKey,
    /// The identifier does not begin with `z`, the multibase letter of base58btc.
    #[error("the key is not in multibase base58btc: it does not begin with \"z\"")]
    Multibase,
    /// The identifier holds a character that base58btc does not have.
    #[error("character {} of the base58btc text, behind the \"z\", is not in the alphabet", .index + 1)]
    Base58 {
        /// Byte index of the character, from 0 for the first one behind the `z`; the message counts
        /// characters from 1.
        index: usize,
    },
    /// The multicodec code in front of the key is cut off, too long, or not minimal.
    #[error("the multicodec code is not a minimal varint")]
    Varint,
    /// The multicodec code names no key type that did:key knows here.
    #[error("multicodec code {code:#x} is not a supported key type")]
    UnknownMulticodec {
        /// The code found.
        code: u64,
    },
    /// The key type is known, but its feature is not compiled in.
    #[error("{key_type} keys need the feature \"{feature}\" of the crate didkey")]
    UnsupportedKeyType {
        /// The key type found.
        key_type: KeyType,
        /// The Cargo feature that brings it.
        feature: &'static str,
    },
    /// The key's length is not the one of its type.
    #[error("a {key_type} public key has {expected} bytes, not {length}")]
    KeyLength {
        /// The key type.
        key_type: KeyType,
        /// Number of bytes found.
        length: usize,
        /// Number of bytes that a key of this type has.
        expected: usize,
    },
    /// The bytes are not a usable public key: not a point on the curve, not compressed, not in
    /// canonical encoding, or (Ed25519) of small order.
    #[error("the bytes are not a valid {key_type} public key")]
    InvalidKey {
        /// The key type.
        key_type: KeyType,
    },
    /// The algorithm's name is not a known one.
    #[error("unknown signature algorithm")]
    UnknownAlgorithm,
    /// The algorithm is not the one of the key.
    #[error("a {key_type} key cannot verify {algorithm} signatures")]
    AlgorithmMismatch {
        /// The key's type.
        key_type: KeyType,
        /// The algorithm asked for.
        algorithm: Algorithm,
    },
    /// The signature's length is not the algorithm's.
    #[error("an {algorithm} signature has {expected} bytes, not {length}")]
    SignatureLength {
        /// The algorithm.
        algorithm: Algorithm,
        /// Number of bytes found.
        length: usize,
        /// Number of bytes that a signature of this algorithm has.
        expected: usize,
    },
    /// The signature's S is in the upper half of the group order; ES256K demands the lower one.
    #[error("the {algorithm} signature has a high S, which is not accepted")]
    HighS {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The signature is not one of this key over this message.
    #[error("the {algorithm} signature does not verify")]
    InvalidSignature {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The seed is not a private key: zero, or not below the order of the group.
    #[error("the seed is not a valid {key_type} private key")]
    InvalidSeed {
        /// The key type.
        key_type: KeyType,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness")]
    Randomness,
    /// The text is not a DID URL (DID Core 1.0, section 3.2).
    #[error("the text is not a valid DID URL: invalid {part} at character {}", .index + 1)]
    DidUrl {
        /// The part that is malformed: "scheme", "method", "identifier", "path", "query" or
        /// "fragment".
        part: &'static str,
        /// Byte index where it stops being valid, from 0; all characters before it are ASCII. The
        /// message counts characters from 1.
        index: usize,
    },
    /// The DID URL has a path; a did:key has nothing that a path could name.
    #[error("a did:key URL must not have a path")]
    DidUrlPath,
    /// The profile has no document for keys of this type.
    #[error("the {profile} profile has no document for {key_type} keys")]
    NoDocument {
        /// The key type.
        key_type: KeyType,
        /// Name of the profile.
        profile: &'static str,
    },
    /// The media type is not one that DID documents are written in here.
    #[error("DID documents are application/did+json or application/did+ld+json only")]
    UnsupportedRepresentation,
}

impl Error {
    /// A stable name of the reason, in `snake_case`, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::NotDidKey => "not_did_key",
            Self::Multibase => "multibase",
            Self::Base58 { .. } => "base58",
            Self::Varint => "varint",
            Self::UnknownMulticodec { .. } => "unknown_multicodec",
            Self::UnsupportedKeyType { .. } => "unsupported_key_type",
            Self::KeyLength { .. } => "key_length",
            Self::InvalidKey { .. } => "invalid_key",
            Self::UnknownAlgorithm => "unknown_algorithm",
            Self::AlgorithmMismatch { .. } => "algorithm_mismatch",
            Self::SignatureLength { .. } => "signature_length",
            Self::HighS { .. } => "high_s",
            Self::InvalidSignature { .. } => "invalid_signature",
            Self::InvalidSeed { .. } => "invalid_seed",
            Self::Randomness => "randomness",
            Self::DidUrl { .. } => "did_url",
            Self::DidUrlPath => "did_url_path",
            Self::NoDocument { .. } => "no_document",
            Self::UnsupportedRepresentation => "unsupported_representation",
        }
    }
}
