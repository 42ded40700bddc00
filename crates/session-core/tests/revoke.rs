//! Revocation: who may end what, attack by attack; and what becomes of a revoked session.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use async_trait::async_trait;
use cacao::{
    Cacao, HeaderType, Issuer, Payload, Policy, Provers, Requirement, Signature, SignatureValue,
    UnixTime, eip191::Eip191, siwx,
};
use dag_jws::{Cid, HeaderTemplate, UnsignedJws};
use didkey::{DidKey, Ed25519SigningKey};
use proptest::prelude::*;
use serde_json::{Value, json};
use session_core::revoke::{
    AcceptedRevocation, MAX_REVOKED, REVOCATION_TYPE, REVOKE_RESOURCE, RevocationEntry,
    RevocationError, RevocationLedger, RevocationRules, Revocations, Revoked, judge_revocation,
};
use session_core::{
    AuthMethod, Context, DidSession, Error, Event, ManualClock, NotUsable, Request, Sessions,
    StoreError,
};
use session_wallets::EthereumWallet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store_memory::{MemoryRevocations, MemoryStore};

/// 2023-04-06T16:15:19.058Z
const NOW: UnixTime = UnixTime::from_millis(1_680_797_719_058);
const NOW_SECS: u64 = 1_680_797_719;
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const DOMAIN: &str = "app.example";

type Session = DidSession<Ed25519SigningKey>;

/// A server, and the clock that its clients share.
struct World {
    clock: Arc<ManualClock>,
    context: Context,
    revocations: MemoryRevocations,
    rules: RevocationRules,
}

impl World {
    fn new() -> Self {
        Self::with_policy(Policy::default())
    }

    fn with_policy(policy: Policy) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let provers = Provers::none().with(Eip191).unwrap();
        let context = Context::with_shared_clock(Arc::clone(&clock) as _, provers);
        Self {
            clock,
            context: context.with_policy(policy),
            revocations: MemoryRevocations::new(),
            rules: RevocationRules::new(Requirement::for_domain(DOMAIN)),
        }
    }

    async fn log_in(&self, wallet: &EthereumWallet, request: &Request) -> Session {
        DidSession::authorize(&self.context, wallet, request)
            .await
            .unwrap()
    }

    /// A session that may do what the application is for.
    async fn session(&self) -> Session {
        let request = Request::new(DOMAIN, ["notes"]);
        self.log_in(&wallet(7), &request).await
    }

    /// A session that may revoke others.
    async fn armed(&self) -> Session {
        let request = Request::new(DOMAIN, ["notes", REVOKE_RESOURCE]);
        self.log_in(&wallet(7), &request).await
    }

    async fn judge(
        &self,
        statement: &str,
        capability: &Cacao,
    ) -> Result<AcceptedRevocation, RevocationError> {
        let Self {
            context,
            revocations,
            rules,
            ..
        } = self;
        judge_revocation(statement, capability, rules, context, revocations).await
    }

    /// Receives a statement as a server does; the code of the refusal, or `recorded`.
    async fn receive(&self, statement: &str, capability: &Cacao) -> &'static str {
        match self.judge(statement, capability).await {
            Ok(accepted) => {
                self.revocations.record(&accepted).await.unwrap();
                "recorded"
            }
            Err(error) => error.code(),
        }
    }

    async fn is_revoked(&self, session: &Session) -> bool {
        let revoked = self.revocations.is_revoked(session.cacao()).await;
        revoked.unwrap()
    }
}

fn wallet(seed: u8) -> EthereumWallet {
    EthereumWallet::from_secret(&[seed; 32], &"eip155:1".parse().unwrap()).unwrap()
}

/// What a statement of this session about these identities says.
fn claims(session: &Session, revoke: &[Cid]) -> Value {
    let mut revoke: Vec<_> = revoke.iter().map(ToString::to_string).collect();
    revoke.sort();
    json!({ "domain": DOMAIN, "iat": NOW_SECS, "iss": session.id(), "revoke": revoke })
}

