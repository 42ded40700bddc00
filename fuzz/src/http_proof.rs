//! Requests that prove their session: whatever stands in a field is read without a panic, and is
//! accepted as it was signed or not at all.

use std::sync::LazyLock;

use cacao::{Provers, UnixTime, solana::SolanaEd25519};
use didkey::Ed25519SigningKey;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request};
use session_core::{Context, DidSession, ManualClock};
use session_http::client::{Content, ProofSigner};
use session_http::{
    CAPABILITY_HEADER, CONTENT_DIGEST, NONCE_HEADER, Refusal, Route, Secret, Server, State,
};
use session_wallets::SolanaWallet;

use crate::disk::block_on;

const URI: &str = "https://notes.example.com/notes?limit=10";
const DOMAIN: &str = "notes.example.com";
const CONTENT: &[u8] = b"hello";

type Signer = ProofSigner<Ed25519SigningKey>;

/// A session, and a request that it proved. All inputs have the same.
struct World {
    context: Context,
    wallet: SolanaWallet,
    signer: Signer,
    proven: Request<()>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let chain = "solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ";
    let chain = chain.parse().expect("a chain");
    let wallet = SolanaWallet::from_secret(&[5; 32], &chain).expect("a key");
    let clock = ManualClock::new(UnixTime::from_secs(1_700_000_010));
    let provers = Provers::none().with(SolanaEd25519).expect("one prover");
    let context = Context::new(clock, provers);
    let signer = signer(&context, &wallet, None).expect("a session");
    let proven = prove(&signer);
    World {
        context,
        wallet,
        signer,
        proven,
    }
});

fn signer(context: &Context, wallet: &SolanaWallet, nonce: Option<&str>) -> Option<Signer> {
    let key = Ed25519SigningKey::from_seed(&[7; 32]);
    let mut request = session_core::Request::new(DOMAIN, ["app://notes/write"]);
    if let Some(nonce) = nonce {
        request = request.with_nonce(nonce);
    }
    let session = block_on(DidSession::authorize_key(context, key, wallet, &request));
    session.ok().map(ProofSigner::new)
}

/// With the capability beside the proof.
fn prove(signer: &Signer) -> Request<()> {
    let mut request = Request::post(URI)
        .header(CONTENT_TYPE, "text/plain")
        .header(
            CAPABILITY_HEADER,
            signer.session().cacao().to_car_base64url(),
        )
        .body(())
        .expect("a request");
    block_on(signer.prove(&mut request, Content::Bytes(CONTENT))).expect("a proof");
    request
}

/// A server that runs for long already, and knows nothing.
fn server() -> Server {
    let began = UnixTime::from_secs(1_600_000_000);
    let state = State::in_memory(began).expect("randomness");
    Server::builder(DOMAIN, &WORLD.context, state)
        .with_secret(Secret::new([9; 32]))
        .build()
        .expect("a server")
}

fn judge(request: Request<()>) -> Result<(), Refusal> {
    judge_by(&server(), request)
}

fn judge_by(server: &Server, request: Request<()>) -> Result<(), Refusal> {
    let (parts, ()) = request.into_parts();
    let judged = block_on(server.judge(&parts, &parts.uri, Route::new()));
    let accepted = judged?;
    let mut check = accepted.content_check();
    assert!(check.update(CONTENT) && check.finish());
    Ok(())
}

/// The first byte chooses what the others are: a field, a nonce, a challenge, or a place in a
/// proven request and what is changed there. Tells whether the request was accepted.
pub fn laws(data: &[u8]) -> bool {
    let Some((kind, data)) = data.split_first() else {
        return false;
    };
    match kind % 5 {
        0 => field(&AUTHORIZATION, data),
        1 => field(&CAPABILITY_HEADER, data),
        2 => nonce(data),
        3 => challenge(data),
        _ => changed(data),
    }
}

fn told(verdict: Result<(), Refusal>) -> bool {
    match verdict {
        Ok(()) => true,
        Err(refusal) => {
            assert!(refusal.status().is_client_error());
            crate::refused(&refusal, refusal.code())
        }
    }
}

/// Any text in place of the proof or of the capability: only what was signed is accepted.
fn field(name: &HeaderName, data: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(data) else {
        return false;
    };
    let mut request = WORLD.proven.clone();
    let was = request.headers_mut().insert(name, value);
    let verdict = judge(request);
    let is_as_signed = was.is_some_and(|was| was.as_bytes() == data);
    assert!(is_as_signed || verdict.is_err() || name == AUTHORIZATION && is_own_proof(data));
    told(verdict)
}

