//! Local nodes that are right, slow, broken or hostile.

use super::ask::MAX_ANSWER_LEN;
use super::*;
use serde_json::{Value, json};
use std::error::Error as _;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use test_support::{read_request, response};

fn call(data: u8) -> EthCall {
    EthCall {
        chain: "1".into(),
        to: Some([0xab; 20]),
        data: vec![data],
        block: None,
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// The smallest of executors.
fn run<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}

/// What a node was sent: heads and bodies.
type Asked = Arc<Mutex<Vec<(String, Value)>>>;

/// A node that gives each request, one at a time, to this function, which answers on the stream.
fn serve(mut answer: impl FnMut(&Value, &mut TcpStream) + Send + 'static) -> (String, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let address = test_support::serve(move |head, body, stream| {
        seen.lock().unwrap().push((head.to_owned(), body.clone()));
        answer(body, stream);
    });
    (format!("{address}/v2/its-key"), asked)
}

/// A node whose answers are made from the body of the request.
fn node(
    status: &'static str,
    answer: impl Fn(&Value) -> Value + Send + 'static,
) -> (String, Asked) {
    serve(move |body, stream| {
        // whoever has read enough hangs up
        let _ = stream.write_all(&response(status, &answer(body).to_string()));
    })
}

/// A node that says these bytes, whatever it is asked.
fn parrot(answer: &[u8]) -> (String, Asked) {
    let answer = answer.to_vec();
    serve(move |_, stream| {
        let _ = stream.write_all(&answer);
    })
}

/// Accepts the calls with these data, and reverts all others.
fn accepts(request: &Value, data: &str) -> Value {
    let mut answer = json!({ "jsonrpc": "2.0", "id": request["id"] });
    if request["params"][0]["data"] == data {
        answer["result"] = json!("0x01ff");
    } else {
        answer["error"] =
            json!({ "code": -32000, "message": "Execution reverted", "data": "0x08" });
    }
    answer
}

fn batch(request: &Value, mut answer: impl FnMut(&Value) -> Value) -> Option<Vec<Value>> {
    Some(request.as_array()?.iter().map(&mut answer).collect())
}

fn of(url: &str) -> HttpRpc {
    HttpRpc::new()
        .with_node(&"eip155:1".parse().unwrap(), url)
        .unwrap()
}

fn ask(url: &str, calls: &[EthCall]) -> Result<Vec<CallOutcome>, Outage> {
    run(of(url).eth_calls(calls))
}

/// Every text of the outage, down to its root.
fn words(outage: &Outage) -> String {
    let mut words = format!("{outage} {outage:?}");
    let mut source = outage.source();
    while let Some(error) = source {
        words += &format!(": {error}");
        source = error.source();
    }
    assert!(!words.contains("its-key"), "{words}");
    words
}

fn yes() -> CallOutcome {
    CallOutcome::Returned(vec![1, 255])
}

fn no() -> CallOutcome {
    CallOutcome::Reverted(vec![8])
}

