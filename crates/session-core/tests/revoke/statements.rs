//! Statements that are not what they should be.

use super::kept::ledger;
use super::*;

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
        .with_resources([REVOKE_RESOURCE])
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
