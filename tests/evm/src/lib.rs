//! A chain in this process: an EVM, one state per block, and `eth_call` on each of them.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "only tests use it")]

use async_trait::async_trait;
use cacao::contract::{CallOutcome, EthCall, EthereumRpc};
use cacao::{Block, Error};
use revm::context::TxEnv;
use revm::context_interface::result::{ExecutionResult, Output};
use revm::database::InMemoryDB;
use revm::primitives::{Address, Bytes, TxKind, U256, keccak256};
use revm::state::{AccountInfo, Bytecode};
use revm::{Context, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext};
use std::sync::Mutex;

/// The one chain that is known.
pub const CHAIN: &str = "1";
const GAS: u64 = 16_000_000;

/// States by block number; the last one is the latest.
#[derive(Default)]
pub struct Chain {
    blocks: Mutex<Vec<InMemoryDB>>,
}

impl Chain {
    /// A chain with one block, in which nothing is.
    #[must_use]
    pub fn new() -> Self {
        Self {
            blocks: Mutex::new(vec![InMemoryDB::default()]),
        }
    }

    /// Starts a block, and tells the number of the one before.
    pub fn next_block(&self) -> u64 {
        let mut blocks = self.blocks.lock().unwrap();
        let state = blocks.last().unwrap().clone();
        blocks.push(state);
        u64::try_from(blocks.len()).unwrap() - 2
    }

    /// Puts code where no constructor has run.
    pub fn put(&self, at: [u8; 20], code: &[u8]) {
        let bytecode = Bytecode::new_raw(Bytes::copy_from_slice(code));
        let info = AccountInfo::default().with_code(bytecode);
        self.latest(|state| state.insert_account_info(Address::from(at), info));
    }

    /// Creates a contract, by its creation code and the arguments of its constructor.
    pub fn create(&self, code: &[u8]) -> [u8; 20] {
        match self.commit(TxKind::Create, code) {
            ExecutionResult::Success {
                output: Output::Create(_, Some(address)),
                ..
            } => address.into_array(),
            other => panic!("not created: {other:?}"),
        }
    }

    /// Sends a transaction that must succeed.
    pub fn send(&self, to: [u8; 20], data: &[u8]) {
        let result = self.commit(TxKind::Call(Address::from(to)), data);
        assert!(result.is_success(), "{result:?}");
    }

    fn latest<T>(&self, change: impl FnOnce(&mut InMemoryDB) -> T) -> T {
        change(self.blocks.lock().unwrap().last_mut().unwrap())
    }

    fn commit(&self, kind: TxKind, data: &[u8]) -> ExecutionResult {
        self.latest(|state| {
            let mut evm = Context::mainnet()
                .with_db(state)
                .modify_cfg_chained(|cfg| cfg.disable_nonce_check = true)
                .build_mainnet();
            evm.transact_commit(transaction(kind, data)).unwrap()
        })
    }
}

fn transaction(kind: TxKind, data: &[u8]) -> TxEnv {
    TxEnv::builder()
        .kind(kind)
        .data(Bytes::copy_from_slice(data))
        .gas_limit(GAS)
        .value(U256::ZERO)
        .build()
        .unwrap()
}

#[async_trait]
impl EthereumRpc for Chain {
    async fn eth_call(&self, call: &EthCall<'_>) -> Result<CallOutcome, Error> {
        if call.chain != CHAIN {
            return Err(Error::chain("another chain"));
        }
        let blocks = self.blocks.lock().unwrap();
        let block = match call.block {
            None => blocks.last(),
            Some(Block::Number(number)) => blocks.get(usize::try_from(number).unwrap()),
            Some(Block::Hash(_)) => None,
        };
        let state = block.ok_or_else(|| Error::chain("no such block"))?.clone();
        let kind = call
            .to
            .map_or(TxKind::Create, |to| TxKind::Call(Address::from(to)));
        let mut evm = Context::mainnet()
            .with_db(state)
            .modify_cfg_chained(|cfg| cfg.disable_nonce_check = true)
            .build_mainnet();
        match evm.transact(transaction(kind, call.data)).unwrap().result {
            ExecutionResult::Success { output, .. } => {
                Ok(CallOutcome::Returned(output.into_data().to_vec()))
            }
            ExecutionResult::Revert { output, .. } => Ok(CallOutcome::Reverted(output.to_vec())),
            ExecutionResult::Halt { reason, .. } => Err(Error::chain(format!("{reason:?}"))),
        }
    }
}

/// The address that CREATE2 gives.
#[must_use]
pub fn create2_address(factory: [u8; 20], salt: [u8; 32], creation: &[u8]) -> [u8; 20] {
    let factory = Address::from(factory);
    factory.create2(salt, keccak256(creation)).into_array()
}
