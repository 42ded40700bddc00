//! Nodes that are spoken to over plain HTTP.

use super::{CallOutcome, EthCall, EthereumRpc, json_rpc};
use crate::caip::ChainId;
use crate::error::{Error, Problem};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use async_trait::async_trait;
use core::fmt;
use core::time::Duration;
use ureq::http::Uri;
use ureq::{Agent, Body};

/// The longest answer that is read, in bytes: an answer is a word, a reason to revert some more.
const MAX_ANSWER_LEN: u64 = 1 << 20;

/// How long a call may take before the chain counts as unavailable.
const PATIENCE: Duration = Duration::from_secs(10);

/// Nodes of Ethereum chains, asked over plain HTTP: a node on this machine, or one behind a proxy
/// of yours that speaks TLS. For `https` write an [`EthereumRpc`] with the client that your
/// application has; it is [a few lines](crate::contract).
///
/// The request waits on a thread of its own, so any executor will do. No proxy of the environment
/// is used and no redirect is followed. What an address carries beside its host (a key of the
/// node's operator, often) stands in no error and no `Debug`.
///
/// ```no_run
/// use cacao::AsyncVerifiers;
/// use cacao::contract::{Eip1271, Eip6492, HttpRpc};
///
/// let nodes = HttpRpc::new()
///     .node(&"eip155:1".parse()?, "http://127.0.0.1:8545")?
///     .node(&"eip155:137".parse()?, "http://127.0.0.1:8546")?;
/// let verifiers = AsyncVerifiers::default()
///     .with(Eip1271::new(nodes.clone()))?
///     .with(Eip6492::new(nodes))?;
/// # Ok::<_, cacao::Error>(())
/// ```
#[derive(Clone)]
pub struct HttpRpc {
    agent: Agent,
    /// By the chain's number.
    nodes: BTreeMap<String, String>,
}

impl HttpRpc {
    /// No node yet; a call may take ten seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::waiting(PATIENCE)
    }

    /// As [`new`](Self::new), with another time for a call, from the look-up of the host to the
    /// last byte of the answer.
    #[must_use]
    pub fn waiting(patience: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build();
        Self {
            agent: Agent::new_with_config(config),
            nodes: BTreeMap::new(),
        }
    }

    /// Asks this node about this chain; a later node for the same chain takes its place.
    ///
    /// # Errors
    /// [`Error::Value`] when the chain is none of the namespace `eip155`, or the address is no
    /// `http://…`.
    pub fn node(mut self, chain: &ChainId, url: &str) -> Result<Self, Error> {
        let malformed = |detail| Error::Value {
            what: "node of a chain",
            problem: Problem::Form(detail),
        };
        if chain.namespace() != "eip155" {
            return Err(malformed("the chain is none of the namespace eip155"));
        }
        let uri: Uri = url.parse().map_err(|_| malformed("it is no address"))?;
        if uri.scheme_str() != Some("http") || uri.host().is_none_or(str::is_empty) {
            return Err(malformed("it does not start with http:// and a host"));
        }
        self.nodes.insert(chain.reference().into(), url.into());
        Ok(self)
    }
}

impl Default for HttpRpc {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl EthereumRpc for HttpRpc {
    async fn eth_call(&self, call: &EthCall<'_>) -> Result<CallOutcome, Error> {
        let Some(url) = self.nodes.get(call.chain).cloned() else {
            let chain = call.chain;
            return Err(Error::chain(format!("there is no node for eip155:{chain}")));
        };
        let (agent, body) = (self.agent.clone(), json_rpc::request(call));
        blocking::unblock(move || ask(&agent, &url, &body)).await
    }
}

fn ask(agent: &Agent, url: &str, body: &str) -> Result<CallOutcome, Error> {
    let answer = agent
        .post(url)
        .header("content-type", "application/json")
        .send(body)
        .map_err(Error::chain)?;
    let status = answer.status();
    let outcome = read(answer.into_body()).and_then(|text| json_rpc::outcome(&text));
    if status.is_success() {
        return outcome;
    }
    // some nodes say with another status that a call reverted, or what they did not like
    outcome.map_err(|_| Error::chain(format!("the node answers with the status {status}")))
}

fn read(mut body: Body) -> Result<String, Error> {
    body.with_config()
        .limit(MAX_ANSWER_LEN)
        .read_to_string()
        .map_err(Error::chain)
}

impl fmt::Debug for HttpRpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chains: alloc::vec::Vec<_> = self.nodes.keys().collect();
        f.debug_struct("HttpRpc")
            .field("chains", &chains)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::task::{Context, Poll, Wake, Waker};
    use std::thread::{self, Thread};

