//! CAIP-74 signature: its kind, its bytes in the spelling that was read, its metadata.

use crate::error::{Error, Field, Problem};
use crate::limits::MAX_SIGNATURE_LEN;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::fmt;

/// `s.t`, the kind of a signature, such as `eip191`.
///
/// Any short text is read, so that own provers can claim kinds of their own; whether a kind is
/// accepted is decided by the caller's set of provers.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SignatureKind(Cow<'static, str>);

impl SignatureKind {
    /// `personal_sign` of an Ethereum account (EIP-191, version 0x45).
    pub const EIP191: Self = Self(Cow::Borrowed("eip191"));
    /// A contract wallet, asked by `isValidSignature` (EIP-1271).
    pub const EIP1271: Self = Self(Cow::Borrowed("eip1271"));
    /// A contract wallet that need not be deployed yet (EIP-6492).
    pub const EIP6492: Self = Self(Cow::Borrowed("eip6492"));
    /// A Solana account.
    pub const SOLANA_ED25519: Self = Self(Cow::Borrowed("solana:ed25519"));
    /// A Tezos account of the kind tz1.
    pub const TEZOS_ED25519: Self = Self(Cow::Borrowed("tezos:ed25519"));
    /// A Tezos account of the kind tz2.
    pub const TEZOS_SECP256K1: Self = Self(Cow::Borrowed("tezos:secp256k1"));
    /// A Tezos account of the kind tz3.
    pub const TEZOS_P256: Self = Self(Cow::Borrowed("tezos:p256"));
    /// A Stacks account.
    pub const STACKS_SECP256K1: Self = Self(Cow::Borrowed("stacks:secp256k1"));
    /// A passkey (WebAuthn assertion with ES256).
    pub const WEBAUTHN_P256: Self = Self(Cow::Borrowed("webauthn:p256"));

    /// A kind by its name on the wire: 1 to 64 printable ASCII characters.
    ///
    /// # Errors
    /// [`Error::Field`] for anything else.
    pub fn new(name: &str) -> Result<Self, Error> {
        if !(1..=64).contains(&name.len()) || !name.bytes().all(|b| b.is_ascii_graphic()) {
            let problem = Problem::Form("1 to 64 printable ASCII characters");
            return Err(Error::field(Field::SignatureKind, problem));
        }
        let known = [
            Self::EIP191,
            Self::EIP1271,
            Self::EIP6492,
            Self::SOLANA_ED25519,
            Self::TEZOS_ED25519,
            Self::TEZOS_SECP256K1,
            Self::TEZOS_P256,
            Self::STACKS_SECP256K1,
            Self::WEBAUTHN_P256,
        ];
        Ok(known
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .unwrap_or_else(|| Self(Cow::Owned(name.into()))))
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SignatureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SignatureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `s.s` in the form that stands on the wire, which is part of the capability's CID.
///
/// Writers make texts; the other two are read because they occur.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureValue {
    /// A text in the encoding of its kind: hex, base58btc, base58check, base64url.
    Text(Box<str>),
    /// A byte string.
    Bytes(Box<[u8]>),
    /// A list of numbers 0 to 255, one a byte.
    Numbers(Box<[u8]>),
}

impl fmt::Debug for SignatureValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({text:?})"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", hex(bytes)),
            Self::Numbers(bytes) => write!(f, "Numbers({})", hex(bytes)),
        }
    }
}

fn hex(bytes: &[u8]) -> alloc::string::String {
    base16ct::lower::encode_string(bytes)
}

/// `s`: the issuer's signature of the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    kind: SignatureKind,
    value: SignatureValue,
    aad: Option<Box<[u8]>>,
}

impl Signature {
    /// A signature; `aad` is `s.m.aad`, the additional data of a passkey's signature.
    ///
    /// # Errors
    /// [`Error::Field`] when the value or the metadata is longer than
    /// [`MAX_SIGNATURE_LEN`](crate::MAX_SIGNATURE_LEN).
    pub fn new(
        kind: SignatureKind,
        value: SignatureValue,
        aad: Option<Box<[u8]>>,
    ) -> Result<Self, Error> {
        let too_long = Problem::TooLong {
            limit: MAX_SIGNATURE_LEN,
        };
        let len = match &value {
            SignatureValue::Text(text) => text.len(),
            SignatureValue::Bytes(bytes) | SignatureValue::Numbers(bytes) => bytes.len(),
        };
        if len > MAX_SIGNATURE_LEN {
            return Err(Error::field(Field::Signature, too_long));
        }
        if aad
            .as_ref()
            .is_some_and(|aad| aad.len() > MAX_SIGNATURE_LEN)
        {
            return Err(Error::field(Field::Metadata, too_long));
        }
        Ok(Self { kind, value, aad })
    }

    /// A signature whose text was just written, so that it is short.
    #[cfg(any(feature = "solana", feature = "stacks", feature = "tezos"))]
    pub(crate) fn of_text(kind: SignatureKind, text: alloc::string::String) -> Self {
        Self {
            kind,
            value: SignatureValue::Text(text.into()),
            aad: None,
        }
    }

    /// An `eip191` signature, written as wallets do: `0x` and the hex digits of r, s and v.
    #[must_use]
    pub fn eip191(bytes: &[u8; 65]) -> Self {
        let value = SignatureValue::Text(alloc::format!("0x{}", hex(bytes)).into());
        Self {
            kind: SignatureKind::EIP191,
            value,
            aad: None,
        }
    }

    /// `s.t`.
    #[must_use]
    pub const fn kind(&self) -> &SignatureKind {
        &self.kind
    }

    /// `s.s`.
    #[must_use]
    pub const fn value(&self) -> &SignatureValue {
        &self.value
    }

    /// `s.s` of a kind that has no metadata: there must be none.
    #[cfg(any(
        feature = "ethereum",
        feature = "solana",
        feature = "stacks",
        feature = "tezos"
    ))]
    pub(crate) const fn value_alone(&self) -> Result<&SignatureValue, Error> {
        match self.aad {
            None => Ok(&self.value),
            Some(_) => Err(Error::MalformedSignature("its kind has no metadata")),
        }
    }

    /// `s.m.aad`, which passkeys have: the bytes of authenticator and client data.
    #[must_use]
    pub fn aad(&self) -> Option<&[u8]> {
        self.aad.as_deref()
    }
}
