//! Replays, clocks apart, restarts.

use crate::world::{ORIGIN, START, World, code, proven, request};
use cacao::UnixTime;
use http::StatusCode;
use session_core::{DidSession, ManualClock};
use session_http::State;
use session_http::client::ProofSigner;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_proof_counts_once_within_the_window() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let proven = proven(&signer, "GET", "/notes", "").await;
    assert_eq!(world.call(proven.clone()).await.status(), StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(code(&world.call(proven.clone()).await), "replayed");
        world.clock.advance(Duration::from_secs(20));
    }
    assert_eq!(world.effects(), 1);
}

#[tokio::test]
async fn a_proof_is_worth_nothing_after_the_window() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let [used, unused] = [
        proven(&signer, "GET", "/notes", "").await,
        proven(&signer, "GET", "/notes", "").await,
    ];
    assert_eq!(world.call(used.clone()).await.status(), StatusCode::OK);
    world.clock.advance(Duration::from_secs(61));
    for proven in [used, unused] {
        let response = world.call(proven).await;
        assert_eq!(code(&response), "use_nonce");
        assert!(response.headers().contains_key("did-session-nonce"));
    }
    assert_eq!(world.effects(), 1);
}

/// ECDSA has two signatures for one text; here it is the text that is spelled in two ways.
#[tokio::test]
async fn a_replay_is_one_of_key_and_jti_and_not_of_the_text() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let proven = proven(&signer, "GET", "/notes", "").await;
    assert_eq!(world.call(proven.clone()).await.status(), StatusCode::OK);
    // the same proof, under another name of the scheme
    let mut again = proven.clone();
    let value = proven.headers()["authorization"]
        .to_str()
        .unwrap()
        .replace("DID", "did");
    again
        .headers_mut()
        .insert("authorization", value.parse().unwrap());
    assert_eq!(code(&world.call(again).await), "replayed");
}

#[tokio::test]
async fn a_proof_that_was_used_elsewhere_is_used_here() {
    let state = State::in_memory(UnixTime::from_secs(START - 3600)).unwrap();
    let clock = Arc::new(ManualClock::new(UnixTime::from_secs(START)));
    let [one, other] = [(); 2].map(|()| World::on(Arc::clone(&clock), state.clone()));
    let signer = one.log_in(&["app://notes/write"]).await;
    let proven = proven(&signer, "GET", "/notes", "").await;
    assert_eq!(other.call(proven.clone()).await.status(), StatusCode::OK);
    assert_eq!(code(&one.call(proven).await), "replayed");
}

#[tokio::test]
async fn after_a_restart_a_nonce_is_needed_and_old_nonces_are_worth_nothing() {
    let clock = Arc::new(ManualClock::new(UnixTime::from_secs(START)));
    let before = World::on(
        Arc::clone(&clock),
        State::in_memory(UnixTime::from_secs(START - 3600)).unwrap(),
    );
    let signer = before.log_in(&["app://notes/write"]).await;
    // one without a nonce, and one with a nonce
    let plain = proven(&signer, "GET", "/notes", "").await;
    assert_eq!(before.call(plain.clone()).await.status(), StatusCode::OK);
    let devices = before
        .send(&signer, request("GET", "/session/devices", ""))
        .await
        .unwrap();
    assert_eq!(devices.status(), StatusCode::OK);
    let with_nonce = proven(&signer, "GET", "/notes", "").await;
    assert_eq!(
        before.call(with_nonce.clone()).await.status(),
        StatusCode::OK
    );

    // the memory begins anew, the secret is the same
    let after = World::on(
        Arc::clone(&clock),
        State::in_memory(UnixTime::from_secs(START)).unwrap(),
    );
    for replay in [plain, with_nonce] {
        assert_eq!(code(&after.call(replay).await), "use_nonce");
    }
    // the client finds its way: a nonce, and the capability again
    let response = after
        .send(&signer, request("GET", "/notes", ""))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(after.effects(), 1);
    // later no nonce is needed any more
    clock.advance(Duration::from_secs(66));
    let fresh = ProofSigner::new(signer.session().clone());
    let response = after.call(proven(&fresh, "GET", "/notes", "").await).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn clocks_may_be_a_little_apart_and_a_nonce_helps_the_others() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let text = signer.session().serialize();
    for (apart, is_accepted) in [
        (-60, true),
        (-61, false),
        (5, true),
        (6, false),
        (-7200, false),
    ] {
        let clock = Arc::new(ManualClock::new(UnixTime::from_secs(START)));
        let session = DidSession::from_session(&crate::world::context(&clock), &text).unwrap();
        clock.set(UnixTime::from_secs(START + apart));
        let apart_signer = ProofSigner::new(session);
        let response = world
            .call(proven(&apart_signer, "GET", "/notes", "").await)
            .await;
        if is_accepted {
            assert_eq!(response.status(), StatusCode::OK, "{apart}");
        } else {
            assert_eq!(code(&response), "use_nonce", "{apart}");
        }
        let response = world
            .send(&apart_signer, request("GET", "/notes", ""))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{apart}");
    }
}

#[tokio::test]
async fn a_nonce_ends_and_a_new_one_comes_before() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let devices = || request("GET", "/session/devices", "");
    let refused = world
        .call(proven(&signer, "GET", "/session/devices", "").await)
        .await;
    assert_eq!(code(&refused), "use_nonce");
    let uri = ORIGIN.parse().unwrap();
    assert!(signer.learn(&uri, refused.headers()));
    let held = proven(&signer, "GET", "/notes", "").await;
    // in the slot of the nonce there is no other one
    let response = world.call(proven(&signer, "GET", "/notes", "").await).await;
    assert!(!response.headers().contains_key("did-session-nonce"));
    world.clock.advance(Duration::from_secs(30));
    let response = world.send(&signer, devices()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let nonce = &response.headers()["did-session-nonce"];
    assert_ne!(nonce, &refused.headers()["did-session-nonce"]);
    // a proof that was held back until its nonce had ended
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(code(&world.call(held).await), "use_nonce");
}

#[tokio::test]
async fn a_clock_that_is_set_back_lets_no_proof_in_again() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let used = proven(&signer, "GET", "/notes", "").await;
    assert_eq!(world.call(used.clone()).await.status(), StatusCode::OK);
    world.clock.set(UnixTime::from_secs(START + 3600));
    // every part of the memory forgets
    for _ in 0..600 {
        let other = proven(&signer, "GET", "/notes", "").await;
        assert_eq!(world.call(other).await.status(), StatusCode::OK);
    }
    world.clock.set(UnixTime::from_secs(START));
    let response = world.call(used).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_ne!(code(&response), "no_credentials");
}

#[tokio::test]
async fn early_data_is_too_early() {
    let world = World::new();
    let signer = world.log_in(&["app://notes/write"]).await;
    let mut early = proven(&signer, "GET", "/notes", "").await;
    early
        .headers_mut()
        .insert("early-data", "1".parse().unwrap());
    assert_eq!(
        crate::world::refusal(&world.call(early.clone()).await),
        (425, "too_early".into())
    );
    // nothing was used up
    early.headers_mut().remove("early-data");
    assert_eq!(world.call(early).await.status(), StatusCode::OK);
}
