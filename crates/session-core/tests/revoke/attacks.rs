//! Who tries to end what is not theirs.

use super::*;

#[tokio::test]
async fn a_stolen_key_does_not_revoke_others_without_the_grant() {
    let world = World::new();
    let (stolen, owner) = (world.session().await, world.session().await);
    let other = owner.cacao().identity();
    for revoke in [vec![other], vec![other, stolen.cacao().identity()]] {
        let statement = stolen.revocation_of(revoke).await.unwrap();
        let code = world.receive(&statement, stolen.cacao()).await;
        assert_eq!(code, "revocation_not_granted");
    }
    let statement = stolen.revocation_of_all(NOW).await.unwrap();
    let code = world.receive(&statement, stolen.cacao()).await;
    assert_eq!(code, "revocation_not_granted");
    assert!(!world.is_revoked(&owner).await);
    assert!(!world.is_revoked(&stolen).await);
}

#[tokio::test]
async fn a_generous_matcher_does_not_arm_every_session() {
    let generous = Policy::default().with_resource_matcher(|_: &str, _: &str| true);
    let world = World::with_policy(generous);
    let (stolen, owner) = (world.session().await, world.session().await);
    let identities = [owner.cacao().identity()];
    let statement = stolen.revocation_of(identities).await.unwrap();
    let code = world.receive(&statement, stolen.cacao()).await;
    assert_eq!(code, "revocation_not_granted");
}

#[tokio::test]
async fn a_stolen_key_with_the_grant_is_too_old_after_minutes() {
    let world = World::new();
    let (stolen, owner) = (world.armed().await, world.session().await);
    world.clock.advance(5 * MINUTE);
    let identities = [owner.cacao().identity()];
    let statement = stolen.revocation_of(identities).await.unwrap();
    assert!(world.judge(&statement, stolen.cacao()).await.is_ok());
    world.clock.advance(Duration::from_millis(1));
    // the old statement, and new ones
    let by_name = stolen.revocation_of(identities).await.unwrap();
    let all = stolen.revocation_of_all(NOW).await.unwrap();
    for statement in [statement, by_name, all] {
        let code = world.receive(&statement, stolen.cacao()).await;
        assert_eq!(code, "login_too_old");
    }
    // itself it may end as long as it lasts
    let statement = stolen.revocation_of_itself().await.unwrap();
    assert_eq!(world.receive(&statement, stolen.cacao()).await, "recorded");
    assert!(!world.is_revoked(&owner).await);
}

#[tokio::test]
async fn the_age_of_a_login_is_the_servers_choice() {
    let mut world = World::new();
    let (armed, other) = (world.armed().await, world.session().await);
    world.clock.advance(2 * MINUTE);
    let identities = [other.cacao().identity()];
    let statement = armed.revocation_of(identities).await.unwrap();
    world.rules = world.rules.with_max_login_age(MINUTE);
    let code = world.receive(&statement, armed.cacao()).await;
    assert_eq!(code, "login_too_old");
}

#[tokio::test]
async fn a_statement_about_another_issuer_is_refused() {
    let world = World::new();
    let armed = world.armed().await;
    let request = Request::new(DOMAIN, ["notes"]);
    let victim = world.log_in(&wallet(8), &request).await;
    let mut claims = claims(&armed, &[victim.cacao().identity()]);
    claims["iss"] = victim.id().into();
    let code = world.receive(&forged(&armed, &claims), armed.cacao()).await;
    assert_eq!(code, "issuer_mismatch");
}

#[tokio::test]
async fn naming_the_identity_of_another_issuer_does_not_revoke_it() {
    let world = World::new();
    let armed = world.armed().await;
    let request = Request::new(DOMAIN, ["notes"]);
    let victim = world.log_in(&wallet(8), &request).await;
    let request = Request::new("other.example", ["notes"]);
    let elsewhere = world.log_in(&wallet(7), &request).await;
    let identities = [&victim, &elsewhere].map(|session| session.cacao().identity());
    // nobody can see whose identity it is, so it is recorded for the issuer who says so
    let statement = armed.revocation_of(identities).await.unwrap();
    assert_eq!(world.receive(&statement, armed.cacao()).await, "recorded");
    assert!(!world.is_revoked(&victim).await);
    assert!(!world.is_revoked(&elsewhere).await);
}

#[tokio::test]
async fn a_statement_about_another_domain_is_refused() {
    let world = World::new();
    let armed = world.armed().await;
    let mut claims = claims(&armed, &[armed.cacao().identity()]);
    claims["domain"] = "other.example".into();
    let code = world.receive(&forged(&armed, &claims), armed.cacao()).await;
    assert_eq!(code, "domain_mismatch");
}

#[tokio::test]
async fn another_sites_capability_is_refused() {
    let world = World::new();
    let request = Request::new("other.example", ["notes", REVOKE_RESOURCE]);
    let foreign = world.log_in(&wallet(7), &request).await;
    let statement = foreign.revocation_of_all(NOW).await.unwrap();
    let error = world.judge(&statement, foreign.cacao()).await.unwrap_err();
    // the capability is not for this server
    assert!(matches!(error, RevocationError::Jws(_)), "{error:?}");
    assert_eq!(error.code(), "domain_mismatch");
}
