//! What a node speaks: `eth_call` as JSON-RPC 2.0, written and read; nothing is sent here.

use super::{Block, CallOutcome, EthCall};
use crate::error::Error;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde::Deserialize;
use serde_json::json;

/// The code by which nodes say that a call reverted.
const REVERTED: i64 = 3;

/// The body of a request: `eth_call` with id 1. A block by its hash is written as EIP-1898 has it.
#[must_use]
pub fn request(call: &EthCall<'_>) -> String {
    let hex = |bytes: &[u8]| format!("0x{}", HEXLOWER.encode(bytes));
    let mut transaction = json!({ "data": hex(call.data) });
    if let (Some(to), Some(members)) = (call.to, transaction.as_object_mut()) {
        members.insert("to".into(), hex(&to).into());
    }
    let block = match call.block {
        None => json!("latest"),
        Some(Block::Number(number)) => json!(format!("0x{number:x}")),
        Some(Block::Hash(hash)) => json!({ "blockHash": hex(&hash), "requireCanonical": true }),
    };
    json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "eth_call",
        "params": [transaction, block],
    })
    .to_string()
}

/// Reads the body of the answer.
///
/// # Errors
/// [`Error::Chain`] when it is no JSON-RPC, or an error other than that the call reverted.
pub fn outcome(body: &str) -> Result<CallOutcome, Error> {
    let answer: Answer =
        serde_json::from_str(body).map_err(|_| Error::chain("the answer is no JSON-RPC"))?;
    match (answer.result, answer.error) {
        (Some(result), None) => bytes(&result)
            .map(CallOutcome::Returned)
            .ok_or_else(|| Error::chain("the result is no hex")),
        (None, Some(error)) if error.is_revert() => {
            let reason = error.data.as_ref().and_then(|data| data.as_str());
            let reason = reason.and_then(bytes).unwrap_or_default();
            Ok(CallOutcome::Reverted(reason))
        }
        (None, Some(error)) => Err(Error::chain(format!(
            "the node says {}: {}",
            error.code, error.message
        ))),
        _ => Err(Error::chain("the answer has neither result nor error")),
    }
}

#[derive(Deserialize)]
struct Answer {
    result: Option<String>,
    error: Option<NodeError>,
}

#[derive(Deserialize)]
struct NodeError {
    code: i64,
    #[serde(default)]
    message: String,
    data: Option<serde_json::Value>,
}

impl NodeError {
    fn is_revert(&self) -> bool {
        self.code == REVERTED || self.message.starts_with("execution reverted")
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let hex = text.strip_prefix("0x")?;
    HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: EthCall<'_> = EthCall {
        chain: "1",
        to: Some([0xab; 20]),
        data: &[1, 2],
        block: None,
    };

    #[test]
    fn requests() {
        let params = |call: &EthCall<'_>| {
            let body: serde_json::Value = serde_json::from_str(&request(call)).unwrap();
            assert_eq!(
                (&body["jsonrpc"], &body["method"]),
                (&json!("2.0"), &json!("eth_call"))
            );
            body["params"].clone()
        };
        let to = format!("0x{}", "ab".repeat(20));
        assert_eq!(
            params(&CALL),
            json!([{ "data": "0x0102", "to": to }, "latest"])
        );
        let block = Some(Block::Number(26));
        let create = EthCall {
            to: None,
            block,
            ..CALL
        };
        assert_eq!(params(&create), json!([{ "data": "0x0102" }, "0x1a"]));
        let block = Some(Block::Hash([0xcd; 32]));
        let hash = format!("0x{}", "cd".repeat(32));
        let by_hash = json!({ "blockHash": hash, "requireCanonical": true });
        assert_eq!(params(&EthCall { block, ..CALL })[1], by_hash);
    }

    #[test]
    fn outcomes() {
        let of = |body: &str| outcome(body).map_err(|error| error.code());
        let returned = |bytes: &[u8]| Ok(CallOutcome::Returned(bytes.into()));
        let reverted = |bytes: &[u8]| Ok(CallOutcome::Reverted(bytes.into()));
        assert_eq!(
            of(r#"{"jsonrpc":"2.0","id":1,"result":"0x01ff"}"#),
            returned(&[1, 255])
        );
        assert_eq!(of(r#"{"result":"0x"}"#), returned(&[]));
        assert_eq!(
            of(r#"{"error":{"code":3,"message":"execution reverted: no","data":"0x08"}}"#),
            reverted(&[8])
        );
        assert_eq!(
            of(r#"{"error":{"code":-32000,"message":"execution reverted"}}"#),
            reverted(&[])
        );
        assert_eq!(of(r#"{"error":{"code":3,"data":{"x":1}}}"#), reverted(&[]));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"result":"0x1"}"#,
            r#"{"result":"01"}"#,
            r#"{"result":null}"#,
            r#"{"result":"0x","error":{"code":3}}"#,
            r#"{"error":{"code":-32000,"message":"header not found"}}"#,
            r#"{"error":{"message":"no code"}}"#,
        ] {
            assert_eq!(of(bad), Err("chain_unavailable"), "{bad}");
        }
    }
}
