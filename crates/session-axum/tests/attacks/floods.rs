//! Floods: memory stays bounded, and honest callers are served.

use crate::smuggling::forged;
use crate::world::{START, World, code, proven, reason, refusal, request};
use cacao::{Cacao, HeaderType, Signature, UnixTime};
use http::StatusCode;
use session_core::revoke::{REVOKE_RESOURCE, Revocations};
use session_http::State;
use session_http::client::{Content, ProofSigner};
use store_memory::{MemoryCapabilities, MemoryChallenges, MemoryReplayWindow, MemoryRevocations};

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
    // nor does a key to which nobody delegated, where the capability is the content
    let owner = world.challenged(&["app://notes/write"]).await;
    let signed = owner.session().cacao();
    let nothing = Cacao::new(
        HeaderType::Eip4361,
        signed.payload().clone(),
        Some(Signature::eip191(&[7; 65])),
    );
    let (own, theirs) = (signed.cid().to_string(), nothing.cid().to_string());
    let car = data_encoding::BASE64URL_NOPAD.decode(nothing.to_car_base64url().as_bytes());
    let car = car.unwrap();
    let uri = crate::world::ORIGIN.parse().unwrap();
    for path in ["/session/login", "/session/capability"] {
        for _ in 0..20 {
            let mut post = owner.post_capability(&uri, path).await.unwrap();
            post.body_mut().clone_from(&car);
            post.headers_mut().remove("authorization");
            post.headers_mut().remove("content-digest");
            owner.prove(&mut post, Content::Bytes(&car)).await.unwrap();
            let of_theirs =
                |header: &str, claims: &str| (header.replace(&own, &theirs), claims.to_owned());
            let post = forged(owner.session().key(), &post, of_theirs).await;
            let response = world.call(post).await;
            assert_eq!(refusal(&response), (401, "invalid_token".into()), "{path}");
        }
    }
    assert_eq!(window.len(), before);
    // and the challenge is still its own
    assert_eq!(world.post_login(&owner).await.status(), StatusCode::OK);
    assert_eq!(window.len(), before + 1);
    let _: &ProofSigner<_> = &thief;
}

