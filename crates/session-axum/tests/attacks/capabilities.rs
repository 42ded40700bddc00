//! Capabilities: of other sites, for other keys, of other times, unknown, unsigned.

use crate::world::{DOMAIN, ORIGIN, START, World, call, code, proven, reason, refusal, request};
use cacao::{Cacao, HeaderType, Payload, Timestamp, UnixTime};
use http::{HeaderValue, StatusCode};
use session_core::{AuthMethod, DidSession, SessionKey};
use session_http::client::{Content, ProofSigner};
use std::time::Duration;

async fn register(world: &World, signer: &crate::world::Signer) -> http::Response<Vec<u8>> {
    let uri = ORIGIN.parse().unwrap();
    world.call(signer.registration(&uri).await.unwrap()).await
}

#[tokio::test]
async fn a_capability_is_asked_for_once_and_then_known() {
    let world = World::new();
    let signer = world.session(&["app://notes/write"]).await;
    let refused = world.call(proven(&signer, "GET", "/notes", "").await).await;
    assert_eq!(refusal(&refused), (401, "capability_required".into()));
    let response = world
        .send(&signer, request("POST", "/notes", "hello"))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let response = world.call(proven(&signer, "GET", "/notes", "").await).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(world.effects(), 2);
}

#[tokio::test]
async fn a_capability_may_come_along() {
    let world = World::new();
    let signer = world.session(&["app://notes/write"]).await;
    let other = world.session(&["app://notes/write"]).await;
    let mut request = proven(&signer, "GET", "/notes", "").await;
    for (text, expected) in [
        ("x".to_owned(), "invalid_request"),
        (
            other.session().cacao().to_car_base64url(),
            "invalid_request",
        ),
        ("A".repeat(4097), "invalid_request"),
    ] {
        let value = HeaderValue::try_from(text).unwrap();
        request
            .headers_mut()
            .insert("did-session-capability", value);
        assert_eq!(code(&world.call(request.clone()).await), expected);
    }
    let car = signer.session().cacao().to_car_base64url();
    let value = HeaderValue::try_from(car).unwrap();
    request
        .headers_mut()
        .insert("did-session-capability", value);
    assert_eq!(world.call(request).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_capability_of_another_site_is_refused_everywhere() {
    let world = World::new();
    let signer = world
        .session_of(&world.wallet, "other.example", &["app://notes/write"])
        .await;
    assert_eq!(reason(&register(&world, &signer).await), "domain_mismatch");
    assert_eq!(reason(&world.post_login(&signer).await), "domain_mismatch");
    let mut request = proven(&signer, "GET", "/notes", "").await;
    let car = signer.session().cacao().to_car_base64url();
    request
        .headers_mut()
        .insert("did-session-capability", car.parse().unwrap());
    assert_eq!(reason(&world.call(request).await), "domain_mismatch");
    assert_eq!(world.effects(), 0);
}

/// A capability for the key of a victim: who plants it must hold the key.
#[tokio::test]
async fn a_capability_for_another_key_is_refused() {
    let world = World::new();
    let victim = world.session(&["app://notes/write"]).await;
    let thief = world.session(&["app://notes/write"]).await;
    // the thief registers what was signed for the key of the victim, with a proof of its own key
    let planted = victim.session().cacao();
    let cid = planted.cid();
    let car = cacao::car::Car::new(cid, vec![(cid, planted.to_dag_cbor())]).to_bytes();
    let mut stolen = http::Request::post(format!("{ORIGIN}/session/capability"))
        .header("content-type", "application/vnd.ipld.car")
        .body(car.clone())
        .unwrap();
    thief
        .prove(&mut stolen, Content::Bytes(&car))
        .await
        .unwrap();
    assert_eq!(code(&world.call(stolen).await), "invalid_request");
    // and in a request it names the one that is known, with its own key
    assert_eq!(register(&world, &victim).await.status(), StatusCode::OK);
    assert_eq!(register(&world, &thief).await.status(), StatusCode::OK);
}

fn dated(world: &World, iat: i64, nbf: Option<i64>, exp: Option<i64>) -> crate::world::Signer {
    let at = |seconds| Timestamp::from_unix_time(UnixTime::from_secs(seconds)).unwrap();
    let key = didkey::Ed25519SigningKey::generate().unwrap();
    let issuer = world.wallet.issuer().clone();
    let mut payload = Payload::builder(DOMAIN, issuer, key.did().as_str(), "abcdefghij", at(iat))
        .with_resources(["app://notes/write"]);
    if let Some(nbf) = nbf {
        payload = payload.with_not_before(at(nbf));
    }
    if let Some(exp) = exp {
        payload = payload.with_expires_at(at(exp));
    }
    let capability = world.wallet.sign(&payload.build().unwrap()).unwrap();
    let record = session_core::SessionRecord::new(capability, key);
    let text = record.to_session_string();
    // its holder had another clock when it was made
    let then = UnixTime::from_secs(nbf.unwrap_or(iat));
    let clock = std::sync::Arc::new(session_core::ManualClock::new(then));
    let session = DidSession::from_session(&crate::world::context(&clock), &text).unwrap();
    clock.set(UnixTime::from_secs(START));
    ProofSigner::new(session)
}

#[tokio::test]
async fn a_capability_holds_in_its_time_only() {
    let world = World::new();
    for (iat, nbf, exp, expected) in [
        (START - 7200, None, Some(START + 600), None),
        (
            START + 3600,
            None,
            Some(START + 7200),
            Some("not_yet_valid"),
        ),
        (
            START - 60,
            Some(START + 3600),
            Some(START + 7200),
            Some("not_yet_valid"),
        ),
        (START - 60, None, None, Some("no_expiry")),
    ] {
        let signer = dated(&world, iat, nbf, exp);
        let registered = register(&world, &signer).await;
        match expected {
            None => assert_eq!(registered.status(), StatusCode::OK),
            Some(expected) => assert_eq!(reason(&registered), expected),
        }
    }
}

/// Such a one was never registered, so that it comes along.
#[tokio::test]
async fn a_capability_without_an_end_is_refused_beside_a_proof_too() {
    let world = World::new();
    let signer = dated(&world, START - 60, None, None);
    let request = with_capability(&signer, proven(&signer, "GET", "/notes", "").await);
    assert_eq!(reason(&world.call(request).await), "no_expiry");
    assert_eq!(world.effects(), 0);
}

#[tokio::test]
async fn a_capability_that_is_too_long_for_a_field_is_registered() {
    let world = World::new();
    let resources: Vec<String> = (0..60)
        .map(|n| format!("app://notes/{n}/{}", "x".repeat(40)))
        .collect();
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let signer = world.session(&resources).await;
    let request = with_capability(&signer, proven(&signer, "GET", "/notes", "").await);
    assert!(request.headers()["did-session-capability"].len() > 4096);
    assert_eq!(code(&world.call(request).await), "invalid_request");
    assert_eq!(register(&world, &signer).await.status(), StatusCode::OK);
    let response = world.call(proven(&signer, "GET", "/notes", "").await).await;
    assert_eq!(response.status(), StatusCode::OK);
}

fn with_capability(
    signer: &crate::world::Signer,
    mut request: http::Request<Vec<u8>>,
) -> http::Request<Vec<u8>> {
    let car = signer.session().cacao().to_car_base64url();
    let headers = request.headers_mut();
    headers.insert("did-session-capability", car.parse().unwrap());
    request
}

#[tokio::test]
async fn a_capability_that_is_known_still_expires() {
    let world = World::new();
    let signer = dated(&world, START, None, Some(START + 600));
    assert_eq!(register(&world, &signer).await.status(), StatusCode::OK);
    let response = world.call(proven(&signer, "GET", "/notes", "").await).await;
    assert_eq!(response.status(), StatusCode::OK);
    // the clock of the client stands; the tolerance of the policy is five minutes
    world.clock.advance(Duration::from_secs(901));
    let response = world
        .send(&signer, request("GET", "/notes", ""))
        .await
        .unwrap();
    assert_eq!(reason(&response), "expired");
    assert_eq!(world.effects(), 1);
}

#[tokio::test]
async fn a_capability_that_nobody_signed_is_refused() {
    let world = World::new();
    let signer = world.session(&["app://notes/write"]).await;
    let capability = signer.session().cacao();
    let stranger = world
        .session_of(&crate::world::wallet(), DOMAIN, &["app://notes/write"])
        .await;
    // the signature of another payload
    let signature = stranger.session().cacao().signature().cloned();
    let forged = Cacao::new(HeaderType::Eip4361, capability.payload().clone(), signature);
    let cid = forged.cid();
    let car = cacao::car::Car::new(cid, vec![(cid, forged.to_dag_cbor())]).to_bytes();
    let mut request = http::Request::post(format!("{ORIGIN}/session/capability"))
        .body(car.clone())
        .unwrap();
    signer
        .prove(&mut request, Content::Bytes(&car))
        .await
        .unwrap();
    // the proof names another CID
    assert_eq!(code(&world.call(request).await), "invalid_request");
}

#[tokio::test]
async fn a_route_requires_what_the_session_grants() {
    let world = World::new();
    let signer = world
        .log_in(&["app://notes/write", "app://notes/7/write"])
        .await;
    for (path, expected) in [
        ("/write", StatusCode::OK),
        ("/notes/7", StatusCode::OK),
        ("/notes/8", StatusCode::FORBIDDEN),
        ("/notes/7%2Fwrite", StatusCode::FORBIDDEN),
        ("/notes/%37", StatusCode::OK),
    ] {
        let response = world.call(proven(&signer, "POST", path, "x").await).await;
        assert_eq!(response.status(), expected, "{path}");
        if expected == StatusCode::FORBIDDEN {
            assert_eq!(code(&response), "insufficient_scope");
            let challenge = response.headers()["www-authenticate"].to_str().unwrap();
            assert!(challenge.contains("scope=\"app://notes/"), "{challenge}");
        }
    }
    let reader = world.log_in(&["app://notes/read"]).await;
    let response = world
        .call(proven(&reader, "POST", "/write", "x").await)
        .await;
    assert_eq!(refusal(&response), (403, "insufficient_scope".into()));
    assert_eq!(world.effects(), 3);
}

#[tokio::test]
async fn a_request_without_a_proof_has_no_caller() {
    let world = World::new();
    let response = world.call(request("GET", "/notes", "")).await;
    assert_eq!(refusal(&response), (401, "no_credentials".into()));
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    assert_eq!(challenge, "DIDSession algs=\"EdDSA ES256\"");
    let response = call(&world.app, request("GET", "/maybe", "")).await;
    assert_eq!(response.body(), b"false");
    let signer = world.log_in(&["app://notes/read"]).await;
    let response = world.call(proven(&signer, "GET", "/maybe", "").await).await;
    assert_eq!(response.body(), b"true");
    // a proof that is there must hold
    let response = world.call(proven(&signer, "GET", "/maybe", "").await).await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut broken = proven(&signer, "GET", "/maybe", "").await;
    broken
        .headers_mut()
        .insert("authorization", "DIDSession x".parse().unwrap());
    assert_eq!(code(&world.call(broken).await), "invalid_proof");
}
