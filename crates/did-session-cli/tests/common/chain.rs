//! A node of an Ethereum chain, whose contracts say what the test wants.

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const YES: &str = "0x1626ba7e00000000000000000000000000000000000000000000000000000000";
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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let mood = Arc::new(AtomicU8::new(ACCEPTING));
        let of_thread = Arc::clone(&mood);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (mut request, mut buffer) = (Vec::new(), [0; 8192]);
                while !request.ends_with(b"}") && !request.ends_with(b"]") {
                    match stream.read(&mut buffer) {
                        Ok(0) | Err(_) => break,
                        Ok(read) => request.extend_from_slice(&buffer[..read]),
                    }
                }
                let request = String::from_utf8(request).unwrap();
                let Some((_, body)) = request.split_once("\r\n\r\n") else {
                    continue;
                };
                let (status, body) = match of_thread.load(Ordering::SeqCst) {
                    FAILING => ("503 Service Unavailable", "busy".to_owned()),
                    mood => (
                        "200 OK",
                        answers(body, if mood == ACCEPTING { YES } else { NO }),
                    ),
                };
                let len = body.len();
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {len}");
                // whoever has read enough hangs up
                let _ = stream
                    .write_all(format!("{head}\r\nconnection: close\r\n\r\n{body}").as_bytes());
            }
        });
        Self { url, mood }
    }

    /// The value of `--rpc`.
    pub(crate) fn argument(&self) -> String {
        format!("eip155:1={}", self.url)
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

/// The answer to a call, or to each of several at once.
fn answers(body: &str, result: &str) -> String {
    let asked: Value = serde_json::from_str(body).unwrap();
    let answer = |call: &Value| json!({ "jsonrpc": "2.0", "id": call["id"], "result": result });
    match asked.as_array() {
        Some(calls) => Value::from_iter(calls.iter().map(answer)).to_string(),
        None => answer(&asked).to_string(),
    }
}
