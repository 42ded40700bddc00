//! What a prover of one kind of signature is; those of this crate and a reader's own alike.

use super::Facts;
use crate::error::Error;
use crate::model::{Cacao, HeaderType, Payload, Signature};

/// What a prover claims: a header type, a signature kind and an issuer namespace, which must
/// all match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// `h.t`.
    pub header: HeaderType,
    /// `s.t`, `eip191` for example.
    pub signature: &'static str,
    /// The issuer's CAIP-2 namespace, or `did:key`.
    pub namespace: &'static str,
}

impl Kind {
    /// A kind from its three parts.
    #[must_use]
    pub const fn new(header: HeaderType, signature: &'static str, namespace: &'static str) -> Self {
        Self {
            header,
            signature,
            namespace,
        }
    }

    /// The error of a second claim on this kind.
    pub(super) const fn duplicate(&self) -> Error {
        Error::DuplicateKind {
            header: self.header.as_str(),
            signature: self.signature,
            namespace: self.namespace,
        }
    }

    /// Whether a signed capability is of this kind.
    #[must_use]
    pub fn matches(&self, cacao: &Cacao) -> bool {
        cacao.header() == self.header
            && cacao.payload().issuer().namespace() == self.namespace
            && cacao
                .signature()
                .is_some_and(|s| s.kind().as_str() == self.signature)
    }
}

/// A signed capability before its prover.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    cacao: &'a Cacao,
    signature: &'a Signature,
}

impl<'a> Claim<'a> {
    /// The claim of a capability that is signed.
    ///
    /// # Errors
    /// [`Error::Unsigned`].
    pub fn new(cacao: &'a Cacao) -> Result<Self, Error> {
        let signature = cacao.signature().ok_or(Error::Unsigned)?;
        Ok(Self { cacao, signature })
    }

    /// The capability.
    #[must_use]
    pub const fn cacao(&self) -> &'a Cacao {
        self.cacao
    }

    /// Its payload.
    #[must_use]
    pub fn payload(&self) -> &'a Payload {
        self.cacao.payload()
    }

    /// Its signature.
    #[must_use]
    pub const fn signature(&self) -> &'a Signature {
        self.signature
    }
}

/// Proves signatures of some kinds. It is pure and synchronous, and looks only at the capability.
///
/// Implement it to add a chain. It answers one question: did this issuer sign this payload? Times,
/// audience, resources and the caller's policy are judged elsewhere, each time; a proof may be
/// remembered.
///
/// ```
/// use cacao::{Claim, Error, Facts, HeaderType, Kind, Prover, Provers};
///
/// /// Accepts what a test wrote, and nothing else.
/// struct Marker;
///
/// impl Prover for Marker {
///     fn kinds(&self) -> &[Kind] {
///         const { &[Kind::new(HeaderType::Caip122, "test:marker", "test")] }
///     }
///
///     fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error> {
///         match claim.signature().value() {
///             cacao::SignatureValue::Text(text) if &**text == claim.payload().nonce() => {
///                 Ok(Facts::of_bytes())
///             }
///             _ => Err(Error::SignatureMismatch),
///         }
///     }
/// }
///
/// let provers = Provers::none().with(Marker)?;
/// # Ok::<_, Error>(())
/// ```
pub trait Prover: Send + Sync {
    /// The kinds that it claims.
    fn kinds(&self) -> &[Kind];

    /// Proves that the issuer of the payload made the signature. The same claim must give the
    /// same answer each time.
    ///
    /// # Errors
    /// [`Error::MalformedSignature`], [`Error::SignatureMismatch`], or [`Error::Refused`] for a
    /// reason of its own.
    fn prove(&self, claim: &Claim<'_>) -> Result<Facts, Error>;
}
