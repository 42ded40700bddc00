//! `--rpc`: contract wallets, each asked through a node of its chain.

use clap::Args;
use did_session::cacao::contract::{Eip1271, Eip6492, HttpRpc};
use did_session::cacao::{
    AsyncVerifier as _, AsyncVerifiers, Block, Cacao, ChainId, Expected, Policy, UnixTime,
    VerifiedCacao, Verifiers,
};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::args::Unquoted;
use crate::failure::Failure;
use crate::store;

/// How contract wallets are asked.
#[derive(Args, Debug, Default)]
pub(super) struct NodeArgs {
    /// Ask contract wallets of this chain through this node, such as
    /// eip155:1=http://127.0.0.1:8545; repeat it for more chains. Without it they are refused.
    #[arg(long, value_name = "CHAIN=URL", value_parser = Unquoted(parse_node))]
    rpc: Vec<Node>,
    /// Ask at this block, a number or `0x` and a hash [default: the latest].
    #[arg(long, requires = "rpc", value_parser = parse_block)]
    block: Option<Block>,
}

/// A chain and the address of its node, which may hold a key: it is not printed.
#[derive(Clone)]
pub(super) struct Node {
    chain: ChainId,
    url: String,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

/// Reads `CHAIN=URL`, and refuses what can be no node now, not when the first contract is met.
fn parse_node(text: &str) -> Result<Node, String> {
    let (chain, url) = text.split_once('=').ok_or("there is no =")?;
    let chain = chain
        .parse::<ChainId>()
        .map_err(|error| error.to_string())?;
    HttpRpc::new()
        .node(&chain, url)
        .map_err(|error| error.to_string())?;
    let url = url.to_owned();
    Ok(Node { chain, url })
}

fn parse_block(text: &str) -> Result<Block, String> {
    if let Some(hex) = text.strip_prefix("0x") {
        let hash = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes());
        let hash = hash.ok().and_then(|hash| hash.try_into().ok());
        return hash
            .map(Block::Hash)
            .ok_or_else(|| "a hash is 0x and 64 characters of hex".to_owned());
    }
    text.parse()
        .map(Block::Number)
        .map_err(|_| "neither a number nor 0x and a hash".to_owned())
}

impl NodeArgs {
    /// The nodes, where there are any.
    pub(super) fn nodes(&self) -> Result<Option<Nodes>, Failure> {
        if self.rpc.is_empty() {
            return Ok(None);
        }
        let mut rpc = HttpRpc::new();
        for Node { chain, url } in &self.rpc {
            rpc = rpc.node(chain, url)?;
        }
        let mut deployed = Eip1271::new(rpc.clone());
        let mut counterfactual = Eip6492::new(rpc);
        if let Some(block) = self.block {
            deployed = deployed.at(block);
            counterfactual = counterfactual.at(block);
        }
        let contracts = AsyncVerifiers::new(Verifiers::none())
            .with(deployed)?
            .with(counterfactual)?;
        Ok(Some(Nodes {
            contracts,
            accepted: Mutex::default(),
        }))
    }
}

/// Who answers for contracts, and what was accepted so far.
#[derive(Debug)]
pub(super) struct Nodes {
    contracts: AsyncVerifiers,
    /// By the CID of the capability: one call for it, however many JWS come under it.
    accepted: Mutex<HashMap<String, VerifiedCacao>>,
}

impl Nodes {
    /// Most capabilities that are kept.
    const MAX_KEPT: usize = 1 << 14;

    /// Whether the capability is signed by a contract.
    pub(super) fn concern(&self, capability: &Cacao) -> bool {
        let mut kinds = self.contracts.kinds().iter();
        kinds.any(|kind| kind.matches(capability))
    }

    /// Judges a capability that [concerns](Self::concern) contracts.
    pub(super) fn verify(
        &self,
        capability: &Cacao,
        policy: &Policy,
        expected: &Expected,
        at: UnixTime,
    ) -> Result<VerifiedCacao, Failure> {
        let judged = capability.verify_async(&self.contracts, policy, expected, at);
        store::block_on(async { Ok(judged.await?) })
    }

    /// The verdict on a capability under which something was signed; what else is expected of it
    /// is judged with what was signed.
    pub(super) fn verdict(
        &self,
        capability: &Cacao,
        policy: &Policy,
        at: UnixTime,
    ) -> Result<VerifiedCacao, Failure> {
        let cid = capability.cid().to_string();
        let accepted = || self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verdict) = accepted().get(&cid) {
            return Ok(verdict.clone());
        }
        let verdict = self.verify(capability, policy, &Expected::anything(), at)?;
        let mut accepted = accepted();
        if accepted.len() < Self::MAX_KEPT {
            accepted.insert(cid, verdict.clone());
        }
        Ok(verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        assert_eq!(parse_block("0"), Ok(Block::Number(0)));
        assert_eq!(parse_block("21000000"), Ok(Block::Number(21_000_000)));
        let hash = format!("0x{}", "aB".repeat(32));
        assert_eq!(parse_block(&hash), Ok(Block::Hash([0xab; 32])));
        for bad in [
            "",
            "latest",
            "-1",
            "0x",
            "0x10",
            "1.5",
            &hash[2..],
            &hash[..64],
        ] {
            assert!(parse_block(bad).is_err(), "{bad}");
        }
    }
}