#[test]
fn a_call_is_posted_and_its_answer_read() {
    let (url, asked) = node("200 OK", |request| accepts(request, "0x01"));
    assert_eq!(ask(&url, &[call(1)]).unwrap(), [yes()]);
    let asked = asked.lock().unwrap();
    let (head, body) = &asked[0];
    assert!(head.starts_with("POST /v2/its-key HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let id = body["id"].as_u64().unwrap();
    assert_eq!(*body, crate::json_rpc::request(id, &call(1)));
}

#[test]
fn every_call_has_an_id_of_its_own() {
    let (url, asked) = node("200 OK", |request| {
        batch(request, |part| accepts(part, "0x01"))
            .map_or_else(|| accepts(request, "0x01"), Value::from)
    });
    let rpc = of(&url);
    for calls in [&[call(1)][..], &[call(1)], &[call(1), call(2)]] {
        run(rpc.clone().eth_calls(calls)).unwrap();
    }
    run(of(&url).eth_calls(&[call(1)])).unwrap();
    let asked = asked.lock().unwrap();
    let ids: std::collections::BTreeSet<_> = asked
        .iter()
        .flat_map(|(_, body)| batch(body, Value::clone).unwrap_or_else(|| vec![body.clone()]))
        .map(|request| request["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids.len(), 5, "{ids:?}");
}

#[test]
fn the_calls_of_a_question_go_as_one_batch() {
    for reversed in [false, true] {
        let (url, asked) = node("200 OK", move |request| {
            let mut parts = batch(request, |part| accepts(part, "0x02")).unwrap();
            if reversed {
                parts.reverse();
            }
            parts.into()
        });
        let outcomes = ask(&url, &[call(1), call(2), call(3)]).unwrap();
        assert_eq!(outcomes, [no(), yes(), no()]);
        assert_eq!(asked.lock().unwrap().len(), 1);
    }
}

#[test]
fn a_node_without_batches_is_asked_one_by_one() {
    type Refusal = fn(&Value) -> Vec<u8>;
    let refusals: [Refusal; 6] = [
        |_| response("400 Bad Request", "no batches"),
        |_| {
            response(
                "200 OK",
                r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}"#,
            )
        },
        // it hangs up
        |_| Vec::new(),
        |_| response("200 OK", "[]"),
        // it answers all of them with one refusal
        |request| {
            let error = json!({ "code": -32600, "message": "batch too large" });
            let part = json!([{ "jsonrpc": "2.0", "id": request[0]["id"], "error": error }]);
            response("200 OK", &part.to_string())
        },
        // it answers the first alone
        |request| response("200 OK", &json!([accepts(&request[0], "0x02")]).to_string()),
    ];
    for (at, refuse) in refusals.into_iter().enumerate() {
        let (url, _asked) = serve(move |request, stream| {
            let answer = if request.is_array() {
                refuse(request)
            } else {
                response("200 OK", &accepts(request, "0x02").to_string())
            };
            let _ = stream.write_all(&answer);
        });
        let outcomes = ask(&url, &[call(1), call(2)]).unwrap();
        assert_eq!(outcomes, [no(), yes()], "{at}");
    }
}

/// What a batch says is believed only as a whole.
#[test]
fn a_batch_that_contradicts_itself_is_no_verdict() {
    type Spoil = fn(&mut Vec<Value>);
    let spoils: [Spoil; 4] = [
        // an answer twice: which of them?
        |parts| {
            let mut again = parts[0].clone();
            again["result"] = json!("0x");
            parts.push(again);
        },
        // an answer to nobody
        |parts| {
            let mut foreign = parts[0].clone();
            foreign["id"] = json!(1);
            parts.push(foreign);
        },
        // the ids as texts
        |parts| {
            for part in parts {
                part["id"] = part["id"].to_string().into();
            }
        },
        // the first has another version
        |parts| parts[0]["jsonrpc"] = json!("1.0"),
    ];
    for (at, spoil) in spoils.into_iter().enumerate() {
        let (url, _asked) = node("200 OK", move |request| {
            let Some(mut parts) = batch(request, |part| accepts(part, "0x01")) else {
                return json!("busy");
            };
            spoil(&mut parts);
            parts.into()
        });
        words(&ask(&url, &[call(1), call(2)]).expect_err(&at.to_string()));
    }
}

#[test]
fn what_was_answered_before_a_node_failed_counts() {
    let (url, _asked) = node("200 OK", |request| {
        match request["params"][0]["data"].as_str() {
            Some("0x01") => accepts(request, "0x01"),
            _ => json!("busy"),
        }
    });
    let had = |calls: &[EthCall]| ask(&url, calls).unwrap_err().outcomes().to_vec();
    assert_eq!(had(&[call(1), call(2), call(3)]), [yes()]);
    assert_eq!(had(&[call(2), call(1)]), []);
}

#[test]
fn only_a_revert_counts_with_a_status_of_failure() {
    for status in [
        "400 Bad Request",
        "500 Internal Server Error",
        "404 Not Found",
    ] {
        let (url, _asked) = node(status, |request| {
            batch(request, |part| accepts(part, "0x01"))
                .map_or_else(|| accepts(request, "0x01"), Value::from)
        });
        assert_eq!(ask(&url, &[call(2)]).unwrap(), [no()]);
        let said = words(&ask(&url, &[call(1)]).unwrap_err());
        assert!(said.contains(&status[..3]), "{said}");
        words(&ask(&url, &[call(1), call(2)]).unwrap_err());
        let cut = ask(&url, &[call(2), call(1)]).unwrap_err();
        assert_eq!(cut.outcomes(), [no()]);
    }
}

#[test]
fn an_answer_to_something_else_is_no_verdict() {
    type Spoil = fn(&mut Value);
    let spoils: [Spoil; 9] = [
        |answer| answer["id"] = json!(answer["id"].as_u64().unwrap() + 1),
        |answer| answer["id"] = json!(1),
        |answer| answer["id"] = answer["id"].to_string().into(),
        |answer| answer["id"] = Value::Null,
        |answer| answer["jsonrpc"] = json!("1.0"),
        |answer| answer["jsonrpc"] = Value::Null,
        |answer| answer["result"] = Value::Null,
        |answer| answer["result"] = json!({ "bytes": "0x01" }),
        |answer| answer["error"] = json!({ "code": 3, "message": "execution reverted" }),
    ];
    for (at, spoil) in spoils.into_iter().enumerate() {
        let (url, _asked) = node("200 OK", move |request| {
            let mut answer = accepts(request, "0x01");
            spoil(&mut answer);
            answer
        });
        words(&ask(&url, &[call(1)]).expect_err(&at.to_string()));
    }
}

#[test]
fn trouble_is_no_verdict_and_shows_no_key() {
    let half = response("200 OK", r#"{"jsonrpc":"2.0","id":1,"result":"0x01"}"#);
    let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    for answer in [
        &b""[..],
        b"SSH-2.0-OpenSSH_9.9\r\n",
        &half[..half.len() - 9],
        &response("200 OK", "hello"),
        &response("200 OK", "[]"),
        &response("204 No Content", ""),
        &response("503 Service Unavailable", "busy"),
        moved,
    ] {
        let (url, _asked) = parrot(answer);
        words(&ask(&url, &[call(1)]).unwrap_err());
        words(&ask(&url, &[call(1), call(2)]).unwrap_err());
    }
}

#[test]
fn an_answer_that_is_too_long_is_no_verdict() {
    let limit = usize::try_from(MAX_ANSWER_LEN).unwrap();
    for (len, counts) in [(limit, true), (limit + 1, false)] {
        let (url, _asked) = serve(move |request, stream| {
            let mut answer = accepts(request, "0x01").to_string();
            answer += &" ".repeat(len - answer.len());
            let _ = stream.write_all(&response("200 OK", &answer));
        });
        match ask(&url, &[call(1)]) {
            Ok(outcomes) => assert!(counts && outcomes == [yes()]),
            Err(outage) => assert!(!counts, "{}", words(&outage)),
        }
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let (elsewhere, asked) = node("200 OK", |request| accepts(request, "0x01"));
    for status in [
        "301 Moved Permanently",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let head =
            format!("HTTP/1.1 {status}\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
        let (url, _asked) = parrot(head.as_bytes());
        words(&ask(&url, &[call(1)]).unwrap_err());
    }
    assert!(asked.lock().unwrap().is_empty());
}

#[test]
fn an_error_of_the_node_is_repeated_without_the_key() {
    let (url, _asked) = node("401 Unauthorized", |request| {
        let message = format!("no project {} its-key, v2 its-key", "-".repeat(160));
        let error = json!({ "code": -32002, "message": message });
        json!({ "jsonrpc": "2.0", "id": request["id"], "error": error })
    });
    let said = words(&ask(&url, &[call(1)]).unwrap_err());
    assert!(said.contains("the node says -32002: no project"), "{said}");
    // the rest of the key was cut off
    assert!(!said.contains("its-"), "{said}");
    assert!(said.contains("v2"), "{said}");
}

#[test]
fn a_name_and_password_are_sent_and_not_shown() {
    let (url, asked) = node("500 Internal Server Error", |_| json!("open sesame"));
    let url = url.replace("http://", "http://alibaba:sesame@");
    let outage = ask(&url, &[call(1)]).unwrap_err();
    assert!(!words(&outage).contains("sesame"));
    let head = asked.lock().unwrap()[0].0.to_lowercase();
    assert!(
        head.contains("authorization: basic ywxpymfiytpzzxnhbwu="),
        "{head}"
    );
}

#[test]
fn nobody_listens() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/its-key", listener.local_addr().unwrap())
    };
    let outage = ask(&closed, &[call(1)]).unwrap_err();
    assert_eq!(outage.chain(), "1");
    words(&outage);
}

/// The deadline is one for all that a question needs.
#[test]
fn a_slow_node_is_given_up_at_one_deadline() {
    type Slow = fn(&Value, &mut TcpStream);
    let silent: Slow = |_, _| thread::sleep(Duration::from_secs(60));
    // each byte in time, all of them never
    let trickling: Slow = |_, stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
        let _ = stream.write_all(head.as_bytes());
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    };
    let trickling_head: Slow = |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ");
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    };
    // each call in time, all of them not
    let lazy: Slow = |request, stream| {
        thread::sleep(Duration::from_millis(300));
        if request.is_array() {
            let _ = stream.write_all(&response("400 Bad Request", ""));
        } else {
            thread::sleep(Duration::from_millis(300));
        }
    };
    for slow in [silent, trickling, trickling_head, lazy] {
        for calls in [&[call(1)][..], &[call(1), call(2), call(3)]] {
            let (url, _asked) = serve(slow);
            let rpc = of(&url).with_max_wait(Duration::from_millis(500));
            let begun = now();
            let said = words(&run(rpc.eth_calls(calls)).unwrap_err());
            assert!(said.contains("took too long"), "{said}");
            let took = begun.elapsed();
            assert!(took > Duration::from_millis(400), "{took:?}");
            assert!(took < Duration::from_millis(2500), "{took:?}");
        }
    }
}

#[test]
fn a_long_wait_is_not_a_fault() {
    let (url, _asked) = node("200 OK", |request| accepts(request, "0x01"));
    let rpc = of(&url).with_max_wait(Duration::MAX);
    assert_eq!(run(rpc.eth_calls(&[call(1)])).unwrap(), [yes()]);
}

#[test]
fn a_chain_without_a_node_is_named() {
    let elsewhere = EthCall {
        chain: "5".into(),
        ..call(1)
    };
    let outage = ask("http://127.0.0.1:1", std::slice::from_ref(&elsewhere)).unwrap_err();
    assert_eq!(outage.chain(), "5");
    assert!(words(&outage).ends_with("there is no node for this chain"));
    // no node is asked about another chain than its own
    let (url, _asked) = node("200 OK", |request| accepts(request, "0x01"));
    assert_eq!(ask(&url, &[call(1), elsewhere]).unwrap(), [yes()]);
    assert_eq!(ask(&url, &[]).unwrap(), []);
}

#[test]
fn what_is_not_a_node_is_refused() {
    let refused = |chain: &str, url: &str| {
        let error = HttpRpc::new().with_node(&chain.parse().unwrap(), url);
        error.unwrap_err().to_string()
    };
    for url in [
        "",
        "127.0.0.1:8545",
        "file:///x",
        "ftp://127.0.0.1/its-key",
        "http://",
        "https://",
        "/rpc",
        "http:// x",
    ] {
        let said = refused("eip155:1", url);
        assert!(said.contains("node of a chain"), "{url}");
        assert!(!said.contains("its-key"), "{url}");
    }
    assert!(refused("cosmos:1", "http://127.0.0.1").contains("eip155"));
}

#[test]
fn debug_shows_chains_alone() {
    let debug = format!("{:?}", of("http://127.0.0.1/its-key"));
    assert_eq!(debug, r#"HttpRpc { chains: ["1"], max_wait: 10s, .. }"#);
}

#[cfg(not(feature = "https"))]
#[test]
fn https_needs_its_feature() {
    let error = HttpRpc::new().with_node(&"eip155:1".parse().unwrap(), "https://127.0.0.1/its-key");
    let said = error.unwrap_err().to_string();
    assert!(
        said.contains("feature") && !said.contains("its-key"),
        "{said}"
    );
}

#[cfg(feature = "https")]
mod https {
    use super::*;
    use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use rustls::{ServerConfig, ServerConnection, Stream};

    /// A node behind TLS for `localhost`, and the authority of its certificate.
    fn node() -> (String, String) {
        let authority = {
            let mut params = CertificateParams::default();
            params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
        };
        let key = KeyPair::generate().unwrap();
        let names = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = names.signed_by(&key, &authority).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut session = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut tls = Stream::new(&mut session, &mut stream);
                if let Some((_, body)) = read_request(&mut tls) {
                    let answer = accepts(&body, "0x01").to_string();
                    let _ = tls.write_all(&response("200 OK", &answer));
                }
            }
        });
        (format!("https://localhost:{port}/its-key"), authority.pem())
    }

    #[test]
    fn a_node_is_asked_if_its_authority_is_trusted() {
        let (url, authority) = node();
        let rpc = of(&url)
            .with_root_certificates(authority.as_bytes())
            .unwrap();
        assert_eq!(run(rpc.eth_calls(&[call(1)])).unwrap(), [yes()]);
        // its name is not that of the certificate
        let by_number = of(&url.replace("localhost", "127.0.0.1"))
            .with_root_certificates(authority.as_bytes())
            .unwrap();
        words(&run(by_number.eth_calls(&[call(1)])).unwrap_err());
        // another authority, and those of the web
        let (_, other) = node();
        let rpc = of(&url).with_root_certificates(other.as_bytes()).unwrap();
        words(&run(rpc.eth_calls(&[call(1)])).unwrap_err());
        words(&ask(&url, &[call(1)]).unwrap_err());
    }

    #[test]
    fn authorities_must_be_there() {
        let (url, authority) = node();
        let cut = authority.replace("-----END", "");
        for pem in ["", "hello", cut.as_str()] {
            let error = of(&url).with_root_certificates(pem.as_bytes()).unwrap_err();
            assert!(error.to_string().contains("PEM"), "{error}");
        }
    }
}
