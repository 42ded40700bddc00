//! Logging in and out: challenges, devices, revocations.

use crate::world::{ORIGIN, Signer, World, code, proven, reason, refusal, request};
use http::{Request, Response, StatusCode};
use serde_json::Value;
use session_core::revoke::REVOKE_RESOURCE;
use session_http::client::Content;
use std::time::Duration;

async fn manage(world: &World, signer: &Signer, path: &str, body: &str) -> Response<Vec<u8>> {
    world
        .send(signer, request("POST", path, body))
        .await
        .unwrap()
}

async fn can_act(world: &World, signer: &Signer) -> bool {
    let response = world
        .send(signer, request("GET", "/notes", ""))
        .await
        .unwrap();
    match response.status() {
        StatusCode::OK => true,
        _ => {
            assert_eq!(reason(&response), "revoked");
            false
        }
    }
}

async fn devices(world: &World, signer: &Signer) -> Vec<Value> {
    let response = world
        .send(signer, request("GET", "/session/devices", ""))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    answer["devices"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_by_one_capability() {
    let world = World::new();
    let signer = world.challenged(&["app://notes/write"]).await;
    assert_eq!(world.post_login(&signer).await.status(), StatusCode::OK);
    // the answer was lost: the same capability says it again
    assert_eq!(world.post_login(&signer).await.status(), StatusCode::OK);
    assert_eq!(devices(&world, &signer).await.len(), 1);
    // another capability with the same challenge and the same key
    let key = signer.session().key();
    let seed = key.to_seed();
    let nonce = signer.session().cacao().payload().nonce().to_owned();
    let asked =
        session_core::Request::new(crate::world::DOMAIN, ["app://notes/other"]).with_nonce(nonce);
    let twin = didkey::Ed25519SigningKey::from_seed(&seed);
    let context = world.context();
    let session = session_core::DidSession::authorize_key(&context, twin, &world.wallet, &asked);
    let other = Signer::new(session.await.unwrap());
    assert_eq!(reason(&world.post_login(&other).await), "challenge_used");
}

#[tokio::test]
async fn a_challenge_ends() {
    let world = World::new();
    let signer = world.challenged(&["app://notes/write"]).await;
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(
        reason(&world.post_login(&signer).await),
        "challenge_mismatch"
    );
}

#[tokio::test]
async fn a_challenge_of_another_key_or_of_nobody_is_refused() {
    let world = World::new();
    let victim = world.challenged(&["app://notes/write"]).await;
    let nonce = victim.session().cacao().payload().nonce().to_owned();
    for nonce in [nonce, "abcdefghijklmnop".to_owned(), "a".repeat(56)] {
        let asked =
            session_core::Request::new(crate::world::DOMAIN, ["app://notes/x"]).with_nonce(nonce);
        let context = world.context();
        let session = session_core::DidSession::authorize(&context, &world.wallet, &asked);
        let thief = Signer::new(session.await.unwrap());
        assert_eq!(
            reason(&world.post_login(&thief).await),
            "challenge_mismatch"
        );
    }
    // none of that has burnt the challenge
    assert_eq!(world.post_login(&victim).await.status(), StatusCode::OK);
}

/// Only who holds the key can burn a challenge.
#[tokio::test]
async fn a_login_that_was_overheard_burns_nothing() {
    let world = World::new();
    let victim = world.challenged(&["app://notes/write"]).await;
    let thief = world.challenged(&["app://notes/write"]).await;
    let car = victim
        .post_capability(&ORIGIN.parse().unwrap(), "/session/login")
        .await
        .unwrap();
    let mut replayed: Request<Vec<u8>> = car.clone();
    thief
        .prove(&mut replayed, Content::Bytes(car.body()))
        .await
        .unwrap();
    assert_eq!(code(&world.call(replayed).await), "invalid_request");
    assert_eq!(world.call(car.clone()).await.status(), StatusCode::OK);
    assert_eq!(code(&world.call(car).await), "replayed");
}

#[tokio::test]
async fn logging_out_ends_this_session_and_no_other() {
    let world = World::new();
    let [one, other] = [
        world.log_in(&["app://notes/write"]).await,
        world.log_in(&["app://notes/write"]).await,
    ];
    assert_eq!(devices(&world, &one).await.len(), 2);
    let response = manage(&world, &one, "/session/logout", "").await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(!can_act(&world, &one).await);
    assert!(can_act(&world, &other).await);
    let left = devices(&world, &other).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["is_current"], true);
    // nothing brings it back
    assert_eq!(reason(&world.post_login(&one).await), "revoked");
}

#[tokio::test]
async fn a_fresh_login_with_the_grant_ends_the_others() {
    let world = World::new();
    let lost = world.log_in(&["app://notes/write"]).await;
    let fresh = world.log_in(&["app://notes/write", REVOKE_RESOURCE]).await;
    // not itself, which is no other
    let own = fresh.session().cacao().identity();
    let identity = lost.session().cacao().identity();
    let both = fresh.session().revocation_of([identity, own]).await;
    let refused = manage(&world, &fresh, "/session/logout/others", &both.unwrap()).await;
    assert_eq!(refusal(&refused), (400, "invalid_request".into()));
    assert!(can_act(&world, &lost).await);
    let statement = fresh.session().revocation_of([identity]).await.unwrap();
    let response = manage(&world, &fresh, "/session/logout/others", &statement).await;
    assert_eq!(
        response.status(),
        StatusCode::NO_CONTENT,
        "{:?}",
        String::from_utf8_lossy(response.body())
    );
    assert!(!can_act(&world, &lost).await);
    assert!(can_act(&world, &fresh).await);
    assert_eq!(devices(&world, &fresh).await.len(), 1);
}

#[tokio::test]
async fn a_fresh_login_with_the_grant_ends_all() {
    let world = World::new();
    let lost = world.log_in(&["app://notes/write"]).await;
    world.clock.advance(Duration::from_secs(10));
    let fresh = world.log_in(&["app://notes/write", REVOKE_RESOURCE]).await;
    let now = fresh.session().context().clock().now();
    let before = now - Duration::from_secs(5);
    let statement = fresh.session().revocation_of_all(before).await.unwrap();
    let wrong = manage(&world, &fresh, "/session/logout/others", &statement).await;
    assert_eq!(refusal(&wrong), (400, "invalid_request".into()));
    let response = manage(&world, &fresh, "/session/logout/all", &statement).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(!can_act(&world, &lost).await);
    assert!(can_act(&world, &fresh).await);
    // itself, too
    let statement = fresh.session().revocation_of_all(now).await.unwrap();
    manage(&world, &fresh, "/session/logout/all", &statement).await;
    assert!(!can_act(&world, &fresh).await);
}

/// Who stole a key cannot lock its owner out, nor undo what the owner did.
#[tokio::test]
async fn a_thief_of_a_key_ends_itself_only() {
    let world = World::new();
    let owner = world.log_in(&["app://notes/write"]).await;
    let stolen = world.log_in(&["app://notes/write"]).await;
    let identity = owner.session().cacao().identity();
    let statement = stolen.session().revocation_of([identity]).await.unwrap();
    let response = manage(&world, &stolen, "/session/logout/others", &statement).await;
    assert_eq!(refusal(&response), (403, "insufficient_scope".into()));
    assert!(can_act(&world, &owner).await);
    // the grant alone is not enough when the login is old
    let armed = world.log_in(&["app://notes/write", REVOKE_RESOURCE]).await;
    world.clock.advance(Duration::from_secs(301));
    let statement = armed.session().revocation_of([identity]).await.unwrap();
    let response = manage(&world, &armed, "/session/logout/others", &statement).await;
    assert_eq!(
        refusal(&response),
        (401, "insufficient_user_authentication".into())
    );
    let challenge = response.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.ends_with("max_age=\"300\""), "{challenge}");
    assert!(can_act(&world, &owner).await);
    // a statement of somebody else
    let stranger = World::new().session(&["x"]).await;
    let foreign = stranger.session().revocation_of_itself().await.unwrap();
    let response = manage(&world, &armed, "/session/logout/others", &foreign).await;
    assert_eq!(refusal(&response), (400, "invalid_request".into()));
}

