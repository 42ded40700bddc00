//! A chain in this process: an EVM, one state per block, and `eth_call` on each of them.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "only tests use it")]

pub mod making;
pub mod node;

use async_trait::async_trait;
use cacao::{Block, CallOutcome, EthCall, eip191};
use data_encoding::HEXLOWER;
use k256::ecdsa::SigningKey;
use revm::context::TxEnv;
use revm::context_interface::result::{ExecutionResult, Output};
use revm::database::InMemoryDB;
use revm::primitives::{Address, Bytes, TxKind, U256, keccak256};
use revm::state::{AccountInfo, Bytecode};
use revm::{Context as EvmContext, ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext};
use session_core::{EthereumRpc, Outage};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

/// The one chain that is known.
pub const CHAIN: &str = "1";
const GAS: u64 = 16_000_000;

/// States by block number; the last one is the latest.
#[derive(Default)]
pub struct Chain {
    blocks: Mutex<Vec<InMemoryDB>>,
    is_down: AtomicBool,
    answered: AtomicUsize,
}

impl Chain {
    /// A chain with one block, in which nothing is.
    #[must_use]
    pub fn new() -> Self {
        Self {
            blocks: Mutex::new(vec![InMemoryDB::default()]),
            ..Self::default()
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

    /// Answers no call from now on, or does again.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    /// How many calls were answered.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    fn latest<T>(&self, change: impl FnOnce(&mut InMemoryDB) -> T) -> T {
        change(self.blocks.lock().unwrap().last_mut().unwrap())
    }

    fn commit(&self, kind: TxKind, data: &[u8]) -> ExecutionResult {
        self.latest(|state| {
            let mut evm = EvmContext::mainnet()
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

impl Chain {
    /// Executes a call, or says why there is no outcome.
    pub fn eth_call(&self, call: &EthCall) -> Result<CallOutcome, String> {
        if call.chain != CHAIN {
            return Err("another chain".into());
        }
        if self.is_down.load(Ordering::Relaxed) {
            return Err("the node is down".into());
        }
        let blocks = self.blocks.lock().unwrap();
        let block = match call.block {
            None => blocks.last(),
            Some(Block::Number(number)) => blocks.get(usize::try_from(number).unwrap()),
            Some(Block::Hash(_)) => None,
        };
        let state = block.ok_or("no such block")?.clone();
        let kind = call
            .to
            .map_or(TxKind::Create, |to| TxKind::Call(Address::from(to)));
        let mut evm = EvmContext::mainnet()
            .with_db(state)
            .modify_cfg_chained(|cfg| cfg.disable_nonce_check = true)
            .build_mainnet();
        let outcome = match evm.transact(transaction(kind, &call.data)).unwrap().result {
            ExecutionResult::Success { output, .. } => {
                CallOutcome::Returned(output.into_data().to_vec())
            }
            ExecutionResult::Revert { output, .. } => CallOutcome::Reverted(output.to_vec()),
            ExecutionResult::Halt { reason, .. } => return Err(format!("{reason:?}")),
        };
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(outcome)
    }
}

/// One call for each question, as a node does that knows no batches.
#[async_trait]
impl EthereumRpc for Chain {
    async fn eth_calls(&self, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage> {
        let outage = |reason| Outage::new(CHAIN, reason);
        let call = calls.first().ok_or_else(|| outage("no call".to_owned()))?;
        Ok(vec![self.eth_call(call).map_err(outage)?])
    }
}

/// Runs a future that never waits.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

/// The address that CREATE2 gives.
#[must_use]
pub fn create2_address(factory: [u8; 20], salt: [u8; 32], creation: &[u8]) -> [u8; 20] {
    let factory = Address::from(factory);
    factory.create2(salt, keccak256(creation)).into_array()
}

/// The creation code of one of `contracts/Wallets.sol`.
#[must_use]
pub fn creation(contract: &str) -> Vec<u8> {
    let file = include_str!("../contracts/contracts.json");
    let file: serde_json::Value = serde_json::from_str(file).unwrap();
    let hex = file["creation"][contract].as_str().unwrap();
    HEXLOWER.decode(hex.as_bytes()).unwrap()
}

/// The same with the owner that its constructor takes.
#[must_use]
pub fn creation_of(contract: &str, owner: &SigningKey) -> Vec<u8> {
    let address = eip191::address_of(owner.verifying_key());
    [creation(contract), word(address).to_vec()].concat()
}

/// The creation code of the wallet of two owners.
#[must_use]
pub fn creation_of_safe(owners: [&SigningKey; 2]) -> Vec<u8> {
    let [first, second] = owners.map(|owner| word(eip191::address_of(owner.verifying_key())));
    [&creation("Safe")[..], &first, &second].concat()
}

/// An owner of wallets.
#[must_use]
pub fn owner(key: u8) -> SigningKey {
    SigningKey::from_slice(&[key; 32]).unwrap()
}

/// r ‖ s ‖ v of an owner over this text.
#[must_use]
pub fn personal_sign(owner: &SigningKey, text: &str) -> Vec<u8> {
    let (signature, id) = owner.sign_prehash_recoverable(&eip191::digest(text.as_bytes()));
    [&signature.to_bytes()[..], &[27 + u8::from(id.is_y_odd())]].concat()
}

/// An address as a word of the ABI.
#[must_use]
pub fn word(address: [u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&address);
    word
}
