//! What a verifier of one kind of signature is; the built-in ones and a reader's own alike.

use super::{Block, IssuerProof, Policy};
use crate::error::Error;
use crate::model::{Cacao, HeaderType, Payload, Signature};
use crate::siwx::Dialect;
use crate::sync::{MaybeSend, MaybeSync};
use alloc::boxed::Box;
use async_trait::async_trait;

/// What a verifier claims: a header type, a signature kind and an issuer namespace, which must
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

/// A signed capability before its verifier.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    cacao: &'a Cacao,
    signature: &'a Signature,
    policy: &'a Policy,
}

impl<'a> Claim<'a> {
    pub(super) fn new(cacao: &'a Cacao, policy: &'a Policy) -> Result<Self, Error> {
        let signature = cacao.signature().ok_or(Error::Unsigned)?;
        Ok(Self {
            cacao,
            signature,
            policy,
        })
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

    /// The caller's policy.
    pub const fn policy(&self) -> &'a Policy {
        self.policy
    }
}

/// How a signature was found to be the issuer's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// The layout of the signed text, where a text was signed.
    pub dialect: Option<Dialect>,
    /// Whether the signed bytes name the issuer.
    pub issuer: IssuerProof,
    /// The block at which a contract was asked, where one was and its answer is pinned to it.
    pub block: Option<Block>,
}

impl Proof {
    /// A signed text in this dialect; the text names the issuer.
    #[must_use]
    pub const fn of_text(dialect: Dialect) -> Self {
        Self {
            dialect: Some(dialect),
            issuer: IssuerProof::Signed,
            block: None,
        }
    }

    /// A signed text that a contract accepts, at this block where it is pinned.
    #[cfg(feature = "contract")]
    pub(crate) const fn of_contract(dialect: Dialect, block: Option<Block>) -> Self {
        Self {
            dialect: Some(dialect),
            issuer: IssuerProof::Signed,
            block,
        }
    }
}

/// Checks signatures of some kinds: pure and synchronous, nothing but the capability is looked
/// at.
///
/// Implement it to add a chain. It answers one question: did this issuer sign this payload? Times,
/// audience and resources are judged elsewhere.
///
/// ```
/// use cacao::{Claim, Error, HeaderType, Kind, Proof, Verifier, Verifiers};
///
/// /// Accepts what a test wrote, and nothing else.
/// struct Marker;
///
/// impl Verifier for Marker {
///     fn kinds(&self) -> &[Kind] {
///         const { &[Kind::new(HeaderType::Caip122, "test:marker", "test")] }
///     }
///
///     fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
///         match claim.signature().value() {
///             cacao::SignatureValue::Text(text) if &**text == claim.payload().nonce() => {
///                 Ok(Proof::default())
///             }
///             _ => Err(Error::SignatureMismatch),
///         }
///     }
/// }
///
/// let verifiers = Verifiers::default().with(Marker)?;
/// # Ok::<_, Error>(())
/// ```
pub trait Verifier: MaybeSend + MaybeSync {
    /// The kinds that it claims.
    fn kinds(&self) -> &[Kind];

    /// Checks that the issuer of the payload made the signature.
    ///
    /// # Errors
    /// [`Error::MalformedSignature`], [`Error::SignatureMismatch`], or [`Error::Refused`] for a
    /// reason of its own.
    fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error>;

    /// Judges again a capability that this same verifier accepted before, with `proof`: all that
    /// its verdict takes from the [policy](Claim::policy), and not the signature. It is what lets
    /// `KnownCapabilities` remember the signature.
    ///
    /// `None`, which is the default, when the verdict must not be remembered: then
    /// [`verify`](Self::verify) is asked each time.
    fn verify_known(&self, claim: &Claim<'_>, proof: &Proof) -> Option<Result<Proof, Error>> {
        let _ = (claim, proof);
        None
    }
}

/// A verifier that must ask somebody, a chain for example. Every [`Verifier`] is one.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait AsyncVerifier: MaybeSend + MaybeSync {
    /// The kinds that it claims.
    fn kinds(&self) -> &[Kind];

    /// Checks that the issuer of the payload made the signature.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    async fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error>;
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<V: Verifier> AsyncVerifier for V {
    fn kinds(&self) -> &[Kind] {
        Verifier::kinds(self)
    }

    async fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        Verifier::verify(self, claim)
    }
}
