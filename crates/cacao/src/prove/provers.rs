//! The set of provers that a caller trusts.

#[cfg(feature = "contract")]
use super::contract::Contracts;
#[cfg(feature = "ethereum")]
use super::eip191::Eip191;
#[cfg(feature = "ethereum")]
use super::ethereum::Accounts;
#[cfg(feature = "ethereum")]
use super::question::Answer;
use super::{Claim, Facts, Kind, Proven, Prover, Proving};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::model::Cacao;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
#[cfg(feature = "ethereum")]
use core::any::TypeId;
use core::fmt;

/// The provers that a caller trusts, and so the kinds of signature that it accepts. Cheap to clone.
///
/// They are only those that the caller named: it starts with [`none`](Self::none), and no feature
/// that another crate of the build enables adds to them.
///
/// A kind is accepted if a prover of the set claims it. The three labels of Ethereum accounts are
/// one kind for this: a set that names [`Eip191`](crate::eip191::Eip191) accepts signatures of keys
/// under each of them, one that names [contracts](Self::with_contracts) those of contracts, and
/// neither those of the other. A prover of the reader's own that claims such a label has it to
/// itself.
///
/// ```
/// # #[cfg(feature = "ethereum")] {
/// use cacao::{Provers, eip191::Eip191};
///
/// let provers = Provers::none().with(Eip191)?;
/// assert!(provers.kinds().all(|kind| kind.signature == "eip191"));
/// # }
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone)]
pub struct Provers {
    members: Arc<[Member]>,
    #[cfg(feature = "std")]
    memory: Option<super::KnownCapabilities>,
}

/// One member of a set.
#[derive(Clone)]
enum Member {
    /// It answers at once.
    Prover(Arc<dyn Prover>),
    /// Keys of Ethereum accounts.
    #[cfg(feature = "ethereum")]
    EthereumKeys,
    /// It has a question for a chain.
    #[cfg(feature = "contract")]
    Contracts(Contracts),
}

/// Who proves one capability.
enum Route<'a> {
    /// The one prover that claims its kind.
    Prover(&'a dyn Prover),
    /// Those who prove Ethereum accounts.
    #[cfg(feature = "ethereum")]
    Ethereum(Accounts<'a>),
}

impl Member {
    fn of<P: Prover + 'static>(prover: P) -> Self {
        #[cfg(feature = "ethereum")]
        if TypeId::of::<P>() == TypeId::of::<Eip191>() {
            return Self::EthereumKeys;
        }
        Self::Prover(Arc::new(prover))
    }

    fn kinds(&self) -> &[Kind] {
        match self {
            Self::Prover(prover) => prover.kinds(),
            #[cfg(feature = "ethereum")]
            Self::EthereumKeys => Eip191::KINDS,
            #[cfg(feature = "contract")]
            Self::Contracts(_) => Contracts::KINDS,
        }
    }
}

impl Provers {
    /// No prover at all: nothing is accepted. [`with`](Self::with) adds some.
    #[must_use]
    pub fn none() -> Self {
        Self {
            members: Arc::new([]),
            #[cfg(feature = "std")]
            memory: None,
        }
    }

    /// Every prover of this crate that answers at once and is compiled in: **which those are
    /// depends on the features that any crate of the build enables**, so that a dependency can
    /// widen what is accepted. For tools that look at capabilities of all kinds; a server names
    /// its provers one by one. Contracts are never among them.
    #[must_use]
    pub fn all_compiled_in() -> Self {
        let members: [Member; _] = [
            #[cfg(feature = "ethereum")]
            Member::EthereumKeys,
            #[cfg(feature = "solana")]
            Member::Prover(Arc::new(super::solana::SolanaEd25519)),
            #[cfg(feature = "stacks")]
            Member::Prover(Arc::new(super::stacks::StacksSecp256k1)),
            #[cfg(feature = "tezos")]
            Member::Prover(Arc::new(super::tezos::TezosEd25519)),
            #[cfg(feature = "tezos-ecdsa")]
            Member::Prover(Arc::new(super::tezos::TezosSecp256k1)),
            #[cfg(feature = "tezos-ecdsa")]
            Member::Prover(Arc::new(super::tezos::TezosP256)),
            #[cfg(feature = "webauthn")]
            Member::Prover(Arc::new(super::webauthn::WebAuthn)),
        ];
        Self {
            members: Arc::new(members),
            ..Self::none()
        }
    }

