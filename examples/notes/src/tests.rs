//! Two instances over one state, and clients that prove their requests.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use cacao::car::Car;
use cacao::eip191::Eip191;
use cacao::solana::SolanaEd25519;
use cacao::{Cacao, Policy, Provers, Requirement};
use didkey::Ed25519SigningKey;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use session_core::{Clock, Context, DidSession, SystemClock};
use session_http::client::{ProofSigner, Transport, TransportError};
use session_http::{Secret, State};
use session_wallets::EthereumWallet;
use std::time::Duration;
use tower::ServiceExt;

use crate::app::{App, RESOURCES, router};
use crate::notes::{MemoryNotes, SharedNotes};

const ORIGIN: &str = "http://localhost:3000";
const DOMAIN: &str = "localhost:3000";

struct Instance {
    app: App,
    router: Router,
}

/// As many instances as are asked for, that share what processes would share.
fn instances<const N: usize>() -> [Instance; N] {
    let state = State::in_memory(SystemClock.now()).unwrap();
    let notes = SharedNotes::new(MemoryNotes::default());
    [(); N].map(|()| instance(state.clone(), notes.clone()))
}

fn instance(state: State, notes: SharedNotes) -> Instance {
    let origins = [ORIGIN.to_owned()];
    let server = crate::server(DOMAIN, &origins, Secret::new([7; 32]), state).unwrap();
    let app = App::new(server, notes, &origins, Duration::from_secs(3600));
    let router = router(&app);
    Instance { app, router }
}

#[async_trait]
impl Transport for Instance {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        let (mut parts, body) = request.into_parts();
        parts.headers.insert("host", DOMAIN.parse()?);
        parts.uri = parts
            .uri
            .path_and_query()
            .ok_or("no path")?
            .as_str()
            .parse()?;
        let request = Request::from_parts(parts, Body::from(body));
        let (parts, body) = self.router.clone().oneshot(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Response::from_parts(parts, body.to_vec()))
    }
}

impl Instance {
    /// A browser that logs in with this wallet.
    async fn log_in(&self, wallet: &EthereumWallet) -> Browser {
        let key = Ed25519SigningKey::generate().unwrap();
        let challenge = self.app.server.challenge(key.did_key().as_str()).unwrap();
        let request = session_core::Request::new(DOMAIN, RESOURCES).with_nonce(challenge.challenge);
        let context = Context::with_system_clock(Provers::none().with(Eip191).unwrap());
        let session = DidSession::authorize_key(&context, key, wallet, &request).await;
        let browser = Browser(ProofSigner::new(session.unwrap()));
        let uri = ORIGIN.parse().unwrap();
        for _ in 0..2 {
            // the first answer brings the nonce
            let login = browser.0.post_capability(&uri, "/session/login").await;
            let answer = self.send(login.unwrap()).await.unwrap();
            browser.0.learn(&uri, answer.headers());
            if answer.status() == StatusCode::OK {
                return browser;
            }
        }
        panic!("the login is refused");
    }
}

struct Browser(ProofSigner<Ed25519SigningKey>);

impl Browser {
    async fn send(
        &self,
        to: &Instance,
        method: &str,
        path: &str,
        (kind, content): (&str, String),
    ) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{ORIGIN}{path}"))
            .header("content-type", kind)
            .body(content.into_bytes())
            .unwrap();
        let answer = self.0.send(to, request).await.unwrap();
        let value = serde_json::from_slice(answer.body()).unwrap_or_default();
        (answer.status(), value)
    }

    async fn get(&self, from: &Instance, path: &str) -> (StatusCode, Value) {
        self.send(from, "GET", path, ("text/plain", String::new()))
            .await
    }

    async fn write(
        &self,
        to: &Instance,
        method: &str,
        path: &str,
        text: &str,
    ) -> (StatusCode, Value) {
        let content = json!({ "text": text }).to_string();
        self.send(to, method, path, ("application/json", content))
            .await
    }
}

fn wallet() -> EthereumWallet {
    EthereumWallet::generate(&"eip155:1".parse().unwrap()).unwrap()
}

