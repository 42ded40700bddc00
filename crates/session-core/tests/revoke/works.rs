//! What session keys can end, and what a fresh login can.

use super::*;

#[tokio::test]
async fn a_session_revokes_itself_without_a_grant_and_nobody_else() {
    let world = World::new();
    let (one, other) = (world.session().await, world.session().await);
    let statement = one.revocation_of_itself().await.unwrap();
    assert_eq!(world.receive(&statement, one.cacao()).await, "recorded");
    assert!(world.is_revoked(&one).await);
    assert!(!world.is_revoked(&other).await);
}

#[tokio::test]
async fn a_fresh_login_with_the_grant_revokes_others_by_name() {
    let world = World::new();
    let (lost, kept) = (world.session().await, world.session().await);
    world.clock.advance(DAY);
    let fresh = world.armed().await;
    let identities = [lost.cacao().identity()];
    let statement = fresh.revocation_of(identities).await.unwrap();
    assert_eq!(world.receive(&statement, fresh.cacao()).await, "recorded");
    assert!(world.is_revoked(&lost).await);
    assert!(!world.is_revoked(&kept).await);
    assert!(!world.is_revoked(&fresh).await);
}

#[tokio::test]
async fn a_fresh_login_with_the_grant_revokes_all_before() {
    let world = World::new();
    let old = world.session().await;
    let request = Request::new(DOMAIN, ["notes"]);
    let stranger = world.log_in(&wallet(8), &request).await;
    let request = Request::new("other.example", ["notes"]);
    let elsewhere = world.log_in(&wallet(7), &request).await;
    world.clock.advance(DAY);
    let fresh = world.armed().await;
    let before = NOW + Duration::from_secs(1);
    let statement = fresh.revocation_of_all(before).await.unwrap();
    assert_eq!(world.receive(&statement, fresh.cacao()).await, "recorded");
    assert!(world.is_revoked(&old).await);
    for other in [&stranger, &elsewhere, &fresh] {
        assert!(!world.is_revoked(other).await);
    }
}

#[tokio::test]
async fn all_before_ends_at_its_time_and_not_after_it() {
    let world = World::new();
    let fresh = world.armed().await;
    let wallet = wallet(7);
    let at = |millis| UnixTime::from_millis(i64::try_from(NOW_SECS).unwrap() * 1000 + millis);
    let statement = fresh.revocation_of_all(NOW).await.unwrap();
    assert_eq!(world.receive(&statement, fresh.cacao()).await, "recorded");
    for (millis, revoked) in [(-1, true), (0, true), (1, false)] {
        let capability = capability(&wallet, DOMAIN, at(millis), fresh.key_did(), &["notes"]);
        let found = world.revocations.is_revoked(&capability).await.unwrap();
        assert_eq!(found, revoked, "{millis}");
    }
}
