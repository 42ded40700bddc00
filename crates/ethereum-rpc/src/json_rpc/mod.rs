//! What nodes and wallets speak: `eth_call` as JSON-RPC 2.0, written and read. Nothing is sent
//! here.
//!
//! A page asks through its wallet's EIP-1193 provider: it gives [`params`] to
//! `request({ method: "eth_call", params })`, and what comes of it, a value or an error, to
//! [`outcome_of_result`] or [`outcome_of_error`].
//!
//! ```
//! use cacao::{CallOutcome, EthCall};
//! use ethereum_rpc::json_rpc;
//! use serde_json::json;
//!
//! let call = EthCall {
//!     chain: "1".into(),
//!     to: Some([0xab; 20]),
//!     data: vec![0x16, 0x26, 0xba, 0x7e],
//!     block: None,
//! };
//! assert_eq!(json_rpc::params(&call)[0]["data"], "0x1626ba7e");
//!
//! // the wallet's answer
//! let outcome = json_rpc::outcome_of_result(&json!("0x01"))?;
//! assert_eq!(outcome, CallOutcome::Returned(vec![1]));
//! // or what it throws: a revert is an outcome, anything else is not
//! let thrown = json!({ "code": 3, "message": "execution reverted", "data": "0x" });
//! assert_eq!(json_rpc::outcome_of_error(&thrown)?, CallOutcome::Reverted(vec![]));
//! let thrown = json!({ "code": 4001, "message": "User rejected the request." });
//! assert!(json_rpc::outcome_of_error(&thrown).is_err());
//! # Ok::<_, json_rpc::NoOutcome>(())
//! ```

mod hex;
mod reverts;

use cacao::json_values::AnyValue;
use cacao::{Block, CallOutcome, EthCall};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The longest message of a node that is repeated, in characters.
const MAX_MESSAGE_LEN: usize = 200;

/// The code of an error that wraps another one, JSON-RPC's "internal error".
const INTERNAL: i64 = -32603;

/// Why an answer tells nothing about the call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoOutcome {
    /// It is not JSON-RPC 2.0.
    #[error("the answer is not valid JSON-RPC 2.0: {0}")]
    NotJsonRpc(&'static str),
    /// It has another id than the call, so that it answers another one.
    #[error("the answer has the id of another call")]
    OtherCall,
    /// Among the answers to several calls there is none to this one.
    #[error("the call was not answered")]
    Unanswered,
    /// The result is something else than `0x` and hex of whole bytes.
    #[error("the result is not valid hex")]
    NotHex,
    /// An error other than that the call reverted.
    #[error("the node says {code}: {message}")]
    Node {
        /// The code of the error.
        code: i64,
        /// Its message: the first 200 characters, with `?` for control characters.
        message: String,
    },
}

/// The parameters of `eth_call`: the transaction and the block. A block by its hash is written as
/// EIP-1898 has it, and must be part of the chain.
#[must_use]
pub fn params(call: &EthCall) -> Value {
    let write = |bytes: &[u8]| format!("0x{}", base16ct::lower::encode_string(bytes));
    let mut transaction = json!({ "data": write(&call.data) });
    if let (Some(to), Some(members)) = (call.to, transaction.as_object_mut()) {
        members.insert("to".into(), write(&to).into());
    }
    let block = match call.block {
        None => json!("latest"),
        Some(Block::Number(number)) => json!(format!("0x{number:x}")),
        Some(Block::Hash(hash)) => json!({ "blockHash": write(&hash), "requireCanonical": true }),
    };
    json!([transaction, block])
}

/// The body of a request. An array of them is a batch.
#[must_use]
pub fn request(id: u64, call: &EthCall) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "eth_call", "params": params(call) })
}

/// Reads the body of the answer to the request of this id.
///
/// # Errors
/// [`NoOutcome`] when it tells nothing about the call.
pub fn outcome(id: u64, body: &[u8]) -> Result<CallOutcome, NoOutcome> {
    let answer: Answer = read(body, "it is not an answer to one call")?;
    answer.outcome(id)
}

