//! The vectors of the convention: requests, each with its verdict. `DID_SESSION_WRITE_VECTORS=1`
//! writes them anew, with fixed keys and times; `xtask/peer/http.mjs` judges them without any of
//! our code.
#![allow(
    clippy::cast_precision_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

#[path = "vectors/changes.rs"]
mod changes;
#[path = "vectors/exact.rs"]
mod exact;
#[path = "vectors/registered.rs"]
mod registered;
#[path = "vectors/targets.rs"]
mod targets;

use async_trait::async_trait;
use cacao::eip191::Eip191;
use cacao::{Payload, Provers, Timestamp, UnixTime};
use changes::{
    Change, add, header, in_claims, in_header, member, other_s, short_jti, sign_again, spoil,
    with_fragment, with_other_fragment,
};
use data_encoding::BASE64;
use didkey::{Ed25519SigningKey, P256SigningKey};
use http::Request;
use registered::Registered;
use serde_json::{Value, json};
use session_core::StoreError;
use session_core::server::{ProofId, Remembered, ReplayMemory, ReplayWindow};
use session_core::{AuthMethod, Context, DidSession, ManualClock, SessionKey, SessionRecord};
use session_http::client::{Content, ProofSigner};
use session_http::{Route, Secret, Server, State};
use session_wallets::EthereumWallet;
use std::sync::Arc;
use store_memory::MemoryReplayWindow;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/http.json");
const START: i64 = 1_700_000_010;
const DOMAIN: &str = "notes.example.com";
const ORIGINS: [&str; 2] = ["https://notes.example.com", "https://other.example.com"];

/// A window that outlives the process, as nonces that stand in a file need it.
struct Lasting(MemoryReplayWindow);

