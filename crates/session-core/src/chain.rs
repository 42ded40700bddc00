//! Asking a chain: what a contract wallet's signature is worth, only its contract knows.

use async_trait::async_trait;
use cacao::{CallOutcome, EthCall, Judgement, MaybeSend, MaybeSync, VerifiedCacao};
use dag_jws::{Jws, Verification, VerifiedJws};
use std::error::Error as StdError;
use std::sync::Arc;

use crate::clock::Clock;

/// A chain did not answer, so that nothing is known: neither a yes nor a no.
#[derive(Debug, thiserror::Error)]
#[error("the chain eip155:{chain} did not answer")]
pub struct Outage {
    chain: String,
    #[source]
    source: Box<dyn StdError + Send + Sync>,
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
        }
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
    /// Executes calls (`eth_call`), all on the same chain, each at its block: at least the first
    /// of them, and as many of the following as are cheap to have at once. Answers with the
    /// outcomes of those that were made, in their order.
    ///
    /// # Errors
    /// [`Outage`] when there is no answer: an unknown chain, no such block, no connection, an
    /// answer that cannot be understood. That a contract reverts, or that there is none, is an
    /// outcome and no error.
    async fn eth_calls(&self, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage>;
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<R: EthereumRpc + ?Sized> EthereumRpc for Arc<R> {
    async fn eth_calls(&self, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage> {
        (**self).eth_calls(calls).await
    }
}

/// Verifies a JWS in one call, also where its capability is that of a contract wallet, which is
/// asked last.
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
        let outcomes = ask(rpc, inquiry.calls()).await?;
        judgement = inquiry.answer(&outcomes, clock.now())?;
    }
}

/// Puts calls to their chain, if the caller named somebody who can.
pub(crate) async fn ask(
    rpc: Option<&dyn EthereumRpc>,
    calls: &[EthCall],
) -> Result<Vec<CallOutcome>, cacao::Error> {
    let rpc = rpc.ok_or_else(nobody_to_ask)?;
    rpc.eth_calls(calls).await.map_err(cacao::Error::chain)
}

/// The error where a contract must be asked and the caller named no chain.
pub(crate) fn nobody_to_ask() -> cacao::Error {
    cacao::Error::chain("the issuer is a contract, and no node was named to ask it through")
}
