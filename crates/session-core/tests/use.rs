//! A session in use: signed for one, verified by another, serialized and restored.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use crate::wallet;

use cacao::{Provers, Requirement, UnixTime};
use dag_jws::{Principal, UnsignedDagJws, Verification};
use didkey::P256SigningKey;
use serde_json::json;
use session_core::{AuthMethod, Context, DidSession, ManualClock, SessionKey};
use wallet::{HOUR, NOW, Wallet, request};

fn context() -> Context {
    Context::new(ManualClock::new(NOW), Provers::all_compiled_in())
}

fn for_app() -> Requirement {
    Requirement::for_domain("app.example")
}

fn verification(at: UnixTime) -> Verification {
    Verification::new(at, for_app()).with_provers(Provers::all_compiled_in())
}

#[tokio::test]
async fn signed_by_one_verified_by_another() {
    let wallet = Wallet::new();
    let session = DidSession::authorize(&context(), &*wallet, &request(["a"]))
        .await
        .unwrap();
    let jws = session
        .create_jws(&json!({ "hello": "world" }))
        .await
        .unwrap();
    let read = dag_jws::Jws::parse(jws.as_compact()).unwrap();
    let verification = verification(NOW + HOUR)
        .with_requirement(for_app().with_issuer(wallet.issuer().clone()))
        .with_capability(session.cacao());
    let verified = read.verify(&verification).unwrap();
    assert_eq!(verified.payload(), br#"{"hello":"world"}"#);
    assert!(verified.is_capability_bound());
    assert_eq!(verified.principal().issuer(), Some(wallet.issuer()));
    assert!(matches!(verified.principal(), Principal::OnBehalf { .. }));
}

#[tokio::test]
async fn a_dag_jws_brings_its_blocks() {
    let wallet = Wallet::new();
    let session = DidSession::authorize(&context(), &*wallet, &request(["a"]))
        .await
        .unwrap();
    let unsigned = UnsignedDagJws::from_dag_json(r#"{"hello":"dag"}"#).unwrap();
    let signed = session.create_dag_jws(unsigned).await.unwrap();
    assert_eq!(signed.cacao_block(), Some(&*session.cacao().to_dag_cbor()));
    let verification =
        verification(NOW).with_requirement(for_app().with_issuer(wallet.issuer().clone()));
    signed.verify(&verification).unwrap();
}

#[tokio::test]
async fn serialized_here_restored_there() {
    let wallet = Wallet::new();
    let session = DidSession::authorize(&context(), &*wallet, &request(["a"]))
        .await
        .unwrap();
    let string = session.serialize();
    let restored = DidSession::from_session(&context(), &string).unwrap();
    assert_eq!(restored.cacao(), session.cacao());
    assert_eq!(restored.key_did(), session.key_did());
    assert_eq!(restored.serialize(), string);
    assert_eq!(restored.id(), wallet.issuer().did());
}

#[tokio::test]
async fn a_session_of_another_key_type() {
    let key = P256SigningKey::generate().unwrap();
    let wallet = Wallet::new();
    let session = DidSession::authorize_key(&context(), key, &*wallet, &request(["a"]))
        .await
        .unwrap();
    let erased: DidSession<dyn SessionKey> = session.erase();
    let jws = erased.create_jws(&json!({})).await.unwrap();
    jws.verify(&verification(NOW).with_capability(erased.cacao()))
        .unwrap();
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let wallet = Wallet::new();
    let session = DidSession::authorize(&context(), &*wallet, &request(["a"]))
        .await
        .unwrap();
    let seed = session.key().to_seed();
    let shown = format!("{session:?} {wallet:?}", wallet = session.key());
    for secret in [
        data_encoding::HEXLOWER.encode(seed.as_slice()),
        data_encoding::BASE64.encode(seed.as_slice()),
        format!("{:?}", seed.as_slice()),
    ] {
        assert!(!shown.contains(&secret));
    }
    assert!(shown.contains(session.key_did().as_str()));
}

#[test]
fn a_session_whose_kind_nobody_trusts_is_refused() {
    let string = include_str!("vectors/sessions.json");
    let file: serde_json::Value = serde_json::from_str(string).unwrap();
    let case = &file["cases"][0];
    let context = Context::new(ManualClock::new(NOW), Provers::none());
    let error = DidSession::from_session(&context, case["session"].as_str().unwrap()).unwrap_err();
    assert_eq!(error.code(), "unsupported_kind");
}
