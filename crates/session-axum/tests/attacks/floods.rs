//! Floods: memory stays bounded, and honest callers are served.

use crate::world::{START, World, code, proven, refusal, request};
use cacao::UnixTime;
use http::StatusCode;
use session_http::State;
use session_http::client::ProofSigner;
use store_memory::{MemoryCapabilities, MemoryChallenges, MemoryReplayWindow};

fn state() -> State {
    State::in_memory(UnixTime::from_secs(START - 3600)).unwrap()
}

#[tokio::test]
async fn a_flood_of_unknown_capabilities_disturbs_nobody() {
    let world = World::new();
    let honest = world.log_in(&["app://notes/write"]).await;
    for _ in 0..200 {
        let stranger = world.session(&["app://notes/write"]).await;
        let response = world
            .call(proven(&stranger, "GET", "/notes", "").await)
            .await;
        assert_eq!(code(&response), "capability_required");
    }
    let response = world.call(proven(&honest, "GET", "/notes", "").await).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_flood_of_registrations_takes_its_share_of_memory_only() {
    let capabilities = MemoryCapabilities::with_bytes(20_000);
    let world = World::with_state(state().with_capabilities(capabilities.clone()));
    let honest = world.log_in(&["app://notes/write"]).await;
    for _ in 0..100 {
        let stranger = world.session(&["app://notes/write"]).await;
        let response = world
            .send(&stranger, request("GET", "/notes", ""))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    assert!(capabilities.bytes() <= 20_000);
    let response = world
        .send(&honest, request("GET", "/notes", ""))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_flood_of_challenges_is_not_kept() {
    let challenges = MemoryChallenges::with_capacity(2);
    let world = World::with_state(state().with_challenges(challenges));
    for _ in 0..1_000 {
        let key = didkey::Ed25519SigningKey::generate().unwrap();
        world.server.challenge(key.did_key().as_str()).unwrap();
    }
    world.log_in(&["app://notes/write"]).await;
}

/// Used proofs of whoever holds a session fill the window: then nobody's proof counts, rather
/// than one twice.
#[tokio::test]
async fn a_full_window_refuses_and_recovers_by_itself() {
    let window = MemoryReplayWindow::with_capacity(UnixTime::from_secs(START - 3600), 256).unwrap();
    let world = World::with_state(state().with_replay_window(window.clone()));
    let signer = world.log_in(&["app://notes/write"]).await;
    let first = proven(&signer, "GET", "/notes", "").await;
    assert_eq!(world.call(first.clone()).await.status(), StatusCode::OK);
    let mut refused = 0;
    for _ in 0..600 {
        let response = world.call(proven(&signer, "GET", "/notes", "").await).await;
        if response.status() != StatusCode::OK {
            assert_eq!(refusal(&response), (503, "unavailable".into()));
            assert!(response.headers().contains_key("retry-after"));
            refused += 1;
        }
    }
    assert!(refused > 200, "{refused}");
    assert!(window.bytes() <= 64 * 20 * 40, "{}", window.bytes());
    assert_ne!(world.call(first).await.status(), StatusCode::OK);
    world.clock.advance(std::time::Duration::from_secs(80));
    let response = world.call(proven(&signer, "GET", "/notes", "").await).await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// Whoever holds no session fills nothing: what is forged is not remembered.
#[tokio::test]
async fn forged_proofs_take_no_room() {
    let window = MemoryReplayWindow::new(UnixTime::from_secs(START - 3600)).unwrap();
    let world = World::with_state(state().with_replay_window(window.clone()));
    let honest = world.log_in(&["app://notes/write"]).await;
    let before = window.len();
    let thief = world.session(&["app://notes/write"]).await;
    for n in 0..100 {
        let mut request = proven(&honest, "GET", "/notes", "").await;
        let value = request.headers()["authorization"].to_str().unwrap();
        let own = value.rsplit_once('.').unwrap().0;
        let other = proven(&thief, "GET", &format!("/notes?{n}"), "").await;
        let theirs = other.headers()["authorization"].to_str().unwrap();
        let spoiled = format!("{own}.{}", theirs.rsplit_once('.').unwrap().1);
        request
            .headers_mut()
            .insert("authorization", spoiled.parse().unwrap());
        assert_eq!(code(&world.call(request).await), "invalid_proof");
        assert_eq!(code(&world.call(other).await), "capability_required");
    }
    assert_eq!(window.len(), before);
    let _: &ProofSigner<_> = &thief;
}