    /// Adds a prover. All remembered proofs are forgotten.
    ///
    /// # Errors
    /// [`Error::DuplicateKind`] when it claims a kind that another prover claims already.
    pub fn with(self, prover: impl Prover + 'static) -> Result<Self, Error> {
        self.and(Member::of(prover))
    }

    /// Adds contract wallets: what they sign is proven by questions to their chain.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    #[cfg(feature = "contract")]
    pub fn with_contracts(self, contracts: Contracts) -> Result<Self, Error> {
        self.and(Member::Contracts(contracts))
    }

    fn and(self, member: Member) -> Result<Self, Error> {
        let kinds = member.kinds();
        for (at, kind) in kinds.iter().enumerate() {
            if kinds[..at].contains(kind) || self.kinds().any(|claimed| claimed == kind) {
                return Err(kind.duplicate());
            }
        }
        #[cfg(feature = "std")]
        let memory = self.memory.as_ref().map(super::KnownCapabilities::anew);
        let members: Vec<_> = self.members.iter().cloned().chain([member]).collect();
        Ok(Self {
            members: members.into(),
            #[cfg(feature = "std")]
            memory,
        })
    }

    /// Every kind that is claimed, each by the label that its signatures should have.
    pub fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.members.iter().flat_map(Member::kinds)
    }

    /// Proves that the issuer of a capability signed it, or says what a chain must be asked
    /// first. Provers that [remember](Self::with_memory) do no arithmetic for what they have proven
    /// before; a contract is asked anew.
    ///
    /// # Errors
    /// [`Error::Unsigned`], [`Error::UnsupportedKind`], or the prover's refusal.
    pub fn prove(&self, cacao: &Cacao) -> Result<Proving, Error> {
        let route = self.route(cacao)?;
        self.prove_by(&route, cacao, |facts| facts.contract.is_none())
    }

    /// As [`prove`](Self::prove), with what is remembered where it still `counts`.
    pub(crate) fn prove_if(
        &self,
        cacao: &Cacao,
        counts: impl Fn(&Facts) -> bool,
    ) -> Result<Proving, Error> {
        self.prove_by(&self.route(cacao)?, cacao, counts)
    }

    fn prove_by(
        &self,
        route: &Route<'_>,
        cacao: &Cacao,
        counts: impl Fn(&Facts) -> bool,
    ) -> Result<Proving, Error> {
        let _ = &counts;
        #[cfg(feature = "std")]
        if let Some(memory) = &self.memory
            && cacao.shown().is_none()
            && let Some(proven) = memory.recall(cacao, counts)
        {
            return Ok(Proving::Done(proven));
        }
        let claim = Claim::new(cacao)?;
        let facts = match route {
            Route::Prover(prover) => prover.prove(&claim)?,
            #[cfg(feature = "ethereum")]
            Route::Ethereum(accounts) => match accounts.prove(&claim, || unsupported(&claim))? {
                Answer::Done(facts) => facts,
                Answer::Ask(question) => return Ok(Proving::Ask(question)),
            },
        };
        // a prover that renders its own text has not looked at the one that was read; what stands
        // around the text is for the prover to find out
        let text = facts.dialect.map(Dialect::without_envelope);
        if cacao
            .shown()
            .is_some_and(|shown| text != Some(shown.dialect))
        {
            return Err(Error::SignatureMismatch);
        }
        let proven = Proven::new(cacao.clone(), facts);
        self.remember(&proven);
        Ok(Proving::Done(proven))
    }

    /// Whether a member may prove the capability, by its kind.
    ///
    /// # Errors
    /// [`Error::Unsigned`], [`Error::UnsupportedKind`].
    pub(crate) fn check_kind(&self, cacao: &Cacao) -> Result<(), Error> {
        self.route(cacao).map(drop)
    }

    /// Whether a contract's word about the capability counts for this set.
    pub(crate) fn counts_contracts(&self, cacao: &Cacao) -> bool {
        match self.route(cacao) {
            #[cfg(feature = "ethereum")]
            Ok(Route::Ethereum(accounts)) => accounts.contracts.is_some(),
            Ok(Route::Prover(_)) => {
                !matches!(cacao.signature(), Some(s) if s.kind().as_str() == "eip191")
            }
            Err(_) => false,
        }
    }

    fn route(&self, cacao: &Cacao) -> Result<Route<'_>, Error> {
        let claim = Claim::new(cacao)?;
        #[cfg(feature = "ethereum")]
        let mut accounts = Accounts::default();
        for member in &*self.members {
            match member {
                Member::Prover(prover) => {
                    if prover.kinds().iter().any(|kind| kind.matches(cacao)) {
                        return Ok(Route::Prover(&**prover));
                    }
                }
                #[cfg(feature = "ethereum")]
                Member::EthereumKeys => accounts.keys = true,
                #[cfg(feature = "contract")]
                Member::Contracts(contracts) => accounts.contracts = Some(contracts),
            }
        }
        #[cfg(feature = "ethereum")]
        if accounts.claim(cacao) {
            return Ok(Route::Ethereum(accounts));
        }
        Err(unsupported(&claim))
    }

    /// Keeps what was proven by this set, where the set remembers.
    pub(crate) fn remember(&self, proven: &Proven) {
        #[cfg(feature = "std")]
        // the memory goes by the bytes of capabilities, which a text is not
        if let Some(memory) = &self.memory
            && proven.cacao().shown().is_none()
        {
            memory.keep(proven);
        }
        let _ = proven;
    }

    /// Reads the DAG-CBOR block of a capability. A set that remembers answers for a block that it
    /// knows without reading it, with the capability that it kept.
    ///
    /// # Errors
    /// As [`Cacao::from_dag_cbor`].
    pub fn read_dag_cbor(&self, block: &[u8]) -> Result<Cacao, Error> {
        #[cfg(feature = "std")]
        if let Some(memory) = &self.memory {
            return memory.read_dag_cbor(block);
        }
        Cacao::from_dag_cbor(block)
    }
}

