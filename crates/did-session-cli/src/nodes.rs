//! `--rpc`: contract wallets, each asked through a node of its chain.

use clap::Args;
use did_session::cacao::contract::Contracts;
use did_session::cacao::{AccountId, Block, ChainId};
use did_session::nodes::HttpRpc;

use crate::failure::Failure;
use crate::value::{COMMON, Unquoted};
use crate::waiting::Waiting;

/// How contract wallets are asked.
#[derive(Args, Debug, Default)]
pub(crate) struct NodeArgs {
    /// Ask contract wallets of this chain through this node, such as
    /// eip155:1=http://127.0.0.1:8545; repeat it for more chains.
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        value_name = "CHAIN=URL",
        value_parser = Unquoted(parse_node)
    )]
    rpc: Vec<Node>,
    /// Ask contract wallets as of this block: its number, or 0x and its hash [default: the
    /// latest].
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        requires = "rpc",
        value_parser = parse_block
    )]
    block: Option<Block>,
}

/// A chain and the address of its node, which may hold a key: it is not printed.
#[derive(Clone)]
pub(crate) struct Node {
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
    let (chain, url) = text
        .split_once('=')
        .ok_or("is not of the form CHAIN=URL: it has no =")?;
    let chain = chain
        .parse::<ChainId>()
        .map_err(|error| error.to_string())?;
    HttpRpc::new()
        .with_node(&chain, url)
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
            .ok_or_else(|| "it is not a valid hash of a block: 0x and 64 hex digits".to_owned());
    }
    text.parse()
        .map(Block::Number)
        .map_err(|_| "it is neither the number nor the hash of a block".to_owned())
}

impl NodeArgs {
    /// The nodes, if any were named.
    pub(crate) fn rpc(&self) -> Result<Option<HttpRpc>, Failure> {
        if self.rpc.is_empty() {
            return Ok(None);
        }
        let mut rpc = HttpRpc::new();
        for node in &self.rpc {
            rpc = rpc
                .with_node(&node.chain, &node.url)
                .map_err(|error| Failure::usage("--rpc").caused_by(&error))?;
        }
        Ok(Some(rpc))
    }

    /// Says what is waited for, if any node was named.
    pub(crate) fn waiting(&self) -> Waiting {
        if self.rpc.is_empty() {
            return Waiting::default();
        }
        Waiting::on("asking the contract of the account through the node of its chain")
    }

    /// What a login may wait for before the wallet is asked.
    pub(crate) const fn wait_of_login(&self) -> &'static str {
        if self.rpc.is_empty() {
            "another process is asking this wallet: waiting for its answer"
        } else {
            "waiting for the node of the chain, or for another process that asks this wallet"
        }
    }

    /// Whether a node of the account's chain was named.
    pub(crate) fn has_node_for(&self, account: &AccountId) -> bool {
        self.rpc.iter().any(|node| {
            (node.chain.namespace(), node.chain.reference())
                == (account.namespace(), account.reference())
        })
    }

    /// How contracts are asked.
    pub(crate) fn contracts(&self) -> Contracts {
        match self.block {
            Some(block) => Contracts::new().with_block(block),
            None => Contracts::new(),
        }
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