/// Whoever has the key signs whatever they like.
fn forge(key: &Ed25519SigningKey, capability: &Cacao, payload: &[u8], typ: &str) -> String {
    let template = HeaderTemplate::with_capability(key.did_key(), capability).unwrap();
    let unsigned = UnsignedJws::bytes(payload).unwrap();
    let input = unsigned
        .with_header_member("typ", typ)
        .prepare_with(&template)
        .unwrap();
    let signature = key.sign(input.as_bytes());
    input.finish(signature.as_ref()).unwrap().to_compact()
}

fn forged(session: &Session, claims: &Value) -> String {
    let payload = serde_json::to_vec(claims).unwrap();
    forge(session.key(), session.cacao(), &payload, REVOCATION_TYPE)
}

/// A JWS by this key whose header is this text.
fn with_header(key: &Ed25519SigningKey, header: &str, payload: &[u8]) -> String {
    let encode = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload));
    let signature = key.sign(input.as_bytes());
    format!("{input}.{}", encode(signature.as_ref()))
}

// what works

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

/// A capability that was made by hand.
fn capability(
    wallet: &EthereumWallet,
    domain: &str,
    issued_at: UnixTime,
    audience: &DidKey,
    resources: &[&str],
) -> Cacao {
    let issued_at = cacao::Timestamp::from_unix_time(issued_at).unwrap();
    let issuer = wallet.issuer().clone();
    let payload = Payload::builder(domain, issuer, audience.as_str(), "nonce000", issued_at)
        .resources(resources.iter().copied());
    wallet.sign(&payload.build().unwrap()).unwrap()
}

// attacks

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

#[tokio::test]
async fn the_future_is_not_revoked() {
    let world = World::new();
    let armed = world.armed().await;
    let error = armed
        .revocation_of_all(NOW + Duration::from_millis(1))
        .await;
    assert_eq!(error.unwrap_err().code(), "invalid_option");
    for (iat, all_before, code) in [
        (NOW_SECS, NOW_SECS + 1, "revokes_the_future"),
        (NOW_SECS, NOW_SECS * 2, "revokes_the_future"),
        // a clock that is ahead, within the tolerance and beyond
        (NOW_SECS + 300, NOW_SECS + 300, "recorded"),
        (NOW_SECS + 301, NOW_SECS, "not_yet_valid"),
        (NOW_SECS + 301, NOW_SECS + 301, "not_yet_valid"),
    ] {
        let claims = json!({
            "all_before": all_before, "domain": DOMAIN, "iat": iat, "iss": armed.id(),
        });
        let found = world.receive(&forged(&armed, &claims), armed.cacao()).await;
        assert_eq!(found, code, "{iat} {all_before}");
    }
}

#[tokio::test]
async fn nothing_un_revokes() {
    let world = World::new();
    let lost = world.session().await;
    world.clock.advance(MINUTE);
    let armed = world.armed().await;
    let all = armed.revocation_of_all(NOW + Duration::from_secs(1));
    let all = all.await.unwrap();
    assert_eq!(world.receive(&all, armed.cacao()).await, "recorded");
    assert!(world.is_revoked(&lost).await);
    // an earlier time, an empty list, a member that would say so
    let earlier = armed.revocation_of_all(UnixTime::EPOCH).await.unwrap();
    assert_eq!(world.receive(&earlier, armed.cacao()).await, "recorded");
    assert!(world.is_revoked(&lost).await);
    let mut restore = claims(&armed, &[]);
    let code = world
        .receive(&forged(&armed, &restore), armed.cacao())
        .await;
    assert_eq!(code, "malformed_revocation");
    restore = claims(&armed, &[lost.cacao().identity()]);
    restore["restore"] = true.into();
    let code = world
        .receive(&forged(&armed, &restore), armed.cacao())
        .await;
    assert_eq!(code, "malformed_revocation");
    assert!(world.is_revoked(&lost).await);
}

