//! The set of verifiers that a caller trusts.

use super::{Claim, Kind, Proof, Verifier};
use crate::error::Error;
use crate::model::{Cacao, HeaderType};
use crate::sync::{MaybeSend, MaybeSync};
use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// The verifiers that are compiled in.
const BUILT_IN: &[&dyn Verifier] = &[
    #[cfg(feature = "eip191")]
    &super::eip191::Eip191,
    #[cfg(feature = "solana")]
    &super::solana::SolanaEd25519,
    #[cfg(feature = "stacks")]
    &super::stacks::StacksSecp256k1,
    #[cfg(feature = "tezos")]
    &super::tezos::TezosEd25519,
    #[cfg(feature = "tezos-ecdsa")]
    &super::tezos::TezosSecp256k1,
    #[cfg(feature = "tezos-ecdsa")]
    &super::tezos::TezosP256,
    #[cfg(feature = "webauthn")]
    &super::webauthn::WebAuthn,
];

/// What they claim, in the same order.
const BUILT_IN_KINDS: &[Kind] = &[
    #[cfg(feature = "eip191")]
    Kind::new(HeaderType::Eip4361, "eip191", "eip155"),
    #[cfg(feature = "eip191")]
    Kind::new(HeaderType::Caip122, "eip191", "eip155"),
    #[cfg(feature = "solana")]
    Kind::new(HeaderType::Caip122, "solana:ed25519", "solana"),
    #[cfg(feature = "stacks")]
    Kind::new(HeaderType::Caip122, "stacks:secp256k1", "stacks"),
    #[cfg(feature = "tezos")]
    Kind::new(HeaderType::Caip122, "tezos:ed25519", "tezos"),
    #[cfg(feature = "tezos-ecdsa")]
    Kind::new(HeaderType::Caip122, "tezos:secp256k1", "tezos"),
    #[cfg(feature = "tezos-ecdsa")]
    Kind::new(HeaderType::Caip122, "tezos:p256", "tezos"),
    #[cfg(feature = "webauthn")]
    Kind::new(HeaderType::Caip122, "webauthn:p256", "did:key"),
];

/// Which kinds of capability are accepted, and who checks them. Cheap to clone.
///
/// [`Verifiers::default`] holds every built-in verifier that is compiled in; [`Verifiers::none`]
/// holds nothing and accepts nothing.
#[derive(Clone)]
pub struct Verifiers {
    /// Whether those that are compiled in belong to the set.
    built_in: bool,
    own: Vec<Arc<dyn Verifier>>,
    kinds: Cow<'static, [Kind]>,
    memory: Option<Arc<dyn Memory>>,
}

/// One verifier of a set.
#[derive(Clone)]
pub(super) enum Member {
    /// One that is compiled in, and its place among them.
    #[cfg_attr(not(feature = "std"), allow(dead_code))] // the place is for the memory
    BuiltIn(&'static dyn Verifier, usize),
    /// Somebody's own.
    Own(Arc<dyn Verifier>),
}

impl Member {
    pub(super) fn verifier(&self) -> &dyn Verifier {
        match self {
            Self::BuiltIn(verifier, _) => *verifier,
            Self::Own(own) => &**own,
        }
    }

    /// Whether it is the very same verifier: one of the same type with other settings is not.
    #[cfg(feature = "std")]
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::BuiltIn(_, one), Self::BuiltIn(_, other)) => one == other,
            (Self::Own(one), Self::Own(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

/// Remembers signatures that were checked.
pub(super) trait Memory: MaybeSend + MaybeSync {
    /// What `member` says of the claim, or has said before.
    fn verify(&self, member: &Member, claim: &Claim<'_>) -> Result<Proof, Error>;

    /// The remembered capability of this block.
    fn recall(&self, block: &[u8]) -> Result<Cacao, Error>;
}

impl Verifiers {
    /// No verifier at all: [`with`](Self::with) adds some.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            built_in: false,
            own: Vec::new(),
            kinds: Cow::Borrowed(&[]),
            memory: None,
        }
    }

    /// Adds a verifier.
    ///
    /// # Errors
    /// [`Error::DuplicateKind`] when it claims a kind that another one claims: nobody can take
    /// over a kind that is claimed, the built-in ones included.
    pub fn with(mut self, verifier: impl Verifier + 'static) -> Result<Self, Error> {
        let kinds = self.kinds.to_mut();
        for kind in verifier.kinds() {
            if kinds.contains(kind) {
                return Err(kind.duplicate());
            }
            kinds.push(*kind);
        }
        self.own.push(Arc::new(verifier));
        Ok(self)
    }

    /// Every kind that is claimed.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.kinds.iter()
    }

    /// Reads the DAG-CBOR block of a capability. A set that remembers answers for a block that it
    /// knows without reading it, with the capability that it kept.
    ///
    /// # Errors
    /// As [`Cacao::from_dag_cbor`].
    pub fn read_dag_cbor(&self, block: &[u8]) -> Result<Cacao, Error> {
        match &self.memory {
            Some(memory) => memory.recall(block),
            None => Cacao::from_dag_cbor(block),
        }
    }

    /// The member that claims the capability's kind.
    pub(super) fn find(&self, cacao: &Cacao) -> Result<Member, Error> {
        let claims = |verifier: &dyn Verifier| verifier.kinds().iter().any(|k| k.matches(cacao));
        let built_in = if self.built_in { BUILT_IN } else { &[] };
        if let Some(at) = built_in.iter().position(|verifier| claims(*verifier)) {
            return Ok(Member::BuiltIn(BUILT_IN[at], at));
        }
        self.own
            .iter()
            .find(|own| claims(&***own))
            .map(|own| Member::Own(Arc::clone(own)))
            .ok_or_else(|| unsupported(cacao))
    }

    /// What the member says of the claim, or is known to have said before.
    pub(super) fn ask(&self, member: &Member, claim: &Claim<'_>) -> Result<Proof, Error> {
        match &self.memory {
            Some(memory) => memory.verify(member, claim),
            None => member.verifier().verify(claim),
        }
    }
}

/// Sets that remember.
#[cfg(feature = "std")]
impl Verifiers {
    /// Remembers which signatures were accepted, in `known`, which other sets can share.
    /// Everything but the signature is judged each time; a verdict counts for the very verifier
    /// that reached it.
    #[must_use]
    pub fn remembering(mut self, known: &super::KnownCapabilities) -> Self {
        self.memory = Some(known.as_memory());
        self
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
        Self {
            built_in: true,
            own: Vec::new(),
            kinds: Cow::Borrowed(BUILT_IN_KINDS),
            memory: None,
        }
    }
}

impl Verifier for Verifiers {
    fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        self.ask(&self.find(claim.cacao())?, claim)
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

    #[test]
    fn the_table_of_built_in_kinds_is_what_they_claim() {
        let claimed: Vec<Kind> = BUILT_IN.iter().flat_map(|v| v.kinds()).copied().collect();
        assert_eq!(claimed, BUILT_IN_KINDS);
    }
}
