//! A node of an Ethereum chain, whose contracts say what the test wants.

use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use test_support::{response, serve};

pub(crate) const YES: &str = "0x1626ba7e00000000000000000000000000000000000000000000000000000000";
const NO: &str = "0xffffffff00000000000000000000000000000000000000000000000000000000";

/// A node of `eip155:1`. Its contracts accept every signature until it is told otherwise.
pub(crate) struct Node {
    url: String,
    mood: Arc<AtomicU8>,
}

const ACCEPTING: u8 = 0;
const REFUSING: u8 = 1;
const FAILING: u8 = 2;

impl Node {
    pub(crate) fn start() -> Self {
        let mood = Arc::new(AtomicU8::new(ACCEPTING));
        let of_thread = Arc::clone(&mood);
        let url = serve(move |_, asked, stream| {
            let answer = match of_thread.load(Ordering::SeqCst) {
                FAILING => response("503 Service Unavailable", "busy"),
                ACCEPTING => response("200 OK", &answers(asked, YES)),
                _ => response("200 OK", &answers(asked, NO)),
            };
            // whoever has read enough hangs up
            let _ = stream.write_all(&answer);
        });
        Self { url, mood }
    }

    /// The value of `--rpc`.
    pub(crate) fn argument(&self) -> String {
        format!("eip155:1={}/", self.url)
    }

    /// Its contracts refuse from now on.
    pub(crate) fn refuse(&self) {
        self.mood.store(REFUSING, Ordering::SeqCst);
    }

    /// Its contracts accept again.
    pub(crate) fn accept(&self) {
        self.mood.store(ACCEPTING, Ordering::SeqCst);
    }

    /// It answers no more.
    pub(crate) fn fail(&self) {
        self.mood.store(FAILING, Ordering::SeqCst);
    }
}

/// A node that always gives this answer, and counts the questions.
pub(crate) fn node(result: &str) -> (String, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let (counted, result) = (Arc::clone(&calls), result.to_owned());
    let url = serve(move |_, asked, stream| {
        assert!(asked.to_string().contains("\"eth_call\""), "{asked}");
        counted.fetch_add(1, Ordering::SeqCst);
        let answer = response("200 OK", &answers(asked, &result));
        stream.write_all(&answer).unwrap();
    });
    (format!("{url}/its-key"), calls)
}

/// The answer to a call, or to each of several at once.
fn answers(asked: &Value, result: &str) -> String {
    let answer = |call: &Value| json!({ "jsonrpc": "2.0", "id": call["id"], "result": result });
    match asked.as_array() {
        Some(calls) => Value::from_iter(calls.iter().map(answer)).to_string(),
        None => answer(asked).to_string(),
    }
}