#[tokio::test]
async fn managing_sessions_takes_a_nonce() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    for (method, path) in [
        ("GET", "/session/devices"),
        ("POST", "/session/logout"),
        ("POST", "/session/logout/others"),
        ("POST", "/session/logout/all"),
    ] {
        let response = world.call(proven(&signer, method, path, "").await).await;
        assert_eq!(code(&response), "use_nonce", "{path}");
        let none = world.call(request(method, path, "")).await;
        assert_eq!(code(&none), "no_credentials", "{path}");
    }
    assert!(can_act(&world, &signer).await);
}

#[tokio::test]
async fn the_list_of_devices_is_the_issuers_own() {
    let world = World::new();
    let own = world.log_in(&["app://notes/write"]).await;
    let other = World {
        wallet: crate::world::wallet(),
        ..World::new()
    };
    let stranger = other.log_in(&["app://notes/write"]).await;
    assert_eq!(devices(&world, &own).await.len(), 1);
    assert_eq!(devices(&other, &stranger).await.len(), 1);
}

#[tokio::test]
async fn a_page_may_read_what_it_needs() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    for path in ["/notes", "/session/devices"] {
        let mut request = proven(&signer, "GET", path, "").await;
        request
            .headers_mut()
            .insert("origin", "https://page.example".parse().unwrap());
        let response = world.call(request).await;
        let said = response.headers().get_all("access-control-expose-headers");
        assert_eq!(said.iter().count(), 1, "{path}");
        let exposed = response.headers()["access-control-expose-headers"]
            .to_str()
            .unwrap();
        for name in ["WWW-Authenticate", "DID-Session-Nonce", "Retry-After"] {
            assert!(exposed.contains(name), "{path}: {exposed}");
        }
    }
}

/// Whoever was made to sign a capability for a thief's key sees the thief's session.
#[tokio::test]
async fn a_session_that_never_logged_in_is_on_the_list() {
    let world = World::new();
    let owner = world.log_in(&["app://notes/write"]).await;
    let registered = world.session(&["app://notes/write"]).await;
    assert!(can_act(&world, &registered).await);
    assert_eq!(devices(&world, &owner).await.len(), 2);
    // what comes along with a request is registered nowhere
    let along = world.session(&["app://notes/write"]).await;
    let mut request = proven(&along, "GET", "/notes", "").await;
    let car = along.session().cacao().to_car_base64url();
    let headers = request.headers_mut();
    headers.insert("did-session-capability", car.parse().unwrap());
    assert_eq!(world.call(request).await.status(), StatusCode::OK);
    let listed = devices(&world, &owner).await;
    let keys: Vec<_> = listed.iter().map(|device| &device["key"]).collect();
    assert_eq!(keys.len(), 3);
    for session in [&registered, &along] {
        assert!(
            keys.iter()
                .any(|key| **key == session.session().key_did().as_str())
        );
    }
}

#[tokio::test]
async fn a_challenge_is_for_a_key_that_can_answer_it() {
    let world = World::new();
    for key in [
        "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F",
        "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
    ] {
        let _: didkey::DidKey = key.parse().unwrap();
        let refused = world.server.challenge(key).unwrap_err();
        assert_eq!(refused.code(), "invalid_request", "{key}");
    }
}