#[async_trait]
impl ReplayWindow for Lasting {
    async fn remember(
        &self,
        proof: ProofId,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Remembered, StoreError> {
        self.0.remember(proof, until, now).await
    }

    fn memory(&self) -> Option<ReplayMemory> {
        None
    }
}

fn context(clock: &Arc<ManualClock>) -> Context {
    let provers = Provers::none().with(Eip191).unwrap().with_memory(100);
    Context::with_shared_clock(Arc::clone(clock) as _, provers)
}

fn server(clock: &Arc<ManualClock>, registered: &Value) -> Server {
    let began = UnixTime::from_secs(START - 86_400);
    let window = Lasting(MemoryReplayWindow::new(began).unwrap());
    let state = State::in_memory(began).unwrap().with_replay_window(window);
    let state = state.with_capabilities(Registered(registered.clone()));
    let mut server = Server::builder(DOMAIN, &context(clock), state);
    for origin in ORIGINS {
        server = server.with_origin(origin).unwrap();
    }
    server.with_secret(Secret::new([9; 32])).build().unwrap()
}

fn signer(clock: &Arc<ManualClock>, domain: &str, lifetime: i64) -> ProofSigner<Ed25519SigningKey> {
    let wallet = EthereumWallet::from_secret(&[0x46; 32], &"eip155:1".parse().unwrap()).unwrap();
    let key = Ed25519SigningKey::from_seed(&[7; 32]);
    let at = |seconds| Timestamp::from_unix_time(UnixTime::from_secs(seconds)).unwrap();
    let issuer = wallet.issuer().clone();
    let payload = Payload::builder(domain, issuer, key.did().as_str(), "abcdefghij", at(START))
        .with_expires_at(at(START + lifetime))
        .with_resources(["app://notes/write"])
        .build()
        .unwrap();
    let record = SessionRecord::new(wallet.sign(&payload).unwrap(), key);
    let text = record.to_session_string();
    ProofSigner::new(DidSession::from_session(&context(clock), &text).unwrap())
}

async fn p256_signer(clock: &Arc<ManualClock>) -> ProofSigner<P256SigningKey> {
    let wallet = EthereumWallet::from_secret(&[0x46; 32], &"eip155:1".parse().unwrap()).unwrap();
    let key = P256SigningKey::from_seed(&[7; 32]).unwrap();
    let asked = session_core::Request::new(DOMAIN, ["app://notes/write"]).with_nonce("abcdefghij");
    let session = DidSession::authorize_key(&context(clock), key, &wallet, &asked).await;
    ProofSigner::new(session.unwrap())
}

/// A request as it stands in the file.
fn written(request: &Request<Vec<u8>>) -> Value {
    let mut headers = vec![json!(["host", request.uri().host().unwrap()])];
    for (name, value) in request.headers() {
        headers.push(json!([name.as_str(), value.to_str().unwrap()]));
    }
    json!({
        "method": request.method().as_str(),
        "target": request.uri().path_and_query().unwrap().as_str(),
        "headers": headers,
        "body": BASE64.encode(request.body()),
    })
}

/// What the server says of a case: `accepted` or a code.
async fn verdict(case: &Value) -> String {
    let time = case["time"].as_i64().unwrap();
    let clock = Arc::new(ManualClock::new(UnixTime::from_secs(time)));
    let server = server(&clock, &case["registered"]);
    let given = &case["request"];
    let mut request = Request::builder()
        .method(given["method"].as_str().unwrap())
        .uri(given["target"].as_str().unwrap());
    for header in given["headers"].as_array().unwrap() {
        request = request.header(header[0].as_str().unwrap(), header[1].as_str().unwrap());
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let mut route = Route::new();
    if case["route"]["needs_nonce"] == true {
        route = route.with_nonce_required();
    }
    if case["route"]["takes_streams"] == true {
        route = route.with_streams();
    }
    let times = if case["replayed"] == true { 2 } else { 1 };
    let mut said = String::new();
    for _ in 0..times {
        said = match server.judge(&parts, &parts.uri, route).await {
            Err(refusal) => refusal.code().to_owned(),
            Ok(accepted) => {
                let body = BASE64
                    .decode(given["body"].as_str().unwrap().as_bytes())
                    .unwrap();
                let mut check = accepted.content_check();
                match check.update(&body) && check.finish() {
                    true => "accepted".to_owned(),
                    false => "invalid_proof".to_owned(),
                }
            }
        };
    }
    said
}

#[tokio::test]
async fn each_vector_has_its_verdict() {
    if std::env::var_os("DID_SESSION_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&make().await).unwrap();
        std::fs::write(PATH, text + "\n").unwrap();
    }
    let file: Value = serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert!(cases.len() >= 110, "{}", cases.len());
    for case in cases {
        assert_eq!(case["verdict"], verdict(case).await, "{}", case["name"]);
    }
}

async fn proven<K: SessionKey>(
    signer: &ProofSigner<K>,
    (method, path, body): (&str, &str, &str),
    is_stream: bool,
) -> Value {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", ORIGINS[0]));
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    let mut request = request.body(body.as_bytes().to_vec()).unwrap();
    let content = if is_stream {
        Content::Stream
    } else {
        Content::Bytes(body.as_bytes())
    };
    signer.prove(&mut request, content).await.unwrap();
    let car = signer.session().cacao().to_car_base64url();
    let mut written = written(&request);
    // so that each case stands for itself
    let headers = written["headers"].as_array_mut().unwrap();
    headers.push(json!(["did-session-capability", car]));
    written
}

async fn make() -> Value {
    let clock = Arc::new(ManualClock::new(UnixTime::from_secs(START)));
    let signer = signer(&clock, DOMAIN, 3600);
    let post = ("POST", "/api/notes?limit=10", r#"{"text":"hello"}"#);
    let get = ("GET", "/api/notes?limit=10", "");
    let mut cases = Vec::new();
    let mut case = |name: &str, time: i64, request: Value, verdict: &str| {
        cases.push(json!({ "name": name, "time": time, "request": request, "verdict": verdict }));
        cases.len() - 1
    };
    case(
        "a request without content",
        START,
        proven(&signer, get, false).await,
        "accepted",
    );
    case(
        "a request with content",
        START,
        proven(&signer, post, false).await,
        "accepted",
    );
    let root = ("GET", "/", "");
    case(
        "the root",
        START,
        proven(&signer, root, false).await,
        "accepted",
    );
    let odd = ("DELETE", "/a%2Fb//c/../d?x=%20&&y", "");
    case(
        "an odd target, as it is sent",
        START,
        proven(&signer, odd, false).await,
        "accepted",
    );
    for (after, verdict) in [
        (-6, "use_nonce"),
        (-5, "accepted"),
        (60, "accepted"),
        (61, "use_nonce"),
    ] {
        let name = format!("judged {after} seconds after it was made");
        case(
            &name,
            START + after,
            proven(&signer, get, false).await,
            verdict,
        );
    }
    let changed: Vec<(&str, &str, Change)> = vec![
        ("another method", "invalid_proof", member("method", "PUT")),
        (
            "another path",
            "invalid_proof",
            member("target", "/api/note?limit=10"),
        ),
        (
            "another query",
            "invalid_proof",
            member("target", "/api/notes?limit=11"),
        ),
        ("no query", "invalid_proof", member("target", "/api/notes")),
        (
            "another spelling",
            "invalid_proof",
            member("target", "/%61pi/notes?limit=10"),
        ),
        (
            "another origin of the server",
            "invalid_proof",
            header("host", |_| "other.example.com".into()),
        ),
        (
            "a host that is not the server's",
            "invalid_request",
            header("host", |_| "evil.example".into()),
        ),
        (
            "a host in other letters",
            "invalid_request",
            header("host", |_| "Notes.example.com".into()),
        ),
        (
            "two hosts",
            "invalid_request",
            add("host", "notes.example.com"),
        ),
        ("other content", "invalid_proof", member("body", "e30=")),
        ("no content", "invalid_proof", member("body", "")),
        (
            "another digest",
            "invalid_proof",
            header("content-digest", |_| session_http::content_digest(b"{}")),
        ),
        (
            "a digest by another algorithm",
            "invalid_request",
            header("content-digest", |_| "sha-512=:AA==:".into()),
        ),
        (
            "two digests",
            "invalid_request",
            add(
                "content-digest",
                "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
            ),
        ),
        (
            "another type",
            "invalid_proof",
            header("content-type", |_| "text/plain".into()),
        ),
        (
            "two types",
            "invalid_request",
            add("content-type", "application/json"),
        ),
        (
            "two proofs",
            "invalid_request",
            add("authorization", "DIDSession x"),
        ),
        (
            "a method that is overridden",
            "invalid_request",
            add("x-http-method-override", "DELETE"),
        ),
        ("early data", "too_early", add("early-data", "1")),
        (
            "another scheme",
            "no_credentials",
            header("authorization", |_| "Bearer x".into()),
        ),
        (
            "what is not a JWS",
            "invalid_proof",
            header("authorization", |_| "DIDSession x".into()),
        ),
        (
            "a scheme in other letters",
            "accepted",
            header("authorization", |v| v.replace("DIDSession", "didsession")),
        ),
        (
            "two spaces",
            "invalid_proof",
            header("authorization", |v| v.replace(' ', "  ")),
        ),
        (
            "a signature that is spoiled",
            "invalid_proof",
            header("authorization", spoil),
        ),
        ("alg none", "invalid_proof", in_header("EdDSA", "none")),
        (
            "alg of another key",
            "invalid_proof",
            in_header("EdDSA", "ES256"),
        ),
        (
            "alg by its newer name",
            "accepted",
            in_header("EdDSA", "Ed25519"),
        ),
        (
            "another typ",
            "invalid_proof",
            in_header("did-session-proof+jwt", "did-session-revocation+jwt"),
        ),
        (
            "typ in other letters",
            "invalid_proof",
            in_header("did-session", "DID-Session"),
        ),
        (
            "no typ",
            "invalid_proof",
            in_header(r#","typ":"did-session-proof+jwt""#, ""),
        ),
        (
            "a header member that is unknown",
            "invalid_proof",
            in_header(r#"{"alg""#, r#"{"jwk":{},"alg""#),
        ),
        (
            "crit",
            "invalid_proof",
            in_header(r#"{"alg""#, r#"{"crit":["b64"],"alg""#),
        ),
        (
            "a header member that stands twice",
            "invalid_proof",
            in_header(r#"{"alg""#, r#"{"alg":"EdDSA","alg""#),
        ),
        (
            "cap as a URI",
            "accepted",
            in_header(r#""cap":""#, r#""cap":"ipfs://"#),
        ),
        ("kid with a fragment", "accepted", sign_again(with_fragment)),
        (
            "kid with the fragment of another key",
            "invalid_proof",
            sign_again(with_other_fragment),
        ),
        (
            "a claim that is unknown",
            "invalid_proof",
            in_claims(r#"{"htd""#, r#"{"exp":1,"htd""#),
        ),
        (
            "no iat",
            "invalid_proof",
            in_claims(r#""iat":1700000010,"#, ""),
        ),
        (
            "iat as a text",
            "invalid_proof",
            in_claims("1700000010", r#""1700000010""#),
        ),
        (
            "iat with a fraction",
            "invalid_proof",
            in_claims("1700000010", "1700000010.5"),
        ),
        (
            "jti that is too short",
            "invalid_proof",
            sign_again(short_jti),
        ),
        (
            "a nonce that was not issued",
            "use_nonce",
            in_claims(r#"{"htd""#, r#"{"nonce":"AAAAAAAAAAAAAAAAAAAAAA","htd""#),
        ),
    ];
    let changed = changed.into_iter().chain(exact::changed());
    for (name, verdict, change) in changed.chain(targets::changed()) {
        let mut request = proven(&signer, post, false).await;
        change(&mut request);
        case(name, START, request, verdict);
    }
    for (name, verdict, change) in targets::of_root() {
        let mut request = proven(&signer, root, false).await;
        change(&mut request);
        case(name, START, request, verdict);
    }
    let p256 = p256_signer(&clock).await;
    let mut es256 = proven(&p256, post, false).await;
    case("a session key on P-256", START, es256.clone(), "accepted");
    header("authorization", other_s)(&mut es256);
    case(
        "a signature on P-256 with the other s",
        START,
        es256.clone(),
        "accepted",
    );
    header("authorization", spoil)(&mut es256);
    case(
        "a signature on P-256 that is spoiled",
        START,
        es256,
        "invalid_proof",
    );
    let mut planted = proven(&signer, ("POST", "/api/notes", ""), false).await;
    planted["body"] = json!("e30=");
    case(
        "content that was not signed",
        START,
        planted,
        "invalid_proof",
    );
    let replayed = case(
        "used twice",
        START,
        proven(&signer, get, false).await,
        "replayed",
    );
    let stream = case(
        "a stream",
        START,
        proven(&signer, post, true).await,
        "accepted",
    );
    let refused = proven(&signer, post, true).await;
    case(
        "a stream where none is taken",
        START,
        refused,
        "invalid_proof",
    );
    let required = case(
        "no nonce where one is required",
        START,
        proven(&signer, get, false).await,
        "use_nonce",
    );
    let mut unknown = proven(&signer, get, false).await;
    unknown["headers"].as_array_mut().unwrap().pop();
    case(
        "a capability that is not known",
        START,
        unknown,
        "capability_required",
    );
    let other = self::signer(&clock, "other.example", 3600);
    let capabilities = (signer.session().cacao(), other.session().cacao());
    let mut registered = Vec::new();
    for (name, verdict, blocks, change) in registered::cases(capabilities.0, capabilities.1) {
        let mut request = proven(&signer, get, false).await;
        request["headers"].as_array_mut().unwrap().pop();
        if let Some(change) = change {
            change(&mut request);
        }
        registered.push((case(name, START, request, verdict), "registered", blocks));
    }
    case(
        "a capability of another site",
        START,
        proven(&other, get, false).await,
        "invalid_token",
    );
    let short = self::signer(&clock, DOMAIN, 30);
    let mut expired = proven(&short, get, false).await;
    sign_again(|header, claims| {
        (
            header.to_owned(),
            claims.replace("1700000010", "1700000400"),
        )
    })(&mut expired);
    case(
        "a capability that has expired",
        START + 390,
        expired,
        "invalid_token",
    );
    // with a nonce of the server, whatever the time of the proof
    let nonces = server(&clock, &Value::Null);
    let mut parts = Request::get("/")
        .header("host", DOMAIN)
        .body(())
        .unwrap()
        .into_parts()
        .0;
    parts.method = http::Method::GET;
    let nonce = nonces.nonce_for(&parts, &parts.uri).unwrap();
    let mut issued = http::HeaderMap::new();
    issued.insert("did-session-nonce", nonce.parse().unwrap());
    signer.learn(&ORIGINS[0].parse().unwrap(), &issued);
    let with_nonce = proven(&signer, get, false).await;
    let in_time = case(
        "a nonce in its last second",
        START + 89,
        with_nonce.clone(),
        "accepted",
    );
    let too_late = case(
        "a nonce that has ended",
        START + 90,
        with_nonce,
        "use_nonce",
    );
    let more = [
        (replayed, "replayed", json!(true)),
        (stream, "route", json!({ "takes_streams": true })),
        (required, "route", json!({ "needs_nonce": true })),
        (in_time, "accepted_nonces", json!([nonce])),
        (too_late, "accepted_nonces", json!([])),
    ];
    for (case, name, value) in more.into_iter().chain(registered) {
        cases[case][name] = value;
    }
    let session = signer.session();
    json!({
        "about": "Requests and what a server says of them: docs/http.md. Each case is judged alone, at its time, by a server that knows no proof, and no capability but the blocks of `registered`; accepted_nonces are those that it issued and still takes.",
        "domain": DOMAIN,
        "origins": ORIGINS,
        "issuer": session.id(),
        "key": session.key_did().as_str(),
        "capability": session.cacao().cid().to_string(),
        "cases": cases,
    })
}