/// Statements may name what nobody ever saw: one account takes its share of room, for a time.
#[tokio::test]
async fn a_flood_of_logouts_by_one_account_leaves_those_of_others() {
    let revocations = MemoryRevocations::with_capacity(2_000);
    let world = World::with_state(state().with_revocations(revocations.clone()));
    let honest = world.log_in(&["app://notes/write"]).await;
    let stranger = another(&world);
    let flooding = stranger
        .log_in(&["app://notes/write", REVOKE_RESOURCE])
        .await;
    let mut codes = std::collections::BTreeMap::new();
    for round in 0..40_u32 {
        let never_seen =
            (0..64_u32).map(|n| cacao::car::dag_cbor_cid(&(round * 64 + n).to_be_bytes()));
        let statement = flooding.session().revocation_of(never_seen).await.unwrap();
        let post = request("POST", "/session/logout/others", &statement);
        let response = stranger.send(&flooding, post).await.unwrap();
        let said = match response.status() {
            StatusCode::NO_CONTENT => "ended".to_owned(),
            _ => code(&response),
        };
        *codes.entry(said).or_insert(0) += 1;
    }
    assert_eq!(codes["ended"], 15, "{codes:?}");
    assert_eq!(codes["too_many_requests"], 25, "{codes:?}");
    // itself, all of its own, and everybody else
    let now = flooding.session().context().clock().now();
    let all = flooding.session().revocation_of_all(now).await.unwrap();
    let post = request("POST", "/session/logout/all", &all);
    let response = stranger.send(&flooding, post).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let response = world
        .send(&honest, request("POST", "/session/logout", ""))
        .await;
    assert_eq!(response.unwrap().status(), StatusCode::NO_CONTENT);
    // what it named is forgotten when no capability of that time can count any more
    let issuer = flooding.session().issuer().clone();
    let count = || revocations.count(&issuer, crate::world::DOMAIN);
    assert_eq!(count().await.unwrap(), 15 * 64 + 1);
    let days = |days: u64| std::time::Duration::from_secs(days * 24 * 60 * 60);
    world.clock.advance(days(91));
    let next = world.log_in(&["app://notes/write"]).await;
    let response = world
        .send(&next, request("POST", "/session/logout", ""))
        .await;
    assert_eq!(response.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(count().await.unwrap(), 0);
}

/// The same server, and another account.
fn another(world: &World) -> World {
    World {
        clock: world.clock.clone(),
        server: world.server.clone(),
        app: world.app.clone(),
        wallet: crate::world::wallet(),
        effects: world.effects.clone(),
    }
}

/// Anybody can make accounts. Each of them fills its share, and what that costs is theirs alone.
#[tokio::test]
async fn a_flood_of_revocations_by_many_accounts_ends_the_sessions_of_those_accounts() {
    const ROOM: usize = 1_000;
    let revocations = MemoryRevocations::with_capacity(ROOM);
    let world = World::with_state(state().with_revocations(revocations.clone()));
    let (honest, other) = (
        world.log_in(&["app://notes/write"]).await,
        world.log_in(&["app://notes/write"]).await,
    );
    let (mut named, mut refused) = (0_u32, 0);
    for n in 0..10_u32 {
        let stranger = another(&world);
        let flooding = stranger.log_in(&[REVOKE_RESOURCE]).await;
        for round in 0..16_u32 {
            let never_seen = (0..64_u32)
                .map(|k| cacao::car::dag_cbor_cid(&(n << 16 | round << 8 | k).to_be_bytes()));
            let statement = flooding.session().revocation_of(never_seen).await.unwrap();
            let post = request("POST", "/session/logout/others", &statement);
            let response = stranger.send(&flooding, post).await.unwrap();
            match response.status() {
                StatusCode::NO_CONTENT => named += 64,
                _ => refused += 1,
            }
        }
        assert!(revocations.len() <= ROOM, "{}", revocations.len());
    }
    assert!(named > 5_000 && refused > 0, "{named} {refused}");
    // honest callers are served, may log out, and stay so
    let acts = || async { world.call(proven(&honest, "GET", "/notes", "").await).await };
    assert_eq!(acts().await.status(), StatusCode::OK);
    let log_out = || request("POST", "/session/logout", "");
    let ended = world.send(&other, log_out()).await.unwrap();
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    let response = world.call(proven(&other, "GET", "/notes", "").await).await;
    assert_eq!(reason(&response), "revoked");
    assert_eq!(acts().await.status(), StatusCode::OK);
}

/// As many accounts as there is room, each of which logs in and out: the oldest sessions must log in
/// again, and nothing that ended comes back.
#[tokio::test]
async fn a_flood_of_accounts_that_log_out_asks_old_sessions_to_log_in_again() {
    const ROOM: usize = 40;
    let revocations = MemoryRevocations::with_capacity(ROOM);
    let world = World::with_state(state().with_revocations(revocations.clone()));
    let old = world.log_in(&["app://notes/write"]).await;
    let mut ended = Vec::new();
    for _ in 0..3 * ROOM {
        world.clock.advance(std::time::Duration::from_secs(1));
        let stranger = another(&world);
        let signer = stranger.log_in(&["app://notes/write"]).await;
        let log_out = request("POST", "/session/logout", "");
        let response = stranger.send(&signer, log_out).await.unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        ended.push(signer);
        assert!(revocations.len() <= ROOM, "{}", revocations.len());
    }
    let acts = async |signer| {
        let response = world.send(signer, request("GET", "/notes", "")).await;
        response.unwrap()
    };
    for signer in ended.iter().chain([&old]) {
        assert_eq!(reason(&acts(signer).await), "revoked");
    }
    let fresh = world.log_in(&["app://notes/write"]).await;
    assert_eq!(acts(&fresh).await.status(), StatusCode::OK);
    let log_out = request("POST", "/session/logout", "");
    let response = world.send(&fresh, log_out).await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(reason(&acts(&fresh).await), "revoked");
}