    const CALL: EthCall<'_> = EthCall {
        chain: "1",
        to: Some([0xab; 20]),
        data: &[1, 2],
        block: None,
    };

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: alloc::sync::Arc<Self>) {
            self.0.unpark();
        }
    }

    /// The smallest of executors.
    fn run<T>(future: impl Future<Output = T>) -> T {
        let waker = Waker::from(alloc::sync::Arc::new(Unpark(thread::current())));
        let mut future = core::pin::pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return value;
            }
            thread::park();
        }
    }

    /// A node that answers one request, and says what it was asked.
    fn node(answer: &[u8]) -> (String, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v2/its-key", listener.local_addr().unwrap());
        let answer = answer.to_vec();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            loop {
                let read = stream.read(&mut buffer).unwrap();
                request.extend_from_slice(&buffer[..read]);
                // the body ends as the JSON does
                if read == 0 || request.ends_with(b"}") {
                    break;
                }
            }
            // whoever has read enough hangs up
            let _ = stream.write_all(&answer);
            String::from_utf8(request).unwrap()
        });
        (url, asked)
    }

    fn http(status: &str, body: &str) -> Vec<u8> {
        let len = body.len();
        format!("HTTP/1.1 {status}\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n{body}")
            .into_bytes()
    }

    fn of(url: &str) -> HttpRpc {
        HttpRpc::new()
            .node(&"eip155:1".parse().unwrap(), url)
            .unwrap()
    }

    /// Every text of the error, down to its root.
    fn words(error: &Error) -> String {
        let mut words = error.to_string();
        let mut source = core::error::Error::source(error);
        while let Some(error) = source {
            words += &format!(": {error}");
            source = error.source();
        }
        words
    }

    #[test]
    fn a_call_is_posted_and_its_answer_read() {
        let (url, asked) = node(&http(
            "200 OK",
            r#"{"jsonrpc":"2.0","id":1,"result":"0x01ff"}"#,
        ));
        let outcome = run(of(&url).eth_call(&CALL)).unwrap();
        assert_eq!(outcome, CallOutcome::Returned([1, 255].into()));
        let asked = asked.join().unwrap();
        let (head, body) = asked.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /v2/its-key HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("content-type: application/json"), "{head}");
        assert_eq!(body, json_rpc::request(&CALL));
    }

    #[test]
    fn a_revert_may_come_with_a_status() {
        let reverted = r#"{"error":{"code":3,"message":"execution reverted","data":"0x08"}}"#;
        let (url, _asked) = node(&http("400 Bad Request", reverted));
        let outcome = run(of(&url).eth_call(&CALL)).unwrap();
        assert_eq!(outcome, CallOutcome::Reverted([8].into()));
    }

    #[test]
    fn trouble_is_no_verdict_and_shows_no_key() {
        let huge = "x".repeat(usize::try_from(MAX_ANSWER_LEN).unwrap() + 1);
        let moved =
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        for answer in [
            &b""[..],
            b"SSH-2.0-OpenSSH_9.9\r\n",
            &http("200 OK", "hello"),
            &http("503 Service Unavailable", "busy"),
            &http("200 OK", &huge),
            moved,
        ] {
            let (url, _asked) = node(answer);
            let error = run(of(&url).eth_call(&CALL)).unwrap_err();
            let answer = String::from_utf8_lossy(&answer[..answer.len().min(40)]);
            assert_eq!(error.code(), "chain_unavailable", "{answer}");
            assert!(!words(&error).contains("its-key"), "{}", words(&error));
        }
        // nobody listens there
        let closed = {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            format!("http://{}/its-key", listener.local_addr().unwrap())
        };
        let error = run(of(&closed).eth_call(&CALL)).unwrap_err();
        assert_eq!(error.code(), "chain_unavailable");
        assert!(!words(&error).contains("its-key"), "{}", words(&error));
    }

    #[test]
    fn a_node_that_says_nothing_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let rpc = HttpRpc::waiting(Duration::from_millis(50))
            .node(&"eip155:1".parse().unwrap(), &url)
            .unwrap();
        let error = run(rpc.eth_call(&CALL)).unwrap_err();
        assert_eq!(error.code(), "chain_unavailable");
    }

    #[test]
    fn a_chain_without_a_node_is_named() {
        let error = run(of("http://127.0.0.1:1").eth_call(&EthCall { chain: "5", ..CALL }));
        assert!(words(&error.unwrap_err()).ends_with("there is no node for eip155:5"));
    }

    #[test]
    fn what_is_no_node_is_refused() {
        let refused = |chain: &str, url: &str| {
            let error = HttpRpc::new().node(&chain.parse().unwrap(), url);
            error.unwrap_err().to_string()
        };
        for url in [
            "",
            "127.0.0.1:8545",
            "https://127.0.0.1",
            "file:///x",
            "http://",
            "/rpc",
            "http:// x",
        ] {
            assert!(
                refused("eip155:1", url).contains("node of a chain"),
                "{url}"
            );
        }
        assert!(refused("solana:1", "http://127.0.0.1").contains("eip155"));
    }

    #[test]
    fn debug_shows_chains_alone() {
        let debug = format!("{:?}", of("http://127.0.0.1/its-key"));
        assert_eq!(debug, r#"HttpRpc { chains: ["1"], .. }"#);
    }
}
