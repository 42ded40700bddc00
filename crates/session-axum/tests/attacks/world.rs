//! A server with some routes, a clock that stands, a wallet, and what a test reads of a response.

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::routing::{any, get, post};
use cacao::eip191::Eip191;
use cacao::{Provers, UnixTime};
use didkey::Ed25519SigningKey;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use session_axum::{Caller, SessionLayer, require, routes};
use session_core::{AuthMethod, Clock, Context, DidSession, ManualClock};
use session_http::client::{ClientError, Content, ProofSigner, Transport, TransportError};
use session_http::{Secret, Server, State};
use session_wallets::EthereumWallet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tower::ServiceExt;

pub(crate) const ORIGIN: &str = "https://notes.example.com";
pub(crate) const DOMAIN: &str = "notes.example.com";
pub(crate) const START: i64 = 1_700_000_010;

pub(crate) type Signer = ProofSigner<Ed25519SigningKey>;

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) server: Server,
    pub(crate) app: Router,
    pub(crate) wallet: EthereumWallet,
    /// How often a handler ran.
    pub(crate) effects: Arc<AtomicUsize>,
}

pub(crate) fn wallet() -> EthereumWallet {
    EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap()
}

/// Clocks are shared as clones.
struct Shared(Arc<ManualClock>);

#[async_trait::async_trait]
impl Clock for Shared {
    fn now(&self) -> UnixTime {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    async fn sleep(&self, time: Duration) {
        self.0.sleep(time).await;
    }
}

pub(crate) fn context(clock: &Arc<ManualClock>) -> Context {
    let provers = Provers::none().with(Eip191).unwrap().with_memory(10_000);
    Context::new(Shared(Arc::clone(clock)), provers)
}

impl World {
    /// A server that runs for long already: its memory knows of every proof that counts.
    pub(crate) fn new() -> Self {
        let began = UnixTime::from_secs(START - 3600);
        Self::with_state(State::in_memory(began).unwrap())
    }

    pub(crate) fn with_state(state: State) -> Self {
        let clock = Arc::new(ManualClock::new(UnixTime::from_secs(START)));
        Self::on(clock, state)
    }

    pub(crate) fn on(clock: Arc<ManualClock>, state: State) -> Self {
        let server = Server::builder(DOMAIN, &context(&clock), state)
            .with_origin(ORIGIN)
            .unwrap()
            .with_origin("https://other.example.com")
            .unwrap()
            .with_secret(Secret::new([9; 32]))
            .build()
            .unwrap();
        let effects = Arc::new(AtomicUsize::new(0));
        let app = app(&server, &effects);
        Self {
            clock,
            server,
            app,
            wallet: wallet(),
            effects,
        }
    }

    pub(crate) fn effects(&self) -> usize {
        self.effects.load(Ordering::SeqCst)
    }

    pub(crate) fn context(&self) -> Context {
        context(&self.clock)
    }

    /// A session of the wallet that nobody knows yet.
    pub(crate) async fn session(&self, resources: &[&str]) -> Signer {
        self.session_of(&self.wallet, DOMAIN, resources).await
    }

    pub(crate) async fn session_of(
        &self,
        wallet: &dyn AuthMethod,
        domain: &str,
        resources: &[&str],
    ) -> Signer {
        let request = session_core::Request::new(domain, resources.iter().copied());
        let session = DidSession::authorize(&self.context(), wallet, &request).await;
        ProofSigner::new(session.unwrap())
    }

    /// A session that logged in by a challenge.
    pub(crate) async fn log_in(&self, resources: &[&str]) -> Signer {
        let signer = self.challenged(resources).await;
        let response = self.post_login(&signer).await;
        assert_eq!(response.status(), StatusCode::OK, "{:?}", response.body());
        signer
    }

    /// A session that answers a challenge, and did not log in yet.
    pub(crate) async fn challenged(&self, resources: &[&str]) -> Signer {
        let key = Ed25519SigningKey::generate().unwrap();
        let challenge = self.server.challenge(key.did_key().as_str()).unwrap();
        let request = session_core::Request::new(DOMAIN, resources.iter().copied())
            .with_nonce(challenge.challenge);
        let session = DidSession::authorize_key(&self.context(), key, &self.wallet, &request).await;
        ProofSigner::new(session.unwrap())
    }

