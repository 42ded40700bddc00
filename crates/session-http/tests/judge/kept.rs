//! What a server is built with, what it remembers of a proof, and what it says of who is accepted.

use crate::world::{DOMAIN, START, URI, World, car, proven, wallet, world};
use async_trait::async_trait;
use cacao::eip191::Eip191;
use cacao::{Policy, Provers, UnixTime};
use didkey::Ed25519SigningKey;
use http::Request;
use http::request::Parts;
use session_core::server::{ProofId, Remembered, ReplayMemory, ReplayWindow};
use session_core::{Context, StoreError};
use session_http::client::Content;
use session_http::{
    Expected, MAX_AGE, MAX_CAPABILITY_HEADER_LEN, NONCE_HEADER, NONCE_SLOT, Refusal, Route, Server,
    State,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const WRITE: &str = "app://notes/write";

fn state() -> State {
    State::in_memory(UnixTime::from_secs(1_699_990_000)).unwrap()
}

async fn parts(world: &World, content: &[u8]) -> Parts {
    let key = Ed25519SigningKey::generate().unwrap();
    proven(&world.by_wallet(key).await, URI, content).await
}

/// Notes until when proofs are remembered.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<UnixTime>>>);

#[async_trait]
impl ReplayWindow for Notes {
    async fn remember(
        &self,
        _: ProofId,
        until: UnixTime,
        _: UnixTime,
    ) -> Result<Remembered, StoreError> {
        self.0.lock().unwrap().push(until);
        Ok(Remembered::First)
    }

    fn memory(&self) -> Option<ReplayMemory> {
        None
    }
}

/// A proof is remembered for longer than it is accepted, or it could be used twice.
#[tokio::test]
async fn a_proof_is_remembered_until_it_is_too_old() {
    let notes = Notes::default();
    let world = World::on(state().with_replay_window(notes.clone()));
    let key = Ed25519SigningKey::generate().unwrap();
    let signer = world.by_wallet(key).await;
    world.judge(&proven(&signer, URI, b"").await).await.unwrap();
    let parts = proven(&signer, URI, b"").await;
    let nonce = world.server.nonce_for(&parts, &parts.uri).unwrap();
    let headers = [(NONCE_HEADER, nonce.parse().unwrap())];
    signer.learn(&URI.parse().unwrap(), &headers.into_iter().collect());
    world.clock.advance(NONCE_SLOT);
    world.judge(&proven(&signer, URI, b"").await).await.unwrap();
    let last_second = START + MAX_AGE + Duration::from_secs(1);
    let end_of_nonce = START + 3 * NONCE_SLOT;
    assert_eq!(*notes.0.lock().unwrap(), [last_second, end_of_nonce]);
}

#[tokio::test]
async fn a_capability_that_comes_along_has_a_size() {
    let world = world();
    let mut parts = parts(&world, b"").await;
    for (len, is_too_long) in [
        (MAX_CAPABILITY_HEADER_LEN, false),
        (MAX_CAPABILITY_HEADER_LEN + 1, true),
    ] {
        let value = "A".repeat(len).parse().unwrap();
        parts.headers.insert("did-session-capability", value);
        let refused = world.server.judge(&parts, &parts.uri, Route::new()).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "invalid_request");
        let says = refused.to_string().contains("longer than");
        assert_eq!(says, is_too_long, "{refused}");
    }
}