fn unsupported(claim: &Claim<'_>) -> Error {
    Error::UnsupportedKind {
        header: claim.cacao().header().as_str(),
        signature: claim.signature().kind().to_string(),
        namespace: claim.payload().issuer().namespace().to_string(),
    }
}

/// Sets that remember.
#[cfg(feature = "std")]
impl Provers {
    /// Remembers what these provers prove, for at most so many capabilities. Everything except the
    /// signature is judged each time.
    ///
    /// The memory belongs to this set and its clones; a set with other provers has one of its own.
    #[must_use]
    pub fn with_memory(mut self, capacity: usize) -> Self {
        self.memory = Some(super::KnownCapabilities::new(capacity));
        self
    }

    /// The memory, if there is one.
    #[must_use]
    pub const fn known(&self) -> Option<&super::KnownCapabilities> {
        self.memory.as_ref()
    }
}

impl fmt::Debug for Provers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.kinds()).finish()
    }
}

#[cfg(test)]
#[cfg(feature = "ethereum")]
mod tests {
    use super::*;
    use crate::model::HeaderType;

    struct Own(&'static [Kind]);

    impl Prover for Own {
        fn kinds(&self) -> &[Kind] {
            self.0
        }

        fn prove(&self, _: &Claim<'_>) -> Result<Facts, Error> {
            Ok(Facts::of_bytes())
        }
    }

    #[test]
    fn a_claimed_kind_cannot_be_claimed_again() {
        const BUILT_IN: Kind = Kind::new(HeaderType::Eip4361, "eip191", "eip155");
        const OWN: Kind = Kind::new(HeaderType::Caip122, "own", "own");
        assert!(Provers::all_compiled_in().with(Own(&[BUILT_IN])).is_err());
        let own = Provers::all_compiled_in().with(Own(&[OWN])).unwrap();
        assert!(own.with(Own(&[OWN])).is_err());
        assert!(Provers::none().with(Own(&[OWN, OWN])).is_err());
    }

    #[test]
    fn the_kinds_that_are_compiled_in_are_distinct() {
        let provers = Provers::all_compiled_in();
        let kinds: Vec<_> = provers.kinds().collect();
        for (i, kind) in kinds.iter().enumerate() {
            assert!(!kinds[..i].contains(kind), "{kind:?}");
        }
    }
}