    pub(crate) async fn post_login(&self, signer: &Signer) -> Response<Vec<u8>> {
        let uri = ORIGIN.parse().unwrap();
        let request = signer
            .post_capability(&uri, "/session/login")
            .await
            .unwrap();
        self.call(request).await
    }

    /// With the client's retries.
    pub(crate) async fn send(
        &self,
        signer: &Signer,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, ClientError> {
        signer.send(self, request).await
    }

    /// Once, as it stands.
    pub(crate) async fn call(&self, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        call(&self.app, request).await
    }
}

#[async_trait]
impl Transport for World {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        Ok(self.call(request).await)
    }
}

/// As a server of HTTP/1.1 sees it: a path, and `Host`.
pub(crate) async fn call(app: &Router, request: Request<impl Into<Body>>) -> Response<Vec<u8>> {
    let (mut parts, body) = request.into_parts();
    if let Some(authority) = parts.uri.authority() {
        let host = authority.as_str().parse().unwrap();
        parts.headers.entry("host").or_insert(host);
        parts.uri = parts
            .uri
            .path_and_query()
            .unwrap()
            .as_str()
            .parse()
            .unwrap();
    }
    let request = Request::from_parts(parts, body.into());
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, body.to_vec())
}

fn app(server: &Server, effects: &Arc<AtomicUsize>) -> Router {
    let effect = |effects: &Arc<AtomicUsize>| {
        let effects = Arc::clone(effects);
        move |caller: Caller, content: String| async move {
            effects.fetch_add(1, Ordering::SeqCst);
            format!("{} {content}", caller.issuer().did())
        }
    };
    let streams = Router::new()
        .route("/stream", post(effect(effects)))
        .layer(SessionLayer::new(server.clone()).with_streams());
    let optional = Router::new()
        .route(
            "/maybe",
            get(|caller: Option<Caller>| async move { caller.is_some().to_string() }),
        )
        .layer(SessionLayer::new(server.clone()).with_unproven_requests());
    let nested = Router::new().route("/deep", get(effect(effects)));
    Router::new()
        .route("/notes", any(effect(effects)))
        .route(
            "/write",
            post(effect(effects)).layer(require("app://notes/write")),
        )
        .route(
            "/notes/{id}",
            post(effect(effects)).layer(require("app://notes/{id}/write")),
        )
        .nest("/nested", nested)
        .layer(
            SessionLayer::new(server.clone())
                .with_content_limit(100_000)
                .with_content_timeout(Duration::from_millis(300)),
        )
        .merge(streams)
        .merge(optional)
        .nest("/session", routes(server))
}

pub(crate) fn request(method: &str, path: &str, body: &str) -> Request<Vec<u8>> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{ORIGIN}{path}"));
    if !body.is_empty() {
        request = request.header("content-type", "text/plain");
    }
    request.body(body.as_bytes().to_vec()).unwrap()
}

pub(crate) async fn proven(
    signer: &Signer,
    method: &str,
    path: &str,
    body: &str,
) -> Request<Vec<u8>> {
    let mut request = request(method, path, body);
    signer
        .prove(&mut request, Content::Bytes(body.as_bytes()))
        .await
        .unwrap();
    request
}

/// Status and code of a refusal: the header and the problem say the same.
pub(crate) fn refusal(response: &Response<Vec<u8>>) -> (u16, String) {
    let problem: serde_json::Value = serde_json::from_slice(response.body())
        .unwrap_or_else(|_| panic!("no problem: {response:?}"));
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    assert_eq!(header("content-type"), Some("application/problem+json"));
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(problem["status"], response.status().as_u16());
    let code = problem["code"].as_str().unwrap().to_owned();
    if let Some(challenge) = header("www-authenticate") {
        let parameter = format!("error=\"{code}\"");
        assert!(challenge.starts_with("DIDSession "), "{challenge}");
        assert_eq!(
            challenge.contains(&parameter),
            code != "no_credentials",
            "{challenge}"
        );
    }
    (response.status().as_u16(), code)
}

pub(crate) fn code(response: &Response<Vec<u8>>) -> String {
    refusal(response).1
}

/// Why a capability was refused.
pub(crate) fn reason(response: &Response<Vec<u8>>) -> String {
    assert_eq!(refusal(response), (401, "invalid_token".to_owned()));
    let problem: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    problem["reason"].as_str().unwrap().to_owned()
}
