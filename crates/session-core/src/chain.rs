//! Asking a chain, since only its contract knows whether the signature of a contract wallet is
//! valid.

use async_trait::async_trait;
use cacao::{
    CallOutcome, EthCall, Inquiry, Judgement, MaybeSend, MaybeSync, UnixTime, VerifiedCacao,
};
use dag_jws::{Jws, Verification, VerifiedJws};
use std::error::Error as StdError;
use std::sync::Arc;

use crate::clock::Clock;

/// A chain did not answer, so it is not known whether the contract says yes or no.
#[derive(Debug, thiserror::Error)]
#[error("the chain eip155:{chain} did not answer")]
pub struct Outage {
    chain: String,
    #[source]
    source: Box<dyn StdError + Send + Sync>,
    outcomes: Vec<CallOutcome>,
}

impl Outage {
    /// The chain of this EIP-155 number did not answer, for this reason.
    pub fn new(
        chain: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self {
            chain: chain.into(),
            source: source.into(),
            outcomes: Vec::new(),
        }
    }

    /// The same outage after these outcomes of the first calls. They still count, since one of them
    /// may say yes. If none does, nothing is known, and the chain is not asked again.
    #[must_use]
    pub fn with_outcomes(mut self, outcomes: Vec<CallOutcome>) -> Self {
        self.outcomes = outcomes;
        self
    }

    /// The outcomes of the first calls that came before the outage, in the order of the calls.
    #[must_use]
    pub fn outcomes(&self) -> &[CallOutcome] {
        &self.outcomes
    }

    /// The EIP-155 number of the chain.
    #[must_use]
    pub fn chain(&self) -> &str {
        &self.chain
    }
}

/// Puts calls to Ethereum chains, by a node or through a wallet's provider.
#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
pub trait EthereumRpc: MaybeSend + MaybeSync {
    /// Executes calls (`eth_call`), all on the same chain, each at its block: at least the first of
    /// them, and as many of the others as can be had cheaply at the same time. Returns the outcomes
    /// of the calls that were made, in their order. If there are fewer outcomes than calls, it is
    /// called again for the others. If the chain stops answering in between, return an error
    /// [with](Outage::with_outcomes) the outcomes so far, so that one deadline is for all calls.
    ///
    /// # Errors
    /// [`Outage`] when there is no answer: for an unknown chain, an unknown block, no connection,
    /// or an answer that cannot be understood. A contract that reverts, or does not exist, is an
    /// outcome and not an error.
    async fn eth_calls(&self, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage>;
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<R: EthereumRpc + ?Sized> EthereumRpc for Arc<R> {
    async fn eth_calls(&self, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage> {
        (**self).eth_calls(calls).await
    }
}

/// Verifies a JWS in one call, even if the issuer of its capability is a contract wallet, whose
/// chain is asked last.
///
/// ```
/// use dag_jws::{Jws, Verification, VerifiedJws};
/// use session_core::{Clock, EthereumRpc, verify_jws};
///
/// async fn request(
///     text: &str,
///     verification: &Verification,
///     rpc: &dyn EthereumRpc,
///     clock: &dyn Clock,
/// ) -> Result<VerifiedJws, dag_jws::Error> {
///     verify_jws(&Jws::parse(text)?, verification, rpc, clock).await
/// }
/// ```
///
/// # Errors
/// As [`Jws::verify`]; [`cacao::Error::Chain`] inside when the chain does not answer.
pub async fn verify_jws(
    jws: &Jws,
    verification: &Verification,
    rpc: &dyn EthereumRpc,
    clock: &dyn Clock,
) -> Result<VerifiedJws, dag_jws::Error> {
    match jws.verify(verification) {
        Err(dag_jws::Error::MustAsk(inquiry)) => {
            let verified = settle(Judgement::Ask(inquiry), Some(rpc), clock)
                .await
                .map_err(dag_jws::Error::Capability)?;
            jws.verify(&verification.clone().with_proven(verified.proven()))
        }
        verdict => verdict,
    }
}

/// Takes a judgement to its end: asks as long as there is something to ask.
///
/// # Errors
/// [`cacao::Error::Chain`] when the chain does not answer, else the reason of the refusal.
pub async fn settle(
    mut judgement: Judgement,
    rpc: Option<&dyn EthereumRpc>,
    clock: &dyn Clock,
) -> Result<VerifiedCacao, cacao::Error> {
    loop {
        let inquiry = match judgement {
            Judgement::Accepted(verified) => return Ok(verified),
            Judgement::Ask(inquiry) => inquiry,
        };
        let answered = ask(rpc, inquiry.calls()).await;
        judgement = answered.conclude(*inquiry, clock.now())?;
    }
}

/// Puts calls to their chain, if the caller named somebody who can.
pub(crate) async fn ask(rpc: Option<&dyn EthereumRpc>, calls: &[EthCall]) -> Answered {
    match rpc {
        Some(rpc) => rpc.eth_calls(calls).await.into(),
        None => Answered::Nobody,
    }
}

/// What came of calls.
#[derive(Debug)]
pub enum Answered {
    /// The outcomes of the first calls, and why there are no more of them where the chain stopped
    /// to answer.
    By(Vec<CallOutcome>, Option<Outage>),
    /// The caller named nobody who could be asked.
    Nobody,
}

impl Answered {
    /// What becomes of an inquiry: a verdict, or the next calls. An outage is neither: what was
    /// answered before it counts, and where that is no verdict the outage is the end of it.
    ///
    /// # Errors
    /// Why the capability is not accepted; [`cacao::Error::Chain`] for an outage, and where there
    /// was nobody to ask.
    pub fn conclude(self, inquiry: Inquiry, at: UnixTime) -> Result<Judgement, cacao::Error> {
        let (outcomes, outage) = match self {
            Self::By(outcomes, outage) => (outcomes, outage),
            Self::Nobody => return Err(inquiry.unasked()),
        };
        match outage {
            None => inquiry.answer(&outcomes, at),
            Some(outage) if outcomes.is_empty() => Err(cacao::Error::chain(outage)),
            Some(outage) => match inquiry.answer(&outcomes, at)? {
                Judgement::Accepted(verified) => Ok(Judgement::Accepted(verified)),
                Judgement::Ask(_) => Err(cacao::Error::chain(outage)),
            },
        }
    }
}

impl From<Result<Vec<CallOutcome>, Outage>> for Answered {
    fn from(answered: Result<Vec<CallOutcome>, Outage>) -> Self {
        match answered {
            Ok(outcomes) => Self::By(outcomes, None),
            Err(mut outage) => Self::By(std::mem::take(&mut outage.outcomes), Some(outage)),
        }
    }
}