/// Whether it is the proof that was made, with the scheme in whatever letters.
fn is_own_proof(data: &[u8]) -> bool {
    let own = WORLD.proven.headers().get(AUTHORIZATION);
    let scheme = "DIDSession ".len();
    own.is_some_and(|own| {
        let halves = own.as_bytes().split_at_checked(scheme);
        halves.zip(data.split_at_checked(scheme)).is_some_and(
            |((own_scheme, own_proof), (scheme, proof))| {
                own_scheme.eq_ignore_ascii_case(scheme) && own_proof == proof
            },
        )
    })
}

/// Any text as a nonce: the server takes none but its own.
fn nonce(data: &[u8]) -> bool {
    let signer = ProofSigner::new(WORLD.signer.session().clone());
    let uri = URI.parse().expect("a URI");
    // a nonce belongs to the memory of used proofs of the server that issued it
    let server = server();
    let own = {
        let (parts, ()) = WORLD.proven.clone().into_parts();
        server
            .nonce_for(&parts, &parts.uri)
            .expect("an origin of the server")
    };
    // nothing at all stands for the nonce that was issued
    let text = if data.is_empty() {
        own.as_bytes()
    } else {
        data
    };
    let Ok(value) = HeaderValue::from_bytes(text) else {
        return false;
    };
    // what has not the form of a nonce is not learned: then the proof has none, and its time counts
    let is_learned = signer.learn(&uri, &[(NONCE_HEADER, value)].into_iter().collect());
    let mut request = Request::post(URI)
        .header(CONTENT_TYPE, "text/plain")
        .header(
            CAPABILITY_HEADER,
            signer.session().cacao().to_car_base64url(),
        )
        .body(())
        .expect("a request");
    if block_on(signer.prove(&mut request, Content::Bytes(CONTENT))).is_err() {
        return false;
    }
    let verdict = judge_by(&server, request);
    assert_eq!(verdict.is_ok(), text == own.as_bytes() || !is_learned);
    told(verdict)
}

/// The challenges that were issued so far.
static ISSUED: std::sync::Mutex<std::collections::BTreeSet<String>> =
    std::sync::Mutex::new(std::collections::BTreeSet::new());

/// Any text as a challenge: the server takes none but its own, and that one for its key.
fn challenge(data: &[u8]) -> bool {
    let server = server();
    let key = WORLD.signer.session().key_did().as_str();
    let own = server.challenge(key).expect("randomness").challenge;
    let text = if data.is_empty() {
        own.as_bytes()
    } else {
        data
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    let Some(signer) = signer(&WORLD.context, &WORLD.wallet, Some(text)) else {
        return false;
    };
    let uri = URI.parse().expect("a URI");
    let request = block_on(signer.post_capability(&uri, "/session/login")).expect("a proof");
    let (parts, car) = request.into_parts();
    let verdict = block_on(async {
        let from = server
            .judge_registration(&parts, &parts.uri, Route::new())
            .await?;
        server.log_in(&from, &car).await
    });
    // those of other runs are the server's own, too, and a fuzzer that sees them compared may try them
    let mut issued = ISSUED.lock().expect("nobody panics while holding it");
    issued.insert(own.clone());
    assert_eq!(verdict.is_ok(), issued.contains(text), "{text}");
    told(verdict.map(drop))
}

/// One byte of a proven request is another one: it is not accepted.
fn changed(data: &[u8]) -> bool {
    let [what, high, low, change, ..] = *data else {
        return false;
    };
    let mut request = WORLD.proven.clone();
    let place = usize::from(u16::from_be_bytes([high, low]));
    // the scheme may have any letters
    let kept = if what % 5 == 0 {
        "DIDSession ".len()
    } else {
        0
    };
    let spoil = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let place = kept + place % (bytes.len() - kept);
        bytes[place] ^= change;
        bytes
    };
    match what % 5 {
        3 => {
            let Ok(method) = Method::from_bytes(&spoil(b"POST")) else {
                return false;
            };
            *request.method_mut() = method;
        }
        4 => {
            let target = spoil(b"/notes?limit=10");
            let uri = [b"https://notes.example.com", &*target].concat();
            let Ok(uri) = http::Uri::try_from(uri) else {
                return false;
            };
            *request.uri_mut() = uri;
        }
        field => {
            let name = match field {
                0 => AUTHORIZATION,
                1 => CAPABILITY_HEADER,
                _ => CONTENT_DIGEST,
            };
            let value = request.headers().get(&name).expect("it is there");
            let Ok(value) = HeaderValue::from_bytes(&spoil(value.as_bytes())) else {
                return false;
            };
            request.headers_mut().insert(name, value);
        }
    }
    let verdict = judge(request);
    assert_eq!(verdict.is_ok(), change == 0, "{what} {place} {change}");
    told(verdict)
}
