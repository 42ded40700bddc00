//! Contracts that need not be deployed yet (ERC-6492).

use super::abi::Wrapped;
use super::ask::{Question, judge, tries_next};
use super::{Block, CallOutcome, EthCall, EthereumRpc, program};
use crate::error::Error;
use crate::model::HeaderType;
use crate::verify::{AsyncVerifier, Claim, Kind, Proof};
use alloc::boxed::Box;
use async_trait::async_trait;
use core::fmt;

/// Verifies `eip6492` signatures of `eip155` accounts, under either header type: wrapped ones that
/// say how the contract is deployed, or made ready. One call does it all and leaves nothing: it
/// deploys the contract where there is none, asks it as [`Eip1271`](super::Eip1271) does, and
/// where a contract that was there refuses, makes it ready and asks again.
///
/// `s.s` is `0x` and hex of the wrapper. A signature without wrapper is of kind `eip1271`.
#[derive(Clone)]
pub struct Eip6492<R> {
    rpc: R,
    block: Option<Block>,
}

impl<R: EthereumRpc> Eip6492<R> {
    /// Asks this chain, at its latest block.
    pub const fn new(rpc: R) -> Self {
        Self { rpc, block: None }
    }

    /// Asks at this block instead: the answer is the same for ever, and can be kept as
    /// [`Evidence`](super::Evidence).
    #[must_use]
    pub const fn at(mut self, block: Block) -> Self {
        self.block = Some(block);
        self
    }
}

#[cfg_attr(not(target_family = "wasm"), async_trait)]
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
impl<R: EthereumRpc> AsyncVerifier for Eip6492<R> {
    fn kinds(&self) -> &[Kind] {
        const {
            &[
                Kind::new(HeaderType::Eip4361, "eip6492", "eip155"),
                Kind::new(HeaderType::Caip122, "eip6492", "eip155"),
            ]
        }
    }

    async fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        let question = Question::of(claim)?;
        let wrapped = Wrapped::from_bytes(&question.signature)?;
        let mut refusal = Error::SignatureMismatch;
        for (dialect, digest) in &question.digests {
            let data = program::for_contract(&question.address, &wrapped, digest);
            let call = EthCall {
                chain: question.chain,
                to: None,
                data: &data,
                block: self.block,
            };
            let answer = match self.rpc.eth_call(&call).await? {
                CallOutcome::Returned(bytes) => program::answer(&bytes).and_then(judge),
                CallOutcome::Reverted(_) => Err(Error::ContractReverted),
            };
            match answer {
                Ok(()) => return Ok(Proof::of_contract(*dialect, self.block)),
                Err(error) if tries_next(&error) => refusal = error,
                Err(error) => return Err(error),
            }
        }
        Err(refusal)
    }
}

impl<R> fmt::Debug for Eip6492<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Eip6492")
            .field("block", &self.block)
            .finish_non_exhaustive()
    }
}