#[tokio::test]
async fn a_statement_that_is_replayed_changes_nothing() {
    let world = World::new();
    let (session, armed) = (world.session().await, world.armed().await);
    let itself = session.revocation_of_itself().await.unwrap();
    let named = armed.revocation_of([session.cacao().identity()]);
    let named = named.await.unwrap();
    for _ in 0..3 {
        assert_eq!(world.receive(&itself, session.cacao()).await, "recorded");
        assert_eq!(world.receive(&named, armed.cacao()).await, "recorded");
    }
    let mut ledger = RevocationLedger::default();
    let accepted = world.judge(&itself, session.cacao()).await.unwrap();
    assert!(ledger.record(&accepted));
    assert!(!ledger.record(&accepted));
    assert_eq!(ledger.len(), 1);
    // a session of later is not hit by a statement of before
    world.clock.advance(DAY);
    let later = world.session().await;
    assert_eq!(world.receive(&itself, session.cacao()).await, "recorded");
    assert!(!world.is_revoked(&later).await);
}

#[tokio::test]
async fn a_maker_that_was_revoked_revokes_nobody_else() {
    let world = World::new();
    let (thief, owner) = (world.armed().await, world.session().await);
    let before = thief.revocation_of([owner.cacao().identity()]);
    let before = before.await.unwrap();
    let itself = thief.revocation_of_itself().await.unwrap();
    assert_eq!(world.receive(&itself, thief.cacao()).await, "recorded");
    let after = thief.revocation_of_all(NOW).await.unwrap();
    for statement in [before, after] {
        let code = world.receive(&statement, thief.cacao()).await;
        assert_eq!(code, "revoked");
    }
    assert!(!world.is_revoked(&owner).await);
}

#[tokio::test]
async fn a_capability_that_the_header_does_not_name_is_refused() {
    let world = World::new();
    let (session, armed) = (world.session().await, world.armed().await);
    let other = capability(
        &wallet(7),
        DOMAIN,
        NOW,
        session.key_did(),
        &[REVOKE_RESOURCE],
    );
    let statement = session.revocation_of_itself().await.unwrap();
    for capability in [armed.cacao(), &other] {
        let code = world.receive(&statement, capability).await;
        assert_eq!(code, "capability_mismatch");
    }
    // and a header that names none
    let key = session.key();
    let kid = key.did_key().key_id();
    let header = format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"{REVOCATION_TYPE}"}}"#);
    let payload = claims(&session, &[session.cacao().identity()]).to_string();
    let statement = with_header(key, &header, payload.as_bytes());
    let code = world.receive(&statement, session.cacao()).await;
    assert_eq!(code, "malformed_revocation");
}

#[tokio::test]
async fn a_capability_that_is_not_made_out_to_the_key_is_refused() {
    let world = World::new();
    let victim = world.armed().await;
    let thief = Ed25519SigningKey::from_seed(&[66; 32]);
    let payload = claims(&victim, &[victim.cacao().identity()]).to_string();
    let statement = forge(&thief, victim.cacao(), payload.as_bytes(), REVOCATION_TYPE);
    let code = world.receive(&statement, victim.cacao()).await;
    assert_eq!(code, "audience_mismatch");
    // nor does it help to name the key of the victim
    let (header, rest) = forged(&victim, &json!({})).split_once('.').map_or_else(
        || unreachable!("a compact form"),
        |(header, rest)| (header.to_owned(), rest.to_owned()),
    );
    let (_, signature) = rest.split_once('.').unwrap();
    let payload = data_encoding::BASE64URL_NOPAD.encode(payload.as_bytes());
    let statement = format!("{header}.{payload}.{signature}");
    let code = world.receive(&statement, victim.cacao()).await;
    assert_eq!(code, "invalid_signature");
}

#[tokio::test]
async fn a_capability_that_the_wallet_did_not_sign_is_refused() {
    let world = World::new();
    let thief = Ed25519SigningKey::from_seed(&[66; 32]);
    let issued_at = cacao::Timestamp::from_unix_time(NOW).unwrap();
    let (victim, did) = (wallet(7), thief.did_key().as_str());
    let payload = Payload::builder(DOMAIN, victim.issuer().clone(), did, "nonce000", issued_at)
        .resources([REVOKE_RESOURCE])
        .build()
        .unwrap();
    let text = siwx::render(&payload, siwx::Dialect::default()).unwrap();
    let signature = Signature::eip191(&wallet(8).personal_sign(text.as_bytes()));
    let planted = Cacao::new(HeaderType::Eip4361, payload, Some(signature));
    let claims = json!({
        "all_before": NOW_SECS, "domain": DOMAIN, "iat": NOW_SECS, "iss": victim.issuer().did(),
    });
    let payload = claims.to_string();
    let statement = forge(&thief, &planted, payload.as_bytes(), REVOCATION_TYPE);
    let code = world.receive(&statement, &planted).await;
    assert_eq!(code, "signature_mismatch");
}

