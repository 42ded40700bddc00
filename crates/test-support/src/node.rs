//! A server that is asked in JSON over HTTP, one request at a time.

use std::io::Read;
use std::net::{TcpListener, TcpStream};

use serde_json::Value;

/// A server on loopback that gives each request, its head and its body, to this function, which
/// answers on the stream. It listens until the test ends. Answers `http://ADDRESS`.
///
/// # Panics
/// When it cannot listen.
pub fn serve(mut answer: impl FnMut(&str, &Value, &mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its number");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            if let Some((head, body)) = read_request(&mut stream) {
                answer(&head, &body, &mut stream);
            }
        }
    });
    format!("http://{address}")
}

/// The head and the body of a request. `None` if it ends before.
pub fn read_request(stream: &mut impl Read) -> Option<(String, Value)> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        request.extend_from_slice(buffer.get(..read)?);
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            if let Ok(body) = serde_json::from_str(body) {
                return Some((head.to_owned(), body));
            }
            // only a client that follows a redirect asks for this
            if head.starts_with("GET") {
                return Some((head.to_owned(), Value::Null));
            }
        }
    }
}

/// An answer after which the connection ends.
#[must_use]
pub fn response(status: &str, body: &str) -> Vec<u8> {
    let len = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}
