//! The server: one route for each way to know who calls, on one thread.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use cacao::Provers;
use cacao::eip191::Eip191;
use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, VerifyingKey};
use httpsig::prelude::message_component::{HttpMessageComponent, HttpMessageComponentId};
use httpsig::prelude::{AlgorithmName, HttpSignatureBase, HttpSignatureHeaders, PublicKey};
use session_axum::{Caller, SessionLayer};
use session_core::{Clock, Context, SystemClock};
use session_http::{Server, State, UnixTime};
use tokio::net::TcpListener;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, SessionStore};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike, Config, Pool};

use crate::shared;
use crate::traffic::{ALONE, BATCHED, DOMAIN, ORIGIN, PATH, public_key};

pub(crate) async fn serve(redis: Option<u16>) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let provers = Provers::none().with(Eip191)?.with_memory(100_000);
    let context = Context::with_system_clock(provers);
    // a server that runs for an hour already: its memory knows of every proof that counts
    let now = i64::try_from(SystemClock.now().as_secs())?;
    let began = UnixTime::from_secs(now - 3600);
    let key = VerifyingKey::from_bytes(&public_key())?;
    let raw = from_fn_with_state(key, raw);
    let peer = PublicKey::from_bytes(&AlgorithmName::Ed25519, &public_key());
    let httpsig = from_fn_with_state(peer.context("httpsig takes no key")?, httpsig);
    let mut app = Router::new()
        .route("/hello", get(hello))
        .route("/raw", get(hello).layer(raw))
        .route("/httpsig", get(hello).layer(httpsig))
        .route(PATH, proven(&context, State::in_memory(began)?)?)
        .nest("/memory", cookies(MemoryStore::default()));
    if let Some(port) = redis {
        let config = Config::from_url(&format!("redis://127.0.0.1:{port}"))?;
        let pool = Pool::new(config, None, None, None, 1)?;
        pool.init().await?;
        let [batched, alone] = shared::states(port, began).await?;
        app = app
            .nest("/redis", cookies(RedisStore::new(pool)))
            .route(BATCHED, proven(&context, batched)?)
            .route(ALONE, proven(&context, alone)?);
    }
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// A route whose requests prove their session.
fn proven(context: &Context, state: State) -> Result<MethodRouter> {
    let server = Server::builder(DOMAIN, context, state);
    let server = server.with_origin(ORIGIN)?.build()?;
    Ok(get(whoami).layer(SessionLayer::new(server)))
}

async fn hello() -> &'static str {
    "hello"
}

async fn whoami(caller: Caller) -> &'static str {
    // the caller is there, or the request was refused
    let _ = caller.issuer();
    "hello"
}

/// The signature of a proof by a key that is known, strictly verified, and nothing else.
async fn raw(
    Shared(key): Shared<VerifyingKey>,
    request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    check_raw(&key, request.headers()).ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(next.run(request).await)
}

fn check_raw(key: &VerifyingKey, headers: &HeaderMap) -> Option<()> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (input, signature) = value.strip_prefix("DIDSession ")?.rsplit_once('.')?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
    let signature = Signature::from_slice(&signature).ok()?;
    key.verify_strict(input.as_bytes(), &signature).ok()
}

/// RFC 9421 over method, target and authority, without a replay check.
async fn httpsig(
    Shared(key): Shared<PublicKey>,
    request: Request,
    next: Next,
) -> Result<Response, StatusCode> {
    check_httpsig(&key, &request).ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(next.run(request).await)
}

fn check_httpsig(key: &PublicKey, request: &Request) -> Option<()> {
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    let headers = HttpSignatureHeaders::try_parse(header("signature")?, header("signature-input")?);
    let headers = headers.ok()?;
    let (_, signed) = headers.first()?;
    let params = signed.signature_params();
    let mut components = Vec::new();
    for id in &params.covered_components {
        components.push(component(id, request, header("host")?)?);
    }
    let base = HttpSignatureBase::try_new(&components, params).ok()?;
    base.verify_signature_headers(key, signed).ok()
}

fn component(
    id: &HttpMessageComponentId,
    request: &Request,
    host: &str,
) -> Option<HttpMessageComponent> {
    let value = match id.to_string().as_str() {
        "\"@method\"" => request.method().to_string(),
        "\"@target-uri\"" => format!("http://{host}{}", request.uri()),
        _ => return None,
    };
    HttpMessageComponent::try_from((id, &[value][..])).ok()
}

/// A session by a cookie: `begin` sets it, `hello` reads it.
fn cookies(store: impl SessionStore + Clone) -> Router {
    async fn begin(session: Session) -> Result<&'static str, StatusCode> {
        let inserted = session.insert("account", "did:pkh:eip155:1:0x0").await;
        inserted.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok("hello")
    }
    async fn hello(session: Session) -> Result<&'static str, StatusCode> {
        let account = session.get::<String>("account").await;
        let account = account.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        account.map(|_| "hello").ok_or(StatusCode::UNAUTHORIZED)
    }
    Router::new()
        .route("/begin", get(begin))
        .route("/hello", get(hello))
        .layer(SessionManagerLayer::new(store).with_secure(false))
}