#[tokio::test]
async fn an_expired_capability_revokes_nothing() {
    let world = World::new();
    let request = Request::new(DOMAIN, ["notes"]).with_lifetime(MINUTE);
    let session = world.log_in(&wallet(7), &request).await;
    let statement = session.revocation_of_itself().await.unwrap();
    world.clock.advance(MINUTE + Policy::DEFAULT_SKEW + MINUTE);
    assert_eq!(world.receive(&statement, session.cacao()).await, "expired");
    assert_eq!(
        session.revocation_of_itself().await.unwrap_err().code(),
        "expired"
    );
}

#[tokio::test]
async fn a_jws_of_another_type_is_not_a_statement() {
    let world = World::new();
    let session = world.session().await;
    let payload = claims(&session, &[session.cacao().identity()]);
    let jws = session.create_jws(&payload).await.unwrap();
    let code = world.receive(jws.as_compact(), session.cacao()).await;
    assert_eq!(code, "not_a_revocation");
    let payload = payload.to_string();
    for typ in [
        "",
        "JWT",
        "did-session-proof+jwt",
        "did-session-revocation",
        "application/did-session-revocation+jwt",
        "DID-session-revocation+jwt",
        " did-session-revocation+jwt",
    ] {
        let statement = forge(session.key(), session.cacao(), payload.as_bytes(), typ);
        let code = world.receive(&statement, session.cacao()).await;
        assert_eq!(code, "not_a_revocation", "{typ:?}");
    }
}

#[tokio::test]
async fn an_application_does_not_sign_statements() {
    let world = World::new();
    let session = world.session().await;
    let payload = claims(&session, &[session.cacao().identity()]);
    for typ in [
        REVOCATION_TYPE,
        "DID-Session-Revocation+JWT",
        "application/did-session-revocation+jwt",
        " Application/did-session-revocation+jwt ; v=1",
    ] {
        let unsigned = UnsignedJws::object(&payload).unwrap();
        let error = session.sign(unsigned.with_header_member("typ", typ)).await;
        assert_eq!(error.unwrap_err().code(), "invalid_option", "{typ}");
    }
    for typ in ["JWT", "did-session-revocation+jwtx"] {
        let unsigned = UnsignedJws::object(&payload).unwrap();
        let signed = session.sign(unsigned.with_header_member("typ", typ)).await;
        assert!(signed.is_ok(), "{typ}");
    }
}