#[tokio::test]
async fn what_is_composed_and_signed_is_a_capability_for_the_key() {
    let [here] = instances();
    let wallet = Ed25519SigningKey::generate().unwrap();
    let public = wallet.did_key().public_key();
    let address = cacao::solana::address_of(public.as_bytes().try_into().unwrap());
    let key = Ed25519SigningKey::generate().unwrap();
    let ask = async |path: &str, value: Value| -> (StatusCode, Value) {
        let request = Request::post(format!("{ORIGIN}{path}"))
            .header("content-type", "application/json")
            .body(value.to_string().into_bytes());
        let answer = here.send(request.unwrap()).await.unwrap();
        let value = serde_json::from_slice(answer.body()).unwrap_or_default();
        (answer.status(), value)
    };
    let account = format!("{}:{address}", cacao::solana::MAINNET);
    let asked = json!({ "key": key.did_key().as_str(), "account": account });
    let (status, composed) = ask("/api/sign-in", asked).await;
    assert_eq!(status, StatusCode::OK);
    let text = composed["text"].as_str().unwrap();
    let signature = wallet.sign(text.as_bytes());
    let signature = base58(signature.as_bytes());
    let signed = json!({ "text": text, "signature": signature });
    let (status, capability) = ask("/api/sign-in/capability", signed).await;
    assert_eq!(status, StatusCode::OK);
    let car = data_encoding::BASE64.decode(capability["car"].as_str().unwrap().as_bytes());
    let capability = Cacao::from_car(&Car::from_bytes(&car.unwrap()).unwrap()).unwrap();
    let requirement = Requirement::for_domain(DOMAIN)
        .with_audience(key.did_key().as_str())
        .with_resources(RESOURCES);
    let provers = Provers::none().with(SolanaEd25519).unwrap();
    let now = SystemClock.now();
    let verified = capability.verify(&provers, &Policy::default(), &requirement, now);
    assert!(verified.unwrap().issuer().did().ends_with(&address));

    for (key, account) in [
        ("did:key:z6Mk", account.as_str()),
        (key.did_key().as_str(), "solana:x"),
    ] {
        let asked = json!({ "key": key, "account": account });
        assert_eq!(ask("/api/sign-in", asked).await.0, StatusCode::BAD_REQUEST);
    }
}

