//! Contracts that are deployed (ERC-1271).

use super::ask::{Question, judge, tries_next};
use super::{Block, CallOutcome, EthCall, EthereumRpc, abi};
use crate::error::Error;
use crate::model::HeaderType;
use crate::verify::{AsyncVerifier, Claim, Kind, Proof};
use alloc::boxed::Box;
use async_trait::async_trait;
use core::fmt;

/// Verifies `eip1271` signatures of `eip155` accounts, under either header type: the contract at
/// the issuer's address must answer `isValidSignature(digest, signature)` with the magic value,
/// the digest being that of [`eip191`](crate::eip191::digest) over the text.
///
/// `s.s` is `0x` and hex of any length. The answer is one word: `0x1626ba7e` and zeros.
#[derive(Clone)]
pub struct Eip1271<R> {
    rpc: R,
    block: Option<Block>,
}

impl<R: EthereumRpc> Eip1271<R> {
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
impl<R: EthereumRpc> AsyncVerifier for Eip1271<R> {
    fn kinds(&self) -> &[Kind] {
        const {
            &[
                Kind::new(HeaderType::Eip4361, "eip1271", "eip155"),
                Kind::new(HeaderType::Caip122, "eip1271", "eip155"),
            ]
        }
    }

    async fn verify(&self, claim: &Claim<'_>) -> Result<Proof, Error> {
        let question = Question::of(claim)?;
        let mut refusal = Error::SignatureMismatch;
        for (dialect, digest) in &question.digests {
            let data = abi::is_valid_signature(digest, &question.signature);
            let call = EthCall {
                chain: question.chain,
                to: Some(question.address),
                data: &data,
                block: self.block,
            };
            let answer = match self.rpc.eth_call(&call).await? {
                CallOutcome::Returned(bytes) => judge(&bytes),
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

impl<R> fmt::Debug for Eip1271<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Eip1271")
            .field("block", &self.block)
            .finish_non_exhaustive()
    }
}
