//! Contract wallets: a signature is what the contract at the issuer's address accepts.
//!
//! A contract has no key of its own. It is asked by `isValidSignature` (ERC-1271); one that is not
//! deployed yet is asked as if it were (ERC-6492). Both questions are a single `eth_call` for each
//! text that may have been signed; nothing else of a chain is needed. A [`Question`] is data: the
//! caller decides how to send the call, so that a page can ask through its wallet and a server
//! through its node.
//!
//! ```
//! use cacao::contract::Contracts;
//! use cacao::{Cacao, CallOutcome, Error, EthCall, Proven, Provers, Proving, UnixTime};
//!
//! # fn ask_a_node(_: &EthCall) -> Result<CallOutcome, std::io::Error> { unimplemented!() }
//! fn prove(capability: &Cacao, now: UnixTime) -> Result<Proven, Error> {
//!     let provers = Provers::none().with_contracts(Contracts::new())?;
//!     let mut proving = provers.prove(capability)?;
//!     loop {
//!         match proving {
//!             Proving::Done(proven) => return Ok(proven),
//!             Proving::Ask(question) => {
//!                 let outcome = ask_a_node(&question.calls()[0]).map_err(Error::chain)?;
//!                 proving = question.answer(&[outcome], now)?;
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! A contract may refuse tomorrow what it accepts today. So its answer counts only for some time,
//! see [`Policy::with_max_contract_age`](crate::Policy::with_max_contract_age); it can be kept as
//! [`Evidence`](crate::Evidence).

mod abi;
mod ask;
mod program;
#[cfg(test)]
mod tests;

use self::abi::Wrapped;
use self::ask::Asked;
use super::question::{self, Answer, KeyRefusal, Reader};
use super::{AccountKind, Block, Claim, EthCall, Facts, Kind, Question};
use crate::error::Error;
use crate::model::HeaderType;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Proves signatures of contracts at `eip155` accounts, under either header type, by questions to
/// these contracts. The labels are `eip1271` and `eip6492`. They are not signed and decide nothing:
/// the bytes decide, also under the label `eip191`, if the signature is not that of the account's
/// key.
///
/// **A signature as it is** (ERC-1271): the contract at the issuer's address must answer
/// `isValidSignature(digest, signature)` with the magic value, the digest being that of
/// [`eip191`](crate::eip191::digest) over the text. `s.s` is hex of any length, or bytes. The
/// answer is one word: `0x1626ba7e` and zeros.
///
/// **A wrapped one** (ERC-6492) says how the contract is deployed, or made ready. One call does it
/// all and leaves nothing: it deploys the contract where there is none, asks it as above, and where
/// a contract that was there refuses, makes it ready and asks again.
///
/// Keys are not trusted by it: a set that names contracts alone asks the contract about each
/// signature, and accepts none of an account without code. A set that names
/// [`Eip191`](crate::eip191::Eip191), too, tries the key first, under each label and within a
/// wrapper, and asks nobody where it signed.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    block: Option<Block>,
}

impl Contracts {
    /// Asks at the latest block.
    #[must_use]
    pub const fn new() -> Self {
        Self { block: None }
    }

    /// Asks at this block instead.
    #[must_use]
    pub const fn with_block(mut self, block: Block) -> Self {
        self.block = Some(block);
        self
    }

    pub(super) const KINDS: &[Kind] = &[
        Kind::new(HeaderType::Eip4361, "eip1271", "eip155"),
        Kind::new(HeaderType::Caip122, "eip1271", "eip155"),
        Kind::new(HeaderType::Eip4361, "eip6492", "eip155"),
        Kind::new(HeaderType::Caip122, "eip6492", "eip155"),
    ];

    /// What the chain must be asked. The signature within a wrapper may be that of the account's
    /// key, where `keys` are trusted: then nobody is asked. `by_key` is why the whole of it is not.
    pub(super) fn prove(
        &self,
        claim: &Claim<'_>,
        keys: bool,
        by_key: Option<&Error>,
    ) -> Result<Answer, Error> {
        let asked = Asked::of(claim)?;
        let wrapped = match is_wrapped(&asked.signature) {
            true => Some(Wrapped::from_bytes(&asked.signature)?),
            false => None,
        };
        if let Some(wrapped) = wrapped.filter(|_| keys)
            && let Some(dialect) = asked.signed_by_key(wrapped.signature)
        {
            return Ok(Answer::Done(Facts::of_key(dialect)));
        }
        let call = |to, data: Vec<u8>| EthCall {
            chain: asked.chain.to_string(),
            to,
            data,
            block: self.block,
        };
        let (read, account): (Reader, _) = match wrapped {
            Some(_) => (
                |returned| program::answer(returned).and_then(ask::judge),
                AccountKind::Counterfactual,
            ),
            None => (ask::judge, AccountKind::Contract),
        };
        let candidates = asked.digests.iter().map(|(dialect, digest)| {
            let call = match &wrapped {
                Some(wrapped) => call(None, program::for_contract(&asked.address, wrapped, digest)),
                None => call(
                    Some(asked.address),
                    abi::is_valid_signature(digest, &asked.signature),
                ),
            };
            (*dialect, call)
        });
        let by_key = by_key.map(KeyRefusal::of);
        let asked = question::Asked {
            read,
            account,
            by_key,
        };
        Ok(Answer::Ask(Question::new(
            claim.cacao().clone(),
            candidates,
            asked,
        )))
    }
}

/// Whether a signature is wrapped as ERC-6492 has it: it ends in the suffix. What is within may be
/// malformed all the same.
#[must_use]
pub fn is_wrapped(signature: &[u8]) -> bool {
    crate::model::is_wrapped(signature)
}
