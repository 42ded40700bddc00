//! The set of verifiers that a caller trusts.

use super::{Claim, Kind, Proof, Verifier};
use crate::error::Error;
use crate::model::Cacao;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// Which kinds of capability are accepted, and who checks them. Cheap to clone.
///
/// [`Verifiers::default`] holds every built-in verifier that is compiled in; [`Verifiers::none`]
/// holds nothing and accepts nothing.
#[derive(Clone)]
pub struct Verifiers {
    members: Vec<Arc<dyn Verifier>>,
    kinds: Vec<Kind>,
}

impl Verifiers {
    /// No verifier at all: [`with`](Self::with) adds some.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            members: Vec::new(),
            kinds: Vec::new(),
        }
    }

    /// Adds a verifier.
    ///
    /// # Errors
    /// [`Error::DuplicateKind`] when it claims a kind that another one claims: nobody can take
    /// over a kind that is claimed, the built-in ones included.
    pub fn with(mut self, verifier: impl Verifier + 'static) -> Result<Self, Error> {
        for kind in verifier.kinds() {
            if self.kinds.contains(kind) {
                return Err(kind.duplicate());
            }
            self.kinds.push(*kind);
        }
        self.members.push(Arc::new(verifier));
        Ok(self)
    }

    /// Every kind that is claimed.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter()
    }

    pub(super) fn find(&self, cacao: &Cacao) -> Result<&dyn Verifier, Error> {
        self.members
            .iter()
            .find(|member| member.kinds().iter().any(|kind| kind.matches(cacao)))
            .map(|member| &**member)
            .ok_or_else(|| unsupported(cacao))
    }
}

/// No verifier claims the capability.
pub(super) fn unsupported(cacao: &Cacao) -> Error {
    match cacao.signature() {
        None => Error::Unsigned,
        Some(signature) => Error::UnsupportedKind {
            header: cacao.header().as_str(),
            signature: signature.kind().to_string(),
            namespace: cacao.payload().issuer().namespace().to_string(),
        },
    }
}

impl Default for Verifiers {
    fn default() -> Self {
        let built_in = Self::none();
        #[cfg(feature = "eip191")]
        let built_in = built_in.with_built_in(super::eip191::Eip191);
        #[cfg(feature = "solana")]
        let built_in = built_in.with_built_in(super::solana::SolanaEd25519);
        #[cfg(feature = "stacks")]
        let built_in = built_in.with_built_in(super::stacks::StacksSecp256k1);
        #[cfg(feature = "tezos")]
        let built_in = built_in.with_built_in(super::tezos::TezosEd25519);
        #[cfg(feature = "webauthn")]
        let built_in = built_in.with_built_in(super::webauthn::WebAuthn);
        built_in
    }
}

impl Verifiers {
    /// As [`with`](Self::with); the built-in kinds are told apart by a test.
    #[cfg(any(
        feature = "eip191",
        feature = "solana",
        feature = "stacks",
        feature = "tezos",
        feature = "webauthn"
    ))]
    fn with_built_in(mut self, verifier: impl Verifier + 'static) -> Self {
        self.kinds.extend_from_slice(verifier.kinds());
        self.members.push(Arc::new(verifier));
        self
    }
}

impl Verifier for Verifiers {
    fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        self.find(claim.cacao())?.verify(claim)
    }
}

impl fmt::Debug for Verifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verifiers").field(&self.kinds).finish()
    }
}

#[cfg(all(test, feature = "eip191"))]
mod tests {
    use super::*;
    use crate::HeaderType;

    struct Own(&'static [Kind]);

    impl Verifier for Own {
        fn kinds(&self) -> &[Kind] {
            self.0
        }

        fn verify(&self, _: &Claim<'_>) -> Result<Proof, Error> {
            Ok(Proof::default())
        }
    }

    #[test]
    fn a_claimed_kind_cannot_be_claimed_again() {
        const BUILT_IN: Kind = Kind::new(HeaderType::Eip4361, "eip191", "eip155");
        const OWN: Kind = Kind::new(HeaderType::Caip122, "own", "own");
        assert!(Verifiers::default().with(Own(&[BUILT_IN])).is_err());
        assert!(
            Verifiers::default()
                .with(Own(&[OWN]))
                .unwrap()
                .with(Own(&[OWN]))
                .is_err()
        );
        assert!(Verifiers::none().with(Own(&[OWN, OWN])).is_err());
    }

    #[test]
    fn the_built_in_kinds_are_distinct() {
        let built_in = Verifiers::default();
        for (i, kind) in built_in.kinds.iter().enumerate() {
            assert!(!built_in.kinds[..i].contains(kind), "{kind:?}");
        }
    }
}
