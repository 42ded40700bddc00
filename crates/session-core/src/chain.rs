//! Asking a chain: what a contract wallet's signature is worth, only its contract knows.

use async_trait::async_trait;
use cacao::{CallOutcome, EthCall, Inquiry, Judgement, MaybeSend, MaybeSync, VerifiedCacao};
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

/// Answers an inquiry to its end.
///
/// # Errors
/// [`cacao::Error::Chain`] when the chain does not answer, else the reason of the refusal.
pub async fn answer(
    mut inquiry: Box<Inquiry>,
    rpc: &dyn EthereumRpc,
    clock: &dyn Clock,
) -> Result<VerifiedCacao, cacao::Error> {
    loop {
        let outcomes = rpc
            .eth_calls(inquiry.calls())
            .await
            .map_err(cacao::Error::chain)?;
        match inquiry.answer(&outcomes, clock.now())? {
            Judgement::Accepted(verified) => return Ok(verified),
            Judgement::Ask(next) => inquiry = next,
        }
    }
}