#[tokio::test]
async fn what_stands_twice_or_is_not_known_is_refused() {
    let world = World::new();
    let session = world.session().await;
    let (key, cid) = (session.key(), session.cacao().cid());
    let kid = key.did_key().key_id();
    let known = format!(r#""alg":"EdDSA","cap":"ipfs://{cid}","kid":"{kid}""#);
    let typ = format!(r#""typ":"{REVOCATION_TYPE}""#);
    let claims = claims(&session, &[session.cacao().identity()]).to_string();
    let header = format!("{{{known},{typ}}}");
    let code = async |header: &str, payload: &str| {
        let statement = with_header(key, header, payload.as_bytes());
        world.receive(&statement, session.cacao()).await
    };
    assert_eq!(code(&header, &claims).await, "recorded");
    for header in [
        format!(r#"{{{known},"typ":"JWT",{typ}}}"#),
        format!(r#"{{"cap":"ipfs://{cid}",{known},{typ}}}"#),
    ] {
        assert_eq!(code(&header, &claims).await, "malformed_json", "{header}");
    }
    for header in [
        format!(r#"{{{known},{typ},"cty":"JWT"}}"#),
        format!(r#"{{{known},{typ},"iat":1}}"#),
    ] {
        let code = code(&header, &claims).await;
        assert_eq!(code, "malformed_revocation", "{header}");
    }
    for payload in [
        claims.replace(r#""iat":"#, r#""iat":1,"iat":"#),
        claims.replace(r#""domain":"#, r#""domain":"other.example","domain":"#),
        claims.replace(r#""iat":"#, r#""iat": "#),
    ] {
        let code = code(&header, &payload).await;
        assert_eq!(code, "malformed_revocation", "{payload}");
    }
}

#[tokio::test]
async fn statements_are_small() {
    let world = World::new();
    let armed = world.armed().await;
    let names = |count: u64| (0..count).map(|n| cacao::car::dag_cbor_cid(&n.to_be_bytes()));
    let most = u64::try_from(MAX_REVOKED).unwrap();
    let statement = armed.revocation_of(names(most)).await.unwrap();
    assert_eq!(world.receive(&statement, armed.cacao()).await, "recorded");
    for count in [0, most + 1] {
        let error = armed.revocation_of(names(count)).await.unwrap_err();
        assert_eq!(error.code(), "invalid_option");
        let claims = claims(&armed, &names(count).collect::<Vec<_>>());
        let code = world.receive(&forged(&armed, &claims), armed.cacao()).await;
        assert_eq!(code, "malformed_revocation");
    }
    let long = ["."; 20_000].concat();
    assert_eq!(world.receive(&long, armed.cacao()).await, "too_large");
}

#[test]
fn one_signature_is_revoked_in_all_its_spellings() {
    let spellings: Vec<_> = std::fs::read_dir("../cacao/tests/data/one_signature")
        .unwrap()
        .map(|file| Cacao::from_dag_cbor(&std::fs::read(file.unwrap().path()).unwrap()).unwrap())
        .collect();
    assert!(spellings.len() >= 7);
    for named in &spellings {
        let (issuer, revoked) = (
            named.payload().issuer(),
            Revoked::Identity(named.identity()),
        );
        let entry = RevocationEntry::new(issuer, DOMAIN, revoked, None);
        let ledger = ledger(&[entry]);
        assert!(spellings.iter().all(|other| ledger.is_revoked(other)));
    }
}

/// The same capability, its signature spelled otherwise.
fn other_spellings(capability: &Cacao) -> [Cacao; 4] {
    let signature = capability.signature().unwrap();
    let SignatureValue::Text(hex) = signature.value() else {
        unreachable!("wallets of tests spell in hex")
    };
    let digits = hex.strip_prefix("0x").unwrap();
    let bytes = data_encoding::HEXLOWER.decode(digits.as_bytes()).unwrap();
    let spelled = |header, value| {
        let signature = Signature::new(signature.kind().clone(), value, None).unwrap();
        Cacao::new(header, capability.payload().clone(), Some(signature))
    };
    let upper = format!("0x{}", digits.to_uppercase());
    [
        spelled(HeaderType::Eip4361, SignatureValue::Text(digits.into())),
        spelled(HeaderType::Eip4361, SignatureValue::Text(upper.into())),
        spelled(HeaderType::Eip4361, SignatureValue::Bytes(bytes.into())),
        spelled(HeaderType::Caip122, signature.value().clone()),
    ]
}

#[tokio::test]
async fn a_session_does_not_live_on_in_another_spelling() {
    let world = World::new();
    let session = world.session().await;
    let itself = session.revocation_of_itself().await.unwrap();
    for other in other_spellings(session.cacao()) {
        // the header names one spelling, and means it
        let code = world.receive(&itself, &other).await;
        assert_eq!(code, "capability_mismatch");
        let payload = claims(&session, &[session.cacao().identity()]).to_string();
        let statement = forge(session.key(), &other, payload.as_bytes(), REVOCATION_TYPE);
        assert_eq!(world.receive(&statement, &other).await, "recorded");
    }
    assert!(world.is_revoked(&session).await);
    // a thief cannot be somebody else by spelling
    let world = World::new();
    let (armed, owner) = (world.armed().await, world.session().await);
    let itself = armed.revocation_of_itself().await.unwrap();
    assert_eq!(world.receive(&itself, armed.cacao()).await, "recorded");
    for other in other_spellings(armed.cacao()) {
        assert!(world.revocations.is_revoked(&other).await.unwrap());
        let payload = claims(&owner, &[owner.cacao().identity()]).to_string();
        let statement = forge(armed.key(), &other, payload.as_bytes(), REVOCATION_TYPE);
        assert_eq!(world.receive(&statement, &other).await, "revoked");
    }
}

#[tokio::test]
async fn the_spelling_of_an_account_does_not_matter() {
    let world = World::new();
    let fresh = world.armed().await;
    let statement = fresh.revocation_of_all(NOW).await.unwrap();
    assert_eq!(world.receive(&statement, fresh.cacao()).await, "recorded");
    let upper = wallet(7).issuer().did().to_uppercase();
    let upper: Issuer = upper
        .replace("DID:PKH:EIP155:1:0X", "did:pkh:eip155:1:0x")
        .parse()
        .unwrap();
    let issued_at = cacao::Timestamp::from_unix_time(NOW - DAY).unwrap();
    let payload = Payload::builder(DOMAIN, upper, "did:key:z6Mk", "nonce000", issued_at);
    let capability = Cacao::new(HeaderType::Caip122, payload.build().unwrap(), None);
    assert!(world.revocations.is_revoked(&capability).await.unwrap());
}

// how long it is kept

#[tokio::test]
async fn a_revocation_outlives_what_it_ends() {
    let skew = Policy::DEFAULT_SKEW;
    let exp = NOW + Request::DEFAULT_LIFETIME;
    let whole = UnixTime::from_secs(i64::try_from(NOW_SECS).unwrap());
    for (longest, itself, other, all) in [
        (None, Some(exp + skew), None, None),
        (
            Some(30 * DAY),
            Some(exp + skew),
            Some(NOW + skew + 30 * DAY + skew),
            Some(whole + 30 * DAY + skew),
        ),
    ] {
        let policy = match longest {
            Some(longest) => Policy::default().with_max_lifetime(longest),
            None => Policy::default(),
        };
        let world = World::with_policy(policy);
        let armed = world.armed().await;
        let own = armed.cacao().identity();
        let foreign = cacao::car::dag_cbor_cid(b"another");
        let kept = async |statement: Result<String, Error>| {
            let accepted = world
                .judge(&statement.unwrap(), armed.cacao())
                .await
                .unwrap();
            let entries = accepted.entries().iter();
            let mut kept: Vec<_> = entries
                .map(|entry| {
                    (
                        entry.revoked() == Revoked::Identity(own),
                        entry.keep_until(),
                    )
                })
                .collect();
            kept.sort();
            kept
        };
        let found = kept(armed.revocation_of_itself().await).await;
        assert_eq!(found, [(true, itself)]);
        let found = kept(armed.revocation_of([own, foreign]).await).await;
        assert_eq!(found, [(false, other), (true, itself)]);
        let found = kept(armed.revocation_of_all(NOW).await).await;
        assert_eq!(found, [(false, all)]);
    }
}

// the sessions of a store

/// Sessions that ask these revocations, and what they tell.
fn sessions(
    world: &World,
    revocations: impl Revocations + 'static,
) -> (Sessions<MemoryStore>, Arc<Mutex<Vec<String>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let observer = move |event: &Event<'_>| {
        let reason = event.kind.reason().unwrap_or_default();
        let line = format!("{} {reason}", event.kind.name());
        log.lock().unwrap().push(line.trim().to_owned());
    };
    let context = world.context.clone();
    let context = context
        .with_revocations(revocations)
        .with_observer(observer);
    (Sessions::with_context(MemoryStore::new(), context), told)
}

#[tokio::test]
async fn a_revoked_session_is_gone_and_the_wallet_is_asked_again() {
    let world = World::new();
    let (sessions, told) = sessions(&world, world.revocations.clone());
    let (wallet, request) = (wallet(7), Request::new(DOMAIN, ["notes"]));
    let session = sessions.get(&wallet, &request).await.unwrap();
    let statement = sessions.revoke(wallet.issuer()).await.unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        ["asked", "granted", "reused", "signed", "revoked"]
    );
    assert!(sessions.list().await.unwrap().is_empty());
    assert!(world.is_revoked(&session).await);
    let error = sessions.find(wallet.issuer(), &request).await.unwrap_err();
    assert_eq!(error.code(), "no_session");
    // another server learns it from the statement
    let elsewhere = World::new();
    let code = elsewhere.receive(&statement, session.cacao()).await;
    assert_eq!(code, "recorded");
    assert!(elsewhere.is_revoked(&session).await);
    // put back, it is not used
    sessions.put(&session).await.unwrap();
    let error = sessions.find(wallet.issuer(), &request).await.unwrap_err();
    assert!(
        matches!(&error, Error::NotUsable(reason) if matches!(**reason, NotUsable::Revoked)),
        "{error:?}"
    );
    assert_eq!(error.code(), "revoked");
    let fresh = sessions.get(&wallet, &request).await.unwrap();
    assert_ne!(fresh.cacao().identity(), session.cacao().identity());
    assert!(told.lock().unwrap().contains(&"refused revoked".to_owned()));
}

#[tokio::test]
async fn a_session_is_revoked_without_a_place_to_record_it() {
    let world = World::new();
    let sessions = Sessions::with_context(MemoryStore::new(), world.context.clone());
    let (wallet, request) = (wallet(7), Request::new(DOMAIN, ["notes"]));
    let session = sessions.get(&wallet, &request).await.unwrap();
    let statement = sessions.revoke(wallet.issuer()).await.unwrap();
    assert!(sessions.list().await.unwrap().is_empty());
    assert_eq!(world.receive(&statement, session.cacao()).await, "recorded");
    let error = sessions.revoke(wallet.issuer()).await.unwrap_err();
    assert_eq!(error.code(), "no_session");
}

/// Revocations that cannot be read or written.
struct Broken;

#[async_trait]
impl Revocations for Broken {
    async fn is_revoked(&self, _: &Cacao) -> Result<bool, StoreError> {
        Err(StoreError::medium("cannot read", "it is broken"))
    }

    async fn record(&self, _: &AcceptedRevocation) -> Result<(), StoreError> {
        Err(StoreError::medium("cannot write", "it is broken"))
    }

    async fn purge(&self, _: UnixTime) -> Result<usize, StoreError> {
        Err(StoreError::medium("cannot write", "it is broken"))
    }
}

#[tokio::test]
async fn where_nothing_is_known_nothing_is_used() {
    let world = World::new();
    let (working, _) = sessions(&world, world.revocations.clone());
    let (wallet, request) = (wallet(7), Request::new(DOMAIN, ["notes"]));
    working.get(&wallet, &request).await.unwrap();
    let context = world.context.clone().with_revocations(Broken);
    let broken = Sessions::with_context(working.store().clone(), context);
    let codes = [
        broken.get(&wallet, &request).await.map(drop),
        broken.revoke(wallet.issuer()).await.map(drop),
    ];
    for outcome in codes {
        assert_eq!(outcome.unwrap_err().code(), "store_failed");
    }
    assert_eq!(working.list().await.unwrap().len(), 1);
    let armed = world.armed().await;
    let statement = armed.revocation_of_all(NOW).await.unwrap();
    let judged = judge_revocation(
        &statement,
        armed.cacao(),
        &world.rules,
        &world.context,
        &Broken,
    );
    assert_eq!(judged.await.unwrap_err().code(), "store_failed");
}

#[tokio::test]
async fn a_full_memory_refuses_rather_than_to_forget() {
    let world = World::new();
    let small = MemoryRevocations::with_capacity(1);
    let (one, other) = (world.session().await, world.session().await);
    let judge = async |session: &Session| {
        let statement = session.revocation_of_itself().await.unwrap();
        world.judge(&statement, session.cacao()).await.unwrap()
    };
    let (first, second) = (judge(&one).await, judge(&other).await);
    small.record(&first).await.unwrap();
    small.record(&first).await.unwrap();
    assert_eq!(
        small.record(&second).await.unwrap_err().code(),
        "store_failed"
    );
    assert!(small.is_revoked(one.cacao()).await.unwrap());
    assert_eq!(small.purge(NOW).await.unwrap(), 0);
    assert_eq!(small.purge(NOW + 30 * DAY).await.unwrap(), 1);
    small.record(&second).await.unwrap();
}

// the ledger

fn entry() -> impl Strategy<Value = RevocationEntry> {
    let issuers = prop_oneof![
        Just("did:pkh:eip155:1:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"),
        Just("did:pkh:eip155:137:0x974e944be93674bd5fa8ee45fa0c9fdc6b15dc44"),
        Just("did:key:zDnaeS7oeZ9WPsTW5HSapFJrXXTWwGkLx9xEMief41hEeuDtx"),
    ];
    let domains = prop_oneof![Just("a".to_owned()), "\\PC{1,8}"];
    let revoked = prop_oneof![
        (0..4_u8).prop_map(|n| Revoked::Identity(cacao::car::dag_cbor_cid(&[n]))),
        (0..1000_i64).prop_map(|secs| Revoked::AllBefore(UnixTime::from_secs(secs))),
    ];
    let keep = prop::option::of((0..1000_i64).prop_map(UnixTime::from_secs));
    (issuers, domains, revoked, keep).prop_map(|(issuer, domain, revoked, keep)| {
        RevocationEntry::new(&issuer.parse().unwrap(), domain, revoked, keep)
    })
}

fn ledger(entries: &[RevocationEntry]) -> RevocationLedger {
    let mut ledger = RevocationLedger::default();
    for entry in entries {
        ledger.add(entry.clone());
    }
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_ledger_does_not_depend_on_order_and_survives_its_text(
        entries in prop::collection::vec(entry(), 0..20),
    ) {
        let one = ledger(&entries);
        let mut other: Vec<_> = entries.clone();
        other.reverse();
        other.extend(entries);
        prop_assert_eq!(&ledger(&other), &one);
        prop_assert_eq!(one.entries().count(), one.len());
        let text = one.to_text();
        prop_assert_eq!(RevocationLedger::from_text(&text), Ok(one));
    }

    #[test]
    fn a_damaged_text_is_no_ledger(
        entries in prop::collection::vec(entry(), 1..5),
        at in any::<prop::sample::Index>(),
        byte in b' '..b'~',
    ) {
        let text = ledger(&entries).to_text();
        let at = at.index(text.len());
        prop_assume!(text.is_char_boundary(at));
        prop_assert!(RevocationLedger::from_text(&text[..at]).is_err());
        let mut bytes = text.clone().into_bytes();
        bytes[at] = byte;
        if let Some(damaged) = String::from_utf8(bytes).ok().filter(|other| *other != text) {
            prop_assert!(RevocationLedger::from_text(&damaged).is_err());
        }
        let line = text.lines().nth(1).unwrap();
        let longer = [&text, line, "\n"].concat();
        prop_assert!(RevocationLedger::from_text(&longer).is_err());
    }

    #[test]
    fn purging_forgets_what_is_over_and_nothing_else(
        entries in prop::collection::vec(entry(), 0..20),
        now in (0..1000_i64).prop_map(UnixTime::from_secs),
    ) {
        let mut ledger = ledger(&entries);
        let left: Vec<_> = ledger
            .entries()
            .filter(|entry| entry.keep_until().is_none_or(|until| until >= now))
            .collect();
        let before = ledger.len();
        prop_assert_eq!(ledger.purge(now), before - left.len());
        prop_assert_eq!(ledger.entries().collect::<Vec<_>>(), left);
    }

    /// The ledger finds by tables what an entry finds by looking.
    #[test]
    fn a_ledger_revokes_what_one_of_its_entries_covers(
        entries in prop::collection::vec(entry(), 0..6),
        seconds in 0..1000_i64,
        domain in prop_oneof![Just("a".to_owned()), "[b-d]"],
        named in any::<bool>(),
    ) {
        let issuer: Issuer = "eip155:1:0x974E944Be93674Bd5fa8EE45fA0C9fdC6B15DC44".parse().unwrap();
        let issued_at = cacao::Timestamp::from_unix_time(UnixTime::from_secs(seconds)).unwrap();
        let payload = Payload::builder(&domain, issuer.clone(), "did:key:z", "nonce000", issued_at);
        let capability = Cacao::new(HeaderType::Eip4361, payload.build().unwrap(), None);
        let mut entries = entries;
        if named {
            let revoked = Revoked::Identity(capability.identity());
            entries.push(RevocationEntry::new(&issuer, "a", revoked, None));
        }
        let covered = entries.iter().any(|entry| entry.covers(&capability));
        prop_assert_eq!(ledger(&entries).is_revoked(&capability), covered);
    }
}