fn base58(bytes: &[u8; 64]) -> String {
    match cacao::solana::signature(bytes).value() {
        cacao::SignatureValue::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn notes_are_those_of_the_account_in_every_browser_and_instance() {
    let [here, there] = instances();
    share_notes(&here, &there).await;
}

async fn share_notes(here: &Instance, there: &Instance) {
    let (own, other) = (wallet(), wallet());
    let desk = here.log_in(&own).await;
    let phone = there.log_in(&own).await;
    let stranger = here.log_in(&other).await;

    let (status, note) = desk.write(here, "POST", "/api/notes", " milk ").await;
    assert_eq!(
        (status, &note["text"]),
        (StatusCode::CREATED, &json!("milk"))
    );
    let path = format!("/api/notes/{}", note["id"].as_str().unwrap());
    let (status, _) = phone.write(there, "PUT", &path, "milk and bread").await;
    assert_eq!(status, StatusCode::OK);
    let (_, notes) = desk.get(here, "/api/notes").await;
    assert_eq!(notes[0]["text"], "milk and bread");
    assert_eq!(notes.as_array().unwrap().len(), 1);

    assert_eq!(
        stranger.get(here, "/api/notes").await,
        (StatusCode::OK, json!([]))
    );
    let nothing = ("text/plain", String::new());
    for (method, text) in [("PUT", "mine now"), ("DELETE", "")] {
        let status = match method {
            "PUT" => stranger.write(here, method, &path, text).await.0,
            _ => stranger.send(here, method, &path, nothing.clone()).await.0,
        };
        assert_eq!(status, StatusCode::NOT_FOUND, "{method}");
    }
    let (status, _) = phone.send(there, "DELETE", &path, nothing).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(desk.get(here, "/api/notes").await.1, json!([]));
    for text in ["  ", &"x".repeat(5000)] {
        let (status, _) = desk.write(here, "POST", "/api/notes", text).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn logged_out_by_another_browser_a_session_is_refused_by_every_instance() {
    let [here, there] = instances();
    log_out_there(&here, &there).await;
}

/// Two processes would be no other than these: each has a connection and memory of its own.
#[cfg(feature = "redis")]
#[tokio::test]
async fn instances_share_a_redis() {
    let redis = test_support::RedisServer::start(test_support::Kind::Redis, &[]);
    let redis = match redis {
        Ok(redis) => redis,
        Err(why) => return println!("skipped: {why}"),
    };
    let mut instances = Vec::new();
    for _ in 0..2 {
        let (state, notes) = crate::shared_redis::open(&redis.url()).await.unwrap();
        instances.push(instance(state, notes));
    }
    let [here, there] = instances.try_into().ok().unwrap();
    share_notes(&here, &there).await;
    log_out_there(&here, &there).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn instances_share_a_postgres() {
    let postgres = match test_support::PostgresServer::start() {
        Ok(postgres) => postgres,
        Err(why) => return println!("skipped: {why}"),
    };
    // both at once, as processes start
    let url = postgres.url();
    let opened = tokio::join!(
        crate::shared_postgres::open(&url),
        crate::shared_postgres::open(&url)
    );
    let [here, there] = [opened.0, opened.1].map(|opened| {
        let (state, notes) = opened.unwrap();
        instance(state, notes)
    });
    share_notes(&here, &there).await;
    log_out_there(&here, &there).await;
}

async fn log_out_there(here: &Instance, there: &Instance) {
    let own = wallet();
    let desk = here.log_in(&own).await;
    let phone = there.log_in(&own).await;
    let (_, listed) = desk.get(there, "/session/devices").await;
    assert_eq!(listed["devices"].as_array().unwrap().len(), 2);

    let identity = phone.0.session().cacao().identity();
    let statement = desk.0.session().revocation_of([identity]).await.unwrap();
    let content = ("application/jose", statement);
    let (status, _) = desk
        .send(here, "POST", "/session/logout/others", content)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for instance in [here, there] {
        let (status, problem) = phone.get(instance, "/api/notes").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(problem["reason"], "revoked");
        assert_eq!(desk.get(instance, "/api/notes").await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_event_stream_tells_that_the_session_has_ended() {
    let [here] = instances();
    let own = wallet();
    let desk = here.log_in(&own).await;
    let phone = here.log_in(&own).await;
    // the transport reads a response to its end, and the stream ends with the session
    let (stream, ()) = tokio::join!(
        async {
            let request = Request::get(format!("{ORIGIN}/api/events")).body(Vec::new());
            phone.0.send(&here, request.unwrap()).await.unwrap()
        },
        async {
            let identity = phone.0.session().cacao().identity();
            let statement = desk.0.session().revocation_of([identity]).await.unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
            let content = ("application/jose", statement);
            desk.send(&here, "POST", "/session/logout/others", content)
                .await;
        }
    );
    assert_eq!(stream.status(), StatusCode::OK);
    let text = String::from_utf8(stream.body().clone()).unwrap();
    assert!(text.starts_with("event: changed\n"), "{text}");
    assert!(text.ends_with("event: ended\ndata: revoked\n\n"), "{text}");
}

#[tokio::test]
async fn the_page_is_whole_and_refuses_to_be_framed() {
    let [here] = instances();
    for path in [
        "/",
        "/app.js",
        "/session.js",
        "/wallets.js",
        "/bytes.js",
        "/style.css",
    ] {
        let request = Request::get(format!("{ORIGIN}{path}")).body(Vec::new());
        let answer = here.send(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        assert!(policy.contains("frame-ancestors 'none'"));
    }
    let request = Request::get(format!("{ORIGIN}/api/notes")).body(Vec::new());
    let answer = here.send(request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}