/// A policy that says how long a capability may last is the one that counts.
#[tokio::test]
async fn a_server_says_how_long_a_capability_may_last() {
    let hour = Duration::from_secs(3600);
    for (of_policy, of_server, longest) in [
        (None, hour, hour),
        (Some(hour), 2 * hour, hour),
        (Some(2 * hour), hour, 2 * hour),
    ] {
        let mut world = world();
        let provers = Provers::none().with(Eip191).unwrap();
        let mut policy = Policy::default();
        if let Some(lifetime) = of_policy {
            policy = policy.with_max_lifetime(lifetime);
        }
        let context = Context::with_shared_clock(Arc::clone(&world.clock) as _, provers);
        let context = context.with_policy(policy);
        let server = Server::builder(DOMAIN, &context, state());
        world.server = server.with_max_lifetime(of_server).build().unwrap();
        for (lifetime, verdict) in [
            (longest, Ok(())),
            (longest + Duration::from_secs(1), Err("lifetime_too_long")),
        ] {
            let asked = session_core::Request::new(DOMAIN, [WRITE]).with_lifetime(lifetime);
            let signer = world.session(&wallet(), asked).await;
            let parts = proven(&signer, URI, b"").await;
            assert_eq!(
                world.judge(&parts).await,
                verdict,
                "{of_policy:?} {lifetime:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_content_is_what_was_promised() {
    let world = world();
    let judge = async |content: &[u8], route: Route| {
        let parts = parts(&world, content).await;
        let accepted = world.server.judge(&parts, &parts.uri, route).await;
        accepted.unwrap()
    };
    let check = |accepted: &session_http::Accepted, content: &[u8]| {
        let mut check = accepted.content_check();
        check.update(content) && check.finish()
    };
    let accepted = judge(b"content", Route::new()).await;
    assert!(matches!(accepted.expected_content(), Expected::Sha256(_)));
    assert!(check(&accepted, b"content") && !check(&accepted, b"other") && !check(&accepted, b""));
    let accepted = judge(b"", Route::new()).await;
    assert_eq!(accepted.expected_content(), Expected::Nothing);
    assert!(check(&accepted, b"") && !check(&accepted, b"x"));
    let key = Ed25519SigningKey::generate().unwrap();
    let signer = world.by_wallet(key).await;
    let (from, content) = world.registering(&signer).await;
    assert_eq!(content, car(signer.session().cacao()));
    for (content, fits) in [(&content[..], true), (b"other", false), (b"", false)] {
        let mut check = from.content_check();
        assert_eq!(check.update(content) && check.finish(), fits);
    }
}

/// A stream is covered by nothing but its request, and only where a route takes streams.
#[tokio::test]
async fn a_stream_is_taken_where_the_route_says_so() {
    let world = world();
    let key = Ed25519SigningKey::generate().unwrap();
    let signer = world.by_wallet(key).await;
    for takes in [true, false] {
        let mut request = Request::post(URI).body(()).unwrap();
        let proven = signer.prove(&mut request, Content::Stream).await;
        proven.unwrap();
        let (mut parts, ()) = request.into_parts();
        let car = signer.session().cacao().to_car_base64url();
        let headers = &mut parts.headers;
        headers.insert("did-session-capability", car.parse().unwrap());
        let route = match takes {
            true => Route::new().with_streams(),
            false => Route::new(),
        };
        let accepted = world.server.judge(&parts, &parts.uri, route).await;
        let expected = accepted.map(|accepted| accepted.expected_content());
        let other = Refusal::InvalidProof("the proof is for another request");
        let verdict = if takes {
            Ok(Expected::Anything)
        } else {
            Err(other)
        };
        assert_eq!(expected, verdict);
    }
}

#[tokio::test]
async fn a_caller_is_who_signed_and_may_do_what_was_granted() {
    let world = world();
    let asked = session_core::Request::new(DOMAIN, [WRITE, "app://notes/read"]);
    let signer = world.session(&wallet(), asked).await;
    let caller = world.caller(&signer).await.unwrap();
    let session = signer.session();
    assert_eq!(
        caller.issuer().did(),
        session.cacao().payload().issuer().did()
    );
    assert_eq!(caller.key(), session.key_did());
    assert_eq!(caller.identity(), session.cacao().identity());
    assert_eq!(caller.expires_at(), session.cacao().payload().expires_at());
    assert_eq!(caller.capability().cacao(), session.cacao());
    assert!(caller.resources().eq([WRITE, "app://notes/read"]));
    assert_eq!(caller.require(WRITE), Ok(()));
    let scope = "app://notes/delete".to_owned();
    assert_eq!(
        caller.require("app://notes/delete"),
        Err(Refusal::InsufficientScope { scope })
    );
}