/// Reads JSON, also where it stands in members that have no say: a decoder skips those without a
/// look, and what it skips may be no JSON at all.
fn read<T: DeserializeOwned>(body: &[u8], otherwise: &'static str) -> Result<T, NoOutcome> {
    let whole = serde_json::from_slice::<AnyValue>(body).map(drop);
    whole
        .and_then(|()| serde_json::from_slice(body))
        .map_err(|_| NoOutcome::NotJsonRpc(otherwise))
}

/// Reads the body of the answer to a batch of requests, whose parts may stand in any order. What
/// it tells stands in the order of the ids.
///
/// # Errors
/// [`NoOutcome`] when the body as a whole cannot be believed: it is not a list of answers, or
/// answers a call twice or one that was not made.
pub fn outcomes(
    ids: &[u64],
    body: &[u8],
) -> Result<Vec<Result<CallOutcome, NoOutcome>>, NoOutcome> {
    let answers: Vec<Answer> = read(body, "it is not a list of answers")?;
    let mut outcomes = vec![Err(NoOutcome::Unanswered); ids.len()];
    for answer in answers {
        let id = answer.id.as_u64();
        let at = ids.iter().position(|of_call| Some(*of_call) == id);
        let slot = at.and_then(|at| outcomes.get_mut(at));
        let (Some(slot), Some(id)) = (slot, id) else {
            return Err(NoOutcome::OtherCall);
        };
        if *slot != Err(NoOutcome::Unanswered) {
            return Err(NoOutcome::NotJsonRpc("a call is answered twice"));
        }
        *slot = answer.outcome(id);
    }
    Ok(outcomes)
}

/// Reads a result: what an EIP-1193 provider's `request` returns.
///
/// # Errors
/// [`NoOutcome::NotHex`] when it is not `0x` and hex of whole bytes.
pub fn outcome_of_result(result: &Value) -> Result<CallOutcome, NoOutcome> {
    result
        .as_str()
        .and_then(hex::read)
        .map(CallOutcome::Returned)
        .ok_or(NoOutcome::NotHex)
}

/// Reads an error: what an EIP-1193 provider's `request` throws, `{ code, message, data }`.
///
/// # Errors
/// [`NoOutcome::Node`] when it is another error than that the call reverted, and
/// [`NoOutcome::NotJsonRpc`] when it has no code.
pub fn outcome_of_error(error: &Value) -> Result<CallOutcome, NoOutcome> {
    let code = error
        .get("code")
        .and_then(Value::as_i64)
        .ok_or(NoOutcome::NotJsonRpc("the error has no code"))?;
    let wrapped = error.get("data").filter(|_| code == INTERNAL);
    if let Some(reason) = reverts::reason(error).or_else(|| wrapped.and_then(reverts::reason)) {
        return Ok(CallOutcome::Reverted(reason));
    }
    let message = error.get("message").and_then(Value::as_str).unwrap_or("");
    let visible = |char: char| if char.is_control() { '?' } else { char };
    Err(NoOutcome::Node {
        code,
        message: message.chars().map(visible).take(MAX_MESSAGE_LEN).collect(),
    })
}

#[derive(Deserialize)]
struct Answer {
    jsonrpc: String,
    #[serde(default)]
    id: Value,
    result: Option<Value>,
    error: Option<Value>,
}

impl Answer {
    fn outcome(&self, id: u64) -> Result<CallOutcome, NoOutcome> {
        if self.jsonrpc != "2.0" {
            return Err(NoOutcome::NotJsonRpc("it has another version"));
        }
        let outcome = match (&self.result, &self.error) {
            (Some(result), None) => outcome_of_result(result),
            (None, Some(error)) => outcome_of_error(error),
            (None, None) => Err(NoOutcome::NotJsonRpc("it has neither result nor error")),
            (Some(_), Some(_)) => Err(NoOutcome::NotJsonRpc("it has both result and error")),
        };
        match outcome {
            outcome if self.id.as_u64() == Some(id) => outcome,
            // a node that could not read the id still says why
            Err(why @ NoOutcome::Node { .. }) if self.id.is_null() => Err(why),
            _ => Err(NoOutcome::OtherCall),
        }
    }
}

#[cfg(test)]
mod tests;
