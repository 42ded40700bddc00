//! A node before the chain: JSON-RPC over HTTP on this machine, in the manner that a test wants.

use crate::Chain;
use cacao::{CallOutcome, EthCall};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use test_support::{response, serve};

/// The words of a node for a call that reverted with these bytes and this reason: the error object.
pub type Words = fn(data: &str, reason: &str) -> Value;

/// Changes what a node answers, of which the request is given; none hangs up.
pub type Temper = fn(request: &Value, answer: Value) -> Option<(&'static str, Value)>;

/// A node that says everything as it is.
pub const HONEST: Temper = |_, answer| Some(("200 OK", answer));

/// A node that listens until the test ends.
pub struct Node {
    /// Where.
    pub url: String,
    requests: Arc<AtomicUsize>,
}

impl Node {
    /// Starts one.
    #[must_use]
    pub fn serve(chain: &Arc<Chain>, words: Words, temper: Temper) -> Self {
        let requests = Arc::new(AtomicUsize::new(0));
        let (chain, counted) = (Arc::clone(chain), Arc::clone(&requests));
        let url = serve(move |_, request, stream| {
            counted.fetch_add(1, Ordering::Relaxed);
            let answer = match request.as_array() {
                Some(calls) => calls
                    .iter()
                    .map(|call| answer(&chain, words, call))
                    .collect(),
                None => answer(&chain, words, request),
            };
            if let Some((status, answer)) = temper(request, answer) {
                let _ = stream.write_all(&response(status, &answer.to_string()));
            }
        });
        Self { url, requests }
    }

    /// How often it was asked, a batch being once.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

fn answer(chain: &Chain, words: Words, request: &Value) -> Value {
    let hex = |value: &Value| {
        let digits = value.as_str()?.strip_prefix("0x")?;
        HEXLOWER.decode(digits.as_bytes()).ok()
    };
    let transaction = &request["params"][0];
    assert_eq!(request["method"], "eth_call");
    assert_eq!(request["params"][1], "latest");
    let call = EthCall {
        chain: crate::CHAIN.into(),
        to: hex(&transaction["to"]).map(|to| to.try_into().unwrap()),
        data: hex(&transaction["data"]).unwrap(),
        block: None,
    };
    let id = &request["id"];
    match chain.eth_call(&call) {
        Ok(CallOutcome::Returned(bytes)) => {
            json!({ "jsonrpc": "2.0", "id": id, "result": format!("0x{}", HEXLOWER.encode(&bytes)) })
        }
        Ok(CallOutcome::Reverted(bytes)) => {
            let data = format!("0x{}", HEXLOWER.encode(&bytes));
            json!({ "jsonrpc": "2.0", "id": id, "error": words(&data, &reason(&bytes)) })
        }
        Err(reason) => {
            let error = json!({ "code": -32000, "message": reason });
            json!({ "jsonrpc": "2.0", "id": id, "error": error })
        }
    }
}

/// The text of `Error(string)`, which most contracts revert with.
fn reason(bytes: &[u8]) -> String {
    let text = bytes.get(68..).unwrap_or_default();
    let len = bytes.get(67).map_or(0, |len| usize::from(*len));
    String::from_utf8_lossy(text.get(..len).unwrap_or_default()).into_owned()
}
