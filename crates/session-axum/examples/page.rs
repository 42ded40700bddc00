//! A server for the pages of other origins: what it takes beside the layer are the fields of CORS
//! (`docs/http.md`, section 9). The tests of the npm package run it.
//!
//! ```sh
//! cargo run -p session-axum --example page -- notes.example.com https://api.example.com
//! ```
//!
//! The first argument is the domain for which sessions are signed, the others are origins that the
//! server has beside that of its port on loopback. `--since SECONDS` says that it runs for so long
//! already: in its first minute a server of one process takes proofs with a nonce only.

#![allow(clippy::print_stdout)] // it says where it listens

use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use cacao::{Provers, UnixTime, eip191::Eip191};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use session_axum::{Caller, SessionLayer, require, routes};
use session_core::{Clock, Context, SystemClock};
use session_http::{Server, State};
use std::error::Error;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut given: Vec<String> = std::env::args().skip(1).collect();
    let mut since = Duration::ZERO;
    if let Some(place) = given.iter().position(|argument| argument == "--since") {
        let seconds = given.get(place + 1).ok_or("--since takes a number")?;
        since = Duration::from_secs(seconds.parse()?);
        given.drain(place..place + 2);
    }
    let mut given = given.into_iter();
    let domain = given.next().unwrap_or_else(|| "127.0.0.1".to_owned());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let own = format!("http://{}", listener.local_addr()?);
    let server = server(&domain, std::iter::once(own.clone()).chain(given), since)?;
    println!("{own}");
    axum::serve(listener, app(&server)).await?;
    Ok(())
}

fn server(
    domain: &str,
    origins: impl Iterator<Item = String>,
    since: Duration,
) -> Result<Server, Box<dyn Error>> {
    let provers = Provers::none().with(Eip191)?.with_memory(10_000);
    let context = Context::with_system_clock(provers);
    let began: UnixTime = SystemClock.now() - since;
    let mut server = Server::builder(domain, &context, State::in_memory(began)?);
    for origin in origins {
        server = server.with_origin(&origin)?;
    }
    Ok(server.build()?)
}

fn app(server: &Server) -> Router {
    let layer = SessionLayer::new(server.clone());
    let proven = Router::new()
        .route("/echo", any(echo))
        .route("/write", post(echo).layer(require("app://notes/write")))
        .route("/admin", post(echo).layer(require("app://notes/admin")))
        .layer(layer.clone());
    let fresh = Router::new()
        .route("/fresh", any(echo))
        .layer(layer.clone().with_nonce_required());
    let streams = Router::new()
        .route("/stream", post(echo))
        .layer(layer.with_streams());
    Router::new()
        .route("/elsewhere", get(|| async { Redirect::temporary("/echo") }))
        .merge(proven)
        .merge(fresh)
        .merge(streams)
        .nest("/session", routes(server))
        .layer(from_fn(cors))
}

/// Says who asked for what.
async fn echo(
    caller: Caller,
    OriginalUri(uri): OriginalUri,
    method: Method,
    headers: HeaderMap,
    content: String,
) -> Response {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let answer = serde_json::json!({
        "issuer": caller.issuer().did(),
        "key": caller.key().as_str(),
        "method": method.as_str(),
        "target": uri.to_string(),
        "type": content_type,
        "content": content,
    });
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], answer.to_string()).into_response()
}

/// Lets pages of every origin ask: a proof is no cookie, so that no page can make another one's.
async fn cors(request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else {
        return next.run(request).await;
    };
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match is_preflight {
        true => StatusCode::NO_CONTENT.into_response(),
        false => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if is_preflight {
        let methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
        let fields = "Authorization, Content-Digest, Content-Type, DID-Session-Capability";
        headers.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(methods),
        );
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(fields),
        );
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
